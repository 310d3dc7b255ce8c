"""机构备案 in the institution's portal, and its review in the authority's (ORG-12)."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from foundation.review.models import ReviewState
from foundation.scoping import SYSTEM
from tests.world import jpeg
from zhupei.organizations import services
from zhupei.organizations.models import FileSlot, Institution, Room, Teacher
from zhupei.organizations.services import RoomData, TeacherData
from zhupei.organizations.services.filing import new_file_review

pytestmark = pytest.mark.django_db
PROFILE = "/institution/profile/"


@pytest.fixture
def school(world: Any) -> Institution:
    """A new institution whose file has not been handed in."""
    row = world.institution(introduction="从事住建领域培训多年。")
    row.review = new_file_review(SYSTEM, row)
    row.save()
    return row


@pytest.fixture
def client(world: Any, school: Institution) -> Any:
    return world.client(school)


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("zhizhao.jpg", jpeg(800, 600), "image/jpeg")


def hand_in(world: Any, school: Institution) -> Any:
    actor = world.actor(school)
    for slot in FileSlot.values:
        services.upload_file_paper(actor, school, slot, picture())
    number = world.invent.person().id_number
    services.add_teacher(actor, school, TeacherData("own", "沈慧", number, "安全生产"))
    services.add_room(actor, school.sites.first(), RoomData("101", 40, True))
    return services.submit_institution_file(actor, school)


def test_the_whole_way_through_the_pages(world: Any, school: Institution, client: Any) -> None:
    """ORG-12: missing items named, filled in one after the other, handed in, taken back, handed in."""
    page = client.get(PROFILE).content.decode()
    assert "还差 4 项" in page and "请上传营业执照" in page and "提交备案</button>" not in page
    number = world.invent.person().id_number
    answer = client.post(
        "/institution/profile/teachers/new/",
        {"kind": "external", "name": "沈慧", "id_number": number, "subject": "安全"},
    )
    assert "外聘师资请填写所在单位" in answer.content.decode()
    client.post(
        "/institution/profile/teachers/new/",
        {"kind": "own", "name": "沈慧", "id_number": number, "subject": "安全"},
    )
    site = school.sites.get()
    client.post(f"/institution/profile/sites/{site.pk}/rooms/new/", {"name": "101", "seats": "40"})
    for slot in FileSlot.values:
        answer = client.post(reverse("institution:file_paper", args=[slot]), {"file": picture()})
        assert answer.json()["ok"]
    page = client.get(PROFILE).content.decode()
    assert "资料已齐全" in page and "沈慧" in page and number not in page
    client.post("/institution/profile/submit/")
    page = client.get(PROFILE).content.decode()
    assert "备案正在审核" in page and "新增师资" not in page
    client.post("/institution/profile/withdraw/")
    school.review.refresh_from_db()
    assert school.review.state == ReviewState.DRAFT


def test_teachers_and_rooms_are_changed_and_let_go(world: Any, school: Institution, client: Any) -> None:
    """ORG-12."""
    hand_in(world, school)
    client.post("/institution/profile/withdraw/")
    teacher, room = Teacher.objects.get(), Room.objects.get()
    number = teacher.id_number
    client.post(
        f"/institution/profile/teachers/{teacher.pk}/",
        {"kind": "own", "name": "沈慧", "id_number": "", "subject": "施工技术"},
    )
    client.post(f"/institution/profile/teachers/{teacher.pk}/active/", {"active": "0"})
    teacher.refresh_from_db()
    assert (teacher.subject, teacher.id_number, teacher.is_active) == ("施工技术", number, False)
    revealed = client.post(f"/institution/profile/teachers/{teacher.pk}/reveal/")
    assert revealed.content.decode() == number
    client.post(f"/institution/profile/rooms/{room.pk}/", {"name": "102", "seats": "30"})
    client.post(f"/institution/profile/rooms/{room.pk}/active/", {"active": "0"})
    room.refresh_from_db()
    assert (room.name, room.seats, room.has_computers, room.is_active) == ("102", 30, False, False)
    client.post(f"/institution/profile/rooms/{room.pk}/remove/")
    assert not Room.objects.exists()


def test_strangers_find_nothing(world: Any, school: Institution, client: Any) -> None:
    """SEC-01: 404 for another institution, sign-in for nobody."""
    hand_in(world, school)
    teacher, room = Teacher.objects.get(), Room.objects.get()
    other = world.client(world.institution())
    addresses = [
        f"/institution/profile/teachers/{teacher.pk}/",
        f"/institution/profile/rooms/{room.pk}/",
        f"/institution/profile/sites/{room.site_id}/rooms/new/",
    ]
    assert [other.get(address).status_code for address in addresses] == [404] * 3
    assert other.post(f"/institution/profile/teachers/{teacher.pk}/reveal/").status_code == 404
    ningbo = world.client(world.authority("330200", "宁波市"))
    assert ningbo.get(f"/authority/institutions/{school.pk}/file/").status_code == 404
    assert ningbo.post(f"/authority/institutions/{school.pk}/file/accept/").status_code == 404


def test_the_authority_accepts_and_decides(world: Any, school: Institution) -> None:
    """ORG-12: 受理 is a step of its own; reasons per item; the next submission shows its changes."""
    review = hand_in(world, school)
    authority = world.client(school.supervisor)
    listed = authority.get("/authority/institutions/?tab=todo").content.decode()
    address = f"/authority/institutions/{school.pk}/file/"
    assert address in listed
    page = authority.get(address).content.decode()
    assert "请先受理" in page and "101（机房，40 座）" in page and 'value="approve"' not in page
    authority.post(address + "accept/")
    page = authority.get(address).content.decode()
    assert 'value="approve"' in page
    answer = authority.post(
        address + "decide/", {"verdict": "reject", "round": "1", "reason": "teachers|师资人数不够，请补充"}
    )
    assert answer.status_code == 302
    client = world.client(school)
    page = client.get(PROFILE).content.decode()
    assert "师资人数不够" in page
    number = world.invent.person().id_number
    client.post(
        "/institution/profile/teachers/new/",
        {"kind": "own", "name": "周敏", "id_number": number, "subject": "安全"},
    )
    client.post("/institution/profile/submit/")
    page = authority.get(address).content.decode()
    assert "第 2 次提交，改动了 1 项" in page and "上次不通过的原因" in page
    authority.post(address + "accept/")
    authority.post(address + "decide/", {"verdict": "approve", "round": "2"})
    review.refresh_from_db()
    assert review.state == ReviewState.APPROVED
    assert "审核通过。" in authority.get(address).content.decode()
    province = world.client(world.authority("330000"))
    assert "受理</button>" not in province.get(address).content.decode()


def test_an_unfiled_institution_cannot_hand_in_a_plan(world: Any) -> None:
    """ORG-12, TRN-03."""
    from foundation.errors import DomainError
    from tests.zhupei.training.schools import make_school
    from zhupei.training import services as training

    school = make_school(world)
    plan = training.create_plan(school.actor, school.data())
    school.institution.review = new_file_review(SYSTEM, school.institution)
    school.institution.save()
    plan.institution.refresh_from_db()
    with pytest.raises(DomainError) as refusal:
        training.submit_plan(school.actor, plan)
    assert refusal.value.code == "not_filed"
