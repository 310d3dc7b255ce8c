"""Rosters and archives as people send them, and an organization that sends them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from zhupei.demo.invented import InventedPerson
from zhupei.enrollment import services

HEAD = ("姓名", "性别", "身份证号", "手机号", "学历", "工作单位")


def roster_file(rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD) -> bytes:
    """An .xlsx as openpyxl writes it."""
    book = Workbook()
    sheet = book.active
    sheet.append(list(head))
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def roster_row(person: InventedPerson, unit: str) -> list[str]:
    """One line of the roster, everything right."""
    gender = {"male": "男", "female": "女"}[person.gender]
    return [person.name, gender, person.id_number, person.phone, "大专", unit]


def archive(entries: Mapping[str, bytes]) -> bytes:
    """A ZIP with these entries."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return out.getvalue()


class Applicant:
    """An approved organization with an actor, an offer of its city's institution, and a way to upload rosters."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.organization = world.organization()
        self.institution = world.institution(supervisor=self.organization.supervisor)
        self.offer = world.offer(self.institution)
        self.actor = world.actor(self.organization)

    def rows(self, count: int) -> list[list[str]]:
        """Good lines of invented people."""
        return [roster_row(self.world.invent.person(), self.organization.name) for _ in range(count)]

    def upload(self, rows: Sequence[Sequence[Any]], offer: Any = None) -> Any:
        """A roster waiting for its confirmation."""
        return services.start_roster(self.actor, offer or self.offer, "名单.xlsx", roster_file(rows))

    def batch(self, people: int = 3, **kwargs: Any) -> Any:
        """A batch of this organization by the ORM."""
        return self.world.batch(people, organization=self.organization, offer=self.offer, **kwargs)
