"""资格审核: the work list, bulk approval, one case after the other, and nobody else's people (ELI-01, ELI-02, SEC-01)."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from foundation.audit.models import AuditEntry
from zhupei.enrollment import services
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState, MaterialKind
from zhupei.enrollment.services import EntryData, review

pytestmark = pytest.mark.django_db
S = EnrollmentState
LIST = "/institution/eligibility/"


@pytest.fixture
def batch(world: Any) -> Batch:
    """Four people handed in one minute after the other."""
    made = world.batch(4, state=S.SUBMITTED, materials=True)
    for minute, row in enumerate(made.enrollments.order_by("pk")):
        Enrollment.objects.filter(pk=row.pk).update(
            submitted_at=timezone.now() - dt.timedelta(hours=5, minutes=-minute)
        )
    return made


@pytest.fixture
def clerk(world: Any, batch: Batch) -> Client:
    return world.client(batch.institution)


def people(batch: Batch) -> list[Enrollment]:
    return list(batch.enrollments.order_by("submitted_at", "pk"))


def case(row: Enrollment, query: str = "") -> str:
    return reverse("institution:eligibility_case", args=[row.pk]) + query


# --- the list


def test_the_longest_waiting_stand_first_with_verdict_and_materials(clerk: Client, batch: Batch) -> None:
    """ELI-01: 条件判断 and 资料 6/6 in the list."""
    first, second, *_ = people(batch)
    Enrollment.objects.filter(pk=second.pk).update(practice_years=0)
    page = clerk.get(LIST).content.decode()
    assert page.index(first.name) < page.index(second.name)
    assert "不符合" in page
    assert page.count(">6/6<") == 4
    assert first.id_number not in page


def test_the_list_takes_at_most_twelve_queries_whatever_the_rows(world: Any) -> None:
    """Issue 2, bar 4."""
    few = world.batch(2, state=S.SUBMITTED, materials=True)
    clerk = world.client(few.institution)
    clerk.get(LIST)  # the table of majors is read once a process
    with CaptureQueriesContext(connection) as for_few:
        clerk.get(LIST)
    for _ in range(3):
        world.batch(8, state=S.SUBMITTED, materials=True, offer=few.offer)
    with CaptureQueriesContext(connection) as for_many:
        answer = clerk.get(f"{LIST}?per=50")
    assert answer.content.decode().count("data-pick ") == 26
    assert len(for_many) == len(for_few) <= 12, [query["sql"][:120] for query in for_many]


@pytest.mark.parametrize("name", ["name", "id_number", "batch", "organization", "occupation", "delivery"])
def test_every_filter_finds_its_people_and_only_them(
    world: Any, clerk: Client, batch: Batch, name: str
) -> None:
    """ELI-01: filter by organization, occupation, mode, name or ID."""
    other = world.batch(
        1,
        state=S.SUBMITTED,
        offer=world.offer(batch.institution, occupation=world.occupation("资料员"), delivery="online"),
    )
    row = people(batch)[0]
    query = {
        "name": {"q": row.name},
        "id_number": {"q": row.id_number.lower()},
        "batch": {"q": batch.number},
        "organization": {"organization": batch.organization.name[2:]},
        "occupation": {"occupation": batch.occupation_id},
        "delivery": {"delivery": batch.delivery},
    }[name]
    Enrollment.objects.filter(batch=other).update(name="欧阳无关")
    page = clerk.get(LIST, query).content.decode()
    assert row.name in page
    assert "欧阳无关" not in page
    assert "欧阳无关" in clerk.get(LIST).content.decode()


def test_tabs_show_each_outcome(world: Any, clerk: Client, batch: Batch) -> None:
    """ELI-01: filter by state."""
    actor = world.actor(batch.institution)
    returned, rejected, approved, waiting = people(batch)
    review.return_enrollment(actor, returned, {"portrait": "头像不清"})
    review.reject_enrollment(actor, rejected, {"eligibility": "学历不够"})
    review.approve_eligibility(actor, approved)
    for tab, row in (
        ("returned", returned),
        ("ineligible", rejected),
        ("passed", approved),
        ("submitted", waiting),
    ):
        page = clerk.get(LIST, {"tab": tab}).content.decode()
        assert [each.name in page for each in people(batch)] == [each == row for each in people(batch)]


def test_the_spreadsheet_holds_exactly_the_selection_and_is_logged(clerk: Client, batch: Batch) -> None:
    """QRY-01, SEC-02."""
    row = people(batch)[1]
    answer = clerk.get(LIST, {"q": row.name, "format": "xlsx"})
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    head, *lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    (line,) = lines
    values = dict(zip(head, line, strict=True))
    assert values["姓名"] == row.name
    assert values["身份证号"] == row.id_number
    assert (values["条件判断"], values["资料"]) == ("符合", "6/6")
    assert values["学历 / 专业"] == "大专 建筑工程技术"
    assert AuditEntry.objects.filter(act__contains="export").exists()


# --- bulk


def test_bulk_approval_of_picked_people(clerk: Client, batch: Batch) -> None:
    """ELI-02."""
    picked = people(batch)[:2]
    answer = clerk.post(LIST, {"_action": "approve", "ids": [row.pk for row in picked]}, follow=True)
    assert "已通过 2 人" in answer.content.decode()
    assert [row.state for row in people(batch)] == [S.ELIGIBLE, S.ELIGIBLE, S.SUBMITTED, S.SUBMITTED]


def test_bulk_approval_lists_whom_it_left_with_the_reason(clerk: Client, batch: Batch) -> None:
    """ELI-02: not silently skipped."""
    left = people(batch)[0]
    Enrollment.objects.filter(pk=left.pk).update(practice_years=0)
    page = clerk.post(LIST, {"_action": "approve", "all": "1"}).content.decode()
    assert "已通过 3 人" in page
    assert case(left) in page
    assert "须从业满" in page


def test_bulk_cannot_reach_other_institutions(world: Any, clerk: Client) -> None:
    """SEC-01."""
    other = world.batch(1, state=S.SUBMITTED, materials=True)
    clerk.post(LIST, {"_action": "approve", "ids": [people(other)[0].pk]})
    assert people(other)[0].state == S.SUBMITTED


# --- the case


def test_a_case_shows_everything_needed(clerk: Client, batch: Batch) -> None:
    """ELI-01: data, six images, verdict with its source, facts."""
    row = people(batch)[0]
    page = clerk.get(case(row)).content.decode()
    for kind in MaterialKind:
        document = row.materials.get(kind=kind).document
        assert reverse("shared:document", args=[document.pk]) in page
        assert str(kind.label) in page
    assert row.id_number not in page
    for words in ("第 1 / 4 人", "从业满", "依据", "资料齐全", "6/6", "295×413", "未列入黑名单", "证号有效"):
        assert words in page


def test_a_case_takes_few_queries(clerk: Client, batch: Batch) -> None:
    """ELI-01: the next case must come at once."""
    row = people(batch)[0]
    clerk.get(case(row))
    with CaptureQueriesContext(connection) as queries:
        clerk.get(case(row))
    assert len(queries) <= 16, [query["sql"][:120] for query in queries]


def test_the_id_number_is_shown_on_demand_and_logged(clerk: Client, batch: Batch) -> None:
    """SEC-02."""
    row = people(batch)[0]
    answer = clerk.post(reverse("institution:reveal", args=[row.pk, "id_number"]))
    assert answer.content.decode() == row.id_number
    entry = AuditEntry.objects.get(act="field.reveal")
    assert (entry.subject_id, entry.detail["field"]) == (str(row.pk), "id_number")
    assert clerk.get(reverse("institution:reveal", args=[row.pk, "id_number"])).status_code == 405
    assert clerk.post(reverse("institution:reveal", args=[row.pk, "email"])).status_code == 404


def test_position_and_neighbors_follow_the_filtered_queue(world: Any, clerk: Client, batch: Batch) -> None:
    """ELI-02: 第 n / m 人 within the queue of the address."""
    first, second, third, _ = people(batch)
    Enrollment.objects.filter(pk__in=[first.pk, third.pk]).update(name="甲字号")
    page = clerk.get(case(third, "?q=甲字号")).content.decode()
    assert "第 2 / 2 人" in page
    assert case(first, "?q=%E7%94%B2%E5%AD%97%E5%8F%B7") in page
    assert case(second).split("?")[0] not in page


def test_after_a_verdict_the_next_case_comes_and_at_the_end_the_list(clerk: Client, batch: Batch) -> None:
    """ELI-02: the next one loads by itself; works without scripts."""
    rows = people(batch)
    at = rows[1]
    query = f"?q={batch.number}"
    for expected in (rows[2], rows[3], rows[0]):
        answer = clerk.post(case(at, query), {"verdict": "approve"})
        assert answer.url == case(expected, query)
        at = expected
    answer = clerk.post(case(at, query), {"verdict": "approve"}, follow=True)
    assert answer.redirect_chain[-1][0] == LIST + query
    assert "已全部办完" in answer.content.decode()
    assert {row.state for row in people(batch)} == {S.ELIGIBLE}


def test_returning_turns_chips_into_sentences_and_keeps_own_words(clerk: Client, batch: Batch) -> None:
    """ELI-02: reasons as chips and in own words, per item."""
    row = people(batch)[0]
    clerk.post(
        case(row),
        {
            "verdict": "return",
            "reason": ["portrait|头像非白底", "work_years|年限未盖章"],
            "other_item": ["phone", ""],
            "other_text": ["手机号打不通", "请单位尽快补齐"],
        },
    )
    row.refresh_from_db()
    assert row.state == S.RETURNED
    assert row.reasons == {
        "portrait": "不是白底，请换白底一寸免冠照",
        "work_years": "没有单位盖章，请盖章后重新上传",
        "phone": "手机号打不通",
        "other": "请单位尽快补齐",
    }


def test_the_rules_objection_can_be_chosen_as_a_reason(clerk: Client, batch: Batch) -> None:
    """CAT-03: the organization reads why in words."""
    row = people(batch)[0]
    assert "报考条件不符" not in clerk.get(case(row)).content.decode()
    Enrollment.objects.filter(pk=row.pk).update(practice_years=0)
    assert "报考条件不符" in clerk.get(case(row)).content.decode()
    clerk.post(case(row), {"verdict": "reject", "reason": "eligibility|报考条件不符"})
    row.refresh_from_db()
    assert row.state == S.INELIGIBLE
    assert "须从业满" in row.reasons["eligibility"]


@pytest.mark.parametrize("data", [{}, {"verdict": "return"}, {"verdict": "reject"}, {"verdict": "burn"}])
def test_a_verdict_without_reason_is_refused_on_the_same_page(
    clerk: Client, batch: Batch, data: dict[str, str]
) -> None:
    """ELI-02."""
    row = people(batch)[0]
    answer = clerk.post(case(row), data)
    assert answer.status_code == 409
    assert "没有办成" in answer.content.decode()
    assert people(batch)[0].state == S.SUBMITTED


def test_approving_against_the_rules_asks_for_the_basis(clerk: Client, batch: Batch) -> None:
    """CAT-03: refused without, logged with."""
    row = people(batch)[0]
    Enrollment.objects.filter(pk=row.pk).update(practice_years=0)
    answer = clerk.post(case(row), {"verdict": "approve"})
    assert answer.status_code == 409
    assert "写明依据" in answer.content.decode()
    clerk.post(case(row), {"verdict": "approve", "remark": "另附社保证明"})
    row.refresh_from_db()
    assert (row.state, row.remark) == (S.ELIGIBLE, "另附社保证明")


def test_a_colleague_was_faster(world: Any, clerk: Client, batch: Batch) -> None:
    """The page tells the present state, nothing is decided twice."""
    row = people(batch)[0]
    review.approve_eligibility(world.actor(batch.institution), row)
    answer = clerk.post(case(row), {"verdict": "reject", "reason": "portrait|头像不清"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "资格审核通过" in page
    assert 'value="approve"' not in page
    assert 'value="return"' in page


def test_the_reviewer_sees_what_was_changed_since_the_last_return(
    world: Any, clerk: Client, batch: Batch
) -> None:
    """ELI-03: reasons of before, fields changed, images replaced."""
    row = people(batch)[0]
    applicant = world.actor(batch.organization)
    review.return_enrollment(
        world.actor(batch.institution), row, {"portrait": "头像不清，请更换", "phone": "号码不对"}
    )
    data = EntryData.of(row)
    changed = EntryData(**{**vars(data), "phone": "13900001234", "major": "工程造价"})
    services.update_enrollment(applicant, row, changed)
    services.put_material(applicant, Enrollment.objects.get(pk=row.pk), "portrait", world_jpeg())
    services.submit_for_review(applicant, Enrollment.objects.filter(pk=row.pk))
    page = clerk.get(case(row)).content.decode()
    for words in ("退回过 1 次", "头像不清，请更换", "139****1234", "工程造价", "已重新上传"):
        assert words in page
    assert "13900001234" not in page


def test_a_return_without_any_change_is_told(world: Any, clerk: Client, batch: Batch) -> None:
    """ELI-03."""
    row = people(batch)[0]
    review.return_enrollment(world.actor(batch.institution), row, {"portrait": "头像不清"})
    services.submit_for_review(world.actor(batch.organization), Enrollment.objects.filter(pk=row.pk))
    assert "没有改动任何内容" in clerk.get(case(row)).content.decode()


def world_jpeg() -> bytes:
    from tests.world import jpeg

    return jpeg(color="lightblue")


# --- who may


@pytest.mark.parametrize("portal", ["institution", "enterprise", "authority"])
def test_strangers_find_nothing(world: Any, batch: Batch, portal: str) -> None:
    """SEC-01: 404 on every object URL, for GET and POST."""
    bodies = {
        "institution": world.institution,
        "enterprise": lambda: batch.organization,
        "authority": lambda: batch.institution.supervisor,
    }
    stranger, row = world.client(bodies[portal]()), people(batch)[0]
    for url in (case(row), reverse("institution:person", args=[row.pk])):
        assert stranger.get(url).status_code == 404
    assert stranger.post(case(row), {"verdict": "approve"}).status_code == 404
    assert stranger.post(reverse("institution:reveal", args=[row.pk, "id_number"])).status_code == 404
    assert people(batch)[0].state == S.SUBMITTED


def test_what_was_not_handed_in_does_not_exist_for_the_institution(world: Any, batch: Batch) -> None:
    """SEC-01: a draft is the organization's own affair."""
    draft = world.enrollment(batch, state=S.DRAFT)
    clerk = world.client(batch.institution)
    assert clerk.get(case(draft)).status_code == 404
    assert draft.name not in clerk.get(LIST, {"tab": ""}).content.decode()


def test_anonymous_people_are_sent_to_sign_in(batch: Batch) -> None:
    """Bar 3."""
    for url in (LIST, case(people(batch)[0])):
        answer = Client().get(url)
        assert answer.status_code == 302
        assert "/sign-in/" in answer.url
