"""What a view answers to an act, and where a refusal is told instead of on the page that was left."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.messages.storage.cookie import CookieStorage
from django.test import RequestFactory

from foundation.errors import DomainError
from zhupei.portals.shared.acts import Refusals, done, refusals_at, refusals_lead_to, refusals_said

REFUSAL = DomainError("taken", "名称已被使用，请更换。", {"name": "名称已被使用。"})


class NameForm(forms.Form):
    name = forms.CharField()
    title = forms.CharField(required=False)


@pytest.fixture
def request_() -> Any:
    request: Any = RequestFactory().post("/x/")
    request._messages = CookieStorage(request)
    request.actor = SimpleNamespace(portal="visitor", user=None)
    return request


def said(request: Any) -> list[tuple[str, str]]:
    return [(message.level_tag, str(message)) for message in request._messages]


def test_what_was_done_is_said_on_the_next_page(request_: Any) -> None:
    """ui.md: every act says what it did."""
    answer = done(request_, "订单已取消。", "enterprise:order", pk=7)
    assert (answer.status_code, answer["Location"]) == (302, "/enterprise/orders/7/")
    assert said(request_) == [("success", "订单已取消。")]


def test_a_refusal_stands_at_the_form_and_what_was_typed_stays() -> None:
    """Also where the item has another name than the field."""
    form, other = NameForm({"name": "甲"}), NameForm({"name": "甲"})
    with refusals_at(form):
        raise REFUSAL
    with refusals_at(other, {"name": "title"}):
        raise REFUSAL
    assert form.errors == {"name": ["名称已被使用。"]} and other.errors == {"title": ["名称已被使用。"]}
    assert form["name"].value() == "甲"


def test_only_refusals_are_taken() -> None:
    """A fault stays a fault; without a refusal nothing is shown."""
    shown: list[DomainError] = []
    with pytest.raises(ValueError, match="fault"), Refusals(shown.append):
        raise ValueError("fault")
    with Refusals(shown.append):
        pass
    assert shown == []


def test_a_refusal_on_top_of_the_page_shown_now(request_: Any) -> None:
    """Without scripts the code button answers with the form itself."""
    with refusals_said(request_):
        raise REFUSAL
    assert said(request_) == [("error", "名称已被使用，请更换。")]


def test_a_refused_link_leads_to_its_page(request_: Any) -> None:
    """A file that cannot be made has no page of its own to say so."""

    @refusals_lead_to("enterprise:assessment", "pk")
    def tickets(request: Any, pk: int, candidate: int) -> Any:
        raise REFUSAL

    answer = tickets(request_, pk=3, candidate=9)
    assert answer["Location"] == "/enterprise/assessments/3/"  # type: ignore[index]
    assert said(request_) == [("error", "名称已被使用，请更换。")]
