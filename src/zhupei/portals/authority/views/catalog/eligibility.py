"""报考条件: the table of majors and years of practice, its versions, and a trial of the rules (CAT-02, CAT-03)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.requests import PortalRequest
from foundation.ui.given import number_in
from foundation.ui.templatetags.ui import day
from zhupei.catalog import queries, services
from zhupei.catalog.models import EligibilityTable, Programme
from zhupei.catalog.rules import TIER_LABELS, TIERS, EligibilityRules, Verdict, judge_eligibility, years_words
from zhupei.catalog.services.eligibility import MOST_YEARS, ROWS, row_label
from zhupei.enrollment.models import Education
from zhupei.portals.authority.views.catalog.frame import (
    authors,
    catalog_editor,
    find_programme,
    first_of_next_month,
    page_context,
    standing,
)
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done, refusals_at

MOST_GROUPS = 4
_KEY = re.compile(r"[a-z0-9_-]{1,20}")


@dataclass(frozen=True)
class Line:
    """One row of the table as it is shown."""

    number: int
    label: str
    cells: Sequence[str]
    years: str


def lines_of(rules: EligibilityRules) -> list[Line]:
    """The eight rows with a cell for every group."""
    cells = {(cell.number, cell.group): "、".join(cell.majors) for cell in rules.cells}
    return [
        Line(
            number,
            row_label(number),
            [cells.get((number, key), "") for key in rules.groups],
            years_words(rules.practice.get((tier, relation), Decimal(0))),
        )
        for number, tier, relation in ROWS
    ]


def members_of(rules: EligibilityRules) -> list[tuple[str, str]]:
    """What the classes of the table contain: (tier and class, majors)."""
    named = {(cell.tier, major) for cell in rules.cells for major in cell.majors}
    known = rules.knowledge.members
    return [
        (f"{TIER_LABELS[tier]} · {entry}", "、".join(majors))
        for tier in TIERS
        for entry, majors in known.get(tier, {}).items()
        if (tier, entry) in named
    ]


class TrialForm(forms.Form):
    """Ask the table about an invented person."""

    occupation = forms.ChoiceField(label="岗位")
    education = forms.ChoiceField(label="学历", choices=Education.choices)
    major = forms.CharField(label="所学专业", max_length=60, required=False)
    years = forms.DecimalField(
        label="岗位工作年限", min_value=0, max_value=60, max_digits=4, decimal_places=1, required=False
    )

    def __init__(self, *args: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = programme.occupations.filter(is_active=True)
        self.groups = {str(row.pk): (row.group, row.base_name) for row in rows}
        self.fields["occupation"].choices = [(str(row.pk), row.name) for row in rows]  # type: ignore[attr-defined]

    def verdict(self, rules: EligibilityRules) -> Verdict:
        given = self.cleaned_data
        group, name = self.groups[given["occupation"]]
        return judge_eligibility(
            rules, group, given["education"], given["major"], given["years"], occupation=name
        )


@require_safe
@portal_required("authority")
def eligibility(request: PortalRequest, pk: int) -> HttpResponse:
    """One version (in force unless `?version=`), the list of versions, and the trial."""
    programme = find_programme(pk)
    versions = list(programme.eligibility_tables.order_by("-effective_from"))
    today = timezone.localdate()
    now = next((each for each in versions if each.effective_from <= today), None)
    shown = _shown(request, versions, now)
    context = page_context(request, programme, "catalog_eligibility")
    if shown is None:
        return render(request, "authority/catalog/eligibility_none.html", context)
    rules = queries.rules_of(shown)
    trial = TrialForm(request.GET if "education" in request.GET else None, programme=programme)
    verdict = trial.verdict(rules) if trial.is_bound and trial.is_valid() else None
    context |= {
        "table": shown,
        "standing": standing(shown.effective_from, shown is now),
        "may_change": context["may_edit"] and shown.effective_from > today,
        "groups": list(rules.groups.values()),
        "lines": lines_of(rules),
        "notes": rules.repeated(),
        "members": members_of(rules),
        "members_source": queries.majors_source(),
        "versions": _entries(versions, now, shown),
        "trial": trial,
        "verdict": verdict,
    }
    return render(request, "authority/catalog/eligibility.html", context)


def _shown(
    request: PortalRequest, versions: Sequence[EligibilityTable], now: EligibilityTable | None
) -> EligibilityTable | None:
    wanted = request.GET.get("version", "")
    if not wanted:
        return now or (versions[0] if versions else None)
    found = next((each for each in versions if str(each.pk) == wanted), None)
    if found is None:
        raise Http404
    return found


def _entries(
    versions: Sequence[EligibilityTable], now: EligibilityTable | None, shown: EligibilityTable
) -> list[dict[str, Any]]:
    by = authors("catalog.eligibilitytable", [each.pk for each in versions])
    entries = []
    for each in versions:
        tone, words = standing(each.effective_from, each is now)
        entry = by.get(str(each.pk))
        entries.append(
            {
                "day": day(each.effective_from),
                "url": f"{reverse('authority:catalog_eligibility', args=[each.programme_id])}?version={each.pk}",
                "tone": tone,
                "words": words,
                "by": entry.actor_label if entry else "平台默认值",
                "shown": each is shown,
            }
        )
    return entries


# --- the editor


class TableForm(forms.Form):
    """The whole table: a column per group of occupations, a row per tier and relation."""

    effective_from = forms.DateField(
        label="生效日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="从这一天起提交审核的人员按新表核对。",
    )
    source = forms.CharField(label="依据", max_length=200, help_text="标准或文件的名称。")
    note = forms.CharField(label="说明", max_length=200, required=False)
    accept_lower_tier = forms.BooleanField(
        label="本层次未列、较低层次已列的专业，按相关专业认定",
        required=False,
        help_text="例如本科“工程造价”，本科各行没有，专科“工程管理类”包含它。不勾选的由机构人工判断。",
    )

    def __init__(self, *args: Any, groups: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = dict(groups)
        for key in groups:
            self.fields[f"group_{key}"] = forms.CharField(label="适用岗位", max_length=200, required=False)
        for number, _, _ in ROWS:
            for key in groups:
                self.fields[f"majors_{number}_{key}"] = forms.CharField(
                    label=f"第 {number} 行 {row_label(number)}",
                    required=False,
                    max_length=4000,
                    widget=forms.Textarea(attrs={"rows": 4}),
                )
            self.fields[f"years_{number}"] = forms.DecimalField(
                label=f"第 {number} 行工作年限",
                min_value=0,
                max_value=MOST_YEARS,
                max_digits=4,
                decimal_places=1,
                widget=forms.NumberInput(attrs={"step": "0.5"}),
            )

    def heads(self) -> list[Any]:
        """The fields that name the columns."""
        return [self[f"group_{key}"] for key in self.groups]

    def lines(self) -> list[dict[str, Any]]:
        """The fields row by row."""
        return [
            {
                "number": number,
                "label": row_label(number),
                "cells": [self[f"majors_{number}_{key}"] for key in self.groups],
                "years": self[f"years_{number}"],
            }
            for number, _, _ in ROWS
        ]

    def draft(self) -> services.TableDraft:
        """What was typed; a column without a heading and without majors is left out."""
        given = self.cleaned_data
        majors = {
            (number, key): services.split_majors(given[f"majors_{number}_{key}"])
            for number, _, _ in ROWS
            for key in self.groups
        }
        kept = [
            key
            for key in self.groups
            if given[f"group_{key}"].strip() or any(majors[number, key] for number, _, _ in ROWS)
        ]
        return services.TableDraft(
            effective_from=given["effective_from"],
            source=given["source"],
            note=given["note"],
            accept_lower_tier=given["accept_lower_tier"],
            groups=[{"key": key, "label": given[f"group_{key}"]} for key in kept],
            majors={place: names for place, names in majors.items() if place[1] in kept},
            years={number: given[f"years_{number}"] for number, _, _ in ROWS},
        )


def initial_of(table: EligibilityTable | None) -> dict[str, Any]:
    """What the editor begins with: a copy of a version, or the usual years."""
    if table is None:
        return {"accept_lower_tier": True}
    years = {(rule.tier, rule.relation): rule.years for rule in table.practice.all()}
    values: dict[str, Any] = {f"group_{group['key']}": group["label"] for group in table.groups}
    values |= {f"majors_{row.number}_{row.group}": "、".join(row.majors) for row in table.majors.all()}
    values |= {
        f"years_{number}": years_words(years[tier, relation])
        for number, tier, relation in ROWS
        if (tier, relation) in years
    }
    return values | {"source": table.source, "note": table.note, "accept_lower_tier": table.accept_lower_tier}


def _groups(request: PortalRequest, table: EligibilityTable | None) -> dict[str, str]:
    """The columns to edit: those that were sent, with one more if asked for, else those of the version."""
    groups = {group["key"]: group["label"] for group in table.groups} if table else {"g1": ""}
    if request.method == "POST":
        sent = [name.removeprefix("group_") for name in request.POST if name.startswith("group_")]
        groups = {key: groups.get(key, "") for key in sent[:MOST_GROUPS] if _KEY.fullmatch(key)}
    if "add_column" in request.POST and len(groups) < MOST_GROUPS:
        groups[next(key for key in (f"g{number}" for number in range(1, 99)) if key not in groups)] = ""
    return groups


def _form(request: PortalRequest, base: EligibilityTable | None, initial: Mapping[str, Any]) -> TableForm:
    """The editor; asking for a further column keeps what was typed and judges nothing yet."""
    groups = _groups(request, base)
    if "add_column" in request.POST:
        return TableForm(groups=groups, initial=request.POST.dict())
    return TableForm(request.POST or None, groups=groups, initial=dict(initial))


def _render_editor(
    request: PortalRequest, programme: Programme, form: TableForm, table: EligibilityTable | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "programme": programme,
        "table": table,
        "may_add_column": len(form.groups) < MOST_GROUPS,
    }
    return render(request, "authority/catalog/eligibility_form.html", context)


@require_http_methods(["GET", "POST"])
@catalog_editor
def new_table(request: PortalRequest, pk: int) -> HttpResponse:
    """A new version, beginning as a copy of the newest one or of `?from=`."""
    programme = find_programme(pk)
    wanted = number_in(request.GET.get("from", ""))
    tables: QuerySet[EligibilityTable] = programme.eligibility_tables.order_by("-effective_from")
    base = tables.filter(pk=wanted).first() if wanted is not None else tables.first()
    form = _form(request, base, initial_of(base) | {"effective_from": first_of_next_month()})
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            table = services.add_eligibility_version(request.actor, programme, form.draft())
            sentence = f"新版本已保存，{day(table.effective_from)} 起执行。"
            return done(
                request, sentence, f"{reverse('authority:catalog_eligibility', args=[pk])}?version={table.pk}"
            )
    return _render_editor(request, programme, form)


@require_http_methods(["GET", "POST"])
@catalog_editor
def edit_table(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a version that is not in force yet."""
    table = get_object_or_404(EligibilityTable.objects.select_related("programme"), pk=pk)
    initial = initial_of(table) | {"effective_from": table.effective_from}
    form = _form(request, table, initial)
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            services.change_eligibility_version(request.actor, table, form.draft())
            sentence = "待生效的版本已修改。"
            return done(
                request,
                sentence,
                f"{reverse('authority:catalog_eligibility', args=[table.programme_id])}?version={pk}",
            )
    return _render_editor(request, table.programme, form, table)


@require_POST
@catalog_editor
def drop_table(request: PortalRequest, pk: int) -> HttpResponse:
    """Take back a version that is not in force yet."""
    table = get_object_or_404(EligibilityTable, pk=pk)
    services.drop_eligibility_version(request.actor, table)
    sentence = f"{day(table.effective_from)} 的版本已撤回。"
    return done(request, sentence, "authority:catalog_eligibility", pk=table.programme_id)


urlpatterns = [
    path("catalog/<int:pk>/eligibility/", eligibility, name="catalog_eligibility"),
    path("catalog/<int:pk>/eligibility/new/", new_table, name="catalog_eligibility_new"),
    path("catalog/eligibility/<int:pk>/", edit_table, name="catalog_eligibility_edit"),
    path("catalog/eligibility/<int:pk>/drop/", drop_table, name="catalog_eligibility_drop"),
]
