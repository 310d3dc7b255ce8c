"""通知公告: what an authority tells everybody on the public page."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter
from foundation.workflow.models import TransitionLog
from zhupei.organizations import services
from zhupei.organizations.models import Notice, NoticeState
from zhupei.organizations.roles import Capability, may
from zhupei.organizations.services.notices import NOTICE
from zhupei.portals.authority.forms import NoticeForm
from zhupei.portals.shared.access import allowed, portal_required
from zhupei.portals.shared.acts import done, refusals_at


class NoticeTable(tables.ListTable):
    title = tables.TextColumn("标题", width=50)
    authority = tables.TextColumn("发布部门", accessor="authority__name", width=28)
    published_at = tables.MinuteColumn("发布时间", sort=True)
    state = tables.StateColumn("状态")


class NoticeFilter(ListFilter):
    q = SearchFilter(["title__icontains"], label="标题")


@method_decorator(portal_required("authority"), name="dispatch")
class Notices(ListPage):
    page_title = "通知公告"
    table_class = NoticeTable
    filterset_class = NoticeFilter
    tabs_field = "state"
    order_by = "-created_at"
    row_url = "authority:notice"
    primary_action = ("写公告", "authority:notice_new", "plus")
    primary_allowed = allowed(Capability.NOTICE)
    exportable = False
    empty_icon = "speakerphone"
    empty_title = "还没有公告"
    empty_text = "发布后显示在网站首页，所有人都能看到。"

    def queryset(self) -> QuerySet[Notice]:
        return Notice.objects.visible_to(self.request.actor).select_related("authority")


def _found(request: PortalRequest, pk: int) -> Notice:
    rows = Notice.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("authority", "created_by"), pk=pk)


@require_http_methods(["GET", "POST"])
@portal_required("authority", needs=Capability.NOTICE)
def create(request: PortalRequest) -> HttpResponse:
    """Write one; 保存并发布 shows it at once."""
    actor = request.actor
    form = NoticeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            notice = services.write_notice(actor, form.cleaned_data["title"], form.cleaned_data["body"])
            if request.POST.get("act") == "publish":
                services.publish_notice(actor, notice)
            published = notice.state == NoticeState.PUBLISHED
            sentence = "已发布，网站首页可以看到。" if published else "已存为草稿，还没有发布。"
            return done(request, sentence, "authority:notice", pk=notice.pk)
    return render(request, "authority/notices/edit.html", {"form": form, "notice": None})


@require_safe
@portal_required("authority")
def notice(request: PortalRequest, pk: int) -> HttpResponse:
    actor = request.actor
    row = _found(request, pk)
    entries = [
        {
            "at": log.at,
            "actor": log.actor_label,
            "action": log.action_label if log.from_state else "写成草稿",
            "remark": log.remark,
        }
        for log in TransitionLog.objects.of(row).order_by("-at", "-pk")
    ]
    own = row.authority_id == actor.body.pk
    context = {
        "notice": row,
        "entries": entries,
        "may_edit": own and may(actor, Capability.NOTICE) and row.state != NoticeState.PUBLISHED,
        "may_publish": NOTICE.can(actor, row, "publish"),
        "may_withdraw": NOTICE.can(actor, row, "withdraw"),
    }
    return render(request, "authority/notices/detail.html", context)


@require_http_methods(["GET", "POST"])
@portal_required("authority", needs=Capability.NOTICE)
def edit(request: PortalRequest, pk: int) -> HttpResponse:
    row = _found(request, pk)
    form = NoticeForm(request.POST or None, initial={"title": row.title, "body": row.body})
    if request.method == "POST" and form.is_valid():
        actor = request.actor
        with refusals_at(form):
            services.edit_notice(actor, row, form.cleaned_data["title"], form.cleaned_data["body"])
            if request.POST.get("act") == "publish":
                services.publish_notice(actor, row)
            sentence = "已发布。" if request.POST.get("act") == "publish" else "已保存。"
            return done(request, sentence, "authority:notice", pk=pk)
    return render(request, "authority/notices/edit.html", {"form": form, "notice": row})


@require_POST
@portal_required("authority", needs=Capability.NOTICE)
def publish(request: PortalRequest, pk: int) -> HttpResponse:
    services.publish_notice(request.actor, _found(request, pk))
    return done(request, "已发布，网站首页可以看到。", "authority:notice", pk=pk)


@require_POST
@portal_required("authority", needs=Capability.NOTICE)
def withdraw(request: PortalRequest, pk: int) -> HttpResponse:
    services.withdraw_notice(request.actor, _found(request, pk), request.POST.get("reason", ""))
    return done(request, "已撤下，网站上不再显示。", "authority:notice", pk=pk)


urlpatterns = [
    path("notices/", Notices.as_view(), name="notices"),
    path("notices/new/", create, name="notice_new"),
    path("notices/<int:pk>/", notice, name="notice"),
    path("notices/<int:pk>/edit/", edit, name="notice_edit"),
    path("notices/<int:pk>/publish/", publish, name="notice_publish"),
    path("notices/<int:pk>/withdraw/", withdraw, name="notice_withdraw"),
]
