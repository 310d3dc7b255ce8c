"""The form of one person: the fields of the paper form (报名表)."""

from __future__ import annotations

from typing import Any

from django import forms

from foundation.errors import DomainError
from foundation.ui.given import number_in
from zhupei.enrollment.roster_columns import COLUMNS, RosterColumn
from zhupei.enrollment.services import EntryData

PERIODS = 5


_INPUT_MODES = {"phone": "tel", "practice_years": "decimal", "email": "email"}


def _field_of(column: RosterColumn) -> forms.Field:
    if column.choices:
        few = len(column.choices) <= 2
        words = [(word, word) for word in column.choices]
        return forms.ChoiceField(
            label=column.label,
            choices=words if few else [("", "请选择"), *words],
            widget=forms.RadioSelect if few else forms.Select,
            error_messages={"required": f"请选择{column.label}。"},
        )
    mode = _INPUT_MODES.get(column.field)
    return forms.CharField(
        label=column.label,
        required=column.required,
        widget=forms.TextInput(attrs={"autocomplete": "off"} | ({"inputmode": mode} if mode else {})),
        error_messages={"required": f"请填写{column.label}。"},
    )


class EntryForm(forms.Form):
    """What is typed is judged by the service, as in a roster; its sentences are shown at the fields.

    No field has a greatest length of its own: a browser would cut off in silence what is pasted.
    """

    def __init__(self, data: Any = None, *, initial: EntryData | None = None, **kwargs: Any) -> None:
        values = {column.field: getattr(initial, column.field) for column in COLUMNS} if initial else {}
        super().__init__(data, initial=values, **kwargs)
        self.fields |= {column.field: _field_of(column) for column in COLUMNS}
        self.given_periods = [dict(period) for period in initial.practice_periods] if initial else []
        self.period_error = ""

    def periods(self) -> list[dict[str, str]]:
        """The lines of the work history as typed or stored, filled up with empty ones."""
        if self.is_bound:
            lines = [
                {part: str(self.data.get(f"period-{number}-{part}", "")) for part in ("start", "end", "post")}
                for number in range(max(PERIODS, self._count()))
            ]
        else:
            lines = list(self.given_periods)
        empty = {"start": "", "end": "", "post": ""}
        return [*lines, *[empty] * (PERIODS - len(lines))]

    def _count(self) -> int:
        count = number_in(str(self.data.get("periods", "")))
        return PERIODS if count is None else min(20, count)

    def entry(self) -> EntryData:
        """The cleaned form as the service takes it."""
        values = {name: str(self.cleaned_data.get(name) or "") for name in self.fields}
        return EntryData(**values, practice_periods=self.periods())

    def refuse(self, refusal: DomainError) -> None:
        """Show what the service refused, at the fields it names."""
        shown = False
        for name, sentence in refusal.items.items():
            if name in self.fields:
                self.add_error(name, sentence)
                shown = True
            elif name == "practice_periods":
                self.period_error = sentence
                self.add_error(None, sentence)
                shown = True
        if not shown:
            self.add_error(None, refusal.message)
