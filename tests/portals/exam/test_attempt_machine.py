"""EXM-04, EXM-05: an attempt against a model of it: machines, late and repeated saves, the clock, submission."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.portals.exam.clocks import pass_time
from tests.portals.exam.machines import Machine
from zhupei.demo.exam_hall import Hall, open_hall
from zhupei.exam.hall.models import Answer, Attempt
from zhupei.exam.hall.services import attempts
from zhupei.exam.papers import scoring
from zhupei.exam.papers.models import Paper

pytestmark = pytest.mark.django_db

MINUTES, EARLIEST, LATE = 120, 30, 30
EXAMPLES, STEPS = 30, 35
choices = st.dictionaries(st.integers(1, 4), st.sampled_from("AB"), min_size=1, max_size=3)


class ExamOfOne(RuleBasedStateMachine):
    """One person, up to any number of machines one after the other; the last one that signed in may answer."""

    hall: ClassVar[Hall]
    taken: ClassVar[int] = 0

    @initialize(begins=st.sampled_from([True, True, True, True, False]))
    def sit_down(self, begins: bool) -> None:
        cls = type(self)
        self.sitter = self.hall.sitters[cls.taken % len(self.hall.sitters)]
        cls.taken += 1
        pass_time(self.hall.plan, -self.hall_elapsed())
        self.elapsed = 1.0
        self.machines = [Machine(self.sitter)]
        self.machines[0].sign_in()
        self.stored: dict[int, tuple[int, str]] = {}
        self.sent: list[tuple[int, dict[int, str]]] = []
        self.state = "admitted"
        self.result: dict[str, Any] | None = None
        if begins:
            self.start(0)

    def hall_elapsed(self) -> float:
        """How far the examples before have moved the hall's clock."""
        return getattr(type(self), "moved", 0.0)

    def teardown(self) -> None:
        if hasattr(self, "elapsed"):
            type(self).moved = self.elapsed - 1.0  # type: ignore[attr-defined]

    # --- the model
    @property
    def is_over(self) -> bool:
        return self.elapsed >= MINUTES

    @property
    def version(self) -> int:
        return max((version for version, _ in self.stored.values()), default=0)

    def expected_refusal(self, machine: Machine, *, saves: bool = False) -> tuple[int, str] | None:
        if machine is not self.machines[-1]:
            return 401, "moved"
        if self.state == "admitted":
            return (425, "not_started") if saves else None
        if self.state == "finished":
            return 409, "over" if saves else "submitted"
        return (409, "over") if self.is_over else None

    # --- what happens
    @rule()
    def sign_in_anew(self) -> None:
        """Another machine, or the same one after the browser lost its cookie."""
        machine = Machine(self.sitter)
        answer = machine.sign_in()
        if self.state == "admitted" and self.is_over:
            assert machine.refused(answer) == (403, "missed")
            return
        assert machine.status == 200, answer
        self.machines.append(machine)

    @rule(back=st.integers(0, 2))
    def start(self, back: int) -> None:
        machine = self.machines[max(0, len(self.machines) - 1 - back)]
        answer = machine.start()
        refusal = self.expected_refusal(machine)
        if refusal is None and self.is_over:
            refusal = 403, "missed"
        if refusal:
            assert machine.refused(answer) == refusal
            return
        self.state = "in_progress"
        assert machine.status == 200
        assert answer["version"] == self.version
        assert {int(n): "".join(c) for n, c in answer["answers"].items()} == {
            number: choice for number, (_, choice) in self.stored.items()
        }

    @rule(given=choices)
    def save_on(self, given: dict[int, str]) -> None:
        """What the page does."""
        self.send(self.machines[-1], self.version, given)

    @rule(back=st.integers(0, 2), behind=st.integers(-2, 3), given=choices)
    def save(self, back: int, behind: int, given: dict[int, str]) -> None:
        """A change of some machine based on the present version, an older one, or one ahead."""
        self.send(self.machines[max(0, len(self.machines) - 1 - back)], max(0, self.version - behind), given)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """What was sent before arrives again."""
        self.send(self.machines[-1], *data.draw(st.sampled_from(self.sent)))

    @rule()
    def clear(self) -> None:
        self.send(self.machines[-1], self.version, {1: ""})

    def send(self, machine: Machine, version: int, given: dict[int, str]) -> None:
        answer = machine.save(version, {str(number): list(choice) for number, choice in given.items()})
        if refusal := self.expected_refusal(machine, saves=True):
            assert machine.refused(answer) == refusal
            return
        self.sent.append((version, given))
        assert machine.status == 200, answer
        for number, choice in given.items():
            if self.stored.get(number, (0, ""))[0] <= version + 1:
                self.stored[number] = version + 1, choice
        assert answer["version"] == max(self.version, version + 1)
        assert 0 <= answer["remaining_s"] <= (MINUTES - self.elapsed) * 60 + 1

    @rule(wrong=st.sampled_from([{"99": ["A"]}, {"1": ["L"]}, {"1": ["A", "B"]}, {"1": ["A"], "0": []}]))
    def save_nonsense(self, wrong: dict[str, list[str]]) -> None:
        machine = self.machines[-1]
        answer = machine.save(self.version, wrong)
        expected = (425, "not_started") if self.state == "admitted" else (422, "unknown_answer")
        assert machine.refused(answer) == expected

    @rule(minutes=st.sampled_from([1.0, 5.0, 20.0, 31.0, 60.0]))
    def time_passes(self, minutes: float) -> None:
        pass_time(self.hall.plan, minutes)
        self.elapsed += minutes

    @rule(back=st.integers(0, 2))
    def submit(self, back: int) -> None:
        machine = self.machines[max(0, len(self.machines) - 1 - back)]
        answer = machine.submit()
        if machine is not self.machines[-1]:
            assert machine.refused(answer) == (401, "moved")
        elif self.state == "admitted":
            assert machine.refused(answer) == ((403, "missed") if self.is_over else (425, "not_started"))
        elif self.state == "in_progress" and self.elapsed < EARLIEST:
            assert machine.refused(answer) == (425, "too_early_to_submit")
        else:
            self.finish()
            assert answer == self.result

    @rule()
    def the_clock_closes(self) -> None:
        attempts.close_due()
        if self.state == "in_progress" and self.is_over:
            self.finish()

    def finish(self) -> None:
        self.state = "finished"
        key = Paper.objects.get(candidate=self.sitter.candidate).key
        score = scoring.score(key, {number: choice for number, (_, choice) in self.stored.items()}).score
        result = {"score": float(score), "passed": score >= 60, "has_practical": False}
        assert self.result in (None, result)
        self.result = result

    @invariant()
    def what_is_stored_is_what_was_confirmed(self) -> None:
        if not hasattr(self, "state"):
            return
        attempt = Attempt.objects.get(candidate=self.sitter.candidate)
        rows = Answer.objects.filter(attempt=attempt.pk).values_list("number", "version", "choice")
        assert {number: (version, choice) for number, version, choice in rows} == self.stored
        known = {"admitted": {"admitted"}, "in_progress": {"in_progress"}}
        assert attempt.state in known.get(self.state, {"submitted", "auto_submitted"})
        if self.result is not None:
            assert float(attempt.score or 0) == self.result["score"]
            assert sum(map(float, attempt.marks)) == pytest.approx(self.result["score"])


def test_an_attempt_follows_its_model() -> None:
    """EXM-04, EXM-05: nothing confirmed is lost, nothing late wins, nothing is taken after the end."""
    ExamOfOne.hall = open_hall(EXAMPLES * 3, minutes=MINUTES, earliest_submission=EARLIEST, late=LATE)
    ExamOfOne.taken = 0
    ExamOfOne.moved = 0.0  # type: ignore[attr-defined]
    run_state_machine_as_test(
        ExamOfOne,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
