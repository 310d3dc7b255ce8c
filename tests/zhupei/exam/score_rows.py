"""An exam that is over, written by the ORM: who got what, who was absent, who cheated."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.utils import timezone

from foundation.review import services as reviews
from foundation.scoping import Actor
from zhupei.accounts.models import User
from zhupei.assessment.models import AssessmentPlan, AssessmentStage, Candidate, Session
from zhupei.demo.exam_hall import open_hall
from zhupei.exam.hall.models import Answer, Attempt, AttemptState
from zhupei.exam.hall.partitions import month_of
from zhupei.exam.papers import scoring
from zhupei.exam.scores.models import PracticalScore, ScoreReport
from zhupei.exam.scores.services import reporting
from zhupei.organizations.actors import actor_for


@dataclass
class FinishedExam:
    """A plan whose exam is over, with its people by seat."""

    world: Any
    plan: AssessmentPlan
    candidates: list[Candidate]

    @cached_property
    def actor(self) -> Actor:
        return self.world.actor(self.plan.institution)

    @cached_property
    def authority(self) -> Actor:
        return self.world.actor(self.plan.institution.supervisor)

    @property
    def report(self) -> ScoreReport:
        """As the database has it now."""
        return ScoreReport.objects.select_related("plan", "review").get(plan=self.plan)

    def again(self) -> AssessmentPlan:
        """The plan as the database has it now."""
        return AssessmentPlan.objects.get(pk=self.plan.pk)

    def sat(self, number: int, score: float | str | None = None, **fields: Any) -> Attempt:
        """The person on the list submitted with this score."""
        candidate = self.candidates[number]
        session = Session.objects.get(plan=self.plan)
        values = {
            "state": AttemptState.SUBMITTED,
            "score": Decimal(str(score)) if score is not None else None,
            "month": month_of(timezone.localdate(session.starts_at)),
            "started_at": session.starts_at,
            "submitted_at": session.ends_at,
            "ends_at": session.ends_at,
            "submit_from": session.starts_at,
        }
        return Attempt.objects.create(candidate=candidate, **(values | fields))

    def voided(self, number: int, kind: str, reason: str) -> Attempt:
        return self.sat(number, 90, state=AttemptState.VOIDED, void_kind=kind, void_reason=reason)

    def answered(self, number: int, right: int, wrong: Mapping[int, str] | None = None) -> Attempt:
        """The first `right` questions right; `wrong`: question number → letters; the rest wrong in the first way."""
        candidate = self.candidates[number]
        key = candidate.paper.key
        choices: dict[int, str] = {}
        for place, entry in enumerate(key, start=1):
            answer = "".join(entry["answer"])
            others = [letter for letter in "ABCD"[: len(entry["options"])] if letter not in answer]
            choices[place] = answer if place <= right else (others or [answer[:1]])[0]
        choices |= dict(wrong or {})
        scored = scoring.score(key, choices)
        attempt = self.sat(number, str(scored.score), marks=scored.as_strings())
        Answer.objects.bulk_create(
            Answer(
                month=attempt.month,
                attempt=attempt,
                number=place,
                choice=choice,
                version=place,
                saved_at=timezone.now(),
            )
            for place, choice in choices.items()
        )
        return attempt

    def examined(self, number: int, *points: float, absent: bool = False) -> None:
        """One practical score an examiner."""
        for turn, score in enumerate(points):
            user = self.world.user(self.plan.institution, role="examiner")
            PracticalScore.objects.create(
                candidate=self.candidates[number],
                examiner=user,
                examiner_name=f"考评员{turn}",
                items=[],
                score=Decimal(str(score)),
                is_absent=absent,
            )

    def pulled(self) -> ScoreReport:
        reporting.pull_scores(self.actor, self.plan)
        return self.report

    def reported(self) -> ScoreReport:
        reporting.report_scores(self.actor, self.pulled())
        return self.report

    def accepted(self) -> ScoreReport:
        reviews.accept(self.authority, self.reported().review)
        return self.report

    def approved(self) -> ScoreReport:
        reviews.approve(self.authority, self.accepted().review)
        return self.report

    def learner(self, number: int) -> Actor:
        """The person behind a candidate, with an account."""
        person = self.candidates[number].enrollment.person
        if person.user is None:
            person.user = User.objects.create_user(
                "learner", person.id_number, "Gongren-mima-1", name=person.name
            )
            person.save()
        return actor_for(person.user)


def finished_exam(
    world: Any,
    people: int = 4,
    *,
    practical: bool = False,
    over: bool = True,
    occupations: int = 1,
) -> FinishedExam:
    """`people` candidates; nobody has an attempt yet. `over`: the session ended ten minutes ago."""
    begins = timezone.now() - dt.timedelta(minutes=130 if over else 5)
    hall = open_hall(people, starts_at=begins, occupations=occupations)
    plan = hall.plan
    plan.stage = AssessmentStage.COMPLETED if over else AssessmentStage.RUNNING
    plan.has_practical = practical
    plan.save()
    rows = Candidate.objects.filter(plan=plan).select_related("paper", "enrollment__person", "plan")
    return FinishedExam(world, plan, list(rows.order_by("exam_room__number", "seat_number")))
