"""取消本次安排: an approved plan that does not take place goes back, with its people (ASM-03, SCO-02)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.files import services as files
from foundation.files.models import Document
from foundation.messages.models import Message, Sms
from foundation.numbers.models import Counter
from foundation.review import services as reviews
from foundation.scoping import SYSTEM
from foundation.workflow.models import TransitionLog
from tests.zhupei.assessment.halls import Hall, make_hall, moment
from zhupei.assessment import machine, services
from zhupei.assessment.models import AssessmentPlan, Candidate, ExamRoom, Session
from zhupei.assessment.plan_states import AssessmentState, state_of
from zhupei.assessment.services import printouts
from zhupei.assessment.services.seats import bookings
from zhupei.assessment.signals import online_confirmed
from zhupei.enrollment.models import Enrollment

pytestmark = pytest.mark.django_db
REASON = "台风红色预警"


@pytest.fixture(autouse=True)
def nobody_prepares(monkeypatch):
    """Without the exam's question bank, which is another test's business."""
    monkeypatch.setattr(online_confirmed, "receivers", [])


def mixed(hall: Hall, trained: int = 2, failed: int = 1, missed: int = 1) -> AssessmentPlan:
    """An approved plan with first sitters and resits of both kinds."""
    hall.people(trained)
    hall.people(failed, state="failed", placed=False)
    hall.people(missed, state="missed", placed=False)
    found = hall.propose()
    keys = [row.pk for row in [*found.ready, *found.resits]]
    plan = services.create_plan(hall.actor, hall.training_plan, hall.data(), keys)
    services.arrange_seats(hall.actor, plan)
    return hall.approve(plan)


def states(plan: AssessmentPlan) -> list[str]:
    return sorted(Enrollment.objects.filter(candidacies__plan=plan).values_list("state", flat=True))


@pytest.mark.parametrize("stage", ["reviewed", "online_confirmed", "running", "completed"])
def test_everybody_goes_back_to_where_he_came_from(hall, stage):
    """ASM-03, SCO-02: also when the time is over and nobody sat; the candidates stay, tickets and seats do not."""
    plan = mixed(hall)
    assert states(plan) == ["in_assessment"] * 4
    AssessmentPlan.objects.filter(pk=plan.pk).update(stage=stage, confirmed_at=timezone.now())
    plan.sessions.update(starts_at=moment(-1), ends_at=moment(-1, 11))
    plan.refresh_from_db()

    assert services.call_off_plan(hall.actor, plan, f" {REASON} ") == 4

    plan.refresh_from_db()
    assert (plan.stage, state_of(plan)) == ("not_reported", AssessmentState.DRAFT)
    assert plan.confirmed_at is None and plan.seated_at is None
    assert states(plan) == ["failed", "missed", "trained", "trained"]
    resits = dict(plan.candidates.values_list("enrollment__state", "is_resit"))
    assert resits == {"failed": True, "missed": True, "trained": False}
    assert plan.candidates.live().count() == 4
    assert not plan.candidates.exclude(ticket_number=None, exam_room=None, seat_number=None).exists()
    assert not Session.objects.exists() and not ExamRoom.objects.exists()
    assert not bookings([hall.rooms[0].pk], moment(0), moment(30))
    logs = TransitionLog.objects.filter(subject_type="enrollment.enrollment", action__startswith="leave_")
    assert logs.count() == 4 and all(REASON in log.remark for log in logs)


def test_the_record_says_who_and_why(hall):
    """ASM-03: in words, at the plan and in the review record."""
    plan = mixed(hall)
    services.call_off_plan(hall.actor, plan, REASON)
    review = plan.review
    review.refresh_from_db()
    assert review.state == "draft" and review.round == 1 and review.due_on is None
    assert review.remark == f"{hall.actor.label}：{REASON}"
    last = reviews.history(review)[-1]
    assert (last.action_label, last.to_state, last.remark) == ("退回重报", "draft", review.remark)
    act = TransitionLog.objects.of(plan).get(action="call_off")
    assert (act.actor_label, act.remark) == (hall.actor.label, REASON)


def test_it_is_changed_and_handed_in_again_with_new_tickets(hall):
    """ASM-02, ASM-03: only the time has to be changed; no ticket number is ever given twice."""
    plan = mixed(hall)
    old = set(plan.candidates.values_list("ticket_number", flat=True))
    services.confirm_online(hall.actor, plan)
    services.call_off_plan(hall.actor, plan, REASON)
    with pytest.raises(DomainError, match="先编排座位"):
        services.submit_plan(hall.actor, plan)
    # The same day on purpose: the counter goes on.
    services.update_plan(hall.actor, plan, hall.data(starts_at=moment(7, 14)))
    services.arrange_seats(hall.actor, plan)
    hall.approve(plan)
    new = set(plan.candidates.values_list("ticket_number", flat=True))
    assert len(new) == 4 and not new & old and None not in new
    assert Counter.objects.get(kind="ticket").last == 8
    assert states(plan) == ["in_assessment"] * 4
    assert plan.review.round == 2 and plan.review.remark == ""
    services.confirm_online(hall.actor, plan)
    services.call_off_plan(hall.actor, plan, "停电")
    assert states(plan) == ["failed", "missed", "trained", "trained"]


def test_a_resit_returns_to_what_it_was_last(hall):
    """SCO-02: missed once, failed later: the last beginning counts."""
    plan = mixed(hall, trained=0, failed=0, missed=1)
    services.call_off_plan(hall.actor, plan, REASON)
    assert states(plan) == ["missed"]
    Enrollment.objects.filter(candidacies__plan=plan).update(state="failed")
    services.arrange_seats(hall.actor, plan)
    hall.approve(plan)
    services.call_off_plan(hall.actor, plan, REASON)
    assert states(plan) == ["failed"]


def test_people_can_be_taken_out_afterwards(hall):
    """ASM-01: whoever cannot come at the new time is free for another plan."""
    plan = mixed(hall)
    services.call_off_plan(hall.actor, plan, REASON)
    services.set_candidates(hall.actor, plan, [])
    found = hall.propose()
    assert (len(found.ready), len(found.resits)) == (2, 2)


def test_not_before_the_approval_nor_twice_nor_without_a_reason(hall):
    """ASM-03: every other state refuses, and nothing changes."""
    hall.people(2)
    plan = hall.plan()

    def refused(words: str, reason: str = REASON) -> None:
        with pytest.raises(WrongStateError, match=words):
            services.call_off_plan(hall.actor, plan, reason)
        plan.refresh_from_db()

    refused("未上报")
    hall.submit(plan, accept=False)
    refused("未审核")
    reviews.accept(hall.authority, plan.review)
    refused("未审核")
    reviews.approve(hall.authority, plan.review)
    plan.refresh_from_db()
    refused("请填写取消本次安排的原因", "  ")
    assert plan.stage == "reviewed" and plan.candidates.exclude(ticket_number=None).count() == 2
    assert not Message.objects.filter(code="assessment.called_off").exists()
    services.call_off_plan(hall.actor, plan, REASON)
    refused("未上报")


def test_only_the_institution_with_the_right_role(hall, world):
    """ORG-14, SEC-01."""
    plan = mixed(hall)
    strangers = [
        make_hall(world).actor,
        hall.authority,
        world.actor(hall.institution, "finance"),
        world.actor(hall.institution, "examiner"),
        world.actor(Enrollment.objects.first().organization),
    ]
    for stranger in strangers:
        with pytest.raises((NotFoundError, NotAllowedError)):
            services.call_off_plan(stranger, plan, REASON)
    plan.refresh_from_db()
    assert plan.stage == "reviewed" and states(plan) == ["in_assessment"] * 4
    services.call_off_plan(world.actor(hall.institution, "clerk"), plan, REASON)


def test_a_later_stage_refuses_and_nothing_changes(hall, monkeypatch):
    """ASM-03: whoever knows that somebody sat says so."""
    plan = mixed(hall)

    def refuse(plan: Any) -> None:
        raise DomainError("attempts_exist", "已有考生签到。")

    monkeypatch.setattr(machine, "_REFUSALS", [refuse])
    with pytest.raises(DomainError, match="已有考生签到"):
        services.call_off_plan(hall.actor, plan, REASON)
    plan.refresh_from_db()
    plan.review.refresh_from_db()
    assert (plan.stage, plan.review.state) == ("reviewed", "approved")
    assert plan.candidates.exclude(ticket_number=None).count() == 4


def test_everybody_is_told(hall):
    """NTF-01: the authority and the organizations in the portal, each person by SMS with the time that was."""
    plan = mixed(hall)
    services.call_off_plan(hall.actor, plan, REASON)
    told = {row.recipient_key: row for row in Message.objects.filter(code="assessment.called_off")}
    organizations = {row.enrollment.organization.key for row in plan.candidates.all()}
    assert set(told) == {f"authority:{hall.institution.supervisor_id}", *organizations}
    assert all(
        REASON in row.body and "准考证作废" in row.body and "{" not in row.body for row in told.values()
    )
    texts = list(Sms.objects.filter(code="assessment.called_off").values_list("text", flat=True))
    when = f"{moment(7):%Y-%m-%d} 09:00–11:00"
    assert len(texts) == 4 and all(when in text and plan.name in text for text in texts)
    assert {row.enrollment.name for row in plan.candidates.all()} == {
        text.removeprefix("【筑培】").split("，")[0] for text in texts
    }


def test_others_see_it_no_longer(hall, world):
    """SEC-01, ASM-05: the organization not at all, the authority the record of what it approved."""
    plan = mixed(hall)
    organization = world.actor(plan.candidates.first().enrollment.organization)
    assert AssessmentPlan.objects.visible_to(organization).exists()
    services.call_off_plan(hall.actor, plan, REASON)
    assert not AssessmentPlan.objects.visible_to(organization).exists()
    assert not Candidate.objects.visible_to(organization).exists()
    assert AssessmentPlan.objects.visible_to(hall.authority).get() == plan


def test_printouts_made_before_are_gone_and_none_is_made_after(hall):
    """ASM-04: nobody downloads a ticket that is void."""
    plan = mixed(hall)
    job = printouts.start_printout(hall.actor, plan, "tickets")
    owner = hall.actor.key
    files.store(
        SYSTEM,
        printouts.KIND,
        "准考证.pdf",
        b"%PDF",
        "application/pdf",
        checks={"plan": plan.pk, "paper": "tickets"},
    )
    assert list(printouts.jobs_of(hall.actor, plan)) == [job]
    services.call_off_plan(hall.actor, plan, REASON)
    assert not Document.objects.filter(kind=printouts.KIND).exists()
    with pytest.raises(DomainError, match="已取消"):
        printouts.make(plan.pk, "tickets", owner, lambda done, total: None)
    services.arrange_seats(hall.actor, plan)
    hall.approve(plan)
    assert not printouts.jobs_of(hall.actor, plan).exists()
    assert printouts.start_printout(hall.actor, plan, "tickets") != job


def test_many_people_take_as_many_statements_as_few(world):
    """PERF: one statement for all."""
    counts = []
    for number in (2, 20):
        hall = make_hall(world)
        plan = mixed(hall, number, number, number)
        with CaptureQueriesContext(connection) as caught:
            services.call_off_plan(hall.actor, plan, REASON)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 70


def test_a_plan_that_nobody_confirmed_in_time(hall):
    """ASM-03: confirmation refuses and says what to do; then it works."""
    plan = mixed(hall)
    gone = timezone.now() - dt.timedelta(days=1)
    plan.sessions.update(starts_at=gone, ends_at=gone + dt.timedelta(hours=2))
    with pytest.raises(DomainError, match="取消本次安排"):
        services.confirm_online(hall.actor, plan)
    plan.refresh_from_db()
    services.call_off_plan(hall.actor, plan, "未按时确认")
    assert states(plan) == ["failed", "missed", "trained", "trained"]
