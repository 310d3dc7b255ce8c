"""The state machine of a question's version (states.md)."""

from __future__ import annotations

from typing import Any

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from foundation.errors import DomainError
from foundation.scoping import Actor
from foundation.workflow.machine import Machine, Transition
from foundation.workflow.models import TransitionLog
from zhupei.exam.bank import news
from zhupei.exam.bank.models import Question, QuestionVersion, VersionState
from zhupei.exam.bank.rights import sees_bank

V = VersionState


def keeps_bank(actor: Actor, version: Any) -> bool:
    """Staff of the provincial authority that keep the question bank, or the platform's set-up."""
    return actor.is_system or sees_bank(actor)


def _by_a_second_person(actor: Actor, version: QuestionVersion) -> None:
    if actor.user is not None and version.author_id == actor.user.pk:
        raise DomainError("own_question", "自己出的题要由另一人复核，请让其他题库管理人员复核。")


def _keep_reviewer(actor: Actor, version: QuestionVersion, log: TransitionLog) -> None:
    version.reviewer, version.reviewed_at, version.remark = actor.user, log.at, log.remark[:300]
    version.save(update_fields=["reviewer", "reviewed_at", "remark"])


def _send_back(actor: Actor, version: QuestionVersion, log: TransitionLog) -> None:
    _keep_reviewer(actor, version, log)
    news.question_returned(version)


def _replace_current(actor: Actor, version: QuestionVersion, log: TransitionLog) -> None:
    """The approved version takes the place of the one before it, which stays in old papers."""
    _keep_reviewer(actor, version, log)
    Question.objects.filter(pk=version.question_id).update(current=version)


def _make_room(actor: Actor, versions: list[QuestionVersion]) -> None:
    """No question ever has two approved versions: the one before steps back first."""
    questions = [version.question_id for version in versions]
    before = QuestionVersion.objects.filter(question__in=questions, state=V.APPROVED)
    VERSION.perform_many(actor, before, "supersede")


def _replace_many(actor: Actor, versions: list[QuestionVersion]) -> None:
    keys = [version.pk for version in versions]
    approved = QuestionVersion.objects.filter(pk__in=keys)
    approved.update(reviewer=actor.user, reviewed_at=timezone.now(), remark="")
    newest = approved.filter(question=OuterRef("pk")).values("pk")[:1]
    Question.objects.filter(versions__in=keys).update(current=Subquery(newest))


def _leave_bank(actor: Actor, version: QuestionVersion, log: TransitionLog) -> None:
    Question.objects.filter(pk=version.question_id, current=version).update(current=None)


def _return_to_bank(actor: Actor, version: QuestionVersion, log: TransitionLog) -> None:
    Question.objects.filter(pk=version.question_id).update(current=version)


def _only_live_version(actor: Actor, version: QuestionVersion) -> None:
    if QuestionVersion.objects.filter(question=version.question_id, state=V.APPROVED).exists():
        raise DomainError("newer_version", "这道题已有启用的版本，不能再启用旧版本。")


VERSION = Machine(
    "question_version",
    VersionState,
    [
        Transition("submit", "提交复核", (V.DRAFT, V.RETURNED), V.SUBMITTED, may=keeps_bank),
        Transition("take_back", "撤回", (V.SUBMITTED,), V.DRAFT, may=keeps_bank),
        Transition(
            "approve",
            "复核通过",
            (V.SUBMITTED,),
            V.APPROVED,
            may=keeps_bank,
            guard=_by_a_second_person,
            first=_make_room,
            effect=_replace_current,
            effect_many=_replace_many,
        ),
        Transition(
            "return",
            "退回修改",
            (V.SUBMITTED,),
            V.RETURNED,
            may=keeps_bank,
            guard=_by_a_second_person,
            effect=_send_back,
            needs_reason=True,
        ),
        Transition("supersede", "由新版替代", (V.APPROVED,), V.SUPERSEDED, may=keeps_bank),
        Transition("retire", "停用", (V.APPROVED,), V.RETIRED, may=keeps_bank, effect=_leave_bank),
        Transition(
            "reinstate",
            "恢复启用",
            (V.RETIRED,),
            V.APPROVED,
            may=keeps_bank,
            guard=_only_live_version,
            effect=_return_to_bank,
        ),
    ],
)
