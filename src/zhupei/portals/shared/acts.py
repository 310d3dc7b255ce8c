"""What a view answers to an act: what was done is said on the next page, what was refused where it belongs.

A view that only does something lets a DomainError through: RefusalMiddleware goes back to the page on which the button
stands, with the sentence on top. What is below `done` is for refusals that belong somewhere else.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from zhupei.portals.shared.access import View
from zhupei.portals.shared.refusals import show_on


def done(request: HttpRequest, sentence: str, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """Go on to `to` (what `redirect` takes), where `sentence` says what was done."""
    messages.success(request, sentence)
    return redirect(to, *args, **kwargs)


class Refusals:
    """`with Refusals(show): …`: what is refused inside is given to `show`; then the view goes on below."""

    def __init__(self, show: Callable[[DomainError], None]) -> None:
        self.show = show

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        if not isinstance(error, DomainError):
            return False
        self.show(error)
        return True


def refusals_at(form: forms.BaseForm, names: Mapping[str, str] | None = None) -> Refusals:
    """`with refusals_at(form): …`: a refusal stands at the form's fields, so nothing that was typed is lost.

    `names`: item key → field name where they differ.
    """
    return Refusals(lambda refusal: show_on(form, refusal, names))


def refusals_said(request: HttpRequest) -> Refusals:
    """`with refusals_said(request): …`: a refusal stands on top of the page that this request is answered with."""
    return Refusals(lambda refusal: messages.error(request, refusal.message))


def refusals_lead_to(page: str, *names: str) -> Callable[[View], View]:
    """A refusal leads to `page` with its sentence: for links, behind which no page of their own could say it.

    `names`: the arguments of the view's address that the page's address has, too.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def leading(request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except DomainError as refusal:
                messages.error(request, refusal.message)
                return redirect(page, **{name: kwargs[name] for name in names})

        return leading

    return decorate
