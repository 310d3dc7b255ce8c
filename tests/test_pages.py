"""Every page: there, in Chinese, within the security policy, few queries whatever the rows; in Chromium accessible and
in its width (issue 2: bar 4, SEC-05; ui.md)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page

from foundation.messages.models import Message, Sms
from foundation.review.models import ReviewState
from foundation.ui.pages import ListPage
from scripts.check_chinese import english_words, template_texts
from tests.estate import Estate
from tests.routes import OBJECTS, PORTALS, WORDS, Route, routes
from tests.world import World
from zhupei.billing.models import OrderState
from zhupei.enrollment.models import EnrollmentState, RosterImport
from zhupei.organizations.models import BodyBar, Notice, NoticeState, TestSite
from zhupei.people.models import PersonBar

MOST_QUERIES = 12
MOST_ON_DETAILS = 18
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
SIZES = ((1366, 768), (390, 844))
# Answered elsewhere: health checks, what only takes POST or sends a file, what needs a session of its own.
NO_PAGES = {"public:first_sign_in", "public:code_taken", "learner:check_in"}
INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=\"|javascript:|<script(?![^>]*(?:\ssrc=|application/json))")
S = EnrollmentState
# Looked at in Chromium: what people open all day, and one thing of each kind.
MAIN = {
    "public": "home sign_in register institutions institution notices notice downloads help sms_inbox",
    "enterprise": "home batches enroll enroll_offer enroll_single roster batch materials orders order people person "
    "institutions institutions_compare profile profile_change registration assessments assessment",
    "institution": "home eligibility eligibility_case payments payment people person offers offer_new profile "
    "assessments assessment assessment_edit assessment_rooms assessment_printouts",
    "authority": "home organizations organization changes change institutions institution institution_new catalog "
    "catalog_eligibility blacklist body_bars notices notice_new assessments assessment",
    "learner": "home enrollment messages me exams practices practice practice_finish",
}


class Furnished(Estate):
    """The estate with some of everything that lists show; `more` adds rows of every kind."""

    STATES = (S.DRAFT, S.SUBMITTED, S.RETURNED, S.ELIGIBLE, S.ENROLLED, S.INELIGIBLE)
    ORDERS = (
        OrderState.OPEN,
        OrderState.VOUCHER_SUBMITTED,
        OrderState.CONFIRMED,
        OrderState.VOUCHER_REJECTED,
    )

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._turn = itertools.count()
        assert self.learner
        for find in OBJECTS.values():
            find(self)

    def more(self, count: int) -> None:
        for _ in range(count):
            turn = next(self._turn)
            self._bodies(turn)
            self._journeys(turn)
            self._news(turn)

    def _bodies(self, turn: int) -> None:
        place = {"supervisor": self.authority, "city": self.CITY[0]}
        firm = self.world.organization(state=ReviewState.SUBMITTED, **place)
        BodyBar.objects.create(organization=firm, authority=self.authority, reason="提供虚假材料")
        person = self.world.invent.person()
        PersonBar.objects.create(
            id_number=person.id_number, name=person.name, authority=self.authority, reason="替考"
        )
        school = self.world.institution(supervisor=self.authority)
        name = "土建施工员" if turn % 2 else "装饰装修施工员"
        self.world.offer(school, occupation=self.world.occupation(name))
        self.world.offer(self.institution, occupation=self.world.occupation(f"第 {turn} 种施工员"))
        TestSite.objects.create(
            institution=self.institution, name=f"{turn} 号机房", address="宁波市样本路 3 号", seats=20
        )

    def _journeys(self, turn: int) -> None:
        mine = {"organization": self.organization, "offer": self.offer}
        self.world.batch(1, state=self.STATES[turn % len(self.STATES)], materials=turn < 6, **mine)
        self.world.enrollment(self.batch, state=self.STATES[turn % len(self.STATES)])
        state = self.ORDERS[turn % len(self.ORDERS)]
        reached = S.ENROLLED if state == OrderState.CONFIRMED else S.ORDERED
        self.world.order(batch=self.world.batch(1, state=reached, **mine), state=state)
        self.world.enrollment(self.world.batch(0, **mine), state=S.ENROLLED, person=None)
        self.hall.people(1, occupation="测量员", organization=self.organization)
        RosterImport.objects.create(
            organization=self.organization,
            offer=self.offer,
            file_name=f"名单{turn}.xlsx",
            rows=[],
            row_count=0,
        )

    def _news(self, turn: int) -> None:
        keys = [user_key for user in self.users.values() for user_key in [f"user:{user.pk}"]]
        for key in [self.organization.key, self.institution.key, f"authority:{self.authority.pk}", *keys]:
            Message.objects.create(
                recipient_key=key, code="test", title=f"通知 {turn}", body="资格审核已办完。"
            )
        Notice.objects.create(
            title=f"关于第 {turn} 期培训的通知",
            body="请按时参加。",
            authority=self.authority,
            state=NoticeState.PUBLISHED,
            published_at=timezone.now(),
        )
        Sms.objects.create(phone=f"139{turn:08d}", code="test", text="验证码已发送。")


def client_for(estate: Estate, route: Route) -> Client:
    """Signed in as the owner at the portal of the address; the catalog's forms and the bank are the province's."""
    client = Client()
    portal = route.portal if route.portal in PORTALS else "enterprise" if route.portal == "shared" else ""
    if route.name == "shared:second_factor":  # for those who decide
        portal = "institution"
    if route.name.startswith(("authority:catalog", "authority:bank")):
        user = estate.world.user(estate.world.authority("330000"))
    elif portal:
        user = estate.users[portal]
    else:
        return client
    client.force_login(user, backend="zhupei.accounts.backends.PortalBackend")
    return client


def address(route: Route, estate: Estate) -> str:
    if route.name == "public:institution":
        return reverse(route.name, args=[estate.institution.pk])
    if route.name == "public:notice":
        return reverse(route.name, args=[Notice.objects.filter(state=NoticeState.PUBLISHED).latest("pk").pk])
    if route.name in WORDS:
        return reverse(route.name, kwargs=WORDS[route.name])
    return reverse(route.name, kwargs=OBJECTS[route.name](estate) if route.keys else {})


@pytest.fixture
def estate(world: World) -> Furnished:
    made = Furnished(world)
    made.more(3)
    return made


@dataclass(frozen=True)
class Visit:
    """What a GET of its owner was answered, and the queries it took."""

    name: str
    status: int
    headers: Mapping[str, str]
    html: str
    queries: int


def visits(estate: Estate) -> Iterator[Visit]:
    """Every address that answers a GET with a page or a way to one; files are proved with what makes them."""
    for route in routes():
        if ":" not in route.name or route.name in NO_PAGES:
            continue
        client, path = client_for(estate, route), address(route, estate)
        if PurePath(path).suffix:
            continue
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        if answer.status_code == 405 or (answer.status_code == 200 and "html" not in answer["Content-Type"]):
            continue
        count = len([query for query in queries if "SAVEPOINT" not in query["sql"]])
        yield Visit(route.name, answer.status_code, answer.headers, answer.content.decode(), count)


@pytest.mark.django_db
def test_every_page_is_there_in_chinese_and_within_the_policy(estate: Furnished) -> None:
    """SEC-05: 'self' only, nothing inline; no English word on a Chinese page."""
    wrong: list[tuple[str, Any]] = []
    count = 0
    for visit in visits(estate):
        if visit.status == 302:  # a way to another page: the first programme, the learner's own inbox
            continue
        count += 1
        if visit.status != 200:
            wrong.append((visit.name, visit.status))
        words = {word for _, text in template_texts(visit.html) for word in english_words(text)}
        if visit.name == "shared:second_factor":  # the secret to type into the phone
            words = {word for word in words if not word.isupper()}
        if visit.name == "institution:appeal":  # the questions of a paper have units: MPa, mm
            words = set()
        if words:
            wrong.append((visit.name, sorted(words)))
        if found := INLINE.findall(visit.html):
            wrong.append((visit.name, found))
        policy = visit.headers.get("Content-Security-Policy", "")
        if "default-src 'self'" not in policy or "unsafe" in policy:
            wrong.append((visit.name, policy))
    assert wrong == []
    assert count > 60


@pytest.mark.django_db
def test_pages_ask_the_same_few_questions_whatever_the_rows(estate: Furnished) -> None:
    """Issue 2, bar 4: lists use at most 12 queries, and no page more with 60 rows than with 12."""
    estate.more(9)
    few = {visit.name: visit.queries for visit in visits(estate)}
    estate.more(48)
    many = {visit.name: visit.queries for visit in visits(estate)}
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name]} == {}
    lists = {route.name for route in routes() if is_list(route)}
    assert len(lists) > 15
    assert {name: n for name, n in many.items() if name in lists and n > MOST_QUERIES} == {}
    assert {name: n for name, n in many.items() if n > MOST_ON_DETAILS} == {}


def is_list(route: Route) -> bool:
    """Whether a ListPage of its own answers there; a page of one thing may hold a list, too."""
    if route.keys or ":" not in route.name:
        return False
    return issubclass(getattr(resolve(reverse(route.name)).func, "view_class", object), ListPage)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("portal", MAIN)
def test_main_pages_are_accessible_and_fit(portal: str, browser: Browser, live_server: Any) -> None:
    """ui.md: WCAG 2.2 AA, axe-core clean, nothing wider than the screen at 1366 and 390 px; no error in the console."""
    estate = Furnished(World())
    estate.more(3)
    known = {route.name: route for route in routes()}
    client = client_for(estate, next(route for route in known.values() if route.portal == portal))
    context = browser.new_context(base_url=live_server.url, locale="zh-CN")
    if cookie := client.cookies.get(settings.SESSION_COOKIE_NAME):
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page, wrong = context.new_page(), list[tuple[str, Any]]()
    page.on("pageerror", lambda error: wrong.append((page.url, str(error))))
    page.on("console", lambda entry: wrong.append((page.url, entry.text)) if entry.type == "error" else None)
    for name in MAIN[portal].split():
        page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
        page.goto(address(known[f"{portal}:{name}"], estate))
        page.wait_for_load_state("networkidle")
        wrong += [(name, fault) for fault in faults(page)]
    context.close()
    assert wrong == []


def faults(page: Page) -> Iterator[Any]:
    """What axe-core finds, and what sticks out, at both sizes."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
        yield from ((width, fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in found)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            yield width, "wider than the screen", wide
