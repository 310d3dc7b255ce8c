"""Tags and filters of the components and of pages: badges, money, dates, masked numbers."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder
from django.forms import (
    BoundField,
    CheckboxInput,
    CheckboxSelectMultiple,
    ClearableFileInput,
    RadioSelect,
    Select,
)
from django.http import QueryDict
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from foundation.identifiers import id_number, phone
from foundation.ui.parts import Step, steps_of
from foundation.ui.states import Badge, badge_of_choice, badge_of_field

register = template.Library()


def badge_html(badge: Badge | tuple[str, str]) -> SafeString:
    """The badge as every page shows it."""
    tone, label = badge
    return format_html('<span class="badge-s s-{}">{}</span>', tone, label)


@register.simple_tag
def state_badge(row: Any, field: str = "state") -> SafeString:
    """The badge of a row's state: label from its choices, color from the registry."""
    return badge_html(badge_of_field(row, field)) if row else SafeString("")


@register.filter
def choice_badge(choice: Any) -> Badge:
    """(tone, label) of an enum member."""
    return badge_of_choice(choice)


@register.filter
def money(value: Any) -> str:
    """¥5,760.00; nothing for nothing."""
    if value in (None, ""):
        return ""
    try:
        return f"¥{Decimal(str(value)):,.2f}"
    except InvalidOperation:
        return str(value)


@register.filter
def mask_id(value: Any) -> str:
    """3301**********0011: the first four and last four characters of an ID number stay."""
    return id_number.mask(str(value or ""))


@register.filter
def mask_phone(value: Any) -> str:
    """138****0011."""
    return phone.mask(str(value or ""))


@register.filter
def day(value: Any) -> str:
    """2026-11-21."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
    return value.strftime("%Y-%m-%d") if isinstance(value, dt.date) else str(value or "")


@register.filter
def minute(value: Any) -> str:
    """2026-11-21 09:00, 24 h, local time."""
    if isinstance(value, dt.datetime):
        value = timezone.localtime(value) if timezone.is_aware(value) else value
        return value.strftime("%Y-%m-%d %H:%M")
    return day(value)


@register.filter
def filesize_cn(value: Any) -> str:
    """72 KB, 1.8 MB."""
    size = float(value or 0)
    return f"{max(1, round(size / 1024))} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`mapping[key]`, or nothing."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return ""


@register.filter
def as_json(value: Any) -> str:
    """JSON for a data attribute (the template escapes it)."""
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)


@register.simple_tag
def steps_from(labels: str, now: Any, bad: Any = False) -> list[Step]:
    """Steps out of `labels="a,b,c" now="1"`."""
    return steps_of(
        [label.strip() for label in labels.split(",") if label.strip()], int(now or 0), bad=bool(bad)
    )


@register.filter
def first_image(images: Iterable[Any]) -> Any:
    """The picture a viewer opens with: the first document there is, else the portrait."""
    found = [image for image in images or [] if _read(image, "url")]
    return next((image for image in found if not _read(image, "portrait")), found[0] if found else None)


@register.filter
def portrait_of(images: Iterable[Any]) -> Any:
    """The picture marked as portrait, if it exists."""
    return next((image for image in images or [] if _read(image, "portrait") and _read(image, "url")), None)


def _read(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else getattr(value, name, None)


@register.filter
def reason_pairs(reasons: Iterable[Any]) -> list[tuple[str, str]]:
    """Reasons given as texts or (item, text) pairs → (value to send, text to show)."""
    return [
        (f"{reason[0]}|{reason[1]}", str(reason[1]))
        if isinstance(reason, (tuple, list))
        else (f"|{reason}", str(reason))
        for reason in reasons or []
    ]


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """The present address's query string with some values changed (None or empty removes one)."""
    request = context.get("request")
    params = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for name, value in changes.items():
        params.pop(name, None)
        if value not in (None, ""):
            params[name] = str(value)
    return "?" + params.urlencode()


@register.filter
def control_kind(field: BoundField) -> str:
    """How a form field is laid out: `check`, `choices`, `file` or `input`."""
    widget = field.field.widget
    if isinstance(widget, (RadioSelect, CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, CheckboxInput):
        return "check"
    return "file" if isinstance(widget, ClearableFileInput) else "input"


@register.simple_tag
def control(
    field: BoundField, check: str = "", label: str = "", size: str = "", bare: bool = False
) -> SafeString:
    """The field's control with the classes and ARIA links of our forms."""
    widget = field.field.widget
    kind = control_kind(field)
    classes = {"check": "form-check-input", "choices": ""}.get(
        kind, "form-select" if isinstance(widget, Select) else "form-control"
    )
    if size and kind == "input":
        classes += f" {classes}-{size}"
    if field.errors and kind != "choices":
        classes += " is-invalid"
    attrs: dict[str, str | bool] = {"class": f"{widget.attrs.get('class', '')} {classes}".strip()}
    if not bare:
        attrs["data-label"] = str(label or field.label)
        attrs["aria-describedby"] = f"{field.auto_id}_error {field.auto_id}_helptext"
    if field.errors:
        attrs["aria-invalid"] = "true"
    if check:
        attrs["data-check"] = check
    if kind == "choices":
        attrs.pop("aria-describedby", None)
    return field.as_widget(attrs=attrs)


@register.filter
def is_picture(name: str) -> bool:
    """Whether a file of that name can be shown as a picture; a name without an ending may be one."""
    ending = str(name or "").rsplit(".", 1)
    return len(ending) == 1 or ending[1].lower() in {"jpg", "jpeg", "png", "webp", "gif"}


@register.filter
def get_items(entry: Any) -> list[tuple[str, str]]:
    """A timeline entry's reasons as (item, text); the item is empty when they are a plain list."""
    reasons = _read(entry, "items")
    if callable(reasons) or not reasons:
        reasons = _read(entry, "reasons")
    if not reasons:
        return []
    if isinstance(reasons, dict):
        return [(str(item), str(text)) for item, text in reasons.items()]
    return [(str(r[0]), str(r[1])) if isinstance(r, (tuple, list)) else ("", str(r)) for r in reasons]


@register.filter
def page_numbers(page: Any) -> list[int]:
    """Page numbers to offer: the first, the last, the neighbors; 0 stands for a gap."""
    last, here = page.paginator.num_pages, page.number
    wanted = sorted({1, last, *range(max(1, here - 2), min(last, here + 2) + 1)})
    shown: list[int] = []
    for number in wanted:
        if shown and number - shown[-1] == 2:
            shown.append(number - 1)
        elif shown and number - shown[-1] > 2:
            shown.append(0)
        shown.append(number)
    return shown


@register.filter
def row_link(row: Any, table: Any) -> str:
    """Where a row of a list leads."""
    return table.row_url(row) if table.row_url else ""


@register.filter
def row_name(row: Any, table: Any) -> str:
    """What screen readers call a row's checkbox."""
    return str(table.row_name(row))


@register.filter
def row_class(row: Any, table: Any) -> str:
    """An extra class of a row."""
    return table.row_class(row) if table.row_class else ""
