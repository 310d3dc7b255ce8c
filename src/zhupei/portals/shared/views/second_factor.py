"""两步验证 of institutions and authorities: set up, turn off (SEC-04)."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from foundation.documents.qr import qr_svg
from foundation.requests import PortalRequest
from zhupei.accounts import second_factor as factors
from zhupei.accounts import totp
from zhupei.portals.shared.access import signed_in
from zhupei.portals.shared.acts import done, refusals_at
from zhupei.portals.shared.forms import SecondStepForm


@never_cache
@require_http_methods(["GET", "POST"])
@signed_in
def second_factor(request: PortalRequest) -> HttpResponse:
    """One page: what it is, the QR code and the first code; or, when it is on, how to turn it off."""
    actor = request.actor
    if actor.portal not in factors.PORTALS:
        raise Http404
    form, on = SecondStepForm(request.POST or None), factors.is_on(actor.user)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        with refusals_at(form):
            if not on:
                return render(request, "shared/spare_codes.html", {"spares": factors.confirm(actor, code)})
            factors.turn_off(actor, code)
            return done(request, "两步验证已停用。", "shared:second_factor")
    context = {"form": form, "on": on}
    if not on:
        secret = factors.begin(actor).secret
        context["secret"] = " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))
        context["qr"] = qr_svg(totp.address(secret, actor.user.shown_account), label="两步验证二维码")
    return render(request, "shared/second_factor.html", context)
