"""黑名单: persons and bodies barred by the authority, and lifting it (ORG-15)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.crypto import blind_index
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter
from foundation.ui.parts import Tab
from zhupei.organizations import queries, services
from zhupei.organizations.models import BodyBar
from zhupei.organizations.roles import Capability, may
from zhupei.organizations.services.bars import period_of
from zhupei.people import services as people
from zhupei.people.models import PersonBar
from zhupei.portals.authority.forms import BodyBarForm, PersonBarForm
from zhupei.portals.shared.access import allowed, portal_required
from zhupei.portals.shared.acts import done, refusals_at
from zhupei.portals.shared.revealing import revealed

STANDING = [("standing", "生效中"), ("ended", "已解除或到期")]


def bar_badge(bar: PersonBar | BodyBar) -> tuple[str, str]:
    """In force, not yet, over, or lifted."""
    today = timezone.localdate()
    if bar.lifted_at:
        return "mute", "已解除"
    if bar.ends_on and bar.ends_on < today:
        return "mute", "已到期"
    return ("info", "未到起始日") if bar.starts_on > today else ("bad", "生效中")


def _with_standing(rows: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
    over = Q(lifted_at__isnull=False) | Q(ends_on__lt=timezone.localdate())
    return rows.exclude(over) if value == "standing" else rows.filter(over)


def _standing() -> django_filters.ChoiceFilter:
    return django_filters.ChoiceFilter(
        label="状态", choices=STANDING, method=_with_standing, empty_label="全部"
    )


class PersonBarFilter(ListFilter):
    q = SearchFilter(
        ["name__icontains"], digests={"id_number_index": blind_index}, label="姓名或完整身份证号"
    )
    standing = _standing()


class BodyBarFilter(ListFilter):
    q = SearchFilter(
        ["organization__name__icontains", "organization__uscc__icontains", "institution__name__icontains"],
        label="单位名称或信用代码",
    )
    standing = _standing()


class PersonBarTable(tables.ListTable):
    name = tables.TextColumn("姓名", sort=True)
    id_number = tables.IdNumberColumn("身份证号")
    reason = tables.TextColumn("原因", width=40)
    authority = tables.TextColumn("列入部门", accessor="authority__name", width=28)
    starts_on = tables.DayColumn("起始日期", sort=True)
    ends_on = tables.DayColumn("截止日期", default="未定", sort=True)
    state = tables.BadgeColumn("状态", badge=bar_badge)


class BodyBarTable(tables.ListTable):
    body = tables.TextColumn("单位", accessor="body", width=36)
    kind = tables.TextColumn("类型", accessor="kind_label")
    reason = tables.TextColumn("原因", width=40)
    authority = tables.TextColumn("列入部门", accessor="authority__name", width=28)
    starts_on = tables.DayColumn("起始日期", sort=True)
    ends_on = tables.DayColumn("截止日期", default="未定", sort=True)
    state = tables.BadgeColumn("状态", badge=bar_badge)


class _Bars(ListPage):
    """Both lists; the tabs lead from one to the other."""

    page_title = "黑名单"
    template_name = "authority/blacklist/list.html"
    order_by = "-created_at"
    empty_icon = "user-off"
    empty_title = "黑名单是空的"
    which = ""

    def extra_context(self) -> dict[str, Any]:
        return {
            "lists": [
                Tab("人员", reverse("authority:blacklist"), active=self.which == "person"),
                Tab("单位", reverse("authority:body_bars"), active=self.which == "body"),
            ]
        }


@method_decorator(portal_required("authority"), name="dispatch")
class PersonBars(_Bars):
    table_class = PersonBarTable
    filterset_class = PersonBarFilter
    row_url = "authority:person_bar"
    primary_action = ("列入人员", "authority:person_bar_new", "plus")
    primary_allowed = allowed(Capability.BLACKLIST)
    empty_text = "列入黑名单的人员不能报名和参加考试，其单位报名时会看到原因。"
    export_name = "人员黑名单"
    which = "person"

    def queryset(self) -> QuerySet[PersonBar]:
        return PersonBar.objects.visible_to(self.request.actor).select_related("authority")


@method_decorator(portal_required("authority"), name="dispatch")
class BodyBars(_Bars):
    table_class = BodyBarTable
    filterset_class = BodyBarFilter
    row_url = "authority:body_bar"
    primary_action = ("列入单位", "authority:body_bar_new", "plus")
    primary_allowed = allowed(Capability.BLACKLIST)
    empty_text = "列入黑名单的企业不能报名，列入黑名单的机构不能招生。"
    export_name = "单位黑名单"
    which = "body"

    def queryset(self) -> QuerySet[BodyBar]:
        return queries.bar_list(self.request.actor)


@require_http_methods(["GET", "POST"])
@portal_required("authority", needs=Capability.BLACKLIST)
def new_person_bar(request: PortalRequest) -> HttpResponse:
    form = PersonBarForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        with refusals_at(form):
            bar = people.bar_person(
                request.actor,
                given["id_number"],
                given["name"],
                given["reason"],
                starts_on=given["starts_on"],
                ends_on=given["ends_on"],
            )
            return done(request, f"已将{bar.name}列入黑名单。", "authority:person_bar", pk=bar.pk)
    return render(request, "authority/blacklist/new_person.html", {"form": form})


@require_http_methods(["GET", "POST"])
@portal_required("authority", needs=Capability.BLACKLIST)
def new_body_bar(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    form = BodyBarForm(request.POST or None, actor=actor, initial={"body": request.GET.get("body", "")})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        assert form.found is not None
        with refusals_at(form):
            bar = services.bar_body(
                actor, form.found, given["reason"], starts_on=given["starts_on"], ends_on=given["ends_on"]
            )
            return done(
                request, f"已将{form.found}列入黑名单，并已通知该单位。", "authority:body_bar", pk=bar.pk
            )
    return render(request, "authority/blacklist/new_body.html", {"form": form})


def _found_person(request: PortalRequest, pk: int) -> PersonBar:
    rows = PersonBar.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("authority", "created_by"), pk=pk)


def _found_body(request: PortalRequest, pk: int) -> BodyBar:
    return get_object_or_404(queries.bar_list(request.actor).select_related("created_by"), pk=pk)


def _context(request: PortalRequest, bar: PersonBar | BodyBar) -> dict[str, Any]:
    actor = request.actor
    own = bar.authority_id == actor.body.pk
    return {
        "bar": bar,
        "badge": bar_badge(bar),
        "period": period_of(bar.starts_on, bar.ends_on),
        "may_lift": own and may(actor, Capability.BLACKLIST) and not bar.lifted_at,
    }


@require_safe
@portal_required("authority")
def person_bar(request: PortalRequest, pk: int) -> HttpResponse:
    return render(request, "authority/blacklist/person.html", _context(request, _found_person(request, pk)))


@require_safe
@portal_required("authority")
def body_bar(request: PortalRequest, pk: int) -> HttpResponse:
    return render(request, "authority/blacklist/body.html", _context(request, _found_body(request, pk)))


@require_POST
@portal_required("authority")
def reveal_person(request: PortalRequest, pk: int) -> HttpResponse:
    bar = _found_person(request, pk)
    return revealed(request, request.actor, bar, "id_number")


@require_POST
@portal_required("authority", needs=Capability.BLACKLIST)
def lift_person(request: PortalRequest, pk: int) -> HttpResponse:
    bar = _found_person(request, pk)
    people.lift_person_bar(request.actor, bar, request.POST.get("reason", ""))
    return done(request, f"已将{bar.name}移出黑名单。", "authority:person_bar", pk=pk)


@require_POST
@portal_required("authority", needs=Capability.BLACKLIST)
def lift_body(request: PortalRequest, pk: int) -> HttpResponse:
    bar = _found_body(request, pk)
    services.lift_body_bar(request.actor, bar, request.POST.get("reason", ""))
    return done(request, f"已将{bar.body}移出黑名单。", "authority:body_bar", pk=pk)


urlpatterns = [
    path("blacklist/", PersonBars.as_view(), name="blacklist"),
    path("blacklist/new/", new_person_bar, name="person_bar_new"),
    path("blacklist/<int:pk>/", person_bar, name="person_bar"),
    path("blacklist/<int:pk>/id-number/", reveal_person, name="person_bar_reveal"),
    path("blacklist/<int:pk>/lift/", lift_person, name="person_bar_lift"),
    path("blacklist/bodies/", BodyBars.as_view(), name="body_bars"),
    path("blacklist/bodies/new/", new_body_bar, name="body_bar_new"),
    path("blacklist/bodies/<int:pk>/", body_bar, name="body_bar"),
    path("blacklist/bodies/<int:pk>/lift/", lift_body, name="body_bar_lift"),
]
