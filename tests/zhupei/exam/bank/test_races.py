"""EXM-01: two people at once: a sheet enters once, what was approved is never written over."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import transaction

from tests.locks import at_once, until_somebody_waits
from tests.world import World
from tests.zhupei.exam.banks import Bank, row, sheet, single
from zhupei.exam.bank.machine import VERSION
from zhupei.exam.bank.models import QuestionVersion
from zhupei.exam.bank.services import questions

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_sheet_is_confirmed_once(world: World) -> None:
    """EXM-01: a double click, and the same questions in two sheets."""
    bank = Bank(world)
    content = sheet([row(题干=f"第 {n} 题？") for n in range(20)])
    first, second = (
        questions.start_import(bank.writer, bank.occupation, None, "题.xlsx", content) for _ in range(2)
    )
    acts = [lambda kept=kept: questions.confirm_import(bank.writer, kept) for kept in (first, first, second)]
    results = at_once(*acts)
    assert results.count(20) == 1
    assert QuestionVersion.objects.visible_to(bank.writer).count() == 20


def test_the_same_question_typed_by_two_is_kept_once(world: World) -> None:
    """EXM-01: codes are not given twice, either."""
    bank = Bank(world)
    acts = [
        lambda actor=actor: questions.add_question(actor, bank.data()).pk
        for actor in (bank.writer, bank.reviewer)
    ]
    assert at_once(*acts).count("question_refused") == 1
    assert QuestionVersion.objects.visible_to(bank.writer).count() == 1


def test_what_is_being_handed_in_is_not_written_over(world: World) -> None:
    """EXM-01: a change that waited for the hand-in finds the question under review."""
    bank = Bank(world)
    version = bank.draft()
    begun = threading.Event()

    def hand_in() -> str:
        with transaction.atomic():
            VERSION.perform(bank.writer, version, "submit")
            begun.set()
            until_somebody_waits()
        return "submitted"

    def change() -> str:
        begun.wait(5)
        questions.change_question(bank.writer, version.question, bank.data(single("改了？")))
        return "changed"

    assert at_once(hand_in, change) == ["submitted", "wrong_state"]
    kept = QuestionVersion.objects.visible_to(bank.writer).get()
    assert (kept.state, kept.content["stem"]) == ("submitted", single().stem)


def test_two_reviewers_give_one_verdict(world: World) -> None:
    """EXM-01: the second one is told that it was decided."""
    bank = Bank(world)
    version = bank.submitted()
    third = bank.world.actor(bank.province, role="reviewer")

    def decide(actor: Any, action: str) -> str:
        VERSION.perform(actor, QuestionVersion.objects.visible_to(actor).get(), action, remark="看过")
        return action

    results = at_once(lambda: decide(bank.reviewer, "approve"), lambda: decide(third, "return"))
    assert results.count("wrong_state") == 1
    version.refresh_from_db()
    expected = {"approve": "approved", "return": "returned"}
    assert version.state == next(expected[result] for result in results if result in expected)
