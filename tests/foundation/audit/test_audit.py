"""The audit log: append-only and hash-chained (SEC-06)."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from foundation.audit import services
from foundation.audit.models import AuditEntry, AuditSeal
from foundation.scoping import SYSTEM


@pytest.mark.django_db
def test_an_entry_says_who_what_and_from_where(world):
    """SEC-06: who, what, when, from where."""
    actor = world.actor(world.organization())

    services.record(actor, "document.open", actor.body, kind="portrait")

    entry = AuditEntry.objects.get()
    assert (entry.user, entry.act, entry.detail) == (actor.user, "document.open", {"kind": "portrait"})
    assert entry.subject_id == str(actor.body.pk)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AuditEntry.objects.all().delete()


@pytest.mark.django_db(transaction=True)
def test_the_chain_holds_and_a_forged_entry_breaks_it():
    """SEC-06: whoever gets around the trigger is still found out."""
    for number in range(3):
        services.record(SYSTEM, "probe", number=number)
    first = services.seal()
    services.record(SYSTEM, "probe", number=3)
    second = services.seal()

    assert (first.entries, second.entries) == (3, 1)
    assert second.previous == first.digest
    assert services.seal() is None
    assert services.verify() is None

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_entry_append_only")
        cursor.execute(
            "UPDATE audit_auditentry SET detail = '{}' WHERE id = %s", [AuditEntry.objects.first().pk]
        )
        cursor.execute("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_entry_append_only")
    assert services.verify() == first.pk
    assert AuditSeal.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_transaction_still_running_is_left_for_the_next_batch():
    """SEC-06: an entry that commits late is sealed later, never skipped."""
    services.record(SYSTEM, "probe", number=0)
    with transaction.atomic():
        services.record(SYSTEM, "probe", number=1)
        link = services.seal()
        assert link is not None and link.entries == 1
    assert services.seal().entries == 1
    assert services.verify() is None
