"""Where portals show things."""

from __future__ import annotations

import pytest

from foundation import links
from foundation.messages.models import Message, MessageTemplate


@pytest.fixture(autouse=True)
def empty(monkeypatch):
    """Nobody has said anything yet."""
    monkeypatch.setattr(links, "_LINKS", {})


def test_a_row_has_its_own_page_by_its_key():
    """A route's name is given the row's key."""
    links.link("enterprise", Message, "shared:message")
    assert links.address("enterprise", Message(pk=7)) == "/messages/7/"


def test_a_portal_may_decide_by_the_row():
    """A function is given the row itself."""
    links.link("enterprise", Message, lambda row: f"/read/{row.pk}/" if row.read_at else f"/new/{row.pk}/")
    assert links.address("enterprise", Message(pk=7)) == "/new/7/"


def test_rows_without_a_page_are_shown_among_all():
    """`every` serves the model and, failing a page of its own, the row."""
    links.link("enterprise", Message, every="shared:messages")
    assert links.address("enterprise", Message) == links.address("enterprise", Message(pk=7)) == "/messages/"


def test_the_list_is_not_guessed_from_the_page_of_a_row():
    """A model without a list is not shown."""
    links.link("enterprise", Message, "shared:message")
    with pytest.raises(LookupError):
        links.address("enterprise", Message)


def test_portals_differ_and_so_do_models():
    """What one portal shows another need not."""
    links.link("enterprise", Message, "shared:message")
    for portal, model in (("authority", Message), ("enterprise", MessageTemplate)):
        with pytest.raises(LookupError, match=f"{portal}.*{model.__name__}"):
            links.address(portal, model(pk=7))


def test_a_place_is_said_once():
    """Two answers to one question are a fault."""
    links.link("enterprise", Message, "shared:message")
    with pytest.raises(ValueError, match="Message"):
        links.link("enterprise", Message, "shared:messages")
