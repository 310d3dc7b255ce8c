"""Class start, check-in, attendance confirmed once and corrected with a reason (TRN-06)."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.core import signing
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from foundation.errors import DomainError, NotFoundError, WrongStateError
from foundation.messages.models import Message
from foundation.workflow.models import TransitionLog
from zhupei.enrollment.models import Enrollment
from zhupei.learning.services import open_study_accounts
from zhupei.organizations.actors import actor_for
from zhupei.training import queries, services
from zhupei.training.models import AttendanceMark, TrainingPlan
from zhupei.training.services import attendance

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan(school) -> TrainingPlan:
    """A class of three that has started."""
    school.world.batch(3, state="enrolled", offer=school.offer)
    plan = school.plan()
    services.place_into_plan(
        school.actor, plan, list(services.propose_placements(school.actor, plan).values_list("pk", flat=True))
    )
    services.start_class(school.actor, plan)
    return plan


def learner(row: Enrollment):
    open_study_accounts([row])
    row.person.refresh_from_db()
    return actor_for(row.person.user)


def seats(plan):
    return list(plan.placements.order_by("pk").select_related("enrollment__person"))


@pytest.fixture
def lesson(plan):
    """The plan's first lesson is on now."""
    day, now = plan.days.first(), timezone.now()
    day.period = DateTimeTZRange(now - dt.timedelta(seconds=1), now + dt.timedelta(hours=2))
    day.save()
    return day


def token_of(plan, seconds_ago: int = 0, monkeypatch: pytest.MonkeyPatch | None = None) -> str:
    """The code as the screen showed it so many seconds ago."""
    if not seconds_ago or monkeypatch is None:
        return attendance.check_in_token(plan)
    past = timezone.now().timestamp() - seconds_ago
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", lambda: past)
        return attendance.check_in_token(plan)


def test_a_class_does_not_start_with_somebody_unpaid(school):
    """TRN-06: refused by name, nobody is moved."""
    batch = school.world.batch(2, state="enrolled", offer=school.offer)
    plan = school.plan()
    services.place_into_plan(school.actor, plan, list(batch.enrollments.values_list("pk", flat=True)))
    row = batch.enrollments.first()
    Enrollment.objects.filter(pk=row.pk).update(state="returned")
    with pytest.raises(DomainError, match=row.name):
        services.start_class(school.actor, plan)
    assert list(queries.not_enrolled(plan)) == [row]
    assert TrainingPlan.objects.get(pk=plan.pk).stage == "enrolling"
    assert not Enrollment.objects.filter(state="in_training").exists()


def test_a_learner_checks_in_by_the_code(school, plan, lesson):
    """TRN-06: present today, once, whatever the number of scans."""
    seat = seats(plan)[0]
    actor = learner(seat.enrollment)
    for _ in range(2):
        assert services.check_in(actor, token_of(plan)) == lesson
    mark = AttendanceMark.objects.get()
    assert (mark.placement, mark.is_present, mark.method) == (seat, True, "qr_code")
    assert queries.count_present(plan, lesson) == (1, 3)


def test_a_photo_of_the_code_is_no_use_later_but_signing_in_may_take_a_while(
    school, plan, lesson, monkeypatch
):
    """TRN-06: a minute from screen to scan; ten minutes from scan to having signed in."""
    actor = learner(seats(plan)[0].enrollment)
    old = token_of(plan, 300, monkeypatch)
    with pytest.raises(DomainError, match="已过期"):
        services.check_in(actor, old)
    with pytest.raises(DomainError, match="已过期"):
        services.check_in(actor, old, scanned_at=timezone.now() - dt.timedelta(seconds=200))
    ancient = token_of(plan, 900, monkeypatch)
    with pytest.raises(DomainError, match="已过期"):
        services.check_in(actor, ancient, scanned_at=timezone.now() - dt.timedelta(seconds=880))
    services.check_in(actor, old, scanned_at=timezone.now() - dt.timedelta(seconds=270))
    assert AttendanceMark.objects.count() == 1


def test_others_are_refused(school, plan, lesson):
    """TRN-06: who is not in the plan, a forged code, a code of another key."""
    stranger = learner(school.world.batch(1, state="enrolled", offer=school.offer).enrollments.get())
    with pytest.raises(DomainError, match="不在这个培训计划里"):
        services.check_in(stranger, token_of(plan))
    actor, token = learner(seats(plan)[0].enrollment), token_of(plan)
    with pytest.raises(DomainError, match="已过期"):
        services.check_in(actor, token + "x")
    TrainingPlan.objects.filter(pk=plan.pk).update(check_in_key="0" * 64)
    with pytest.raises(DomainError, match="已过期"):
        services.check_in(actor, token)


def test_a_day_without_a_lesson_has_no_check_in(school, plan):
    """TRN-06: said in words."""
    with pytest.raises(DomainError, match="今天没有课"):
        services.check_in(learner(seats(plan)[0].enrollment), token_of(plan))


def test_the_clerk_marks_the_absent_and_keeps_who_checked_in(school, plan):
    """TRN-06: everybody else counts as present; a mark by the code stays one."""
    first, second, third = seats(plan)
    day = plan.days.first()
    AttendanceMark.objects.create(placement=first, day=day, is_present=True, method="qr_code")
    services.mark_day(school.actor, plan, day, {second.pk})
    marks = {mark.placement_id: (mark.is_present, mark.method) for mark in AttendanceMark.objects.all()}
    assert marks == {first.pk: (True, "qr_code"), second.pk: (False, "clerk"), third.pk: (True, "clerk")}
    rows = {row.placement.pk: row for row in queries.attendance_table(plan, list(plan.days.all()))}
    assert (rows[second.pk].missed, rows[second.pk].cells[0].word, rows[second.pk].cells[1].word) == (
        1,
        "缺勤",
        "未登记",
    )
    with pytest.raises(DomainError, match="不在本计划"):
        services.mark_day(school.actor, plan, day, {0})


def test_corrections_need_a_reason_and_are_listed(school, plan):
    """TRN-06: who, whom, why; the person's state follows."""
    first, second, _ = seats(plan)
    services.confirm_attendance(school.actor, plan, {first.pk})
    assert "缺勤人员：" + first.enrollment.name in Message.objects.get(code="training.absent").body
    first.refresh_from_db()
    first.plan.refresh_from_db()
    with pytest.raises(DomainError, match="原因"):
        services.correct_attendance(school.actor, first, is_absent=False, reason=" ")
    services.correct_attendance(school.actor, first, is_absent=False, reason="核对签到表")
    with pytest.raises(WrongStateError):
        services.correct_attendance(school.actor, first, is_absent=False, reason="核对签到表")
    (entry,) = queries.corrections_of(plan)
    assert (entry.detail["name"], entry.detail["absent"], entry.detail["reason"]) == (
        first.enrollment.name,
        False,
        "核对签到表",
    )
    assert entry.user == school.actor.user
    assert Enrollment.objects.get(pk=first.enrollment_id).state == "trained"
    stranger = school.world.actor(school.world.institution())
    with pytest.raises(NotFoundError):
        services.correct_attendance(stranger, second, is_absent=True, reason="x")


@pytest.mark.django_db(transaction=True)
def test_confirming_ten_times_at_once_confirms_once(school, plan):
    """TRN-06: double clicks and two clerks; one list of absentees wins, one message goes out."""
    absent = seats(plan)[0].pk
    done: list[str] = []

    def clerk() -> None:
        try:
            services.confirm_attendance(school.actor, TrainingPlan.objects.get(pk=plan.pk), {absent})
            done.append("confirmed")
        except WrongStateError:
            done.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=clerk) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(done) == ["confirmed"] + ["refused"] * 9
    assert TransitionLog.objects.filter(action="confirm_attendance").count() == 1
    assert Message.objects.filter(code="training.absent").count() == 1
    assert sorted(Enrollment.objects.values_list("state", flat=True)) == ["absent", "trained", "trained"]
