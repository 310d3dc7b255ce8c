"""Who may sit an assessment: those of the class who were trained, resits, and who may not and why (ASM-01, SCO-02)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Q

from foundation.naming import some_clauses
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.catalog.models import ProgrammeRules
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.people.queries import barred
from zhupei.training.models import TrainingPlan

S = EnrollmentState
RESIT_STATES = (S.FAILED, S.MISSED)
DONE_STATES = (S.PASSED, S.CERTIFIED)
# States of another enrollment for the same occupation that do not stand in the way of a resit.
_OVER = (S.INELIGIBLE, S.WITHDRAWN, S.REFUNDED)


@dataclass(frozen=True)
class Excluded:
    """Somebody who cannot be examined, with the reason in words."""

    enrollment: Enrollment
    reason: str


@dataclass(frozen=True)
class Proposal:
    """Who can be put into an assessment plan; each list by occupation, organization and name."""

    ready: list[Enrollment] = field(default_factory=list)
    resits: list[Enrollment] = field(default_factory=list)
    excluded: list[Excluded] = field(default_factory=list)

    @property
    def resit_of(self) -> dict[int, bool]:
        """Enrollment key → whether it is a resit, for everybody who can be chosen."""
        return {row.pk: False for row in self.ready} | {row.pk: True for row in self.resits}


def propose(
    training_plan: TrainingPlan,
    besides: AssessmentPlan | None = None,
    *,
    rules: ProgrammeRules | None = None,
) -> Proposal:
    """Who of the class and of earlier exams can be examined; a constant number of queries.

    `ready`: trained in this plan. `resits`: failed or missed an exam of the programme at this institution before.
    Those in `besides` count as free. `rules`: the programme's in force, if known already.
    """
    rows = _sorted(_loaded(_class_of(training_plan) | _to_resit(training_plan)))
    absent = _absent(training_plan)
    reasons = _Reasons(rows, training_plan, besides, rules)
    found = Proposal()
    for row in rows:
        reason = reasons.of(row, absent.get(row.pk))
        if reason:
            found.excluded.append(Excluded(row, reason))
        else:
            (found.resits if row.state in RESIT_STATES else found.ready).append(row)
    return found


def unfit(plan: AssessmentPlan) -> list[Excluded]:
    """Candidates of a plan that has not been approved who cannot be examined any more, with the reason."""
    candidates = plan.candidates.values_list("enrollment_id", flat=True)
    rows = _sorted(_loaded(Q(pk__in=candidates)))
    absent = _absent(plan.training_plan)
    reasons = _Reasons(rows, plan.training_plan, plan)
    return [Excluded(row, reason) for row in rows if (reason := reasons.of(row, absent.get(row.pk)))]


def sentence(excluded: Sequence[Excluded]) -> str:
    """张三：……；李四：……；等 7 人."""
    return some_clauses(f"{row.enrollment.name}：{row.reason}" for row in excluded)


def _loaded(which: Q) -> dict[int, Enrollment]:
    rows = Enrollment.objects.filter(which).select_related("organization", "occupation", "level", "person")
    return {row.pk: row for row in rows}


def _class_of(plan: TrainingPlan) -> Q:
    return Q(pk__in=plan.placements.of_class().values("enrollment"))


def _to_resit(plan: TrainingPlan) -> Q:
    return Q(institution=plan.institution_id, programme=plan.programme_id, state__in=RESIT_STATES)


def _absent(plan: TrainingPlan) -> dict[int, bool]:
    """Enrollment key → whether a seat in the class is still held, for those who were absent."""
    return dict(plan.placements.filter(is_absent=True).values_list("enrollment_id", "is_live"))


def _sorted(rows: dict[int, Enrollment]) -> list[Enrollment]:
    return sorted(
        rows.values(),
        key=lambda row: (
            row.occupation.position,
            row.occupation_id,
            row.level_id or 0,
            row.organization.name,
            row.name,
            row.pk,
        ),
    )


class _Reasons:
    """Everything that may stand in the way of some enrollments, read at once."""

    def __init__(
        self,
        rows: Sequence[Enrollment],
        plan: TrainingPlan,
        besides: AssessmentPlan | None,
        rules: ProgrammeRules | None = None,
    ) -> None:
        self._besides = besides
        rules = rules or plan.programme.rules_on() or ProgrammeRules()
        self._resits_allowed = rules.resits_allowed
        self._bars = barred({row.id_number_index for row in rows})
        self._elsewhere = self._in_other_plans([row.pk for row in rows])
        resits = [row for row in rows if row.state in RESIT_STATES]
        self._resits_taken = self._count_resits([row.pk for row in resits])
        self._anew = _others(resits)

    def _in_other_plans(self, keys: list[int]) -> dict[int, str]:
        live = Candidate.objects.live().filter(enrollment__in=keys)
        if self._besides is not None:
            live = live.exclude(plan=self._besides)
        return dict(live.order_by().values_list("enrollment_id", "plan__name"))

    def _count_resits(self, keys: list[int]) -> dict[int, int]:
        taken = Candidate.objects.filter(enrollment__in=keys, is_resit=True, is_live=False)
        if self._besides is not None:
            taken = taken.exclude(plan=self._besides)
        return dict(
            taken.order_by().values("enrollment_id").annotate(n=Count("pk")).values_list("enrollment_id", "n")
        )

    def of(self, row: Enrollment, absent_live: bool | None) -> str:
        """Why this one cannot be examined, or nothing."""
        if row.state in DONE_STATES:
            return "已考核合格，不用再考"
        away = absent_live is not None and row.state not in RESIT_STATES
        if row.state == S.ABSENT or away:
            moved = absent_live is False and row.state != S.ABSENT
            return "缺勤，已转入其他培训计划" if moved else "缺勤，没有完成培训"
        if row.pk in self._elsewhere:
            return f"已在考核计划 {self._elsewhere[row.pk]} 中"
        if row.state != S.TRAINED and row.state not in RESIT_STATES:
            return f"报名状态为“{row.get_state_display()}”，没有完成培训"
        if row.id_number_index in self._bars:
            return self._bars[row.id_number_index]
        return self._against_resit(row) if row.state in RESIT_STATES else ""

    def _against_resit(self, row: Enrollment) -> str:
        taken = self._resits_taken.get(row.pk, 0)
        if taken >= self._resits_allowed:
            return f"已补考 {taken} 次，按规则最多补考 {self._resits_allowed} 次"
        return self._anew.get(row.pk, "")


def _others(resits: Iterable[Enrollment]) -> dict[int, str]:
    """Enrollment key → why another enrollment of the person for the same occupation and level goes first."""
    rows = list(resits)
    others: dict[tuple[int, int, int | None], list[tuple[int, str]]] = defaultdict(list)
    found = Enrollment.objects.filter(person__in={row.person_id for row in rows}).exclude(state__in=_OVER)
    for key, state, *kind in found.order_by().values_list("pk", "state", "person", "occupation", "level"):
        others[tuple(kind)].append((key, state))  # type: ignore[index]
    reasons: dict[int, str] = {}
    for row in rows:
        for key, state in others[row.person_id, row.occupation_id, row.level_id]:
            if key == row.pk:
                continue
            if state in DONE_STATES:
                reasons[row.pk] = "同一岗位（工种）已考核合格，不用再考"
            elif state not in RESIT_STATES or key > row.pk:
                reasons.setdefault(row.pk, "同一岗位（工种）已重新报名，按新的报名参加考核")
    return reasons
