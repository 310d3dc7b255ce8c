"""Barred persons (ORG-15)."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection
from django.utils import timezone

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from zhupei.organizations.models import Authority
from zhupei.people import services
from zhupei.people.models import PersonBar

pytestmark = pytest.mark.django_db


@pytest.fixture
def hangzhou(world):
    return world.actor(Authority.objects.get(region__code="330100"))


def test_bar_and_lift(world, hangzhou):
    """ORG-15: by ID number, with reason and period; the log holds no ID number."""
    someone = world.invent.person()
    bar = services.bar_person(hangzhou, f" {someone.id_number.lower()} ", someone.name, "考试替考")

    found = PersonBar.objects.in_force().get()
    assert (found.id_number, found.name, found.authority) == (someone.id_number, someone.name, hangzhou.body)
    with pytest.raises(DomainError):
        services.lift_person_bar(hangzhou, bar, " ")
    services.lift_person_bar(hangzhou, bar, "申诉成立")
    assert not PersonBar.objects.in_force().exists()
    assert PersonBar.objects.get().lifted_reason == "申诉成立"
    with pytest.raises(WrongStateError):
        services.lift_person_bar(hangzhou, bar, "再次")
    assert all(someone.id_number not in str(entry.detail) for entry in AuditEntry.objects.all())


def test_everything_wrong_is_named_at_once(hangzhou):
    """ORG-15."""
    with pytest.raises(DomainError) as refusal:
        services.bar_person(
            hangzhou, "330106198001010011", "A", "", ends_on=timezone.localdate() - dt.timedelta(days=1)
        )
    assert set(refusal.value.items) == {"id_number", "name", "reason", "ends_on"}

    with pytest.raises(DomainError) as refusal:
        services.bar_person(hangzhou, "", "王丽", "替考")
    assert set(refusal.value.items) == {"id_number"}
    assert not PersonBar.objects.exists()


def test_one_standing_bar_per_authority(world, hangzhou):
    """ORG-15: a second one by the same authority is refused, by another one not; after lifting it may be renewed."""
    someone = world.invent.person()
    bar = services.bar_person(hangzhou, someone.id_number, someone.name, "替考")
    with pytest.raises(DomainError) as refusal:
        services.bar_person(hangzhou, someone.id_number, someone.name, "替考")
    assert refusal.value.code == "already_barred"
    ningbo = world.actor(Authority.objects.get(region__code="330200"))
    services.bar_person(ningbo, someone.id_number, someone.name, "伪造证明")
    services.lift_person_bar(hangzhou, bar, "延长")
    services.bar_person(hangzhou, someone.id_number, someone.name, "替考")

    assert PersonBar.objects.in_force().count() == 2


def test_who_sees_and_lifts(world, hangzhou):
    """SEC-01: a city its own, the province all; only who barred lifts; nobody else bars."""
    someone = world.invent.person()
    bar = services.bar_person(hangzhou, someone.id_number, someone.name, "替考")
    province = world.actor(Authority.objects.get(region__code="330000"))
    ningbo = world.actor(Authority.objects.get(region__code="330200"))
    firm = world.actor(world.organization())

    assert PersonBar.objects.visible_to(province).filter(pk=bar.pk).exists()
    assert not PersonBar.objects.visible_to(ningbo).exists()
    assert not PersonBar.objects.visible_to(firm).exists()
    for stranger in (province, ningbo, firm):
        with pytest.raises(NotAllowedError if stranger is province else NotFoundError):
            services.lift_person_bar(stranger, bar, "放行")
    with pytest.raises(NotAllowedError):
        services.bar_person(firm, someone.id_number, someone.name, "替考")


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_bar_once(world, hangzhou):
    """ORG-15: whatever the concurrency."""
    someone, outcomes, gate = world.invent.person(), [], threading.Barrier(3)

    def attempt():
        gate.wait()
        try:
            services.bar_person(hangzhou, someone.id_number, someone.name, "替考")
            outcomes.append("barred")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["already_barred", "already_barred", "barred"]
