"""Default texts of events: every stage registers its own, they become rows that an administrator may edit.

Usage, in a stage's `news.py`, which is imported at start-up and holds the functions that send them, too:

    ORDER_MADE = register_template(
        "billing.order_made",
        label="缴费单已生成",
        title="缴费单 {number} 已生成",
        body="应缴 {amount} 元，请在 {due} 前缴费。",
        sms="【筑培】缴费单 {number} 已生成，应缴 {amount} 元。",
    )

An empty `title` means no in-portal message, an empty `sms` no text message. After every `migrate` the missing
rows are inserted; rows that exist are never touched, because somebody may have edited them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class TemplateDefault:
    """The texts an event starts with, in `str.format` syntax."""

    code: str
    label: str
    title: str = ""
    body: str = ""
    sms: str = ""


_DEFAULTS: dict[str, TemplateDefault] = {}


def register_template(code: str, *, label: str, title: str = "", body: str = "", sms: str = "") -> str:
    """Make the texts of the event `code` known; returns the code.

    `code` is `<stage>.<event>` (at most 60 characters), `label` is what an administrator reads in the list.
    Raises ValueError when two stages claim one code with different texts.
    """
    default = TemplateDefault(code, label, title, body, sms)
    if _DEFAULTS.setdefault(code, default) != default:
        raise ValueError(f"the message template {code!r} is registered twice with different texts")
    return code


def registered_templates() -> tuple[TemplateDefault, ...]:
    """All defaults, in the order of their codes."""
    return tuple(_DEFAULTS[code] for code in sorted(_DEFAULTS))


def insert_missing_templates(apps: Any = None, **signal: Any) -> int:
    """Insert the defaults that have no row yet; returns how many. Receives `post_migrate`; safe to repeat."""
    from foundation.messages.models import MessageTemplate

    if apps is not None and not _has_table(apps):
        return 0
    known = set(MessageTemplate.objects.values_list("code", flat=True))
    missing = [
        MessageTemplate(code=each.code, label=each.label, title=each.title, body=each.body, sms=each.sms)
        for each in registered_templates()
        if each.code not in known
    ]
    MessageTemplate.objects.bulk_create(missing, ignore_conflicts=True)
    return len(missing)


def _has_table(apps: Any) -> bool:
    """Whether the migration that has just run left the table in place."""
    try:
        apps.get_model("notices", "MessageTemplate")
    except LookupError:
        return False
    return True
