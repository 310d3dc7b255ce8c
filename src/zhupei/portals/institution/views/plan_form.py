"""The form of a training plan: its fields, the rows of its days, the organizations it names (TRN-01)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import groupby
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.scoping import Actor
from foundation.ui.given import number_in
from zhupei.catalog.models import Delivery, Offer
from zhupei.organizations.models import Institution, Organization, Room, Teacher
from zhupei.portals.shared.forms import SpokenForm
from zhupei.portals.shared.refusals import show_on
from zhupei.training.designating import choosable_organizations, find_organizations
from zhupei.training.models import PlanForm, TrainingPlan
from zhupei.training.services import DayData, PlanData, propose_plan_name

MOST_ROWS = 60
EMPTY_ROWS = 2
FIELDS_OF_ITEMS = {"items": "offers"}


class OfferChoices(forms.ModelMultipleChoiceField):
    """The institution's own offers, each with its fee."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj}　¥{obj.fee:,.2f}"


def local_input(**attrs: Any) -> forms.DateTimeInput:
    """Date and time by the browser's own picker."""
    return forms.DateTimeInput(attrs={"type": "datetime-local", **attrs}, format="%Y-%m-%dT%H:%M")


class PlanFields(SpokenForm):
    name = forms.CharField(
        label="计划名称",
        max_length=20,
        help_text="按规则自动编号：机构简称 + 培 + 年份（4 位）+ 月份（2 位）+ 序号（2 位），不能重复。",
    )
    delivery = forms.ChoiceField(label="培训方式", choices=Delivery.choices, widget=forms.RadioSelect)
    offers = OfferChoices(
        label="工种（岗位）和等级",
        queryset=Offer.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text="可以多选，但只能是同一培训类别、同一培训方式。收费按培训项目里的收费标准。",
    )
    head_count = forms.IntegerField(
        label="计划人数", min_value=1, max_value=2000, help_text="不超过教室的座位数。"
    )
    opens_at = forms.DateTimeField(label="报名开始", widget=local_input())
    closes_at = forms.DateTimeField(
        label="报名截止", widget=local_input(), help_text="培训在报名截止以后开始。"
    )
    room = forms.ModelChoiceField(
        label="教室", queryset=Room.objects.none(), required=False, empty_label="不使用本机构教室"
    )
    place = forms.CharField(
        label="培训地点", max_length=200, required=False, help_text="选了教室可以不填，自动填写教室的地址。"
    )
    form = forms.ChoiceField(label="报名形式", choices=PlanForm.choices, widget=forms.RadioSelect)
    organizations = forms.ModelMultipleChoiceField(
        label="指定企业",
        queryset=Organization.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": "所选企业不能在本机构报名，请重新选择。"},
    )
    note = forms.CharField(
        label="说明", max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, *args: Any, institution: Institution, plan: TrainingPlan | None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        kept = Q(pk__in=plan.items.values("offer")) if plan else Q(pk__in=[])
        offers = Offer.objects.filter(Q(is_open=True) | kept, institution=institution)
        self.fields["offers"].queryset = offers.select_related(  # type: ignore[attr-defined]
            "occupation__programme", "level"
        ).order_by("occupation__programme__position", "occupation__position", "level__position")
        self.fields["room"].queryset = rooms_of(institution)  # type: ignore[attr-defined]
        self.fields["room"].label_from_instance = room_label  # type: ignore[attr-defined]
        self.fields["organizations"].queryset = choosable_organizations(institution)  # type: ignore[attr-defined]

    def picked(self) -> list[Organization]:
        """The organizations that are ticked at present, known or not yet saved."""
        values = self["organizations"].value() or []
        keys = [getattr(value, "pk", value) for value in values]
        wanted = [key for key in keys if number_in(str(key)) is not None]
        return list(self.fields["organizations"].queryset.filter(pk__in=wanted).order_by("name"))  # type: ignore[attr-defined]


def rooms_of(institution: Institution) -> Any:
    return Room.objects.filter(site__institution=institution, is_active=True).select_related("site")


def room_label(room: Room) -> str:
    """一号楼101（40 座）"""
    return f"{room}（{room.seats} 座）"


class DayFields(forms.Form):
    """One row: date, from, to, subject, teacher, room. A row without a single entry does not count."""

    day = forms.DateField(label="日期", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    starts = forms.TimeField(label="开始", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label="结束", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    subject = forms.CharField(label="培训内容", max_length=100)
    teacher = forms.ChoiceField(label="授课老师", required=False)
    room = forms.ChoiceField(label="教室", required=False)

    def __init__(self, *args: Any, teachers: Sequence[Teacher], rooms: Sequence[Room], **kwargs: Any) -> None:
        kwargs.setdefault("empty_permitted", True)
        kwargs.setdefault("use_required_attribute", False)
        super().__init__(*args, **kwargs)
        self.teachers = {str(row.pk): row for row in teachers}
        self.rooms = {str(row.pk): row for row in rooms}
        self.fields["teacher"].choices = teacher_choices(teachers)  # type: ignore[attr-defined]
        own = [(str(row.pk), room_label(row)) for row in rooms]
        self.fields["room"].choices = [("", "同计划的教室"), *own]  # type: ignore[attr-defined]
        for field in self.fields.values():
            field.error_messages["required"] = f"请填写{field.label}。"

    @property
    def sentences(self) -> list[str]:
        """Everything wrong with this row."""
        return [str(sentence) for errors in self.errors.values() for sentence in errors]

    def data_of_day(self, room: Room | None) -> DayData:
        """The row as the stage wants it; `room` is the plan's."""
        given = self.cleaned_data
        return DayData(
            starts_at=timezone.make_aware(dt.datetime.combine(given["day"], given["starts"])),
            ends_at=timezone.make_aware(dt.datetime.combine(given["day"], given["ends"])),
            subject=given["subject"],
            teacher=self.teachers.get(given["teacher"]),
            room=self.rooms.get(given["room"]) or room,
        )


def teacher_choices(teachers: Sequence[Teacher]) -> list[Any]:
    """Own ones first, external ones in a group of their own."""
    choices: list[Any] = [("", "未定")]
    for kind, rows in groupby(
        sorted(teachers, key=lambda row: (row.kind != "own", row.name)),
        key=lambda row: row.get_kind_display(),
    ):
        choices.append((kind, [(str(row.pk), str(row)) for row in rows]))
    return choices


class PlanEditor:
    """The whole form in one request: fields and rows, as given or as kept; what is wrong, where."""

    def __init__(self, request: PortalRequest, plan: TrainingPlan | None = None) -> None:
        self.request, self.plan = request, plan
        self.actor: Actor = request.actor
        self.institution: Institution = self.actor.body
        self.data = request.POST if request.method == "POST" else None
        self.fields = PlanFields(self.data, institution=self.institution, plan=plan, initial=self._initial())
        self.rows = self._given_rows() if self.data is not None else self._kept_rows()
        self.used: list[DayFields] = []
        self.days_error = ""

    # --- lists of choices, asked for once

    @cached_property
    def teachers(self) -> list[Teacher]:
        """Whoever may be put on a row: those in service, and those already there."""
        there = self.plan.days.values("teacher") if self.plan else []
        mine = Teacher.objects.filter(institution=self.institution)
        return list(mine.filter(Q(is_active=True) | Q(pk__in=there)))

    @cached_property
    def rooms(self) -> list[Room]:
        return list(rooms_of(self.institution))

    # --- values

    def _initial(self) -> dict[str, Any]:
        if self.plan is None:
            today = timezone.localdate()
            return {
                "name": propose_plan_name(self.institution, today),
                "delivery": Delivery.ONSITE,
                "form": PlanForm.OPEN,
            }
        names = ("name", "delivery", "head_count", "opens_at", "closes_at", "room", "place", "form", "note")
        values = {name: getattr(self.plan, name) for name in names}
        values["offers"] = [item.offer_id for item in self.plan.items.all()]
        values["organizations"] = list(self.plan.organizations.all())
        return values

    def row(self, number: int | str, data: Any = None, initial: Mapping[str, Any] | None = None) -> DayFields:
        """A row of that number."""
        return DayFields(data, prefix=f"d{number}", initial=initial, teachers=self.teachers, rooms=self.rooms)

    def _kept_rows(self) -> list[DayFields]:
        rows = []
        for number, day in enumerate(self.plan.days.order_by("period") if self.plan else ()):
            start, end = timezone.localtime(day.period.lower), timezone.localtime(day.period.upper)
            own_room = day.room_id if self.plan and day.room_id != self.plan.room_id else ""
            initial = {
                "day": start.date(),
                "starts": start.time(),
                "ends": end.time(),
                "subject": day.subject,
                "teacher": str(day.teacher_id or ""),
                "room": str(own_room or ""),
            }
            rows.append(self.row(number, initial=initial))
        missing = range(len(rows), max(EMPTY_ROWS, len(rows) + (1 if rows else 0)))
        return rows + [self.row(number) for number in missing]

    def _given_rows(self) -> list[DayFields]:
        assert self.data is not None
        numbers = [
            value for value in self.data.getlist("row") if number_in(value) is not None and len(value) < 4
        ]
        removed = self.data.get("remove_row", "")
        unique = [number for number in dict.fromkeys(numbers) if number != removed][:MOST_ROWS]
        return [self.row(number, data=self.data) for number in unique]

    @property
    def next_number(self) -> int:
        """The number of the next row that is added."""
        return max((int(str(row.prefix)[1:]) for row in self.rows), default=-1) + 1

    def blank_row(self) -> DayFields:
        """What the page copies for a new row."""
        return self.row("__n__")

    @property
    def wrong_rows(self) -> int:
        """How many rows something is wrong with."""
        return sum(bool(row.errors) for row in self.rows)

    # --- acts

    @property
    def only_rearranges(self) -> bool:
        """Whether the button pressed adds or removes a row or looks for organizations: nothing is saved."""
        return self.data is not None and any(name in self.data for name in ("add_row", "remove_row", "find"))

    def rearrange(self) -> None:
        """Show everything typed again, one row more where asked; nothing is complained about."""
        assert self.data is not None
        if "add_row" in self.data and len(self.rows) < MOST_ROWS:
            self.rows.append(self.row(self.next_number))
        for form in (self.fields, *self.rows):
            form._errors = forms.utils.ErrorDict()  # type: ignore[attr-defined]

    def found(self) -> list[Organization]:
        """What the search for organizations found, without those picked already."""
        text = self.data.get("organization_search", "") if self.data is not None else ""
        picked = {row.pk for row in self.fields.picked()}
        return [row for row in find_organizations(self.institution, text) if row.pk not in picked]

    def plan_data(self) -> PlanData | None:
        """What was filled in, or None when it cannot even be read; the errors are at the fields then."""
        used = [row for row in self.rows if row.has_changed()]
        well = [form.is_valid() for form in (self.fields, *used)]
        if not all(well):
            return None
        self.used = used
        for name in ("offers", "organizations"):
            self.fields.cleaned_data[name] = list(self.fields.cleaned_data[name])
        given = dict(self.fields.cleaned_data)
        room = given["room"]
        place = given.pop("place").strip() or (f"{room.site.address}{room}" if room else "")
        return PlanData(days=[row.data_of_day(room) for row in used], place=place, **given)

    def refuse(self, refusal: DomainError) -> None:
        """Put every sentence where it belongs: at a field, at a row of the days, at the top."""
        elsewhere: dict[str, Any] = {}
        for item, sentence in refusal.items.items():
            name, _, number = item.partition(".")
            if name == "days" and number.isdigit():
                self.used[int(number)].add_error(None, sentence)
            else:
                elsewhere[item] = sentence
        self.days_error = str(elsewhere.get("days", ""))
        if elsewhere or not refusal.items:
            show_on(self.fields, DomainError(refusal.code, refusal.message, elsewhere), FIELDS_OF_ITEMS)
