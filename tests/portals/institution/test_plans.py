"""培训计划 of the institution: list, form, review, record, calendar (TRN-01 … TRN-03)."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from foundation.review import services as reviews
from foundation.review.models import ReviewState
from tests.zhupei.training.schools import School, make_school, moment
from zhupei.organizations.models import Room, Teacher
from zhupei.training import services
from zhupei.training.models import PlanStage, TrainingPlan
from zhupei.training.plan_states import PlanState, state_of

pytestmark = pytest.mark.django_db
LIST = "/institution/plans/"
NEW = "/institution/plans/new/"


@pytest.fixture
def school(world) -> School:
    return make_school(world)


@pytest.fixture
def client(school) -> Client:
    return school.world.client(school.actor.user)


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


def typed(school: School, **changed: Any) -> dict[str, Any]:
    """What a clerk fills in: two days of eight hours."""
    values: dict[str, Any] = {
        "name": services.propose_plan_name(school.institution, timezone.localdate()),
        "delivery": "onsite",
        "offers": [school.offer.pk],
        "head_count": 20,
        "opens_at": f"{moment(0, 0):%Y-%m-%dT%H:%M}",
        "closes_at": f"{moment(1):%Y-%m-%dT%H:%M}",
        "room": school.room.pk,
        "place": "",
        "form": "open",
        "note": "请带身份证",
        "row": ["0", "1", "5"],
        "save": "1",
    }
    for number, days in (("0", 3), ("1", 4)):
        values |= {
            f"d{number}-day": f"{moment(days):%Y-%m-%d}",
            f"d{number}-starts": "09:00",
            f"d{number}-ends": "17:00",
            f"d{number}-subject": f"安全生产{number}",
            f"d{number}-teacher": school.teacher.pk,
            f"d{number}-room": "",
        }
    return values | changed


def url_of(plan: TrainingPlan, act: str = "") -> str:
    return f"{LIST}{plan.pk}/{act}"


def make(school: School, offset: int = 0, **changed: Any) -> TrainingPlan:
    """A plan whose teaching clashes with no other one of another `offset`."""
    days = [
        services.DayData(moment(3 + 2 * offset + n), moment(3 + 2 * offset + n, 17), "理论", school.teacher)
        for n in range(2)
    ]
    return services.create_plan(school.actor, school.data(days=days, **changed))


def authority_of(school: School) -> Any:
    return school.world.actor(school.institution.supervisor)


def test_a_plan_is_made_with_the_proposed_name_and_the_offers_fee(client, school):
    """TRN-01: the name is there already, the fee beside the offer; a row left empty does not count."""
    Teacher.objects.create(
        institution=school.institution,
        kind="external",
        name="外聘老师",
        id_number=school.world.invent.person().id_number,
        subject="实操",
    )
    text = page(client, NEW)
    name = services.propose_plan_name(school.institution, timezone.localdate())
    assert f'value="{name}"' in text
    assert f"¥{school.offer.fee:,.2f}" in text
    assert '<optgroup label="外聘">' in text

    response = client.post(NEW, typed(school))

    plan = TrainingPlan.objects.get()
    assert response["Location"] == url_of(plan)
    assert plan.name == name and plan.days.count() == 2
    assert plan.place == f"{school.room.site.address}{school.room}"
    assert {day.room_id for day in plan.days.all()} == {school.room.pk}
    assert [item.fee for item in plan.items.all()] == [school.offer.fee]


def test_rows_are_added_and_removed_without_losing_anything(client, school):
    """TRN-01: 培训天数 by the server alone, as without scripts."""
    more = client.post(NEW, typed(school, add_row="1")).content.decode()
    assert len(re.findall(r'<input type="hidden" name="row" value="\d+"', more)) == 4
    assert "安全生产1" in more and "请带身份证" in more and "请填写" not in more
    fewer = client.post(NEW, typed(school, remove_row="0")).content.decode()
    assert "安全生产0" not in fewer and "安全生产1" in fewer
    assert not TrainingPlan.objects.exists()


def test_refusals_stand_at_their_fields_and_nothing_typed_is_lost(client, school):
    """TRN-02: number of seats, hours, dates; the row that is incomplete is named."""
    text = client.post(NEW, typed(school, head_count=41, **{"d1-day": ""})).content.decode()
    assert "请填写日期。" in text and "安全生产0" in text and "安全生产1" in text
    assert f'value="{school.offer.pk}" id="id_offers_0" checked' in re.sub(r'class="[^"]*" ', "", text) or (
        re.search(rf'value="{school.offer.pk}"[^>]*checked', text)
    )

    text = client.post(NEW, typed(school, head_count=41, row=["0"])).content.decode()
    error = re.search(r'id="id_head_count_error">([^<]*)<', text).group(1)
    assert "40 个座位" in error
    assert "只安排了 10 学时" in re.search(r'id="days_error">([^<]*)<', text).group(1)
    assert not TrainingPlan.objects.exists()


def test_a_double_booking_is_told_at_the_row_with_the_other_plan(client, school):
    """TRN-02: the clash names the other plan."""
    other = services.create_plan(school.actor, school.data())
    text = client.post(NEW, typed(school, **{"d0-day": f"{moment(8):%Y-%m-%d}"})).content.decode()
    rows = text.split("data-row>")[1:4]
    assert "已安排在计划" not in rows[0]
    assert f"已安排在计划 {other.name}" in rows[1] and school.teacher.name in rows[1]


def test_a_plan_names_organizations_found_by_name_or_code(client, school):
    """TRN-01: 指定企业, only those that may choose this institution."""
    world = school.world
    mine = world.organization(supervisor=school.institution.supervisor, name="杭州甲建筑有限公司")
    waiting = world.organization(
        supervisor=school.institution.supervisor, name="杭州乙建筑有限公司", state=ReviewState.SUBMITTED
    )
    foreign = world.organization(
        supervisor=world.authority("330200", "宁波市"), city="330200", name="宁波丙建筑有限公司"
    )
    found = page(client, f"{LIST}organizations/?organization_search=建筑有限")
    assert mine.name in found and waiting.name not in found and foreign.name not in found
    assert mine.name in page(client, f"{LIST}organizations/?organization_search={mine.uscc[:10]}")

    nobody = client.post(NEW, typed(school, form="designated")).content.decode()
    assert "请至少选择一家企业" in nobody
    searched = client.post(NEW, typed(school, form="designated", find="1", organization_search="杭州甲"))
    assert mine.name in searched.content.decode()
    assert "不能在本机构报名" in (
        client.post(NEW, typed(school, form="designated", organizations=[foreign.pk])).content.decode()
    )
    client.post(NEW, typed(school, form="designated", organizations=[mine.pk]))
    plan = TrainingPlan.objects.get()
    assert list(plan.organizations.all()) == [mine]
    assert mine.name in page(client, url_of(plan)) and mine.name in page(client, url_of(plan, "edit/"))


def test_handed_in_withdrawn_rejected_and_handed_in_again(client, school):
    """TRN-03: 提交审核, 撤回 while 未受理, 去上报 with the reasons on top, 审核记录 with every act."""
    client.post(NEW, typed(school))
    plan = TrainingPlan.objects.get()
    assert "提交审核" in page(client, url_of(plan)) and "删除" in page(client, url_of(plan))
    client.post(url_of(plan, "submit/"))
    text = page(client, url_of(plan))
    assert "未受理" in text and "撤回" in text and url_of(plan, "edit/") not in text
    client.post(url_of(plan, "withdraw/"))
    assert "未上报" in page(client, url_of(plan))
    client.post(url_of(plan, "submit/"))
    authority = authority_of(school)
    plan.review.refresh_from_db()
    reviews.accept(authority, plan.review)
    assert "受理前可以先撤回" in client.get(url_of(plan, "edit/"), follow=True).content.decode()
    reviews.reject(authority, plan.review, reasons={"place": "请写明楼层"}, remark="其余无误")

    for text in (page(client, url_of(plan)), page(client, url_of(plan, "edit/"))):
        assert "请写明楼层" in text and "其余无误" in text
    assert "去上报" in page(client, url_of(plan))
    client.post(url_of(plan, "edit/"), typed(school, name=plan.name, place="三楼", submit_review="1"))
    plan.refresh_from_db()
    assert (plan.review.state, plan.review.round, plan.place) == ("submitted", 3, "三楼")

    record = page(client, url_of(plan, "record/"))
    assert record.count("第 ") >= 3 and "地点：请写明楼层；其余无误" in record
    assert authority.user.name in record and school.actor.user.name in record
    assert "已撤回" in record and "查看详情" in record


def test_people_and_attendance_appear_with_the_approval(client, school):
    """TRN-04, TRN-06: a plan that is not published has nobody to show."""
    draft, published = make(school, 1), school.plan()
    assert url_of(draft, "people/") not in page(client, url_of(draft))
    text = page(client, url_of(published))
    assert url_of(published, "people/") in text and url_of(published, "attendance/") in text
    assert "删除" not in text and "提交审核</button>" not in text


def test_only_a_plan_never_handed_in_is_deleted(client, school):
    """TRN-03: what was handed in is kept."""
    plan, kept = make(school), make(school, 1)
    services.submit_plan(school.actor, kept)
    services.withdraw_plan(school.actor, kept)
    client.post(url_of(plan, "discard/"))
    assert "不能删除" in client.post(url_of(kept, "discard/"), follow=True).content.decode()
    assert list(TrainingPlan.objects.all()) == [kept]


WORDS = [
    "未上报",
    "未受理",
    "已受理",
    "审核不通过",
    "未开始",
    "报名中",
    "报名结束",
    "已开班",
    "考勤完成",
    "培训结束",
]


def test_the_list_shows_the_states_in_their_words(client, school):
    """states.md: a tab for every word, the plan behind the right one; one word at a time."""
    assert [state.label for state in PlanState] == WORDS
    draft, handed_in, accepted, rejected, upcoming = (make(school, n) for n in range(5))
    authority = authority_of(school)
    for row in (handed_in, accepted, rejected, upcoming):
        services.submit_plan(school.actor, row)
    for row in (accepted, rejected, upcoming):
        reviews.accept(authority, row.review)
    reviews.reject(authority, rejected.review, reasons={"name": "有误"})
    reviews.approve(authority, upcoming.review)
    text = page(client, LIST)
    assert re.findall(r'<li><a href="[^"]*tab=[^"]*"[^>]*>([^<]+)<', text) == WORDS
    for row, tab in (
        (draft, "draft"),
        (handed_in, "submitted"),
        (accepted, "accepted"),
        (rejected, "rejected"),
        (upcoming, "upcoming"),
    ):
        row.refresh_from_db()
        assert state_of(row) == tab
        shown = page(client, f"{LIST}?tab={tab}")
        assert [plan.name for plan in TrainingPlan.objects.all() if plan.name in shown] == [row.name]
    assert "2</span>" in re.search(r"培训计划<span[^>]*>[^<]*</span>", text).group(0)

    services.follow_dates()
    upcoming.refresh_from_db()
    assert upcoming.stage == PlanStage.ENROLLING
    assert upcoming.name in page(client, f"{LIST}?tab=enrolling")


def test_the_list_asks_few_questions_and_exports(client, school, django_assert_max_num_queries):
    """TRN-01: at most 12 queries however many plans; the same list as a spreadsheet."""
    for number in range(6):
        make(school, number)
    client.get(LIST)
    with django_assert_max_num_queries(14):  # 12 and the session with its user
        page(client, LIST)
    assert client.get(f"{LIST}?format=xlsx").status_code == 200
    assert "还没有" not in page(client, f"{LIST}?starts_at_min={timezone.localdate()}&q=样本街")


def test_the_calendar_shows_a_month_by_teacher_and_room(client, school):
    """TRN-02: who teaches when and where, of all plans."""
    plan = services.create_plan(school.actor, school.data())
    day = plan.days.first()
    month = f"{timezone.localtime(day.period.lower):%Y-%m}"
    free = Room.objects.create(site=school.room.site, name="空教室", seats=10)
    url = f"{LIST}calendar/?month={month}"
    assert plan.name in page(client, url)
    assert plan.name in page(client, f"{url}&teacher={school.teacher.pk}&room={school.room.pk}")
    assert plan.name not in page(client, f"{url}&room={free.pk}")
    earlier = (timezone.localtime(day.period.lower).replace(day=1) - dt.timedelta(days=40)).strftime("%Y-%m")
    assert plan.name not in page(client, f"{LIST}calendar/?month={earlier}")
    assert page(client, f"{LIST}calendar/?month=nonsense&teacher=x")


def test_strangers_find_nothing(school):
    """SEC-01: another institution, the authority's and the firm's users."""
    plan = services.create_plan(school.actor, school.data())
    other = make_school(school.world)
    world = school.world
    strangers = [other.actor.user, world.user(world.authority()), world.user(world.organization())]
    for stranger in strangers:
        client = world.client(stranger)
        for act in ("", "edit/", "record/"):
            assert client.get(url_of(plan, act)).status_code == 404
        for act in ("edit/", "submit/", "withdraw/", "discard/"):
            assert client.post(url_of(plan, act), typed(school)).status_code == 404
    plan.refresh_from_db()
    assert plan.review.state == ReviewState.DRAFT
    own = world.client(other.actor.user)
    assert plan.name not in page(own, f"{LIST}calendar/?month={moment(3):%Y-%m}")
    text = own.post(
        NEW, typed(other, **{"d0-teacher": school.teacher.pk}, room=school.room.pk)
    ).content.decode()
    assert "选择一个有效的选项" in text or "有效" in text
    assert not TrainingPlan.objects.filter(institution=other.institution).exists()


def test_the_finance_role_looks_and_does_nothing(school):
    """ORG-14: whoever confirms payments sees the plans; no button, no way round."""
    plan = services.create_plan(school.actor, school.data())
    finance = school.world.client(school.world.user(school.institution, "finance"))
    assert "创建培训计划</a>" not in page(finance, LIST) + page(finance, f"{LIST}calendar/")
    text = page(finance, url_of(plan))
    assert url_of(plan, "edit/") not in text and url_of(plan, "submit/") not in text and "删除" not in text
    assert finance.get(NEW).status_code == 409
    for act in ("edit/", "submit/", "discard/"):
        assert finance.post(url_of(plan, act), typed(school)).status_code == 409
    plan.refresh_from_db()
    assert plan.review.state == ReviewState.DRAFT
