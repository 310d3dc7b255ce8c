"""订单缴费 of the enterprise (BIL-01 … BIL-03)."""

from __future__ import annotations

import io
import itertools
import re
import threading
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from foundation.files.models import Document
from foundation.workflow.models import TransitionLog
from tests.foundation.documents.reading import pdf_pages
from tests.portals.pressing import refused
from tests.world import jpeg
from zhupei.billing import queries, services
from zhupei.billing.models import Order, OrderState, Voucher
from zhupei.enrollment.models import Enrollment, EnrollmentState

pytestmark = pytest.mark.django_db
LIST = "/enterprise/orders/"
NEW = "/enterprise/orders/new/"
_widths = itertools.count(500)


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, response
    return response.content.decode()


def people(batch) -> list[int]:
    return list(batch.enrollments.values_list("pk", flat=True))


def upload(client: Client, order: Order, content: bytes | None = None, name: str = "回单.jpg"):
    file = SimpleUploadedFile(name, jpeg(next(_widths)) if content is None else content)
    return client.post(reverse("enterprise:order_voucher_file", args=[order.pk]), {"file": file})


def form_values(order: Order, **changed) -> dict[str, str]:
    return {
        "payer_name": order.organization.name,
        "amount": f"{order.total}",
        "paid_on": f"{timezone.localdate()}",
        "invoice_title": order.organization.name,
        "remarks": "",
    } | changed


def test_what_can_be_ordered_stands_above_the_orders(world):
    """BIL-01: approved people by institution and batch, with fees and sums that are right before anything is ticked."""
    organization = world.organization()
    offer = world.offer(world.institution(supervisor=organization.supervisor), fee=Decimal("512.50"))
    batch = world.batch(3, state="eligible", organization=organization, offer=offer)
    hidden = world.batch(1, state="submitted", organization=organization, offer=offer).enrollments.get()
    other = world.batch(1, state="eligible").enrollments.get()

    text = page(world.client(organization), LIST)

    assert f"可以生成订单：{offer.institution.name}" in text
    assert "¥1,537.50" in text
    assert all(row.name in text for row in batch.enrollments.all())
    assert f'value="{hidden.pk}"' not in text and other.institution.name not in text
    assert not any(row.id_number in text for row in batch.enrollments.all())


def test_ticked_people_become_one_order_as_agreed(world):
    """BIL-01: the people ticked, no others; head-count and amount as the question named them."""
    batch = world.batch(3, state="eligible")
    chosen = people(batch)[:2]
    client = world.client(batch.organization)

    response = client.post(NEW, {"person": chosen, "agreed_count": "2", "agreed_total": "960.00"})

    order = Order.objects.get()
    assert response["Location"] == reverse("enterprise:order", args=[order.pk])
    assert set(order.lines.values_list("enrollment_id", flat=True)) == set(chosen)
    assert "可以生成订单" in page(client, LIST)


def test_without_scripts_the_question_is_a_page(world):
    """BIL-01: institution, head-count and amount before the order is made; a second step makes it."""
    batch = world.batch(2, state="eligible")
    client = world.client(batch.organization)

    asked = client.post(NEW, {"person": people(batch)[:1], "agreed_count": "", "agreed_total": ""})

    text = asked.content.decode()
    assert batch.institution.name in text and "¥480.00" in text and "肆佰捌拾元整" in text
    assert not Order.objects.exists()
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text)
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    client.post(NEW, values)
    assert Order.objects.get().head_count == 1


def test_a_whole_large_batch_is_ordered_by_one_tick(world):
    """BIL-01: a batch too long to list is ordered whole, or opened alone to pick from it."""
    batch = world.batch(queries.PEOPLE_SHOWN_A_BATCH + 1, state="eligible")
    client = world.client(batch.organization)
    n = queries.PEOPLE_SHOWN_A_BATCH + 1
    first = batch.enrollments.first()
    assert f'name="person" value="{first.pk}"' not in page(client, LIST)
    assert f'name="person" value="{first.pk}"' in page(client, f"{LIST}?batch={batch.pk}")

    client.post(NEW, {"batch": batch.pk, "agreed_count": n, "agreed_total": f"{480 * n}.00"})

    assert Order.objects.get().head_count == n


def test_a_fee_that_changed_meanwhile_is_asked_about_again(world):
    """BIL-01: nothing is ordered at another amount than the one agreed to."""
    batch = world.batch(2, state="eligible")
    client = world.client(batch.organization)
    batch.offer.fee = Decimal("500.00")
    batch.offer.save()

    answer = client.post(NEW, {"person": people(batch), "agreed_count": "2", "agreed_total": "960.00"})

    text = answer.content.decode()
    assert not Order.objects.exists()
    assert "收费标准刚刚有变化" in text and "¥1,000.00" in text


def test_a_form_sent_twice_makes_one_order(world):
    """BIL-01: the second answer leads to the order of the first."""
    batch = world.batch(2, state="eligible")
    client = world.client(batch.organization)
    key = re.search(r'name="request_key" value="([^"]+)"', page(client, LIST))[1]
    values = {"person": people(batch), "agreed_count": "2", "agreed_total": "960.00", "request_key": key}

    answers = [client.post(NEW, values) for _ in range(2)]

    assert Order.objects.count() == 1
    assert answers[0]["Location"] == answers[1]["Location"]


def test_refusals_come_back_in_words(world):
    """BIL-01: nothing ticked, or somebody who was ordered by a colleague meanwhile."""
    batch = world.batch(1, state="eligible")
    client = world.client(batch.organization)
    assert "请先勾选要生成订单的人员" in client.post(NEW, {}, follow=True).content.decode()

    services.place_order(world.actor(batch.organization), people(batch))
    values = {"person": people(batch), "agreed_count": "1", "agreed_total": "480.00"}
    assert "已在其他订单里" in client.post(NEW, values, follow=True).content.decode()

    stranger = world.client(world.organization())
    assert "已不存在" in stranger.post(NEW, values, follow=True).content.decode()
    assert Order.objects.count() == 1


def test_the_order_says_whom_to_pay_how_much_and_what_to_write(world):
    """BIL-02: figures and capitals, the account with copy buttons, the order number as the remark."""
    order = world.order(3)

    text = page(world.client(order.organization), reverse("enterprise:order", args=[order.pk]))

    for words in (
        "¥1,440.00",
        "壹仟肆佰肆拾元整",
        order.account_name,
        order.account_number,
        order.account_bank,
    ):
        assert words in text
    assert f'data-copy="{order.number}"' in text and f'data-copy="{order.account_number}"' in text
    assert "人回到“资格审核通过”" in text
    for line in order.lines.select_related("enrollment"):
        assert line.enrollment.name in text and line.enrollment.id_number not in text


def test_people_come_in_pages(world):
    """BIL-01: a long order shows twenty people at a time."""
    order = world.order(25)
    client = world.client(order.organization)
    url = reverse("enterprise:order", args=[order.pk])

    first, second = page(client, url), page(client, f"{url}?page=2")

    names = list(order.lines.order_by("pk").values_list("enrollment__name", flat=True))
    assert "共 25 人" in first
    assert first.count('data-label="姓名"') == 20 and second.count('data-label="姓名"') == 5
    assert names[-1] in second


def test_the_slip_is_a_pdf_with_masked_numbers(world):
    """BIL-01, BIL-02: 缴费通知单 with account and amount; ID numbers masked; not for a canceled order."""
    order = world.order(2)
    client = world.client(order.organization)

    response = client.get(reverse("enterprise:order_slip", args=[order.pk]))

    assert response["Content-Type"] == "application/pdf"
    text = "".join(pdf_pages(response.content))
    assert order.account_number in text and "玖佰陆拾元整" in text
    assert not any(line.enrollment.id_number in text for line in order.lines.select_related("enrollment"))
    canceled = world.order(1, state=OrderState.CANCELED)
    url = reverse("enterprise:order_slip", args=[canceled.pk])
    assert world.client(canceled.organization).get(url).status_code == 409


def test_cancelling_frees_the_people_and_twice_is_once(world):
    """BIL-01: canceled while unpaid; a double click cancels once."""
    order = world.order(2)
    client = world.client(order.organization)
    url = reverse("enterprise:order_cancel", args=[order.pk])

    for _ in range(2):
        assert "已取消" in client.post(url, follow=True).content.decode()

    assert TransitionLog.objects.filter(machine="order", action="cancel").count() == 1
    states = Enrollment.objects.filter(order_lines__order=order).values_list("state", flat=True)
    assert set(states) == {EnrollmentState.ELIGIBLE}


def test_an_order_with_a_voucher_cannot_be_canceled(world):
    """BIL-01: no button, and the act is refused in words."""
    order = world.order(1, state=OrderState.VOUCHER_SUBMITTED)
    client = world.client(order.organization)
    url = reverse("enterprise:order_cancel", args=[order.pk])

    assert "取消订单" not in page(client, reverse("enterprise:order", args=[order.pk]))
    assert "不能取消订单" in client.post(url, follow=True).content.decode()


def test_a_refusal_is_said_where_the_button_stands(world):
    """BIL-01: on the list as it was opened; from the question without scripts, which nobody can open, on the list."""
    batch = world.batch(2, state="eligible")
    client = world.client(batch.organization)
    services.place_order(world.actor(batch.organization), people(batch)[:1])
    values = {"person": people(batch), "agreed_count": "2", "agreed_total": "960.00"}
    assert "已在其他订单里" in refused(client, f"{LIST}?batch={batch.pk}", NEW, values)
    assert "已在其他订单里" in refused(client, NEW, NEW, values)
    assert "一张订单只能包含同一培训机构" not in page(client, LIST)
    assert "请先勾选要生成订单的人员" in refused(client, LIST, NEW)
    assert client.get(NEW)["Location"] == LIST
    paid = world.order(1, state=OrderState.VOUCHER_SUBMITTED)
    here, there = (reverse(f"enterprise:{name}", args=[paid.pk]) for name in ("order", "order_cancel"))
    assert "不能取消订单" in refused(world.client(paid.organization), here, there)
    assert Order.objects.count() == 2


def test_a_voucher_is_uploaded_and_handed_in(world):
    """BIL-03: file, payer, amount, date, title, remarks; then the order waits for the institution."""
    order = world.order(2)
    client = world.client(order.organization)
    answer = upload(client, order).json()
    assert answer["ok"], answer

    values = form_values(order, document=answer["id"], amount="¥960.00 元", remarks="线下 2 人")
    response = client.post(reverse("enterprise:order", args=[order.pk]), values)

    assert response.status_code == 302
    order.refresh_from_db()
    voucher = order.vouchers.get()
    assert order.state == OrderState.VOUCHER_SUBMITTED
    assert (voucher.amount, voucher.remarks) == (Decimal("960.00"), "线下 2 人")
    assert "等待培训机构确认" in page(client, reverse("enterprise:order", args=[order.pk]))


def test_the_form_starts_with_what_is_known(world):
    """BIL-03: payer and invoice title are the organization, the amount is the order's."""
    order = world.order(2)

    text = page(world.client(order.organization), reverse("enterprise:order", args=[order.pk]))

    for field, value in (("payer_name", order.organization.name), ("amount", "960.00")):
        assert re.search(rf'name="{field}" value="{re.escape(value)}"', text)


def test_an_error_loses_nothing(world):
    """BIL-03: refused at the field with the reason; the file and everything typed are still there."""
    order = world.order(1)
    client = world.client(order.organization)
    key = upload(client, order).json()["id"]
    values = form_values(order, document=key, payer_name="张三", amount="1", remarks="开票税号 9133")

    text = client.post(reverse("enterprise:order", args=[order.pk]), values).content.decode()

    assert "付款单位必须是本单位" in text and "应与订单金额 ¥480.00 一致" in text
    assert f'name="document" value="{key}"' in text and reverse("shared:document", args=[key]) in text
    assert 'value="张三"' in text and "开票税号 9133" in text
    order.refresh_from_db()
    assert order.state == OrderState.OPEN and not Voucher.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("document", "", "请上传汇款凭证"),
        ("document", "00000000-0000-4000-8000-000000000000", "重新上传"),
        ("document", "x", "重新上传"),
        ("amount", "五百", "金额应填数字"),
        ("amount", "", "请填写汇款金额"),
        ("paid_on", "2999-01-01", "不能晚于今天"),
        ("paid_on", "昨天", "格式填写日期"),
        ("payer_name", "", "请填写付款单位"),
        ("invoice_title", "别的公司", "开票抬头必须与付款单位一致"),
    ],
)
def test_each_field_says_what_is_wrong(world, field, value, words):
    """BIL-03: one sentence per field that says what to do."""
    order = world.order(1)
    client = world.client(order.organization)
    values = form_values(order, document=upload(client, order).json()["id"]) | {field: value}

    assert words in client.post(reverse("enterprise:order", args=[order.pk]), values).content.decode()
    assert not Voucher.objects.exists()


def test_a_file_that_is_no_voucher_is_refused_at_once(world):
    """BIL-03, SEC-05: by content, with the reason; nothing is kept."""
    order = world.order(1)
    client = world.client(order.organization)

    for content, words in ((b"MZ\x00\x00", "程序"), (b"", "空"), (b"x" * (5 * 1024 * 1024 + 9), "5 MB")):
        answer = upload(client, order, content, "凭证.jpg")
        assert answer.status_code == 422 and words in answer.json()["message"]
    paid = world.order(1, state=OrderState.CONFIRMED)
    assert "现在不能上传" in upload(world.client(paid.organization), paid).json()["message"]
    assert not Document.objects.exists()


def test_a_rejected_voucher_is_replaced_and_stays_visible(world):
    """BIL-03: the reason on top, a new voucher, the earlier one below."""
    order = world.order(1)
    client = world.client(order.organization)
    url = reverse("enterprise:order", args=[order.pk])
    client.post(url, form_values(order, document=upload(client, order).json()["id"]))
    services.reject_voucher(world.actor(order.institution), Order.objects.get(), "凭证看不清，请重新截图")

    text = page(client, url)
    assert "汇款凭证被退回" in text and "凭证看不清，请重新截图" in text and "更换汇款凭证" in text
    client.post(url, form_values(order, document=upload(client, order).json()["id"]))

    text = page(client, url)
    assert order.vouchers.count() == 2
    assert "以前的凭证" in text and "凭证看不清" in text and "等待培训机构确认" in text


def test_few_queries_whatever_the_rows(world, django_assert_max_num_queries):
    """Bars 4: list and order pages use at most 12 queries."""
    organization = world.organization()
    offer = world.offer(world.institution(supervisor=organization.supervisor))
    for _ in range(4):
        world.batch(3, state="eligible", organization=organization, offer=offer)
        order = world.order(batch=world.batch(3, state="ordered", organization=organization, offer=offer))
    world.batch(2, state="eligible", organization=organization)
    client = world.client(organization)

    with django_assert_max_num_queries(12):
        page(client, LIST)
    with django_assert_max_num_queries(12):
        page(client, reverse("enterprise:order", args=[order.pk]))


def test_a_strangers_order_is_not_there(world):
    """SEC-01: 404 for other organizations and portals at every address; sign-in for nobody."""
    order = world.order(1)
    stranger, institution = world.client(world.organization()), world.client(order.institution)
    addresses = [
        (name, reverse(f"enterprise:{name}", args=[order.pk]))
        for name in ("order", "order_cancel", "order_voucher_file", "order_slip")
    ]

    for name, url in addresses:
        posted = name in {"order_cancel", "order_voucher_file"}
        for client in (stranger, institution):
            response = client.post(url) if posted else client.get(url)
            assert response.status_code == 404, url
        anonymous = Client().post(url) if posted else Client().get(url)
        assert anonymous.status_code == 302 and "/sign-in/enterprise/" in anonymous["Location"]
    assert stranger.post(addresses[0][1], form_values(order)).status_code == 404
    assert order.number not in page(stranger, LIST)
    assert Client().get(LIST).status_code == 302


def test_the_list_filters_sorts_and_exports(world):
    """BIL-01: tabs per state, search by number, the spreadsheet of the same selection."""
    organization = world.organization()
    offer = world.offer(world.institution(supervisor=organization.supervisor))
    first, second = (
        world.order(batch=world.batch(1, organization=organization, offer=offer), state=state)
        for state in (OrderState.OPEN, OrderState.CONFIRMED)
    )
    client = world.client(organization)

    assert first.number in page(client, f"{LIST}?tab=open")
    assert second.number not in page(client, f"{LIST}?tab=open")
    assert second.number in page(client, f"{LIST}?q={second.number}")
    assert client.get(f"{LIST}?format=xlsx")["Content-Type"].endswith("sheet")


@pytest.mark.django_db(transaction=True)
def test_clicks_at_the_same_moment_make_one_order(world):
    """BIL-01: six requests of one form at once; one order, six answers that lead to it."""
    batch = world.batch(3, state="eligible")
    client = world.client(batch.organization)
    key = re.search(r'name="request_key" value="([^"]+)"', page(client, LIST))[1]
    values = {"person": people(batch), "agreed_count": "3", "agreed_total": "1440.00", "request_key": key}
    barrier, places = threading.Barrier(6), []

    def click() -> None:
        own = Client()
        own.cookies = client.cookies
        barrier.wait()
        try:
            places.append(own.post(NEW, values)["Location"])
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    order = Order.objects.get()
    assert places == [reverse("enterprise:order", args=[order.pk])] * 6


@pytest.mark.django_db(transaction=True)
def test_vouchers_at_the_same_moment_are_handed_in_once(world):
    """BIL-03: a double click on 提交凭证 leaves one voucher, and both answers lead back to the order."""
    order = world.order(2)
    client = world.client(order.organization)
    values = form_values(order, document=upload(client, order).json()["id"])
    url, barrier, codes = reverse("enterprise:order", args=[order.pk]), threading.Barrier(4), []

    def click() -> None:
        own = Client()
        own.cookies = client.cookies
        barrier.wait()
        try:
            codes.append(own.post(url, values).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert codes == [302] * 4
    assert order.vouchers.count() == 1


def test_a_pdf_voucher_is_kept_as_it_is(world):
    """BIL-03: an electronic receipt with its seal stays byte for byte."""
    from pypdf import PdfWriter

    order = world.order(1)
    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(out)

    answer = upload(world.client(order.organization), order, out.getvalue(), "电子回单.pdf").json()

    assert answer["ok"]
    assert Document.objects.get(pk=answer["id"]).file.read() == out.getvalue()
