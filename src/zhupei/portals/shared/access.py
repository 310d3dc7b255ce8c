"""Doors of the portals: anonymous people go to sign-in, people of another portal find nothing there."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from foundation.requests import PortalRequest
from foundation.scoping import Actor
from zhupei.organizations.roles import Capability, may, require

View = Callable[..., HttpResponseBase]


def portal_required(
    portal: str,
    *,
    approved: bool = True,
    needs: Capability | None = None,
    only: Callable[[Actor], bool] | None = None,
) -> Callable[[View], View]:
    """Only actors of `portal` with a body (learners: with a person) get in.

    `only`: for whom there is such a page at all; everybody else finds nothing.

    `needs`: a page that is there for one act alone; somebody whose role may not is told whom to ask (ORG-14).

    `approved`: an organization whose registration is not approved sees its registration state and nothing else
    (ORG-10). Use it on functions, and with `method_decorator(…, name="dispatch")` on class-based views.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            actor = request.actor
            if actor.user is None:
                return to_sign_in(request, portal)
            if actor.portal != portal or (actor.body is None and portal not in {"learner", "person"}):
                raise Http404
            if actor.user.must_change_password:
                return HttpResponseRedirect(reverse("shared:change_password"))
            if portal == "enterprise" and approved and not actor.body.is_approved:
                return HttpResponseRedirect(reverse("enterprise:registration"))
            if only is not None and not only(actor):
                raise Http404
            if needs is not None:
                require(actor, needs)
            return view(request, *args, **kwargs)

        return guarded

    return decorate


def allowed(capability: Capability) -> Callable[[PortalRequest], bool]:
    """For `ListPage.primary_allowed`: whether the role of whoever asks may do it."""
    return lambda request: may(request.actor, capability)


def signed_in(view: View) -> View:
    """Any signed-in user of any portal; somebody whose password was set by others sets one of his own first."""

    @functools.wraps(view)
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = request.actor.user
        if user is None:
            return to_sign_in(request)
        if user.must_change_password and request.path != reverse("shared:change_password"):
            return HttpResponseRedirect(reverse("shared:change_password"))
        return view(request, *args, **kwargs)

    return guarded


def to_sign_in(request: HttpRequest, portal: str = "") -> HttpResponseBase:
    """Off to the sign-in page, and back afterwards; a part of a page that htmx asked for takes the whole page along."""
    back = request.headers.get("HX-Current-URL", "") if request.headers.get("HX-Request") else ""
    target = reverse("public:sign_in", args=[portal] if portal else [])
    target = f"{target}?{urlencode({'next': safe_next(request, back) or request.get_full_path()})}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = target
        return response
    return HttpResponseRedirect(target)


def safe_next(request: HttpRequest, wanted: str) -> str:
    """`wanted` if it is an address of this very site, otherwise nothing (no open redirect)."""
    here = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if here else ""


def home_of(portal: str) -> str:
    """The address a user of `portal` lands on after signing in."""
    return reverse(f"{portal}:home")
