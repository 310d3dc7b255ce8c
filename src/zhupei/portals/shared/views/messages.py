"""The inbox of every portal (NTF-01)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from foundation.messages import services
from foundation.messages.models import Message
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import BulkAction, ListFilter, ListPage, SearchFilter
from zhupei.portals.shared.access import safe_next, signed_in


class TitleColumn(tables.TextColumn):
    """Unread ones in bold."""

    def render(self, value: Any, record: Any) -> Any:
        title = value if record.read_at else format_html("<b>{}</b>", value)
        return format_html('{}<span class="sub">{}</span>', title, record.body)


class MessageTable(tables.ListTable):
    title = TitleColumn("消息")
    state = tables.BadgeColumn(
        "状态", badge=lambda row: ("mute", "已读") if row.read_at else ("wait", "未读"), accessor="read_at"
    )
    created_at = tables.MinuteColumn("时间", sort=True)


class MessageFilter(ListFilter):
    q = SearchFilter(["title__icontains", "body__icontains"], label="标题或内容")
    unread = django_filters.ChoiceFilter(
        label="状态", choices=[("1", "未读"), ("0", "已读")], method="by_unread", empty_label="全部"
    )

    def by_unread(self, rows: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        return rows.filter(read_at__isnull=value == "1")


def mark_read(request: PortalRequest, rows: QuerySet[Message]) -> str:
    """Bulk act of the list."""
    keys = list(rows.values_list("pk", flat=True))
    count = services.mark_read(request.actor, keys)
    return f"已将 {count} 条消息标为已读。"


@method_decorator(signed_in, name="dispatch")
class Inbox(ListPage):
    """All messages of the user and of the body he acts for."""

    page_title = "消息"
    table_class = MessageTable
    filterset_class = MessageFilter
    order_by = "-created_at"
    row_url = "shared:message"
    exportable = False
    empty_icon = "bell"
    empty_title = "还没有消息"
    empty_text = "审核结果、缴费确认等通知会出现在这里，同时发短信。"
    bulk_actions = [BulkAction("read", "标为已读", mark_read)]

    def queryset(self) -> QuerySet[Message]:
        return Message.objects.visible_to(self.request.actor)

    def get(self, request: PortalRequest, *args: Any, **kwargs: Any) -> Any:
        if request.actor.portal == "learner":
            return redirect("learner:messages")
        return super().get(request, *args, **kwargs)


@require_safe
@signed_in
def message(request: PortalRequest, pk: int) -> HttpResponse:
    """Read one: on to what it is about, or to its full text."""
    actor = request.actor
    found = get_object_or_404(Message.objects.visible_to(actor), pk=pk)
    services.mark_read(actor, [found.pk])
    if safe_next(request, found.url):
        return HttpResponseRedirect(found.url)
    return render(request, "shared/message.html", {"message_": found, "inbox": reverse("shared:messages")})
