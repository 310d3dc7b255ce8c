"""Columns of list pages (on django-tables2): how a value is shown, sorted and exported."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import django_tables2
from django.db import models
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_tables2.utils import A, Accessor

from foundation.sheets.writer import ExportColumn
from foundation.ui.states import badge_of_choice, badge_of_field
from foundation.ui.templatetags.ui import badge_html, day, mask_id, mask_phone, minute, money

__all__ = [
    "A", "BadgeColumn", "Column", "DayColumn", "IdNumberColumn", "ListTable", "MinuteColumn", "MoneyColumn",
    "NumberColumn", "PhoneColumn", "StateColumn", "TextColumn",
]  # fmt: skip


class Column(django_tables2.Column):
    """A column: heading first, then `accessor` (a `__` path), `sort`, `screen`, `export`, `width`.

    `sort`: True sorts by the accessor, a name or tuple sorts by those fields, False (default) does not sort.
    `export`: False leaves the column out of the spreadsheet, `screen`: False out of the page; `width` is its width in
    the spreadsheet in characters.
    """

    css = ""
    export_width = 14.0
    number_format = ""

    def __init__(
        self,
        heading: str = "",
        *,
        accessor: Any = None,
        sort: bool | str | tuple[str, ...] = False,
        screen: bool = True,
        export: bool = True,
        width: float | None = None,
        css: str = "",
        **kwargs: Any,
    ) -> None:
        order_by = (sort,) if isinstance(sort, str) else sort if isinstance(sort, tuple) else None
        super().__init__(
            verbose_name=heading,
            accessor=accessor,
            orderable=bool(sort),
            order_by=order_by,
            default=kwargs.pop("default", ""),
            exclude_from_export=not export,
            **(kwargs if screen else kwargs | {"visible": False}),
        )
        self.export_only = export and not screen
        self.export_width = width or self.export_width
        self.css = css or self.css

    @property
    def header(self) -> Any:
        return self.verbose_name

    def cell(self, value: Any, record: Any) -> Any:
        """What the spreadsheet gets: the value itself unless a column says otherwise."""
        return value


class TextColumn(Column):
    """Text as it is; `sub` names an accessor shown small below it."""

    def __init__(self, heading: str = "", *, sub: str = "", **kwargs: Any) -> None:
        super().__init__(heading, **kwargs)
        self.sub = sub

    def render(self, value: Any, record: Any) -> Any:
        below = Accessor(self.sub).resolve(record, quiet=True) if self.sub else None
        return format_html('{}<span class="sub">{}</span>', value, below) if below else value

    def cell(self, value: Any, record: Any) -> Any:
        return value if isinstance(value, (int, float)) else str(value) if value is not None else None


class NumberColumn(Column):
    """A number, right-aligned; with a `unit` it is words, 48 人, in the spreadsheet, too."""

    css = "num"
    export_width = 10.0

    def __init__(self, heading: str = "", *, unit: str = "", **kwargs: Any) -> None:
        super().__init__(heading, **kwargs)
        self.unit = unit

    def render(self, value: Any) -> Any:
        return f"{value} {self.unit}" if self.unit else value

    def cell(self, value: Any, record: Any) -> Any:
        return self.render(value) if self.unit and value is not None else value


class MoneyColumn(NumberColumn):
    """Yuan: ¥5,760.00."""

    export_width = 14.0
    number_format = "#,##0.00"

    def render(self, value: Any) -> str:
        return money(value)


class DayColumn(Column):
    """A date: 2026-11-21."""

    css = "mono"
    export_width = 12.0

    def render(self, value: Any) -> str:
        return day(value)


class MinuteColumn(Column):
    """A time: 2026-11-21 09:00."""

    css = "mono"
    export_width = 19.0

    def render(self, value: Any) -> str:
        return minute(value)


class IdNumberColumn(Column):
    """An ID number, masked on the page; `export_full=True` puts it whole into the (audited) export."""

    css = "mono"
    export_width = 22.0

    def __init__(self, heading: str = "身份证号", *, export_full: bool = False, **kwargs: Any) -> None:
        super().__init__(heading, **kwargs)
        self.export_full = export_full

    def render(self, value: Any) -> str:
        return mask_id(value)

    def cell(self, value: Any, record: Any) -> Any:
        return str(value) if self.export_full else mask_id(value)


class PhoneColumn(IdNumberColumn):
    """A phone number; masked only when `masked=True`."""

    export_width = 14.0

    def __init__(self, heading: str = "手机号", *, masked: bool = False, **kwargs: Any) -> None:
        super().__init__(heading, export_full=not masked, **kwargs)
        self.masked = masked

    def render(self, value: Any) -> str:
        return mask_phone(value) if self.masked else str(value)

    def cell(self, value: Any, record: Any) -> Any:
        return mask_phone(value) if self.masked else str(value)


class StateColumn(Column):
    """A choice field of the row as a badge (label from its choices, color from the registry)."""

    def __init__(self, heading: str = "状态", *, field: str = "", **kwargs: Any) -> None:
        super().__init__(heading, **kwargs)
        self.field = field

    def _badge(self, record: Any, bound_column: Any) -> Any:
        path = str(self.field or self.accessor or bound_column.name)
        holder, _, field = path.rpartition("__")
        row = Accessor(holder).resolve(record) if holder else record
        return (
            badge_of_field(row, field)
            if isinstance(row, models.Model)
            else badge_of_choice(getattr(row, field))
        )

    def render(self, record: Any, bound_column: Any) -> SafeString:
        return badge_html(self._badge(record, bound_column))

    def value(self, record: Any, bound_column: Any) -> str:
        return str(self._badge(record, bound_column).label)


class BadgeColumn(Column):
    """A badge from a function `badge(row) -> (tone, label) | None`."""

    def __init__(self, heading: str = "", *, badge: Callable[[Any], Any], **kwargs: Any) -> None:
        super().__init__(heading, empty_values=(), **kwargs)
        self.badge = badge

    def render(self, record: Any) -> Any:
        badge = self.badge(record)
        return badge_html(badge) if badge else ""

    def cell(self, value: Any, record: Any) -> Any:
        badge = self.badge(record)
        return badge[1] if badge else ""


class ListTable(django_tables2.Table):
    """A list: columns are class attributes; `render_<name>(self, record)` overrides how one is shown."""

    row_url: Callable[[Any], str] | None = None
    row_class: Callable[[Any], str] | None = None
    pickable = False
    label = "列表"

    @property
    def has_links(self) -> bool:
        """Whether rows lead somewhere (a template cannot ask for a function without calling it)."""
        return self.row_url is not None

    class Meta:
        template_name = "ui/table.html"
        order_by_field = "sort"

    def row_name(self, record: Any) -> str:
        """What a screen reader calls the row: its first column."""
        first = next(iter(self.columns))
        return str(Accessor(first.accessor).resolve(record, quiet=True) or record)

    def export_columns(self) -> list[Any]:
        """The bound columns that go into the spreadsheet."""
        return [
            column
            for column in self.columns.iterall()
            if (column.visible or getattr(column.column, "export_only", False))
            and not column.column.exclude_from_export
            and column.header
        ]

    def export_heads(self) -> list[ExportColumn]:
        """Headings and widths for the spreadsheet."""
        return [
            ExportColumn(
                str(column.header),
                width=getattr(column.column, "export_width", 14.0),
                number_format=getattr(column.column, "number_format", ""),
                align="right" if getattr(column.column, "css", "") == "num" else "left",
            )
            for column in self.export_columns()
        ]

    def export_rows(self, records: Any) -> Iterator[list[Any]]:
        """One list of plain values per record; `value_<name>(self, record)` overrides a column's."""
        columns = self.export_columns()
        for record in records:
            yield [self._cell(column, record) for column in columns]

    def _cell(self, bound: Any, record: Any) -> Any:
        own = getattr(self, f"value_{bound.name}", None)
        if own is not None:
            return own(record=record)
        column = bound.column
        if isinstance(column, StateColumn):
            return column.value(record, bound)
        value = Accessor(bound.accessor).resolve(record, quiet=True)
        return column.cell(value, record) if isinstance(column, Column) else value
