"""An institution with computer rooms and people who were trained; an assessment plan in one line."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from foundation.review import services as reviews
from foundation.review.models import Review, ReviewState
from foundation.scoping import Actor
from zhupei.assessment import services
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.assessment.services import AssessmentData
from zhupei.catalog.models import Occupation, Offer
from zhupei.enrollment.models import Enrollment
from zhupei.organizations.models import Organization, Room
from zhupei.training.models import Placement, PlacementSource, PlanItem, PlanStage, TrainingPlan


def moment(days: int, hour: int = 9) -> dt.datetime:
    """So many days from today at that hour."""
    day = timezone.localtime() + dt.timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


@dataclass
class Hall:
    """The institution under test with a training plan whose attendance is confirmed."""

    world: Any
    actor: Actor
    training_plan: TrainingPlan
    rooms: list[Room]
    offers: dict[str, Offer] = field(default_factory=dict)

    @property
    def institution(self) -> Any:
        return self.actor.body

    @property
    def authority(self) -> Actor:
        return self.world.actor(self.institution.supervisor)

    def offer(self, occupation: Occupation | str | None = None) -> Offer:
        """The offer for an occupation (by name), part of the training plan."""
        if not isinstance(occupation, Occupation):
            occupation = self.world.occupation(occupation or "土建施工员")
        if occupation.name not in self.offers:
            offer = self.world.offer(self.institution, occupation=occupation)
            PlanItem.objects.create(
                plan=self.training_plan, offer=offer, occupation=occupation, level=offer.level, fee=offer.fee
            )
            self.offers[occupation.name] = offer
        return self.offers[occupation.name]

    def people(
        self,
        count: int = 3,
        *,
        occupation: Occupation | str | None = None,
        organization: Organization | None = None,
        state: str = "trained",
        is_absent: bool = False,
        is_live: bool = True,
        placed: bool = True,
        person: Any = None,
    ) -> list[Enrollment]:
        """People of one organization and occupation who were in the class; `person`: one who is known already."""
        batch = self.world.batch(
            0 if person else count, state=state, offer=self.offer(occupation), organization=organization
        )
        if person:
            self.world.enrollment(batch, person=person, state=state)
        rows = list(batch.enrollments.all())
        if placed:
            Placement.objects.bulk_create(
                Placement(
                    plan=self.training_plan,
                    enrollment=row,
                    source=PlacementSource.PLACED,
                    is_absent=is_absent,
                    is_live=is_live,
                )
                for row in rows
            )
        return rows

    def data(self, **changed: Any) -> AssessmentData:
        """In a week at nine, in all rooms."""
        plain = AssessmentData(site=self.rooms[0].site, rooms=self.rooms, starts_at=moment(7))
        return replace(plain, **changed)

    def plan(self, *, seated: bool = True, **changed: Any) -> AssessmentPlan:
        """A plan with everybody who was trained; not handed in."""
        keys = [row.pk for row in self.propose().ready]
        plan = services.create_plan(self.actor, self.training_plan, self.data(**changed), keys)
        if seated:
            services.arrange_seats(self.actor, plan)
        return plan

    def propose(self, besides: AssessmentPlan | None = None) -> Any:
        from zhupei.assessment import candidates

        return candidates.propose(self.training_plan, besides)

    def submit(self, plan: AssessmentPlan, *, accept: bool = True) -> AssessmentPlan:
        services.submit_plan(self.actor, plan)
        if accept:
            reviews.accept(self.authority, plan.review)
        return plan

    def approve(self, plan: AssessmentPlan) -> AssessmentPlan:
        """Handed in, accepted and approved."""
        self.submit(plan)
        reviews.approve(self.authority, plan.review)
        plan.refresh_from_db()
        return plan

    def reject(self, plan: AssessmentPlan) -> AssessmentPlan:
        self.submit(plan)
        reviews.reject(self.authority, plan.review, reasons={"time": "请调整考核时间"})
        plan.refresh_from_db()
        return plan

    def seats(self, plan: AssessmentPlan) -> dict[int, list[Candidate]]:
        """Number of the exam room → its candidates by seat."""
        rows = plan.candidates.select_related("exam_room", "enrollment").order_by(
            "exam_room__number", "seat_number"
        )
        found: dict[int, list[Candidate]] = {}
        for row in rows:
            assert row.exam_room is not None
            found.setdefault(row.exam_room.number, []).append(row)
        return found


def make_hall(
    world: Any, *, seats: tuple[int, ...] = (30,), supervisor: Any = None, actor: Actor | None = None
) -> Hall:
    """An institution (the actor's, if given) with computer rooms of these sizes and a training plan that is over."""
    institution = actor.body if actor else world.institution(supervisor=supervisor)
    site = institution.sites.first()
    rooms = [
        Room.objects.create(site=site, name=f"机房{number:02d}", seats=count, has_computers=True)
        for number, count in enumerate(seats, start=1)
    ]
    name = f"{institution.short_name}培20261199"
    review = Review.objects.create(
        kind="training_plan",
        state=ReviewState.APPROVED,
        subject_label=name,
        reviewer_key=f"authority:{institution.supervisor_id}",
        submitter_key=institution.key,
        round=1,
    )
    training_plan = TrainingPlan.objects.create(
        institution=institution,
        programme=world.programme(),
        review=review,
        name=name,
        head_count=10_000,
        opens_at=moment(-20),
        closes_at=moment(-10),
        place="样本街2号",
        stage=PlanStage.ATTENDANCE_CONFIRMED,
        attendance_confirmed_at=timezone.now(),
    )
    return Hall(world, actor or world.actor(institution), training_plan, rooms)


def make_assessment(world: Any, people: int = 3, *, seats: tuple[int, ...] = (30,)) -> tuple[Hall, Any]:
    """A hall and its seated plan of so many people of one organization, not handed in."""
    hall = make_hall(world, seats=seats)
    hall.people(people)
    return hall, hall.plan()
