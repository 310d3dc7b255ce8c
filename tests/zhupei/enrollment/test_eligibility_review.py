"""The institution's decisions on eligibility: every transition, every refusal, what the organization hears."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.crypto import unseal
from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.messages.models import Message, Sms
from foundation.workflow.models import TransitionLog
from zhupei.billing.models import OrderState
from zhupei.enrollment import services
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState, MaterialKind
from zhupei.enrollment.services import review
from zhupei.organizations.models import Authority
from zhupei.people.models import PersonBar

pytestmark = pytest.mark.django_db
S = EnrollmentState
REASONS = {"portrait": "头像不是白底，请换白底一寸免冠照"}


@pytest.fixture
def batch(world: Any) -> Batch:
    """Three people with all images, eligible by the rules, handed in."""
    return world.batch(3, state=S.SUBMITTED, materials=True)


@pytest.fixture
def reviewer(world: Any, batch: Batch) -> Any:
    return world.actor(batch.institution)


def people(batch: Batch) -> list[Enrollment]:
    return list(batch.enrollments.order_by("pk"))


def news(batch: Batch) -> list[Message]:
    return list(Message.objects.filter(recipient_key=batch.organization.key, code="enrollment.reviewed"))


def texts(code: str) -> list[str]:
    return [sms.text for sms in Sms.objects.filter(code=code).order_by("pk")]


# --- one by one


def test_approving_makes_a_person_eligible_and_is_logged(batch: Batch, reviewer: Any) -> None:
    """ELI-02, ELI-03."""
    row = review.approve_eligibility(reviewer, people(batch)[0], remark="原件已核")
    assert (row.state, row.remark, row.reasons) == (S.ELIGIBLE, "原件已核", {})
    assert row.reviewed_at is not None
    log = TransitionLog.objects.of(row).last()
    assert log is not None
    assert (log.action, log.from_state, log.to_state, log.actor_key) == (
        "approve",
        S.SUBMITTED,
        S.ELIGIBLE,
        reviewer.key,
    )


def test_returning_keeps_the_reasons_per_item_for_the_organization(batch: Batch, reviewer: Any) -> None:
    """ELI-02, ELI-03."""
    row = review.return_enrollment(
        reviewer, people(batch)[0], REASONS | {"work_years": " 没有 盖章 "}, "尽快"
    )
    assert row.state == S.RETURNED
    assert row.reasons == REASONS | {"work_years": "没有 盖章"}
    assert row.remark == "尽快"


def test_rejecting_ends_the_enrollment(batch: Batch, reviewer: Any, world: Any) -> None:
    """ELI-02: 不通过 is final; the person may be enrolled anew."""
    row = review.reject_enrollment(reviewer, people(batch)[0], {"eligibility": "没有土建类学历"})
    assert row.state == S.INELIGIBLE
    for act in (review.approve_eligibility,):
        with pytest.raises(WrongStateError):
            act(reviewer, row)
    assert world.enrollment(batch, person=row.person).pk


@pytest.mark.parametrize(
    ("reasons", "code"),
    [({}, "reason_required"), ({"portrait": "  "}, "reason_required"), ({"shoes": "太旧"}, "reason_unknown")],
)
@pytest.mark.parametrize("act", [review.return_enrollment, review.reject_enrollment])
def test_sending_back_needs_a_known_item_and_a_reason(
    batch: Batch, reviewer: Any, act: Any, reasons: dict[str, str], code: str
) -> None:
    """ELI-02: reasons per item."""
    with pytest.raises(DomainError) as refusal:
        act(reviewer, people(batch)[0], reasons)
    assert refusal.value.code == code
    assert people(batch)[0].state == S.SUBMITTED


def test_a_reason_or_a_remark_that_is_too_long_is_refused(batch: Batch, reviewer: Any) -> None:
    """The column's length is told, not hit."""
    row = people(batch)[0]
    for reasons, remark in (({"portrait": "长" * 201}, ""), (REASONS, "长" * 501)):
        with pytest.raises(DomainError) as refusal:
            review.return_enrollment(reviewer, row, reasons, remark)
        assert refusal.value.code == "too_long"


def test_a_second_click_finds_the_state_changed(batch: Batch, reviewer: Any) -> None:
    """A colleague was faster: nothing is decided twice, nothing is sent twice."""
    row, stale = people(batch)[0], people(batch)[0]
    review.approve_eligibility(reviewer, row)
    with pytest.raises(WrongStateError):
        review.approve_eligibility(reviewer, stale)
    with pytest.raises(WrongStateError):
        review.reject_enrollment(reviewer, stale, REASONS)
    assert TransitionLog.objects.of(row).count() == 1


@pytest.mark.parametrize("portal", ["institution", "enterprise", "authority"])
def test_nobody_else_may_decide(batch: Batch, world: Any, portal: str) -> None:
    """SEC-01: another institution, the organization itself, the authority."""
    body = {
        "institution": lambda: world.institution(),
        "enterprise": lambda: batch.organization,
        "authority": lambda: batch.institution.supervisor,
    }[portal]()
    stranger, row = world.actor(body), people(batch)[0]
    refusal = NotFoundError if portal == "institution" else NotAllowedError
    for act, arguments in (
        (review.approve_eligibility, ()),
        (review.return_enrollment, (REASONS,)),
        (review.reject_enrollment, (REASONS,)),
    ):
        with pytest.raises(refusal):
            act(stranger, row, *arguments)
    with pytest.raises(refusal):
        review.approve_many(stranger, batch.enrollments.all())
    assert {row.state for row in people(batch)} == {S.SUBMITTED}


def test_a_missing_image_keeps_a_person_from_being_approved(batch: Batch, reviewer: Any) -> None:
    """MAT-01: a rule that asks for one image more since handing in is kept, too."""
    row = people(batch)[0]
    row.materials.get(kind=MaterialKind.WORK_YEARS).delete()
    with pytest.raises(DomainError, match="工作年限证明") as refusal:
        review.approve_eligibility(reviewer, row)
    assert refusal.value.code == "not_approvable"


def test_a_barred_person_is_not_approved_and_the_reason_is_told(batch: Batch, reviewer: Any) -> None:
    """ORG-15."""
    row = people(batch)[0]
    PersonBar.objects.create(
        id_number=row.id_number, name=row.name, authority=Authority.objects.first(), reason="替考"
    )
    with pytest.raises(DomainError, match="替考"):
        review.approve_eligibility(reviewer, row)


def test_against_the_rules_verdict_a_basis_must_be_written(batch: Batch, reviewer: Any) -> None:
    """CAT-03, ELI-02: 不符合 is overruled by a human being only with a reason."""
    row = people(batch)[0]
    Enrollment.objects.filter(pk=row.pk).update(practice_years="0.5")
    with pytest.raises(DomainError, match="须从业满") as refusal:
        review.approve_eligibility(reviewer, row)
    assert refusal.value.code == "basis_required"
    row = review.approve_eligibility(reviewer, row, "另附社保证明 3 年")
    assert (row.state, row.remark) == (S.ELIGIBLE, "另附社保证明 3 年")


def test_an_unclear_verdict_is_left_to_the_reviewer(batch: Batch, reviewer: Any) -> None:
    """需人工判断 needs no written basis."""
    row = people(batch)[0]
    Enrollment.objects.filter(pk=row.pk).update(major="样本工艺学")
    assert review.approve_eligibility(reviewer, row).state == S.ELIGIBLE


def test_an_approved_person_can_be_returned_until_ordered(batch: Batch, reviewer: Any) -> None:
    """ENR-08."""
    row = review.approve_eligibility(reviewer, people(batch)[0])
    assert review.return_enrollment(reviewer, row, REASONS).state == S.RETURNED
    other = people(batch)[1]
    Enrollment.objects.filter(pk=other.pk).update(state=S.ORDERED)
    with pytest.raises(WrongStateError):
        review.return_enrollment(reviewer, other, REASONS)


def test_who_was_returned_after_paying_is_enrolled_again_without_paying(world: Any) -> None:
    """ENR-08: the organization corrects, the institution approves, no second fee."""
    order = world.order(1, state=OrderState.CONFIRMED)
    row = Enrollment.objects.get(order_lines__order=order)
    for kind in MaterialKind.values:
        world.material(row, kind)
    reviewer = world.actor(order.institution)
    review.return_enrollment(reviewer, row, REASONS)
    services.submit_for_review(world.actor(order.organization), Enrollment.objects.filter(pk=row.pk))
    row.refresh_from_db()
    assert row.state == S.SUBMITTED
    assert review.approve_eligibility(reviewer, row).state == S.ENROLLED


# --- many at once


def test_bulk_approves_those_whose_checks_all_pass_and_names_the_others(
    batch: Batch, reviewer: Any, world: Any
) -> None:
    """ELI-02: nobody is skipped silently."""
    good, unclear, incomplete = people(batch)
    Enrollment.objects.filter(pk=unclear.pk).update(major="样本工艺学")
    incomplete.materials.get(kind=MaterialKind.PORTRAIT).delete()
    decided = world.enrollment(batch, state=S.RETURNED)
    result = review.approve_many(reviewer, batch.enrollments.all())
    assert [row.pk for row in result.approved] == [good.pk]
    held = {each.enrollment.pk: each.reason for each in result.held}
    assert set(held) == {unclear.pk, incomplete.pk, decided.pk}
    assert "需人工判断" in held[unclear.pk]
    assert "头像" in held[incomplete.pk]
    assert "退回修改" in held[decided.pk]
    assert [row.state for row in people(batch)] == [S.ELIGIBLE, S.SUBMITTED, S.SUBMITTED, S.RETURNED]


def test_bulk_with_nobody_ready_changes_nothing(batch: Batch, reviewer: Any) -> None:
    """ELI-02."""
    batch.enrollments.update(practice_years=0)
    result = review.approve_many(reviewer, batch.enrollments.all())
    assert (result.approved, len(result.held)) == ([], 3)
    assert not news(batch)


def test_bulk_takes_the_same_number_of_statements_for_few_and_many(world: Any) -> None:
    """ELI-02: constant, whatever the people and batches."""
    few = world.batch(2, state=S.SUBMITTED, materials=True)
    offer = few.offer
    many = [
        world.batch(4, state=S.SUBMITTED, materials=True, offer=offer, organization=few.organization)
        for _ in range(3)
    ]
    reviewer = world.actor(few.institution)
    # The first run also reads the table of majors, once a process.
    review.approve_many(
        reviewer, world.batch(1, state=S.SUBMITTED, materials=True, offer=offer).enrollments.all()
    )
    with CaptureQueriesContext(
        connection,
    ) as for_few:
        review.approve_many(reviewer, few.enrollments.all())
    with CaptureQueriesContext(connection) as for_many:
        result = review.approve_many(reviewer, Enrollment.objects.filter(batch__in=many))
    assert len(result.approved) == 12
    assert len(for_many) == len(for_few)


# --- what the organization hears


def test_one_message_a_batch_tells_how_its_review_stands(batch: Batch, reviewer: Any) -> None:
    """NTF-01: the unread message is renewed, not piled up."""
    first, second, _ = people(batch)
    review.approve_eligibility(reviewer, first)
    review.return_enrollment(reviewer, second, REASONS)
    (message,) = news(batch)
    assert batch.number in message.body
    assert f"通过 1 人，退回 1 人（{second.name}），待审核 1 人。" in message.body
    assert message.url == f"/enterprise/enroll/batches/{batch.pk}/"


def test_a_message_that_was_read_stays(batch: Batch, reviewer: Any) -> None:
    """NTF-01: what was read is kept, news come as a new message."""
    from django.utils import timezone

    first, second, _ = people(batch)
    review.approve_eligibility(reviewer, first)
    Message.objects.update(read_at=timezone.now())
    review.approve_eligibility(reviewer, second)
    assert len(news(batch)) == 2


def test_no_text_message_for_single_approvals(batch: Batch, reviewer: Any) -> None:
    """NTF-01: SMS only for what has to be acted on."""
    review.approve_eligibility(reviewer, people(batch)[0])
    assert not Sms.objects.exists()


def test_being_sent_back_is_told_by_text_message_but_not_a_hundred_times(batch: Batch, reviewer: Any) -> None:
    """NTF-01: the contact hears of the first at once, of the rest when the batch is through."""
    first, second, third = people(batch)
    review.return_enrollment(reviewer, first, REASONS)
    review.reject_enrollment(reviewer, second, {"eligibility": "学历不够"})
    (text,) = texts("enrollment.sent_back")
    assert first.name in text
    assert "头像不是白底" in text
    assert Sms.objects.get().phone == batch.organization.contact_phone
    assert not texts("enrollment.batch_reviewed")
    review.approve_eligibility(reviewer, third)
    (text,) = texts("enrollment.batch_reviewed")
    assert "通过 1 人，退回 1 人，不通过 1 人。" in text
    assert str(batch) in text


def test_the_last_one_returned_is_told_with_the_batch(batch: Batch, reviewer: Any) -> None:
    """NTF-01: one text message, not two."""
    first, second, third = people(batch)
    review.approve_many(reviewer, Enrollment.objects.filter(pk__in=[first.pk, second.pk]))
    assert not Sms.objects.exists()
    review.return_enrollment(reviewer, third, REASONS)
    assert Sms.objects.count() == 1
    assert "通过 2 人，退回 1 人。" in texts("enrollment.batch_reviewed")[0]


def test_several_batches_through_at_once_are_one_text_message(
    world: Any, batch: Batch, reviewer: Any
) -> None:
    """NTF-01."""
    other = world.batch(
        2, state=S.SUBMITTED, materials=True, offer=batch.offer, organization=batch.organization
    )
    review.approve_many(reviewer, Enrollment.objects.filter(batch__in=[batch, other]))
    (text,) = texts("enrollment.batch_reviewed")
    assert "等 2 个批次" in text
    assert "通过 5 人" in text
    assert len(news(batch)) == 2


def test_personal_data_of_text_messages_is_sealed(batch: Batch, reviewer: Any) -> None:
    """SEC-02: the stored text is not readable in the database."""
    review.return_enrollment(reviewer, people(batch)[0], REASONS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM notices_sms")
        (stored,) = cursor.fetchone()
    assert people(batch)[0].name not in stored
    assert people(batch)[0].name in unseal(stored)
