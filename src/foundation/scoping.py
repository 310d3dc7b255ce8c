"""Who is acting, and how every query starts: `Model.objects.visible_to(actor)`.

A model declares in `seen_by` along which paths its rows belong to bodies and people; here the paths are resolved, and
what nobody declared nobody sees. That a body above the others sees what all of them see is said once, in `_own`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar

from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q

from foundation.errors import NotFoundError

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True)
class Actor:
    """One user at one portal, acting for one body (an organization, an institution, an authority) or for nobody.

    Made once per request. `portal` is the portal's name, `body` the model instance acted for,
    `roles` the actor's roles in that body, `address` the client's network address for the audit log. Somebody not signed
    in is a visitor, known by a random token of the session, so that files uploaded during registration stay theirs.
    """

    user: Any = None
    portal: str = ""
    body: Any = None
    roles: frozenset[str] = field(default_factory=frozenset)
    address: str = ""
    visitor: str = ""

    @property
    def is_system(self) -> bool:
        """The platform itself: background tasks and set-up."""
        return self.portal == "system"

    @property
    def sees_all(self) -> bool:
        """Whether its body stands above all others: what any of them sees, it sees (the body's `sees_all`)."""
        return bool(getattr(self.body, "sees_all", False))

    @property
    def key(self) -> str:
        """A stable name of the body acted for, e.g. `enterprise:12`."""
        if self.body is not None:
            return f"{self.portal}:{self.body.pk}"
        if self.user is not None:
            return f"user:{self.user.pk}"
        return f"visitor:{self.visitor}" if self.visitor else self.portal

    @property
    def label(self) -> str:
        """What logs and timelines show: the body's name, then the person's."""
        if self.is_system:
            return "系统"
        names = [str(part) for part in (self.body, self.user) if part is not None]
        return " · ".join(dict.fromkeys(names)) or "访客"


ANONYMOUS = Actor()
SYSTEM = Actor(portal="system")
# No row at all; told by its identity, because to compare conditions would run the queries in them.
NOTHING = Q(pk__in=[])


# --- what a model declares


class View(Protocol):
    """One way in which rows come into somebody's sight."""

    def condition(self, model: type[models.Model], actor: Actor) -> Q:
        """What holds of the rows of `model` that `actor` sees; an empty condition is all of them."""
        ...


class Sees:
    """Rows that are the actor's: at the end of one of `paths` stands its body, its user or its key.

    What stands there says what it is compared with: a user with the person acting, another model with the body acted
    for (a body of any other model sees nothing), a text with `Actor.key`. The path `pk` is the row itself. `when`:
    what must hold of the row besides. A body that `sees_all` needs no path to be its own.
    """

    def __init__(self, *paths: str, when: Q | None = None) -> None:
        self.paths, self.when = paths, when or Q()

    def condition(self, model: type[models.Model], actor: Actor) -> Q:
        return _both(_any_of([_own(model, path, actor) for path in self.paths]), self.when)


class Follows:
    """Rows that are seen by whoever sees the row at the end of `path`."""

    def __init__(self, path: str, *, when: Q | None = None) -> None:
        self.path, self.when = path, when or Q()

    def condition(self, model: type[models.Model], actor: Actor) -> Q:
        end, _ = _end_of(model, self.path)
        seen = seen_by(end, actor)
        if seen is NOTHING:
            return NOTHING
        return (Q(**{f"{self.path}__in": end._default_manager.filter(seen)}) if seen else Q()) & self.when


class Rule:
    """A rule of the stage that paths do not say: `of(actor)` is the condition, which must not multiply rows."""

    def __init__(self, of: Callable[[Actor], Q]) -> None:
        self.of = of

    def condition(self, model: type[models.Model], actor: Actor) -> Q:
        return self.of(actor)


Declared = str | View | tuple[str | View, ...]


class Scope:
    """Who sees the rows of a model, portal by portal; `everybody` is for the portals that are not named.

    `seen_by = Scope(enterprise="organization", authority=("organization__supervisor", "institution__supervisor"))`:
    a path is short for `Sees(path)`, several in a tuple are alternatives. Whoever is not named sees nothing.
    """

    def __init__(self, *, everybody: Declared | None = None, **portals: Declared) -> None:
        self.everybody = None if everybody is None else _views(everybody)
        self.portals = {portal: _views(declared) for portal, declared in portals.items()}

    def condition(self, model: type[models.Model], actor: Actor) -> Q:
        """What holds of the rows that `actor` sees."""
        views = self.portals.get(actor.portal, self.everybody)
        return _any_of([view.condition(model, actor) for view in views or ()])


def _views(declared: Declared) -> tuple[View, ...]:
    given = declared if isinstance(declared, tuple) else (declared,)
    return tuple(Sees(each) if isinstance(each, str) else each for each in given)


def _any_of(conditions: Sequence[Q]) -> Q:
    """Like `|`, but that an empty condition, which all rows meet, is not lost."""
    if any(not condition for condition in conditions):
        return Q()
    found = NOTHING
    for condition in conditions:
        if condition is not NOTHING:
            found = condition if found is NOTHING else found | condition
    return found


def _both(condition: Q, when: Q) -> Q:
    return NOTHING if condition is NOTHING else condition & when


def _own(model: type[models.Model], path: str, actor: Actor) -> Q:
    end, are_several = _end_of(model, path)
    if end is None:
        mine: Any = actor.key
    elif end is get_user_model():
        mine = actor.user and actor.user.pk
    elif not isinstance(actor.body, end):
        mine = None
    elif actor.sees_all:
        return Q()
    else:
        mine = actor.body.pk
    if not mine:
        return NOTHING
    found = Q(**{path: mine})
    return Q(pk__in=model._base_manager.filter(found).values("pk")) if are_several else found


@functools.cache
def _end_of(model: type[models.Model], path: str) -> tuple[Any, bool]:
    """The model at the end of `path`, None for a plain column; and whether the path leads to several rows."""
    end: Any = model
    are_several = False
    for name in path.split("__") if path != "pk" else ():
        field = end._meta.get_field(name)
        are_several = are_several or bool(field.one_to_many or field.many_to_many)
        end = field.related_model
    return end, are_several


# --- what everybody asks


def seen_by(model: type[models.Model], actor: Actor) -> Q:
    """The condition on rows of `model` that `actor` sees; a model that declares nothing shows nothing to anybody."""
    if actor.is_system:
        return Q()
    declared: Scope | None = getattr(model, "seen_by", None)
    return NOTHING if declared is None else declared.condition(model, actor)


class ScopedQuerySet(models.QuerySet[M], Generic[M]):
    """Rows of a model that declares in `seen_by` who sees them."""

    def visible_to(self, actor: Actor) -> Self:
        """The only way a portal starts a query."""
        return self.filter(seen_by(self.model, actor))


def require_visible(actor: Actor, rows: models.Model | models.QuerySet[Any]) -> None:
    """Raise NotFoundError unless the actor sees the row, or every row of a queryset; one query.

    For services, which do not trust that their caller looked.
    """
    if isinstance(rows, models.QuerySet):
        seen = seen_by(rows.model, actor)
        unseen = bool(seen) and rows.exclude(seen).exists()
    else:
        seen = seen_by(type(rows), actor)
        unseen = bool(seen) and not type(rows)._default_manager.filter(seen, pk=rows.pk).exists()
    if unseen:
        raise NotFoundError()
