"""首页: what waits, what to do, for whom."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

pytestmark = pytest.mark.django_db
HOME = "/enterprise/"


def page(client, url=HOME):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def test_a_newly_approved_organization_is_told_the_first_step(applicant):
    """QRY-04: the empty state says how to begin."""
    html = page(applicant.client)
    assert "可以开始报名了" in html and "下载名单模板" in html
    assert reverse("enterprise:enroll") in html


def test_every_batch_has_one_thing_to_do(applicant, world):
    """QRY-04: the card's sentence and button follow from the states of the people."""
    lacking = applicant.batch(2, materials=True)
    first = lacking.enrollments.order_by("pk").first()
    first.materials.filter(kind="education").delete()
    order = world.order(3, batch=applicant.world.batch(
        3, organization=applicant.organization, state="ordered", offer=world.offer(applicant.institution, delivery="online")
    ))  # fmt: skip
    html = page(applicant.client)
    assert "有 2 件事等您处理" in html
    assert f"还有 1 人缺 1 项资料：{first.name}（学历证书）。" in html and "补传资料" in html
    assert "¥1,440.00" in html and order.number in html and "上传汇款凭证" in html
    assert reverse("enterprise:order", args=[order.pk]) in html


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("submitted", "培训机构正在审核，已审 0 / 2"),
        ("paid", "等培训机构确认到账"),
        ("eligible", "生成订单后按订单缴费"),
        ("enrolled", "2 人已报名，等培训机构安排开班"),
        ("withdrawn", "这个批次的报名都已结束"),
    ],
)
def test_what_is_waited_for(applicant, state, words):
    """QRY-03, QRY-04."""
    applicant.batch(2, state=state)
    assert words in page(applicant.client)


def test_returned_people_come_with_their_reasons(applicant):
    """ELI-03."""
    batch = applicant.batch(2, state="returned")
    batch.enrollments.update(reasons={"portrait": "头像不是白底"})
    html = page(applicant.client)
    assert "退回 2 人" in html and "头像不是白底" in html and "修改退回" in html
    assert f"{reverse('enterprise:batch', args=[batch.pk])}?tab=returned" in html


def test_somebody_else_s_batches_are_not_there(applicant, world):
    """SEC-01."""
    other = world.batch(2)
    assert str(other.institution) not in page(applicant.client)


def test_few_queries_whatever_the_batches(applicant, world):
    """At most 12 queries."""

    def queries():
        with CaptureQueriesContext(connection) as captured:
            page(applicant.client)
        return len(captured)

    occupations = [world.occupation(f"岗位{number}") for number in range(6)]
    for number, state in enumerate(["draft", "returned", "submitted", "eligible", "ordered", "enrolled"]):
        offer = world.offer(applicant.institution, occupation=occupations[number])
        batch = world.batch(2, organization=applicant.organization, offer=offer, state=state)
        if state == "ordered":
            world.order(2, batch=batch)
    many = queries()
    assert many <= 14  # of which the frame takes six
    for _ in range(3):
        applicant.batch(5)
    assert queries() <= many


def test_an_unapproved_organization_sees_its_registration_only(world):
    """ORG-10."""
    client = world.client(world.organization(state="submitted"))
    response = client.get(HOME)
    assert response.status_code == 302 and response.url == reverse("enterprise:registration")


def test_anonymous_people_sign_in_first(client, db):
    """SEC-01."""
    response = client.get(HOME)
    assert response.status_code == 302 and "sign-in" in response.url


def test_people_of_another_portal_find_nothing(world):
    """SEC-01."""
    assert world.client(world.institution()).get(HOME).status_code == 404


def test_the_search_box_finds_batches_orders_and_people(applicant, world):
    """QRY-01."""
    order = world.order(1, batch=applicant.batch(1, state="ordered"))
    person = order.lines.get().enrollment
    search = reverse("enterprise:search")
    assert applicant.client.get(search, {"q": order.number}).url == reverse(
        "enterprise:order", args=[order.pk]
    )
    assert applicant.client.get(search, {"q": person.batch.number}).url == reverse(
        "enterprise:batch", args=[person.batch_id]
    )
    response = applicant.client.get(search, {"q": person.name}, follow=True)
    assert person.name in response.content.decode()


def test_the_menu_counts_what_waits(applicant):
    """QRY-04."""
    applicant.batch(4)
    html = page(applicant.client)
    assert 'aria-label="4 件待办"' in html
    for entry in ("首页", "学员报名", "报名资料", "订单缴费", "人员查询", "培训机构", "单位信息", "消息"):
        assert entry in html
