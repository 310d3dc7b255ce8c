"""The table of majors as the guide prints it (attachment 5), for blank forms made without a database."""

from __future__ import annotations

from dataclasses import dataclass

from zhupei.catalog import data

TIER_WORDS = {"graduate": "研究生", "bachelor": "本科", "college": "专科", "secondary": "中职"}
RELATION_WORDS = {"matching": "本专业", "related": "相关专业"}


@dataclass(frozen=True)
class GuideRow:
    """One of the eight rows: tier and relation in words, and the majors of each column."""

    number: int
    tier: str
    relation: str
    columns: tuple[tuple[str, ...], ...]


def guide_columns() -> tuple[str, ...]:
    """Headings of the columns: the occupations of each group."""
    return tuple(group["label"] for group in data.read("eligibility")["groups"])


def guide_rows() -> tuple[GuideRow, ...]:
    """The rows in the order of their numbers."""
    given = data.read("eligibility")
    keys = [group["key"] for group in given["groups"]]
    return tuple(
        GuideRow(
            row["number"],
            TIER_WORDS[row["tier"]],
            RELATION_WORDS[row["relation"]],
            tuple(tuple(row[key]) for key in keys),
        )
        for row in given["rows"]
    )
