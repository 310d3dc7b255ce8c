"""An existing database goes on counting where it was when the number series become one (OPS-05)."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from foundation.numbers.models import Counter
from tests.world import World
from zhupei.assessment.rules import TICKET_NUMBERS
from zhupei.billing.models import Order
from zhupei.billing.services import ORDER_NUMBERS
from zhupei.enrollment.models import Batch
from zhupei.enrollment.services.storing import BATCH_NUMBERS

BEFORE = [
    ("enrollment", "0003_fee_agreed_with_a_plan"),
    ("billing", "0003_invoices"),
    ("assessment", "0001_initial"),
]


def migrate(targets: list[tuple[str, str]]) -> None:
    MigrationExecutor(connection).migrate(targets)


@pytest.fixture
def latest(transactional_db):
    """Where the migrations end; there the tables are again afterwards, whatever the test did."""
    ends = list(MigrationExecutor(connection).loader.graph.leaf_nodes())
    yield ends
    migrate(ends)


def fill(statement: str, *rows: tuple[object, ...]) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(statement, rows)


def test_counters_and_highest_numbers_are_taken_over(latest):
    """OPS-05: batches by counter or by batch, orders by their numbers, tickets by counter; also beyond 9999."""
    world = World()
    batches = [world.batch(1, state="eligible") for _ in range(4)]
    for batch, number in zip(
        batches, ("BM20261120-0002", "BM20261121-0007", "BM20261122-10001", "T1"), strict=True
    ):
        Batch.objects.filter(pk=batch.pk).update(number=number)
    orders = [world.order(batch=batch) for batch in batches]
    for order, number in zip(
        orders, ("B20261120-0041", "B20261120-0009", "B20261121-9999", "B20261121-10000"), strict=True
    ):
        Order.objects.filter(pk=order.pk).update(number=number)
    migrate(BEFORE)
    fill(
        "INSERT INTO enrollment_batchcounter (day, last) VALUES (%s, %s)",
        ("2026-11-20", 5),
        ("2026-11-21", 3),
        ("2026-11-23", 9999),
    )
    fill(
        "INSERT INTO assessment_ticketcounter (prefix, last) VALUES (%s, %s)",
        ("3301261201", 12),
        ("3302261202", 9999),
    )

    migrate(latest)

    assert BATCH_NUMBERS.take("BM20261120-") == ["BM20261120-0006"]
    assert BATCH_NUMBERS.take("BM20261121-") == ["BM20261121-0008"]
    assert BATCH_NUMBERS.take("BM20261122-") == ["BM20261122-10002"]
    assert BATCH_NUMBERS.take("BM20261123-") == ["BM20261123-10000"]
    assert BATCH_NUMBERS.take("BM20261124-") == ["BM20261124-0001"]
    assert ORDER_NUMBERS.take("B20261120-") == ["B20261120-0042"]
    assert ORDER_NUMBERS.take("B20261121-") == ["B20261121-10001"]
    with transaction.atomic():
        assert TICKET_NUMBERS.take("3301261201") == ["33012612010013"]
        assert TICKET_NUMBERS.take("3302261202") == ["330226120210000"]
    tables = connection.introspection.table_names()
    assert not {"enrollment_batchcounter", "assessment_ticketcounter"} & set(tables)


def test_the_way_back_keeps_the_counters(latest):
    """OPS-05: the migration can be undone; the earlier version goes on counting, too."""
    BATCH_NUMBERS.take("BM20261120-", 3)
    ORDER_NUMBERS.take("B20261120-", 3)
    with transaction.atomic():
        TICKET_NUMBERS.take("3301261201", 4)
    migrate(BEFORE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_char(day, 'YYYYMMDD'), last FROM enrollment_batchcounter")
        assert cursor.fetchall() == [("20261120", 3)]
        cursor.execute("SELECT prefix, last FROM assessment_ticketcounter")
        assert cursor.fetchall() == [("3301261201", 4)]
    assert not Counter.objects.exists()
    migrate(latest)
    assert BATCH_NUMBERS.take("BM20261120-") == ["BM20261120-0004"]
