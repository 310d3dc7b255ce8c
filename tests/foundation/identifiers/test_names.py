"""Personal names and the tidying of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.identifiers import names
from foundation.identifiers.text import bare_number, comparable, squeeze, tidy, to_halfwidth

HAN = st.one_of(
    st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF),
    st.characters(min_codepoint=0x3400, max_codepoint=0x4DBF),
    st.characters(min_codepoint=0x20000, max_codepoint=0x2A6DF),
    st.characters(min_codepoint=0x30000, max_codepoint=0x323AF),
)
HAN_NAMES = st.text(HAN, min_size=2, max_size=4)


def accepted(text: str) -> str:
    """The name as it is kept; nothing is wrong with it."""
    assert names.problem(text) is None
    return names.normalize(text)


@given(HAN_NAMES)
def test_han_names_with_rare_characters_are_accepted(name: str) -> None:
    """ENR-03: rare characters of the CJK extensions are characters like others."""
    assert accepted(name) == name


@given(HAN_NAMES, st.sampled_from([" ", "　", "\u200b", "\n"]))
def test_spaces_inside_a_name_disappear(name: str, space: str) -> None:
    """ENR-03: stray spaces."""
    assert accepted(space + space.join(name) + space) == name


@given(st.lists(HAN_NAMES, min_size=2, max_size=5), st.sampled_from("·•・.．‧"))
def test_minority_names_take_every_kind_of_dot(parts: list[str], dot: str) -> None:
    """ENR-03: names such as 阿迪力·艾合买提."""
    assert accepted(dot.join(parts)) == "·".join(parts)


@given(st.text(max_size=40))
def test_any_text_is_judged_and_normalizing_twice_changes_nothing(text: str) -> None:
    """ENR-03: whatever is typed, there is a verdict."""
    once = names.normalize(text)
    assert names.normalize(once) == once
    problem = names.problem(text)
    assert problem is None or problem.message.endswith("。")


@pytest.mark.parametrize(
    "value",
    [
        "张",
        "张3",
        "Zhang San",
        "张三1",
        "·张三",
        "张三·",
        "阿迪力··艾",
        "张三（小）",
        "张/三",
        "一" * 31,
        "\ue123三",
        "张?",
    ],
)
def test_other_names_are_refused(value: str) -> None:
    """ENR-03: name_invalid."""
    problem = names.problem(value)
    assert problem is not None
    assert problem.code == "name_invalid"


def test_look_alike_radicals_and_moved_characters_are_put_right() -> None:
    """ENR-03: radicals copied from PDF files and the old private-use places of GB 18030."""
    assert accepted("⽯⽟") == "石玉"
    assert accepted("张\ue81e") == "张\u9fb4"
    assert accepted(b"\xd5\xc5\xfe\x59".decode("gb18030")) == "张\u9fb4"


@given(st.text())
def test_full_width_ascii_becomes_half_width(text: str) -> None:
    """ENR-03: full-width normalization leaves nothing full-width and is stable."""
    half = to_halfwidth(text)
    assert not any(0xFF01 <= ord(character) <= 0xFF5E or character == "\u3000" for character in half)
    assert to_halfwidth(half) == half


@given(st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E)))
def test_full_width_is_the_inverse(text: str) -> None:
    """ENR-03: every full-width ASCII character comes back as itself."""
    assert to_halfwidth("".join(chr(ord(character) + 0xFEE0) for character in text)) == text


@given(st.text())
def test_tidying_is_stable(text: str) -> None:
    """ENR-03: tidied text is tidy."""
    assert tidy(tidy(text)) == tidy(text)
    assert squeeze(tidy(text)) == squeeze(text)
    assert comparable(comparable(text)) == comparable(text) or not text.isascii()


def test_what_people_put_around_numbers_goes() -> None:
    """ENR-03: apostrophe, CSV wrapping, `.0`."""
    assert (
        bare_number("'123")
        == bare_number('="123"')
        == bare_number("123.0")
        == bare_number("１２３　")
        == "123"
    )
    assert bare_number("12.5") == "12.5"


def test_organization_names_compare_with_either_brackets() -> None:
    """ENR-03: full-width and half-width brackets are the same."""
    assert comparable("浙江（杭州） 建设") == comparable("浙江(杭州)建设") != comparable("浙江杭州建设")
