"""Orders, vouchers and their confirmation (BIL-01 … BIL-04)."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
import uuid
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.messages.models import Message, Sms
from foundation.workflow.models import TransitionLog
from tests.world import jpeg
from zhupei.accounts.models import User
from zhupei.billing import rules, services
from zhupei.billing.models import Order, OrderLine, OrderState
from zhupei.billing.services import Agreed, VoucherData
from zhupei.enrollment.models import Enrollment, EnrollmentState

pytestmark = pytest.mark.django_db


def ids(batch) -> list[int]:
    return list(batch.enrollments.values_list("pk", flat=True))


def states(order: Order) -> set[str]:
    return set(Enrollment.objects.filter(order_lines__order=order).values_list("state", flat=True))


_widths = itertools.count(300)


def paper(world, order: Order):
    """A voucher file that the order's organization uploaded; each one different."""
    return services.keep_voucher_file(world.actor(order.organization), "回单.jpg", jpeg(next(_widths)))


def voucher_data(order: Order, **changed) -> VoucherData:
    values = {
        "payer_name": order.organization.name,
        "amount": order.total,
        "paid_on": timezone.localdate(),
    } | changed
    return VoucherData(**values)


def test_an_order_merges_batches_and_adds_up_the_fees_of_now(world):
    """BIL-01: Σ fee standards at the time of ordering; a later fee changes nothing."""
    organization = world.organization()
    institution = world.institution(supervisor=organization.supervisor)
    cheap = world.offer(institution, fee=Decimal("480.00"))
    dear = world.offer(institution, occupation=world.occupation("资料员"), fee=Decimal("512.50"))
    first = world.batch(2, state="eligible", organization=organization, offer=cheap)
    second = world.batch(1, state="eligible", organization=organization, offer=dear)

    order = services.place_order(world.actor(organization), ids(first) + ids(second))
    dear.fee = Decimal("999.00")
    dear.save()

    order.refresh_from_db()
    assert (order.total, order.head_count) == (Decimal("1472.50"), 3)
    assert states(order) == {EnrollmentState.ORDERED}
    assert order.account_number == institution.account_number


def test_only_eligible_people_of_one_institution_can_be_ordered(world):
    """BIL-01: approved, unpaid, at one institution; the refusal says who or what."""
    organization = world.organization()
    actor = world.actor(organization)
    waiting = world.batch(1, state="submitted", organization=organization)
    here = world.batch(1, state="eligible", organization=organization)
    there = world.batch(1, state="eligible", organization=organization)

    with pytest.raises(DomainError, match="请先勾选"):
        services.place_order(actor, [])
    with pytest.raises(DomainError) as refused:
        services.place_order(actor, ids(waiting))
    assert waiting.enrollments.get().name in refused.value.message
    with pytest.raises(DomainError, match="同一培训机构"):
        services.place_order(actor, ids(here) + ids(there))
    assert not Order.objects.exists()


def test_a_strangers_enrollments_cannot_be_ordered(world):
    """SEC-01: another organization's people do not exist for this actor."""
    batch = world.batch(1, state="eligible")

    with pytest.raises(DomainError):
        services.place_order(world.actor(world.organization()), ids(batch))
    with pytest.raises(NotAllowedError):
        services.place_order(world.actor(batch.institution), ids(batch))


def test_a_canceled_order_frees_its_people(world):
    """BIL-01: canceled while unpaid; everybody can be ordered again."""
    batch = world.batch(2, state="eligible")
    actor = world.actor(batch.organization)
    order = services.place_order(actor, ids(batch))

    services.cancel_order(actor, order)

    assert states(order) == {EnrollmentState.ELIGIBLE}
    again = services.place_order(actor, ids(batch))
    assert again.number != order.number
    services.cancel_order(actor, order)  # a second click
    assert TransitionLog.objects.filter(machine="order", action="cancel").count() == 1
    with pytest.raises(NotAllowedError):
        services.cancel_order(world.actor(batch.institution), again)


def test_a_form_sent_twice_makes_one_order(world):
    """BIL-01: the same request finds the order made the first time."""
    batch = world.batch(2, state="eligible")
    actor, key = world.actor(batch.organization), uuid.uuid4()

    first = services.place_order(actor, ids(batch), request_key=key)

    assert services.place_order(actor, ids(batch), request_key=key) == first
    assert services.place_order(actor, [], request_key=key) == first
    assert Order.objects.count() == 1


def test_an_order_is_only_made_as_it_was_agreed(world):
    """BIL-01: a fee that changed after the page was opened is shown again before anything is ordered."""
    batch = world.batch(2, state="eligible")
    actor = world.actor(batch.organization)
    agreed = Agreed(2, batch.offer.fee * 2)
    batch.offer.fee = Decimal("500.00")
    batch.offer.save()

    with pytest.raises(DomainError, match=r"2 人、¥1,000\.00") as refused:
        services.place_order(actor, ids(batch), agreed=agreed)

    assert refused.value.code == "amount_changed"
    assert not Order.objects.exists()
    assert services.place_order(actor, ids(batch), agreed=Agreed(2, Decimal("1000"))).head_count == 2


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("payer_name", "杭州别家建设有限公司", "付款单位必须是本单位"),
        ("payer_name", "张三", "个人代缴"),
        ("invoice_title", "杭州别家建设有限公司", "开票抬头"),
        ("amount", Decimal("1.00"), "订单金额"),
        ("paid_on", dt.date(2999, 1, 1), "不能晚于今天"),
    ],
)
def test_a_voucher_that_does_not_fit_is_refused_with_the_reason(world, field, value, words):
    """BIL-02, BIL-03: the payer must be the organization itself; one transfer for one order."""
    order = world.order(2)
    actor = world.actor(order.organization)

    with pytest.raises(DomainError, match=words) as refused:
        services.submit_voucher(actor, order, paper(world, order), voucher_data(order, **{field: value}))

    assert field in refused.value.items
    order.refresh_from_db()
    assert order.state == OrderState.OPEN
    assert not order.vouchers.exists()


def test_the_payers_name_may_be_written_with_other_brackets(world):
    """BIL-03: the same name in another width is the same payer."""
    order = world.order(1)
    order.organization.name = "杭州样本（集团）有限公司"
    order.organization.save()
    data = voucher_data(order, payer_name="杭州样本(集团)有限公司 ")

    services.submit_voucher(world.actor(order.organization), order, paper(world, order), data)

    assert order.state == OrderState.VOUCHER_SUBMITTED


def test_confirmation_enrolls_everybody_opens_accounts_and_tells_them(world):
    """BIL-04: 已报名 in one transaction, study accounts, messages to the organization, SMS to each."""
    order = world.order(3)
    services.submit_voucher(world.actor(order.organization), order, paper(world, order), voucher_data(order))

    services.confirm_payment(world.actor(order.institution), order)

    assert states(order) == {EnrollmentState.ENROLLED}
    people = Enrollment.objects.filter(order_lines__order=order)
    accounts = User.objects.filter(portal="learner")
    assert {account.account_text for account in accounts} == {row.id_number for row in people}
    assert all(not account.has_usable_password() for account in accounts)
    assert Message.objects.filter(
        recipient_key=order.organization.key, code="billing.order_confirmed"
    ).exists()
    assert {sms.phone for sms in Sms.objects.filter(code="billing.enrolled")} == {row.phone for row in people}


def test_a_second_confirmation_changes_nothing(world):
    """BIL-04: double clicks confirm once."""
    order = world.order(1)
    services.submit_voucher(world.actor(order.organization), order, paper(world, order), voucher_data(order))
    actor = world.actor(order.institution)

    services.confirm_payment(actor, order)
    services.confirm_payment(actor, order)

    assert TransitionLog.objects.filter(machine="order", action="confirm").count() == 1
    assert Sms.objects.filter(code="billing.enrolled").count() == 1


def test_a_rejected_voucher_can_be_replaced(world):
    """BIL-03, BIL-04: rejected with a reason, replaced, confirmed; both vouchers are kept."""
    order = world.order(1)
    payer, payee = world.actor(order.organization), world.actor(order.institution)
    services.submit_voucher(payer, order, paper(world, order), voucher_data(order))
    with pytest.raises(DomainError, match="原因"):
        services.reject_voucher(payee, order, "  ")

    services.reject_voucher(payee, order, "截图不清晰")
    assert (order.state, states(order)) == (OrderState.VOUCHER_REJECTED, {EnrollmentState.ORDERED})
    services.submit_voucher(payer, order, paper(world, order), voucher_data(order))
    services.confirm_payment(payee, order)

    assert order.vouchers.count() == 2
    assert order.vouchers.last().rejected_reason == "截图不清晰"
    assert states(order) == {EnrollmentState.ENROLLED}


def test_only_the_payee_confirms_and_only_after_a_voucher(world):
    """BIL-04, SEC-01: not the payer, not another institution, not before a voucher."""
    order = world.order(1)
    with pytest.raises(WrongStateError):
        services.confirm_payment(world.actor(order.institution), order)
    services.submit_voucher(world.actor(order.organization), order, paper(world, order), voucher_data(order))

    for stranger in (order.organization, world.institution(), world.authority()):
        with pytest.raises((NotFoundError, NotAllowedError)):
            services.confirm_payment(world.actor(stranger), order)
    assert states(order) == {EnrollmentState.PAID}


def test_somebody_returned_after_paying_does_not_pay_again(world):
    """ENR-08: after payment the institution can return for correction; approved again means 已报名 again."""
    from zhupei.enrollment.machine import ENROLLMENT

    order = world.order(1, state=OrderState.CONFIRMED)
    enrollment = Enrollment.objects.get(order_lines__order=order)
    for kind in enrollment.programme.rules_on().required_materials:
        world.material(enrollment, kind)
    institution, organization = world.actor(order.institution), world.actor(order.organization)

    ENROLLMENT.perform(institution, enrollment, "return", remark="姓名有误")
    ENROLLMENT.perform(organization, enrollment, "submit")
    ENROLLMENT.perform(institution, enrollment, "approve")

    enrollment.refresh_from_db()
    assert enrollment.state == EnrollmentState.ENROLLED


@pytest.mark.django_db(transaction=True)
def test_an_enrollment_gets_into_one_live_order_whatever_the_concurrency(world):
    """BIL-01: several clerks order the same people at the same moment; exactly one order stands."""
    batch = world.batch(3, state="eligible")
    actors = [world.actor(batch.organization) for _ in range(6)]
    wanted, refusals, barrier = ids(batch), [], threading.Barrier(6)

    def order(actor) -> None:
        barrier.wait()
        try:
            services.place_order(actor, wanted)
        except DomainError as refusal:
            refusals.append(refusal.message)
        finally:
            connection.close()

    threads = [threading.Thread(target=order, args=[actor]) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Order.objects.count() == 1
    assert OrderLine.objects.filter(is_live=True).count() == 3
    assert len(refusals) == 5
    assert all("请刷新页面" in sentence for sentence in refusals)


@pytest.mark.django_db(transaction=True)
def test_order_numbers_are_unique_under_concurrency(world):
    """BIL-01: the counter of a day gives every order its own number."""
    batches = [world.batch(1, state="eligible") for _ in range(6)]
    actors = [world.actor(batch.organization) for batch in batches]

    def order(actor, batch) -> None:
        services.place_order(actor, ids(batch))
        connection.close()

    threads = [threading.Thread(target=order, args=pair) for pair in zip(actors, batches, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(Order.objects.values_list("number", flat=True))) == 6


@given(st.lists(st.integers(0, 10**7).map(lambda cents: Decimal(cents) / 100), max_size=50))
def test_money_adds_up_to_the_cent(fees):
    """BIL-01: the total is exact, whatever the fees and their order."""
    assert rules.total(fees) == Decimal(sum(int(fee * 100) for fee in fees)) / 100
    assert rules.total(fees) == rules.total(reversed(fees))
