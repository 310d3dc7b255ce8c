"""The administrative divisions of Zhejiang with their GB/T 2260 codes (ORG-01).

Provenance: `cn/loc.dat` of the package python-stdnum, which was made from the Chinese Wikipedia's table of
行政区划代码 (all codes of GB/T 2260 since 1980 with the years in which they held). Only present names are
taken. That file ends before two districts of 杭州 that were founded in April 2021; they are added here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from importlib import resources
from typing import NamedTuple

PROVINCE = "33"
FOUNDED_2021 = {"330113": "临平区", "330114": "钱塘区"}
# Headings of the statistical table, not places.
NOT_PLACES = frozenset({"市辖区", "市区", "县", "省直辖县级行政单位"})
# Where the enterprise chooses between provincial and city review (ORG-08; seeds: 杭州).
OFFERS_REVIEW_CHOICE = frozenset({"330100"})

_PROVINCE_LINE = re.compile(r'^(\d{2}) province="(.+)"$')
_COUNTY_LINE = re.compile(r'^ +(\d{4}) county="(.+)"$')
_PERIOD = re.compile(r"^\[(\d{4})?-(\d{4})?\](.+)$")


class Place(NamedTuple):
    """One division: its six digits and its name."""

    code: str
    name: str

    @property
    def parent_code(self) -> str:
        """County → city → province → nothing."""
        if self.code.endswith("0000"):
            return ""
        return f"{self.code[:2]}0000" if self.code.endswith("00") else f"{self.code[:4]}00"


def _present_name(entry: str) -> str:
    """The name in `[1983-1987]城区,[2003-]吴兴区` that still holds, or nothing."""
    for part in entry.split(","):
        period = _PERIOD.match(part)
        if period is None:
            return part
        if period[2] is None:
            return period[3]
    return ""


def _entries(lines: Iterable[str]) -> Iterator[Place]:
    inside = False
    for line in lines:
        if province := _PROVINCE_LINE.match(line):
            inside = province[1] == PROVINCE
        elif inside and (county := _COUNTY_LINE.match(line)):
            name = _present_name(county[2])
            if name and name not in NOT_PLACES:
                yield Place(PROVINCE + county[1], name)


def places() -> list[Place]:
    """The province, its 11 cities and their 90 counties of today, parents first."""
    text = resources.files("stdnum").joinpath("cn/loc.dat").read_text(encoding="utf-8")
    found = {place.code: place for place in _entries(text.splitlines())}
    found |= {code: Place(code, name) for code, name in FOUNDED_2021.items()}
    return sorted(found.values())
