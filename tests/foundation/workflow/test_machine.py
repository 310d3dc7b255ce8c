"""The one workflow mechanism (architecture.md 1): lock, who may, guard, change, log, effect; one transaction."""

from __future__ import annotations

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.scoping import SYSTEM
from foundation.workflow.machine import Machine, Transition, all_machines, platform
from foundation.workflow.models import TransitionLog
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState

pytestmark = pytest.mark.django_db


def test_a_move_changes_the_state_and_writes_one_log_row(world):
    """states.md: who, when, from, to, remark, per-item reasons."""
    enrollment = world.batch(1, state="submitted").enrollments.get()
    actor = world.actor(enrollment.institution)

    ENROLLMENT.perform(actor, enrollment, "return", remark="重拍", reasons={"portrait": "头像不清"})

    enrollment.refresh_from_db()
    log = TransitionLog.objects.of(enrollment).get()
    assert enrollment.state == EnrollmentState.RETURNED
    assert (log.from_state, log.to_state, log.remark) == ("submitted", "returned", "重拍")
    assert (log.user, log.reasons) == (actor.user, {"portrait": "头像不清"})
    assert log.action_label == "退回修改"


def test_wrong_state_wrong_actor_and_missing_reason_are_refused_and_change_nothing(world):
    """states.md: each transition checks who may do it; a refusal leaves no trace."""
    enrollment = world.batch(1, state="draft").enrollments.get()
    institution = world.actor(enrollment.institution)

    with pytest.raises(WrongStateError, match="未提交"):
        ENROLLMENT.perform(institution, enrollment, "approve")
    with pytest.raises(NotAllowedError):
        ENROLLMENT.perform(institution, enrollment, "withdraw")
    Enrollment.objects.update(state="submitted")
    with pytest.raises(WrongStateError, match="原因"):
        ENROLLMENT.perform(institution, enrollment, "return")

    assert not TransitionLog.objects.exists()
    assert Enrollment.objects.get().state == "submitted"


def test_an_effect_that_fails_takes_the_move_back(world, monkeypatch):
    """states.md: one transaction with its effects."""
    enrollment = world.batch(1, state="draft").enrollments.get()

    def explode(actor, subject, log):
        raise DomainError("no", "不行")

    machine = Machine(
        "probe",
        EnrollmentState,
        [Transition("go", "走", ("draft",), "submitted", may=platform, effect=explode)],
    )
    with pytest.raises(DomainError, match="不行"):
        machine.perform(SYSTEM, enrollment, "go")

    assert Enrollment.objects.get().state == "draft"
    assert not TransitionLog.objects.exists()


@pytest.mark.parametrize("many", [False, True])
def test_what_must_come_first_is_written_before_the_change_and_only_when_nothing_refuses(world, many):
    """style.md: guards judge, effects write; neither a guard's refusal nor a missing reason leaves a trace."""
    enrollment = world.batch(1, state="draft").enrollments.get()
    seen: list[list[str]] = []
    may_go = [False]

    def judge(actor, subject):
        if not may_go[0]:
            raise DomainError("no", "不行")

    def clear(actor, subjects):
        seen.append(list(Enrollment.objects.values_list("state", flat=True)))

    row = Transition(
        "go", "走", ("draft",), "submitted", may=platform, guard=judge, first=clear, needs_reason=not many
    )
    machine = Machine("probe", EnrollmentState, [row])

    def go(remark: str = "") -> None:
        if many:
            machine.perform_many(SYSTEM, Enrollment.objects.all(), "go", remark=remark)
        else:
            machine.perform(SYSTEM, enrollment, "go", remark=remark)

    with pytest.raises(DomainError, match="不行"):
        go("写明")
    may_go[0] = True
    if not many:
        with pytest.raises(WrongStateError, match="原因"):
            go()
    assert not seen
    go("写明")
    assert seen == [["draft"]]
    assert Enrollment.objects.get().state == "submitted"


def test_allowed_actions_are_the_buttons(world):
    """ui.md: allowed actions as buttons, forbidden ones absent."""
    enrollment = world.batch(1, state="submitted").enrollments.get()

    def buttons(body) -> list[str]:
        return [row.action for row in ENROLLMENT.allowed(world.actor(body), enrollment)]

    assert buttons(enrollment.institution) == ["approve", "return", "reject"]
    assert "withdraw" in buttons(enrollment.organization)
    assert buttons(world.institution()) == []


def test_many_move_with_a_constant_number_of_statements(world, django_assert_max_num_queries):
    """ELI-02: bulk work is bulk SQL; all or none."""
    batch = world.batch(40, state="submitted")
    actor = world.actor(batch.institution)

    with django_assert_max_num_queries(12):
        moved = ENROLLMENT.perform_many(actor, Enrollment.objects.filter(batch=batch), "approve")

    assert len(moved) == 40
    assert TransitionLog.objects.filter(action="approve").count() == 40
    assert set(Enrollment.objects.values_list("state", flat=True)) == {"eligible"}


def test_many_move_all_or_none(world):
    """states.md: one of them in another state refuses all."""
    batch = world.batch(3, state="submitted")
    Enrollment.objects.filter(pk=batch.enrollments.first().pk).update(state="returned")

    with pytest.raises(WrongStateError):
        ENROLLMENT.perform_many(world.actor(batch.institution), Enrollment.objects.all(), "approve")

    assert Enrollment.objects.filter(state="submitted").count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_one_is_told(world):
    """states.md: the row is locked first; the second finds a moved object."""
    enrollment = world.batch(1, state="submitted").enrollments.get()
    actors = [world.actor(enrollment.institution) for _ in range(2)]
    refused, barrier = [], threading.Barrier(2)

    def approve(actor) -> None:
        barrier.wait()
        try:
            ENROLLMENT.perform(actor, Enrollment.objects.get(pk=enrollment.pk), "approve")
        except WrongStateError as refusal:
            refused.append(refusal)
        finally:
            connection.close()

    threads = [threading.Thread(target=approve, args=[actor]) for actor in actors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(refused) == 1
    assert TransitionLog.objects.filter(action="approve").count() == 1


def test_the_log_cannot_be_rewritten(world):
    """states.md, SEC-06: append-only by the database itself."""
    ENROLLMENT.record_start(SYSTEM, world.batch(1).enrollments.all())

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        TransitionLog.objects.update(remark="x")
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        TransitionLog.objects.all().delete()


def test_every_machine_speaks_the_users_language():
    """QRY-03: every state and action that a screen can show has Chinese words."""
    for machine in all_machines():
        words = [row.label for row in machine.transitions] + [str(label) for label in machine.states.labels]
        assert all(any("\u4e00" <= letter <= "\u9fff" for letter in word) for word in words), machine.name
