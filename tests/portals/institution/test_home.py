"""首页 and the frame of the institution's portal: what waits, how long, figures (QRY-04)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from zhupei.billing.models import OrderState
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.portals.institution.views import home

pytestmark = pytest.mark.django_db
S = EnrollmentState


def test_an_institution_without_people_is_told_so(world: Any) -> None:
    """QRY-04: the empty state says what will come."""
    page = world.client(world.institution()).get("/institution/").content.decode()
    assert "没有待办的事" in page
    assert "没有待审核的人员" in page
    assert "近 12 个月还没有人报名" in page


def test_queues_tell_their_number_and_how_long_the_oldest_waits(world: Any) -> None:
    """QRY-04: what waits for me stands first."""
    batch = world.batch(3, state=S.SUBMITTED)
    Enrollment.objects.filter(batch=batch).update(submitted_at=timezone.now() - dt.timedelta(days=4, hours=1))
    order = world.order(
        2, state=OrderState.VOUCHER_SUBMITTED, batch=world.batch(2, state=S.PAID, offer=batch.offer)
    )
    page = world.client(batch.institution).get("/institution/").content.decode()
    assert "3 人等您审核，1 笔缴费等您确认" in page
    assert "最早的已等 4 天" in page
    assert f"¥{order.total:,.2f}" in page
    assert f"/institution/eligibility/?q={batch.number}" in page


def test_nothing_of_other_institutions_is_counted(world: Any) -> None:
    """SEC-01."""
    world.batch(3, state=S.SUBMITTED)
    world.order(2, state=OrderState.VOUCHER_SUBMITTED)
    page = world.client(world.institution()).get("/institution/").content.decode()
    assert "没有待办的事" in page


def test_the_charts_have_their_table_behind(world: Any) -> None:
    """ui.md: the title says the finding."""
    batch = world.batch(2, state=S.ENROLLED)
    world.batch(1, state=S.SUBMITTED, offer=batch.offer)
    page = world.client(batch.institution).get("/institution/").content.decode()
    assert "本月报名 3 人" in page
    assert f"近一年报名最多的是{batch.occupation}，3 人" in page
    assert timezone.localdate().strftime("%Y-%m") in page


def test_the_home_page_takes_the_same_queries_for_few_and_many(world: Any) -> None:
    """Bar 4."""
    few = world.batch(1, state=S.SUBMITTED)
    clerk = world.client(few.institution)
    clerk.get("/institution/")
    with CaptureQueriesContext(connection) as for_few:
        clerk.get("/institution/")
    for _ in range(4):
        world.batch(3, state=S.SUBMITTED, offer=few.offer)
    with CaptureQueriesContext(connection) as for_many:
        clerk.get("/institution/")
    assert len(for_many) == len(for_few) <= 13, [query["sql"][:100] for query in for_many]


def test_the_menu_counts_what_waits_and_lights_the_present_entry(world: Any) -> None:
    """ui.md, shell."""
    batch = world.batch(2, state=S.SUBMITTED)
    page = world.client(batch.institution).get("/institution/eligibility/").content.decode()
    menu = page[page.index('<nav aria-label="主菜单">') : page.index("</nav>", page.index("主菜单"))]
    words = ["首页", "资格审核", "缴费确认", "报名人员", "机构备案"]
    assert [menu.index(word) for word in words] == sorted(menu.index(word) for word in words)
    assert '<span class="count" aria-label="2 件待办">2</span>' in menu
    lit = menu[menu.index('aria-current="page"') :]
    assert lit.index("资格审核") < lit.index("</a>")


def test_a_closed_institution_reads_it_on_every_page(world: Any) -> None:
    """ORG-12: closed for new enrollments, what runs goes on."""
    institution = world.institution(is_active=False)
    page = world.client(institution).get("/institution/").content.decode()
    assert "已停止招生" in page


@pytest.mark.parametrize("portal", ["enterprise", "authority"])
def test_people_of_other_portals_find_nothing(world: Any, portal: str) -> None:
    """SEC-01."""
    body = world.organization() if portal == "enterprise" else world.authority()
    assert world.client(body).get("/institution/").status_code == 404


def test_anonymous_people_are_sent_to_sign_in() -> None:
    """Bar 3."""
    answer = Client().get("/institution/")
    assert answer.status_code == 302
    assert "/sign-in/institution/" in answer.url


@pytest.mark.parametrize(
    ("people", "orders", "words"),
    [
        (0, 0, "没有待办的事"),
        (2, 0, "2 人等您审核"),
        (0, 1, "1 笔缴费等您确认"),
        (2, 1, "2 人等您审核，1 笔缴费等您确认"),
    ],
)
def test_the_greeting_says_what_waits(people: int, orders: int, words: str) -> None:
    """ui.md: what do I do next."""
    assert home.greeting(people, orders).split("，", 1)[1] == words
