"""The file of a voucher, vouchers used twice, and who saw which (BIL-03, BIL-04)."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from decimal import Decimal

import pytest
from django.utils import timezone
from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

from foundation.errors import DomainError
from foundation.files.models import Document
from foundation.workflow.models import TransitionLog
from tests.world import jpeg
from zhupei.billing import queries, rules, services
from zhupei.billing.models import Order, OrderState, Voucher
from zhupei.billing.services import VoucherData

pytestmark = pytest.mark.django_db
_widths = itertools.count(400)


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGBA", (400, 300), (20, 90, 190, 255)).save(out, "PNG")
    return out.getvalue()


def pdf(script: str = "") -> bytes:
    writer = PdfWriter()
    writer.add_blank_page(300, 200)
    if script:
        action = {NameObject("/S"): NameObject("/JavaScript"), NameObject("/JS"): TextStringObject(script)}
        writer.root_object[NameObject("/OpenAction")] = DictionaryObject(action)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def hand_in(world, order: Order, content: bytes | None = None) -> Voucher:
    actor = world.actor(order.organization)
    document = services.keep_voucher_file(actor, "回单.jpg", content or jpeg(next(_widths)))
    data = VoucherData(order.organization.name, order.total, timezone.localdate())
    return services.submit_voucher(actor, order, document, data)


def test_a_picture_is_drawn_anew_and_a_pdf_is_kept_as_it_is(world):
    """BIL-03: JPG, PNG and PDF by content, whatever the name says."""
    actor = world.actor(world.organization())
    paper = pdf()

    picture = services.keep_voucher_file(actor, "C:/回单/截图.png", png())
    document = services.keep_voucher_file(actor, "电子回单.jpg", paper)

    assert (picture.content_type, picture.width, picture.name) == ("image/jpeg", 400, "截图.png")
    assert document.content_type == "application/pdf"
    assert document.file.read() == paper


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空文件"),
        (b"PK\x03\x04[Content_Types].xml word/", "Word"),
        (b"<html><script>", "网页文件"),
        (b"%PDF-1.7\nnothing more", "不完整或已损坏"),
        (b"\xff\xd8\xff" + b"\x00" * 100, "打不开"),
        (b"\x00" * (5 * 1024 * 1024 + 1), "超过 5 MB"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 60, "HEIC"),
    ],
)
def test_what_is_no_voucher_is_refused_with_the_reason(world, content, words):
    """BIL-03, SEC-05: judged by content; the sentence says what it is."""
    with pytest.raises(DomainError, match=words):
        services.keep_voucher_file(world.actor(world.organization()), "回单.pdf", content)
    assert not Document.objects.exists()


@pytest.mark.parametrize("hidden", [False, True])
def test_a_pdf_with_a_script_is_refused(world, hidden):
    """SEC-05: also when the name is written with escapes."""
    content = pdf("app.alert(1)")
    if hidden:
        content = content.replace(b"/JavaScript", b"/J#61vaScript").replace(b"/JS", b"/#4AS")

    with pytest.raises(DomainError, match="脚本"):
        services.keep_voucher_file(world.actor(world.organization()), "回单.pdf", content)


def test_one_voucher_pays_one_order(world):
    """BIL-02: the same slip for a second order is refused; after a rejection it can be used again."""
    organization = world.organization()
    offer = world.offer(world.institution(supervisor=organization.supervisor))
    first, second = (
        world.order(batch=world.batch(1, state="ordered", organization=organization, offer=offer))
        for _ in range(2)
    )
    slip = jpeg(777)
    hand_in(world, first, slip)

    with pytest.raises(DomainError, match=f"已用于订单 {first.number}") as refused:
        hand_in(world, second, slip)

    assert "document" in refused.value.items
    services.reject_voucher(world.actor(first.institution), first, "订单号写错，应为另一张订单")
    hand_in(world, second, slip)
    assert second.state == OrderState.VOUCHER_SUBMITTED


def test_somebody_elses_file_is_no_voucher(world):
    """SEC-01: only a file that this organization uploaded can be handed in."""
    order = world.order(1)
    actor = world.actor(order.organization)
    data = VoucherData(order.organization.name, order.total, timezone.localdate())
    stranger = services.keep_voucher_file(world.actor(world.organization()), "a.jpg", jpeg())

    with pytest.raises(DomainError, match="重新上传"):
        services.submit_voucher(actor, order, stranger, data)
    with pytest.raises(DomainError, match="重新上传"):
        services.submit_voucher(actor, order, world.document(order.organization.key), data)


def test_a_voucher_sent_twice_is_handed_in_once(world):
    """BIL-03: a double click makes one voucher and one line in the record."""
    order = world.order(1)
    actor = world.actor(order.organization)
    document = services.keep_voucher_file(actor, "a.jpg", jpeg())
    data = VoucherData(order.organization.name, order.total, timezone.localdate())

    assert services.submit_voucher(actor, order, document, data) == services.submit_voucher(
        actor, order, document, data
    )
    assert TransitionLog.objects.filter(machine="order", action="submit_voucher").count() == 1


def test_a_voucher_that_was_replaced_is_not_confirmed_unseen(world):
    """BIL-04: what the institution looked at is what it confirms."""
    order = world.order(1)
    seen = hand_in(world, order)
    payee = world.actor(order.institution)
    services.reject_voucher(payee, order, "截图不清晰")
    new = hand_in(world, order)

    with pytest.raises(DomainError, match="已更换"):
        services.confirm_payment(payee, order, seen_voucher=seen.pk)
    with pytest.raises(DomainError, match="已更换"):
        services.reject_voucher(payee, order, "金额不符", seen_voucher=seen.pk)

    services.confirm_payment(payee, order, seen_voucher=new.pk)
    assert order.state == OrderState.CONFIRMED


def test_a_rejection_sent_twice_rejects_once(world):
    """BIL-04: double clicks."""
    order = world.order(1)
    hand_in(world, order)
    payee = world.actor(order.institution)

    services.reject_voucher(payee, order, "未到账")
    services.reject_voucher(payee, order, "未到账")

    assert TransitionLog.objects.filter(machine="order", action="reject_voucher").count() == 1


def test_an_order_that_does_not_add_up_is_not_confirmed(world):
    """BIL-04: head-count × fee is checked again at the last moment."""
    order = world.order(2)
    hand_in(world, order)
    order.lines.first().delete()

    with pytest.raises(DomainError, match="对不上"):
        services.confirm_payment(world.actor(order.institution), order)


def test_checks_say_what_does_not_agree(world):
    """BIL-04: payer, amount, invoice title, date and reuse, each with what was found."""
    claim = rules.Claim(
        organization="杭州样本（集团）有限公司",
        payer_name="杭州样本(集团)有限公司",
        amount=Decimal("480.00"),
        paid_on=dt.date(2026, 11, 20),
        invoice_title="杭州样本（集团）有限公司",
        ordered_on=dt.date(2026, 11, 18),
    )
    assert not rules.blocking(rules.claim_checks(claim, Decimal("480")))

    wrong = rules.Claim(
        "甲公司", "张三", Decimal("1.00"), dt.date(2026, 11, 1), "乙公司", dt.date(2026, 11, 18), "B1"
    )
    checks = rules.claim_checks(wrong, Decimal("480"))

    assert [check.tone for check in checks] == ["bad", "bad", "bad", "wait", "bad"]
    assert "付款单位：张三；报名单位：甲公司" in checks[0].note
    assert "汇款 ¥1.00，订单 ¥480.00" in checks[1].note


def test_fee_lines_add_up_per_training_and_fee(world):
    """BIL-04: head-count × fee, line by line."""
    organization = world.organization()
    institution = world.institution(supervisor=organization.supervisor)
    cheap = world.offer(institution, fee=Decimal("480.00"))
    dear = world.offer(institution, fee=Decimal("512.50"), delivery="online")
    people = [
        row.pk
        for offer, n in ((cheap, 2), (dear, 3))
        for row in world.batch(n, state="eligible", organization=organization, offer=offer).enrollments.all()
    ]
    order = services.place_order(world.actor(organization), people)

    lines = queries.fee_lines(order)

    assert {(line.label, line.head_count, line.subtotal) for line in lines} == {
        ("土建施工员 · 线下", 2, Decimal("960.00")),
        ("土建施工员 · 线上", 3, Decimal("1537.50")),
    }
    assert rules.sum_check(lines, order.head_count, order.total).tone == "ok"


def test_what_can_be_ordered_is_grouped_and_large_batches_stay_closed(world, django_assert_num_queries):
    """BIL-01: by institution and batch with the fees of now; two queries whatever the people."""
    organization = world.organization()
    actor = world.actor(organization)
    institution = world.institution(supervisor=organization.supervisor)
    offer = world.offer(institution)
    small = world.batch(2, state="eligible", organization=organization, offer=offer)
    large = world.batch(
        queries.PEOPLE_SHOWN_A_BATCH + 1, state="eligible", organization=organization, offer=offer
    )
    other = world.batch(1, state="eligible", organization=organization)
    world.batch(3, state="submitted", organization=organization, offer=offer)
    world.batch(3, state="eligible")

    with django_assert_num_queries(2):
        found = {group.pk: group for group in queries.to_order(queries.orderable(actor))}

    assert set(found) == {institution.pk, other.institution.pk}
    batches = {batch.pk: batch for batch in found[institution.pk].batches}
    assert len(batches[small.pk].people) == 2
    assert batches[large.pk].people == []
    assert found[institution.pk].head_count == queries.PEOPLE_SHOWN_A_BATCH + 3
    assert found[institution.pk].total == offer.fee * (queries.PEOPLE_SHOWN_A_BATCH + 3)
    opened = queries.to_order(queries.orderable(actor).filter(batch=large), everybody=True)
    assert len(opened[0].batches[0].people) == queries.PEOPLE_SHOWN_A_BATCH + 1


def test_files_never_handed_in_are_removed(world, django_capture_on_commit_callbacks):
    """MAT-05: nothing is kept that nobody needs; what was handed in or is fresh stays."""
    order = world.order(1)
    actor = world.actor(order.organization)
    handed_in = hand_in(world, order).document
    stray, fresh = (services.keep_voucher_file(actor, "a.jpg", jpeg(next(_widths))) for _ in range(2))
    Document.objects.exclude(pk=fresh.pk).update(created_at=timezone.now() - dt.timedelta(days=3))

    with django_capture_on_commit_callbacks(execute=True):
        assert services.remove_stray_vouchers() == 1
    assert set(Document.objects.values_list("pk", flat=True)) == {handed_in.pk, fresh.pk}
    assert not stray.file.storage.exists(stray.file.name)
