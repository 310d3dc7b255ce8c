"""Occupations (岗位/工种) with their specialties, and levels (CAT-01)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import models, transaction

from foundation.audit import services as audit
from foundation.scoping import Actor
from zhupei.catalog.models import Level, Occupation, Programme
from zhupei.catalog.services.common import assign, changing, refuse, require_province, values_of

# The code is part of the certificate number.
_CODE = re.compile(r"[0-9A-Z]{2}")


def next_occupation_code(programme: Programme) -> str:
    """The first two-digit code that is free in a programme; empty when all are used."""
    used = set(programme.occupations.values_list("code", flat=True))
    return next((f"{number:02d}" for number in range(1, 100) if f"{number:02d}" not in used), "")


def full_name(base_name: str, specialty: str) -> str:
    """土建 + 施工员 → 土建施工员."""
    return f"{specialty.strip()}{base_name.strip()}"


def _check_occupation(row: Occupation) -> None:
    others = Occupation.objects.filter(programme=row.programme_id).exclude(pk=row.pk)
    items = {}
    if not row.base_name:
        items["base_name"] = "请填写岗位（工种）名称。"
    elif others.filter(name=row.name).exists():
        items["base_name"] = f"本培训类别已有“{row.name}”。"
    if not _CODE.fullmatch(row.code):
        items["code"] = "代码应为两位数字或大写字母，例如 01。"
    elif others.filter(code=row.code).exists():
        items["code"] = f"代码 {row.code} 已被使用，请换一个。"
    refuse(items)


def add_occupation(
    actor: Actor,
    programme: Programme,
    *,
    base_name: str,
    specialty: str = "",
    code: str = "",
    group: str = "",
    source: str = "",
) -> Occupation:
    """Add an occupation with one specialty; without a `code` the next free one is taken."""
    require_province(actor)
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        last = programme.occupations.aggregate(last=models.Max("position"))["last"]
        row = Occupation(programme=programme, position=(last or 0) + 1)
        assign(row, {"base_name": base_name, "specialty": specialty, "group": group, "source": source})
        row.code = code.strip() or next_occupation_code(programme)
        row.name = full_name(base_name, specialty)
        _check_occupation(row)
        row.save()
        audit.record(actor, "catalog.occupation.add", row, after=values_of(row))
        return row


def change_occupation(actor: Actor, occupation: Occupation, values: Mapping[str, Any]) -> Occupation:
    """Rename an occupation or move it to another group; its code stays, for certificates bear it.

    `values` may hold base_name, specialty, group, source.
    """
    with changing(actor, occupation) as row:
        assign(
            row,
            {name: values[name] for name in ("base_name", "specialty", "group", "source") if name in values},
        )
        row.name = full_name(row.base_name, row.specialty)
        _check_occupation(row)
    return row


def _check_level(row: Level) -> None:
    others = Level.objects.filter(programme=row.programme_id).exclude(pk=row.pk)
    items = {}
    if not row.name:
        items["name"] = "请填写等级名称。"
    elif others.filter(name=row.name).exists():
        items["name"] = f"本培训类别已有等级“{row.name}”。"
    if not 1 <= row.minimum_hours <= 1000:
        items["minimum_hours"] = "最低学时应在 1 至 1000 之间，含考试时间。"
    refuse(items)


def add_level(actor: Actor, programme: Programme, *, name: str, minimum_hours: int) -> Level:
    """Add a level with its least hours of training, the exam included; it stands above the present ones."""
    require_province(actor)
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        used = set(programme.levels.values_list("code", flat=True))
        last = programme.levels.aggregate(last=models.Max("position"))["last"]
        # Levels of skills are counted downwards: 五级 is the first, 一级 the highest.
        codes = [str(number) for number in (5, 4, 3, 2, 1, *range(6, 100))]
        row = Level(
            programme=programme,
            code=next(code for code in codes if code not in used),
            name=name.strip(),
            minimum_hours=minimum_hours,
            position=(last or 0) + 1,
        )
        _check_level(row)
        row.save()
        audit.record(actor, "catalog.level.add", row, after=values_of(row))
        return row


def change_level(actor: Actor, level: Level, *, name: str, minimum_hours: int) -> Level:
    """Rename a level or change its least hours; plans that are approved keep theirs."""
    with changing(actor, level) as row:
        assign(row, {"name": name, "minimum_hours": minimum_hours})
        _check_level(row)
    return row
