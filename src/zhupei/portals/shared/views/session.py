"""Signing out."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from zhupei.accounts import services


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    portal = request.actor.portal  # type: ignore[attr-defined]
    if request.user.is_authenticated:
        services.sign_out(request)
        messages.success(request, "已退出登录。")
        return HttpResponseRedirect(reverse("public:sign_in", args=[portal]))
    return HttpResponseRedirect(reverse("public:home"))
