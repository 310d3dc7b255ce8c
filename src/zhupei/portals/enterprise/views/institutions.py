"""培训机构: what the institutions on offer ask, where and how, in one list and side by side (ORG-09, ORG-13)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlencode

import django_filters
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import BulkAction, ListFilter, SearchFilter
from foundation.ui.parts import CompareRow
from foundation.ui.templatetags.ui import badge_html, money
from zhupei.catalog import queries
from zhupei.catalog.models import Delivery, Offer
from zhupei.organizations.models import Institution, Organization
from zhupei.portals.enterprise.lists import EnterpriseList
from zhupei.portals.shared.access import portal_required
from zhupei.regions.queries import with_city, within

MOST_COMPARED = 4
BY_PLAN = "按培训计划报名"


def choice_words(organization: Organization) -> str:
    """Which institutions the organization can choose from, and why (ORG-09)."""
    supervisor = organization.supervisor
    if supervisor.is_provincial:
        return f"本单位由{supervisor}审核，属于省属单位，只能选择省属培训机构。"
    return f"本单位由{supervisor}审核，可以选择{supervisor.region}的培训机构和省属培训机构。"


def affiliation(institution: Institution) -> str:
    """省属, or the city it belongs to."""
    return "省属" if institution.is_provincial else f"{institution.supervisor.region}属"


def enroll_button(offer: Offer, css: str = "btn btn-sm") -> SafeString:
    """On to the enrollment with this offer chosen; a programme with plans is enrolled for by plan."""
    if offer.occupation.programme.is_plan_first:
        query = urlencode({"institution": offer.institution_id, "occupation": offer.occupation_id})
        url = f"{reverse('enterprise:plans')}?{query}"
        label = f"{BY_PLAN}：{offer.institution}，{offer}"
        return format_html('<a class="{}" href="{}" aria-label="{}">看培训计划</a>', css, url, label)
    url = f"{reverse('enterprise:enroll')}?offer={offer.pk}"
    label = f"选择报名：{offer.institution}，{offer}"
    return format_html('<a class="{}" href="{}" aria-label="{}">选择报名</a>', css, url, label)


# --- the list


class PlaceColumn(tables.TextColumn):
    """The institution, and below it whose it is and where."""

    def render(self, value: Any, record: Offer) -> Any:
        institution = record.institution
        place = f"{affiliation(institution)} · {institution.region.full_name.removeprefix('浙江省')}"
        return format_html('{}<span class="sub">{}</span>', institution.name, place)


class ActColumn(tables.Column):
    """The button of a row."""

    def render(self, record: Offer) -> SafeString:
        return enroll_button(record)


class OfferTable(tables.ListTable):
    institution = PlaceColumn("培训机构", accessor="institution__name", sort=True, width=28, css="roomy")
    occupation = tables.TextColumn("岗位（工种）", accessor="occupation__name", sub="level__name")
    delivery = tables.TextColumn("培训方式", accessor="get_delivery_display", sort="delivery")
    fee = tables.MoneyColumn("收费标准", sort=True)
    strengths = tables.TextColumn("培训特色", accessor="institution__strengths", default="", width=30)
    site = tables.TextColumn(
        "测试地点", accessor="site__name", sub="site__address", default="未填写", width=30, css="roomy"
    )
    start_pattern = tables.TextColumn("开班安排", default="", width=20)
    act = ActColumn("报名", empty_values=(), export=False)

    def value_site(self, record: Offer) -> str:
        return f"{record.site.name}（{record.site.address}）" if record.site else ""


class OfferFilter(ListFilter):
    """Choices hold only what is on offer; they are read by one query."""

    occupation = django_filters.ChoiceFilter(
        label="岗位（工种）", field_name="occupation", empty_label="全部"
    )
    programme = django_filters.ChoiceFilter(
        label="培训类别", field_name="occupation__programme", empty_label="全部"
    )
    delivery = django_filters.ChoiceFilter(label="培训方式", choices=Delivery.choices, empty_label="全部")
    city = django_filters.ChoiceFilter(label="所在城市", method="in_city", empty_label="全部")
    fee = django_filters.NumberFilter(label="收费不超过（元）", lookup_expr="lte", min_value=0)
    q = SearchFilter(
        ["institution__name__icontains", "institution__strengths__icontains", "site__address__icontains"],
        label="机构、特色或地点",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offers = queries.offers_to_choose(self.actor).select_related(None)
        self.choose_from(
            with_city(offers, "institution__region").order_by(
                "occupation__programme__position", "occupation__position", "institution__region__code"
            ),
            occupation=("occupation", "occupation__name"),
            programme=("occupation__programme", "occupation__programme__name"),
            city=("city", "city_name"),
        )
        self.form.fields["fee"].widget.attrs |= {"step": "10", "inputmode": "numeric"}

    def in_city(self, rows: QuerySet[Offer], name: str, value: str) -> QuerySet[Offer]:
        return rows.filter(within("institution__region", value))


def compare_picked(request: PortalRequest, rows: QuerySet[Any]) -> HttpResponse:
    """From picked rows to the comparison of their institutions."""
    picked = list(dict.fromkeys(rows.values_list("institution", flat=True)))
    if len(picked) > MOST_COMPARED:
        messages.warning(request, f"一次最多比较 {MOST_COMPARED} 家机构，已取前 {MOST_COMPARED} 家。")
    return HttpResponseRedirect(compare_url(picked[:MOST_COMPARED], request.GET.get("occupation", "")))


def compare_url(institutions: Iterable[int], occupation: str = "") -> str:
    """The address of a comparison."""
    query: list[tuple[str, Any]] = [("institution", pk) for pk in institutions]
    if occupation:
        query.append(("occupation", occupation))
    return f"{reverse('enterprise:institutions_compare')}?{urlencode(query)}"


class Offers(EnterpriseList):
    page_title = "培训机构"
    template_name = "enterprise/institutions/list.html"
    table_class = OfferTable
    filterset_class = OfferFilter
    order_by = (
        "occupation__programme__position",
        "occupation__position",
        "level__position",
        "fee",
        "institution__name",
    )
    bulk_actions = [BulkAction("compare", "并排比较所选机构", compare_picked, tone="primary", icon="columns")]
    export_name = "培训机构收费比较"
    unit = "项"
    empty_icon = "school"
    empty_title = "还没有可以选择的培训项目"
    empty_text = "培训机构公布项目后会出现在这里。"

    def queryset(self) -> QuerySet[Offer]:
        return queries.offers_to_choose(self.actor)

    def row_url(self, row: Offer) -> str:
        return reverse("enterprise:institution", args=[row.institution_id])

    def extra_context(self) -> dict[str, Any]:
        return {
            "choice_words": choice_words(self.actor.body),
            "compare_url": reverse("enterprise:institutions_compare"),
        }


# --- one institution


@require_safe
@portal_required("enterprise")
def institution(request: PortalRequest, pk: int) -> HttpResponse:
    """Everything about one institution on offer."""
    actor = request.actor
    rows = Institution.objects.visible_to(actor)
    row = get_object_or_404(rows.select_related("supervisor__region", "region__parent"), pk=pk)
    offers = list(queries.offers_to_choose(actor).filter(institution=row).order_by(*Offers.order_by))
    context = {
        "institution": row,
        "affiliation": affiliation(row),
        "place": row.region.full_name,
        "sites": list(row.sites.order_by("name")),
        "offers": [(offer, enroll_button(offer)) for offer in offers],
        "compare_url": compare_url([row.pk]),
    }
    return render(request, "enterprise/institutions/detail.html", context)


# --- side by side


@require_safe
@portal_required("enterprise")
def compare(request: PortalRequest) -> HttpResponse:
    """Up to four institutions in columns: `?institution=1&institution=2&occupation=3`; `remove` takes one out."""
    actor = request.actor
    on_offer = list(
        Institution.objects.visible_to(actor)
        .select_related("supervisor__region", "region__parent")
        .prefetch_related("sites")
    )
    chosen = _chosen(request, on_offer)
    offers = list(queries.offers_to_choose(actor).order_by(*Offers.order_by))
    occupations = {str(offer.occupation_id): offer.occupation.name for offer in offers}
    wanted = request.GET.get("occupation", "")
    occupation = wanted if wanted in occupations else ""
    shown = [offer for offer in offers if not occupation or str(offer.occupation_id) == occupation]
    keys = [row.pk for row in chosen]
    context = {
        "heads": [_head(row, keys, occupation) for row in chosen],
        "rows": _rows(chosen, shown),
        "chosen": chosen,
        "others": [row for row in on_offer if row.pk not in keys],
        "slots": _slots(len(chosen), len(on_offer)),
        "most": MOST_COMPARED,
        "occupations": occupations,
        "occupation": occupation,
        "choice_words": choice_words(actor.body),
    }
    return render(request, "enterprise/institutions/compare.html", context)


def _chosen(request: PortalRequest, on_offer: Sequence[Institution]) -> list[Institution]:
    wanted = list(dict.fromkeys(request.GET.getlist("institution")))
    found = {str(row.pk): row for row in on_offer}
    return [found[key] for key in wanted if key in found][:MOST_COMPARED]


def _slots(chosen: int, on_offer: int) -> list[str]:
    """Labels of the boxes that add an institution: two to begin with, then one, none when full."""
    if not chosen:
        return ["第一家机构", "第二家机构"]
    return ["增加一家机构"] if chosen < min(MOST_COMPARED, on_offer) else []


def _head(row: Institution, keys: Sequence[int], occupation: str) -> SafeString:
    without = compare_url([key for key in keys if key != row.pk], occupation)
    return format_html(
        '<a href="{}">{}</a> <a class="sub" href="{}" aria-label="不比较{}">移除</a>',
        reverse("enterprise:institution", args=[row.pk]),
        row.name,
        without,
        row.name,
    )


def _rows(chosen: Sequence[Institution], offers: Sequence[Offer]) -> list[CompareRow]:
    """What is compared, in the order in which people decide: occupation and fee, mode, strengths, place."""
    of = {row.pk: [offer for offer in offers if offer.institution_id == row.pk] for row in chosen}
    facts: list[tuple[str, list[Any]]] = [
        ("培训方式", [_distinct(offer.get_delivery_display() for offer in of[row.pk]) for row in chosen]),
        ("培训特色", [row.strengths for row in chosen]),
        ("测试地点", [_sites(row, of[row.pk]) for row in chosen]),
        ("开班安排", [_distinct(offer.start_pattern for offer in of[row.pk]) for row in chosen]),
        ("所属", [affiliation(row) for row in chosen]),
        ("所在地", [row.region.full_name.removeprefix("浙江省") for row in chosen]),
        ("地址", [row.address for row in chosen]),
        ("咨询电话", [row.contact_phone for row in chosen]),
        ("收款开户行", [row.account_bank for row in chosen]),
    ]
    return [
        *_fee_rows(chosen, of),
        *(CompareRow(label, values, differs=False) for label, values in facts),
    ]


def _fee_rows(chosen: Sequence[Institution], of: dict[int, list[Offer]]) -> list[CompareRow]:
    """One row per trade that any of the institutions offers; the lowest fee is marked."""
    places = {
        offer.trade: (
            offer.occupation.programme.position,
            offer.occupation.position,
            offer.level.position if offer.level else 0,
        )
        for offers in of.values()
        for offer in offers
    }
    rows = []
    for trade in sorted(places, key=lambda trade: places[trade]):
        cells = [[offer for offer in of[row.pk] if offer.trade == trade] for row in chosen]
        fees = {offer.fee for cell in cells for offer in cell}
        lowest = min(fees) if len(fees) > 1 else None
        rows.append(CompareRow(str(trade), [_fees(cell, lowest) for cell in cells], differs=False))
    return rows


def _fees(offers: Sequence[Offer], lowest: Any) -> SafeString:
    if not offers:
        return format_html('<span class="quiet">{}</span>', "未开设")
    mark = badge_html(("ok", "最低"))
    return format_html_join(
        "",
        '<div class="compare-fee">{} <b>{}</b> {} {}</div>',
        (
            (
                offer.get_delivery_display(),
                money(offer.fee),
                enroll_button(offer, "link"),
                mark if offer.fee == lowest else "",
            )
            for offer in offers
        ),
    )


def _sites(row: Institution, offers: Sequence[Offer]) -> SafeString | str:
    """The sites of the offers shown, else all of the institution's."""
    sites = list(dict.fromkeys(offer.site for offer in offers if offer.site)) or list(row.sites.all())
    return format_html_join(
        "",
        "<div>{}<span class='sub'>{}{}</span></div>",
        ((site.name, site.address, f"，{site.seats} 个机位" if site.seats else "") for site in sites),
    )


def _distinct(words: Iterable[str]) -> str:
    return "、".join(dict.fromkeys(word for word in words if word))


urlpatterns = [
    path("institutions/", Offers.as_view(), name="institutions"),
    path("institutions/compare/", compare, name="institutions_compare"),
    path("institutions/<int:pk>/", institution, name="institution"),
]
