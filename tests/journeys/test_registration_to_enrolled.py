"""The guide's eleven steps in a browser, from an empty database to 已报名."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Page

from tests.journeys import authority, enterprise, institution, learner, papers
from tests.journeys.papers import image
from tests.journeys.stage import Stage, worker
from zhupei.demo.invented import InventedPerson, Inventor

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(600),
]

OCCUPATION = "土建施工员"
FIRM = {
    "单位名称": "浙江晨曦建设有限公司",
    "统一社会信用代码": Inventor(3).credit_code(),
    "法定代表人": "陈立新",
    "地址": "浙江省杭州市西湖区文三路",
    "经营范围": "房屋建筑工程施工；市政公用工程施工。",
    "所在县（市、区）": "西湖区",
    "联系人": "周敏",
    "联系人手机": "13857100001",
    "负责人": "陈立新",
    "负责人手机": "13857100002",
}
ADDRESS = "浙江省杭州市西湖区文三路 18 号 5 楼"
CITY_SCHOOL = {
    "机构名称": "杭州样本建筑培训学校",
    "简称": "杭样培",
    "所在地区": "杭州市拱墅区",
    "地址": "浙江省杭州市拱墅区湖墅南路 2 号",
    "户名": "杭州样本建筑培训学校",
    "账号": "1202020109900012345",
    "开户行": "样本银行杭州湖墅支行",
}
STATE_SCHOOL = {
    "机构名称": "浙江样本建设学院",
    "简称": "浙样院",
    "所在地区": "杭州市上城区",
    "地址": "浙江省杭州市上城区钱江路 8 号",
    "户名": "浙江样本建设学院",
    "账号": "1202020109900054321",
    "开户行": "样本银行杭州钱江支行",
}
FIRST_PASSWORD, OWN_PASSWORD = "Chushi-2026-mima", "Ziji-de-mima-88"
CLERKS_PASSWORD, OFFICIALS_PASSWORD = "Chenxi-jianshe-18", "Jianwei-keyuan-26"


@pytest.fixture
def stage(browser: Browser, live_server: Any) -> Iterator[Stage]:
    """Closed at the end; errors of scripts and breaches of the security policy fail the test."""
    made = Stage(browser, live_server.url)
    with worker():
        yield made
        made.close()
    assert made.faults == []


def open_office(stage: Stage, region: str, account: str) -> Page:
    """A department with its first account, which the operator opens; all else is done on the pages."""
    out = io.StringIO()
    call_command("open_authority", region, account, name="王立新", phone="13900000001", stdout=out)
    initial = re.search(r"初始密码 (\S+)，", out.getvalue())
    assert initial
    office = stage.window()
    authority.first_sign_in(stage, office, account, initial[1], OFFICIALS_PASSWORD)
    return office


def open_schools(stage: Stage) -> tuple[Page, Page]:
    """Both authorities create an institution, both institutions describe themselves; the city's page and window."""
    schools = [
        ("330000", "zjjst", STATE_SCHOOL, "zjybxy", "520"),
        ("330100", "hzjw", CITY_SCHOOL, "hzybxx", "480"),
    ]
    for region, account, values, name, fee in schools:
        office = open_office(stage, region, account)
        authority.create_institution(stage, office, values, name, FIRST_PASSWORD)
        school = stage.window()
        institution.first_sign_in(stage, school, name, FIRST_PASSWORD, OWN_PASSWORD)
        institution.describe_itself(
            stage,
            school,
            {"联系人": "沈老师", "咨询电话": "0571-88880000", "开户行": values["开户行"] + "营业部"},
            {"名称": "一号机房", "地址": values["地址"], "机位数": "60"},
        )
        institution.offer(stage, school, [OCCUPATION, "土建质量员"], fee, "一号机房", "每月 1 日、15 日开班")
    return office, school


def register_and_approve(stage: Stage, office: Page) -> Page:
    """Steps 1 and 2, with a rejection and a correction on the way; the enterprise's window."""
    name = FIRM["单位名称"]
    firm = stage.window()
    files = [
        image("yyzz.jpg", papers.license_of(name, FIRM["统一社会信用代码"])),
        image("cns.jpg", papers.letter_of(name, signed=False)),
        image("zzzs.jpg", papers.qualification_of(name)),
    ]
    enterprise.register(stage, firm, FIRM, CLERKS_PASSWORD, files)
    enterprise.is_kept_out(firm)
    authority.reject_registration(stage, office, name, "地址请写到门牌号")
    assert "审核不通过" in stage.sms(FIRM["联系人手机"], "审核")
    enterprise.correct_registration(
        stage,
        firm,
        ["承诺书未签字", "地址请写到门牌号"],
        {"地址": ADDRESS},
        image("cns-2.jpg", papers.letter_of(name, signed=True)),
    )
    authority.approve_registration(stage, office, name, before=FIRM["地址"], after=ADDRESS)
    assert "通过" in stage.sms(FIRM["联系人手机"], "审核通过")
    return firm


def enroll(stage: Stage, firm: Page, people: list[InventedPerson]) -> None:
    """Steps 3 to 6: choose, roster with wrong cells, materials with a bad picture, hand in."""
    schools = [CITY_SCHOOL["机构名称"], STATE_SCHOOL["机构名称"]]
    enterprise.compare_and_choose(stage, firm, OCCUPATION, schools, schools[0])
    wrong = {
        (1, "身份证号"): papers.misread(people[1].id_number),
        (2, "手机号"): people[2].phone[:10],
        (3, "学历"): "大学",
    }
    roster = papers.fill_template(enterprise.template(firm), people, FIRM["单位名称"], wrong)
    corrections = {"身份证": people[1].id_number, "手机号": people[2].phone, "学历": "大专"}
    enterprise.submit_roster(stage, firm, roster, corrections, len(people))
    archive = papers.archive_of(people, broken=people[4], stranger=Inventor(9).person("330302").id_number)
    enterprise.upload_archive(stage, firm, archive, len(people) * 6 - 1, people[4].id_number)
    portrait = papers.materials_of(people[4])["头像"]
    enterprise.mend_portrait(stage, firm, people[4].name, image("头像.jpg", portrait))
    enterprise.hand_in(stage, firm, len(people))


def pay(stage: Stage, firm: Page, school: Page, people: list[InventedPerson]) -> str:
    """Steps 8 to 11, with a wrong payer and a voucher that comes back; the order's number."""
    name, total = FIRM["单位名称"], f"¥{480 * len(people):,}.00"
    number = enterprise.place_order(stage, firm, len(people), total)
    voucher = papers.voucher_of(name, total)
    enterprise.submit_voucher(
        stage,
        firm,
        image("回单.jpg", voucher),
        wrong_payer="杭州别家建筑有限公司",
        payer=name,
        day="2026-11-20",
    )
    institution.reject_voucher(stage, school, name, "回单上没有银行印章，请换一张")
    assert "退回" in stage.sms(FIRM["联系人手机"], "凭证")
    enterprise.replace_voucher(
        stage, firm, number, "回单上没有银行印章，请换一张", image("回单盖章.jpg", voucher)
    )
    institution.confirm_payment(stage, school, name, total)
    return number


def test_from_registration_to_enrolled(stage: Stage) -> None:
    """Issue 2, bar 1: ORG-02 … 13, CAT-01, ENR-01 … 06, MAT-01 … 03, ELI-01 … 03, BIL-01 … 04, QRY-01, NTF-01, ACC-03."""
    invent = Inventor(11)
    people = [invent.person() for _ in range(5)]
    names = [person.name for person in people]
    office, school = open_schools(stage)
    firm = register_and_approve(stage, office)
    enroll(stage, firm, people)
    institution.review_people(stage, school, names, returned=names[3])
    enterprise.correct_person(
        stage,
        firm,
        names[3],
        "没有单位盖章，请盖章后重新上传",
        image("年限.jpg", papers.materials_of(people[3])["工作年限证明"]),
    )
    institution.approve_again(stage, school, names[3])
    number = pay(stage, firm, school, people)
    institution.sees_enrolled(stage, school, names)
    enterprise.sees_enrolled(stage, firm, number, names)
    for person in people:
        assert re.search("报名|已开通", stage.sms(person.phone, OCCUPATION))
    worker_page = stage.window()
    learner.first_sign_in(stage, worker_page, people[0].id_number, people[0].phone, "Gongren-zhou-77")
    learner.sees_enrolled(stage, worker_page, OCCUPATION)
