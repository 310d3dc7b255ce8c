"""Training plans in the three portals: the institution's file, a plan and its review, enrolling into it, attendance."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from tests.journeys.papers import FilePayload
from tests.journeys.stage import Stage, confirm, field, fill, follow, sign_in, told
from zhupei.demo.invented import InventedPerson

# --- accounts of the authority (ORG-14)


def add_colleague(stage: Stage, page: Page, name: str, role: str, account: str, password: str) -> None:
    """The owner opens an account with one role."""
    follow(page, "账号管理")
    page.get_by_role("link", name="新增账号").click()
    fill(page, {"姓名": name, "手机号": f"138571{sum(map(ord, account)):05d}", "登录账号": account})
    page.get_by_label(re.compile(rf"^\s*{role}：")).check()
    field(page, "初始密码").fill(password)
    stage.shot(page, f"主管部门-新增{role}账号")
    page.get_by_role("button", name="保存").click()
    told(page, f"已新增账号 {account}")


def colleague(stage: Stage, account: str, initial: str, password: str) -> Page:
    """A window of their own, where they set a password of their own first."""
    page = stage.window()
    sign_in(page, "authority", account, initial)
    fill(page, {"原密码": initial, "新密码": password, "确认新密码": password})
    page.get_by_role("button", name="修改密码").click()
    told(page, "密码已修改")
    return page


# --- the institution's file (ORG-12)


def put_paper(page: Page, slot: str, file: FilePayload) -> None:
    """A paper of the file; the page reads itself anew when it is there."""
    with page.expect_event("load"):
        page.locator(f"zp-upload[data-label='{slot}'] input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.locator(f"zp-upload[data-label='{slot}'] .upload-name")).to_contain_text(file["name"])


def complete_file(
    stage: Stage, page: Page, papers: dict[str, FilePayload], teacher: dict[str, str], room: dict[str, str]
) -> None:
    """What is missing is said; room, teacher and papers added, then handed in."""
    follow(page, "机构备案")
    told(page, "补齐后才能提交备案")
    stage.shot(page, "机构-备案（缺项）")
    page.get_by_role("link", name="新增教室").first.click()
    fill(page, room)
    page.get_by_role("button", name="保存").click()
    told(page, f"“{room['名称']}”已保存")
    page.get_by_role("link", name="新增师资").click()
    fill(page, teacher)
    stage.shot(page, "机构-新增师资")
    page.get_by_role("button", name="保存").click()
    told(page, f"师资“{teacher['姓名']}”已保存")
    for slot, file in papers.items():
        put_paper(page, slot, file)
    told(page, "资料已齐全")
    stage.shot(page, "机构-备案（齐全）")
    page.get_by_role("button", name="提交备案").click()
    confirm(page, "提交备案")
    told(page, "备案已提交")
    expect(page.locator("h1")).to_contain_text("未受理")
    stage.shot(page, "机构-备案已提交")


def review_file(stage: Stage, acceptor: Page, reviewer: Page, name: str) -> None:
    """Accepted by one person, approved by another."""
    follow(acceptor, "培训机构")
    stage.shot(acceptor, "受理人-机构列表")
    acceptor.get_by_role("link", name=name).first.click()
    acceptor.get_by_role("button", name="受理（A）", exact=True).click()
    told(acceptor, f"已受理：{name}")
    told(acceptor, "接下来由审核人员审核")
    expect(acceptor.get_by_role("button", name="通过", exact=False)).to_have_count(0)
    stage.shot(acceptor, "受理人-备案已受理")
    follow(reviewer, "培训机构")
    reviewer.get_by_role("link", name=name).first.click()
    stage.shot(reviewer, "审核人-机构备案")
    verdict(reviewer, "approve")
    told(reviewer, f"{name}：已审核通过")


def sees_filed(stage: Stage, page: Page) -> None:
    follow(page, "机构备案")
    expect(page.locator("h1")).to_contain_text("已审核")
    stage.shot(page, "机构-备案通过")


# --- offers and plans of the institution (CAT-01, TRN-01 … TRN-03)


def offer(stage: Stage, page: Page, occupation: str, level: str, fee: str) -> None:
    """One trade at one level of the skilled workers."""
    follow(page, "培训项目")
    page.get_by_role("link", name="新增培训项目").first.click()
    page.get_by_role("link", name="建设行业技能工人").click()
    page.get_by_label(occupation, exact=True).check()
    page.get_by_label(level, exact=True).check()
    page.get_by_label("线下", exact=True).check()
    fill(page, {"收费标准（元/人）": fee, "开班安排": "按培训计划"})
    stage.shot(page, "机构-新增技能工人项目")
    page.get_by_role("button", name="新增", exact=True).click()
    told(page, "已新增 1 个培训项目")


@dataclass(frozen=True)
class Lesson:
    """One day of teaching, from half past eight to half past five."""

    day: dt.date
    subject: str


def heading_says(page: Page, words: str) -> None:
    expect(page.locator("h1")).to_contain_text(words)


def make_plan(
    stage: Stage,
    page: Page,
    *,
    trade: str,
    seats: int,
    opens: dt.datetime,
    closes: dt.datetime,
    room: str,
    teacher: str,
    lessons: list[Lesson],
) -> str:
    """The form with its proposed name; returns the name. Not enough hours are refused with a sentence first."""
    follow(page, "培训计划")
    stage.shot(page, "机构-培训计划（空）")
    page.get_by_role("link", name="创建培训计划").first.click()
    name = field(page, "计划名称").input_value()
    page.get_by_label(re.compile(trade)).check()
    fill(page, {"计划人数": str(seats)})
    field(page, "报名开始").fill(f"{opens:%Y-%m-%dT%H:%M}")
    field(page, "报名截止").fill(f"{closes:%Y-%m-%dT%H:%M}")
    select(page.locator("#id_room"), room)
    rows = page.locator("[data-rows] [data-row]")
    fill_lesson(rows.nth(0), lessons[0], teacher)
    page.get_by_role("button", name="保存", exact=True).last.click()
    expect(page.locator("#days_error")).to_contain_text("最少 16 学时")
    stage.shot(page, "机构-学时不足")
    for number, lesson in enumerate(lessons[1:], 1):
        if rows.count() <= number:
            page.get_by_role("button", name="增加一行").click()
        fill_lesson(rows.nth(number), lesson, teacher)
    stage.shot(page, "机构-创建培训计划")
    page.get_by_role("button", name="保存", exact=True).last.click()
    told(page, f"培训计划 {name} 已保存")
    heading_says(page, "未上报")
    stage.shot(page, "机构-计划未上报")
    return name


def fill_lesson(row: Locator, lesson: Lesson, teacher: str) -> None:
    row.get_by_label("日期").fill(f"{lesson.day:%Y-%m-%d}")
    row.get_by_label("开始").fill("08:30")
    row.get_by_label("结束").fill("17:30")
    row.get_by_label("培训内容").fill(lesson.subject)
    select(row.get_by_label("授课老师"), teacher)


def select(control: Locator, words: str) -> None:
    """Choose the option that holds `words`."""
    control.select_option(value=control.locator("option", has_text=words).first.get_attribute("value"))


def submit_plan(stage: Stage, page: Page, name: str, picture: str) -> None:
    open_own_plan(page, name)
    page.get_by_role("button", name="提交审核").click()
    confirm(page, "提交审核")
    told(page, f"培训计划 {name} 已提交")
    heading_says(page, "未受理")
    stage.shot(page, picture)


def withdraw_plan(stage: Stage, page: Page, name: str) -> None:
    page.get_by_role("button", name="撤回").click()
    confirm(page, "撤回")
    told(page, f"培训计划 {name} 已撤回")
    heading_says(page, "未上报")
    stage.shot(page, "机构-计划已撤回")


def open_own_plan(page: Page, name: str) -> None:
    follow(page, "培训计划")
    page.get_by_role("link", name=name).first.click()
    heading_says(page, name)


def correct_plan(stage: Stage, page: Page, name: str, reason: str, values: dict[str, str]) -> None:
    """去上报: the reason is there, the plan is changed and handed in again."""
    open_own_plan(page, name)
    heading_says(page, "审核不通过")
    told(page, reason)
    stage.shot(page, "机构-计划审核不通过")
    page.get_by_role("link", name="去上报").click()
    told(page, reason)
    fill(page, values)
    stage.shot(page, "机构-计划修改")
    page.get_by_role("button", name="保存并提交审核").click()
    told(page, f"培训计划 {name} 已提交")
    heading_says(page, "未受理")


def sees_record(stage: Stage, page: Page, name: str, people: list[str]) -> None:
    """The record names every act and who did it (TRN-03)."""
    open_own_plan(page, name)
    page.get_by_role("link", name="查看审核记录").click()
    for line in page.get_by_text("查看详情").all():
        line.click()
    for person in people:
        told(page, person)
    stage.shot(page, "机构-计划审核记录")


# --- the authority's side of a plan (TRN-03)


def open_case(page: Page, name: str) -> None:
    follow(page, "计划审核")
    page.get_by_role("link", name=name).first.click()
    heading_says(page, name)


def accept_plan(stage: Stage, page: Page, name: str, picture: str) -> None:
    open_case(page, name)
    heading_says(page, "未受理")
    stage.shot(page, f"{picture}-未受理")
    page.get_by_role("button", name="受理").click()
    told(page, f"已受理培训计划 {name}，机构不能再撤回。接下来由审核人员审核。")
    heading_says(page, "已受理")
    expect(page.locator("[data-verdict]")).to_have_count(0)
    stage.shot(page, f"{picture}-已受理")


def cannot_accept(page: Page, name: str) -> None:
    """Who only reviews has no such button (ORG-14)."""
    open_case(page, name)
    heading_says(page, "未受理")
    expect(page.get_by_role("button", name="受理")).to_have_count(0)


def verdict(page: Page, value: str) -> None:
    page.locator(f"[data-verdict] button[value='{value}']").click()


def reject_plan(stage: Stage, page: Page, name: str, reason: str) -> None:
    open_case(page, name)
    page.get_by_label(reason, exact=True).check()
    stage.shot(page, "审核人-不通过原因")
    verdict(page, "reject")
    told(page, f"{name}：审核不通过，原因已通知对方")


def approve_plan(stage: Stage, page: Page, name: str, changed: str) -> None:
    """What was changed since the rejection is marked."""
    open_case(page, name)
    expect(page.locator("mark", has_text=changed).first).to_be_visible()
    stage.shot(page, "审核人-再次审核")
    verdict(page, "approve")
    told(page, f"{name}：已审核通过")


# --- the enterprise enrolls into a plan (ENR-07)


def open_trade(stage: Stage, page: Page, name: str, trade: str) -> None:
    """From the list over the plan to one trade."""
    follow(page, "培训计划")
    row = page.get_by_role("row").filter(has_text=name)
    expect(row).to_contain_text("报名中")
    stage.shot(page, "企业-可报名的计划", phone=True)
    page.get_by_role("link", name=name).first.click()
    heading_says(page, "报名中")
    stage.shot(page, "企业-计划", phone=True)
    page.get_by_role("link", name=re.compile(rf"报名\s*：\s*{trade}")).click()
    heading_says(page, trade)
    stage.shot(page, "企业-计划提交名单", phone=True)


def enroll_one(stage: Stage, page: Page, person: InventedPerson) -> None:
    """单人录入."""
    page.get_by_role("link", name="单人录入").click()
    fill(page, {"姓名": person.name, "身份证号": person.id_number, "手机号": person.phone})
    page.get_by_label("女" if person.gender == "female" else "男", exact=True).check()
    field(page, "学历").select_option(label="初中")
    stage.shot(page, "企业-计划单人录入", phone=True)
    page.get_by_role("button", name="保存").click()
    told(page, f"{person.name}已录入")


def put_portrait(page: Page, portrait: FilePayload) -> None:
    place = page.locator("zp-upload[data-label='头像']")
    place.locator("input[type=file]").set_input_files(portrait)  # type: ignore[arg-type]
    page.get_by_role("button", name="用这张").click()
    expect(place.locator(".upload-message")).to_contain_text("已上传")


def hand_in_one(stage: Stage, page: Page, picture: str) -> None:
    """Complete with two pictures; nobody reviews once more, an order can be made at once."""
    told(page, "资料已齐，核对无误后提交")
    stage.shot(page, f"{picture}（资料已齐）", phone=True)
    page.get_by_role("button", name="提交资料").click()
    heading_says(page, "资格审核通过")
    stage.shot(page, f"{picture}（已提交）", phone=True)


def sees_people(stage: Stage, page: Page, states: Mapping[str, str | re.Pattern[str]], picture: str) -> None:
    """The enterprise's list of people: name → state in words (QRY-01)."""
    follow(page, "人员查询")
    for name, state in states.items():
        expect(page.get_by_role("row").filter(has_text=name)).to_contain_text(state)
    stage.shot(page, picture, phone=True)


def sees_attendance(stage: Stage, page: Page, name: str, words: dict[str, str]) -> None:
    """我的计划: state of the plan, days, who was there (TRN-07)."""
    follow(page, "培训计划")
    page.get_by_role("link", name="我的计划").click()
    stage.shot(page, "企业-我的计划", phone=True)
    page.get_by_role("link", name=name).first.click()
    heading_says(page, "考勤完成")
    for person, word in words.items():
        expect(page.get_by_role("row").filter(has_text=person)).to_contain_text(word)
    stage.shot(page, "企业-计划考勤", phone=True)


# --- class and attendance (TRN-04 … TRN-06)


def clear_of_pictures(page: Page) -> None:
    """The two small pictures of a row keep to their own column."""
    cell = page.locator("td:has(.photo-pair)").first.bounding_box()
    pair = page.locator(".photo-pair img").nth(1).bounding_box()
    assert cell and pair and pair["x"] + pair["width"] <= cell["x"] + cell["width"]


def sees_not_ready(stage: Stage, page: Page, name: str, count: int) -> None:
    """Before everybody has paid the class cannot start, and the page says who is missing."""
    open_own_plan(page, name)
    page.get_by_role("link", name="学员").click()
    told(page, f"还不能开班：{count} 人没有完成报名缴费")
    expect(page.get_by_role("button", name="开班")).to_have_count(0)
    clear_of_pictures(page)
    stage.shot(page, "机构-还不能开班")


def start_class(stage: Stage, page: Page, name: str, people: list[str]) -> None:
    open_own_plan(page, name)
    page.get_by_role("link", name="学员").click()
    for person in people:
        expect(page.get_by_role("row").filter(has_text=person)).to_contain_text("已报名")
    stage.shot(page, "机构-计划学员")
    page.get_by_role("link", name=people[0]).first.click()
    expect(page.locator(".pane img, .stage img").first).to_be_visible()
    stage.shot(page, "机构-核对头像和身份证")
    page.go_back()
    page.get_by_role("button", name="开班").click()
    confirm(page, "开班", lambda: stage.shot(page, "机构-开班提问"))
    told(page, f"已开班，{len(people)} 人进入培训中，报名已结束")
    heading_says(page, "已开班")
    stage.shot(page, "机构-已开班")


def mark_absent(stage: Stage, page: Page, absent: str, present: int, days: int) -> None:
    """One tick a day; everybody else was there."""
    for number in range(days):
        page.get_by_role("navigation", name="选择日期").get_by_role("link").nth(number).click()
        page.get_by_label(f"{absent}缺勤").check()
        page.get_by_role("button", name="保存这一天").click()
        told(page, f"出勤 {present} 人，缺勤 1 人")
    stage.shot(page, "机构-考勤")


def confirm_attendance(stage: Stage, page: Page, absent: str, present: int) -> None:
    """Ticked already for who was away; a summary; once and for all."""
    page.get_by_role("link", name="确认考勤").click()
    expect(page.get_by_label(f"{absent}缺勤")).to_be_checked()
    told(page, "培训还没有上完，建议上完课再确认")
    stage.shot(page, "机构-确认考勤")
    page.get_by_role("button", name="下一步：核对人数").click()
    told(page, f"出勤 {present} 人，缺勤 1 人")
    stage.shot(page, "机构-确认考勤核对")
    page.get_by_role("button", name="确认考勤").click()
    told(page, f"考勤已确认：{present} 人培训完成，1 人缺勤")
    heading_says(page, "考勤完成")
    stage.shot(page, "机构-考勤完成")


def add_absentee(stage: Stage, page: Page, name: str, absent: str) -> None:
    """加入缺勤人员 into the next plan, without paying again (TRN-05)."""
    open_own_plan(page, name)
    page.get_by_role("link", name="学员").click()
    page.get_by_role("link", name="加入缺勤人员").click()
    page.get_by_role("row").filter(has_text=absent).get_by_role("checkbox").check()
    stage.shot(page, "机构-加入缺勤人员")
    page.get_by_role("button", name="加入缺勤人员").click()
    confirm(page, "加入缺勤人员")
    told(page, "已加入缺勤人员 1 人，不用再缴费")
    expect(page.get_by_role("row").filter(has_text=absent)).to_contain_text("已报名")
    stage.shot(page, "机构-下一期学员")
