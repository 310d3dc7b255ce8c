"""实操评分 in the institution's portal: plans, people, score sheets with photos (EXM-08)."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from foundation.files.models import Document
from tests.portals.pressing import refused
from tests.world import jpeg
from tests.zhupei.exam.rooms import Watched
from zhupei.assessment.models import AssessmentPlan
from zhupei.demo.exam_hall import open_hall
from zhupei.exam.scores.models import PracticalScore

pytestmark = pytest.mark.django_db
GOOD = {"0": "18", "1": "35.5", "2": "27", "3": "9"}


@pytest.fixture
def watched(world: Any) -> Watched:
    hall = open_hall(3)
    AssessmentPlan.objects.filter(pk=hall.plan.pk).update(has_practical=True, practical_place="一号实训棚")
    return Watched(hall, world.actor(hall.plan.institution, role="examiner"))


@pytest.fixture
def examiner(watched: Watched, world: Any) -> Client:
    return world.client(watched.actor.user)


@pytest.fixture
def second(watched: Watched, world: Any) -> Client:
    return world.client(world.user(watched.hall.plan.institution, role="examiner"))


def at(name: str, *keys: Any) -> str:
    return reverse(f"institution:{name}", args=keys)


def text(response: Any) -> str:
    assert response.status_code == 200, response
    return response.content.decode()


def test_plans_with_a_practical_part_are_listed(watched: Watched, examiner: Client) -> None:
    """EXM-08: others are not; how many are settled."""
    plan = watched.hall.plan
    assert "一号实训棚" in text(examiner.get(at("practical")))
    AssessmentPlan.objects.filter(pk=plan.pk).update(has_practical=False)
    assert "没有需要实操评分的考核计划" in text(examiner.get(at("practical")))
    assert examiner.get(at("practical_plan", plan.pk)).status_code == 404
    assert examiner.get(at("practical_sheet", watched.people[0].pk)).status_code == 404


def test_a_sheet_is_filled_in_and_the_next_person_comes(watched: Watched, examiner: Client) -> None:
    """EXM-08: saved, summed, corrected; what is wrong is said at the line and nothing typed is lost."""
    first, other, _last = watched.people
    url = at("practical_sheet", first.pk)
    assert "安全防护（满分 20 分）" in text(examiner.get(url))
    wrong = text(examiner.post(url, GOOD | {"0": "21", "remark": "灰缝均匀"}))
    assert "安全防护应为 0 至 20 分" in wrong and "灰缝均匀" in wrong and not PracticalScore.objects.exists()
    assert "请填写操作工艺的得分" in text(examiner.post(url, GOOD | {"1": ""}))
    answer = examiner.post(url, GOOD | {"then": "next"})
    assert answer.url == at("practical_sheet", other.pk)  # type: ignore[attr-defined]
    page = text(examiner.post(url, GOOD | {"3": "10", "remark": "灰缝均匀"}, follow=True))
    assert "90.5 分，已保存" in page and "灰缝均匀" in page
    assert PracticalScore.objects.get().examiner == watched.actor.user


def test_the_other_examiner_sees_points_after_giving_own(
    watched: Watched, examiner: Client, second: Client
) -> None:
    """EXM-08: on the list and on the sheet, in the spreadsheet too."""
    first, plan = watched.people[0], watched.hall.plan
    url, people = at("practical_sheet", first.pk), at("practical_plan", plan.pk)
    examiner.post(url, GOOD)
    for page in (text(second.get(url)), text(second.get(people))):
        assert "89.5" not in page
    assert "另有 1 位考评员已评分" in text(second.get(url)) and "本人评分后可见" in text(second.get(people))
    apart = text(second.post(url, {"0": "5", "1": "20", "2": "20", "3": "5"}, follow=True))
    assert "相差超过 15 分" in apart and "89.5" in apart and "69.8" in apart
    assert "相差过大" in text(second.get(people, {"tab": "apart"})) and first.enrollment.name in text(
        second.get(people, {"tab": "apart"})
    )


def test_photos_are_taken_kept_and_removed(watched: Watched, examiner: Client, second: Client) -> None:
    """EXM-08: by the phone's camera, part of the sheet once it is saved."""
    first = watched.people[0]
    upload = at("practical_photo", first.pk)
    file = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    kept = examiner.post(upload, {"file": file}).json()
    assert kept["ok"] and not examiner.post(upload, {"file": SimpleUploadedFile("a.jpg", b"x")}).json()["ok"]
    assert not examiner.post(upload).json()["ok"]
    lost = text(examiner.post(at("practical_sheet", first.pk), GOOD | {"0": "21", "photo": kept["id"]}))
    assert kept["id"] in lost
    examiner.post(at("practical_sheet", first.pk), GOOD | {"photo": [kept["id"], "", "x"]})
    photo = PracticalScore.objects.get().photos.get()
    second.post(at("practical_sheet", first.pk), GOOD | {"photo": [str(photo.pk)]})
    assert PracticalScore.objects.exclude(examiner=watched.actor.user).get().photos.count() == 0
    remove = at("practical_photo_remove", first.pk, photo.pk)
    assert second.post(remove).status_code == 404
    assert examiner.post(at("practical_photo_remove", first.pk, uuid.uuid4())).status_code == 404
    assert examiner.post(remove).json()["ok"] and not Document.objects.filter(pk=photo.pk).exists()


def test_absent_and_taken_back(watched: Watched, examiner: Client) -> None:
    """EXM-08: 缺考; a sheet given to the wrong person is withdrawn."""
    first = watched.people[0]
    assert "已记为实操缺考" in text(examiner.post(at("practical_absent", first.pk), follow=True))
    assert PracticalScore.objects.get().is_absent
    assert "已撤回" in text(examiner.post(at("practical_take_back", first.pk), follow=True))
    assert not PracticalScore.objects.exists()


def test_a_refused_absence_stays_on_the_sheet(
    watched: Watched, examiner: Client, second: Client, world: Any
) -> None:
    """EXM-08: also where the next person was asked for, who would be taken for the one meant."""
    first = watched.people[0]
    sheet = at("practical_sheet", first.pk)
    examiner.post(sheet, GOOD)
    second.post(sheet, GOOD)
    third = world.client(world.user(watched.hall.plan.institution, role="examiner"))
    said = refused(third, sheet, at("practical_absent", first.pk), {"then": "next"})
    assert "已有两位考评员评分" in said
    assert PracticalScore.objects.filter(is_absent=False).count() == 2


def test_pages_take_few_queries(
    watched: Watched, examiner: Client, django_assert_max_num_queries: Any
) -> None:
    """PRF: lists 12, a sheet 18, besides who is asking."""
    first = watched.people[0]
    examiner.post(at("practical_sheet", first.pk), GOOD)
    for url in (at("practical"), at("practical_plan", watched.hall.plan.pk)):
        with django_assert_max_num_queries(15):
            examiner.get(url)
    with django_assert_max_num_queries(20):
        examiner.get(at("practical_sheet", first.pk))


def test_roles_and_strangers(watched: Watched, world: Any) -> None:
    """SEC-01, ORG-14: no page for finance, nothing there for others."""
    first, plan = watched.people[0].pk, watched.hall.plan
    finance = world.client(world.user(plan.institution, role="finance"))
    stranger = world.client(world.institution())
    for name, key in (("practical_plan", plan.pk), ("practical_sheet", first)):
        assert finance.get(at(name, key)).status_code == 409
        assert stranger.get(at(name, key)).status_code == 404
    for name in ("practical_sheet", "practical_photo", "practical_absent", "practical_take_back"):
        assert finance.post(at(name, first), GOOD).status_code == 409
        assert stranger.post(at(name, first), GOOD).status_code == 404
    assert stranger.post(at("practical_photo_remove", first, uuid.uuid4())).status_code == 404
    assert "实操评分" not in text(finance.get(at("home"))) and not PracticalScore.objects.exists()
