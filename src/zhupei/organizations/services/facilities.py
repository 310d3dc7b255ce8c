"""Teachers and rooms of an institution, and the papers of its file (ORG-12)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError, Sum

from foundation.audit import services as audit
from foundation.crypto import blind_index
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.files.models import Document
from foundation.identifiers import id_number, names
from foundation.scoping import Actor
from zhupei.organizations.models import (
    FileSlot,
    Institution,
    InstitutionDocument,
    Room,
    Teacher,
    TeacherKind,
    TestSite,
)
from zhupei.organizations.roles import Capability, require
from zhupei.organizations.services.documents import keep_picture

MOST_SEATS = 2000
_LONGEST = {"title": 40, "subject": 100, "certificate": 100, "employer": 120}


@dataclass
class TeacherData:
    """A teacher as filled in; for a change an empty `id_number` keeps the one on file."""

    kind: str
    name: str
    id_number: str
    subject: str
    title: str = ""
    certificate: str = ""
    employer: str = ""


@dataclass
class RoomData:
    """A room as filled in; `has_computers`: a computer room (机房)."""

    name: str
    seats: int
    has_computers: bool = False


def check_open(actor: Actor, institution: Institution) -> None:
    """Only one's own institution, and not while its file lies with the authority.

    Raises NotAllowedError, WrongStateError.
    """
    if actor.key != institution.key:
        raise NotAllowedError("只能修改本机构的信息。")
    require(actor, Capability.KEEP_FILE)
    row = Institution.objects.select_related("review").get(pk=institution.pk)
    if row.review is not None and row.review.is_waiting:
        raise WrongStateError("备案正在审核，师资、场地和证照暂不能修改；受理前可以先撤回。")


# --- teachers


def add_teacher(actor: Actor, institution: Institution, data: TeacherData) -> Teacher:
    """A new teacher, own or external. Raises DomainError `invalid_teacher` by field."""
    check_open(actor, institution)
    values = _checked_teacher(institution, data)
    try:
        with transaction.atomic():
            teacher = Teacher.objects.create(institution=institution, **values)
            audit.record(actor, "institution.teacher_add", teacher, name=teacher.name)
    except IntegrityError:
        raise _teacher_twice() from None
    return teacher


def update_teacher(actor: Actor, teacher: Teacher, data: TeacherData) -> Teacher:
    """Change a teacher. Raises as `add_teacher`."""
    check_open(actor, teacher.institution)
    values = _checked_teacher(teacher.institution, data, but=teacher)
    with transaction.atomic():
        row = Teacher.objects.select_for_update(of=("self",), no_key=True).get(pk=teacher.pk)
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
        if changed:
            row.save()
            audit.record(actor, "institution.teacher_update", row, fields=changed)
    return row


def set_teacher_active(actor: Actor, teacher: Teacher, active: bool) -> None:
    """Let a teacher go (plans made already keep the name), or take one back."""
    check_open(actor, teacher.institution)
    with transaction.atomic():
        Teacher.objects.filter(pk=teacher.pk).update(is_active=active)
        audit.record(actor, "institution.teacher_on" if active else "institution.teacher_off", teacher)
    teacher.is_active = active


def _teacher_twice() -> DomainError:
    sentence = "这位老师已经登记过，请在名单里修改或恢复在岗。"
    return DomainError("invalid_teacher", sentence, items={"id_number": sentence})


def _checked_teacher(
    institution: Institution, data: TeacherData, *, but: Teacher | None = None
) -> dict[str, Any]:
    values: dict[str, Any] = {name: " ".join(getattr(data, name).split()) for name in _LONGEST}
    values |= {"kind": data.kind, "name": names.normalize(data.name)}
    items: dict[str, str] = {}
    if data.kind not in TeacherKind.values:
        items["kind"] = "请选择本机构或外聘。"
    if not values["name"]:
        items["name"] = "请填写姓名。"
    elif wrong := names.problem(values["name"]):
        items["name"] = wrong.message
    if not values["subject"]:
        items["subject"] = "请填写任教科目。"
    if data.kind == TeacherKind.EXTERNAL and not values["employer"]:
        items["employer"] = "外聘师资请填写所在单位。"
    if data.kind == TeacherKind.OWN:
        values["employer"] = ""
    for name, limit in _LONGEST.items():
        if len(values[name]) > limit:
            items[name] = f"最多 {limit} 个字，现在有 {len(values[name])} 个，请写短一些。"
    number = id_number.normalize(data.id_number)
    if number or but is None:
        values["id_number"] = number
        if wrong_number := _number_problem(institution, number, but):
            items["id_number"] = wrong_number
    if items:
        raise DomainError("invalid_teacher", "填写的内容有误，请改正后再保存。", items=items)
    return values


def _number_problem(institution: Institution, number: str, but: Teacher | None) -> str:
    if not number:
        return "请填写身份证号。"
    judged = id_number.examine(number)
    if not isinstance(judged, id_number.IdNumber):
        return judged.message
    same = institution.teachers.filter(id_number_index=blind_index(number))
    if (same.exclude(pk=but.pk) if but else same).exists():
        return _teacher_twice().message
    return ""


# --- rooms


def add_room(actor: Actor, site: TestSite, data: RoomData) -> Room:
    """A new room of a place. Raises DomainError `invalid_room` by field."""
    check_open(actor, site.institution)
    values = _checked_room(site, data)
    with transaction.atomic():
        room = Room.objects.create(site=site, **values)
        _count_seats(site)
        audit.record(actor, "institution.room_add", room, **values)
    return room


def update_room(actor: Actor, room: Room, data: RoomData) -> Room:
    """Change a room. Raises as `add_room`."""
    check_open(actor, room.site.institution)
    values = _checked_room(room.site, data, but=room)
    with transaction.atomic():
        Room.objects.filter(pk=room.pk).update(**values)
        _count_seats(room.site)
        audit.record(actor, "institution.room_update", room, **values)
    room.refresh_from_db()
    return room


def set_room_active(actor: Actor, room: Room, active: bool) -> None:
    """Take a room out of use, or back into it."""
    check_open(actor, room.site.institution)
    with transaction.atomic():
        Room.objects.filter(pk=room.pk).update(is_active=active)
        _count_seats(room.site)
        audit.record(actor, "institution.room_on" if active else "institution.room_off", room)
    room.is_active = active


def remove_room(actor: Actor, room: Room) -> None:
    """Delete a room that no plan uses; raises DomainError `room_in_use` otherwise."""
    check_open(actor, room.site.institution)
    try:
        with transaction.atomic():
            audit.record(actor, "institution.room_remove", room, name=room.name)
            room.delete()
            _count_seats(room.site)
    except ProtectedError:
        raise DomainError("room_in_use", f"{room.name}已用于培训计划，不能删除，可以停用。") from None


def _count_seats(site: TestSite) -> None:
    """The seats at computers of a place are those of its computer rooms, once there are any."""
    rooms = Room.objects.filter(site=site, has_computers=True)
    if rooms.exists():
        seats = rooms.filter(is_active=True).aggregate(n=Sum("seats"))["n"] or 0
        TestSite.objects.filter(pk=site.pk).update(seats=seats)


def _checked_room(site: TestSite, data: RoomData, *, but: Room | None = None) -> dict[str, Any]:
    name = " ".join(data.name.split())
    items: dict[str, str] = {}
    if not name:
        items["name"] = "请填写名称。"
    elif len(name) > 60:
        items["name"] = "名称最多 60 个字，请写短一些。"
    same = site.rooms.filter(name=name)
    if "name" not in items and (same.exclude(pk=but.pk) if but else same).exists():
        items["name"] = "这个地点已有同名的教室，请换一个名称。"
    if not 1 <= data.seats <= MOST_SEATS:
        items["seats"] = f"座位数应为 1 至 {MOST_SEATS}。"
    if items:
        raise DomainError("invalid_room", "填写的内容有误，请改正后再保存。", items=items)
    return {"name": name, "seats": data.seats, "has_computers": data.has_computers}


# --- papers


def upload_file_paper(actor: Actor, institution: Institution, slot: str, file: File) -> Document:
    """Put a picture into a slot of the file; the paper before stays in its snapshots.

    Raises NotAllowedError, DomainError `unknown_slot` and as `keep_picture`.
    """
    check_open(actor, institution)
    if slot not in FileSlot.values:
        raise DomainError("unknown_slot", "请选择要上传的材料：营业执照或承诺书。")
    with transaction.atomic():
        document = keep_picture(actor, f"institution.{slot}", str(FileSlot(slot).label), file)
        InstitutionDocument.objects.update_or_create(
            institution=institution, slot=slot, defaults={"document": document}
        )
        audit.record(actor, "institution.paper", institution, slot=slot, name=document.name)
    return document
