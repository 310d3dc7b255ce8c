"""The files of the invented institutions: rooms, teachers, papers; one of them waits for its review."""

from __future__ import annotations

import datetime as dt
import random

from django.utils import timezone

from foundation.calendar.working_days import add_working_days
from foundation.review.kinds import kind_of
from foundation.review.models import Review, ReviewSnapshot, ReviewState
from zhupei.demo import pictures, plan
from zhupei.demo.collector import DemoWorld
from zhupei.demo.invented import Inventor
from zhupei.organizations.filing import FILE_KIND
from zhupei.organizations.models import (
    FileSlot,
    Institution,
    InstitutionDocument,
    Room,
    Teacher,
    TeacherKind,
    TestSite,
)
from zhupei.organizations.review_items import INSTITUTION

WAITING = 5  # the number of the institution whose file waits
TEACHERS = (
    ("安全生产", "高级工程师", "注册安全工程师"),
    ("施工技术与管理", "高级工程师", "一级建造师（建筑工程）"),
    ("建设法规与职业道德", "讲师", "高等学校教师资格证"),
)
EXTERNAL = ("实操技能", "技师", "高级技师证书", "样本建工集团有限公司")


def school_files(world: DemoWorld, schools: list[Institution], sites: list[TestSite]) -> None:
    """Rooms, teachers, papers and the review of every institution; few rows, the same ones every time."""
    # Inventors and dice of their own, so that the rest of the world stays as it was.
    invent, dice = Inventor(plan.SEED + 1), random.Random(plan.SEED + 1)
    _rooms(sites)
    _teachers(schools, invent)
    for school in schools:
        for slot in FileSlot:
            facts = [("机构名称", school.name), ("住所", school.address)]
            picture = pictures.license_picture(str(slot.label), facts)
            document = world.document(
                f"institution.{slot}", school.key, f"{slot.label}.jpg", picture, (1000, 707)
            )
            world.flush_documents()
            InstitutionDocument.objects.create(institution=school, slot=slot, document=document)
    for number, school in enumerate(schools):
        days = 1 if number == WAITING else 330 + dice.randrange(30)
        handed_in = timezone.localtime(world.ago(days)).replace(hour=9, minute=dice.randrange(60))
        _review(world, school, handed_in, decided=number != WAITING)


def _rooms(sites: list[TestSite]) -> None:
    Room.objects.bulk_create(
        room
        for site in sites
        for room in (
            Room(site=site, name="一号机房", seats=site.seats, has_computers=True),
            Room(site=site, name="201 教室", seats=60),
        )
    )


def _teachers(schools: list[Institution], invent: Inventor) -> None:
    rows = []
    for school in schools:
        for subject, title, certificate in TEACHERS:
            person = invent.person()
            rows.append(
                Teacher(
                    institution=school,
                    name=person.name,
                    id_number=person.id_number,
                    subject=subject,
                    title=title,
                    certificate=certificate,
                )
            )
        subject, title, certificate, employer = EXTERNAL
        person = invent.person()
        rows.append(
            Teacher(
                institution=school,
                kind=TeacherKind.EXTERNAL,
                name=person.name,
                id_number=person.id_number,
                subject=subject,
                title=title,
                certificate=certificate,
                employer=employer,
            )
        )
    Teacher.objects.bulk_create(rows)


def _review(world: DemoWorld, school: Institution, handed_in: dt.datetime, *, decided: bool) -> None:
    theirs = f"authority:{school.supervisor_id}"
    review = Review.objects.create(
        kind=INSTITUTION,
        state=ReviewState.APPROVED if decided else ReviewState.SUBMITTED,
        subject_label=school.name,
        reviewer_key=theirs,
        submitter_key=school.key,
        round=1,
        submitted_at=handed_in,
        due_on=add_working_days(timezone.localdate(handed_in), FILE_KIND.working_days),
    )
    world.log("review", review, "submit", "draft", "submitted", school.key, handed_in, body=school)
    if decided:
        review.accepted_at = handed_in + dt.timedelta(hours=5)
        review.decided_at = handed_in + dt.timedelta(hours=25)
        review.save(update_fields=["accepted_at", "decided_at"])
        body = school.supervisor
        world.log("review", review, "accept", "submitted", "accepted", theirs, review.accepted_at, body=body)
        world.log("review", review, "approve", "accepted", "approved", theirs, review.decided_at, body=body)
    school.review = review
    school.save(update_fields=["review"])
    ReviewSnapshot.objects.create(review=review, round=1, data=kind_of(review).snapshot(school))
