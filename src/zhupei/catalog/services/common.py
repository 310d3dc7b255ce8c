"""What all commands of the catalog share: who may, what was changed, when a version is still open to change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, TypeVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction
from django.utils import timezone

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError
from foundation.scoping import Actor
from zhupei.catalog.models import Level, Occupation, Programme
from zhupei.organizations.roles import Capability, require

Row = TypeVar("Row", bound=models.Model)


def require_province(actor: Actor) -> None:
    """Only the provincial authority (and the platform's own set-up) changes the catalog (CAT-01)."""
    if actor.is_system:
        return
    if actor.portal != "authority" or not actor.sees_all:
        raise NotAllowedError("目录由省级主管部门维护，如需调整请联系省级主管部门。")
    require(actor, Capability.CATALOG)


def may_maintain(actor: Actor) -> bool:
    """Whether to show the buttons."""
    try:
        require_province(actor)
    except NotAllowedError:
        return False
    return True


def values_of(row: models.Model) -> dict[str, Any]:
    """The row's columns as JSON takes them, for the audit's before and after."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    encode = DjangoJSONEncoder().default
    plain = (str, int, float, bool, list, dict, type(None))
    return {name: value if isinstance(value, plain) else encode(value) for name, value in values.items()}


def record_change(
    actor: Actor,
    act: str,
    row: models.Model,
    before: Mapping[str, Any],
    after: Mapping[str, Any] | None = None,
) -> None:
    """One audit entry that holds only what differs (SEC-06)."""
    now = values_of(row) if after is None else after
    changed = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    audit.record(
        actor,
        act,
        row,
        before={name: before.get(name) for name in changed if name in before},
        after={name: now.get(name) for name in changed if name in now},
    )


@contextmanager
def changing(actor: Actor, row: Row) -> Iterator[Row]:
    """The row, locked, to be changed by the province; kept with one audit entry when the block ends."""
    require_province(actor)
    with transaction.atomic():
        locked = type(row)._default_manager.select_for_update().get(pk=row.pk)
        before = values_of(locked)
        yield locked
        locked.save()
        record_change(actor, f"catalog.{row._meta.model_name}.change", locked, before)


def set_active(actor: Actor, row: Programme | Occupation | Level, active: bool) -> None:
    """Offer a programme, an occupation or a level for new enrollments, or stop it; those under way go on."""
    with changing(actor, row) as locked:
        locked.is_active = active


def assign(row: models.Model, values: Mapping[str, Any]) -> None:
    """Set the row's fields; texts lose their outer blanks."""
    for name, value in values.items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)


def check_new_day(day: dt.date | None, taken: models.QuerySet[Any]) -> None:
    """A version begins today or later, and on a day of its own."""
    if day is None:
        raise DomainError("day_missing", "请填写生效日期。", {"effective_from": "请填写生效日期。"})
    if day < timezone.localdate():
        message = "生效日期不能早于今天，已经生效的规则不能改动。"
        raise DomainError("day_past", message, {"effective_from": message})
    if taken.filter(effective_from=day).exists():
        message = f"{day} 已有一个版本，请选择其他日期，或修改那个版本。"
        raise DomainError("day_taken", message, {"effective_from": message})


def check_still_future(row: Any) -> None:
    """A version in force, or once in force, never changes; the next one is made instead."""
    if row.effective_from <= timezone.localdate():
        raise DomainError("in_force", "这个版本已经生效，不能修改或删除。需要调整请新增一个版本。")


def refuse(items: Mapping[str, str]) -> None:
    """Raise one DomainError that names every field that is wrong; nothing when none is."""
    if items:
        raise DomainError("invalid", "".join(dict.fromkeys(items.values())), dict(items))


def two_places(value: Decimal) -> bool:
    """Whether an amount has at most two decimal places."""
    exponent = value.normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -2
