"""State machines as tables (architecture.md, mechanism 1).

A machine is a list of transitions: action, sources, target, label, who may, guard, effect. It drives the services,
the buttons shown, the log and the diagrams. No code sets a state in any other way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from foundation.errors import NotAllowedError, WrongStateError
from foundation.scoping import Actor
from foundation.workflow.models import TransitionLog

May = Callable[[Actor, Any], bool]
Guard = Callable[[Actor, Any], None]
GuardMany = Callable[[Actor, Sequence[Any]], None]
Effect = Callable[[Actor, Any, TransitionLog], None]
EffectMany = Callable[[Actor, list[Any]], None]


def platform(actor: Actor, subject: Any) -> bool:
    """Only the platform itself: later stages and background tasks."""
    return actor.is_system


@dataclass(frozen=True)
class Transition:
    """One row of a machine's table; `guard` raises a DomainError and writes nothing, `effect` runs in the same transaction.

    `guard_many` and `effect_many` take the place of their namesakes when many objects are moved at once; with
    `guard_many` alone it is asked about a single object, too. `first` is an effect for one or many that comes when
    nothing refuses any more, but before the change: where a constraint would not let it come after.
    """

    action: str
    label: str
    sources: tuple[str, ...]
    target: str
    may: May
    guard: Guard | None = None
    guard_many: GuardMany | None = None
    first: EffectMany | None = None
    effect: Effect | None = None
    effect_many: EffectMany | None = None
    needs_reason: bool = False

    def check(self, actor: Actor, subjects: Sequence[Any]) -> None:
        """Ask the guard about all of `subjects`; raises what the guard raises."""
        if self.guard_many and (len(subjects) > 1 or not self.guard):
            self.guard_many(actor, subjects)
        elif self.guard:
            for subject in subjects:
                self.guard(actor, subject)


class Machine:
    """The transitions of one state column. `states` is the TextChoices class that holds the labels."""

    def __init__(
        self,
        name: str,
        states: type[models.TextChoices],
        transitions: Iterable[Transition],
        field: str = "state",
    ) -> None:
        self.name, self.states, self.field = name, states, field
        self.transitions = tuple(transitions)
        self._by_action: dict[str, list[Transition]] = {}
        for row in self.transitions:
            for state in (*row.sources, row.target):
                states(state)  # a typing error in the table must not survive the import
            self._by_action.setdefault(row.action, []).append(row)
        _MACHINES[name] = self

    def state_label(self, state: str) -> str:
        return str(self.states(state).label) if state else ""

    def action_label(self, action: str) -> str:
        rows = self._by_action.get(action)
        return rows[0].label if rows else action

    def allowed(self, actor: Actor, subject: models.Model) -> list[Transition]:
        """The transitions that `actor` may start now; what the page shows as buttons."""
        state = getattr(subject, self.field)
        return [row for row in self.transitions if state in row.sources and row.may(actor, subject)]

    def can(self, actor: Actor, subject: models.Model, action: str) -> bool:
        return any(row.action == action for row in self.allowed(actor, subject))

    def _row(self, actor: Actor, subject: models.Model, action: str) -> Transition:
        state = getattr(subject, self.field)
        rows = [row for row in self._by_action[action] if state in row.sources]
        if not rows:
            raise WrongStateError(
                f"当前状态为“{self.state_label(state)}”，不能{self.action_label(action)}，请刷新页面查看最新情况。"
            )
        for row in rows:
            if row.may(actor, subject):
                return row
        raise NotAllowedError()

    def _by_row(
        self, actor: Actor, subjects: Iterable[models.Model], action: str
    ) -> list[tuple[Transition, list[models.Model]]]:
        """Each subject with the transition it will take; refuses as `_row` does."""
        groups: dict[int, tuple[Transition, list[models.Model]]] = {}
        for subject in subjects:
            row = self._row(actor, subject, action)
            groups.setdefault(id(row), (row, []))[1].append(subject)
        return list(groups.values())

    def perform(
        self,
        actor: Actor,
        subject: models.Model,
        action: str,
        *,
        remark: str = "",
        reasons: Mapping[str, Any] | None = None,
    ) -> TransitionLog:
        """Move one object: lock, who may, guard, change, log row, effect; one transaction.

        Raises WrongStateError, NotAllowedError, or what the guard raises. `subject` carries the new state afterwards.
        """
        with transaction.atomic():
            locked = type(subject)._base_manager.select_for_update(no_key=True).get(pk=subject.pk)
            before = getattr(locked, self.field)
            row = self._row(actor, locked, action)
            row.check(actor, [locked])
            if row.needs_reason and not (remark.strip() or reasons):
                raise WrongStateError(f"请填写{row.label}的原因。")
            if row.first:
                row.first(actor, [locked])
            setattr(locked, self.field, row.target)
            locked.save(update_fields=self._changed_fields(locked))
            log = self._log(actor, locked, row, before, remark, reasons)
            log.save(force_insert=True)
            if row.effect:
                row.effect(actor, locked, log)
            setattr(subject, self.field, row.target)
            return log

    def perform_many(
        self, actor: Actor, subjects: models.QuerySet[Any], action: str, *, remark: str = ""
    ) -> list[Any]:
        """Move many objects with a constant number of statements; all or none. Returns them in their new state."""
        model = subjects.model
        with transaction.atomic():
            keys = list(subjects.values_list("pk", flat=True))
            locked = list(
                model._base_manager.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk")
            )
            logs: list[TransitionLog] = []
            groups = self._by_row(actor, locked, action)
            for row, group in groups:
                row.check(actor, group)
                if row.first:
                    row.first(actor, group)
                for subject in group:
                    before = getattr(subject, self.field)
                    setattr(subject, self.field, row.target)
                    logs.append(self._log(actor, subject, row, before, remark, None))
                model._base_manager.filter(pk__in=[subject.pk for subject in group]).update(
                    **{self.field: row.target, **self._touched(model)}
                )
            TransitionLog.objects.bulk_create(logs, batch_size=2000)
            log_of = {log.subject_id: log for log in logs}
            for row, group in groups:
                if row.effect_many:
                    row.effect_many(actor, group)
                elif row.effect:
                    for subject in group:
                        row.effect(actor, subject, log_of[subject.pk])
            return locked

    def record_start(self, actor: Actor, subjects: Iterable[models.Model], *, action: str = "create") -> None:
        """Log rows for objects that were just inserted in their first state."""
        TransitionLog.objects.bulk_create(
            [
                TransitionLog(
                    machine=self.name,
                    subject_type=subject._meta.label_lower,
                    subject_id=subject.pk,
                    action=action,
                    to_state=getattr(subject, self.field),
                    **_who(actor),
                )
                for subject in subjects
            ],
            batch_size=2000,
        )

    def _log(
        self,
        actor: Actor,
        subject: models.Model,
        row: Transition,
        before: str,
        remark: str,
        reasons: Mapping[str, Any] | None,
    ) -> TransitionLog:
        return TransitionLog(
            machine=self.name,
            subject_type=subject._meta.label_lower,
            subject_id=subject.pk,
            action=row.action,
            from_state=before,
            to_state=row.target,
            remark=remark.strip(),
            reasons=dict(reasons or {}),
            **_who(actor),
        )

    def _changed_fields(self, subject: models.Model) -> list[str]:
        return [self.field, *self._touched(type(subject))]

    @staticmethod
    def _touched(model: type[models.Model]) -> dict[str, Any]:
        from django.utils import timezone

        has_stamp = any(field.name == "updated_at" for field in model._meta.concrete_fields)
        return {"updated_at": timezone.now()} if has_stamp else {}


def _who(actor: Actor) -> dict[str, Any]:
    return {
        "user": actor.user,
        "actor_key": actor.key,
        "actor_label": actor.label[:200],
        "address": actor.address,
    }


_MACHINES: dict[str, Machine] = {}


def machine_named(name: str) -> Machine:
    return _MACHINES[name]


def all_machines() -> list[Machine]:
    """Every machine of the platform, for the generated diagrams."""
    return [_MACHINES[name] for name in sorted(_MACHINES)]
