"""Doors of the portals: anonymous people go to sign-in, people of another portal find nothing there."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

View = Callable[..., HttpResponse]


def portal_required(portal: str, *, approved: bool = True) -> Callable[[View], View]:
    """Only actors of `portal` with a body (learners: with a person) get in.

    `approved`: an organization whose registration is not approved sees its registration state and nothing else (ORG-10).
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = request.actor  # type: ignore[attr-defined]
            if actor.user is None:
                query = urlencode({"next": request.get_full_path()})
                return HttpResponseRedirect(f"{reverse('public:sign_in', args=[portal])}?{query}")
            if actor.portal != portal or (actor.body is None and portal not in {"learner", "person"}):
                raise Http404
            if actor.user.must_change_password:
                return HttpResponseRedirect(reverse("shared:change_password"))
            if portal == "enterprise" and approved and not actor.body.is_approved:
                return HttpResponseRedirect(reverse("enterprise:registration"))
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def signed_in(view: View) -> View:
    """Any signed-in user of any portal."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.actor.user is None:  # type: ignore[attr-defined]
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('public:sign_in', args=['enterprise'])}?{query}")
        return view(request, *args, **kwargs)

    return guarded
