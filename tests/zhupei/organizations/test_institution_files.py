"""The file of an institution (机构备案): teachers, rooms, papers, handed in and reviewed (ORG-12)."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.files.models import Document
from foundation.messages.models import Message
from foundation.review import services as reviews
from foundation.review.models import ReviewState
from tests.world import jpeg
from zhupei.organizations import services
from zhupei.organizations.filing import changed_since_filing, file_snapshot
from zhupei.organizations.models import FileSlot, Room, Teacher, TeacherKind, TestSite
from zhupei.organizations.services import RoomData, TeacherData
from zhupei.organizations.services.filing import file_gaps
from zhupei.organizations.services.own_institution import SiteData, add_site, remove_site

pytestmark = pytest.mark.django_db


@pytest.fixture
def school(world):
    """An institution's owner; nothing is on file but a place and the account."""
    return world.actor(world.institution())


def teacher(world, **changed) -> TeacherData:
    values = {
        "kind": TeacherKind.OWN,
        "name": "沈慧",
        "id_number": world.invent.person().id_number,
        "subject": "安全生产",
        "title": "高级工程师",
    } | changed
    return TeacherData(**values)


def picture() -> SimpleUploadedFile:
    return SimpleUploadedFile("zhizhao.jpg", jpeg(800, 600), "image/jpeg")


def complete(world, actor) -> None:
    """Everything that a file needs."""
    institution = actor.body
    for slot in FileSlot.values:
        services.upload_file_paper(actor, institution, slot, picture())
    services.add_teacher(actor, institution, teacher(world))
    services.add_room(actor, institution.sites.first(), RoomData("101", 40, True))
    institution.introduction = "从事住建领域培训多年。"
    institution.save()


def handed_in(world, actor):
    complete(world, actor)
    return services.submit_institution_file(actor, actor.body)


@pytest.mark.parametrize(("over", "code"), [(0, "unreadable_image"), (1, "entry_too_large")])
def test_a_paper_of_a_file_is_a_picture_of_at_most_2_mb(school, over, code):
    """ORG-12: as for firms: exactly 2 MB is looked at, one byte more is not; nothing is kept, nothing is logged."""
    file = SimpleUploadedFile("zhizhao.jpg", b"\xff\xd8\xff" + b"0" * (2 * 1024 * 1024 - 3 + over))
    with pytest.raises(DomainError) as refusal:
        services.upload_file_paper(school, school.body, "license", file)
    assert refusal.value.code == code
    assert not Document.objects.exists()
    assert not AuditEntry.objects.filter(act="institution.paper").exists()


# --- teachers and rooms


def test_a_teacher_is_sealed_and_once_an_institution(world, school):
    """ORG-12, SEC-02."""
    data = teacher(world)
    row = services.add_teacher(school, school.body, data)
    assert row.id_number == data.id_number
    assert str(row) == "沈慧"
    with pytest.raises(DomainError) as refusal:
        services.add_teacher(school, school.body, data)
    assert "id_number" in refusal.value.items


def test_an_external_teacher_has_an_employer(world, school):
    """ORG-12: recorded separately."""
    with pytest.raises(DomainError) as refusal:
        services.add_teacher(school, school.body, teacher(world, kind=TeacherKind.EXTERNAL))
    assert refusal.value.items == {"employer": "外聘师资请填写所在单位。"}
    row = services.add_teacher(
        school, school.body, teacher(world, kind=TeacherKind.EXTERNAL, employer="杭州样本学院")
    )
    assert str(row) == "沈慧（外聘）"
    assert file_snapshot(school.body)["external"]["value"][0].startswith("沈慧 · 3")
    assert not file_snapshot(school.body)["teachers"]["value"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "A1"}, "name"),
        ({"subject": " "}, "subject"),
        ({"id_number": ""}, "id_number"),
        ({"id_number": "330106199001011234"}, "id_number"),
        ({"kind": "guest"}, "kind"),
        ({"title": "长" * 41}, "title"),
    ],
)
def test_what_is_wrong_with_a_teacher_is_said_at_its_field(world, school, changed, field):
    """ORG-12."""
    with pytest.raises(DomainError) as refusal:
        services.add_teacher(school, school.body, teacher(world, **changed))
    assert field in refusal.value.items


def test_a_change_without_a_number_keeps_the_one_on_file(world, school):
    """SEC-02: the form never shows the number again."""
    data = teacher(world)
    row = services.add_teacher(school, school.body, data)
    services.update_teacher(school, row, teacher(world, id_number="", subject="施工技术"))
    row.refresh_from_db()
    assert (row.id_number, row.subject) == (data.id_number, "施工技术")
    services.set_teacher_active(school, row, False)
    assert not Teacher.objects.get().is_active


def test_computer_rooms_make_the_seats_of_a_place(world, school):
    """ORG-12: computer rooms with seats."""
    site = school.body.sites.first()
    room = services.add_room(school, site, RoomData("机房一", 45, True))
    services.add_room(school, site, RoomData("教室二", 60))
    assert TestSite.objects.get().seats == 45
    services.update_room(school, room, RoomData("机房一", 50, True))
    assert TestSite.objects.get().seats == 50
    services.set_room_active(school, room, False)
    assert TestSite.objects.get().seats == 0
    with pytest.raises(DomainError) as refusal:
        services.add_room(school, site, RoomData("机房一", 0))
    assert set(refusal.value.items) == {"name", "seats"}
    services.remove_room(school, room)
    assert not Room.objects.filter(name="机房一").exists()


def test_somebody_elses_facilities_are_out_of_reach(world, school):
    """SEC-01."""
    other = world.actor(world.institution())
    row = services.add_teacher(school, school.body, teacher(world))
    room = services.add_room(school, school.body.sites.first(), RoomData("101", 40))
    for act in (
        lambda: services.add_teacher(other, school.body, teacher(world)),
        lambda: services.update_teacher(other, row, teacher(world)),
        lambda: services.set_teacher_active(other, row, False),
        lambda: services.update_room(other, room, RoomData("102", 40)),
        lambda: services.remove_room(other, room),
        lambda: services.upload_file_paper(other, school.body, "license", picture()),
        lambda: services.submit_institution_file(other, school.body),
    ):
        with pytest.raises(NotAllowedError):
            act()
    assert not Teacher.objects.visible_to(other).exists()
    assert not Room.objects.visible_to(other).exists()


# --- handing in


def test_everything_that_is_missing_is_said_at_once(world, school):
    """ORG-12."""
    with pytest.raises(DomainError) as refusal:
        services.submit_institution_file(school, school.body)
    assert set(refusal.value.items) == {"license", "letter", "teachers", "sites", "introduction"}
    complete(world, school)
    assert file_gaps(school.body) == {}


def test_from_handing_in_to_filed(world, school):
    """ORG-12: accepted, then approved; the institution is told."""
    review = handed_in(world, school)
    authority = world.actor(school.body.supervisor)
    assert Message.objects.filter(recipient_key=authority.key, code="institution.to_review").exists()
    with pytest.raises(NotAllowedError):
        reviews.approve(authority, review)  # 受理 comes first
    reviews.accept(authority, review)
    with pytest.raises(WrongStateError):
        services.withdraw_institution_file(school, school.body)
    reviews.approve(authority, review)
    school.body.refresh_from_db()
    assert school.body.is_filed
    assert Message.objects.filter(recipient_key=school.body.key, code="institution.approved").exists()


def test_while_it_is_reviewed_nothing_changes(world, school):
    """ORG-12: what is decided on is what was handed in."""
    handed_in(world, school)
    for act in (
        lambda: services.add_teacher(school, school.body, teacher(world)),
        lambda: services.upload_file_paper(school, school.body, "letter", picture()),
        lambda: add_site(school, school.body, SiteData("二号楼", "样本街9号")),
        lambda: remove_site(school, school.body.sites.first()),
    ):
        with pytest.raises(WrongStateError):
            act()
    services.withdraw_institution_file(school, school.body)
    services.add_teacher(school, school.body, teacher(world))


def test_a_rejected_file_shows_what_changed(world, school):
    """ORG-12: reasons per item, handed in again with the changes marked."""
    review = handed_in(world, school)
    authority = world.actor(school.body.supervisor)
    reviews.accept(authority, review)
    reviews.reject(authority, review, reasons={"teachers": "师资人数不够"})
    message = Message.objects.get(recipient_key=school.body.key, code="institution.rejected")
    assert "师资：师资人数不够" in message.body
    services.add_teacher(school, school.body, teacher(world, name="周敏"))
    services.submit_institution_file(school, school.body)
    review.refresh_from_db()
    assert (review.state, review.round) == (ReviewState.SUBMITTED, 2)
    assert [row["key"] for row in reviews.changes(review)] == ["teachers"]


def test_changes_after_the_approval_are_seen(world, school):
    """ORG-12: the authority sees what is different from the file."""
    review = handed_in(world, school)
    authority = world.actor(school.body.supervisor)
    reviews.accept(authority, review)
    reviews.approve(authority, review)
    services.add_room(school, school.body.sites.first(), RoomData("102", 20))
    school.body.refresh_from_db()
    assert list(changed_since_filing(school.body)) == ["sites"]


def test_only_the_authority_that_set_it_up_reviews(world, school):
    """ORG-12, SEC-01."""
    review = handed_in(world, school)
    other = world.actor(world.authority("330200", "宁波市"))
    with pytest.raises(NotAllowedError):
        reviews.accept(other, review)
    paper = Document.objects.filter(kind="institution.license")
    assert not paper.visible_to(other).exists()
    assert not paper.visible_to(world.actor(world.institution())).exists()
    assert paper.visible_to(world.actor(world.authority("330000"))).exists()
    assert paper.visible_to(world.actor(school.body.supervisor)).exists()


def test_institutions_from_before_count_as_filed(world):
    """ORG-12: the migration; a file handed in later is the first one."""
    migration = importlib.import_module(
        "zhupei.organizations.migrations.0006_existing_institutions_count_as_filed"
    )
    institution = world.institution()
    migration.file_existing(apps, None)
    institution.refresh_from_db()
    assert institution.is_filed
    assert institution.review.round == 0
    assert institution.review.reviewer_key == f"authority:{institution.supervisor_id}"
    assert changed_since_filing(institution) == {}
