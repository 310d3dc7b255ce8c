"""Who reviews whom (ORG-08) and what helps a reviewer; pure rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhupei.organizations import rules


@pytest.mark.parametrize(
    ("is_provincial", "offers_choice", "choice", "level"),
    [
        (False, False, "", "city"),
        (False, False, "provincial", "city"),  # outside 杭州 there is one reviewing authority only
        (False, True, "city", "city"),
        (False, True, "provincial", "provincial"),
        (False, True, "", None),
        (False, True, "nonsense", None),
        (True, False, "", "provincial"),
        (True, True, "city", "provincial"),
        (True, True, "", "provincial"),
    ],
)
def test_reviewing_level(is_provincial, offers_choice, choice, level):
    """ORG-08: affiliation first, then the choice where it is offered, otherwise the city."""
    assert (
        rules.reviewing_level(
            is_provincial=is_provincial, in_a_city=True, offers_choice=offers_choice, choice=choice
        )
        == level
    )


@given(st.booleans(), st.booleans(), st.booleans(), st.text(max_size=12))
def test_without_a_choice_on_offer_there_is_always_an_answer(is_provincial, in_a_city, offers, choice):
    """ORG-08: only a region that offers the choice can leave the question open."""
    level = rules.reviewing_level(
        is_provincial=is_provincial, in_a_city=in_a_city, offers_choice=offers, choice=choice
    )
    assert level in {"city", "provincial"} or (offers and not is_provincial and level is None)


def test_helps_for_the_reviewer():
    """ORG-10: local by the code's area, a construction firm by the words of its scope."""
    assert rules.registration_area("91330106MA2B1QWE3P") == "330106"
    assert rules.is_local("330106", "330100")
    assert not rules.is_local("330206", "330106")
    assert rules.building_words_in("房屋建筑工程施工；建材销售") == ["施工", "建筑"]
    assert rules.building_words_in("餐饮服务") == []
