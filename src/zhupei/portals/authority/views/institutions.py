"""培训机构: an authority creates institutions, keeps their data and first accounts (ORG-12)."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.requests import PortalRequest
from foundation.review.models import WAITING, ReviewState
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter, Tabs
from zhupei.organizations import queries, services
from zhupei.organizations.models import Institution
from zhupei.organizations.roles import Capability, may
from zhupei.organizations.services.institutions import data_of
from zhupei.portals.authority.forms import InstitutionForm, NewInstitutionForm, PasswordForm
from zhupei.portals.authority.views.organizations import regions_for
from zhupei.portals.shared.access import allowed, portal_required
from zhupei.portals.shared.acts import done, refusals_at
from zhupei.portals.shared.review_pages import DueColumn
from zhupei.regions.models import Region
from zhupei.regions.queries import within


def open_badge(row: Institution) -> tuple[str, str]:
    """Whether it takes enrollments."""
    return ("ok", "招生中") if row.is_active else ("mute", "停止招生")


FILE_TABS = [
    Tabs("todo", "备案待审核", sorted(WAITING), tone="wait"),
    Tabs("approved", "已备案", [ReviewState.APPROVED]),
    Tabs("rejected", "备案不通过", [ReviewState.REJECTED]),
    Tabs("draft", "未上报", [ReviewState.DRAFT]),
]


class InstitutionTable(tables.ListTable):
    name = tables.TextColumn("机构名称", sub="short_name", sort=True, width=32)
    supervisor = tables.TextColumn(
        "主管部门", accessor="supervisor__name", sort="supervisor__region__code", width=28
    )
    region = tables.TextColumn("所在地区", accessor="region__name", sort="region__code")
    contact_phone = tables.TextColumn("咨询电话")
    site_count = tables.NumberColumn("测试地点")
    file = tables.StateColumn("备案", accessor="review__state", field="review__state")
    due = DueColumn()
    state = tables.BadgeColumn("状态", badge=open_badge)


class InstitutionFilter(ListFilter):
    q = SearchFilter(["name__icontains", "short_name__icontains"], label="名称或简称")
    region = django_filters.ModelChoiceFilter(
        label="地区", queryset=regions_for, method="in_region", empty_label="全部"
    )
    is_active = django_filters.ChoiceFilter(
        label="状态",
        choices=[("true", "招生中"), ("false", "停止招生")],
        method="by_active",
        empty_label="全部",
    )

    def in_region(self, rows: QuerySet[Institution], name: str, value: Region) -> QuerySet[Institution]:
        return rows.filter(within("region", value))

    def by_active(self, rows: QuerySet[Institution], name: str, value: str) -> QuerySet[Institution]:
        return rows.filter(is_active=value == "true")


@method_decorator(portal_required("authority"), name="dispatch")
class Institutions(ListPage):
    page_title = "培训机构"
    table_class = InstitutionTable
    filterset_class = InstitutionFilter
    tabs_field = "review__state"
    tabs = FILE_TABS
    order_by = ("supervisor__region__code", "name")
    primary_action = ("新建机构", "authority:institution_new", "plus")
    primary_allowed = allowed(Capability.KEEP_INSTITUTIONS)
    unit = "家"
    empty_icon = "school"
    empty_title = "还没有培训机构"
    empty_text = "新建机构后，把账号和初始密码告知机构，由机构登录维护收费标准。"

    def row_url(self, row: Institution) -> str:
        """A file that waits for this authority opens at once."""
        actor = self.request.actor
        review = row.review
        waits = review is not None and review.is_waiting and review.reviewer_key == actor.key
        return reverse("authority:institution_file" if waits else "authority:institution", args=[row.pk])

    def queryset(self) -> QuerySet[Institution]:
        return queries.institution_list(self.request.actor)


def _found(request: PortalRequest, pk: int) -> Institution:
    return get_object_or_404(queries.institution_list(request.actor), pk=pk)


@require_http_methods(["GET", "POST"])
@portal_required("authority", needs=Capability.KEEP_INSTITUTIONS)
def create(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    form = NewInstitutionForm(request.POST or None, actor=actor)
    if request.method == "POST" and form.is_valid():
        data = form.data_for_service()
        with refusals_at(form):
            institution, user = services.create_institution(
                actor, data, form.cleaned_data["account"], form.cleaned_data["password"]
            )
            sentence = (
                f"已新建，登录账号为 {user.account}。请把账号和初始密码告知机构，首次登录时须修改密码。"
            )
            return done(request, sentence, "authority:institution", pk=institution.pk)
    return render(request, "authority/institutions/edit.html", {"form": form, "institution": None})


@require_safe
@portal_required("authority")
def institution(request: PortalRequest, pk: int) -> HttpResponse:
    return _detail(request, _found(request, pk), PasswordForm())


def _detail(
    request: PortalRequest, row: Institution, form: forms.Form, wanted: int | None = None
) -> HttpResponse:
    actor = request.actor
    context: dict[str, Any] = {
        "institution": row,
        "badge": open_badge(row),
        "own": row.supervisor_id == actor.body.pk and may(actor, Capability.KEEP_INSTITUTIONS),
        "sites": row.sites.order_by("pk"),
        "users": [each.user for each in row.memberships.select_related("user").order_by("pk")],
        "bar": queries.bar_in_force(row),
        "password_form": form,
        "password_user": wanted,
    }
    return render(request, "authority/institutions/detail.html", context)


@require_http_methods(["GET", "POST"])
@portal_required("authority", needs=Capability.KEEP_INSTITUTIONS)
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    actor = request.actor
    row = _found(request, pk)
    form = InstitutionForm(request.POST or None, actor=actor, initial=data_of(row))
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            services.update_institution(actor, row, form.data_for_service())
            return done(request, "已保存。", "authority:institution", pk=pk)
    return render(request, "authority/institutions/edit.html", {"form": form, "institution": row})


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("authority")
def reset_password(request: PortalRequest, pk: int, user: int) -> HttpResponse:
    """Set another password; without one, as after a refusal on the page shown here, on to the institution."""
    actor = request.actor
    row = _found(request, pk)
    membership = get_object_or_404(row.memberships.select_related("user"), user_id=user)
    if request.method != "POST":
        return redirect("authority:institution", pk=pk)
    form = PasswordForm(request.POST)
    if form.is_valid():
        with refusals_at(form):
            services.reset_institution_password(actor, row, membership.user, form.cleaned_data["password"])
            sentence = f"账号 {membership.user.account} 的密码已重设，请告知机构，登录后须修改密码。"
            return done(request, sentence, "authority:institution", pk=pk)
    return _detail(request, row, form, user)


@require_POST
@portal_required("authority")
def set_active(request: PortalRequest, pk: int) -> HttpResponse:
    row = _found(request, pk)
    active = request.POST.get("active") == "1"
    services.set_institution_active(request.actor, row, active, request.POST.get("reason", ""))
    sentence = "已恢复招生。" if active else "已停止招生，企业不能再选择该机构报名。"
    return done(request, sentence, "authority:institution", pk=pk)


urlpatterns = [
    path("institutions/", Institutions.as_view(), name="institutions"),
    path("institutions/new/", create, name="institution_new"),
    path("institutions/<int:pk>/", institution, name="institution"),
    path("institutions/<int:pk>/edit/", edit, name="institution_edit"),
    path("institutions/<int:pk>/active/", set_active, name="institution_active"),
    path("institutions/<int:pk>/users/<int:user>/password/", reset_password, name="institution_password"),
]
