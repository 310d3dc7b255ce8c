"""Assessment plans: made, changed, handed in, reviewed, confirmed; every refusal (ASM-01, ASM-03, ASM-05)."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.utils import timezone

from foundation.errors import DomainError, NotAllowedError, NotFoundError, WrongStateError
from foundation.messages.models import Message, Sms
from foundation.numbers.models import Counter
from foundation.review import services as reviews
from foundation.review.models import Review, ReviewState
from foundation.workflow.models import TransitionLog
from tests.zhupei.assessment.halls import make_assessment, make_hall, moment
from zhupei.assessment import services
from zhupei.assessment.models import AssessmentPlan, AssessmentStage, Session
from zhupei.assessment.plan_states import AssessmentState, state_of, to_do, with_state
from zhupei.assessment.signals import online_confirmed
from zhupei.catalog.models import ProgrammeRules
from zhupei.enrollment.models import Enrollment
from zhupei.organizations.models import Room
from zhupei.people.services import bar_person
from zhupei.training.models import TrainingPlan

pytestmark = pytest.mark.django_db


@pytest.fixture
def nobody_listens(monkeypatch):
    """Without the exam's question bank, which is another test's business."""
    monkeypatch.setattr(online_confirmed, "receivers", [])


def states(plan) -> set[str]:
    return set(Enrollment.objects.filter(candidacies__plan=plan).values_list("state", flat=True))


def test_a_plan_keeps_the_figures_of_the_day(hall):
    """ASM-01, EXM-04: copied from the programme's rules in force, whatever they become later."""
    ProgrammeRules.objects.update(
        exam_minutes=90, earliest_submission_minutes=20, latest_arrival_minutes=15, pass_mark=70
    )
    plan = services.create_plan(hall.actor, hall.training_plan, hall.data())
    ProgrammeRules.objects.update(exam_minutes=60)
    plan.refresh_from_db()
    assert (plan.exam_minutes, plan.submission_minutes, plan.late_minutes, plan.pass_mark) == (90, 20, 15, 70)
    assert plan.name == f"{hall.training_plan.name}考01" and plan.programme == hall.training_plan.programme
    assert state_of(plan) == AssessmentState.DRAFT


def test_the_training_must_be_over(hall):
    """ASM-01: 培训结束，可创建考核计划."""
    for stage in ("upcoming", "enrolling", "enrolment_closed", "in_session"):
        TrainingPlan.objects.update(stage=stage)
        with pytest.raises(DomainError, match="还没有确认考勤") as refused:
            services.create_plan(hall.actor, hall.training_plan, hall.data())
        assert refused.value.code == "training_not_over"
    TrainingPlan.objects.update(stage="finished")
    assert services.create_plan(hall.actor, hall.training_plan, hall.data()).pk


def test_what_is_wrong_is_said_field_by_field(hall, world):
    """ASM-01: a sentence for every field."""
    site, plain = hall.rooms[0].site, Room.objects.create(site=hall.rooms[0].site, name="教室", seats=40)
    closed = Room.objects.create(site=site, name="旧机房", seats=9, has_computers=True, is_active=False)
    other = make_hall(world)
    cases = [
        ("site", {"site": other.rooms[0].site}, "本机构的考点"),
        ("rooms", {"rooms": []}, "至少选择一间"),
        ("rooms", {"rooms": other.rooms}, "不在这个考点"),
        ("rooms", {"rooms": [plain]}, "不是机房"),
        ("rooms", {"rooms": [closed]}, "已停用"),
        ("starts_at", {"starts_at": timezone.now() - dt.timedelta(minutes=1)}, "已过"),
        ("starts_at", {"starts_at": moment(3, 20)}, "最晚 19:00"),
        ("starts_at", {"starts_at": dt.datetime(9999, 12, 31, 15, 59, tzinfo=dt.UTC)}, "一年以内"),
        ("starts_at", {"starts_at": moment(400)}, "一年以内"),
        ("gap_minutes", {"gap_minutes": 300}, "240"),
        ("room_limit", {"room_limit": 31}, "最多 30 人"),
        ("room_limit", {"room_limit": 0}, "1 至 30"),
    ]
    for field, changed, words in cases:
        with pytest.raises(DomainError) as refused:
            services.create_plan(hall.actor, hall.training_plan, hall.data(**changed))
        assert words in refused.value.items[field], (field, refused.value.items)
    assert not AssessmentPlan.objects.exists() and not Review.objects.filter(kind="assessment_plan").exists()


def test_a_practical_part_needs_time_and_place(hall):
    """ASM-01: theory and, for programme B, practical part."""
    plain = services.create_plan(hall.actor, hall.training_plan, hall.data(practical_place="实训场"))
    assert not plain.has_practical and plain.practical_place == ""
    ProgrammeRules.objects.update(has_practical=True)
    for field, changed in (
        ("practical_at", {"practical_place": "实训场"}),
        ("practical_place", {"practical_at": moment(8)}),
        ("practical_at", {"practical_at": moment(-1), "practical_place": "实训场"}),
        ("practical_at", {"practical_at": moment(400), "practical_place": "实训场"}),
    ):
        with pytest.raises(DomainError) as refused:
            services.create_plan(hall.actor, hall.training_plan, hall.data(**changed))
        assert field in refused.value.items
    data = hall.data(practical_at=moment(8), practical_place="实训场")
    plan = services.create_plan(hall.actor, hall.training_plan, data)
    assert plan.has_practical and plan.practical_at == moment(8)


def test_only_the_institution_with_the_right_role_makes_plans(hall, world):
    """ORG-14, SEC-01."""
    strangers = [make_hall(world).actor, hall.authority, world.actor(hall.institution, "finance")]
    for stranger in [*strangers, world.actor(hall.institution, "examiner")]:
        with pytest.raises((NotFoundError, NotAllowedError)):
            services.create_plan(stranger, hall.training_plan, hall.data())
    plan = services.create_plan(world.actor(hall.institution, "clerk"), hall.training_plan, hall.data())
    for stranger in strangers:
        for act in (
            lambda who: services.update_plan(who, plan, hall.data()),
            lambda who: services.set_candidates(who, plan, []),
            lambda who: services.submit_plan(who, plan),
            lambda who: services.discard_plan(who, plan),
        ):
            with pytest.raises((NotFoundError, NotAllowedError)):
                act(stranger)
    others = [strangers[0], strangers[1], world.actor(world.organization())]
    assert not any(AssessmentPlan.objects.visible_to(who).exists() for who in others)


def test_from_draft_to_confirmed_with_every_transition(hall, nobody_listens):
    """ASM-03: 未上报 → 未审核 → 已审核 → 已确认线上考核 → 考核中, the review beside it."""
    hall.people(3)
    plan = hall.plan()
    heard = []
    listener = lambda sender, actor, plan, **rest: heard.append((actor, plan.pk, plan.stage))  # noqa: E731
    online_confirmed.connect(listener)
    try:
        services.submit_plan(hall.actor, plan)
        assert (plan.stage, state_of(plan)) == ("not_reviewed", AssessmentState.SUBMITTED)
        services.withdraw_plan(hall.actor, plan)
        assert (plan.stage, state_of(plan)) == ("not_reported", AssessmentState.DRAFT)
        hall.reject(plan)
        assert (plan.stage, state_of(plan)) == ("not_reported", AssessmentState.REJECTED)
        assert states(plan) == {"trained"}
        services.update_plan(hall.actor, plan, hall.data(starts_at=moment(9)))
        services.arrange_seats(hall.actor, plan)
        hall.approve(plan)
        assert (plan.stage, state_of(plan)) == ("reviewed", AssessmentState.REVIEWED)
        assert states(plan) == {"in_assessment"}
        services.confirm_online(hall.actor, plan)
    finally:
        online_confirmed.disconnect(listener)

    assert heard == [(hall.actor, plan.pk, "online_confirmed")] and plan.confirmed_at
    assert services.follow_clock() == 0
    assert services.follow_clock(moment(9)) == 1
    plan.refresh_from_db()
    assert plan.stage == AssessmentStage.RUNNING
    acts = list(
        TransitionLog.objects.filter(machine="assessment_plan", subject_id=plan.pk)
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert acts == [
        "create",
        "report",
        "take_back",
        "report",
        "send_back",
        "report",
        "pass_review",
        "confirm_online",
        "begin",
    ]
    assert [row["key"] for row in reviews.changes(plan.review)][:1] == ["time"]


def test_everybody_gets_a_ticket_number_at_approval(world):
    """ASM-02: city code, day, running number; no gap, no duplicate, the next plan of the day goes on."""
    hall, plan = make_assessment(world, 5, seats=(2,))
    assert not plan.candidates.exclude(ticket_number=None).exists()
    hall.approve(plan)
    other, second = make_assessment(world, 2)
    other.approve(second)

    numbers = list(
        plan.candidates.order_by("exam_room__number", "seat_number").values_list("ticket_number", flat=True)
    )
    day = f"3301{moment(7):%y%m%d}"
    assert numbers == [f"{day}{number:04d}" for number in range(1, 6)]
    assert set(second.candidates.values_list("ticket_number", flat=True)) == {f"{day}0006", f"{day}0007"}
    assert Counter.objects.get(kind="ticket").last == 7


def test_a_resit_begins_as_one(hall):
    """SCO-02: failed and missed people sit beside the trained ones."""
    hall.people(1)
    hall.people(1, state="failed", placed=False)
    hall.people(1, state="missed", placed=False)
    found = hall.propose()
    keys = [row.pk for row in [*found.ready, *found.resits]]
    plan = services.create_plan(hall.actor, hall.training_plan, hall.data(), keys)
    services.arrange_seats(hall.actor, plan)
    hall.approve(plan)
    assert states(plan) == {"in_assessment"}
    assert sorted(plan.candidates.values_list("is_resit", flat=True)) == [False, True, True]


def test_submission_refuses_what_is_not_ready(hall):
    """ASM-01, ASM-02: each refusal says what to do."""
    people = hall.people(2)
    plan = hall.plan(seated=False)

    def refused(words: str) -> None:
        with pytest.raises(DomainError, match=words):
            services.submit_plan(hall.actor, plan)
        plan.refresh_from_db()
        assert plan.stage == "not_reported" and plan.review.round == 0

    refused("先编排座位")
    services.set_candidates(hall.actor, plan, [])
    refused("先选择考生")
    services.set_candidates(hall.actor, plan, [row.pk for row in people])
    services.arrange_seats(hall.actor, plan)
    Room.objects.filter(pk=hall.rooms[0].pk).update(has_computers=False)
    refused("不是机房")
    Room.objects.filter(pk=hall.rooms[0].pk).update(has_computers=True, is_active=False)
    refused("已停用")
    Room.objects.update(is_active=True)
    AssessmentPlan.objects.update(starts_at=timezone.now() - dt.timedelta(minutes=5))
    refused("首场开考时间已过")
    AssessmentPlan.objects.update(starts_at=moment(7), has_practical=True)
    refused("实操时间和地点")
    AssessmentPlan.objects.update(practical_at=moment(-1), practical_place="实训场")
    refused("实操时间已过")
    AssessmentPlan.objects.update(has_practical=False)
    review = Review.objects.create(kind="institution", state=ReviewState.REJECTED)
    type(hall.institution).objects.filter(pk=hall.institution.pk).update(review=review)
    refused("机构备案还没有审核通过")
    type(hall.institution).objects.filter(pk=hall.institution.pk).update(review=None)
    services.submit_plan(hall.actor, plan)


def test_the_barred_and_the_corrected_are_named_at_submission_and_at_approval(hall):
    """ASM-01, ORG-15: nobody is dropped silently."""
    barred, corrected, _ = hall.people(3)
    plan = hall.plan()
    bar = bar_person(hall.authority, barred.id_number, barred.name, "考试作弊")
    Enrollment.objects.filter(pk=corrected.pk).update(state="absent")
    with pytest.raises(DomainError) as refused:
        services.submit_plan(hall.actor, plan)
    assert refused.value.code == "candidates_unfit"
    assert all(words in refused.value.message for words in (barred.name, corrected.name, "考试作弊", "移出"))

    Enrollment.objects.filter(pk=corrected.pk).update(state="trained")
    type(bar).objects.update(lifted_at=timezone.now())
    hall.submit(plan)
    bar_person(hall.authority, barred.id_number, barred.name, "替考")
    with pytest.raises(DomainError, match=f"{barred.name}.*替考.*审核不通过"):
        reviews.approve(hall.authority, plan.review)
    plan.refresh_from_db()
    assert (plan.stage, plan.review.state) == ("not_reviewed", "accepted")
    assert states(plan) == {"trained"} and not plan.candidates.exclude(ticket_number=None).exists()
    reviews.reject(hall.authority, plan.review, reasons={"candidates": f"{barred.name}在黑名单中"})
    plan.refresh_from_db()
    services.set_candidates(
        hall.actor, plan, [row.pk for row in hall.propose(plan).ready if row.pk != barred.pk]
    )
    services.arrange_seats(hall.actor, plan)
    hall.approve(plan)


def test_a_plan_whose_time_is_over_is_not_approved(hall):
    """ASM-03: a ticket for yesterday helps nobody."""
    hall.people(1)
    plan = hall.submit(hall.plan())
    AssessmentPlan.objects.update(starts_at=timezone.now() - dt.timedelta(minutes=1))
    with pytest.raises(DomainError, match="改期"):
        reviews.approve(hall.authority, plan.review)


def test_handed_in_plans_stand_still(hall):
    """ASM-03: no change while under review; withdrawal only before acceptance; deletion only of what never went out."""
    hall.people(2)
    plan = hall.submit(hall.plan())
    for act in (
        lambda: services.update_plan(hall.actor, plan, hall.data()),
        lambda: services.set_candidates(hall.actor, plan, []),
        lambda: services.submit_plan(hall.actor, plan),
        lambda: services.withdraw_plan(hall.actor, plan),
        lambda: services.discard_plan(hall.actor, plan),
        lambda: services.confirm_online(hall.actor, plan),
    ):
        with pytest.raises(WrongStateError):
            act()
        plan.refresh_from_db()
    reviews.reject(hall.authority, plan.review, reasons={"time": "请调整"})
    plan.refresh_from_db()
    with pytest.raises(WrongStateError, match="留档"):
        services.discard_plan(hall.actor, plan)


def test_a_draft_can_be_deleted_and_frees_its_people(hall):
    """ASM-01: they can be chosen for another plan."""
    hall.people(2)
    plan = hall.plan()
    assert not hall.propose().ready
    services.discard_plan(hall.actor, plan)
    assert len(hall.propose().ready) == 2
    assert not Session.objects.exists() and not Review.objects.filter(kind="assessment_plan").exists()


def test_confirmation_is_the_institutions_and_can_be_refused_by_a_listener(hall, world, nobody_listens):
    """ASM-03: 确认线上考核 once, by the right role, before the time is over; the exam stage may refuse."""
    hall.people(1)
    plan = hall.approve(hall.plan())
    for stranger in (world.actor(hall.institution, "examiner"), make_hall(world).actor):
        with pytest.raises((NotFoundError, NotAllowedError)):
            services.confirm_online(stranger, plan)

    def refuse(sender, actor, plan, **rest):
        raise DomainError("bank_short", "题库题量不足。")

    online_confirmed.connect(refuse)
    try:
        with pytest.raises(DomainError, match="题量不足"):
            services.confirm_online(hall.actor, plan)
    finally:
        online_confirmed.disconnect(refuse)
    plan.refresh_from_db()
    assert plan.stage == "reviewed" and plan.confirmed_at is None
    plan.sessions.update(starts_at=moment(-1), ends_at=moment(-1, 11))
    with pytest.raises(DomainError, match="已经过去"):
        services.confirm_online(hall.actor, plan)


def test_everybody_is_told(hall, django_capture_on_commit_callbacks):
    """ASM-05, NTF-01: authority, institution, organizations, and each person by SMS with seat and ticket."""
    first, second = hall.people(2), hall.people(1)
    plan = hall.plan()
    services.submit_plan(hall.actor, plan)
    (asked,) = Message.objects.filter(code="assessment.submitted")
    assert asked.recipient_key == f"authority:{hall.institution.supervisor_id}" and "考生 3 人" in asked.body
    reviews.accept(hall.authority, plan.review)
    assert not Message.objects.filter(code="assessment.published").exists()
    reviews.approve(hall.authority, plan.review)

    (told,) = Message.objects.filter(code="assessment.decided")
    assert told.recipient_key == hall.institution.key and "审核通过" in told.title
    published = {row.recipient_key: row for row in Message.objects.filter(code="assessment.published")}
    assert set(published) == {first[0].organization.key, second[0].organization.key}
    assert published[first[0].organization.key].title.startswith("2 人")
    texts = list(Sms.objects.filter(code="assessment.published").values_list("text", flat=True))
    candidate = plan.candidates.get(enrollment=second[0])
    (mine,) = [text for text in texts if candidate.ticket_number in text]
    assert (
        len(texts) == 3 and second[0].name in mine and candidate.seat_label in mine and "09:00–11:00" in mine
    )
    assert not re.search(r"[{}]", "".join(texts))


def test_the_institution_sees_what_waits_for_it(hall, world):
    """ASM-03: drafts, rejected ones and approved ones that are to be confirmed; roles without the right see none."""
    hall.people(1)
    plan = hall.plan()
    finance = world.actor(hall.institution, "finance")
    assert (to_do(hall.actor).count(), to_do(finance).count()) == (1, 0)
    hall.submit(plan)
    assert to_do(hall.actor).count() == 0
    reviews.approve(hall.authority, plan.review)
    assert to_do(hall.actor).count() == 1
    shown = with_state(AssessmentPlan.objects.visible_to(hall.actor)).values_list("shown_state", flat=True)
    assert list(shown) == ["reviewed"]
