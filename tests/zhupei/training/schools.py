"""An institution with a teacher, a room and a skilled-workers offer; plans in one line."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from foundation.review import services as reviews
from foundation.scoping import Actor
from zhupei.catalog.models import Level, Occupation, Offer, Programme
from zhupei.organizations.models import Room, Teacher
from zhupei.training import services
from zhupei.training.models import TrainingPlan
from zhupei.training.services import DayData, PlanData


def moment(days: int, hour: int = 9) -> dt.datetime:
    """So many days from today at that hour."""
    day = timezone.localtime() + dt.timedelta(days=days)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)


@dataclass
class School:
    """The institution under test."""

    world: Any
    actor: Actor
    offer: Offer
    teacher: Teacher
    room: Room

    @property
    def institution(self) -> Any:
        return self.actor.body

    def data(self, **changed: Any) -> PlanData:
        """A plan of two days, open for enrollment from now to tomorrow."""
        days = [
            DayData(moment(3 + n), moment(3 + n, 17), "安全生产与理论", self.teacher, self.room)
            for n in range(2)
        ]
        plain = PlanData(
            name=services.propose_plan_name(self.institution, timezone.localdate()),
            offers=[self.offer],
            head_count=5,
            opens_at=timezone.now() - dt.timedelta(hours=1),
            closes_at=moment(1),
            place="样本街2号",
            days=days,
            room=self.room,
        )
        return replace(plain, **changed)

    def plan(self, **changed: Any) -> TrainingPlan:
        """A plan that was approved and whose enrollment is open."""
        plan = services.create_plan(self.actor, self.data(**changed))
        services.submit_plan(self.actor, plan)
        authority = self.world.actor(self.institution.supervisor)
        reviews.accept(authority, plan.review)
        reviews.approve(authority, plan.review)
        services.follow_dates()
        plan.refresh_from_db()
        return plan


def make_school(world: Any, *, supervisor: Any = None) -> School:
    institution = world.institution(supervisor=supervisor)
    programme = Programme.objects.get(code="skilled-workers")
    occupation = Occupation.objects.filter(programme=programme).first()
    level = Level.objects.get(programme=programme, minimum_hours=16)
    offer = world.offer(institution, occupation=occupation, level=level)
    teacher = Teacher.objects.create(
        institution=institution, name="沈老师", id_number=world.invent.person().id_number, subject="安全"
    )
    room = Room.objects.create(site=institution.sites.first(), name="101", seats=40)
    return School(world, world.actor(institution), offer, teacher, room)
