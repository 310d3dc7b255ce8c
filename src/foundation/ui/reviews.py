"""Reads what the verdict component sends."""

from __future__ import annotations

from typing import NamedTuple

from django.http import QueryDict

VERDICTS = ("approve", "return", "reject")


class Reason(NamedTuple):
    """Why something is sent back: the item concerned (may be empty) and a sentence."""

    item: str
    text: str


def read_verdict(data: QueryDict) -> str:
    """The verdict that was pressed: `approve`, `return`, `reject`, or empty when none of them was."""
    verdict = data.get("verdict", "")
    return verdict if verdict in VERDICTS else ""


def read_reasons(data: QueryDict) -> list[Reason]:
    """The chosen chips (`reason` = `item|text`), then those in own words (`other_item`, `other_text`)."""
    reasons = []
    for value in data.getlist("reason"):
        item, mark, text = value.partition("|")
        reasons.append(Reason(item.strip(), text.strip()) if mark else Reason("", value.strip()))
    items = data.getlist("other_item")
    for index, text in enumerate(data.getlist("other_text")):
        if text.strip():
            reasons.append(Reason(items[index] if index < len(items) else "", text.strip()))
    return list(dict.fromkeys(reason for reason in reasons if reason.text))


def reasons_by_item(reasons: list[Reason]) -> dict[str, str]:
    """Reasons as a log keeps them: item → sentences joined by ；, the empty item last as `other`."""
    joined: dict[str, str] = {}
    for item, text in sorted(reasons, key=lambda reason: not reason.item):
        key = item or "other"
        joined[key] = f"{joined[key]}；{text}" if key in joined else text
    return joined
