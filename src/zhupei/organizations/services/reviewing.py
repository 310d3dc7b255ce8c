"""The authority's acts on registrations and changes: accept, approve, reject (ORG-10, ORG-11)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from foundation.errors import DomainError, WrongStateError
from foundation.review import services as reviews
from foundation.review.models import Review
from foundation.scoping import Actor


def _refuse_outdated(review: Review, seen_round: int | None) -> None:
    """What was on the reviewer's screen must be what is decided on."""
    if seen_round is None:
        return
    locked = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if locked.round != seen_round:
        raise WrongStateError("该单位刚刚重新提交了资料，请刷新页面，按最新资料审核。")


def accept_review(actor: Actor, review: Review) -> None:
    """Mark as being dealt with (受理): from now on it can't be taken back."""
    reviews.accept(actor, review)


def approve_review(actor: Actor, review: Review, *, remark: str = "", seen_round: int | None = None) -> None:
    """Approve what was seen; its effects (access, new values) hold at once.

    `seen_round`: the submission on the reviewer's screen; WrongStateError when it is another one by now.
    """
    with transaction.atomic():
        _refuse_outdated(review, seen_round)
        reviews.approve(actor, review, remark)


def reject_review(
    actor: Actor,
    review: Review,
    *,
    reasons: Mapping[str, str],
    remark: str = "",
    seen_round: int | None = None,
) -> None:
    """Reject with a reason per item (item key → sentence); raises `reason_required` without any."""
    if not any(text.strip() for text in reasons.values()) and not remark.strip():
        raise DomainError("reason_required", "请至少选择一项不合格的内容，并写明原因。")
    with transaction.atomic():
        _refuse_outdated(review, seen_round)
        reviews.reject(actor, review, reasons=reasons, remark=remark)
