"""Who reviews whom, and what helps a reviewer. Pure: no database."""

from __future__ import annotations

from typing import Literal

CITY: Literal["city"] = "city"
PROVINCIAL: Literal["provincial"] = "provincial"
ReviewLevel = Literal["city", "provincial"]


def reviewing_level(
    *, is_provincial: bool, in_a_city: bool, offers_choice: bool, choice: str
) -> ReviewLevel | None:
    """Which level reviews an organization (ORG-08); None when it still has to choose.

    Provincially affiliated → the province. A city that offers the choice → as chosen. Otherwise the city.
    """
    if is_provincial or not in_a_city:
        return PROVINCIAL
    if not offers_choice:
        return CITY
    if choice == CITY:
        return CITY
    return PROVINCIAL if choice == PROVINCIAL else None


BUILDING_WORDS = (
    "施工",
    "建筑",
    "建设工程",
    "市政",
    "装饰",
    "装修",
    "安装工程",
    "土石方",
    "地基",
    "园林绿化工程",
)


def building_words_in(scope: str) -> list[str]:
    """Which words of the building trade a scope (经营范围) contains; a help for reviewers (ORG-10)."""
    return [word for word in BUILDING_WORDS if word in scope]


def registration_area(code: str) -> str:
    """The area where a body was registered: 3rd to 8th character of its code (GB 32100)."""
    return code[2:8] if len(code) == 18 else ""


def is_local(area: str, region_code: str) -> bool:
    """Whether an area lies in the city of a region (same first four digits)."""
    return len(area) == 6 and area[:4] == region_code[:4]
