"""Submit, accept, approve, reject, revise, withdraw, reopen: the same acts for everything that is reviewed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db import transaction
from django.utils import timezone

from foundation.calendar.working_days import add_working_days
from foundation.errors import DomainError, WrongStateError
from foundation.review import rights
from foundation.review.kinds import kind_of
from foundation.review.models import Review, Reviewed, ReviewSnapshot, ReviewState
from foundation.scoping import SYSTEM, Actor
from foundation.workflow.machine import Machine, Transition, platform
from foundation.workflow.models import TransitionLog


def _may_submit(actor: Actor, review: Review) -> bool:
    return actor.is_system or (actor.key == review.submitter_key and rights.may(actor, review, "submit"))


def _may_accept(actor: Actor, review: Review) -> bool:
    return actor.is_system or (actor.key == review.reviewer_key and rights.may(actor, review, "accept"))


def _may_decide(actor: Actor, review: Review) -> bool:
    return actor.is_system or (actor.key == review.reviewer_key and rights.may(actor, review, "decide"))


def _may_decide_unaccepted(actor: Actor, review: Review) -> bool:
    return _may_decide(actor, review) and not kind_of(review).separate_acceptance


def _check_submission(actor: Actor, review: Review) -> None:
    kind = kind_of(review)
    if kind.check_submission:
        kind.check_submission(kind.find(review))


def _check_approval(actor: Actor, review: Review) -> None:
    kind = kind_of(review)
    if kind.check_approval:
        kind.check_approval(kind.find(review))


def _on_submit(actor: Actor, review: Review, log: TransitionLog) -> None:
    kind = kind_of(review)
    review.round += 1
    review.submitted_at, review.accepted_at, review.decided_at = log.at, None, None
    review.due_on = add_working_days(timezone.localdate(log.at), kind.working_days)
    review.remark, review.reasons = "", {}
    review.save()
    subject = kind.find(review)
    ReviewSnapshot.objects.create(review=review, round=review.round, data=kind.snapshot(subject))
    if kind.on_submitted:
        kind.on_submitted(actor, review, subject)


def _on_withdraw(actor: Actor, review: Review, log: TransitionLog) -> None:
    review.submitted_at = review.due_on = None
    review.save(update_fields=["submitted_at", "due_on"])


def _on_accept(actor: Actor, review: Review, log: TransitionLog) -> None:
    review.accepted_at = log.at
    review.save(update_fields=["accepted_at"])


def _on_decide(actor: Actor, review: Review, log: TransitionLog) -> None:
    review.accepted_at = review.accepted_at or log.at
    review.decided_at, review.remark, review.reasons = log.at, log.remark, log.reasons
    review.save(update_fields=["accepted_at", "decided_at", "remark", "reasons"])
    kind = kind_of(review)
    if kind.on_decided:
        kind.on_decided(actor, review, kind.find(review))


def _on_reopen(actor: Actor, review: Review, log: TransitionLog) -> None:
    review.submitted_at = review.accepted_at = review.decided_at = review.due_on = None
    review.remark, review.reasons = log.remark, {}
    review.save()


S = ReviewState
REVIEW = Machine(
    "review",
    ReviewState,
    [
        Transition(
            "submit",
            "提交审核",
            (S.DRAFT,),
            S.SUBMITTED,
            may=_may_submit,
            guard=_check_submission,
            effect=_on_submit,
        ),
        Transition("withdraw", "撤回", (S.SUBMITTED,), S.DRAFT, may=_may_submit, effect=_on_withdraw),
        Transition("accept", "受理", (S.SUBMITTED,), S.ACCEPTED, may=_may_accept, effect=_on_accept),
        Transition(
            "approve",
            "审核通过",
            (S.ACCEPTED,),
            S.APPROVED,
            may=_may_decide,
            guard=_check_approval,
            effect=_on_decide,
        ),
        Transition(
            "approve",
            "审核通过",
            (S.SUBMITTED,),
            S.APPROVED,
            may=_may_decide_unaccepted,
            guard=_check_approval,
            effect=_on_decide,
        ),
        Transition(
            "reject",
            "审核不通过",
            (S.ACCEPTED,),
            S.REJECTED,
            may=_may_decide,
            effect=_on_decide,
            needs_reason=True,
        ),
        Transition(
            "reject",
            "审核不通过",
            (S.SUBMITTED,),
            S.REJECTED,
            may=_may_decide_unaccepted,
            effect=_on_decide,
            needs_reason=True,
        ),
        Transition("revise", "去上报", (S.REJECTED,), S.DRAFT, may=_may_submit),
        # What was approved does not take place; the stage that it belongs to decides when.
        Transition(
            "reopen",
            "退回重报",
            (S.APPROVED,),
            S.DRAFT,
            may=platform,
            effect=_on_reopen,
            needs_reason=True,
        ),
    ],
)


def begin(
    actor: Actor, kind: str, *, label: str = "", reviewer_key: str = "", submitter_key: str = ""
) -> Review:
    """A review that nothing has been handed in for yet, with its first log row."""
    review = Review.objects.create(
        kind=kind, subject_label=label, reviewer_key=reviewer_key, submitter_key=submitter_key
    )
    REVIEW.record_start(actor, [review])
    return review


R = TypeVar("R", bound=Reviewed)


def locked(subject: R, *joined: str) -> R:
    """The row and its review, locked both: what is only joined to a row that one waited for would be as it was before.

    `joined`: what else to load with it. Raises WrongStateError when it is gone.
    """
    rows: Any = type(subject)._base_manager.select_for_update(of=("self", "review"), no_key=True)
    found: R | None = rows.select_related("review", *joined).filter(pk=subject.pk).first()
    if found is None:
        name = subject._meta.verbose_name
        raise WrongStateError(f"{name}已被删除，请返回{name}列表。")
    return found


def editable(subject: R, *joined: str) -> R:
    """The row, locked as by `locked`; raises WrongStateError when it is not with the submitter."""
    found = locked(subject, *joined)
    if not found.review.is_with_submitter:
        raise WrongStateError(f"{subject._meta.verbose_name}已提交审核，不能修改；主管部门受理前可以先撤回。")
    return found


def discard(subject: Reviewed, *, instead: str = "") -> None:
    """Delete what was never handed in, with its review; `subject` is `locked`.

    Raises WrongStateError for what has to be kept; `instead`: what to do with it.
    """
    if not subject.review.may_be_discarded:
        advice = f"；{instead}" if instead else ""
        raise WrongStateError(f"提交过的{subject._meta.verbose_name}要留档，不能删除{advice}。")
    subject.delete()
    subject.review.delete()


def submit(actor: Actor, review: Review) -> None:
    """Hand in for review; a rejected one is revised first, so that the log shows both acts.

    Raises what the kind's `check_submission` raises, WrongStateError, NotAllowedError.
    """
    with transaction.atomic():
        if review.state == ReviewState.REJECTED:
            REVIEW.perform(actor, review, "revise")
        REVIEW.perform(actor, review, "submit")
        review.refresh_from_db()


def withdraw(actor: Actor, review: Review) -> None:
    """Take back what nobody has accepted yet."""
    REVIEW.perform(actor, review, "withdraw")


def _refuse_outdated(review: Review, seen_round: int | None) -> None:
    """What was on the reviewer's screen must be what is decided on."""
    if seen_round is None:
        return
    now = Review.objects.select_for_update(no_key=True).get(pk=review.pk)
    if now.round != seen_round:
        raise WrongStateError("对方刚刚重新提交，请刷新页面，按最新的内容审核。")


def accept(actor: Actor, review: Review, remark: str = "", *, seen_round: int | None = None) -> None:
    """Mark as being dealt with (受理): from now on it can't be taken back.

    `seen_round`: the submission on the reviewer's screen; WrongStateError when it is another one by now.
    """
    with transaction.atomic():
        _refuse_outdated(review, seen_round)
        REVIEW.perform(actor, review, "accept", remark=remark)


def approve(actor: Actor, review: Review, remark: str = "", *, seen_round: int | None = None) -> None:
    """Approve what was seen (`seen_round` as in `accept`); its effects hold at once.

    Raises what the kind's `check_approval` raises, WrongStateError, NotAllowedError.
    """
    with transaction.atomic():
        _refuse_outdated(review, seen_round)
        REVIEW.perform(actor, review, "approve", remark=remark)
    review.refresh_from_db()


def reject(
    actor: Actor,
    review: Review,
    *,
    reasons: Mapping[str, str],
    remark: str = "",
    seen_round: int | None = None,
) -> None:
    """Refuse what was seen (`seen_round` as in `accept`) with a reason per item.

    `reasons`: item key → sentence; keys must be items of the kind, else `unknown_item`. Raises `reason_required`
    without any.
    """
    given = {key: text.strip() for key, text in reasons.items() if text and text.strip()}
    if set(given) - set(kind_of(review).items):
        raise DomainError("unknown_item", "审核项目不存在，请刷新页面后重试。")
    if not given and not remark.strip():
        raise DomainError("reason_required", "请至少选择一项不合格的内容，并写明原因。")
    with transaction.atomic():
        _refuse_outdated(review, seen_round)
        REVIEW.perform(actor, review, "reject", remark=remark, reasons=given)
    review.refresh_from_db()


def reopen(actor: Actor, review: Review, remark: str) -> None:
    """Take an approval back, so that the submitter hands in anew; the caller has checked that `actor` may.

    `remark` says why; the record and the review keep it behind the actor's name. Raises WrongStateError.
    """
    words = remark.strip()
    REVIEW.perform(SYSTEM, review, "reopen", remark=f"{actor.label}：{words}" if words else "")
    review.refresh_from_db()


def changes(review: Review) -> list[dict[str, Any]]:
    """What differs between the last two submissions: [{key, label, before, after}], empty on the first."""
    last_two = list(review.snapshots.order_by("-round")[:2])
    if len(last_two) < 2:
        return []
    new, old = last_two[0].data, last_two[1].data
    return [
        {
            "key": key,
            "label": (new.get(key) or old.get(key))["label"],
            "before": (old.get(key) or {}).get("value"),
            "after": (new.get(key) or {}).get("value"),
        }
        for key in {**old, **new}
        if (old.get(key) or {}).get("value") != (new.get(key) or {}).get("value")
    ]


def history(review: Review) -> list[TransitionLog]:
    """The review record's detail: each operator's act and time, from the first submission on."""
    return list(TransitionLog.objects.of(review).exclude(from_state=""))
