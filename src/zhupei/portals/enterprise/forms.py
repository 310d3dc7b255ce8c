"""The form of one person: the fields of the paper form (报名表)."""

from __future__ import annotations

from typing import Any

from django import forms

from foundation.errors import DomainError
from foundation.ui.given import number_in
from zhupei.enrollment.roster_columns import EDUCATION_LEVELS, GENDERS
from zhupei.enrollment.services import EntryData

PERIODS = 5


def _text(label: str, *, required: bool = True, most: int = 60, **attrs: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        widget=forms.TextInput(attrs={"autocomplete": "off", **attrs}),
        error_messages={"required": f"请填写{label}。", "max_length": f"{label}最多 {most} 个字。"},
    )


class EntryForm(forms.Form):
    """What is typed is judged by the service; its sentences are shown at the fields."""

    name = _text("姓名", most=60)
    gender = forms.ChoiceField(
        label="性别",
        choices=[(word, word) for word in GENDERS],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择性别。"},
    )
    id_number = _text("身份证号", most=30)
    phone = _text("手机号", most=30, inputmode="tel")
    education = forms.ChoiceField(
        label="学历",
        choices=[("", "请选择"), *[(word, word) for word in EDUCATION_LEVELS]],
        error_messages={"required": "请选择学历。"},
    )
    work_unit = _text("工作单位", most=120)
    major = _text("所学专业", required=False)
    graduated_on = _text("毕业时间", required=False, most=20)
    practice_years = _text("岗位工作年限", required=False, most=10, inputmode="decimal")
    email = _text("邮箱", required=False, most=120, inputmode="email")
    address = _text("通讯地址", required=False, most=200)

    def __init__(self, data: Any = None, *, initial: EntryData | None = None, **kwargs: Any) -> None:
        values = {name: getattr(initial, name) for name in self.base_fields} if initial is not None else {}
        super().__init__(data, initial=values, **kwargs)
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
        values = {name: str(self.cleaned_data.get(name) or "") for name in self.base_fields}
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
