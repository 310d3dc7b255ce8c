"""A request that knows who is acting."""

from __future__ import annotations

from django.http import HttpRequest

from foundation.scoping import Actor


class PortalRequest(HttpRequest):
    """What views get: a middleware has put the actor on it, once per request."""

    actor: Actor
