"""What the printouts of an assessment plan say, read once: the exam, its rooms, everybody with seat and ticket (ASM-04)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from foundation.documents.pictures import Picture, small_picture
from foundation.errors import DomainError
from foundation.identifiers import id_number
from zhupei.assessment.models import PUBLISHED_STAGES, AssessmentPlan, Candidate, ExamRoom
from zhupei.enrollment.models import Material, MaterialKind

# 25 × 35 mm at 220 dpi; some ten kilobytes each.
PORTRAIT_SIDE = 304
WEEKDAYS = "一二三四五六日"
ProgressCall = Callable[[int, int], None]


@dataclass(frozen=True)
class Examinee:
    """One candidate with the place that was drawn."""

    name: str
    gender: str
    id_number: str
    organization: str
    occupation: str
    ticket_number: str
    room: str
    computer_room: str
    seat: str
    seat_label: str
    session: str
    day: str
    time: str
    latest_arrival: str
    is_resit: bool
    portrait: Picture | None = None

    @property
    def masked_id(self) -> str:
        """3301**********1234."""
        return id_number.mask(self.id_number)


@dataclass(frozen=True)
class RoomFacts:
    """One exam room in one session with those who sit in it, by seat."""

    label: str
    number: str
    session: str
    day: str
    time: str
    latest_arrival: str
    computer_room: str
    occupation: str
    people: list[Examinee] = field(default_factory=list)

    @property
    def seats(self) -> str:
        """01–30."""
        if not self.people:
            return "—"
        return f"{self.people[0].seat}–{self.people[-1].seat}"


@dataclass(frozen=True)
class ExamFacts:
    """The exam as a whole. `rules` are sentences made of the plan's figures."""

    name: str
    programme: str
    institution: str
    phone: str
    site: str
    address: str
    rules: tuple[str, ...]
    practical: str
    rooms: list[RoomFacts]

    @property
    def people(self) -> list[Examinee]:
        """Everybody by room and seat."""
        return [person for room in self.rooms for person in room.people]


def exam_facts(
    plan: AssessmentPlan,
    candidates: QuerySet[Candidate] | None = None,
    *,
    portraits: bool = True,
    progress: ProgressCall | None = None,
) -> ExamFacts:
    """The plan's facts for everybody, or only for `candidates` (rooms without any of them are left out).

    Raises DomainError `not_published` before the plan is approved and `nobody` when there is nobody to print.
    Four queries.
    """
    if plan.stage not in PUBLISHED_STAGES:
        raise DomainError("not_published", "考核计划审核通过后，才能下载准考证、签到表和汇总表。")
    rows = plan.candidates.all() if candidates is None else candidates.filter(plan=plan)
    people = list(
        rows.filter(exam_room__isnull=False)
        .select_related("enrollment__organization", "enrollment__occupation", "enrollment__level")
        .order_by("exam_room__session__number", "exam_room__number", "seat_number")
    )
    if not people:
        raise DomainError("nobody", "没有可以打印的考生。")
    pictures = _portraits([row.enrollment_id for row in people], progress) if portraits else {}
    rooms: dict[int, RoomFacts] = {}
    used = ExamRoom.objects.filter(pk__in={row.exam_room_id for row in people})
    for room in used.select_related("session", "room", "occupation", "level").order_by(
        "session__number", "number"
    ):
        rooms[room.pk] = _room(plan, room)
    for row in people:
        assert row.exam_room_id is not None
        facts = rooms[row.exam_room_id]
        facts.people.append(_examinee(row, facts, pictures.get(row.enrollment_id)))
    return ExamFacts(
        name=plan.name,
        programme=plan.programme.name,
        institution=plan.institution.name,
        phone=plan.institution.contact_phone,
        site=plan.site.name,
        address=plan.site.address,
        rules=rules_of(plan),
        practical=practical_of(plan),
        rooms=list(rooms.values()),
    )


def rules_of(plan: AssessmentPlan) -> tuple[str, ...]:
    """考生须知, with the plan's figures."""
    return (
        "考生凭本准考证和本人有效居民身份证原件，开考前 30 分钟起入场，对号入座。",
        f"开考 {plan.late_minutes} 分钟后不得入场，按缺考处理。",
        "考试在电脑上进行。在考试页面输入准考证号和身份证号登录，核对姓名、岗位和座位，答案随时自动保存。",
        f"考试时长 {plan.exam_minutes} 分钟，开考 {plan.submission_minutes} 分钟后可以交卷，"
        "时间到系统自动交卷。",
        f"满分 {plan.full_mark} 分，{plan.pass_mark} 分合格。"
        + (f"另有实操考核，{plan.practical_pass_mark} 分合格。" if plan.has_practical else ""),
        "考试中离开考试页面会被记录。手机、资料不得带入座位；替考、作弊的，成绩作废，并按规定处理。",
    )


def practical_of(plan: AssessmentPlan) -> str:
    """2026-12-02 09:00，实训车间; empty without a practical part."""
    if not plan.has_practical or plan.practical_at is None:
        return ""
    return f"{timezone.localtime(plan.practical_at):%Y-%m-%d %H:%M}，{plan.practical_place}"


def _room(plan: AssessmentPlan, room: ExamRoom) -> RoomFacts:
    start, end = timezone.localtime(room.session.starts_at), timezone.localtime(room.session.ends_at)
    return RoomFacts(
        label=f"第 {room.number:02d} 考场",
        number=f"{room.number:02d}",
        session=str(room.session),
        day=f"{start:%Y-%m-%d}（星期{WEEKDAYS[start.weekday()]}）",
        time=f"{start:%H:%M}–{end:%H:%M}",
        latest_arrival=f"{start + dt.timedelta(minutes=plan.late_minutes):%H:%M}",
        computer_room=room.room.name,
        occupation=str(room.trade),
    )


def _examinee(row: Candidate, room: RoomFacts, portrait: Picture | None) -> Examinee:
    enrollment = row.enrollment
    seat = f"{row.seat_number or 0:02d}"
    return Examinee(
        name=enrollment.name,
        gender=enrollment.get_gender_display(),
        id_number=enrollment.id_number,
        organization=enrollment.organization.name,
        occupation=str(enrollment.trade),
        ticket_number=row.ticket_number or "",
        room=room.label,
        computer_room=room.computer_room,
        seat=seat,
        seat_label=f"{room.number}-{seat}",
        session=room.session,
        day=room.day,
        time=room.time,
        latest_arrival=room.latest_arrival,
        is_resit=row.is_resit,
        portrait=portrait,
    )


def _portraits(enrollments: list[Any], progress: ProgressCall | None) -> dict[int, Picture]:
    """Enrollment key → portrait in the size it is printed; whoever has none is left out."""
    rows = Material.objects.filter(enrollment__in=enrollments, kind=MaterialKind.PORTRAIT)
    found: dict[int, Picture] = {}
    for number, material in enumerate(rows.select_related("document"), start=1):
        try:
            with material.document.file.open("rb") as file:
                picture = small_picture(file.read(), max_side=PORTRAIT_SIDE)
        except FileNotFoundError:
            continue
        if picture is not None:
            found[material.enrollment_id] = picture
        if progress is not None:
            progress(number, len(enrollments))
    return found
