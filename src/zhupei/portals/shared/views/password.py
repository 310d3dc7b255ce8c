"""修改密码, from every portal's header; the only page open to somebody whose password was set by another."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from foundation.requests import PortalRequest
from zhupei.accounts import second_factor, services
from zhupei.portals.shared.access import home_of, signed_in
from zhupei.portals.shared.acts import done, refusals_at
from zhupei.portals.shared.forms import ChangePasswordForm


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@signed_in
def change_password(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    form = ChangePasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_at(form):
            services.change_password(request, actor, data["old_password"], data["new_password"])
            return done(request, "密码已修改，其他地方的登录已失效。", home_of(actor.portal))
    context = {
        "form": form,
        "forced": actor.user.must_change_password,
        "offers_factor": actor.portal in second_factor.PORTALS,
        "factor_on": second_factor.is_on(actor.user),
    }
    return render(request, "shared/change_password.html", context)
