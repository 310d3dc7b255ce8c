"""Make an assessment plan, choose who sits it, hand it in, confirm it; let it follow the clock (ASM-01, ASM-03)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError
from foundation.review import services as reviews
from foundation.scoping import SYSTEM, Actor
from zhupei.assessment import candidates as who
from zhupei.assessment import rules, seating
from zhupei.assessment.machine import ASSESSMENT
from zhupei.assessment.models import AdmissionRule, AssessmentPlan, AssessmentStage, Candidate, Session
from zhupei.assessment.services import checks
from zhupei.assessment.services.seats import clear_seats
from zhupei.assessment.signals import online_confirmed
from zhupei.catalog.models import ProgrammeRules
from zhupei.organizations.models import Room, TestSite
from zhupei.organizations.roles import Capability, require
from zhupei.training.models import TrainingPlan


@dataclass(frozen=True)
class AssessmentData:
    """An assessment plan as filled in; aware datetimes, minutes, people. `practical_*` only where there is such a part."""

    site: TestSite
    rooms: Sequence[Room]
    starts_at: dt.datetime
    gap_minutes: int = 30
    room_limit: int = seating.MOST_IN_A_ROOM
    admission: str = AdmissionRule.INVIGILATOR
    practical_at: dt.datetime | None = None
    practical_place: str = ""
    note: str = ""


# What the seats depend on; a change clears them.
_ARRANGED_BY = ("starts_at", "gap_minutes", "room_limit")


def create_plan(
    actor: Actor, training_plan: TrainingPlan, data: AssessmentData, enrollment_ids: Collection[int] = ()
) -> AssessmentPlan:
    """A new assessment plan of a training plan whose attendance is confirmed, not yet handed in.

    The exam's figures are those of the programme's rules in force today. Raises NotAllowedError, DomainError
    `training_not_over`, `assessment_refused` (a sentence per field), and what `set_candidates` raises.
    """
    require(actor, Capability.ASSESS, training_plan)
    with transaction.atomic():
        training = (
            TrainingPlan.objects.select_for_update(of=("self",), no_key=True)
            .select_related("institution", "programme")
            .get(pk=training_plan.pk)
        )
        checks.check_training(training)
        figures = figures_of(training.programme.rules_on() or ProgrammeRules())
        checks.check_data(
            training.institution,
            data,
            minutes=int(figures["exam_minutes"]),
            has_practical=bool(figures["has_practical"]),
        )
        name = propose_name(training)
        review = reviews.begin(
            actor,
            "assessment_plan",
            label=name,
            reviewer_key=f"authority:{training.institution.supervisor_id}",
            submitter_key=training.institution.key,
        )
        plan = AssessmentPlan(
            institution=training.institution,
            training_plan=training,
            programme=training.programme,
            review=review,
            name=name,
            created_by=actor.user,
            **figures,
        )
        _write(plan, data)
        ASSESSMENT.record_start(actor, [plan])
        if enrollment_ids:
            _choose(plan, enrollment_ids)
        return plan


def propose_name(training_plan: TrainingPlan) -> str:
    """The next free name of the training plan's assessments; raises NumbersUsedUpError after 99."""
    taken = AssessmentPlan.objects.filter(name__startswith=f"{training_plan.name}考")
    return rules.propose_name(training_plan.name, taken.values_list("name", flat=True))


def figures_of(now: ProgrammeRules) -> dict[str, int | bool]:
    """A programme's figures as a plan keeps them (EXM-04)."""
    return {
        "exam_minutes": now.exam_minutes,
        "submission_minutes": now.earliest_submission_minutes,
        "late_minutes": now.latest_arrival_minutes,
        "full_mark": now.full_mark,
        "pass_mark": now.pass_mark,
        "has_practical": now.has_practical,
        "practical_pass_mark": now.practical_pass_mark,
    }


def update_plan(actor: Actor, plan: AssessmentPlan, data: AssessmentData) -> AssessmentPlan:
    """Change a plan that has not been handed in, or was rejected (去上报); new rooms or times clear the seats."""
    with transaction.atomic():
        locked = checks.editable(actor, plan)
        checks.check_data(
            locked.institution, data, minutes=locked.exam_minutes, has_practical=locked.has_practical
        )
        before = _arrangement(locked)
        _write(locked, data)
        if _arrangement(locked) != before:
            clear_seats(locked)
        audit.record(actor, "assessment.update", locked)
        return locked


def _arrangement(plan: AssessmentPlan) -> tuple[object, ...]:
    rooms = tuple(sorted(plan.rooms.values_list("pk", flat=True)))
    return (rooms, *(getattr(plan, name) for name in _ARRANGED_BY))


def _write(plan: AssessmentPlan, data: AssessmentData) -> None:
    for name in ("site", "starts_at", "gap_minutes", "room_limit", "admission", "note"):
        setattr(plan, name, getattr(data, name))
    plan.practical_at = data.practical_at if plan.has_practical else None
    plan.practical_place = data.practical_place.strip() if plan.has_practical else ""
    plan.save()
    plan.rooms.set(data.rooms)


def set_candidates(actor: Actor, plan: AssessmentPlan, enrollment_ids: Collection[int]) -> int:
    """Exactly these people sit the exam; returns how many. A change clears the seats.

    Raises DomainError `not_proposed` naming those who cannot be examined and why.
    """
    with transaction.atomic():
        locked = checks.editable(actor, plan)
        changed = _choose(locked, enrollment_ids)
        if changed:
            clear_seats(locked)
            audit.record(actor, "assessment.candidates", locked, people=len(set(enrollment_ids)))
        return len(set(enrollment_ids))


def _choose(plan: AssessmentPlan, enrollment_ids: Collection[int]) -> bool:
    wanted = set(enrollment_ids)
    proposal = who.propose(plan.training_plan, besides=plan)
    is_resit = proposal.resit_of
    if wanted - is_resit.keys():
        refused = [row for row in proposal.excluded if row.enrollment.pk in wanted]
        named = f"{who.sentence(refused)}。" if refused else "有的人员不在可选名单里。"
        raise DomainError("not_proposed", f"{named}请刷新页面后重新选择考生。")
    present = set(plan.candidates.values_list("enrollment_id", flat=True))
    if wanted == present:
        return False
    plan.candidates.filter(enrollment__in=present - wanted).delete()
    try:
        with transaction.atomic():
            Candidate.objects.bulk_create(
                [
                    Candidate(plan=plan, enrollment_id=key, is_resit=is_resit[key])
                    for key in is_resit
                    if key in wanted - present
                ],
                batch_size=5000,
            )
    except IntegrityError:  # another plan took somebody in the meantime
        raise DomainError(
            "not_proposed", "有的人员刚刚被选入另一个考核计划，请刷新页面后重新选择考生。"
        ) from None
    return True


def submit_plan(actor: Actor, plan: AssessmentPlan) -> None:
    """Hand in for review. Raises a DomainError that says what is missing or who cannot be examined any more."""
    with transaction.atomic():
        locked = checks.editable(actor, plan)
        reviews.submit(actor, locked.review)
        ASSESSMENT.perform(SYSTEM, locked, "report")
        plan.stage, plan.review = locked.stage, locked.review


def withdraw_plan(actor: Actor, plan: AssessmentPlan) -> None:
    """Take back what the authority has not accepted yet (未受理)."""
    require(actor, Capability.ASSESS, plan)
    with transaction.atomic():
        reviews.withdraw(actor, plan.review)
        ASSESSMENT.perform(SYSTEM, plan, "take_back")


def discard_plan(actor: Actor, plan: AssessmentPlan) -> None:
    """Delete a plan that was never handed in; its people can be chosen for another."""
    with transaction.atomic():
        locked = checks.editable(actor, plan)
        audit.record(actor, "assessment.discard", locked, name=locked.name)
        reviews.discard(locked, instead="不再考核时，请把考生全部移出")


def confirm_online(actor: Actor, plan: AssessmentPlan) -> None:
    """确认线上考核: from now on the exam is held at the computer; listeners prepare the papers or refuse."""
    require(actor, Capability.ASSESS, plan)
    with transaction.atomic():
        ASSESSMENT.perform(actor, plan, "confirm_online")
        if not Session.objects.filter(plan=plan, ends_at__gt=timezone.now()).exists():
            raise DomainError(
                "time_over",
                "所有场次的考试时间都已经过去，不能再确认线上考核；请点“取消本次安排”，改期后重新上报。",
            )
        AssessmentPlan.objects.filter(pk=plan.pk).update(confirmed_at=timezone.now())
        plan.refresh_from_db(fields=["stage", "confirmed_at"])
        online_confirmed.send(sender=AssessmentPlan, actor=actor, plan=plan)


def follow_clock(now: dt.datetime | None = None) -> int:
    """Confirmed plans whose first session has begun are 考核中; returns how many moved."""
    begun = Session.objects.filter(plan=OuterRef("pk"), starts_at__lte=now or timezone.now())
    due = AssessmentPlan.objects.filter(Exists(begun), stage=AssessmentStage.ONLINE_CONFIRMED)
    return len(ASSESSMENT.perform_many(SYSTEM, due, "begin"))
