"""考场记录: everything that happened in an exam room, filtered, exported (EXM-06)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path
from django.utils import timezone
from django.utils.decorators import method_decorator

from foundation.ui import tables
from foundation.ui.pages import ListFilter, ListPage, SearchFilter
from zhupei.exam.hall.models import EventKind, ExamEvent
from zhupei.portals.institution.views.invigilation import TONES, Door, find_room


class SecondColumn(tables.MinuteColumn):
    """A time to the second."""

    def render(self, value: Any) -> str:
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"


class EventTable(tables.ListTable):
    at = SecondColumn("时间", sort=True)
    seat = tables.TextColumn("座位", accessor="candidate__seat_label", width=8)
    name = tables.TextColumn("姓名", accessor="candidate__enrollment__name", width=10)
    ticket = tables.TextColumn("准考证号", accessor="candidate__ticket_number", width=20)
    kind = tables.BadgeColumn(
        "事件", badge=lambda row: (TONES.get(EventKind(row.kind), "mute"), row.get_kind_display())
    )
    detail = tables.TextColumn("说明", width=40)
    who = tables.TextColumn("操作人", accessor="actor_label", width=24)


class EventFilter(ListFilter):
    kind = django_filters.ChoiceFilter(choices=EventKind.choices, label="事件", empty_label="全部")
    q = SearchFilter(
        ["candidate__enrollment__name__icontains", "candidate__ticket_number__icontains"],
        label="姓名或准考证号",
    )


@method_decorator(Door, name="dispatch")
class RoomEvents(ListPage):
    """考场记录: everything that happened to the people of the room."""

    page_title = "考场记录"
    template_name = "institution/invigilation/events.html"
    table_class = EventTable
    filterset_class = EventFilter
    order_by = "-at"
    empty_icon = "history"
    empty_title = "还没有记录"
    empty_text = "考生登录机位以后，登录、放行、离开窗口、交卷等都会记在这里。"

    def queryset(self) -> QuerySet[ExamEvent]:
        self.room = find_room(self.request, self.kwargs["pk"])
        self.export_name = f"{self.room.session.plan.name}{self.room}记录"
        rows: QuerySet[ExamEvent] = ExamEvent.objects.filter(candidate__exam_room=self.room)
        return rows.select_related("candidate__enrollment", "candidate__exam_room")

    def extra_context(self) -> dict[str, Any]:
        return {"room": self.room, "plan": self.room.session.plan, "session": self.room.session}


urlpatterns = [path("invigilation/<int:pk>/events/", RoomEvents.as_view(), name="exam_room_events")]
