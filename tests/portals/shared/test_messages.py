"""The inbox (NTF-01)."""

from __future__ import annotations

import pytest

from foundation.messages.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(world):
    return world.organization()


def message(key: str, title: str = "审核通过", **fields) -> Message:
    return Message.objects.create(recipient_key=key, code="t", title=title, body="正文", **fields)


def test_the_inbox_holds_the_body_s_and_the_user_s_messages_only(world, firm):
    """NTF-01, SEC-01."""
    user = world.user(firm)
    message(firm.key, "给单位的")
    message(f"user:{user.pk}", "给本人的")
    message(world.organization().key, "别人的")
    page = world.client(user).get("/messages/").content.decode()
    assert "给单位的" in page and "给本人的" in page and "别人的" not in page


def test_opening_a_message_marks_it_read_and_goes_where_it_leads(world, firm):
    """NTF-01."""
    row = message(firm.key, url="/enterprise/orders/")
    response = world.client(firm).get(f"/messages/{row.pk}/")
    assert response.status_code == 302 and response["Location"] == "/enterprise/orders/"
    row.refresh_from_db()
    assert row.read_at


def test_a_message_without_an_address_shows_its_text(world, firm):
    """NTF-01; an address of another site is never followed."""
    for url in ("", "https://evil.example/x", "//evil.example"):
        row = message(firm.key, "停机通知", url=url)
        response = world.client(firm).get(f"/messages/{row.pk}/")
        assert response.status_code == 200 and "正文" in response.content.decode()


def test_a_stranger_s_message_is_not_found_and_stays_unread(world, firm):
    """SEC-01."""
    row = message(firm.key)
    assert world.client(world.organization()).get(f"/messages/{row.pk}/").status_code == 404
    row.refresh_from_db()
    assert row.read_at is None


def test_picked_messages_are_marked_read_and_can_be_filtered(world, firm):
    """Unread ones are found at once."""
    client = world.client(firm)
    first, second = message(firm.key, "第一条"), message(firm.key, "第二条")
    client.post("/messages/", {"_action": "read", "ids": [first.pk]})
    page = client.get("/messages/?unread=1").content.decode()
    assert "第二条" in page and "第一条" not in page
    second.refresh_from_db()
    assert second.read_at is None


def test_marking_reaches_nobody_else_s_messages(world, firm):
    """SEC-01."""
    other = message(world.organization().key)
    world.client(firm).post("/messages/", {"_action": "read", "ids": [other.pk]})
    other.refresh_from_db()
    assert other.read_at is None


def test_the_inbox_needs_few_queries_whatever_its_size(world, firm, django_assert_max_num_queries):
    """At most 12 queries."""
    client = world.client(firm)
    for number in range(40):
        message(firm.key, f"第 {number} 条")
    client.get("/messages/")
    with django_assert_max_num_queries(12):
        assert client.get("/messages/").status_code == 200
