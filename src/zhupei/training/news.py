"""What authorities, institutions, organizations and people are told about training plans (NTF-01)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from foundation.messages.services import notify, notify_bodies, notify_many
from foundation.messages.templates import register_template
from foundation.naming import some_of
from foundation.review.models import Review, ReviewState
from foundation.review.words import reasons_in_words
from zhupei.enrollment.models import Enrollment
from zhupei.training.models import TrainingPlan
from zhupei.training.plan_queries import days_in_words

PLAN_DECIDED = register_template(
    "training.plan_decided",
    label="培训计划审核结果",
    title="培训计划 {name} {result}",
    body="{authority}：{result}。{reasons}",
)
PLAN_SUBMITTED = register_template(
    "training.plan_submitted",
    label="培训计划待审核",
    title="{institution}提交了培训计划 {name}",
    body="计划 {count} 人，请在 {due} 前办理。",
)
PLACED = register_template(
    "training.placed",
    label="学员编入培训计划",
    title="{count} 人已编入培训计划 {name}",
    body="培训时间 {days}，地点：{place}。",
    sms="【筑培】{person}，您已编入培训计划 {name}，{days} 在{place}上课，请准时参加。",
)
REMOVED = register_template(
    "training.removed",
    label="学员移出培训计划",
    title="{count} 人已移出培训计划 {name}",
    body="{institution}已将 {people} 移出，名额已退回。请与培训机构联系，或改报其他计划。",
)
ABSENT = register_template(
    "training.absent",
    label="学员缺勤",
    title="培训计划 {name}：{count} 人缺勤",
    body="缺勤人员：{people}。可由培训机构转入下一期，不用再缴费。",
)


MOST_REMOVED = 20


def plan_submitted(review: Review, plan: TrainingPlan) -> None:
    """The authority hears that it waits, and until when."""
    notify(
        PLAN_SUBMITTED,
        recipients=[review.reviewer_key],
        subject=plan,
        context={
            "institution": plan.institution.name,
            "name": plan.name,
            "count": plan.head_count,
            "due": review.due_on,
        },
    )


def plan_decided(review: Review, plan: TrainingPlan) -> None:
    """The verdict, with the reasons in words."""
    notify(
        PLAN_DECIDED,
        recipients=[plan.institution.key],
        subject=plan,
        context={
            "name": plan.name,
            "authority": plan.institution.supervisor.name,
            "result": "审核通过" if review.state == ReviewState.APPROVED else "审核不通过",
            "reasons": reasons_in_words(review),
        },
    )


def placed(plan: TrainingPlan, enrollments: Sequence[Enrollment]) -> None:
    """Organizations and people hear where and when."""
    shared = {"name": plan.name, "days": days_in_words(plan), "place": plan.place}
    counts = Counter(row.organization_id for row in enrollments)
    notify_bodies(
        PLACED, [(f"enterprise:{key}", plan, shared | {"count": count}) for key, count in counts.items()]
    )
    notify_many(PLACED, [(row.phone, shared | {"person": row.name}) for row in enrollments])


def removed(plan: TrainingPlan, enrollments: Iterable[Enrollment]) -> None:
    """The organizations hear who is out; their plan's page is closed to them by then, the list of people is not."""
    shared = {"name": plan.name, "institution": str(plan.institution)}
    notify_bodies(
        REMOVED,
        [
            (
                key,
                Enrollment,
                shared | {"count": len(names), "people": some_of(names, MOST_REMOVED, unit="")},
            )
            for key, names in _by_organization(enrollments).items()
        ],
    )


def absent(plan: TrainingPlan, enrollments: Iterable[Enrollment]) -> None:
    """The organizations hear who was away."""
    notify_bodies(
        ABSENT,
        [
            (key, plan, {"name": plan.name, "count": len(names), "people": "、".join(names)})
            for key, names in _by_organization(enrollments).items()
        ],
    )


def _by_organization(enrollments: Iterable[Enrollment]) -> dict[str, list[str]]:
    """Recipient → names."""
    names: dict[str, list[str]] = defaultdict(list)
    for row in enrollments:
        names[f"enterprise:{row.organization_id}"].append(row.name)
    return names
