"""考核计划 of the institution: list, form with its people, seats, review record, confirmation (ASM-01 … ASM-03)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from foundation.jobs.models import Job
from foundation.review import services as reviews
from foundation.sheets.reader import read_sheets
from tests.zhupei.assessment.halls import Hall, make_hall, moment
from tests.zhupei.exam.rooms import sit
from zhupei.assessment import services
from zhupei.assessment.models import AssessmentPlan
from zhupei.catalog.models import ProgrammeRules
from zhupei.exam.papers.services import PREPARE
from zhupei.exam.scores.models import ScoreLine, ScoreReport
from zhupei.people.services import bar_person

pytestmark = pytest.mark.django_db
LIST = "/institution/assessments/"
NEW = "/institution/assessments/new/"


@pytest.fixture
def hall(world) -> Hall:
    return make_hall(world, seats=(30, 20))


@pytest.fixture
def client(hall) -> Client:
    made = hall.world.client(hall.actor.user)
    made.defaults["HTTP_REFERER"] = f"http://testserver{LIST}"  # a refusal leads back there
    return made


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


def url_of(plan: AssessmentPlan, act: str = "") -> str:
    return f"{LIST}{plan.pk}/{act}"


def new_url(hall: Hall) -> str:
    return f"{NEW}{hall.training_plan.pk}/"


def typed(hall: Hall, people: Any = (), **changed: Any) -> dict[str, Any]:
    """What a clerk fills in."""
    return {
        "starts_at": f"{moment(7):%Y-%m-%dT%H:%M}",
        "gap_minutes": "30",
        "rooms": [room.pk for room in hall.rooms],
        "room_limit": "30",
        "admission": "invigilator",
        "note": "请带身份证",
        "people": [row.pk for row in people],
        "save": "1",
    } | changed


def said(client: Client, response: Any) -> str:
    """The page that a POST leads to, with its messages."""
    assert response.status_code == 302, response.content.decode()
    return page(client, response["Location"])


def test_the_training_plan_is_chosen_first(client, hall, world):
    """ASM-01: only those whose attendance is confirmed, with how many wait; a stranger's is not there."""
    hall.people(3)
    other = make_hall(world)
    text = page(client, NEW)
    assert hall.training_plan.name in text and other.training_plan.name not in text
    assert "3 人" in text
    assert client.get(f"{NEW}{other.training_plan.pk}/").status_code == 404
    type(hall.training_plan).objects.filter(pk=hall.training_plan.pk).update(stage="in_session")
    assert hall.training_plan.name not in page(client, NEW)
    assert "还没有确认考勤" in said(client, client.get(new_url(hall)))


def test_those_who_qualify_are_ticked_the_others_listed_with_the_reason(client, hall):
    """ASM-01, SCO-02, ORG-15."""
    ready = hall.people(2)
    (barred,) = hall.people(1)
    (failed,) = hall.people(1, state="failed", placed=False)
    bar_person(hall.authority, barred.id_number, barred.name, "考试作弊")

    text = page(client, new_url(hall))

    ticked = set(re.findall(r'name="people" value="(\d+)"[^>]* checked', text))
    boxes = set(re.findall(r'name="people" value="(\d+)"', text))
    assert ticked == {str(row.pk) for row in ready}
    assert boxes == ticked | {str(failed.pk)}
    assert barred.name in text and "考试作弊" in text and barred.id_number not in text
    assert f"{hall.training_plan.name}考01" in text and "考试 120 分钟" in text


def test_a_plan_is_made_seated_and_handed_in(client, hall):
    """ASM-01 … ASM-03: in three presses; the seats show the neighbors' organizations."""
    people = hall.people(3) + hall.people(2, occupation="测量员")
    response = client.post(new_url(hall), typed(hall, people, arrange="1"))

    plan = AssessmentPlan.objects.get()
    assert response["Location"] == url_of(plan, "rooms/")
    text = said(client, response)
    assert "题库现在还不能组卷" in text and "测量员：没有启用的组卷方案" in text
    assert "共 2 个考场" in text and "第 01 考场" in text and "第 02 考场" in text
    assert all(row.name in text and row.organization.name in text for row in people)
    assert plan.note == "请带身份证" and plan.candidates.count() == 5

    text = page(client, url_of(plan))
    assert "提交审核" in text and "确认线上考核</button>" not in text
    assert "已提交主管部门审核" in said(client, client.post(url_of(plan, "submit/")))
    assert "撤回" in page(client, url_of(plan))
    assert "已撤回" in said(client, client.post(url_of(plan, "withdraw/")))
    again = page(client, url_of(plan, "rooms/"))
    assert "重新编排" in again
    client.post(url_of(plan, "arrange/"), {"again": "1"})
    plan.refresh_from_db()
    assert plan.seed == 1


def test_refusals_stand_at_their_fields_and_ticks_are_kept(client, hall):
    """ASM-01: nothing is lost, nothing half made."""
    first, second = hall.people(2)
    text = client.post(
        new_url(hall), typed(hall, [first], starts_at=f"{moment(7, 20):%Y-%m-%dT%H:%M}")
    ).content.decode()
    assert "首场最晚 19:00" in re.search(r'id="id_starts_at_error">([^<]*)<', text).group(1)
    assert set(re.findall(r'name="people" value="(\d+)"[^>]* checked', text)) == {str(first.pk)}
    text = client.post(new_url(hall), typed(hall, [first], rooms=[])).content.decode()
    assert "请填写机房" in text or "请选择机房" in text
    bar_person(hall.authority, second.id_number, second.name, "替考")
    text = client.post(new_url(hall), typed(hall, [first, second])).content.decode()
    assert f"{second.name}：已被" in text and "请刷新页面后重新选择考生" in text
    assert not AssessmentPlan.objects.exists()


def test_a_practical_part_is_asked_for_where_the_programme_has_one(client, hall):
    """ASM-01: programme B."""
    people = hall.people(1)
    assert "实操时间" not in page(client, new_url(hall))
    ProgrammeRules.objects.update(has_practical=True)
    text = client.post(new_url(hall), typed(hall, people)).content.decode()
    assert "请填写实操时间" in text and "请填写实操地点" in text
    given = {"practical_at": f"{moment(8):%Y-%m-%dT%H:%M}", "practical_place": "三号实训场"}
    client.post(new_url(hall), typed(hall, people, **given))
    plan = AssessmentPlan.objects.get()
    assert "三号实训场" in page(client, url_of(plan)) and plan.practical_at == moment(8)


def test_a_rejected_plan_is_mended_and_handed_in_again(client, hall):
    """ASM-03: 去上报 with the reasons above the form; the record lists both submissions."""
    people = hall.people(3)
    plan = hall.reject(hall.plan())
    text = page(client, url_of(plan))
    assert "去上报" in text and "请调整考核时间" in text
    form = page(client, url_of(plan, "edit/"))
    assert "请调整考核时间" in form and len(re.findall(r'name="people"[^>]* checked', form)) == 3

    changed = typed(hall, people[:2], starts_at=f"{moment(9):%Y-%m-%dT%H:%M}", arrange="1")
    client.post(url_of(plan, "edit/"), changed)
    client.post(url_of(plan, "submit/"))
    reviews.accept(hall.authority, plan.review.__class__.objects.get(pk=plan.review_id))
    plan.refresh_from_db()
    assert plan.candidates.count() == 2 and plan.starts_at == moment(9)
    record = page(client, url_of(plan, "record/"))
    assert "第 1 次提交" in record and "第 2 次提交" in record and "考核时间：请调整考核时间" in record
    assert "不能修改" in said(client, client.get(url_of(plan, "edit/")))


def test_somebody_barred_since_is_named_before_submission(client, hall):
    """ORG-15: the page says who, and the button is not there; a POST is refused."""
    barred, _ = hall.people(2)
    plan = hall.plan()
    bar_person(hall.authority, barred.id_number, barred.name, "考试作弊")
    text = page(client, url_of(plan))
    assert barred.name in text and "请在“修改”里移出" in text and url_of(plan, "submit/") not in text
    assert "考试作弊" in said(client, client.post(url_of(plan, "submit/")))


def test_an_approved_plan_is_confirmed_and_shows_its_papers(client, hall):
    """ASM-02, ASM-03: ticket numbers are there; 确认线上考核 says what happens."""
    hall.people(2)
    plan = hall.approve(hall.plan())
    text = page(client, url_of(plan))
    assert "确认线上考核" in text and "逐人准备试卷" in text
    tickets = list(plan.candidates.values_list("ticket_number", flat=True))
    people = page(client, url_of(plan, "people/"))
    assert all(number in people for number in tickets) and "01-01" in people
    AssessmentPlan.objects.filter(pk=plan.pk).update(stage="online_confirmed", confirmed_at=moment(0))
    Job.objects.create(
        task=PREPARE, title="准备试卷", owner_key=hall.institution.key, arguments={"plan_id": plan.pk}
    )
    assert "正在准备试卷" in page(client, url_of(plan))
    Job.objects.update(state="succeeded")
    assert "已准备好" in page(client, url_of(plan))


def test_an_approved_plan_is_called_off(client, hall, world):
    """ASM-03: the button says what happens to how many; the page, the record and the authority say who and why."""
    people = hall.people(3)
    plan = hall.approve(hall.plan())
    text = page(client, url_of(plan))
    assert url_of(plan, "call-off/") in text and "3 名考生的准考证和座位作废" in text and "取消原因" in text
    assert "请填写取消本次安排的原因" in said(client, client.post(url_of(plan, "call-off/")))
    assert client.get(url_of(plan, "call-off/")).status_code == 405
    finance = world.client(world.actor(hall.institution, "finance").user)
    assert url_of(plan, "call-off/") not in page(finance, url_of(plan))
    assert finance.post(url_of(plan, "call-off/"), {"reason": "停电"}).status_code == 409
    stranger = world.client(make_hall(world).actor.user)
    assert stranger.post(url_of(plan, "call-off/"), {"reason": "停电"}).status_code == 404
    enterprise = world.client(world.actor(people[0].organization).user)
    assert plan.name in page(enterprise, "/enterprise/assessments/")

    told = said(client, client.post(url_of(plan, "call-off/"), {"reason": "台风\0<b>"}))

    assert "3 名考生的准考证作废" in told and f"{hall.actor.label}：台风&lt;b&gt;" in told
    assert url_of(plan, "edit/") in told and url_of(plan, "call-off/") not in told
    record = page(client, url_of(plan, "record/"))
    assert "审核通过后取消，退回重报" in record and "台风&lt;b&gt;" in record
    assert "台风&lt;b&gt;" in page(world.client(hall.authority.user), f"/authority/assessments/{plan.pk}/")
    assert plan.name not in page(enterprise, "/enterprise/assessments/")
    assert enterprise.get(f"/enterprise/assessments/{plan.pk}/").status_code == 404
    assert client.get(url_of(plan, "papers/")).status_code == 404
    assert "不能取消本次安排" in said(client, client.post(url_of(plan, "call-off/"), {"reason": "再来"}))

    client.post(url_of(plan, "edit/"), typed(hall, people, arrange="1"))
    assert "已提交主管部门审核" in said(client, client.post(url_of(plan, "submit/")))
    record = page(client, url_of(plan, "record/"))
    assert "第 2 次提交" in record and "审核通过后取消，退回重报" in record
    assert "本次安排已取消" not in page(client, url_of(plan))


def test_a_plan_that_somebody_sat_is_not_called_off(client, hall):
    """ASM-03: no button; a POST is told to use the invigilation page."""
    hall.people(1)
    plan = hall.approve(hall.plan())
    AssessmentPlan.objects.filter(pk=plan.pk).update(stage="running", confirmed_at=moment(0))
    assert url_of(plan, "call-off/") in page(client, url_of(plan))
    sit(plan.candidates.get())
    assert url_of(plan, "call-off/") not in page(client, url_of(plan))
    assert "请用监考页面处理" in said(client, client.post(url_of(plan, "call-off/"), {"reason": "停电"}))


def test_a_draft_is_deleted(client, hall):
    """ASM-01: only what was never handed in."""
    hall.people(1)
    plan = hall.plan()
    assert "已删除" in said(client, client.post(url_of(plan, "discard/")))
    assert not AssessmentPlan.objects.exists()


def test_list_tabs_menu_home_and_training_plan_show_it(client, hall):
    """ASM-01, ui.md: the count of what waits; found by name; exported; linked from the training plan."""
    training = f"/institution/plans/{hall.training_plan.pk}/"
    hall.people(2)
    assert "创建考核计划" in page(client, training)
    plan = hall.plan()
    text = page(client, LIST)
    assert (plan.name in text and re.search(r"考核计划</span>\s*<span[^>]*>1<", text)) or "1" in text
    assert plan.name not in page(client, f"{LIST}?tab=reviewed")
    assert plan.name in page(client, f"{LIST}?q={plan.name}")
    assert client.get(f"{LIST}?format=xlsx").status_code == 200
    assert client.get(url_of(plan, "people/?format=xlsx")).status_code == 200
    linked = page(client, training)
    assert url_of(plan) in linked and "未上报" in linked
    home = page(client, "/institution/")
    assert "1 个计划等您办理" in home and "待上报、待修改或待确认线上考核" in home


def test_people_are_found_by_their_assessment_plan_and_show_their_exam(client, hall):
    """QRY-01, QRY-02: by the plan's name; room, seat, ticket and result with the person."""
    examined, other = hall.people(1)[0], hall.people(1, state="failed", placed=False)[0]
    plan = hall.approve(hall.plan())
    found = page(client, f"/institution/people/?assessment={plan.name}")
    assert examined.name in found and plan.name in found and other.id_number[-4:] not in found
    table = read_sheets(b"".join(client.get("/institution/people/?format=xlsx").streaming_content))[0]
    heads = table.rows[0][1]
    assert heads[-2:] == ["培训计划", "考核计划"] and "培训计划 / 考核计划" not in heads
    assert [hall.training_plan.name, plan.name] in [cells[-2:] for _, cells in table.rows]
    seat = plan.candidates.get()
    text = page(client, f"/institution/people/{examined.pk}/")
    assert "考核信息" in text and seat.ticket_number in text and url_of(plan) in text and "还没有成绩" in text
    review = type(plan.review).objects.create(kind="score_report", subject_label=plan.name)
    report = ScoreReport.objects.create(plan=plan, review=review)
    ScoreLine.objects.create(report=report, candidate=seat, theory="78.0", passed=True)
    assert "理论 78 分" in page(client, f"/institution/people/{examined.pk}/")
    assert "考核信息" not in page(client, f"/institution/people/{other.pk}/")


@pytest.mark.parametrize("role", ["finance", "examiner"])
def test_roles_without_the_right_see_but_do_not_act(world, hall, role):
    """ORG-14."""
    hall.people(2)
    plan = hall.plan()
    client = world.client(world.user(hall.institution, role))
    text = page(client, url_of(plan))
    for act in ("edit", "arrange", "submit", "discard", "confirm"):
        assert reverse(f"institution:assessment_{act}", args=[plan.pk]) not in text
        answer = client.post(url_of(plan, f"{act}/"), typed(hall))
        assert answer.status_code == 409
    assert client.get(NEW).status_code == 409
    plan.refresh_from_db()
    assert plan.stage == "not_reported" and AssessmentPlan.objects.count() == 1


def test_strangers_find_nothing(world, hall):
    """SEC-01: another institution's, a firm's and an authority's people."""
    hall.people(1)
    plan = hall.plan()
    for stranger in (make_hall(world).actor.user, world.user(world.organization())):
        client = world.client(stranger)
        for act in ("", "people/", "rooms/", "record/", "edit/"):
            assert client.get(url_of(plan, act)).status_code == 404
        for act in ("arrange/", "submit/", "withdraw/", "discard/", "confirm/"):
            assert client.post(url_of(plan, act)).status_code == 404
        assert client.get(new_url(hall)).status_code == 404


def test_pages_ask_few_questions_whatever_the_people(client, hall, django_assert_max_num_queries):
    """ui.md: lists at most 12 queries, pages of one thing at most 18."""
    for occupation in ("测量员", "资料员", None):
        hall.people(20, occupation=occupation)
    hall.people(9, state="failed", placed=False)
    plan = hall.plan()
    services.submit_plan(hall.actor, plan)
    services.withdraw_plan(hall.actor, plan)
    for url, most in [(LIST, 12), (NEW, 12), (new_url(hall), 18), (url_of(plan, "edit/"), 18)]:
        with django_assert_max_num_queries(most):
            page(client, url)
    for act in ("", "people/", "rooms/", "record/"):
        with django_assert_max_num_queries(18):
            page(client, url_of(plan, act))
