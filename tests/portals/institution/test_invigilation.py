"""监考 in the institution's portal: rooms, a room live, acts, the record (EXM-03, EXM-06)."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.portals.pressing import press, refused
from tests.zhupei.exam.rooms import Watched, sit
from zhupei.assessment.models import ExamRoom
from zhupei.demo.exam_hall import open_hall
from zhupei.exam.hall.models import Attempt, Entry, EventKind, ExamEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def watched(world: Any) -> Watched:
    hall = open_hall(4, admission="invigilator")
    return Watched(hall, world.actor(hall.plan.institution, role="examiner"))


@pytest.fixture
def examiner(watched: Watched, world: Any) -> Client:
    return world.client(watched.actor.user)


def at(name: str, key: int | None = None) -> str:
    return reverse(f"institution:{name}", args=[key] if key else [])


def text(response: Any) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def act(client: Client, name: str, key: int, **data: Any) -> str:
    here = at("exam_room", ExamRoom.objects.order_by("pk").values_list("pk", flat=True)[0])
    return text(press(client, here, at(name, key), data, follow=True))


def test_the_rooms_of_today_and_who_waits(watched: Watched, examiner: Client) -> None:
    """EXM-06: time, room, plan, figures; the menu counts who waits at a machine."""
    page = text(examiner.get(at("invigilation")))
    assert watched.hall.plan.name in page and "第 01 考场" in page and "监考<span" not in page
    Entry.objects.create(candidate=watched.people[0])
    page = text(examiner.get(at("invigilation")))
    assert '监考<span class="count" aria-label="1 件待办">' in page and "1 人" in page
    assert watched.hall.plan.name not in text(examiner.get(at("invigilation"), {"tab": "coming"}))
    other = open_hall(1, starts_at=timezone.now() - dt.timedelta(days=2))
    assert other.plan.name not in text(examiner.get(at("invigilation"), {"tab": "past"}))


def test_a_room_shows_its_seats_and_who_needs_a_hand(watched: Watched, examiner: Client, world: Any) -> None:
    """EXM-06: portraits, masked numbers, machine changes; the live part alone as well."""
    first, second = watched.people[:2]
    world.material(first.enrollment)
    sit(second)
    Entry.objects.create(candidate=first, address="10.0.0.7")
    Entry.objects.create(candidate=second)
    page = text(examiner.get(at("exam_room", watched.room.pk)))
    assert page.count('class="seat ') == 30 and "全部放行（已核对身份证）" in page and "换机" in page
    assert first.enrollment.id_number not in page and "10.0.0.7" in page and "?thumb=1" in page
    ExamEvent.objects.create(candidate=second, kind=EventKind.LEFT)
    assert "离开考试窗口，还没有回来" in text(examiner.get(at("exam_room", watched.room.pk)))
    part = text(examiner.get(at("exam_room_live", watched.room.pk), {"seat": first.pk}))
    assert "<html" not in part and part.count('class="seat ') == 30 and "放行（已核对身份证）" in part


def test_pages_take_few_queries(
    watched: Watched, examiner: Client, django_assert_max_num_queries: Any
) -> None:
    """PRF: the live part every few seconds, the pages now and then."""
    sit(watched.people[0])
    Entry.objects.create(candidate=watched.people[1])
    room, person = watched.room.pk, watched.people[0].pk
    with django_assert_max_num_queries(12):
        examiner.get(at("exam_room_live", room), {"seat": person})
    with django_assert_max_num_queries(18):
        examiner.get(at("exam_room", room))
    with django_assert_max_num_queries(14):
        examiner.get(at("invigilation"))


def test_admit_and_refuse(watched: Watched, examiner: Client) -> None:
    """EXM-03: one machine in, one sent away with a reason, both recorded."""
    first, second = watched.people[:2]
    come, sent = Entry.objects.create(candidate=first), Entry.objects.create(candidate=second)
    assert "已放行" in act(examiner, "sitter_admit", first.pk, entry=come.pk)
    assert Attempt.objects.get().entry == come
    assert "请填写拒绝" in act(examiner, "sitter_refuse", second.pk, entry=sent.pk, reason="")
    assert "已拒绝" in act(examiner, "sitter_refuse", second.pk, entry=sent.pk, reason="人证不符")
    sent.refresh_from_db()
    assert sent.refused_at is not None
    kinds = ExamEvent.objects.values_list("kind", "detail")
    assert set(kinds) == {(EventKind.ADMITTED, "已人工核对身份证和本人"), (EventKind.REFUSED, "人证不符")}


def test_admit_ahead_needs_a_note(watched: Watched, examiner: Client) -> None:
    """EXM-03: by hand with a reason, before anybody has signed in."""
    candidate = watched.people[0]
    assert "请填写放行说明" in act(examiner, "sitter_admit", candidate.pk)
    act(examiner, "sitter_admit", candidate.pk, note="身份证消磁")
    assert Attempt.objects.get().admission_note == "身份证消磁"


def test_all_who_were_on_the_screen_are_admitted(watched: Watched, examiner: Client) -> None:
    """EXM-03: not the one who came after the page was drawn."""
    entries = [Entry.objects.create(candidate=person) for person in watched.people]
    shown = [entry.pk for entry in entries[:3]]
    assert "已放行 3 人" in act(examiner, "exam_room_admit", watched.room.pk, entry=shown)
    entries[3].refresh_from_db()
    assert entries[3].admitted_at is None
    again = act(examiner, "exam_room_admit", watched.room.pk, entry=[*shown, "x"])
    assert "没有等待放行的考生" in again


def test_time_seat_and_void(watched: Watched, examiner: Client) -> None:
    """EXM-06: each from the panel, each with its sentence, wrong figures refused in words."""
    first, second = watched.people[:2]
    sit(first)
    room = watched.room
    assert "每次延长 1 至 60 分钟" in act(examiner, "sitter_extend", first.pk, minutes="99", reason="停电")
    assert "延长 10 分钟，考试到" in act(examiner, "sitter_extend", first.pk, minutes="10", reason="停电")
    assert "还没有入场" in act(examiner, "sitter_extend", second.pk, minutes="10", reason="停电")
    assert "本考场 1 人延长 5 分钟" in act(examiner, "exam_room_extend", room.pk, minutes="5", reason="停电")
    moved = act(examiner, "sitter_move", first.pk, room=room.pk, seat="9", reason="键盘故障")
    assert "已换到 01-09" in moved and "座位由 01-01 换到 01-09" in moved
    swapped = act(examiner, "sitter_move", first.pk, room=room.pk, seat="2", reason="键盘故障")
    assert "已互换座位" in swapped
    assert "请选择作废类别" in act(examiner, "sitter_void", first.pk, reason="夹带")
    assert "已作废" in act(examiner, "sitter_void", first.pk, kind="cheating", reason="夹带")
    assert "不能" in act(examiner, "sitter_void", first.pk, kind="void", reason="夹带")
    assert Attempt.objects.get().extra_minutes == 15


@pytest.mark.parametrize(
    ("button", "data", "sentence"),
    [
        ("sitter_admit", {}, "请填写放行说明"),
        ("sitter_refuse", {"reason": "人证不符"}, "没有等待放行的机位"),
        ("sitter_extend", {"minutes": "5", "reason": "停电"}, "还没有入场"),
        ("sitter_move", {"seat": "1", "reason": "键盘故障"}, "已经在这个座位上"),
        ("sitter_void", {"reason": "夹带"}, "请选择作废类别"),
        ("exam_room_extend", {"minutes": "5", "reason": "停电"}, "没有可以延长时间的考生"),
    ],
)
def test_a_refusal_is_said_where_the_button_stands(
    watched: Watched, examiner: Client, button: str, data: dict[str, Any], sentence: str
) -> None:
    """EXM-06: with the person still chosen; nothing is changed and nothing enters the record."""
    person, room = watched.people[0], watched.room
    here = f"{at('exam_room', room.pk)}?seat={person.pk}"
    there = at(button, room.pk if button == "exam_room_extend" else person.pk)
    assert sentence in refused(examiner, here, there, data)
    assert not ExamEvent.objects.exists() and not Attempt.objects.exists()


def test_a_move_that_is_refused_does_not_lead_to_the_other_room(watched: Watched, examiner: Client) -> None:
    """EXM-06: who could not be moved still sits here."""
    person, room = watched.people[0], watched.room
    other = ExamRoom.objects.create(
        session=room.session,
        room=room.room,
        occupation=room.occupation,
        level=room.level,
        number=99,
        period=(room.session.ends_at, room.session.ends_at + dt.timedelta(hours=1)),
    )
    here = f"{at('exam_room', room.pk)}?seat={person.pk}"
    data = {"room": other.pk, "seat": "1", "reason": ""}
    assert "请填写原因" in refused(examiner, here, at("sitter_move", person.pk), data)
    person.refresh_from_db()
    assert person.exam_room_id == room.pk


def test_the_record_is_listed_filtered_and_exported(watched: Watched, examiner: Client) -> None:
    """EXM-06: everything is logged, for the file as well."""
    first = watched.people[0]
    sit(first)
    act(examiner, "sitter_extend", first.pk, minutes="10", reason="停电")
    act(examiner, "sitter_void", first.pk, kind="void", reason="放弃考试")
    url = at("exam_room_events", watched.room.pk)
    page = text(examiner.get(url))
    assert "延长 10 分钟：停电" in page and "作废：放弃考试" in page and first.ticket_number in page
    assert "作废：放弃考试" not in text(examiner.get(url, {"kind": "extended"}))
    exported = examiner.get(url, {"format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(exported.streaming_content))).active  # type: ignore[attr-defined]
    assert sheet.max_row == 3 and "停电" in str(list(sheet.values))


def test_roles_and_strangers(watched: Watched, world: Any) -> None:
    """SEC-01, ORG-14: no entry and no page for finance, nothing at all for others."""
    room, person = watched.room.pk, watched.people[0].pk
    finance = world.client(world.user(watched.hall.plan.institution, role="finance"))
    stranger = world.client(world.institution())
    pages = [("exam_room", room), ("exam_room_live", room), ("exam_room_events", room)]
    posts = [("exam_room_admit", room), ("exam_room_extend", room)]
    posts += [(f"sitter_{name}", person) for name in ("admit", "refuse", "extend", "move", "void")]
    for name, key in pages:
        assert finance.get(at(name, key)).status_code == 409
        assert stranger.get(at(name, key)).status_code == 404
    for name, key in posts:
        data = {"kind": "void", "reason": "停电", "minutes": "5", "note": "核对", "seat": "9"}
        assert finance.post(at(name, key), data).status_code == 409
        assert stranger.post(at(name, key), data).status_code == 404
    assert "监考" not in text(finance.get(at("home")))
    assert not ExamEvent.objects.exists() and not Attempt.objects.exists()
