"""监考: the exam rooms of today and later, a room live, what is done to people in it, and its record (EXM-03, EXM-06)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import django_filters
from django.contrib import messages
from django.db.models import Case, Count, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.scoping import Actor
from foundation.ui import tables
from foundation.ui.given import keys_in, number_in
from foundation.ui.pages import ListFilter, ListPage, SearchFilter, Tabs
from foundation.ui.parts import place_in
from zhupei.assessment.models import Candidate, ExamRoom
from zhupei.catalog.models import Occupation
from zhupei.exam.hall import live
from zhupei.exam.hall.models import FINISHED, HELD, AttemptState, Entry, EventKind, attempt_of
from zhupei.exam.hall.services import admission, invigilation
from zhupei.organizations.roles import Capability
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done

TONES = {
    EventKind.LEFT: "wait",
    EventKind.OFFLINE: "wait",
    EventKind.MACHINE: "wait",
    EventKind.REFUSED: "bad",
    EventKind.VOIDED: "bad",
    EventKind.ADMITTED: "ok",
    EventKind.SUBMITTED: "ok",
    EventKind.AUTO_SUBMITTED: "ok",
    EventKind.ONLINE: "ok",
    EventKind.RETURNED: "ok",
}
LATEST_EVENTS = 30
# Seconds between two looks at a room; where many are watched at once the examinees' saves come first.
EVERY_S, EVERY_S_OF_MANY, MANY_ROOMS = 3, 5, 20
VERIFIED = "已人工核对身份证和本人"
Door = portal_required("institution", needs=Capability.INVIGILATE)


def rooms_of(actor: Actor) -> QuerySet[ExamRoom]:
    """The rooms of exams that are held; before that there is nothing to invigilate."""
    rows: QuerySet[ExamRoom] = ExamRoom.objects.visible_to(actor)
    return rows.filter(session__plan__stage__in=HELD)


# --- the list of rooms


class TimeColumn(tables.Column):
    """11-21 09:00–11:00."""

    css = "mono"
    export_width = 26.0

    def render(self, record: ExamRoom) -> str:
        start, end = (timezone.localtime(at) for at in (record.session.starts_at, record.session.ends_at))
        return f"{start:%m-%d %H:%M}–{end:%H:%M}"

    def cell(self, value: Any, record: ExamRoom) -> str:
        return f"{timezone.localtime(record.session.starts_at):%Y}-{self.render(record)}"


def _count_badge(tone: str, name: str) -> Callable[[ExamRoom], Any]:
    return lambda row: (tone, f"{getattr(row, name)} 人") if getattr(row, name) else None


class RoomTable(tables.ListTable):
    room = tables.TextColumn("考场", accessor="number", width=14)
    when = TimeColumn("时间", accessor="session__starts_at", sort=True)
    plan = tables.TextColumn("考核计划", accessor="session__plan__name", sub="session", width=24)
    occupation = tables.TextColumn("岗位（工种）", accessor="trade", width=18)
    people = tables.NumberColumn("考生")
    waiting = tables.BadgeColumn("待放行", badge=_count_badge("wait", "waiting"))
    answering = tables.NumberColumn("答题中")
    done = tables.NumberColumn("已交卷")
    voided = tables.BadgeColumn("作废", badge=_count_badge("bad", "voided"))

    def render_room(self, record: ExamRoom) -> str:
        """Its number and where it is."""
        return format_html('{}<span class="sub">{}</span>', record, record.room.name)

    def value_room(self, record: ExamRoom) -> str:
        """In one line."""
        return f"{record}（{record.room.name}）"


class RoomFilter(ListFilter):
    occupation = django_filters.ModelChoiceFilter(queryset=Occupation.objects.none(), label="岗位（工种）")
    q = SearchFilter(["session__plan__name__icontains", "room__name__icontains"], label="考核计划或机房")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        used = rooms_of(kwargs["actor"]).order_by().values("occupation")
        self.filters["occupation"].queryset = Occupation.objects.filter(pk__in=used)


def _people_in(*states: str) -> Count:
    wanted = Q(candidates__attempt__state__in=states)
    return Count("candidates", filter=wanted, distinct=True)


@method_decorator(Door, name="dispatch")
class Rooms(ListPage):
    page_title = "监考"
    table_class = RoomTable
    filterset_class = RoomFilter
    tabs_field = "phase"
    tabs = (
        Tabs("today", "今天", ["today"]),
        Tabs("coming", "以后", ["coming"]),
        Tabs("past", "以前", ["past"]),
    )
    default_tab = "today"
    order_by = ("session__starts_at", "session", "number")
    row_url = "institution:exam_room"
    unit = "个考场"
    empty_icon = "device-desktop"
    empty_title = "没有考场"
    empty_text = "考核计划审核通过并确认线上考核以后，考场会列在这里。"

    def queryset(self) -> QuerySet[ExamRoom]:
        midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
        waiting = live.waiting_entries().filter(candidate__exam_room=OuterRef("pk")).order_by()
        waiting_count = waiting.values("candidate__exam_room").annotate(n=Count("pk")).values("n")
        return (
            rooms_of(self.request.actor)
            .select_related("session__plan", "room", "occupation", "level")
            .annotate(
                phase=Case(
                    When(session__ends_at__lt=midnight, then=Value("past")),
                    When(session__starts_at__gte=midnight + dt.timedelta(days=1), then=Value("coming")),
                    default=Value("today"),
                ),
                people=Count("candidates", distinct=True),
                answering=_people_in(AttemptState.IN_PROGRESS),
                done=_people_in(*FINISHED),
                voided=_people_in(AttemptState.VOIDED),
                waiting=Coalesce(Subquery(waiting_count), 0),
            )
        )


# --- one room, live


def find_room(request: PortalRequest, pk: int) -> ExamRoom:
    rows = rooms_of(request.actor).select_related("session__plan", "room__site", "occupation", "level")
    room: ExamRoom = get_object_or_404(rows, pk=pk)
    return room


def _sitter(request: PortalRequest, pk: int) -> Candidate:
    actor = request.actor
    rows = Candidate.objects.visible_to(actor).filter(exam_room__in=rooms_of(actor))
    found = rows.select_related("plan", "enrollment", "exam_room__session", "exam_room__room", "attempt")
    candidate: Candidate = get_object_or_404(found, pk=pk)
    return candidate


def _room_url(room: int | None, seat: int | None = None) -> str:
    target = reverse("institution:exam_room", args=[room])
    return f"{target}?seat={seat}" if seat else target


@never_cache
@require_safe
@Door
def exam_room(request: PortalRequest, pk: int) -> HttpResponse:
    """The seat map, who needs a hand, and with `?seat=` one person."""
    room = find_room(request, pk)
    near = rooms_of(request.actor).filter(session=room.session).order_by("number")
    place = place_in(list(near.values_list("pk", flat=True)), room.pk)
    context = _now(request, room) | {
        "previous": place.previous,
        "next": place.next,
        "every": EVERY_S if place.total <= MANY_ROOMS else EVERY_S_OF_MANY,
    }
    return render(request, "institution/invigilation/room.html", context)


@never_cache
@require_safe
@Door
def exam_room_live(request: PortalRequest, pk: int) -> HttpResponse:
    """What changes of the screen, asked for every few seconds."""
    context = _now(request, find_room(request, pk))
    return render(request, "institution/invigilation/_live.html", context)


def _now(request: PortalRequest, room: ExamRoom) -> dict[str, Any]:
    now = timezone.now()
    seats = live.room_state(room, now)
    waiting = [(seat.waiting.signed_in_at, seat) for seat in seats if seat.waiting is not None]
    wanted = request.GET.get("seat", "")
    chosen = next((seat for seat in seats if seat.candidate and str(seat.candidate.pk) == wanted), None)
    return {
        "room": room,
        "occupation": room.trade,
        "plan": room.session.plan,
        "session": room.session,
        "now": now,
        "seats": seats,
        "counts": live.counts(seats),
        "silent": [seat for seat in seats if seat.is_silent],
        "away": [seat for seat in seats if seat.away_since],
        "waiting": [seat for _, seat in sorted(waiting, key=lambda pair: pair[0])],
        "chosen": chosen,
        "most_minutes": invigilation.MOST_AT_ONCE,
    } | (_panel(chosen, room, now) if chosen else {})


def _panel(seat: live.SeatView, room: ExamRoom, now: dt.datetime) -> dict[str, Any]:
    """Data, record and the acts that are possible for one person."""
    candidate, state = seat.candidate, seat.state
    assert candidate is not None
    has_opened = now >= room.session.starts_at - admission.OPENS_BEFORE
    may_move = state not in {live.SeatState.SUBMITTED, live.SeatState.VOIDED}
    return {
        "events": [
            {
                "at": event.at,
                "actor": event.actor_label.split(" · ")[-1],
                "action": event.get_kind_display(),
                "remark": event.detail,
                "tone": TONES.get(EventKind(event.kind), "mute"),
            }
            for event in candidate.events.order_by("-at", "-pk")[:LATEST_EVENTS]
        ],
        "may_admit_ahead": state is live.SeatState.EXPECTED and has_opened and now < room.session.ends_at,
        "may_extend": state is live.SeatState.ANSWERING and (seat.minutes_left or 0) > 0,
        "may_move": may_move,
        "may_void": state is not live.SeatState.VOIDED,
        "rooms": _rooms_to_move_to(room) if may_move else [],
    }


def _rooms_to_move_to(room: ExamRoom) -> list[ExamRoom]:
    same = ExamRoom.objects.filter(session=room.session, occupation=room.occupation, level=room.level)
    return list(same.select_related("room").order_by("number"))


# --- acts


def _number(request: PortalRequest, name: str) -> int:
    return number_in(request.POST.get(name, "").strip()) or 0


def _posted_entry(request: PortalRequest, candidate: Candidate) -> Entry | None:
    """The sign-in that was on the screen when the button was pressed."""
    keys = keys_in(request.POST.getlist("entry"))
    if not keys:
        return None
    entry: Entry = get_object_or_404(Entry.objects.filter(candidate=candidate), pk=keys[0])
    return entry


@require_POST
@Door
def sitter_admit(request: PortalRequest, pk: int) -> HttpResponse:
    """放行: the machine that waits, or ahead of the sign-in."""
    candidate = _sitter(request, pk)
    entry = _posted_entry(request, candidate)
    note = request.POST.get("note", "").strip()
    if entry is None and not note:
        raise DomainError("no_reason", "请填写放行说明，例如怎样核对了本人。")
    admission.admit(request.actor, candidate, note=note or VERIFIED, entry=entry)
    stays = None if request.POST.get("from") == "list" else pk
    return done(request, f"{candidate.enrollment.name}已放行。", _room_url(candidate.exam_room_id, stays))


@require_POST
@Door
def sitter_refuse(request: PortalRequest, pk: int) -> HttpResponse:
    """拒绝 the machine that waits, with the reason."""
    candidate = _sitter(request, pk)
    entry = _posted_entry(request, candidate)
    if entry is None:
        raise DomainError("nobody", "没有等待放行的机位，请刷新页面查看最新情况。")
    admission.refuse_entry(request.actor, entry, request.POST.get("reason", ""))
    sentence = f"已拒绝{candidate.enrollment.name}入场，原因已记录。"
    return done(request, sentence, _room_url(candidate.exam_room_id))


@require_POST
@Door
def exam_room_admit(request: PortalRequest, pk: int) -> HttpResponse:
    """全部放行: those who were on the screen and still wait; who cannot come in is named."""
    room = find_room(request, pk)
    actor = request.actor
    shown = keys_in(request.POST.getlist("entry"))
    waiting = live.waiting_entries().filter(candidate__exam_room=room, pk__in=shown)
    admitted, refused = 0, []
    for entry in waiting.select_related("candidate__plan", "candidate__enrollment"):
        try:
            admission.admit(actor, entry.candidate, note=VERIFIED, entry=entry)
            admitted += 1
        except DomainError as refusal:
            refused.append(f"{entry.candidate.enrollment.name}：{refusal.message}")
    if admitted:
        messages.success(request, f"已放行 {admitted} 人。")
    if refused:
        messages.error(request, "没有放行：" + "；".join(refused))
    if not admitted and not refused:
        messages.info(request, "没有等待放行的考生。")
    return redirect(_room_url(pk))


@require_POST
@Door
def exam_room_extend(request: PortalRequest, pk: int) -> HttpResponse:
    """延长时间 of the whole room."""
    room, minutes = find_room(request, pk), _number(request, "minutes")
    people = invigilation.extend_room(request.actor, room, minutes, request.POST.get("reason", ""))
    return done(request, f"本考场 {people} 人延长 {minutes} 分钟，已生效。", _room_url(pk))


@require_POST
@Door
def sitter_extend(request: PortalRequest, pk: int) -> HttpResponse:
    """延长时间 of one person."""
    candidate, minutes = _sitter(request, pk), _number(request, "minutes")
    attempt = attempt_of(candidate)
    if attempt is None:
        raise DomainError("not_in", "考生还没有入场，不能延长时间。")
    attempt = invigilation.extend(request.actor, attempt, minutes, request.POST.get("reason", ""))
    end = timezone.localtime(attempt.ends_at)
    sentence = f"{candidate.enrollment.name}延长 {minutes} 分钟，考试到 {end:%H:%M} 结束。"
    return done(request, sentence, _room_url(candidate.exam_room_id, pk))


@require_POST
@Door
def sitter_move(request: PortalRequest, pk: int) -> HttpResponse:
    """更换座位."""
    candidate = _sitter(request, pk)
    assert candidate.exam_room_id is not None
    target = find_room(request, _number(request, "room") or candidate.exam_room_id)
    seat, reason = _number(request, "seat"), request.POST.get("reason", "")
    other = invigilation.move_seat(request.actor, candidate, target, seat, reason)
    name = candidate.enrollment.name
    sentence = (
        f"{name}与{other.enrollment.name}已互换座位。"
        if other is not None
        else f"{name}已换到 {candidate.seat_label}，请考生在新座位重新登录。"
    )
    return done(request, sentence, _room_url(target.pk, pk))


@require_POST
@Door
def sitter_void(request: PortalRequest, pk: int) -> HttpResponse:
    """作废, as cheating or for another reason."""
    candidate = _sitter(request, pk)
    kind, reason = request.POST.get("kind", ""), request.POST.get("reason", "")
    invigilation.void(request.actor, candidate, kind, reason)
    sentence = f"{candidate.enrollment.name}的考试已作废，原因已记录。"
    return done(request, sentence, _room_url(candidate.exam_room_id, pk))


urlpatterns = [
    path("invigilation/", Rooms.as_view(), name="invigilation"),
    path("invigilation/<int:pk>/", exam_room, name="exam_room"),
    path("invigilation/<int:pk>/live/", exam_room_live, name="exam_room_live"),
    path("invigilation/<int:pk>/admit/", exam_room_admit, name="exam_room_admit"),
    path("invigilation/<int:pk>/extend/", exam_room_extend, name="exam_room_extend"),
    path("invigilation/people/<int:pk>/admit/", sitter_admit, name="sitter_admit"),
    path("invigilation/people/<int:pk>/refuse/", sitter_refuse, name="sitter_refuse"),
    path("invigilation/people/<int:pk>/extend/", sitter_extend, name="sitter_extend"),
    path("invigilation/people/<int:pk>/move/", sitter_move, name="sitter_move"),
    path("invigilation/people/<int:pk>/void/", sitter_void, name="sitter_void"),
]
