"""Occupations (岗位/工种) and levels of a programme (CAT-01)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.requests import PortalRequest
from zhupei.catalog import services
from zhupei.catalog.models import Level, Occupation, Programme
from zhupei.portals.authority.views.catalog.frame import catalog_editor, find_programme, page_context
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done, refusals_at

OPEN_OFFERS = Q(offers__is_open=True, offers__institution__is_active=True)


def groups_of(programme: Programme) -> dict[str, str]:
    """Columns of the programme's newest table of majors: key → occupations in words."""
    table = programme.eligibility_tables.order_by("-effective_from").first()
    return {group["key"]: group["label"] for group in table.groups} if table else {}


class OccupationForm(forms.Form):
    base_name = forms.CharField(label="岗位（工种）", max_length=40)
    specialty = forms.CharField(
        label="专业",
        max_length=40,
        required=False,
        help_text="不分专业的留空；名称由专业和岗位合成，例如土建施工员。",
    )
    group = forms.ChoiceField(
        label="专业对应表的列", required=False, help_text="资格审核时按这一列对照所学专业。"
    )
    source = forms.CharField(label="依据", max_length=200, required=False)

    def __init__(self, *args: Any, groups: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].choices = [("", "不对照专业"), *groups.items()]  # type: ignore[attr-defined]
        if not groups:
            del self.fields["group"]


class NewOccupationForm(OccupationForm):
    code = forms.CharField(
        label="代码", max_length=2, help_text="两位数字或大写字母，是证书编号的一部分，新增后不能更改。"
    )
    field_order = ["base_name", "specialty", "code", "group", "source"]


class LevelForm(forms.Form):
    name = forms.CharField(label="等级", max_length=20)
    minimum_hours = forms.IntegerField(
        label="最低学时", min_value=1, max_value=1000, help_text="每学时 45 分钟，含考试时间。"
    )


# --- occupations


@require_safe
@portal_required("authority")
def occupations(request: PortalRequest, pk: int) -> HttpResponse:
    programme = find_programme(pk)
    groups = groups_of(programme)
    rows = list(
        programme.occupations.annotate(
            institution_count=Count("offers__institution", OPEN_OFFERS, distinct=True)
        )
    )
    context = page_context(request, programme, "catalog_occupations") | {
        "rows": [(row, groups.get(row.group, "")) for row in rows],
        "has_groups": bool(groups),
    }
    return render(request, "authority/catalog/occupations.html", context)


@require_http_methods(["GET", "POST"])
@catalog_editor
def new_occupation(request: PortalRequest, pk: int) -> HttpResponse:
    programme = find_programme(pk)
    initial = {"code": services.next_occupation_code(programme)}
    form = NewOccupationForm(request.POST or None, groups=groups_of(programme), initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            row = services.add_occupation(request.actor, programme, **form.cleaned_data)
            return done(
                request, f"已新增“{row}”，培训机构可以开设项目。", "authority:catalog_occupations", pk=pk
            )
    return render(request, "authority/catalog/occupation_form.html", {"form": form, "programme": programme})


@require_http_methods(["GET", "POST"])
@catalog_editor
def edit_occupation(request: PortalRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Occupation.objects.select_related("programme"), pk=pk)
    initial = {name: getattr(row, name) for name in ("base_name", "specialty", "group", "source")}
    form = OccupationForm(request.POST or None, groups=groups_of(row.programme), initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            changed = services.change_occupation(request.actor, row, form.cleaned_data)
            return done(request, f"已保存“{changed}”。", "authority:catalog_occupations", pk=row.programme_id)
    context = {"form": form, "programme": row.programme, "occupation": row}
    return render(request, "authority/catalog/occupation_form.html", context)


@require_POST
@catalog_editor
def switch_occupation(request: PortalRequest, pk: int) -> HttpResponse:
    """Open an occupation for enrollment or stop it."""
    row = get_object_or_404(Occupation, pk=pk)
    active = request.POST.get("active") == "1"
    services.set_active(request.actor, row, active)
    sentence = f"“{row}”已{'启用' if active else '停用，不再接受新的报名'}。"
    return done(request, sentence, "authority:catalog_occupations", pk=row.programme_id)


# --- levels


@require_safe
@portal_required("authority")
def levels(request: PortalRequest, pk: int) -> HttpResponse:
    programme = find_programme(pk)
    context = page_context(request, programme, "catalog_levels") | {"rows": list(programme.levels.all())}
    return render(request, "authority/catalog/levels.html", context)


@require_http_methods(["GET", "POST"])
@catalog_editor
def new_level(request: PortalRequest, pk: int) -> HttpResponse:
    programme = find_programme(pk)
    form = LevelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            row = services.add_level(request.actor, programme, **form.cleaned_data)
            return done(request, f"已新增等级“{row}”。", "authority:catalog_levels", pk=pk)
    return render(request, "authority/catalog/level_form.html", {"form": form, "programme": programme})


@require_http_methods(["GET", "POST"])
@catalog_editor
def edit_level(request: PortalRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Level.objects.select_related("programme"), pk=pk)
    form = LevelForm(request.POST or None, initial={"name": row.name, "minimum_hours": row.minimum_hours})
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            services.change_level(request.actor, row, **form.cleaned_data)
            return done(request, "等级已保存。", "authority:catalog_levels", pk=row.programme_id)
    return render(
        request, "authority/catalog/level_form.html", {"form": form, "programme": row.programme, "level": row}
    )


@require_POST
@catalog_editor
def switch_level(request: PortalRequest, pk: int) -> HttpResponse:
    """Open a level for enrollment or stop it."""
    row = get_object_or_404(Level, pk=pk)
    active = request.POST.get("active") == "1"
    services.set_active(request.actor, row, active)
    sentence = f"等级“{row}”已{'启用' if active else '停用，不再接受新的报名'}。"
    return done(request, sentence, "authority:catalog_levels", pk=row.programme_id)


urlpatterns = [
    path("catalog/<int:pk>/occupations/", occupations, name="catalog_occupations"),
    path("catalog/<int:pk>/occupations/new/", new_occupation, name="catalog_occupation_new"),
    path("catalog/occupations/<int:pk>/", edit_occupation, name="catalog_occupation_edit"),
    path("catalog/occupations/<int:pk>/active/", switch_occupation, name="catalog_occupation_active"),
    path("catalog/<int:pk>/levels/", levels, name="catalog_levels"),
    path("catalog/<int:pk>/levels/new/", new_level, name="catalog_level_new"),
    path("catalog/levels/<int:pk>/", edit_level, name="catalog_level_edit"),
    path("catalog/levels/<int:pk>/active/", switch_level, name="catalog_level_active"),
]
