"""SEC-06: the log of everything that a machine moves begins with who made it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from foundation.workflow.machine import all_machines
from foundation.workflow.models import TransitionLog
from tests.estate import Estate
from tests.rosters import Applicant
from tests.world import World
from tests.zhupei.exam.score_rows import finished_exam
from tests.zhupei.organizations.filling import registered
from zhupei.assessment.models import Candidate
from zhupei.billing import services as billing
from zhupei.enrollment import services as enrollment
from zhupei.exam.hall.services import admission
from zhupei.exam.scores.services import appeals, reporting
from zhupei.organizations import services as organizations

pytestmark = pytest.mark.django_db


def an_appeal(estate: Estate) -> Any:
    exam = finished_exam(estate.world, 1)
    exam.answered(0, right=20)
    return appeals.file_appeal(exam.learner(0), exam.candidates[0], "第 3 题判分有误")


def an_order(estate: Estate) -> Any:
    batch = estate.world.batch(1, state="eligible", organization=estate.organization, offer=estate.offer)
    return billing.place_order(
        estate.world.actor(estate.organization), [row.pk for row in batch.enrollments.all()]
    )


def an_enrollment(estate: Estate) -> Any:
    applicant = Applicant(estate.world)
    roster = applicant.upload(applicant.rows(1))
    return enrollment.confirm_roster(applicant.actor, roster).enrollments.get()


def an_attempt(estate: Estate) -> Any:
    waiting = Candidate.objects.get(pk=estate.exam.sitters[0].candidate.pk)
    return admission.admit(estate.world.actor(estate.institution), waiting, note="人证一致")


def a_score_report(estate: Estate) -> Any:
    exam = finished_exam(estate.world, 1)
    return reporting.pull_scores(exam.actor, exam.plan).review


# Machine (and what else begins in one of its states) → something made by its service.
MADE: dict[str, Callable[[Estate], Any]] = {
    "training_plan": lambda estate: estate.waiting_plan,
    "assessment_plan": lambda estate: estate.assessment_draft,
    "enrollment": an_enrollment,
    "order": an_order,
    "invoice": lambda estate: estate.invoice,
    "notice": lambda estate: organizations.write_notice(
        estate.world.actor(estate.authority), "停电通知", "今日停电"
    ),
    "question_version": lambda estate: estate.bank.waiting,
    "exam_attempt": an_attempt,
    "score_appeal": an_appeal,
    "review": lambda estate: estate.waiting_plan.review,
    "review: assessment": lambda estate: estate.assessment_draft.review,
    "review: scores": a_score_report,
    "review: registration": lambda estate: registered(estate.world).review,
}


@pytest.fixture
def estate(world: World) -> Estate:
    return Estate(world)


def test_every_machine_is_looked_at() -> None:
    """A new machine needs a line here, and its objects a first row."""
    ours = {machine.name for machine in all_machines() if not machine.name.startswith("probe")}
    assert ours == {name.split(":")[0] for name in MADE}


@pytest.mark.parametrize("what", MADE)
def test_what_a_machine_moves_has_a_first_row(estate: Estate, what: str) -> None:
    """Who made it, in which state; nothing before it."""
    row = MADE[what](estate)
    machine = what.split(":")[0]
    first, *later = TransitionLog.objects.of(row).filter(machine=machine).order_by("at", "pk")
    assert first.from_state == ""
    assert first.to_state
    assert first.actor_label
    assert all(log.from_state for log in later)
