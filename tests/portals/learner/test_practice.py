"""模拟练习 on the phone: question by question, handed in, looked at, again (EXM-09)."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, expect

from tests.portals.pressing import refused
from tests.zhupei.exam.banks import Bank
from tests.zhupei.exam.practice.test_services import answers_of, learner_of, publish
from zhupei.enrollment.models import EnrollmentState
from zhupei.exam.bank.models import Question
from zhupei.exam.practice.models import Practice

PAGE = "/learner/exams/practice/"


@pytest.fixture
def bank(world: Any) -> Bank:
    bank = Bank(world)
    bank.stock(7)
    return bank


@pytest.fixture
def client(world: Any, bank: Bank) -> Client:
    learner = learner_of(world, bank)
    client = Client()
    client.force_login(learner.user, backend="zhupei.accounts.backends.PortalBackend")
    return client


def shown(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def begin(client: Client, bank: Bank) -> Practice:
    answer = client.post(f"{PAGE}begin/", {"occupation": bank.occupation.pk, "level": ""})
    row = Practice.objects.latest("pk")
    assert answer["Location"] == f"{PAGE}{row.pk}/"
    return row


@pytest.mark.django_db
def test_a_round_from_the_first_question_to_the_explanations(client: Client, bank: Bank) -> None:
    """EXM-09, EXM-07: every button keeps the answer; no page before the end bears key or explanation."""
    assert "还没有练习题" in shown(client, PAGE)
    publish(bank)
    assert "题库里有 7 道练习题" in shown(client, PAGE)
    row = begin(client, bank)
    address = f"{PAGE}{row.pk}/"
    pages = [shown(client, address)]
    right = answers_of(row, right=5)
    for number in range(1, 8):
        go = str(number + 1) if number < 7 else "finish"
        answer = client.post(
            address, {"number": number, "choice": list(right[number]), "go": go}, follow=True
        )
        pages.append(answer.content.decode())
    assert "7 题都已作答" in pages[-1]
    assert "第 4 题" in pages[3] and "已答 3 / 7 题" in pages[3]
    assert not [page for page in pages if "正确答案" in page or "混凝土终凝后" in page]
    result = client.post(f"{address}finish/", follow=True).content.decode()
    assert "71<small>分" in result and "答对 5 题，共 7 题" in result
    assert result.count("混凝土终凝后及时养护。") == 7
    only_wrong = shown(client, f"{address}?wrong=1")
    assert only_wrong.count("混凝土终凝后及时养护。") == 2
    listed = shown(client, PAGE)
    assert "71 分" in listed and "只练做错的 2 题" in listed


@pytest.mark.django_db
def test_open_questions_are_named_before_handing_in(client: Client, bank: Bank) -> None:
    """EXM-09: with a way back to each; a finished round cannot be handed in again."""
    publish(bank)
    row = begin(client, bank)
    address = f"{PAGE}{row.pk}/"
    client.post(address, {"number": 2, "choice": "A", "go": "3"})
    finish = shown(client, f"{address}finish/")
    assert "还有 6 题没有作答" in finish and f"{address}?q=7" in finish
    client.post(f"{address}finish/")
    assert "已经交卷" in client.post(f"{address}finish/", follow=True).content.decode()
    assert (
        "已经交卷"
        in client.post(address, {"number": 1, "choice": "A", "go": "2"}, follow=True).content.decode()
    )
    assert Practice.objects.get().answers == {"2": "A"}


@pytest.mark.django_db
def test_a_refusal_is_said_where_the_button_stands(client: Client, bank: Bank) -> None:
    """EXM-09: nothing to practice for the occupation; a round handed in meanwhile shows its result."""
    nothing = {"occupation": bank.occupation.pk}
    assert "没有可以练习的题" in refused(client, PAGE, f"{PAGE}begin/", nothing)
    publish(bank)
    address = f"{PAGE}{begin(client, bank).pk}/"
    client.post(f"{address}finish/")
    assert "已经交卷" in refused(client, f"{address}?q=3", address, {"number": 3, "choice": "A"})
    assert "已经交卷" in refused(client, f"{address}finish/", f"{address}finish/")
    assert Practice.objects.get().answers == {}


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["?q=0", "?q=-1", "?q=99", "?q=x", "?q=" + "9" * 40])
def test_numbers_that_are_none_show_a_question(client: Client, bank: Bank, query: str) -> None:
    """Hostile input."""
    publish(bank)
    row = begin(client, bank)
    assert re.search(r"第 [17] 题　共 7 题", shown(client, f"{PAGE}{row.pk}/{query}"))
    for given in ({"number": "x", "go": "99"}, {"number": "9" * 40, "choice": "A"}, {}):
        assert client.post(f"{PAGE}{row.pk}/", given).status_code == 302
    assert Practice.objects.get().answers == {}


@pytest.mark.django_db
def test_nobody_else_opens_a_round(client: Client, bank: Bank, world: Any) -> None:
    """SEC-01: another learner gets 404; what one is not enrolled for cannot be begun."""
    publish(bank)
    row = begin(client, bank)
    other = world.client(learner_of_another(world))
    assert other.get(f"{PAGE}{row.pk}/").status_code == 404
    assert other.post(f"{PAGE}{row.pk}/finish/").status_code == 404
    refused = other.post(f"{PAGE}begin/", {"occupation": bank.occupation.pk}, follow=True).content.decode()
    assert "没有报名这个岗位" in refused
    assert Practice.objects.count() == 1


def learner_of_another(world: Any) -> Any:
    from zhupei.accounts.models import User

    row = world.batch(1, state=EnrollmentState.ENROLLED).enrollments.get()
    row.occupation = world.occupation("机械员")
    row.save()
    user = User.objects.create_user("learner", row.id_number, "Gongren-mima-7", name=row.name)
    row.person.user = user
    row.person.save()
    return user


@pytest.mark.django_db
def test_the_keeper_publishes_from_the_list(bank: Bank, world: Any) -> None:
    """EXM-09: picked in the list, marked there, filtered by use."""
    client = world.client(bank.users["writer"])
    path = f"/authority/bank/{bank.occupation.pk}/"
    picked = list(Question.objects.order_by("pk").values_list("current", flat=True)[:2])
    answer = client.post(path, {"_action": "publish", "ids": picked}, follow=True).content.decode()
    assert "已公开 2 道题" in answer
    assert Question.objects.filter(is_practice=True).count() == 2
    assert shown(client, f"{path}?use=True").count("练习题") >= 2
    question = Question.objects.filter(is_practice=True).first()
    assert "练习（已公开，考试不再抽到）" in shown(client, f"/authority/bank/questions/{question.pk}/")
    assert shown(client, f"{path}?use=False").count('name="ids"') == 5


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_on_a_phone(client: Client, bank: Bank, browser: Browser, live_server: Any) -> None:
    """EXM-09, WCAG 2.2 AA: tapped through on a phone; nothing to scroll sideways, no findings of axe."""
    publish(bank)
    context = browser.new_context(
        base_url=live_server.url, locale="zh-CN", viewport={"width": 390, "height": 844}
    )
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page = context.new_page()

    def look(name: str) -> None:
        if folder := os.environ.get("PRACTICE_SHOTS"):
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, name

    page.goto("/learner/exams/")
    page.get_by_role("link", name="模拟练习").click()
    look("offers")
    page.get_by_role("button", name="开始练习").click()
    page.get_by_text("12 小时以内").click()
    look("question")
    page.get_by_role("button", name="下一题").click()
    expect(page.get_by_role("heading", name="第 2 题")).to_be_visible()
    page.get_by_role("button", name="第 1 题，已答").click()
    expect(page.get_by_role("radio", name="12 小时以内")).to_be_checked()
    page.get_by_role("button", name="交卷", exact=True).click()
    expect(page.get_by_text("还有 6 题没有作答")).to_be_visible()
    look("finish")
    page.get_by_role("button", name="确认交卷").click()
    expect(page.get_by_role("heading", name="练习结果")).to_be_visible()
    expect(page.get_by_text("混凝土终凝后及时养护。")).to_have_count(7)
    look("result")
    page.get_by_role("link", name="返回模拟练习").click()
    look("done")
    context.close()
