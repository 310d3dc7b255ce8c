"""缴费确认 of the institution (BIL-04)."""

from __future__ import annotations

import io
import itertools
import re
import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfWriter

from foundation.messages.models import Message, Sms
from foundation.workflow.models import TransitionLog
from tests.portals.pressing import press, refused
from tests.world import jpeg
from zhupei.accounts.models import User
from zhupei.billing import services
from zhupei.billing.models import Order, OrderState, Voucher
from zhupei.billing.services import VoucherData
from zhupei.enrollment.models import Enrollment, EnrollmentState

pytestmark = pytest.mark.django_db
LIST = "/institution/payments/"
APPROVE = {"verdict": "approve"}
_widths = itertools.count(600)


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


def url_of(order: Order) -> str:
    return reverse("institution:payment", args=[order.pk])


def hand_in(world, order: Order, content: bytes | None = None, name: str = "回单.jpg") -> Voucher:
    actor = world.actor(order.organization)
    document = services.keep_voucher_file(actor, name, content or jpeg(next(_widths)))
    data = VoucherData(order.organization.name, order.total, timezone.localdate(), remarks="开票税号 9133")
    return services.submit_voucher(actor, order, document, data)


def waiting(world, people: int = 2, institution=None) -> Order:
    """An order whose voucher waits, at `institution` when given."""
    offer = world.offer(institution) if institution and not institution.offers.exists() else None
    if institution:
        offer = offer or institution.offers.first()
    order = world.order(batch=world.batch(people, state="ordered", offer=offer))
    hand_in(world, order)
    return order


def states(order: Order) -> set[str]:
    return set(Enrollment.objects.filter(order_lines__order=order).values_list("state", flat=True))


def test_the_list_opens_with_what_waits(world):
    """BIL-04: 待确认 first, the longest waiting on top; everything else behind its tab."""
    institution = world.institution()
    first, second = waiting(world, institution=institution), waiting(world, institution=institution)
    unpaid = world.order(batch=world.batch(1, state="ordered", offer=institution.offers.first()))
    client = world.client(institution)

    text = page(client, LIST)

    assert text.index(first.number) < text.index(second.number)
    assert unpaid.number not in text
    assert unpaid.number in page(client, f"{LIST}?tab=open")
    assert unpaid.number in page(client, f"{LIST}?tab=")
    assert re.search(r"<li><a [^>]*>待确认<span", text).start() < text.index(">全部<")


def test_the_list_is_filtered_by_organization_number_and_date(world):
    """BIL-04: filters of the list."""
    institution = world.institution()
    first, second = waiting(world, institution=institution), waiting(world, institution=institution)
    client = world.client(institution)

    for query in (f"q={first.organization.name}", f"q={first.number}"):
        text = page(client, f"{LIST}?{query}")
        assert first.number in text and second.number not in text
    assert first.number not in page(client, f"{LIST}?created_at_before=2020-01-01")


def test_one_order_shows_everything_to_compare(world):
    """BIL-04: head-count × fee, payer, amount, invoice title, remarks, the voucher large."""
    order = waiting(world, 3)
    voucher = order.vouchers.get()

    text = page(world.client(order.institution), url_of(order))

    assert "3 × ¥480.00" in text and "¥1,440.00" in text
    for words in (
        "付款单位就是报名单位",
        "汇款金额与订单金额一致",
        "开票抬头与付款单位一致",
        "开票税号 9133",
    ):
        assert words in text
    assert reverse("shared:document", args=[voucher.document_id]) in text
    assert "3 人变为“已报名”，开通学习账号并发短信" in text
    assert not any(row.id_number in text for row in Enrollment.objects.filter(order_lines__order=order))


def test_the_voucher_can_be_opened_by_the_institution_only(world):
    """MAT-05: the payee opens the file; another institution gets 404."""
    order = waiting(world)
    url = reverse("shared:document", args=[order.vouchers.get().document_id])

    assert world.client(order.institution).get(url).status_code == 200
    assert world.client(world.institution()).get(url).status_code == 404


def test_a_pdf_is_behind_a_link(world):
    """BIL-04: an electronic receipt opens in the browser's own viewer."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(out)
    order = world.order(1)
    hand_in(world, order, out.getvalue(), "电子回单.pdf")

    text = page(world.client(order.institution), url_of(order))

    assert "电子回单.pdf" in text and "打开凭证核对" in text and "zp-viewer" not in text


def test_confirmation_enrolls_everybody_and_the_next_one_comes(world):
    """BIL-04: 已报名, study accounts, messages; then the next voucher in the queue."""
    institution = world.institution()
    first, second, third = (waiting(world, institution=institution) for _ in range(3))
    client = world.client(institution)

    answer = client.post(url_of(second), APPROVE | {"voucher": second.vouchers.get().pk})

    assert answer["Location"] == url_of(third)
    assert states(second) == {EnrollmentState.ENROLLED}
    assert User.objects.filter(portal="learner").count() == 2
    assert Sms.objects.filter(code="billing.enrolled").count() == 2
    assert Message.objects.filter(
        recipient_key=second.organization.key, code="billing.order_confirmed"
    ).exists()
    assert client.post(url_of(third), APPROVE)["Location"] == url_of(first)
    assert client.post(url_of(first), APPROVE)["Location"] == LIST
    assert "没有待确认的缴费" in page(client, LIST)


def test_a_double_click_confirms_once(world):
    """BIL-04: the second click changes nothing and is no error."""
    order = waiting(world)
    client = world.client(order.institution)

    for _ in range(2):
        assert "缴费已确认" in client.post(url_of(order), APPROVE, follow=True).content.decode()

    assert TransitionLog.objects.filter(machine="order", action="confirm").count() == 1
    assert Sms.objects.filter(code="billing.enrolled").count() == 2


def test_a_voucher_goes_back_with_reasons(world):
    """BIL-04: chips and own words reach the organization; without a reason it stays."""
    order = waiting(world)
    client = world.client(order.institution)
    assert (
        "请写明退回的原因" in client.post(url_of(order), {"verdict": "return"}, follow=True).content.decode()
    )

    values = {"verdict": "return", "reason": ["|款项未到账"], "other_text": "请核对账号末四位"}
    for _ in range(2):
        client.post(url_of(order), values)

    order.refresh_from_db()
    assert order.state == OrderState.VOUCHER_REJECTED
    assert order.vouchers.get().rejected_reason == "款项未到账；请核对账号末四位"
    assert Message.objects.filter(code="billing.voucher_rejected").count() == 1
    assert states(order) == {EnrollmentState.ORDERED}
    text = page(client, url_of(order))
    assert "等待企业重新上传" in text and "款项未到账；请核对账号末四位" in text
    assert 'value="approve"' not in text


def test_a_refusal_is_said_on_the_orders_page(world):
    """BIL-04: nothing chosen, and nothing changed."""
    order = waiting(world)
    client = world.client(order.institution)
    assert "请选择确认缴费或退回" in refused(client, url_of(order), url_of(order))
    order.refresh_from_db()
    assert order.state == OrderState.VOUCHER_SUBMITTED


def test_a_replaced_voucher_is_not_confirmed_unseen(world):
    """BIL-04: a page opened before the voucher was replaced does not confirm the new one."""
    order = waiting(world)
    client = world.client(order.institution)
    old = order.vouchers.get().pk
    services.reject_voucher(world.actor(order.institution), order, "凭证看不清")
    hand_in(world, order)

    answer = press(client, url_of(order), url_of(order), APPROVE | {"voucher": old}, follow=True)
    text = answer.content.decode()

    assert "已更换汇款凭证" in text and "以前的凭证" in text
    assert states(order) == {EnrollmentState.PAID}


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (OrderState.OPEN, "等待企业转账并上传汇款凭证"),
        (OrderState.CONFIRMED, "缴费已确认，人员已报名"),
        (OrderState.CANCELED, "企业已取消这张订单"),
    ],
)
def test_an_order_without_a_voucher_says_what_it_waits_for(world, state, words):
    """BIL-04: no verdict to press, a sentence instead."""
    order = world.order(1, state=state)
    client = world.client(order.institution)

    text = page(client, url_of(order))

    assert words in text and 'name="verdict"' not in text
    if state != OrderState.CONFIRMED:
        assert "不能确认缴费" in client.post(url_of(order), APPROVE, follow=True).content.decode()


def test_what_does_not_agree_blocks_the_confirmation(world):
    """BIL-04: said line by line, the button is off and the service refuses, too."""
    order = waiting(world)
    order.lines.first().delete()
    client = world.client(order.institution)

    text = page(client, url_of(order))

    assert "人数 × 收费标准与订单金额不一致" in text and "请退回并写明原因" in text
    assert re.search(r'value="approve"[^>]*disabled', text)
    assert "对不上" in client.post(url_of(order), APPROVE, follow=True).content.decode()


def test_a_strangers_order_is_not_there(world):
    """SEC-01: 404 for other institutions and portals; sign-in for nobody."""
    order = waiting(world)
    for stranger in (world.institution(), order.organization):
        client = world.client(stranger)
        assert client.get(url_of(order)).status_code == 404
        assert client.post(url_of(order), APPROVE).status_code == 404
    anonymous = Client().get(url_of(order))
    assert anonymous.status_code == 302 and "/sign-in/institution/" in anonymous["Location"]
    assert order.number not in page(world.client(world.institution()), f"{LIST}?tab=")
    assert states(order) == {EnrollmentState.PAID}


def test_few_queries_whatever_the_rows(world, django_assert_max_num_queries):
    """Bars 4: the list uses at most 12 queries, a detail page a constant number."""
    institution = world.institution()
    orders = [waiting(world, 3, institution) for _ in range(5)]
    client = world.client(institution)

    with django_assert_max_num_queries(12):
        page(client, LIST)
    with django_assert_max_num_queries(15):
        page(client, url_of(orders[0]))


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_confirm_once(world):
    """BIL-04: six clicks of two clerks at once; one confirmation, one SMS a person, no error."""
    order = waiting(world, 3)
    clients = [world.client(order.institution) for _ in range(2)]
    barrier, codes = threading.Barrier(6), []

    def click(client: Client) -> None:
        own = Client()
        own.cookies = client.cookies
        barrier.wait()
        try:
            codes.append(own.post(url_of(order), APPROVE).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click, args=[clients[n % 2]]) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [302] * 6
    assert states(order) == {EnrollmentState.ENROLLED}
    assert TransitionLog.objects.filter(machine="order", action="confirm").count() == 1
    assert Sms.objects.filter(code="billing.enrolled").count() == 3
    assert User.objects.filter(portal="learner").count() == 3
