"""学员报名, first steps: choose what and where, download the template, upload the roster (ENR-01, ENR-02)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from foundation.errors import why_not
from foundation.requests import PortalRequest
from foundation.sheets.refusals import Limits, refusal
from foundation.ui import tables
from foundation.ui.given import number_in
from foundation.ui.pages import ListFilter, SearchFilter
from foundation.ui.parts import steps_of
from foundation.ui.uploads import accepted, file_of, upload_view
from zhupei.catalog.models import Delivery, EnrollmentOrder, Offer
from zhupei.enrollment import admission, rules, services
from zhupei.enrollment.models import ImportState, RosterImport
from zhupei.enrollment.roster_files import INSTRUCTIONS, TEMPLATE_FILE_NAME
from zhupei.organizations.roles import Capability
from zhupei.portals.enterprise.lists import EnterpriseList
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.downloads import file_response


def open_offers(actor: Any) -> QuerySet[Offer]:
    """Offers of the institutions on offer to the organization that take rosters."""
    return (
        Offer.objects.visible_to(actor)
        .open()
        .filter(occupation__programme__enrollment_order=EnrollmentOrder.ENROLL_FIRST)
        .select_related("institution", "occupation__programme", "level", "site")
    )


class OfferTable(tables.ListTable):
    occupation = tables.TextColumn(
        "岗位", accessor="trade", sort=("occupation__position", "occupation__name")
    )
    delivery = tables.TextColumn("培训方式", accessor="get_delivery_display", sort="delivery")
    institution = tables.TextColumn(
        "培训机构", accessor="institution__name", sub="institution__strengths", sort="institution__name"
    )
    fee = tables.MoneyColumn("收费（元/人）", sort="fee")
    site = tables.TextColumn("测试地点", accessor="site__name", sub="site__address")
    start = tables.TextColumn("开班安排", accessor="start_pattern")


class OfferFilter(ListFilter):
    occupation = django_filters.ChoiceFilter(label="岗位", empty_label="全部岗位")
    delivery = django_filters.ChoiceFilter(
        label="培训方式", choices=Delivery.choices, empty_label="线上和线下"
    )
    institution = django_filters.ChoiceFilter(label="培训机构", empty_label="全部机构")
    q = SearchFilter(["occupation__name__icontains", "institution__name__icontains"], label="搜索岗位或机构")

    def __init__(self, *args: Any, actor: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, actor=actor, **kwargs)
        offers = open_offers(actor)
        trades = offers.order_by("occupation__position", "occupation__name")
        self.choose_from(trades, occupation=("occupation", "occupation__name"))
        by_name = offers.order_by("institution__name")
        self.choose_from(by_name, institution=("institution", "institution__name"))


class Choose(EnterpriseList):
    """新建报名: which occupation, where, online or on site. `?offer=` (from the comparison) goes on at once."""

    page_title = "新建报名：选择岗位和培训机构"
    template_name = "enterprise/enroll/choose.html"
    table_class = OfferTable
    filterset_class = OfferFilter
    order_by = ("occupation__position", "occupation__name", "institution__name", "delivery")
    row_url = "enterprise:enroll_offer"
    exportable = False
    unit = "个项目"
    empty_title = "目前没有可以报名的培训项目"
    empty_text = "本单位可选的培训机构还没有开放报名的项目，请稍后再来，或联系培训机构。"

    def get(self, request: PortalRequest, *args: Any, **kwargs: Any) -> Any:
        offer = number_in(request.GET.get("offer", ""))
        if offer is not None:
            return redirect("enterprise:enroll_offer", offer)
        return super().get(request, *args, **kwargs)

    def queryset(self) -> QuerySet[Offer]:
        return open_offers(self.actor)

    def extra_context(self) -> dict[str, Any]:
        return {"steps": steps_of(rules.STEPS, 0)}


@portal_required("enterprise", needs=Capability.ENROLL)
@require_safe
def offer(request: PortalRequest, pk: int) -> HttpResponse:
    """The chosen offer: template, drop zone, what was uploaded and not confirmed yet."""
    actor = request.actor
    chosen = _offer(actor, pk)
    context = {
        "offer": chosen,
        "closed": why_not(admission.check_offer, actor, chosen),
        "steps": steps_of(rules.STEPS, 0),
        "upload_url": reverse("enterprise:roster_upload", args=[pk]),
        "single_url": reverse("enterprise:enroll_single", args=[pk]),
        **roster_facts(RosterImport.objects.visible_to(actor)),
    }
    return render(request, "enterprise/enroll/offer.html", context)


def roster_facts(rosters: QuerySet[RosterImport]) -> dict[str, Any]:
    """What stands around the drop zone: how to fill in a roster, and which of `rosters` are not confirmed yet."""
    waiting = rosters.filter(state=ImportState.OPEN).defer("rows")
    return {
        "waiting": waiting.select_related("offer__occupation", "offer__level")[:5],
        "instructions": INSTRUCTIONS,
        "max_mb": Limits().file_bytes // (1024 * 1024),
    }


@portal_required("enterprise", needs=Capability.ENROLL)
@require_POST
def upload(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a roster for the offer."""
    return take_roster(request, partial(services.start_roster, request.actor, _offer(request.actor, pk)))


@upload_view
def take_roster(request: PortalRequest, start: Callable[[str, bytes], RosterImport]) -> HttpResponse:
    """Take a roster that `start` reads by name and content; answers where its preview is, or why it is refused."""
    file = file_of(request, "请选择填好的名单文件。")
    if (file.size or 0) > Limits().file_bytes:
        raise refusal("too_large")
    roster = start(file.name or "名单", file.read())
    return accepted(
        "已读取，正在打开核对页面…", id=roster.pk, url=reverse("enterprise:roster", args=[roster.pk])
    )


@portal_required("enterprise")
@require_safe
def template(request: PortalRequest) -> HttpResponse:
    """报名汇总表 to fill in, the work unit filled down."""
    return file_response(services.roster_template(request.actor.body), TEMPLATE_FILE_NAME)


def _offer(actor: Any, pk: int) -> Offer:
    rows = Offer.objects.visible_to(actor).select_related(
        "institution", "occupation__programme", "level", "site"
    )
    return get_object_or_404(rows, pk=pk)


urlpatterns = [
    path("enroll/new/", Choose.as_view(), name="enroll"),
    path("enroll/new/<int:pk>/", offer, name="enroll_offer"),
    path("enroll/new/<int:pk>/upload/", upload, name="roster_upload"),
    path("enroll/template.xlsx", template, name="roster_template"),
]
