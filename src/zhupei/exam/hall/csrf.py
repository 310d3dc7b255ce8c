"""Django's own check of origin and token (SEC-02), refused as the exam's API refuses."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import CsrfViewMiddleware

from zhupei.exam.hall import saving


class _Check(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> HttpResponse:
        raise saving.refusal("csrf")


def _view(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def require_csrf(request: HttpRequest) -> None:
    """Raise SaveError (403, csrf) unless the request's origin and token are good."""
    _Check(_view).process_view(request, _view, (), {})
