"""模拟练习: papers that a learner draws from the published questions, as often as wished (EXM-09)."""

from __future__ import annotations

from django.db import models

from foundation.crypto import EncryptedJSONField
from foundation.scoping import Scope, ScopedQuerySet
from zhupei.catalog.models import Level, Occupation, OfTrade
from zhupei.people.models import Person


class Practice(OfTrade):
    """One round of practice. `body` and `key` as of a Paper; every question counts the same.

    `answers` = {"3": "AC"} by the question's number; `marks` = right or wrong, question by question, once handed in.
    """

    person = models.ForeignKey(
        Person, verbose_name="学员", on_delete=models.CASCADE, related_name="practices"
    )
    occupation = models.ForeignKey(
        Occupation, verbose_name="岗位（工种）", on_delete=models.PROTECT, related_name="+"
    )
    level = models.ForeignKey(
        Level, verbose_name="等级", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    seed = models.BigIntegerField("种子")
    body = models.BinaryField("试卷内容")
    key = EncryptedJSONField("答案")
    question_count = models.PositiveSmallIntegerField("题数")
    answers = models.JSONField("作答", default=dict)
    marks = models.JSONField("对错", default=list)
    right_count = models.PositiveSmallIntegerField("答对题数", null=True, blank=True)
    # By the figures of the programme on that day; nothing depends on it.
    is_passed = models.BooleanField("达到合格分", null=True, blank=True)
    started_at = models.DateTimeField("开始时间", auto_now_add=True)
    submitted_at = models.DateTimeField("交卷时间", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(learner="person__user")

    class Meta:
        verbose_name = verbose_name_plural = "模拟练习"
        ordering = ["-started_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "occupation", "level"],
                condition=models.Q(submitted_at=None),
                nulls_distinct=False,
                name="one_unfinished_practice_a_kind",
            )
        ]

    @property
    def score(self) -> int | None:
        """Of 100, rounded down: 60 is never shown to whom a little is missing."""
        return None if self.right_count is None else 100 * self.right_count // self.question_count
