"""培训项目: what the institution offers, at what fee, where; added, changed, closed (ORG-13)."""

from __future__ import annotations

from typing import Any

import django_filters
from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST

from foundation.errors import DomainError
from foundation.naming import some_of
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter
from foundation.ui.parts import Tab
from zhupei.catalog import services
from zhupei.catalog.models import Delivery, Level, Occupation, Offer, Programme
from zhupei.organizations.models import TestSite
from zhupei.organizations.roles import Capability
from zhupei.portals.shared.access import allowed, portal_required
from zhupei.portals.shared.acts import done, refusals_at


def offer_badge(offer: Offer) -> tuple[str, str]:
    """Open, closed by the institution, or stopped by the authority."""
    if not offer.occupation.is_active or not offer.occupation.programme.is_active:
        return "bad", "岗位（工种）已停用"
    if offer.level is not None and not offer.level.is_active:
        return "bad", "等级已停用"
    return ("ok", "开放报名") if offer.is_open else ("mute", "停止报名")


class OfferTable(tables.ListTable):
    occupation = tables.TextColumn(
        "岗位（工种）",
        accessor="occupation__name",
        sort=("occupation__programme__position", "occupation__position"),
    )
    level = tables.TextColumn("等级", accessor="level__name", default="")
    programme = tables.TextColumn("培训类别", accessor="occupation__programme__name", width=22)
    delivery = tables.TextColumn("培训方式", accessor="get_delivery_display", sort="delivery")
    fee = tables.MoneyColumn("收费标准", sort=True)
    site = tables.TextColumn(
        "测试地点", accessor="site__name", sub="site__address", default="未填写", width=30
    )
    start_pattern = tables.TextColumn("开班安排", default="", width=20)
    state = tables.BadgeColumn("状态", badge=offer_badge)


class OfferFilter(ListFilter):
    programme = django_filters.ModelChoiceFilter(
        label="培训类别", field_name="occupation__programme", queryset=Programme.objects.all()
    )
    delivery = django_filters.ChoiceFilter(label="培训方式", choices=Delivery.choices, empty_label="全部")
    q = SearchFilter(["occupation__name__icontains"], label="岗位（工种）")
    is_open = django_filters.ChoiceFilter(
        label="状态", choices=[("True", "开放报名"), ("False", "停止报名")], empty_label="全部"
    )


@method_decorator(portal_required("institution"), name="dispatch")
class Offers(ListPage):
    page_title = "培训项目"
    page_intro = "报名单位按这里的岗位、收费、方式和测试地点比较、选择机构。修改收费只影响以后生成的订单。"
    table_class = OfferTable
    filterset_class = OfferFilter
    order_by = (
        "occupation__programme__position",
        "occupation__position",
        "level__position",
        "delivery",
    )
    row_url = "institution:offer"
    primary_action = ("新增培训项目", "institution:offer_new", "plus")
    primary_allowed = allowed(Capability.OFFER)
    unit = "项"
    empty_icon = "list-details"
    empty_title = "还没有培训项目"
    empty_text = "新增后，报名单位才能选择本机构报名。"

    def queryset(self) -> QuerySet[Offer]:
        rows = Offer.objects.visible_to(self.request.actor)
        return rows.select_related("occupation__programme", "level", "site")


class TermsForm(forms.Form):
    """What may change later: fee, site, start pattern."""

    fee = forms.DecimalField(
        label="收费标准（元/人）",
        max_digits=9,
        decimal_places=2,
        min_value=0,
        widget=forms.NumberInput(attrs={"step": "0.01", "inputmode": "decimal"}),
        error_messages={"min_value": "收费标准不能小于 0。", "invalid": "请填写金额，例如 480 或 480.50。"},
    )
    site = forms.ModelChoiceField(label="测试地点", queryset=TestSite.objects.none(), empty_label="请选择")
    start_pattern = forms.CharField(
        label="开班安排", max_length=60, required=False, help_text="写明多久开一次班，报名单位据此安排时间。"
    )

    def __init__(self, *args: Any, actor: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        site = self.fields["site"]
        sites = actor.body.sites.order_by("name")
        site.queryset = sites  # type: ignore[attr-defined]
        site.required = self.has_sites = bool(sites)
        if len(sites) == 1:
            self.initial.setdefault("site", sites[0].pk)
        site.label_from_instance = lambda row: f"{row.name}（{row.address}）"  # type: ignore[attr-defined]


class NewOffersForm(TermsForm):
    """Occupations, levels and modes of one programme, all at the same terms."""

    occupations = forms.ModelMultipleChoiceField(
        label="岗位（工种）", queryset=Occupation.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    levels = forms.ModelMultipleChoiceField(
        label="等级", queryset=Level.objects.none(), widget=forms.CheckboxSelectMultiple
    )
    deliveries = forms.MultipleChoiceField(
        label="培训方式", choices=Delivery.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, actor: Any, programme: Programme, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        self.fields["occupations"].queryset = programme.occupations.filter(is_active=True)  # type: ignore[attr-defined]
        levels = programme.levels.filter(is_active=True)
        if levels.exists():
            self.fields["levels"].queryset = levels  # type: ignore[attr-defined]
        else:
            del self.fields["levels"]


def _chosen_programme(request: PortalRequest, programmes: list[Programme]) -> Programme | None:
    wanted = request.GET.get("programme", "")
    return next((row for row in programmes if str(row.pk) == wanted), programmes[0] if programmes else None)


@require_http_methods(["GET", "POST"])
@portal_required("institution", needs=Capability.OFFER)
def new_offers(request: PortalRequest) -> HttpResponse:
    """Several offers at once; `?programme=` says for which programme."""
    actor = request.actor
    programmes = list(Programme.objects.filter(is_active=True))
    programme = _chosen_programme(request, programmes)
    if programme is None:
        raise DomainError("no_programme", "目录中还没有启用的培训类别，请联系省级主管部门。")
    form = NewOffersForm(request.POST or None, actor=actor, programme=programme)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        with refusals_at(form):
            added, present = services.add_offers(
                actor,
                occupations=list(given["occupations"]),
                levels=list(given.get("levels", ())),
                deliveries=given["deliveries"],
                fee=given["fee"],
                site=given["site"],
                start_pattern=given["start_pattern"],
            )
            _tell(request, added, present)
            return redirect("institution:offers")
    tabs = [
        Tab(row.name, f"{reverse('institution:offer_new')}?programme={row.pk}", active=row == programme)
        for row in programmes
    ]
    context = {"form": form, "tabs": tabs, "programme": programme}
    return render(request, "institution/offers/new.html", context)


def _tell(request: PortalRequest, added: list[Offer], present: list[Offer]) -> None:
    if added:
        messages.success(request, f"已新增 {len(added)} 个培训项目，报名单位现在可以选择。")
    if present:
        names = some_of(map(str, present), unit="")
        messages.warning(request, f"{len(present)} 个项目原来就有，没有改动：{names}。需要调整请点开修改。")


def _own(request: PortalRequest, pk: int) -> Offer:
    rows = Offer.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("occupation__programme", "level", "site"), pk=pk)


@require_http_methods(["GET", "POST"])
@portal_required("institution")
def offer(request: PortalRequest, pk: int) -> HttpResponse:
    """Change the fee, site and start pattern of one offer."""
    actor = request.actor
    row = _own(request, pk)
    initial = {"fee": row.fee, "site": row.site_id, "start_pattern": row.start_pattern}
    form = TermsForm(request.POST or None, actor=actor, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            services.set_offer(actor, row, **form.cleaned_data)
            return done(request, f"已保存“{row}”。", "institution:offers")
    return render(
        request, "institution/offers/detail.html", {"offer": row, "form": form, "badge": offer_badge(row)}
    )


@require_POST
@portal_required("institution", needs=Capability.OFFER)
def close(request: PortalRequest, pk: int) -> HttpResponse:
    """Take no more enrollments for an offer."""
    row = services.close_offer(request.actor, _own(request, pk))
    return done(request, f"“{row}”已停止报名，已提交的报名不受影响。", "institution:offers")


@require_POST
@portal_required("institution", needs=Capability.OFFER)
def reopen(request: PortalRequest, pk: int) -> HttpResponse:
    """Take enrollments for an offer again."""
    row = services.reopen_offer(request.actor, _own(request, pk))
    return done(request, f"“{row}”已重新开放报名。", "institution:offers")


urlpatterns = [
    path("offers/", Offers.as_view(), name="offers"),
    path("offers/new/", new_offers, name="offer_new"),
    path("offers/<int:pk>/", offer, name="offer"),
    path("offers/<int:pk>/close/", close, name="offer_close"),
    path("offers/<int:pk>/reopen/", reopen, name="offer_reopen"),
]
