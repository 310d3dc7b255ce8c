"""Tell people: one call per event; the template decides whether it goes to the portal, by SMS, or both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model
from django.utils import timezone

from foundation import links
from foundation.jobs import queue
from foundation.messages.gateways import gateway
from foundation.messages.models import Message, MessageTemplate, Sms, SmsState
from foundation.scoping import Actor

Subject = Model | type[Model] | None


class _Lenient(dict):
    """An unknown placeholder in an edited template stays readable instead of losing the message."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def notify(
    code: str,
    *,
    recipients: Iterable[str] = (),
    phones: Iterable[str] = (),
    subject: Subject = None,
    portal: str = "",
    context: dict[str, Any] | None = None,
) -> None:
    """Send the event `code` to bodies or users (`enterprise:12`, `user:7`) and to phones, in the caller's transaction.

    A message leads to `subject` (a row, or a model for the page of them all) where the recipient's portal shows it;
    `portal` is where users read it, as their keys do not say. Raises LookupError when the portal shows no such thing.
    """
    template = MessageTemplate.objects.filter(code=code, is_active=True).first()
    if template is None:
        return
    values = _Lenient(context or {})
    if template.title:
        title, body = template.title.format_map(values), template.body.format_map(values)
        Message.objects.bulk_create(
            [
                Message(
                    recipient_key=key, code=code, title=title, body=body, url=_address(key, subject, portal)
                )
                for key in dict.fromkeys(recipients)
            ]
        )
    if template.sms:
        text = template.sms.format_map(values)
        for phone in dict.fromkeys(phone for phone in phones if phone):
            send_sms(phone, code, text)


def _address(key: str, subject: Subject, portal: str = "") -> str:
    """Where the recipient `key` reads about `subject`."""
    body = key.partition(":")[0]
    return "" if subject is None else links.address(portal if body == "user" else body, subject)


def notify_bodies(
    code: str, entries: Iterable[tuple[str, Subject, dict[str, Any]]], *, renew: bool = False
) -> None:
    """One in-portal message of the event `code` per (recipient, subject, context), inserted in bulk.

    With `renew`, an unread earlier message of the same event, recipient and subject gives way to the new one, whose text
    is then expected to say it all: people find one up-to-date message instead of a pile.
    """
    template = MessageTemplate.objects.filter(code=code, is_active=True).first()
    if template is None or not template.title:
        return
    rows = []
    for key, subject, context in entries:
        values = _Lenient(context)
        title, body = template.title.format_map(values)[:200], template.body.format_map(values)
        url = _address(key, subject)
        rows.append(Message(recipient_key=key, code=code, title=title, body=body, url=url))
    if renew and rows:
        keys, urls = {row.recipient_key for row in rows}, {row.url for row in rows}
        Message.objects.unread().filter(code=code, recipient_key__in=keys, url__in=urls).delete()
    Message.objects.bulk_create(rows, batch_size=1000)


def notify_many(code: str, entries: Iterable[tuple[str, dict[str, Any]]]) -> None:
    """One SMS of the event `code` per (phone, context), inserted in bulk and delivered by one background task."""
    template = MessageTemplate.objects.filter(code=code, is_active=True).first()
    if template is None or not template.sms:
        return
    rows = Sms.objects.bulk_create(
        [
            Sms(phone=phone, code=code, text=template.sms.format_map(_Lenient(context)))
            for phone, context in entries
            if phone
        ],
        batch_size=1000,
    )
    if rows:
        queue.defer("foundation.messages.deliver", sms_ids=[row.pk for row in rows])


def send_sms(phone: str, code: str, text: str) -> Sms:
    """Queue one text message in the caller's transaction."""
    sms = Sms.objects.create(phone=phone, code=code, text=text)
    queue.defer("foundation.messages.deliver", sms_ids=[sms.pk])
    return sms


def deliver(sms_ids: list[int]) -> None:
    """Hand queued messages to the gateway; one that was sent is never sent again."""
    out = gateway()
    for sms in Sms.objects.filter(pk__in=sms_ids).exclude(state=SmsState.SENT):
        try:
            sms.result, sms.state = out.send(sms.phone, sms.text)[:200], SmsState.SENT
            sms.sent_at = timezone.now()
        except (
            Exception
        ) as error:  # a provider may fail in any way; the reason is kept and the task tries again
            sms.result, sms.state = str(error)[:200], SmsState.FAILED
        sms.save(update_fields=["result", "state", "sent_at"])
    if Sms.objects.filter(pk__in=sms_ids, state=SmsState.FAILED).exists():
        raise RuntimeError("some text messages were not accepted by the gateway")


def mark_read(actor: Actor, message_ids: Iterable[int] | None = None) -> int:
    """Mark the actor's messages as read: the given ones, or all."""
    rows = Message.objects.visible_to(actor).unread()
    if message_ids is not None:
        rows = rows.filter(pk__in=list(message_ids))
    return rows.update(read_at=timezone.now())
