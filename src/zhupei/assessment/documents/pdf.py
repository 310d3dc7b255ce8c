"""The printouts of an assessment plan as PDF (ASM-04)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from foundation.documents.engine import render_pdf
from foundation.documents.qr import qr_picture
from zhupei.assessment.documents.facts import ExamFacts, Examinee, RoomFacts

FOLDER = Path(__file__).parent


def _plain(person: Examinee) -> dict[str, Any]:
    values = {each.name: getattr(person, each.name) for each in fields(person)}
    return values | {"masked_id": person.masked_id}


def _head(facts: ExamFacts) -> dict[str, Any]:
    return asdict(replace(facts, rooms=[])) | {"count": len(facts.people)}


def _room(room: RoomFacts) -> dict[str, Any]:
    values = {each.name: getattr(room, each.name) for each in fields(room)}
    return values | {"people": [_plain(person) for person in room.people], "seats": room.seats}


def tickets_pdf(facts: ExamFacts) -> bytes:
    """准考证: one page for a single person, two a page for several. The code holds the ticket number."""
    people = [
        _plain(person) | {"code": qr_picture(person.ticket_number, border=0)} for person in facts.people
    ]
    return _render("tickets", _head(facts) | {"people": people})


def sign_in_pdf(facts: ExamFacts) -> bytes:
    """签到表: each exam room begins a page; thirty people take two."""
    return _render("sign_in", _head(facts) | {"rooms": [_room(room) for room in facts.rooms]})


def labels_pdf(facts: ExamFacts) -> bytes:
    """门贴: one page lying an exam room."""
    return _render("labels", _head(facts) | {"rooms": [_room(room) for room in facts.rooms]})


def summary_pdf(facts: ExamFacts) -> bytes:
    """汇总表: totals by room and occupation, then everybody by organization."""
    return _render(
        "summary",
        _head(facts)
        | {
            "rooms": [
                _room(room)
                | {"people": len(room.people), "resits": sum(each.is_resit for each in room.people)}
                for room in facts.rooms
            ],
            "occupations": occupation_totals(facts),
            "groups": [
                {"organization": name, "people": [_plain(replace(each, portrait=None)) for each in people]}
                for name, people in by_organization(facts)
            ],
        },
    )


def occupation_totals(facts: ExamFacts) -> list[tuple[str, int, int]]:
    """(occupation, people, of them resits), the largest first."""
    people: Counter[str] = Counter(each.occupation for each in facts.people)
    resits: Counter[str] = Counter(each.occupation for each in facts.people if each.is_resit)
    return [(name, count, resits[name]) for name, count in people.most_common()]


def by_organization(facts: ExamFacts) -> list[tuple[str, list[Examinee]]]:
    """Organizations by name, each with its people by room and seat."""
    groups: dict[str, list[Examinee]] = {}
    for person in facts.people:
        groups.setdefault(person.organization, []).append(person)
    return sorted(groups.items())


def _render(template: str, context: Mapping[str, Any]) -> bytes:
    return render_pdf(FOLDER / f"{template}.typ", context)
