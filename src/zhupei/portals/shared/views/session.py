"""Signing out."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from foundation.requests import PortalRequest
from zhupei.accounts import services
from zhupei.portals.shared.acts import done


@require_POST
def sign_out(request: PortalRequest) -> HttpResponse:
    portal = request.actor.portal
    if request.user.is_authenticated:
        services.sign_out(request)
        return done(request, "已退出登录。", "public:sign_in", portal)
    return HttpResponseRedirect(reverse("public:home"))
