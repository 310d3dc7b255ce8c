"""Builds the demonstration world with bulk SQL: deterministic, under 20 seconds, only into an empty platform."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from zhupei.accounts.models import Portal, User
from zhupei.demo import plan
from zhupei.demo.bodies import authorities, institutions, organizations
from zhupei.demo.collector import Account, DemoWorld
from zhupei.demo.exams import exams
from zhupei.demo.journeys import enroll
from zhupei.demo.plans import plans
from zhupei.organizations.models import Authority, BodyBar, Notice, Organization
from zhupei.people.models import PersonBar


def build() -> list[Account]:
    """Make the whole world in one transaction and return the accounts to print."""
    with transaction.atomic():
        world = DemoWorld()
        departments = authorities(world)
        schools = institutions(world, departments)
        firms = organizations(world, departments)
        enroll(world, firms, schools)
        plans(world, schools, firms)
        exams(world, schools, firms)
        _notices_and_bars(world, departments, firms)
        world.flush_logs()
        return world.accounts


def _notices_and_bars(world: DemoWorld, departments: dict[str, Authority], firms: list[Organization]) -> None:
    province = departments["330000"]
    for days, title, body in plan.NOTICES:
        Notice.objects.create(
            authority=province, title=title, body=body, state="published", published_at=world.ago(days)
        )
    for name_reason in ("考试中替考", "伪造工作年限证明"):
        person = world.invent.person()
        PersonBar.objects.create(
            id_number=person.id_number,
            name=person.name,
            authority=province,
            reason=name_reason,
            starts_on=timezone.localdate(world.ago(100)),
            ends_on=timezone.localdate(world.ago(-630)),
        )
    BodyBar.objects.create(
        organization=firms[-1],
        authority=province,
        reason="多次由个人代缴培训费",
        starts_on=timezone.localdate(world.ago(20)),
    )
    learner = world.learner or User.objects.filter(portal=Portal.LEARNER).order_by("pk").first()
    if learner is not None:
        learner.password = world.password
        learner.save(update_fields=["password"])
        world.accounts.append(Account("learner", learner.name, learner.account_text, plan.PASSWORD))
