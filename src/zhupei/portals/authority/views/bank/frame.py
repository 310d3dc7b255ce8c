"""What every page of a question bank has in common: its door, its address, its tabs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from foundation.requests import PortalRequest
from foundation.ui.given import number_in
from foundation.ui.parts import Tab
from zhupei.catalog.models import Level, Occupation
from zhupei.exam.bank.machine import keeps_bank
from zhupei.exam.bank.models import Chapter, Question
from zhupei.exam.bank.services.questions import chapters_of
from zhupei.portals.shared.access import portal_required

bank_keeper = portal_required("authority", only=lambda actor: keeps_bank(actor, None))


@dataclass(frozen=True)
class Bank:
    """The bank of an occupation, of one level alone or for all of them."""

    occupation: Occupation
    level: Level | None = None

    @property
    def key(self) -> str:
        """What stands in its addresses."""
        return f"{self.occupation.pk}-{self.level.pk}" if self.level else str(self.occupation.pk)

    @property
    def name(self) -> str:
        return f"{self.occupation}（{self.level}）" if self.level else str(self.occupation)

    @property
    def chapters(self) -> Any:
        """Its own chapters."""
        return chapters_of(self.occupation, self.level)

    @property
    def usable_chapters(self) -> list[Chapter]:
        """Chapters that a paper may draw from: its own, and those for all levels."""
        common = chapters_of(self.occupation, None) if self.level else []
        return [*self.chapters, *common]

    def url(self, name: str) -> str:
        return reverse(f"authority:{name}", args=[self.key])


def find_bank(key: str) -> Bank:
    """The bank of an address such as 12 or 12-3; 404 when there is none."""
    occupation, dash, level = key.partition("-")
    if number_in(occupation) is None or (dash and number_in(level) is None):
        raise Http404
    found = get_object_or_404(Occupation.objects.select_related("programme"), pk=int(occupation))
    if not level:
        return Bank(found)
    return Bank(found, get_object_or_404(Level, pk=int(level), programme=found.programme_id))


def bank_of(thing: Any) -> Bank:
    """The bank that a question, chapter, import or blueprint belongs to; with `select_related` no query."""
    return Bank(thing.occupation, thing.level)


def question_of(request: PortalRequest, pk: int) -> Question:
    rows = Question.objects.visible_to(request.actor)
    return get_object_or_404(rows.select_related("occupation__programme", "level", "current"), pk=pk)


def page_context(bank: Bank, here: str) -> dict[str, Any]:
    """What the frame around a bank's page needs; `here` is the tab's URL name, empty on a page below the tabs."""
    entries = (("bank_questions", "试题"), ("bank_chapters", "章节"), ("bank_blueprint", "组卷方案"))
    tabs = [Tab(label, bank.url(name), None, active=name == here) for name, label in entries]
    return {"bank": bank, "bank_tabs": tabs, "level_tabs": _level_tabs(bank, here) if here else []}


def _level_tabs(bank: Bank, here: str) -> list[Tab]:
    """The banks of the same occupation; none where the programme knows no levels."""
    levels = list(bank.occupation.programme.levels.filter(is_active=True))
    if not levels:
        return []
    banks = [Bank(bank.occupation), *(Bank(bank.occupation, level) for level in levels)]
    return [
        Tab(
            f"{other.level}专用" if other.level else "各等级通用",
            other.url(here),
            None,
            other.key == bank.key,
        )
        for other in banks
    ]
