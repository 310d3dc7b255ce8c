"""Bar 1 of the exam: plan → seating → approved → three people sit it at once → scores reported and approved.

One loses the network for a while, one changes the machine, one hands in too early. Each in a browser of their own.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from foundation.scoping import SYSTEM
from tests.journeys.stage import Stage, confirm, field, follow, sign_in, told, worker
from tests.keys import press
from tests.world import PASSWORD, World
from tests.zhupei.assessment.halls import Hall, make_hall
from zhupei.assessment import services as assessments
from zhupei.assessment.models import AssessmentPlan, Candidate, ExamRoom, Session
from zhupei.catalog.models import Occupation
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.exam.bank.services import loading
from zhupei.exam.bank.services.blueprints import RowData, save_blueprint
from zhupei.exam.hall.models import Attempt
from zhupei.exam.hall.services import attempts
from zhupei.exam.scores.models import ScoreLine
from zhupei.organizations.setup import load_basics

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

OCCUPATION = "土建施工员"
# A paper of the real bank, short enough to be answered by hand three times.
BLUEPRINT = [("single", 5, 10), ("true_false", 2, 10), ("multiple", 2, 15)]
QUESTIONS = 9
# What the refusals of this journey leave in the console.
EXPECTED = re.compile(r"status of (401|403|404|409|422|425|429)|ERR_INTERNET_DISCONNECTED")


@pytest.fixture
def stage(browser: Browser, live_server: Any) -> Iterator[Stage]:
    made = Stage(browser, live_server.url)
    with worker():
        yield made
        made.close()
    assert [fault for fault in made.faults if not EXPECTED.search(fault)] == []


@pytest.fixture
def hall(transactional_db: None) -> Hall:
    """An institution with a computer room; three people of three firms have been trained; the bank is there."""
    load_basics()
    loading.load_bank("tujian-shigongyuan")
    occupation = Occupation.objects.get(programme__code="site-professionals", name=OCCUPATION)
    rows = [RowData(kind, count, Decimal(points)) for kind, count, points in BLUEPRINT]
    save_blueprint(SYSTEM, occupation, None, rows)
    hall = make_hall(World(), seats=(30,))
    for _ in range(3):
        hall.people(1, occupation=occupation)
    hall.people(1, occupation=occupation, state="absent", is_absent=True)
    return hall


def make_plan(stage: Stage, page: Page, hall: Hall) -> AssessmentPlan:
    """The clerk chooses the training plan, time and room; people are proposed, the absent one is listed with why."""
    follow(page, "考核计划")
    page.get_by_role("link", name="创建考核计划").first.click()
    page.get_by_role("link", name=hall.training_plan.name).first.click()
    start = timezone.localtime() + dt.timedelta(days=1)
    field(page, "首场开考时间").fill(f"{start:%Y-%m-%d}T09:00")
    page.get_by_label(re.compile("机房01")).check()
    expect(page.locator("#people")).to_contain_text("缺勤")
    expect(page.locator("[data-pick='ready']:checked")).to_have_count(3)
    stage.shot(page, "机构-创建考核计划")
    page.get_by_role("button", name="保存并编排座位").click()
    told(page, "座位")
    plan = AssessmentPlan.objects.get(training_plan=hall.training_plan)
    stage.shot(page, "机构-考核计划", phone=True)
    page.get_by_role("button", name="提交审核").click()
    confirm(page, "提交审核")
    expect(page.locator("h1")).to_contain_text("未受理")
    return plan


def review(stage: Stage, page: Page, entry: str, name: str) -> None:
    """The authority accepts and approves by keys, wherever it is reviewed."""
    follow(page, entry)
    page.get_by_role("link", name=name).first.click()
    stage.shot(page, f"主管部门-{entry}")
    page.get_by_role("button", name=re.compile("^受理")).click()
    told(page, "已受理")
    expect(page.locator("[data-verdict]")).to_be_visible()
    press(page, "a")
    told(page, "已审核通过")


def begin_now(plan: AssessmentPlan) -> None:
    """Tomorrow's nine o'clock is now: the clock is the server's, so its plan is moved."""
    starts = timezone.now() - dt.timedelta(minutes=1)
    ends = starts + dt.timedelta(minutes=plan.exam_minutes)
    Session.objects.filter(plan=plan).update(starts_at=starts, ends_at=ends)
    ExamRoom.objects.filter(session__plan=plan).update(period=DateTimeTZRange(starts, ends))
    assessments.follow_clock()


def come_in(stage: Stage, candidate: Candidate) -> Page:
    """Somebody signs in at a machine and waits for the invigilator."""
    page = stage.window()
    page.goto("/exam/")
    page.get_by_label("准考证号").fill(str(candidate.ticket_number))
    page.get_by_label("身份证号").fill(candidate.enrollment.id_number)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="等待监考员核验放行")).to_be_visible()
    return page


def let_in(watch: Page, name: str) -> None:
    """The invigilator's screen shows who waits; one click."""
    waiting = watch.locator(".hall-wait").filter(has_text=name)
    waiting.get_by_role("button", name="放行", exact=True).click()
    expect(waiting).to_have_count(0)


def begin(page: Page) -> None:
    page.get_by_role("button", name="开始答题").click()
    expect(page.locator("#question-head")).to_contain_text("第 1 题")


def key_of(candidate: Candidate) -> list[list[str]]:
    return [entry["answer"] for entry in candidate.paper.key]


def answer(page: Page, candidate: Candidate, numbers: list[int], *, right: bool = True) -> None:
    """Answer these questions by keyboard, rightly or by one other letter."""
    key = key_of(candidate)
    for number in numbers:
        page.locator("#numbers button").nth(number - 1).click()
        expect(page.locator("#question-head")).to_contain_text(f"第 {number} 题")
        letters = key[number - 1] if right else ["A" if key[number - 1] != ["A"] else "B"]
        for letter in letters:
            page.keyboard.press(letter.lower())


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text(re.compile(r"已保存 \d\d:\d\d:\d\d"))


def hand_in(page: Page) -> str:
    """Hand in and read the score."""
    page.evaluate("dispatchEvent(new Event('online'))")  # the next heart-beat, which brings the new times
    button = page.get_by_role("button", name="交卷", exact=True)
    expect(button).to_be_enabled()
    button.click()
    page.get_by_role("button", name="确认交卷").click()
    expect(page.locator("#result-score")).to_be_visible()
    return page.locator("#result-score").inner_text()


def points(candidate: Candidate, wrong: set[int]) -> Decimal:
    worth = [Decimal(entry["points"]) for entry in candidate.paper.key]
    return sum((each for number, each in enumerate(worth, start=1) if number not in wrong), Decimal(0))


def too_early(page: Page) -> int:
    """What the server says to a submission that the page would not send."""
    return page.evaluate(
        """async () => {
          const {csrf} = await (await fetch('/exam/api/session')).json();
          const answer = await fetch('/exam/api/submit', {method: 'POST', headers: {'X-CSRFToken': csrf}});
          return answer.status;
        }"""
    )


def test_from_the_plan_to_approved_scores(stage: Stage, hall: Hall) -> None:
    """ASM-01 … ASM-03, EXM-03 … EXM-06, SCO-01."""
    school, office = stage.window(), stage.window()
    sign_in(school, "institution", hall.world.user(hall.institution).account, PASSWORD)
    sign_in(office, "authority", hall.world.user(hall.institution.supervisor).account, PASSWORD)

    plan = make_plan(stage, school, hall)
    review(stage, office, "考核审核", plan.name)
    school.reload()
    school.get_by_role("button", name="确认线上考核").click()
    confirm(school, "确认线上考核")
    expect(school.get_by_text(re.compile("已准备好|：已完成"))).to_be_visible(timeout=60_000)
    stage.shot(school, "机构-试卷已准备")
    begin_now(plan)

    people = list(plan.candidates.select_related("enrollment", "exam_room", "paper").order_by("seat_number"))
    assert len(people) == 3 and len({tuple(map(tuple, key_of(row))) for row in people}) > 1
    follow(school, "监考")
    school.get_by_role("link", name=re.compile("第 01 考场")).first.click()
    pages = []
    for row in people:
        pages.append(come_in(stage, row))
        let_in(school, row.enrollment.name)
    for page in pages:
        begin(page)
    stage.shot(pages[0], "考生-答题", phone=True)
    steady, offline, early = pages
    everything = list(range(1, QUESTIONS + 1))

    # One answers on while the network is away; nothing is lost.
    answer(offline, people[1], everything[:3])
    saved(offline)
    offline.context.set_offline(True)
    answer(offline, people[1], everything[3:7])
    expect(offline.locator("#offline-banner")).to_be_visible()
    stage.shot(steady, "考生-保存")
    offline.context.set_offline(False)
    saved(offline)

    # One hands in too early: the page does not offer it, the server refuses it.
    answer(early, people[2], everything[:6])
    answer(early, people[2], everything[6:], right=False)
    saved(early)
    expect(early.get_by_role("button", name="后可以交卷")).to_be_disabled()
    assert too_early(early) == 425

    # One changes the machine: let in again, everything is there; the old machine says so.
    answer(steady, people[0], everything[:5])
    saved(steady)
    other = come_in(stage, people[0])
    expect(school.locator(".hall-wait").filter(has_text="换机")).to_be_visible()
    stage.shot(school, "监考-换机")
    let_in(school, people[0].enrollment.name)
    done = other.locator("#numbers button[aria-label*='已答']")
    expect(done).to_have_count(5)
    expect(steady.get_by_role("heading", name="您的考试已在另一台机器上打开")).to_be_visible(timeout=40_000)
    answer(other, people[0], everything[5:])
    saved(other)

    Attempt.objects.filter(candidate__plan=plan).update(submit_from=timezone.now())
    expected = [points(people[0], set()), points(people[1], {8, 9}), points(people[2], {7, 8, 9})]
    assert expected == [100, 70, 60]
    for page, score in zip((other, offline, early), expected, strict=True):
        assert Decimal(hand_in(page)) == score
    stage.shot(other, "考生-成绩", phone=True)
    assert [row.score for row in Attempt.objects.order_by("candidate__seat_number")] == expected

    # The time is over: pulled, reported, approved.
    over = timezone.now() - dt.timedelta(seconds=1)
    Session.objects.filter(plan=plan).update(starts_at=over - dt.timedelta(hours=2), ends_at=over)
    Attempt.objects.filter(candidate__plan=plan).update(ends_at=over)
    attempts.close_due()
    follow(school, "成绩报审")
    school.get_by_role("link", name=plan.name).first.click()
    school.get_by_role("button", name="拉取成绩").click()
    told(school, people[0].enrollment.name)
    stage.shot(school, "机构-成绩", phone=True)
    school.get_by_role("button", name="成绩上报").click()
    confirm(school, "成绩上报")
    expect(school.locator("h1")).to_contain_text("待受理")
    review(stage, office, "成绩审核", plan.name)
    states = dict(Enrollment.objects.filter(candidacies__plan=plan).values_list("pk", "state"))
    assert set(states.values()) == {EnrollmentState.PASSED} and len(states) == 3
    lines = ScoreLine.objects.filter(candidate__plan=plan).order_by("candidate__seat_number")
    assert [line.theory for line in lines] == expected
