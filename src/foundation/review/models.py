"""The one review model: state, deadlines, per-item reasons, a snapshot of every submission; and what has a review."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from django.db import models

from foundation.crypto import EncryptedJSONField
from foundation.scoping import Actor, Scope, ScopedQuerySet, Sees
from foundation.ui.parts import Place, place_in


class ReviewState(models.TextChoices):
    DRAFT = "draft", "未上报"
    SUBMITTED = "submitted", "未受理"
    ACCEPTED = "accepted", "已受理"
    APPROVED = "approved", "已审核"
    REJECTED = "rejected", "审核不通过"


# The submitter may change it.
WITH_SUBMITTER = frozenset({ReviewState.DRAFT, ReviewState.REJECTED})
# The reviewer has something to do.
WAITING = frozenset({ReviewState.SUBMITTED, ReviewState.ACCEPTED})
# For rows with a `review`: it was handed in at least once, so that its reviewer may know of it.
HANDED_IN = models.Q(review__round__gt=0)


class ReviewQuerySet(ScopedQuerySet["Review"]):
    def waiting(self) -> ReviewQuerySet:
        return self.filter(state__in=WAITING)


class Review(models.Model):
    kind = models.CharField("类别", max_length=40)
    state = models.CharField("审核状态", max_length=20, choices=ReviewState, default=ReviewState.DRAFT)
    subject_label = models.CharField("对象", max_length=200, blank=True)
    reviewer_key = models.CharField("审核部门", max_length=60, blank=True)
    submitter_key = models.CharField("提交单位", max_length=60, blank=True)
    round = models.PositiveSmallIntegerField("提交次数", default=0)
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    accepted_at = models.DateTimeField("受理时间", null=True, blank=True)
    decided_at = models.DateTimeField("审核时间", null=True, blank=True)
    due_on = models.DateField("办理期限", null=True, blank=True)
    remark = models.TextField("备注", blank=True)
    reasons = models.JSONField("逐项原因", default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ReviewQuerySet.as_manager()
    seen_by = Scope(everybody=("submitter_key", Sees("reviewer_key", when=models.Q(round__gt=0))))

    class Meta:
        verbose_name = verbose_name_plural = "审核"
        indexes = [
            models.Index(fields=["reviewer_key", "kind", "state", "submitted_at"], name="review_worklist"),
            models.Index(fields=["submitter_key", "kind"], name="review_submitter"),
        ]

    def __str__(self) -> str:
        return self.subject_label

    @property
    def is_waiting(self) -> bool:
        return self.state in WAITING

    @property
    def is_with_submitter(self) -> bool:
        """Whether the submitter may change what is reviewed."""
        return self.state in WITH_SUBMITTER

    @property
    def may_be_discarded(self) -> bool:
        """Whether it was never handed in; what was is kept."""
        return self.state == ReviewState.DRAFT and not self.round

    @property
    def latest_snapshot(self) -> dict[str, Any]:
        snapshot = self.snapshots.order_by("-round").first()
        return snapshot.data if snapshot else {}


class ReviewSnapshot(models.Model):
    """What was submitted in one round: item key → {label, value}. It may hold personal data, so it is sealed."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="snapshots")
    round = models.PositiveSmallIntegerField("第几次提交")
    data = EncryptedJSONField("提交内容")
    taken_at = models.DateTimeField("提交时间", auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "round"], name="review_snapshot_round")]


@dataclass(frozen=True)
class Queue:
    """How much waits and how urgent it is; `due_soon`: due today."""

    waiting: int
    overdue: int
    due_soon: int


M = TypeVar("M", bound=models.Model)


class ReviewedQuerySet(ScopedQuerySet[M]):
    """Rows with a `review`."""

    def to_decide(self, actor: Actor) -> Self:
        """What waits for this very reviewer, the oldest first."""
        waiting = self.filter(review__reviewer_key=actor.key, review__state__in=WAITING)
        return waiting.order_by("review__submitted_at", "pk")

    def place_of(self, actor: Actor, pk: int) -> Place:
        """The neighbors in the queue; for something decided already: the queue's first as the next one."""
        return place_in(list(self.to_decide(actor).values_list("pk", flat=True)), pk)

    def queue(self, actor: Actor, today: dt.date) -> Queue:
        """The queue in numbers; one query."""
        counted = (
            self.to_decide(actor)
            .order_by()
            .aggregate(
                waiting=models.Count("pk"),
                overdue=models.Count("pk", filter=models.Q(review__due_on__lt=today)),
                due_soon=models.Count("pk", filter=models.Q(review__due_on=today)),
            )
        )
        return Queue(**counted)


class Reviewed(models.Model):
    """What is handed in to somebody and reviewed."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
