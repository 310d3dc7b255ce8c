"""One actor per request; refusals by the business become sentences on a page, not errors."""

from __future__ import annotations

import ipaddress
import secrets
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import DataError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject
from django.utils.http import url_has_allowed_host_and_scheme

from foundation.errors import DomainError, NotFoundError
from foundation.scoping import Actor
from zhupei.organizations.actors import actor_for
from zhupei.portals.shared.views.errors import bad_request, not_found

VISITOR_KEY = "visitor"
GetResponse = Callable[[HttpRequest], HttpResponse]


def client_address(request: HttpRequest) -> str:
    """The client's network address; behind trusted proxies ClientAddressMiddleware has put the real one there."""
    return str(request.META.get("REMOTE_ADDR") or "")


def visitor_token(request: HttpRequest) -> str:
    """The session's token of somebody not signed in; made on first use."""
    token = request.session.get(VISITOR_KEY)
    if not token:
        token = request.session[VISITOR_KEY] = secrets.token_urlsafe(18)
    return str(token)


def _make_actor(request: HttpRequest) -> Actor:
    user: Any = request.user
    address = client_address(request)
    if user.is_authenticated:
        return actor_for(user, address=address)
    return Actor(portal="visitor", visitor=request.session.get(VISITOR_KEY, ""), address=address)


class ClientAddressMiddleware:
    """Behind TRUSTED_PROXIES front servers the client's address is what the outermost of them wrote down.

    Every proxy appends the address it was called from to X-Forwarded-For; what stands further left was sent by the
    client and is not believed, so lockouts and limits cannot be dodged by making addresses up (SEC-05).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        trusted: int = settings.TRUSTED_PROXIES
        if trusted:
            chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
            if len(chain) >= trusted and _is_address(chain[-trusted]):
                request.META["REMOTE_ADDR"] = chain[-trusted]
        return self.get_response(request)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


class ActorMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _make_actor(request))  # type: ignore[attr-defined]
        return self.get_response(request)


def _holds_nul(request: HttpRequest) -> bool:
    """Whether a text was sent with the one character that no database takes; no keyboard makes it."""
    return any(
        "\0" in text for given in (request.GET, request.POST) for _, all_ in given.lists() for text in all_
    )


class RefusalMiddleware:
    """A DomainError that no form caught: back to the page it came from with the sentence on top; nothing was changed.

    What the actor does not see is not there: 404, as when a view looks for it.
    A text that cannot be stored at all is a request that was made up: 400.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, (DataError, ValueError)) and _holds_nul(request):
            return bad_request(request, exception)
        if not isinstance(exception, DomainError):
            return None
        if request.headers.get("Accept", "").startswith("application/json"):
            body = {
                "ok": False,
                "code": exception.code,
                "message": exception.message,
                "items": exception.items,
            }
            return JsonResponse(body, status=404 if isinstance(exception, NotFoundError) else 409)
        if isinstance(exception, NotFoundError):
            return not_found(request, exception)
        origin = request.headers.get("Referer", "")
        if request.method == "POST" and url_has_allowed_host_and_scheme(origin, {request.get_host()}):
            messages.error(request, exception.message)
            if request.headers.get("HX-Request"):
                response = HttpResponse(status=204)
                response["HX-Redirect"] = origin
                return response
            return HttpResponseRedirect(origin)
        return render(request, "ui/refused.html", {"refusal": exception}, status=409)
