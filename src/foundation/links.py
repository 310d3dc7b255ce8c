"""Where a portal shows something: each portal says it once, stages name the thing and whoever reads about it.

Usage, in a portal's `links.py`:

    link("authority", TrainingPlan, "authority:plan")
    link("enterprise", AssessmentPlan, "enterprise:assessment", every="enterprise:assessments")
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.urls import reverse

Page = str | Callable[[Any], str]


@dataclass(frozen=True)
class Link:
    """`one`: the page of a row, by its route's name (given the row's key) or a function; `every`: the page of them all."""

    one: Page = ""
    every: str = ""


_LINKS: dict[tuple[str, type[Model]], Link] = {}


def link(portal: str, model: type[Model], one: Page = "", *, every: str = "") -> None:
    """Say where `portal` shows rows of `model`; call it in `AppConfig.ready`. Raises ValueError when said twice."""
    if (portal, model) in _LINKS:
        raise ValueError(f"{portal} has said already where it shows {model.__name__}")
    _LINKS[portal, model] = Link(one, every)


def address(portal: str, subject: Model | type[Model]) -> str:
    """Where `portal` shows a row, or all rows of a model; a row without a page of its own is shown among all.

    Raises LookupError when the portal shows no such thing.
    """
    model = type(subject) if isinstance(subject, Model) else subject
    found = _LINKS.get((portal, model), Link())
    if isinstance(subject, Model) and found.one:
        return reverse(found.one, args=[subject.pk]) if isinstance(found.one, str) else found.one(subject)
    if found.every:
        return reverse(found.every)
    raise LookupError(f"{portal} does not say where it shows {model.__name__}")


def registered() -> dict[tuple[str, type[Model]], Link]:
    """All that the portals have said: (portal, model) → link."""
    return dict(_LINKS)
