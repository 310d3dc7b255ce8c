"""The examinee's page in a real browser: by keyboard, without a network, reloaded, at two machines, to the end."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from foundation.scoping import SYSTEM
from zhupei.assessment.models import Session
from zhupei.demo.exam_hall import Hall, Sitter, open_hall
from zhupei.exam.hall.models import Answer, Attempt, AttemptState, EventKind, ExamEvent
from zhupei.exam.hall.services import admission, invigilation
from zhupei.exam.papers.models import Paper
from zhupei.organizations.setup import load_basics

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SCREEN = (1440, 900)
PHONE = (390, 844)
# What the browser writes to its console when the server refuses or the network is gone; the page says it in words.
EXPECTED = re.compile(r"status of (401|403|409|425|503)|ERR_INTERNET_DISCONNECTED|ERR_FAILED")
KEPT = """() => new Promise((resolve) => {
  const request = indexedDB.open('zhupei-exam', 1);
  request.onsuccess = () => {
    const all = request.result.transaction('attempts').objectStore('attempts').getAll();
    all.onsuccess = () => resolve(all.result);
  };
})"""
# Every heading that is seen, however shortly: into window.headings.
REMEMBER_HEADINGS = """() => {
  window.headings = [];
  new MutationObserver(() => {
    for (const heading of document.querySelectorAll('h1')) {
      if (heading.checkVisibility()) window.headings.push(heading.textContent);
    }
  }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}"""

Machine = Callable[..., Page]


@pytest.fixture(autouse=True)
def basics(transactional_db: None) -> None:
    """Regions and authorities: flushing the tables between tests takes them away."""
    load_basics()


@pytest.fixture
def machine(browser: Browser, live_server: Any) -> Iterator[Machine]:
    """Opens machines of the exam room: each with cookies and storage of its own. Faults of scripts fail the test."""
    faults: list[str] = []
    contexts: list[BrowserContext] = []

    def open_(size: tuple[int, int] = SCREEN) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": size[0], "height": size[1]},
            locale="zh-CN",
            timezone_id="Europe/Berlin",  # the page shows China's time whatever the machine believes
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "console",
            lambda entry: (
                faults.append(entry.text)
                if entry.type == "error" and not EXPECTED.search(entry.text)
                else None
            ),
        )
        page.on("dialog", lambda dialog: dialog.accept())
        page.goto("/exam/")
        return page

    yield open_
    for context in contexts:
        for page in context.pages:
            page.goto("about:blank")  # nothing may be under way while the tables are emptied
        context.close()
    assert faults == []


def sign_in(page: Page, sitter: Sitter) -> None:
    """Types both numbers, as from the ticket."""
    page.get_by_label("准考证号").fill(sitter.ticket)
    page.get_by_label("身份证号").fill(sitter.id_number)
    page.keyboard.press("Enter")


def begin(page: Page, sitter: Sitter) -> None:
    """Signs in and opens the paper."""
    sign_in(page, sitter)
    page.get_by_role("button", name="开始答题").click()
    expect(page.locator("#question-head")).to_be_visible()


def attempt_of(sitter: Sitter) -> Attempt:
    return Attempt.objects.get(candidate=sitter.candidate)


def answers_of(sitter: Sitter) -> dict[int, str]:
    rows = Answer.objects.filter(attempt=attempt_of(sitter))
    return {row.number: row.choice for row in rows if row.choice}


def key_of(sitter: Sitter) -> list[list[str]]:
    """The right letters, question by question, as the examiner has them."""
    return [entry["answer"] for entry in Paper.objects.get(candidate=sitter.candidate).key]


def saved(page: Page) -> None:
    """The page says that the server has confirmed everything."""
    expect(page.locator("#saved")).to_have_text(re.compile(r"已保存 \d\d:\d\d:\d\d"))


def number(page: Page, index: int) -> Any:
    return page.locator("#numbers button").nth(index - 1)


def heartbeat(page: Page) -> None:
    """The next report to the server, now instead of within twenty seconds."""
    page.evaluate("dispatchEvent(new Event('online'))")


def looked_at(page: Page, name: str) -> None:
    """A picture, when EXAM_SHOTS names a folder for them."""
    if folder := os.environ.get("EXAM_SHOTS"):
        width = page.viewport_size["width"] if page.viewport_size else 0
        page.screenshot(path=Path(folder) / f"{name}-{width}.png")


def test_the_whole_exam_by_keyboard_alone(machine: Machine) -> None:
    """EXM-04, EXM-05: from 签到 to the score without a mouse; every answer counts; nothing stays at the machine."""
    sitter = open_hall(1).sitters[0]
    page = machine()
    expect(page.get_by_label("准考证号")).to_be_focused()
    page.keyboard.type(f"{sitter.ticket[:4]} {sitter.ticket[4:]}")
    page.keyboard.press("Tab")
    page.keyboard.type(sitter.id_number.lower())
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="开始答题")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#question-head")).to_contain_text("第 1 题")
    expect(page.get_by_role("button", name="后可以交卷")).to_be_disabled()

    page.keyboard.press("m")
    expect(number(page, 1)).to_have_accessible_name("第 1 题，未答，待查")
    page.keyboard.press("m")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="按键说明")).to_be_visible()
    page.keyboard.press("Escape")
    key = key_of(sitter)
    for place, letters in enumerate(key):
        for letter in letters:
            page.keyboard.press(letter.lower() if place % 2 else str("ABCDEF".index(letter) + 1))
        page.keyboard.press("ArrowRight" if place % 3 else "PageDown")
    expect(page.locator("#count-open")).to_have_text("0")
    saved(page)
    assert answers_of(sitter) == {place: "".join(letters) for place, letters in enumerate(key, start=1)}

    page.keyboard.press("Control+Enter")
    expect(page.locator("#toast")).to_contain_text("才可以交卷")
    Attempt.objects.update(submit_from=timezone.now())
    heartbeat(page)
    expect(page.get_by_role("button", name="交卷", exact=True)).to_be_enabled()
    page.keyboard.press("Control+Enter")
    dialog = page.get_by_role("dialog", name="确认交卷")
    expect(dialog).to_contain_text(f"已答 {len(key)} 题")
    expect(dialog.get_by_role("button", name="继续答题")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#result-score")).to_have_text("100")
    expect(page.locator("#result-verdict")).to_have_text("合格")
    expect(page.get_by_text("考试结束，请离场")).to_be_visible()
    assert attempt_of(sitter).state == AttemptState.SUBMITTED
    assert page.evaluate(KEPT) == []
    kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert not any(word in kept for word in (sitter.name, sitter.ticket, sitter.id_number))

    page.reload()
    expect(page.locator("#result-score")).to_have_text("100")
    page.get_by_role("button", name="离开本页").click()
    page.reload()
    expect(page.get_by_label("准考证号")).to_be_visible()


def test_the_network_fails_for_a_while(machine: Machine) -> None:
    """EXM-05, EXM-06: answers wait at the machine, the mark says so, they arrive afterwards; the gap is on record."""
    sitter = open_hall(1).sitters[0]
    page = machine()
    begin(page, sitter)
    page.keyboard.press("a")
    saved(page)

    page.context.set_offline(True)
    for letter in "bab":
        page.keyboard.press("ArrowRight")
        page.keyboard.press(letter)
    expect(page.locator("#offline-banner")).to_have_text(
        "网络已断开，答案保存在本机，恢复后自动上传，请继续答题"
    )
    expect(page.locator("#saved")).to_have_text("未上传 3 题")
    assert answers_of(sitter) == {1: "A"}
    looked_at(page, "offline")

    page.context.set_offline(False)
    saved(page)
    expect(page.locator("#offline-banner")).to_be_hidden()
    assert answers_of(sitter) == {1: "A", 2: "B", 3: "A", 4: "B"}
    with page.expect_response("**/presence"):
        heartbeat(page)
    kinds = set(ExamEvent.objects.filter(candidate=sitter.candidate).values_list("kind", flat=True))
    assert {EventKind.OFFLINE, EventKind.ONLINE} <= kinds


def test_a_server_that_is_down_is_asked_again(machine: Machine) -> None:
    """EXM-05: 503 keeps the answer at the machine; the mark never says saved before it is."""
    sitter = open_hall(1).sitters[0]
    page = machine()
    begin(page, sitter)
    page.route("**/exam/api/answers", lambda route: route.fulfill(status=503, body=""))
    page.keyboard.press("a")
    expect(page.locator("#saved")).to_have_text("未上传 1 题")
    expect(page.locator("#offline-banner")).to_contain_text("服务器暂时没有响应")
    page.unroute("**/exam/api/answers")
    heartbeat(page)
    saved(page)
    assert answers_of(sitter) == {1: "A"}


def test_a_reload_loses_nothing(machine: Machine) -> None:
    """EXM-05: what was saved, what was not yet uploaded, the flags, and the place are all there again."""
    sitter = open_hall(1).sitters[0]
    page = machine()
    begin(page, sitter)
    page.keyboard.press("b")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    saved(page)
    page.route("**/exam/api/answers", lambda route: route.abort())
    page.keyboard.press("m")
    page.keyboard.press("b")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("a")
    expect(page.locator("#saved")).to_have_text("未上传 2 题")
    page.unroute("**/exam/api/answers")
    page.reload()
    expect(page.locator("#question-head")).to_contain_text("第 3 题")
    expect(number(page, 2)).to_have_accessible_name("第 2 题，已答，待查")
    assert answers_of(sitter) == {1: "B", 2: "B", 3: "A"}
    number(page, 1).click()
    expect(page.get_by_role("radio", name=re.compile("^B"))).to_be_checked()


def test_another_machine_takes_over(machine: Machine) -> None:
    """EXM-05: the second machine shows what is saved; the first says so; an older change does not undo a newer one."""
    sitter = open_hall(1).sitters[0]
    first = machine()
    begin(first, sitter)
    first.keyboard.press("a")
    saved(first)
    first.context.set_offline(True)
    first.keyboard.press("b")  # question 1, never uploaded in time
    first.keyboard.press("ArrowRight")
    first.keyboard.press("b")  # question 2, which nobody else answers
    expect(first.locator("#saved")).to_have_text("未上传 2 题")

    second = machine()
    sign_in(second, sitter)
    expect(second.get_by_role("radio", name=re.compile("^A"))).to_be_checked()
    second.keyboard.press("c")
    saved(second)
    assert answers_of(sitter) == {1: "C"}

    first.context.set_offline(False)
    expect(first.get_by_role("heading", name="您的考试已在另一台机器上打开")).to_be_visible()
    looked_at(first, "moved")
    first.get_by_role("button", name="在本机重新签到").click()
    sign_in(first, sitter)
    expect(number(first, 2)).to_have_accessible_name("第 2 题，已答")
    number(first, 1).click()
    expect(first.get_by_role("radio", name=re.compile("^C"))).to_be_checked()
    assert answers_of(sitter) == {1: "C", 2: "B"}
    second.keyboard.press("b")
    expect(second.get_by_role("heading", name="您的考试已在另一台机器上打开")).to_be_visible()


def test_a_second_window_at_the_same_machine_takes_over(machine: Machine) -> None:
    """EXM-05: two windows of one browser would overwrite each other; the newer one goes on, the older one says so."""
    sitter = open_hall(1).sitters[0]
    page = machine()
    begin(page, sitter)
    page.keyboard.press("d")
    saved(page)
    other = page.context.new_page()
    other.goto("/exam/")
    expect(other.get_by_role("radio", name=re.compile("^D"))).to_be_checked()
    expect(page.get_by_role("heading", name="考试已在本机的另一个窗口打开")).to_be_visible()
    page.get_by_role("button", name="改在本窗口继续").click()
    expect(page.locator("#question-head")).to_contain_text("第 1 题")
    expect(other.get_by_role("heading", name="考试已在本机的另一个窗口打开")).to_be_visible()


def test_submitting_too_early_is_refused_kindly(machine: Machine) -> None:
    """EXM-04: where the server says 425 the examinee reads when, and goes on."""
    sitter = open_hall(1, earliest_submission=0).sitters[0]
    page = machine()
    begin(page, sitter)
    Attempt.objects.update(submit_from=timezone.now() + dt.timedelta(minutes=9))
    page.get_by_role("button", name="交卷", exact=True).click()
    dialog = page.get_by_role("dialog", name="确认交卷")
    expect(dialog).to_contain_text(re.compile(r"还有 \d+ 题没有作答"))
    looked_at(page, "submit")
    dialog.get_by_role("button", name="确认交卷").click()
    expect(dialog.get_by_role("alert")).to_contain_text("才可以交卷")
    dialog.get_by_role("button", name="去做第一道未答的题").click()
    expect(dialog).to_be_hidden()
    page.keyboard.press("a")
    saved(page)


def test_the_time_runs_out(machine: Machine) -> None:
    """EXM-04: the last answer is sent, the paper submits itself, the score is shown; a practical part is named."""
    hall = open_hall(1, minutes=10)
    hall.plan.has_practical = True
    hall.plan.save(update_fields=["has_practical"])
    sitter = hall.sitters[0]
    page = machine()
    begin(page, sitter)
    page.evaluate(REMEMBER_HEADINGS)
    page.keyboard.press("a")
    Attempt.objects.update(ends_at=timezone.now() + dt.timedelta(seconds=8))
    heartbeat(page)
    expect(page.locator("#result-verdict")).to_have_text("理论考试不合格")
    expect(page.get_by_text("实操成绩另行公布")).to_be_visible()
    assert "考试时间到，正在自动交卷" in page.evaluate("window.headings")
    attempt = attempt_of(sitter)
    assert attempt.state == AttemptState.AUTO_SUBMITTED
    assert answers_of(sitter) == {1: "A"}
    assert page.evaluate(KEPT) == []


def test_more_time_and_leaving_the_window(machine: Machine) -> None:
    """EXM-06: an extension is announced by the next heart-beat; leaving the window is on record."""
    sitter = open_hall(1, minutes=10).sitters[0]
    page = machine()
    begin(page, sitter)
    expect(page.locator("#clock")).to_have_attribute("data-level", "soon")
    invigilation.extend(SYSTEM, attempt_of(sitter), 30, "机器故障")
    heartbeat(page)
    expect(page.locator("#toast")).to_contain_text("考试时间已延长")
    expect(page.locator("#clock")).to_have_attribute("data-level", "")
    with page.expect_response("**/presence"):
        page.evaluate("document.hasFocus = () => false; dispatchEvent(new Event('blur'))")
    assert attempt_of(sitter).left_count == 1
    copied = page.evaluate(
        "document.querySelector('#ask').dispatchEvent(new ClipboardEvent('copy', { bubbles: true, cancelable: true }))"
    )
    assert copied is False


def test_a_voided_exam_ends_at_once(machine: Machine) -> None:
    """EXM-06: the next save or report is refused; the page says why, and signing in again says it too."""
    sitter = open_hall(1).sitters[0]
    page = machine()
    begin(page, sitter)
    invigilation.void(SYSTEM, sitter.candidate, "cheating", "携带手机")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="考试不能继续")).to_be_visible()
    expect(page.locator("#message-words")).to_contain_text("携带手机")
    assert page.evaluate(KEPT) == []
    page.get_by_role("button", name="返回签到页").click()
    sign_in(page, sitter)
    expect(page.locator("#sign-in-refusal")).to_contain_text("携带手机")


def test_signing_in_says_what_is_wrong_and_when_it_opens(machine: Machine) -> None:
    """EXM-03: faults at the fields, the server's sentence below, a countdown that signs in by itself."""
    sitter = open_hall(1, starts_at=timezone.now() + dt.timedelta(hours=2)).sitters[0]
    page = machine()
    expect(page.get_by_label("准考证号")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#ticket-error")).to_have_text("请输入准考证号。")
    page.get_by_label("准考证号").fill(sitter.ticket)
    page.get_by_label("身份证号").fill(sitter.id_number[:17])
    page.keyboard.press("Enter")
    expect(page.locator("#id-number-error")).to_contain_text("应是 18 位，现在是 17 位")
    page.get_by_label("身份证号").fill("330106199001011232")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-refusal")).to_contain_text("准考证号或身份证号不正确")
    Session.objects.update(starts_at=timezone.now() + dt.timedelta(minutes=30, seconds=15))
    sign_in(page, sitter)
    expect(page.get_by_role("heading", name="还没有到签到时间")).to_be_visible()
    expect(page.locator("#too-early-count")).to_have_text(re.compile(r"00:00:\d\d"))
    expect(page.get_by_role("heading", name="考场规则")).to_be_visible()
    expect(page.locator("#start-count")).to_have_text(re.compile(r"00:(29|30):\d\d"))
    expect(page.get_by_role("button", name="开始答题")).to_be_disabled()


def test_the_invigilator_admits(machine: Machine) -> None:
    """EXM-03: the page waits and goes on by itself; a reload keeps its place."""
    sitter = open_hall(1, admission="invigilator").sitters[0]
    page = machine()
    sign_in(page, sitter)
    expect(page.get_by_role("heading", name="等待监考员核验放行")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="等待监考员核验放行")).to_be_visible()
    admission.admit(SYSTEM, sitter.candidate, note="证件与本人相符")
    expect(page.get_by_role("heading", name="考场规则")).to_be_visible()
    page.get_by_role("button", name="开始答题").click()
    expect(page.locator("#question-head")).to_contain_text("第 1 题")


def test_a_browser_without_scripts_reads_a_sentence(browser: Browser, live_server: Any) -> None:
    """ui.md: what cannot run the page shows a plain notice and nothing else."""
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{live_server.url}/exam/")
    looked_at(page, "no-scripts")
    notice = page.locator("noscript").bounding_box()  # its text is nothing to the text engine of the tests
    assert notice is not None
    assert notice["height"] > 20
    expect(page.get_by_text("正在连接考试服务器")).to_be_hidden()
    context.close()


@pytest.mark.parametrize("size", [SCREEN, PHONE, (720, 450)], ids=["desk", "phone", "zoom-200"])
def test_every_screen_fits_and_is_accessible(machine: Machine, size: tuple[int, int]) -> None:
    """WCAG 2.2 AA by axe on each screen, nothing to scroll sideways, on a desk, a phone and at 200 % zoom."""
    hall: Hall = open_hall(1, starts_at=timezone.now() + dt.timedelta(minutes=20), earliest_submission=0)
    sitter = hall.sitters[0]
    page = machine(size)

    def look(name: str) -> None:
        looked_at(page, name)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], name

    expect(page.get_by_label("准考证号")).to_be_visible()
    look("sign-in")
    sign_in(page, sitter)
    expect(page.get_by_role("heading", name="考场规则")).to_be_visible()
    look("rules")
    Session.objects.update(starts_at=timezone.now() - dt.timedelta(minutes=1))
    Attempt.objects.update(submit_from=timezone.now())
    page.reload()
    page.get_by_role("button", name="开始答题").click()
    expect(page.locator("#question-head")).to_be_visible()
    page.keyboard.press("a")
    page.keyboard.press("m")
    saved(page)
    look("question")
    kinds = [entry["type"] for entry in Paper.objects.get(candidate=sitter.candidate).key]
    parts = [entry["part"] for entry in Paper.objects.get(candidate=sitter.candidate).key]
    for name, index in (("multiple", kinds.index("multiple") + 1), ("case", parts.index(0) + 1)):
        if size[0] < 1024:
            page.get_by_role("button", name="答题卡").click()
        number(page, index).click()
        look(name)
    page.get_by_role("button", name="交卷", exact=True).click()
    look("summary")
    page.get_by_role("button", name="确认交卷").click()
    expect(page.get_by_text("考试结束，请离场")).to_be_visible()
    look("result")


def test_the_paper_holds_no_key(machine: Machine) -> None:
    """EXM-07: nothing that the browser gets before or after submission tells what is right."""
    sitter = open_hall(1, earliest_submission=0).sitters[0]
    page = machine()
    bodies: list[str] = []

    def keep(route: Route) -> None:
        answer = route.fetch()
        bodies.append(answer.text())
        route.fulfill(response=answer)

    page.route("**/exam/api/*", keep)
    begin(page, sitter)
    page.keyboard.press("a")
    saved(page)
    page.get_by_role("button", name="交卷", exact=True).click()
    page.get_by_role("button", name="确认交卷").click()
    expect(page.get_by_text("考试结束，请离场")).to_be_visible()
    page.unroute_all(behavior="wait")
    heard = "".join(bodies)
    assert '"questions"' in heard
    assert not re.search(r'"(answer|key_of|explanation|marks|correct|digest|seed)"', heard)
