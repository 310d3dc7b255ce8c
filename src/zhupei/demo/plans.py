"""Training plans of the invented institutions: open for enrollment, waiting for review, in session, attended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from foundation.review import services as reviews
from foundation.scoping import Actor
from zhupei.catalog.models import Level, Occupation, Offer
from zhupei.demo.collector import DemoWorld
from zhupei.organizations.actors import actor_for
from zhupei.organizations.models import Institution, Organization, Room, Teacher
from zhupei.training import services
from zhupei.training.models import TrainingPlan
from zhupei.training.services import DayData, PlanData

SKILLED = [
    ("砌筑工", "中级工", "680"),
    ("钢筋工", "中级工", "680"),
    ("架子工", "高级工", "880"),
    ("建筑电工", "初级工", "520"),
]
SUBJECTS = ["安全生产知识", "职业理论知识", "施工工艺", "质量通病防治", "实操训练"]


def plans(world: DemoWorld, schools: Sequence[Institution], firms: Sequence[Organization]) -> None:
    """Made by the stage's own commands, so that every record is the real one."""
    province, city = schools[0], schools[1]
    for school in (province, city):
        _skilled_offers(school)
    PlanMaker(world, province).everything(firms)
    maker = PlanMaker(world, city)
    maker.approved([maker.skilled("架子工")], first_day=9, count=5)
    services.follow_dates()


def _skilled_offers(school: Institution) -> None:
    for name, level, fee in SKILLED:
        occupation = Occupation.objects.get(programme__code="skilled-workers", name=name)
        Offer.objects.create(
            institution=school,
            occupation=occupation,
            level=Level.objects.get(programme=occupation.programme, name=level),
            delivery="onsite",
            fee=Decimal(fee),
            site=school.sites.first(),
            start_pattern="按培训计划",
        )


class PlanMaker:
    """Plans of one institution; its rooms and teachers are used in turn, so that nobody is in two places."""

    def __init__(self, world: DemoWorld, school: Institution) -> None:
        self.world, self.school = world, school
        self.actor: Actor = actor_for(world.users[school.key])
        self.authority: Actor = actor_for(world.users[f"authority:{school.supervisor_id}"])
        self.rooms = list(Room.objects.filter(site__institution=school).order_by("pk"))
        self.teachers = list(Teacher.objects.filter(institution=school).order_by("pk"))

    def everything(self, firms: Sequence[Organization]) -> None:
        self.approved([self.skilled("砌筑工"), self.skilled("钢筋工")], first_day=6, count=4)
        self.approved([self.skilled("建筑电工")], first_day=12, count=3, organizations=list(firms[:3]))
        self.made([self.onsite("市政施工员")], first_day=16, count=3)
        services.submit_plan(self.actor, self.made([self.onsite("土建施工员")], first_day=20, count=3))
        rejected = self.made([self.onsite("土建质量员")], first_day=24, count=3)
        services.submit_plan(self.actor, rejected)
        reviews.accept(self.authority, rejected.review)
        reviews.reject(self.authority, rejected.review, reasons={"place": "请写明楼层和教室号"})
        self._taught("劳务员", first_day=28, back=29, count=3, done=False)
        self._taught("机械员", first_day=32, back=47, count=3, done=True)

    def _taught(self, occupation: str, *, first_day: int, back: int, count: int, done: bool) -> None:
        """A plan with people in it that began some days ago; `done`: its attendance is confirmed, one was absent."""
        plan = self.approved([self.onsite(occupation)], first_day=first_day, count=count)
        waiting = services.propose_placements(self.actor, plan)
        keys = list(waiting.values_list("pk", flat=True)[: plan.head_count])
        if not keys:
            return
        services.place_into_plan(self.actor, plan, keys)
        self.teach(plan, back=back, absent=1, done=done)

    def teach(self, plan: TrainingPlan, *, back: int, absent: int, done: bool) -> None:
        """Start the class, `back` days earlier than planned; the first `absent` of the list stay away."""
        services.start_class(self.actor, plan)
        _move_back(plan, back)
        away = set(plan.placements.live().order_by("pk").values_list("pk", flat=True)[:absent])
        for day in plan.days.filter(period__startswith__lte=timezone.now()):
            services.mark_day(self.actor, plan, day, away)
        if done:
            services.confirm_attendance(self.actor, plan, away)

    def skilled(self, name: str) -> Offer:
        return self.school.offers.get(occupation__name=name, level__isnull=False)

    def onsite(self, name: str) -> Offer:
        return self.school.offers.get(occupation__name=name, delivery="onsite")

    def made(
        self,
        offers: Sequence[Offer],
        *,
        first_day: int,
        count: int,
        organizations: Sequence[Organization] = (),
        named_for: dt.date | None = None,
    ) -> TrainingPlan:
        """A plan not handed in: `count` days of teaching from `first_day` days ahead; its name is of that month,
        or of `named_for`'s where the clock will be turned back."""
        room = self.rooms[0]
        now = timezone.localtime()
        days = [
            DayData(
                starts_at=_at(now, first_day + number, 8),
                ends_at=_at(now, first_day + number, 17),
                subject=SUBJECTS[number % len(SUBJECTS)],
                teacher=self.teachers[number % len(self.teachers)],
                room=room,
            )
            for number in range(count)
        ]
        return services.create_plan(
            self.actor,
            PlanData(
                name=services.propose_plan_name(
                    self.school, named_for or (now + dt.timedelta(days=first_day)).date()
                ),
                offers=list(offers),
                head_count=min(room.seats, 30),
                opens_at=now - dt.timedelta(hours=2),
                closes_at=_at(now, first_day - 2, 18),
                place=self.school.address,
                days=days,
                room=room,
                form="designated" if organizations else "open",
                organizations=list(organizations),
                delivery="onsite",
            ),
        )

    def approved(self, offers: Sequence[Offer], **given: Any) -> TrainingPlan:
        """A plan as `made`, that was reviewed and whose enrollment is open."""
        plan = self.made(offers, **given)
        services.submit_plan(self.actor, plan)
        reviews.accept(self.authority, plan.review)
        reviews.approve(self.authority, plan.review)
        services.follow_dates()
        plan.refresh_from_db()
        return plan


def _at(now: dt.datetime, days: int, hour: int) -> dt.datetime:
    return (now + dt.timedelta(days=days)).replace(hour=hour, minute=0, second=0, microsecond=0)


def _move_back(plan: TrainingPlan, days: int) -> None:
    """Shift all dates of a plan into the past: only the demonstration may do that."""
    shift = dt.timedelta(days=days)
    TrainingPlan.objects.filter(pk=plan.pk).update(
        opens_at=plan.opens_at - shift - dt.timedelta(days=10), closes_at=plan.closes_at - shift
    )
    for day in plan.days.order_by("period"):
        day.period = DateTimeTZRange(day.period.lower - shift, day.period.upper - shift)
        day.save(update_fields=["period"])
    plan.refresh_from_db()
