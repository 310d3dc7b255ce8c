"""Who is acting, and how every query starts: `Model.objects.visible_to(actor)`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Generic, Self, TypeVar

from django.db import models

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


class ScopedQuerySet(models.QuerySet[M], Generic[M]):
    """A queryset that knows what an actor may see. Each model says it in `scope`; silence means nothing."""

    def scope(self, actor: Actor) -> Self:
        """Rows that a signed-in `actor` may see; overridden by every model's queryset."""
        return self.none()

    def visible_to(self, actor: Actor) -> Self:
        """The only way a portal starts a query."""
        if actor.is_system:
            return self.all()
        return self.scope(actor)
