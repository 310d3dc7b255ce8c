"""Messages and text messages (NTF-01)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from foundation import links
from foundation.messages import services
from foundation.messages.models import Message, MessageTemplate, Sms, SmsState

pytestmark = pytest.mark.django_db


@pytest.fixture
def template():
    return MessageTemplate.objects.create(
        code="tests.event",
        label="试",
        title="{name}已通过",
        body="请查看{missing}。",
        sms="【筑培】{name}已通过",
    )


def test_an_event_reaches_the_portal_and_the_phone_and_what_was_sent_is_kept(template):
    """NTF-01: what, when, to whom, with what result."""
    services.notify(
        "tests.event",
        recipients=["enterprise:1", "enterprise:1"],
        phones=["13800000001", ""],
        context={"name": "甲"},
    )

    message, sms = Message.objects.get(), Sms.objects.get()
    assert (message.title, message.body, message.url) == ("甲已通过", "请查看{missing}。", "")
    assert (sms.phone, sms.text, sms.state) == ("13800000001", "【筑培】甲已通过", SmsState.QUEUED)
    services.deliver([sms.pk])
    sms.refresh_from_db()
    assert sms.state == SmsState.SENT and sms.sent_at


@pytest.fixture
def shown(monkeypatch):
    """Two portals that show messages' templates, each in its own place; one of them has a list of them, too."""
    monkeypatch.setattr(links, "_LINKS", {})
    links.link("enterprise", MessageTemplate, lambda row: f"/e/{row.pk}/", every="gallery:index")
    links.link("authority", MessageTemplate, lambda row: f"/a/{row.pk}/")


def test_a_message_leads_each_recipient_to_the_subject_at_his_own_portal(template, shown):
    """NTF-01: a stage names the subject, the portals know the address; users read at the portal that is named."""
    keys = ["enterprise:1", "authority:2", "user:3"]
    services.notify("tests.event", recipients=keys, subject=template, portal="authority")

    sent = dict(Message.objects.values_list("recipient_key", "url"))
    assert sent == {
        "enterprise:1": f"/e/{template.pk}/",
        "authority:2": f"/a/{template.pk}/",
        "user:3": f"/a/{template.pk}/",
    }


def test_messages_in_bulk_lead_to_a_row_or_to_the_list_of_all(template, shown):
    """NTF-01: where the recipient may not open the row any more, he is led to the list."""
    services.notify_bodies(
        "tests.event",
        [("enterprise:1", template, {}), ("enterprise:2", MessageTemplate, {}), ("enterprise:3", None, {})],
    )

    sent = dict(Message.objects.values_list("recipient_key", "url"))
    assert sent == {
        "enterprise:1": f"/e/{template.pk}/",
        "enterprise:2": reverse("gallery:index"),
        "enterprise:3": "",
    }


def test_a_renewed_message_replaces_the_unread_one_about_the_same_subject_only(template, shown):
    """NTF-01: one up-to-date message instead of a pile."""
    other = MessageTemplate.objects.create(code="tests.other", label="又")
    services.notify_bodies(
        "tests.event", [("enterprise:1", row, {"name": "甲"}) for row in (template, other)]
    )
    services.notify_bodies("tests.event", [("enterprise:1", template, {"name": "乙"})], renew=True)

    told = set(Message.objects.values_list("url", "title"))
    assert told == {(f"/e/{template.pk}/", "乙已通过"), (f"/e/{other.pk}/", "甲已通过")}


def test_nothing_is_sent_about_what_the_portal_does_not_show(template, shown):
    """NTF-01: a message that leads nowhere is a fault of the code, found by the first test that sends it."""
    with pytest.raises(LookupError, match="institution"):
        services.notify("tests.event", recipients=["institution:1"], subject=template)


def test_a_gateway_that_fails_is_tried_again_and_nothing_is_sent_twice(template, settings):
    """NTF-01: the reason is kept; the sent ones stay sent."""
    services.notify_many("tests.event", [("13800000001", {"name": "甲"}), ("13800000002", {"name": "乙"})])
    keys = list(Sms.objects.values_list("pk", flat=True))
    settings.SMS_GATEWAY = "tests.foundation.messages.test_messages.HalfBroken"
    HalfBroken.sent.clear()

    with pytest.raises(RuntimeError):
        services.deliver(keys)
    with pytest.raises(RuntimeError):
        services.deliver(keys)

    assert HalfBroken.sent == ["13800000001"]
    assert Sms.objects.get(state=SmsState.FAILED).result == "线路忙"


class HalfBroken:
    """A provider that knows one number only."""

    shows_inbox = False
    sent: list[str] = []

    def send(self, phone: str, text: str) -> str:
        if phone != "13800000001":
            raise OSError("线路忙")
        self.sent.append(phone)
        return "ok"


def test_a_switched_off_template_sends_nothing(template):
    """NTF-01: templates are data."""
    MessageTemplate.objects.update(is_active=False)
    services.notify("tests.event", recipients=["enterprise:1"], phones=["13800000001"])
    assert not Message.objects.exists() and not Sms.objects.exists()


def test_phones_are_sealed_in_the_database(template):
    """SEC-02: neither the phone nor the text is readable in the table."""
    from django.db import connection

    services.notify("tests.event", phones=["13800000001"], context={"name": "甲"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone, text FROM notices_sms")
        row = cursor.fetchone()
    assert "13800000001" not in row[0] and "甲" not in row[1]


def test_each_reads_only_its_own(world, template):
    """SEC-01: recipients are bodies or users."""
    actor = world.actor(world.organization())
    services.notify("tests.event", recipients=[actor.key, f"user:{actor.user.pk}", "enterprise:0"])

    assert Message.objects.visible_to(actor).unread().count() == 2
    assert services.mark_read(actor) == 2
    assert Message.objects.filter(read_at=None).count() == 1
