"""Programmes and the versions of their figures (CAT-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from foundation.audit import services as audit
from foundation.scoping import Actor
from zhupei.catalog.models import EnrollmentOrder, Programme, ProgrammeRules
from zhupei.catalog.services.common import (
    assign,
    changing,
    check_new_day,
    check_still_future,
    record_change,
    refuse,
    require_province,
    values_of,
)

FIGURES = (
    "exam_minutes",
    "earliest_submission_minutes",
    "full_mark",
    "pass_mark",
    "latest_arrival_minutes",
    "has_practical",
    "practical_pass_mark",
    "resits_allowed",
    "continuing_hours",
    "validity_years",
    "required_materials",
    "source",
)


def _check_name(name: str, besides: int | None = None) -> None:
    items = {}
    if not name.strip():
        items["name"] = "请填写培训类别名称。"
    elif Programme.objects.filter(name=name.strip()).exclude(pk=besides or 0).exists():
        items["name"] = f"已有名为“{name.strip()}”的培训类别。"
    refuse(items)


def add_programme(actor: Actor, *, name: str, enrollment_order: str) -> Programme:
    """Add a kind of training; how people enroll (`enroll_first`, `plan_first`) is settled here for good.

    It begins with the usual figures (120 minutes, pass mark 60 of 100), in force at once; change them by a new
    version.
    """
    require_province(actor)
    _check_name(name)
    if enrollment_order not in EnrollmentOrder.values:
        refuse({"enrollment_order": "请选择报名方式。"})
    with transaction.atomic():
        last = Programme.objects.aggregate(position=models.Max("position"), key=models.Max("id"))
        programme = Programme.objects.create(
            code=f"programme-{(last['key'] or 0) + 1}",
            name=name.strip(),
            enrollment_order=enrollment_order,
            position=(last["position"] or 0) + 1,
        )
        ProgrammeRules.objects.create(
            programme=programme,
            effective_from=timezone.localdate() - dt.timedelta(days=1),
            required_materials=["portrait", "id_front"],
            source="新增培训类别时的默认值",
        )
        audit.record(actor, "catalog.programme.add", programme, after=values_of(programme))
        return programme


def rename_programme(actor: Actor, programme: Programme, *, name: str) -> Programme:
    """Give a programme another name."""
    with changing(actor, programme) as row:
        _check_name(name, besides=programme.pk)
        assign(row, {"name": name})
    return row


def _check_figures(values: Mapping[str, Any]) -> None:
    items = {}
    if not 1 <= values["exam_minutes"] <= 600:
        items["exam_minutes"] = "考试时长应在 1 至 600 分钟之间。"
    elif values["earliest_submission_minutes"] >= values["exam_minutes"]:
        items["earliest_submission_minutes"] = "最早交卷时间应早于考试结束。"
    if not values["full_mark"]:
        items["full_mark"] = "满分应大于 0。"
    elif not 0 < values["pass_mark"] <= values["full_mark"]:
        items["pass_mark"] = "合格分应大于 0，且不高于满分。"  # noqa: S105  a mark, not a password
    if "exam_minutes" not in items and values["latest_arrival_minutes"] >= values["exam_minutes"]:
        items["latest_arrival_minutes"] = "迟到时限应早于考试结束。"
    if not 0 < values["practical_pass_mark"] <= 100:
        items["practical_pass_mark"] = "实操满分 100 分，合格分应在 1 至 100 之间。"  # noqa: S105  a mark
    if not values["required_materials"]:
        items["required_materials"] = "请至少选择一种须上传的资料。"
    if not str(values["source"]).strip():
        items["source"] = "请写明依据，例如文件名称和文号。"
    refuse(items)


def add_rules_version(
    actor: Actor, programme: Programme, *, effective_from: dt.date, values: Mapping[str, Any]
) -> ProgrammeRules:
    """Add a version of a programme's figures that holds from a day on, today or later.

    `values` holds all of FIGURES. Earlier versions stay as they were.
    """
    require_province(actor)
    with transaction.atomic():
        Programme.objects.select_for_update().get(pk=programme.pk)
        check_new_day(effective_from, programme.rules.all())
        _check_figures(values)
        row = ProgrammeRules(programme=programme, effective_from=effective_from)
        assign(row, {name: values[name] for name in FIGURES})
        row.save()
        audit.record(actor, "catalog.rules.add", row, after=values_of(row))
        return row


def change_rules_version(
    actor: Actor, rules: ProgrammeRules, *, effective_from: dt.date, values: Mapping[str, Any]
) -> ProgrammeRules:
    """Change a version that is not in force yet."""
    require_province(actor)
    with transaction.atomic():
        row = ProgrammeRules.objects.select_for_update().get(pk=rules.pk)
        check_still_future(row)
        check_new_day(
            effective_from, ProgrammeRules.objects.filter(programme=row.programme_id).exclude(pk=row.pk)
        )
        _check_figures(values)
        before = values_of(row)
        assign(row, {name: values[name] for name in FIGURES} | {"effective_from": effective_from})
        row.save()
        record_change(actor, "catalog.rules.change", row, before)
        return row


def drop_rules_version(actor: Actor, rules: ProgrammeRules) -> None:
    """Take back a version that is not in force yet."""
    require_province(actor)
    with transaction.atomic():
        row = ProgrammeRules.objects.select_for_update().get(pk=rules.pk)
        check_still_future(row)
        audit.record(actor, "catalog.rules.drop", row, before=values_of(row))
        row.delete()
