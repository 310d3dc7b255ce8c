"""What a request says in words."""

from __future__ import annotations

import uuid

import pytest

from foundation.ui.given import keys_in, number_in, numbers_in
from foundation.ui.parts import place_in


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("007", 7), ("9" * 18, 10**18 - 1)])
def test_plain_digits_are_a_number(text: str, number: int) -> None:
    """SEC-04: what an address or a form may name."""
    assert number_in(text) == number


@pytest.mark.parametrize(
    "text", ["", "²", "٣", "５", "-1", "+1", "1.0", " 1", "1_0", "x", "\0", "9" * 19, "9" * 5000]
)
def test_everything_else_is_none_and_never_a_mishap(text: str) -> None:
    """SEC-04, OPS-02: raised digits, other scripts, endless numbers: no error page of ours."""
    assert number_in(text) is None


def test_of_many_only_what_can_be_read_counts() -> None:
    """SEC-04: one strange value among the ticked ones is left out, the others keep their order."""
    key = uuid.uuid4()
    assert numbers_in(["7", "x", "", "007", "9" * 19]) == [7, 7]
    assert keys_in(["x", str(key), "", "\0"]) == [key]


@pytest.mark.parametrize(
    ("key", "before", "after"), [(3, "", "/5/"), (5, "/3/", "/8/"), (8, "/5/", ""), (9, "", "/3/")]
)
def test_a_place_leads_to_its_neighbors(key: int, before: str, after: str) -> None:
    """ELI-01: none before the first, none after the last; from outside to the first."""
    links = place_in([3, 5, 8], key).links(lambda pk: f"/{pk}/")
    assert links == {"previous_url": before, "next_url": after}
