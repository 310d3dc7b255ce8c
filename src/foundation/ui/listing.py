"""What a list page is put together from: paging by keys, tabs with counts, the search box, bulk acts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import django_filters
from django import forms
from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse

from foundation.requests import PortalRequest

COUNT_UP_TO = 50_000
_SEPARATORS = re.compile(r"[\s,，、;；]+")
MOST_WORDS = 200


@dataclass(frozen=True)
class BulkAction:
    """One act on picked rows. `run(request, queryset)` calls a service and answers a sentence or a response.

    `confirm` is the question asked first, `{n}` stands for the number of rows; `reason` asks for a reason
    under that heading (`request.POST["reason"]`); `may(request)` hides the act from those who must not.
    """

    name: str
    label: str
    run: Callable[[PortalRequest, QuerySet[Any]], str | HttpResponse]
    confirm: str = ""
    tone: str = ""
    icon: str = ""
    reason: str = ""
    download: bool = False
    may: Callable[[PortalRequest], bool] = lambda request: True


@dataclass(frozen=True)
class Tabs:
    """One tab for several states: `key` in the address, `label`, the states, the tone of its number."""

    key: str
    label: str
    states: Sequence[str]
    tone: str = ""

    @classmethod
    def each(cls, states: type[models.TextChoices], tones: Mapping[str, str]) -> list[Tabs]:
        """One tab a state; `tones` are those of the states that somebody waits in."""
        return [cls(str(state), str(state.label), [state], tones.get(state, "")) for state in states]


class SearchFilter(django_filters.Filter):
    """The search box: one or many words (pasted lines too); a row is found when any word fits any field.

    `fields` are look-ups such as `name__icontains`; `digests` maps a column to a function of the word,
    for blind indexes (`{"id_number_index": blind_index}`), where the word must be the whole value.
    """

    field_class = forms.CharField

    def __init__(
        self,
        fields: Sequence[str] = (),
        *,
        digests: Mapping[str, Callable[[str], str]] | None = None,
        label: str = "搜索",
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault(
            "widget", forms.TextInput(attrs={"type": "search", "autocomplete": "off", "maxlength": 8000})
        )
        super().__init__(label=label, **kwargs)
        self.lookups = tuple(fields)
        self.digests = dict(digests or {})

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        words = [word for word in _SEPARATORS.split(value or "") if word][:MOST_WORDS]
        if not words:
            return qs
        found = Q()
        for lookup in self.lookups:
            for word in words:
                found |= Q(**{lookup: word})
        for column, digest in self.digests.items():
            found |= Q(**{f"{column}__in": {digest(word.upper()) for word in words}})
        return qs.filter(found)


class DayRangeWidget(django_filters.widgets.DateRangeWidget):
    """Two dates side by side."""

    template_name = "ui/day_range.html"

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Each of the two says which it is to a screen reader."""
        context = super().get_context(name, value, attrs)
        for widget, label in zip(context["widget"]["subwidgets"], ("开始日期", "截止日期"), strict=True):
            widget["attrs"]["aria-label"] = label
        return context


class DayRangeFilter(django_filters.DateFromToRangeFilter):
    """From day to day, both included."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("widget", DayRangeWidget(attrs={"type": "date"}))
        super().__init__(*args, **kwargs)


class ListFilter(django_filters.FilterSet):
    """A filter bar: filters as attributes; `self.actor` is who looks (for choices)."""

    def __init__(self, *args: Any, actor: Any = None, **kwargs: Any) -> None:
        self.actor = actor
        super().__init__(*args, **kwargs)
        for field in self.form.fields.values():
            if isinstance(field, forms.ChoiceField) and getattr(field, "empty_label", None) in {
                None,
                "---------",
            }:
                setattr(field, "empty_label", "全部")  # noqa: B010  the stubs of forms do not know it

    def choose_from(self, rows: QuerySet[Any], **paths: tuple[str, str]) -> None:
        """Let filters offer what occurs in `rows`, in their order: filter → (path of the key, path of the words).

        One query.
        """
        found: dict[str, dict[str, str]] = {name: {} for name in paths}
        for row in rows.values(*(part for pair in paths.values() for part in pair)).distinct():
            for name, (key, words) in paths.items():
                if row[key] is not None:
                    found[name][str(row[key])] = row[words]
        for name, choices in found.items():
            self.form.fields[name].choices = list(choices.items())  # type: ignore[attr-defined]


class RowsPaginator(Paginator):
    """Pages of a queryset whose size is already known; the rows of a page are fetched by their keys.

    The keys are read first, alone, so that a late page of a wide join costs little more than the first one.
    """

    def __init__(self, rows: QuerySet[Any], per_page: int, total: int) -> None:
        super().__init__(rows, per_page)
        self.total = total

    @property
    def count(self) -> int:  # type: ignore[override]
        return self.total

    def page(self, number: Any) -> Page:
        number = self.validate_number(number)
        bottom = (number - 1) * self.per_page
        rows: Any = self.object_list
        keys = list(rows.values_list("pk", flat=True)[bottom : bottom + self.per_page])
        found = {row.pk: row for row in rows.filter(pk__in=keys).order_by()} if keys else {}
        return Page([found[key] for key in keys if key in found], number, self)


def count_capped(rows: QuerySet[Any], limit: int = COUNT_UP_TO) -> tuple[int, bool]:
    """How many rows there are, counted no further than `limit`, and whether there are more."""
    count = rows.order_by().values("pk")[: limit + 1].count()
    return (limit, True) if count > limit else (count, False)


def count_by_state(rows: QuerySet[Any], field: str) -> dict[str, int]:
    """Rows per value of a column, in one query, whatever the rows are annotated with."""
    worked_out = field in rows.query.annotations  # a state that is no column
    if not worked_out and (rows.query.annotations or rows.query.distinct):
        rows = rows.model._base_manager.filter(pk__in=rows.order_by().values("pk"))
    counted = rows.order_by().values(field).annotate(rows_in_state=Count("pk", distinct=True))
    return {str(row[field]): row["rows_in_state"] for row in counted}
