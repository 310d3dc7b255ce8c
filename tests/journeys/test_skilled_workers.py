"""Programme B in a browser: from a new institution over its plan to the attendance and the next plan."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from tests.journeys import authority, enterprise, institution, papers, plans
from tests.journeys.papers import image
from tests.journeys.plans import Lesson
from tests.journeys.stage import Stage, sign_in, worker
from tests.world import PASSWORD, World
from tests.zhupei.training.schools import School, moment
from zhupei.accounts.models import User
from zhupei.billing.models import Order
from zhupei.catalog.models import Level, Offer
from zhupei.demo.invented import InventedPerson
from zhupei.organizations.actors import actor_for
from zhupei.organizations.models import Institution, Organization
from zhupei.training import services
from zhupei.training.services import DayData

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]

TRADE, FEE = "砌筑工", "680"
SCHOOL = {
    "机构名称": "杭州样本技能培训学校",
    "简称": "杭样",
    "所在地区": "杭州市拱墅区",
    "地址": "浙江省杭州市拱墅区湖墅南路 2 号",
    "户名": "杭州样本技能培训学校",
    "账号": "1202020109900012345",
    "开户行": "样本银行杭州湖墅支行",
}
FIRST_PASSWORD, OWN_PASSWORD = "Chushi-2026-mima", "Ziji-de-mima-88"
ROOM, TEACHER = "201 教室", "沈志远"
REASON = "培训地点不具体，请写明楼层和教室"
PLACE = "浙江省杭州市拱墅区湖墅南路 2 号 2 楼 201 教室"


@pytest.fixture
def stage(browser: Browser, live_server: Any) -> Iterator[Stage]:
    """Closed at the end; errors of scripts and breaches of the security policy fail the test."""
    made = Stage(browser, live_server.url)
    with worker():
        yield made
        made.close()
    assert made.faults == []


def open_school(stage: Stage, world: World) -> tuple[Page, Page, Page]:
    """Institution, two colleagues of the authority, the file; windows of acceptor, reviewer and institution."""
    owner = world.user(world.authority())
    office = stage.window()
    sign_in(office, "authority", owner.account, PASSWORD)
    authority.create_institution(stage, office, SCHOOL, "hzybjn", FIRST_PASSWORD)
    plans.add_colleague(stage, office, "陈受理", "受理", "hzshouli", FIRST_PASSWORD)
    plans.add_colleague(stage, office, "李审核", "审核", "hzshenhe", FIRST_PASSWORD)
    acceptor = plans.colleague(stage, "hzshouli", FIRST_PASSWORD, OWN_PASSWORD)
    reviewer = plans.colleague(stage, "hzshenhe", FIRST_PASSWORD, OWN_PASSWORD)
    school = stage.window()
    institution.first_sign_in(stage, school, "hzybjn", FIRST_PASSWORD, OWN_PASSWORD)
    institution.describe_itself(
        stage,
        school,
        {"联系人": "沈老师", "咨询电话": "0571-88880000", "机构介绍": "建设行业技能工人培训"},
        {"名称": "湖墅校区", "地址": SCHOOL["地址"], "机位数": "0"},
    )
    plans.complete_file(
        stage,
        school,
        {
            "营业执照": image("yyzz.jpg", papers.license_of(SCHOOL["机构名称"], world.invent.credit_code())),
            "承诺书": image("cns.jpg", papers.letter_of(SCHOOL["机构名称"], signed=True)),
        },
        {"姓名": TEACHER, "身份证号": world.invent.person().id_number, "任教科目": "安全生产、砌筑工艺"},
        {"名称": ROOM, "座位数": "40"},
    )
    plans.review_file(stage, acceptor, reviewer, SCHOOL["机构名称"])
    plans.sees_filed(stage, school)
    return acceptor, reviewer, school


def publish_plan(stage: Stage, acceptor: Page, reviewer: Page, school: Page, level: Level) -> str:
    """Made, submitted, withdrawn, submitted, rejected, edited, submitted, accepted and approved; its name."""
    plans.offer(stage, school, TRADE, level.name, FEE)
    now = timezone.localtime()
    name = plans.make_plan(
        stage,
        school,
        trade=TRADE,
        seats=5,
        opens=now - dt.timedelta(hours=1),
        closes=now + dt.timedelta(days=1),
        room=ROOM,
        teacher=TEACHER,
        lessons=[Lesson(moment(3 + n).date(), text) for n, text in enumerate(["安全生产知识", "砌筑工艺"])],
    )
    assert name == f"杭样培{now:%Y%m}01"
    plans.submit_plan(stage, school, name, "机构-计划已提交")
    plans.withdraw_plan(stage, school, name)
    plans.submit_plan(stage, school, name, "机构-计划再次提交")
    plans.cannot_accept(reviewer, name)
    plans.accept_plan(stage, acceptor, name, "受理人-计划")
    plans.reject_plan(stage, reviewer, name, REASON)
    plans.correct_plan(stage, school, name, REASON, {"培训地点": PLACE})
    plans.accept_plan(stage, acceptor, name, "受理人-计划再次")
    plans.approve_plan(stage, reviewer, name, PLACE)
    plans.sees_record(stage, school, name, ["陈受理", "李审核"])
    return name


def enroll(stage: Stage, firm: Page, name: str, people: list[InventedPerson], unit: str) -> None:
    """Two by a roster with a wrong cell, one by form; portrait and ID front of each; handed in."""
    plans.open_trade(stage, firm, name, TRADE)
    two = people[:2]
    wrong = {(1, "手机号"): two[1].phone[:10]}
    roster = papers.fill_template(enterprise.template(firm), two, unit, wrong)
    enterprise.submit_roster(stage, firm, roster, {"手机号": two[1].phone}, len(two))
    batch = firm.url
    for person in two:
        firm.goto(batch)
        enterprise.open_person(firm, person.name)
        put_pictures(firm, person)
        plans.hand_in_one(stage, firm, f"企业-{person.name}")
    plans.open_trade(stage, firm, name, TRADE)
    plans.enroll_one(stage, firm, people[2])
    put_pictures(firm, people[2])
    plans.hand_in_one(stage, firm, f"企业-{people[2].name}")


def put_pictures(firm: Page, person: InventedPerson) -> None:
    pictures = papers.materials_of(person)
    plans.put_portrait(firm, image("头像.jpg", pictures["头像"]))
    enterprise.put(firm, "身份证正面", image("身份证正面.jpg", pictures["身份证正面"]))


def pay(stage: Stage, firm: Page, school: Page, organization: Organization, people: int) -> None:
    """Order, voucher, confirmation."""
    total = f"¥{int(FEE) * people:,}.00"
    enterprise.place_order(stage, firm, people, total)
    enterprise.submit_voucher(
        stage,
        firm,
        image("回单.jpg", papers.voucher_of(organization.name, total)),
        wrong_payer="杭州别家建筑有限公司",
        payer=organization.name,
        day=f"{timezone.localdate()}",
    )
    institution.confirm_payment(stage, school, organization.name, total)


def next_plan(world: World) -> str:
    """The plan after it, made by the stage's commands; its name."""
    body = Institution.objects.get(name=SCHOOL["机构名称"])
    offer = Offer.objects.get(institution=body, occupation__name=TRADE)
    actor = actor_for(User.objects.get(account="hzybjn"))
    teacher, room = body.teachers.get(), body.sites.get().rooms.get()
    days = [DayData(moment(20 + n), moment(20 + n, 17), "砌筑工艺", teacher, room) for n in range(2)]
    return School(world, actor, offer, teacher, room).plan(days=days).name


def test_skilled_workers_from_a_new_institution_to_the_next_plan(stage: Stage) -> None:
    """Issue 3, bar 1: ORG-12, 14, CAT-01, TRN-01 … 07, ENR-07, BIL-01 … 04, QRY-01, NTF-01."""
    world = World()
    level = Level.objects.get(programme__code="skilled-workers", minimum_hours=16)
    acceptor, reviewer, school = open_school(stage, world)
    name = publish_plan(stage, acceptor, reviewer, school, level)
    services.follow_dates()  # what the platform does every minute

    organization = world.organization()
    clerk = world.user(organization)
    people = [world.invent.person() for _ in range(3)]
    names = [person.name for person in people]
    firm = stage.window()
    sign_in(firm, "enterprise", clerk.account, PASSWORD)
    enroll(stage, firm, name, people, organization.name)
    plans.sees_not_ready(stage, school, name, len(people))
    pay(stage, firm, school, organization, len(people))
    plans.sees_people(stage, firm, dict.fromkeys(names, "已报名"), "企业-已报名")
    for person in people:
        assert re.search("报名|已开通", stage.sms(person.phone, TRADE))

    plans.start_class(stage, school, name, names)
    plans.sees_people(stage, firm, dict.fromkeys(names, "培训中"), "企业-培训中")
    absent, present = names[1], [names[0], names[2]]
    plans.mark_absent(stage, school, absent, len(present), days=2)
    plans.confirm_attendance(stage, school, absent, len(present))
    attended = dict.fromkeys(present, "出勤") | {absent: "缺勤"}
    plans.sees_attendance(stage, firm, name, attended)
    trained = dict.fromkeys(present, "培训完成") | {absent: "缺勤"}
    plans.sees_people(stage, firm, trained, "企业-培训完成和缺勤")

    following = next_plan(world)
    plans.add_absentee(stage, school, following, absent)
    again = re.compile(f"{following}.*已报名", re.DOTALL)
    plans.sees_people(stage, firm, {absent: again}, "企业-转入下一期")
    assert following in stage.sms(people[1].phone, following)
    assert Order.objects.count() == 1
