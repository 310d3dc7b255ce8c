"""Programmes and the versions of their figures (CAT-01)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Count, Prefetch, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.requests import PortalRequest
from foundation.ui.templatetags.ui import day
from zhupei.catalog import services
from zhupei.catalog.models import EnrollmentOrder, Programme, ProgrammeRules
from zhupei.catalog.services.common import may_maintain
from zhupei.catalog.services.figures import FIGURES
from zhupei.enrollment.models import MaterialKind
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


class ProgrammeForm(forms.Form):
    name = forms.CharField(label="培训类别名称", max_length=60)


class NewProgrammeForm(ProgrammeForm):
    enrollment_order = forms.ChoiceField(
        label="报名方式",
        choices=EnrollmentOrder.choices,
        widget=forms.RadioSelect,
        help_text="新增后不能更改。",
    )


def _figure(label: str, help_text: str = "") -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=0, max_value=10_000, help_text=help_text)


class RulesForm(forms.Form):
    """One version of a programme's figures."""

    effective_from = forms.DateField(
        label="生效日期",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="从这一天起执行，可以是以后的日期；生效前可以修改或撤回，生效后不能改动。",
    )
    exam_minutes = _figure("考试时长（分钟）")
    earliest_submission_minutes = _figure("最早交卷（分钟）", "开考多少分钟后才能交卷。")
    full_mark = _figure("满分")
    pass_mark = _figure("合格分")
    latest_arrival_minutes = _figure("迟到不得入场（分钟）", "开考多少分钟后不得入场。")
    has_practical = forms.BooleanField(label="有实操考核", required=False)
    practical_pass_mark = _figure("实操合格分", "满分 100 分，没有实操考核时不用改。")
    resits_allowed = _figure("可补考次数", "不合格或缺考后还可以参加几次考核。")
    continuing_hours = _figure("每年继续教育学时", "没有要求填 0。")
    validity_years = _figure("证书有效期（年）", "长期有效填 0。")
    required_materials = forms.MultipleChoiceField(
        label="须上传的资料", choices=MaterialKind.choices, widget=forms.CheckboxSelectMultiple
    )
    source = forms.CharField(label="依据", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))


# --- all programmes


@require_safe
@portal_required("authority")
def catalog(request: PortalRequest) -> HttpResponse:
    """Every programme with what is in force."""
    rows = Programme.objects.annotate(
        occupation_count=Count("occupations", filter=Q(occupations__is_active=True), distinct=True),
        level_count=Count("levels", filter=Q(levels__is_active=True), distinct=True),
    ).prefetch_related(
        Prefetch("rules", ProgrammeRules.objects.order_by("-effective_from"), to_attr="versions"),
        "eligibility_tables",
    )
    cards = [(row, *_facts_in_short(row)) for row in rows]
    return render(
        request,
        "authority/catalog/index.html",
        {"cards": cards, "may_edit": may_maintain(request.actor)},
    )


def _facts_in_short(programme: Any) -> tuple[list[tuple[str, str]], str]:
    """The figures in force in a few lines, and the sentence about what is to come."""
    today = timezone.localdate()
    versions: Sequence[ProgrammeRules] = programme.versions
    now = next((each for each in versions if each.effective_from <= today), None)
    coming = [day(each.effective_from) for each in versions if each.effective_from > today]
    tables = list(programme.eligibility_tables.all())
    coming += [day(each.effective_from) for each in tables if each.effective_from > today]
    facts = [
        ("报名方式", programme.get_enrollment_order_display()),
        ("岗位（工种）", f"{programme.occupation_count} 个"),
        ("等级", f"{programme.level_count} 个" if programme.level_count else "不分等级"),
    ]
    if now is not None:
        facts += [
            ("考试", f"{now.exam_minutes} 分钟，满分 {now.full_mark}，{now.pass_mark} 分合格"),
            ("继续教育", f"每年 {now.continuing_hours} 学时" if now.continuing_hours else "没有要求"),
        ]
    has_table = any(each.effective_from <= today for each in tables)
    facts.append(("报考条件", "按专业对应表和工作年限" if has_table else "没有设置"))
    return facts, f"{'、'.join(sorted(set(coming)))} 起有新版本" if coming else ""


@require_http_methods(["GET", "POST"])
@catalog_editor
def new_programme(request: PortalRequest) -> HttpResponse:
    form = NewProgrammeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            programme = services.add_programme(request.actor, **form.cleaned_data)
            sentence = f"已新增“{programme}”，考试和学时先按常用值，请核对后再增加岗位（工种）。"
            return done(request, sentence, "authority:catalog_programme", pk=programme.pk)
    return render(request, "authority/catalog/new_programme.html", {"form": form})


@require_http_methods(["GET", "POST"])
@catalog_editor
def rename_programme(request: PortalRequest, pk: int) -> HttpResponse:
    programme = find_programme(pk)
    form = ProgrammeForm(request.POST or None, initial={"name": programme.name})
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            services.rename_programme(request.actor, programme, **form.cleaned_data)
            return done(request, "名称已保存。", "authority:catalog_programme", pk=pk)
    return render(request, "authority/catalog/rename_programme.html", {"form": form, "programme": programme})


@require_POST
@catalog_editor
def switch_programme(request: PortalRequest, pk: int) -> HttpResponse:
    """Offer a programme or stop it."""
    programme = find_programme(pk)
    active = request.POST.get("active") == "1"
    services.set_active(request.actor, programme, active)
    words = "已启用，机构可以开设项目。" if active else "已停用，不再接受新的报名，办理中的不受影响。"
    return done(request, f"“{programme}”{words}", "authority:catalog_programme", pk=pk)


# --- figures and their versions


def _values(rules: ProgrammeRules) -> list[tuple[str, str, str]]:
    """(field, label, words) of every figure of a version."""
    labels = dict(MaterialKind.choices)
    words = {
        "exam_minutes": f"{rules.exam_minutes} 分钟",
        "earliest_submission_minutes": f"开考 {rules.earliest_submission_minutes} 分钟后",
        "full_mark": f"{rules.full_mark} 分",
        "pass_mark": f"{rules.pass_mark} 分",
        "latest_arrival_minutes": f"开考 {rules.latest_arrival_minutes} 分钟后",
        "has_practical": "有" if rules.has_practical else "没有",
        "practical_pass_mark": f"{rules.practical_pass_mark} 分" if rules.has_practical else "不适用",
        "resits_allowed": f"{rules.resits_allowed} 次" if rules.resits_allowed else "不能补考",
        "continuing_hours": f"每年 {rules.continuing_hours} 学时" if rules.continuing_hours else "没有要求",
        "validity_years": f"{rules.validity_years} 年" if rules.validity_years else "长期有效",
        "required_materials": "、".join(str(labels.get(kind, kind)) for kind in rules.required_materials),
        "source": rules.source,
    }
    names = {
        "exam_minutes": "考试时长",
        "earliest_submission_minutes": "最早交卷",
        "latest_arrival_minutes": "迟到不得入场",
        "validity_years": "证书有效期",
        "continuing_hours": "继续教育",
    }
    return [
        (name, names.get(name) or str(ProgrammeRules._meta.get_field(name).verbose_name), words[name])  # type: ignore[union-attr]
        for name in FIGURES
    ]


def _changes(rules: ProgrammeRules, before: ProgrammeRules | None) -> list[tuple[str, str]]:
    """What a version changed against the one before, in words."""
    if before is None:
        return [("依据", rules.source)] if rules.source else []
    old = {name: words for name, _, words in _values(before)}
    return [
        (label, f"{old[name] or '未填写'} → {words or '未填写'}")
        for name, label, words in _values(rules)
        if old[name] != words
    ]


@require_safe
@portal_required("authority")
def programme_page(request: PortalRequest, pk: int) -> HttpResponse:
    """The figures in force, those to come, and the versions as a timeline."""
    programme = find_programme(pk)
    versions = list(programme.rules.order_by("-effective_from"))
    today = timezone.localdate()
    now = next((each for each in versions if each.effective_from <= today), None)
    by = authors("catalog.programmerules", [each.pk for each in versions])
    entries = []
    for place, each in enumerate(versions):
        tone, words = standing(each.effective_from, each is now)
        entry = by.get(str(each.pk))
        before = versions[place + 1] if place + 1 < len(versions) else None
        entries.append(
            {
                "at": each.effective_from,
                "action": f"{words}版本",
                "actor": entry.actor_label if entry else "平台默认值",
                "tone": tone,
                "items": _changes(each, before),
            }
        )
    coming = [(each, _rows(each)) for each in reversed(versions) if each.effective_from > today]
    context = page_context(request, programme, "catalog_programme") | {
        "now": now,
        "now_rows": [("报名方式", programme.get_enrollment_order_display()), *_rows(now)] if now else [],
        "coming": coming,
        "entries": entries,
    }
    return render(request, "authority/catalog/programme.html", context)


def _rows(rules: ProgrammeRules) -> list[tuple[str, str]]:
    return [(label, words) for _, label, words in _values(rules)]


@require_http_methods(["GET", "POST"])
@catalog_editor
def new_rules(request: PortalRequest, pk: int) -> HttpResponse:
    """A new version, beginning as a copy of the latest one."""
    programme = find_programme(pk)
    latest = programme.rules.order_by("-effective_from").first()
    initial = {name: getattr(latest, name) for name in FIGURES} if latest else {}
    if latest:
        initial["source"] = ""
    initial["effective_from"] = first_of_next_month()
    form = RulesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        with refusals_at(form):
            version = services.add_rules_version(
                request.actor,
                programme,
                effective_from=values.pop("effective_from"),
                values=values,
            )
            sentence = f"新版本已保存，{day(version.effective_from)} 起执行。"
            return done(request, sentence, "authority:catalog_programme", pk=pk)
    return render(request, "authority/catalog/rules_form.html", {"form": form, "programme": programme})


@require_http_methods(["GET", "POST"])
@catalog_editor
def edit_rules(request: PortalRequest, pk: int) -> HttpResponse:
    """Change a version that is not in force yet."""
    rules = get_object_or_404(ProgrammeRules.objects.select_related("programme"), pk=pk)
    initial = {name: getattr(rules, name) for name in (*FIGURES, "effective_from")}
    form = RulesForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        with refusals_at(form):
            services.change_rules_version(
                request.actor,
                rules,
                effective_from=values.pop("effective_from"),
                values=values,
            )
            return done(request, "待生效的版本已修改。", "authority:catalog_programme", pk=rules.programme_id)
    return render(
        request,
        "authority/catalog/rules_form.html",
        {"form": form, "programme": rules.programme, "rules": rules},
    )


@require_POST
@catalog_editor
def drop_rules(request: PortalRequest, pk: int) -> HttpResponse:
    """Take back a version that is not in force yet."""
    rules = get_object_or_404(ProgrammeRules, pk=pk)
    services.drop_rules_version(request.actor, rules)
    sentence = f"{day(rules.effective_from)} 的版本已撤回。"
    return done(request, sentence, "authority:catalog_programme", pk=rules.programme_id)


urlpatterns = [
    path("catalog/", catalog, name="catalog"),
    path("catalog/new/", new_programme, name="catalog_programme_new"),
    path("catalog/<int:pk>/", programme_page, name="catalog_programme"),
    path("catalog/<int:pk>/name/", rename_programme, name="catalog_programme_edit"),
    path("catalog/<int:pk>/active/", switch_programme, name="catalog_programme_active"),
    path("catalog/<int:pk>/rules/new/", new_rules, name="catalog_rules_new"),
    path("catalog/rules/<int:pk>/", edit_rules, name="catalog_rules_edit"),
    path("catalog/rules/<int:pk>/drop/", drop_rules, name="catalog_rules_drop"),
]
