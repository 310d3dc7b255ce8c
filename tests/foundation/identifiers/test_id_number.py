"""The ID number of GB 11643."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from foundation.identifiers import id_number
from foundation.identifiers.id_number import IdNumber
from foundation.identifiers.problems import Problem

GOOD = "330106197402050425"
DAYS = st.dates(date(1900, 1, 1), date(2020, 12, 31))


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """A valid number of any area, day and order."""
    area = draw(st.integers(110000, 999999))
    first = f"{area}{draw(DAYS):%Y%m%d}{draw(st.integers(0, 999)):03}"
    return first + id_number.check_character(first)


def code_of(value: str) -> str:
    problem = id_number.examine(id_number.normalize(value))
    assert isinstance(problem, Problem) and problem.message.endswith("。")
    return problem.code


@given(numbers())
def test_every_valid_number_tells_birth_date_and_gender(number: str) -> None:
    """ENR-03: what the number says is what was put in."""
    found = id_number.examine(number)
    assert isinstance(found, IdNumber)
    assert found.birth_date.strftime("%Y%m%d") == number[6:14]
    assert found.gender == ("男" if int(number[16]) % 2 else "女")
    assert found.value == str(found) == number


@given(numbers())
def test_check_character_agrees_with_stdnum(number: str) -> None:
    """ENR-03: our check character is python-stdnum's."""
    assert ric.calc_check_digit(number) == number[17]


@given(numbers(), st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number: str, place: int, shift: int) -> None:
    """ENR-03: ISO 7064 MOD 11-2 finds every single wrong digit."""
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert not id_number.is_valid(wrong)


@given(numbers(), st.integers(0, 15))
def test_two_swapped_neighbors_are_always_noticed(number: str, place: int) -> None:
    """ENR-03: … and every swap of neighbors."""
    a, b = number[place : place + 2]
    swapped = number[:place] + b + a + number[place + 2 :]
    assert a == b or not id_number.is_valid(swapped)


@given(numbers(), st.integers(0, 17), st.sampled_from([" ", "\u3000", "\u200b", "\ufeff", "\xa0", "\t"]))
def test_full_width_spaces_and_lower_case_do_not_matter(number: str, place: int, space: str) -> None:
    """ENR-03: full-width characters, stray spaces and lower-case x are dealt with."""
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number.lower())
    typed = "'" + wide[:place] + space + wide[place:]
    assert id_number.normalize(typed) == number


@given(st.text(max_size=40))
def test_any_text_is_judged(text: str) -> None:
    """ENR-03: whatever is typed, there is a verdict."""
    result = id_number.examine(id_number.normalize(text))
    assert isinstance(result, IdNumber | Problem)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "required"),
        ("　 ", "required"),
        ("1.10101E+17", "id_scientific_notation"),
        ("3.30106197403051e+17", "id_scientific_notation"),
        ("１．１０１０１Ｅ＋１７", "id_scientific_notation"),
        ("33010619740205042", "id_length"),
        ("3301061974020504255", "id_length"),
        ("330106740205042", "id_length"),
        ("无", "id_length"),
        ("33010619740205O425", "id_check_digit"),
        ("X30106197402050425", "id_check_digit"),
        ("330106197402050426", "id_check_digit"),
        ("330106197402050000", "id_check_digit"),
        ("٣٣٠١٠٦١٩٧٤٠٢٠٥٠٤٢٥", "id_check_digit"),
    ],
)
def test_each_refusal_has_its_code(value: str, code: str) -> None:
    """ENR-03: the codes of the contract."""
    assert code_of(value) == code


@pytest.mark.parametrize("day", ["19990230", "19991301", "20010229", "18991231", "00000000", "20990101"])
def test_impossible_birth_date_is_named_even_with_a_right_check_digit(day: str) -> None:
    """ENR-03: impossible birth date, whether or not the check digit fits."""
    first = f"330106{day}001"
    number = first + id_number.check_character(first)
    assert code_of(number) == "id_birth_date"
    assert code_of(number[:17] + ("0" if number[17] != "0" else "1")) == "id_birth_date"


def test_lost_digits_are_told_from_a_typing_error() -> None:
    """ENR-03: a number ending in 000 has probably been rounded by a spreadsheet; the sentence says so."""
    rounded, mistyped = (id_number.examine(n) for n in ("330106197402050000", "330106197402050426"))
    assert isinstance(rounded, Problem) and "末三位都是 0" in rounded.message
    assert isinstance(mistyped, Problem) and "末三位" not in mistyped.message


def test_county_code_younger_than_the_person_is_accepted() -> None:
    """ENR-03: people born before their county got its code carry real numbers."""
    first = "33010619720103041"
    assert id_number.is_valid(first + id_number.check_character(first))


def test_an_unknown_area_is_accepted() -> None:
    """ENR-03: an unknown area is never a reason to refuse."""
    first = "99999919720103041"
    assert id_number.is_valid(first + id_number.check_character(first))


@given(DAYS, st.integers(0, 100))
def test_age_grows_on_the_birthday(born: date, years: int) -> None:
    """ENR-03 under age: full years, counted on the day itself."""
    try:
        birthday = born.replace(year=born.year + years)
    except ValueError:  # 29 February
        birthday = date(born.year + years, 3, 1)
    assert id_number.age_on(born, birthday) == years
    assert id_number.age_on(born, birthday - timedelta(days=1)) == years - 1


def test_mask_hides_the_middle() -> None:
    """SEC-02: masked on screen."""
    assert id_number.mask("330106197402050425") == "3301**********0425"
    assert id_number.mask("12345678") == "********"
    assert id_number.mask("") == ""
