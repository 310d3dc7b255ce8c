"""What catalog rows say of themselves (CAT-01)."""

from __future__ import annotations

import pytest

from zhupei.catalog.models import EnrollmentOrder, Level, Occupation, Programme, Trade


def test_a_trade_is_written_with_its_level_where_there_is_one():
    """CAT-01: 岗位（工种）和等级 are one thing, written one way."""
    mason = Occupation(pk=1, name="砌筑工")
    assert str(Trade(mason, Level(name="中级工"))) == "砌筑工中级工" and str(Trade(mason)) == "砌筑工"


def test_trades_of_the_same_rows_are_the_same():
    """CAT-01: read twice, a trade is still one key; another level is another trade."""
    first, again = (Trade(Occupation(pk=1), Level(pk=2)) for _ in range(2))
    assert {first, again} == {first} and first != Trade(Occupation(pk=1))


@pytest.mark.parametrize("order", EnrollmentOrder)
def test_a_programme_knows_whether_a_plan_comes_first(order):
    """ENR-07: programme B enrolls into plans, programme A is placed later."""
    assert Programme(enrollment_order=order).is_plan_first == (order == "plan_first")
