"""忘记密码: phone and SMS code, then a new password (ACC-02)."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from foundation.requests import PortalRequest
from zhupei.accounts import services
from zhupei.accounts.models import CodePurpose
from zhupei.portals.public.forms import ForgotPasswordForm
from zhupei.portals.public.views.sign_in import choices
from zhupei.portals.shared.acts import done, refusals_at, refusals_said
from zhupei.portals.shared.views.codes import answer_code_request


@never_cache
@sensitive_post_parameters("new_password", "repeat_password", "code")
@require_http_methods(["GET", "POST"])
def forgot_password(request: PortalRequest, portal: str) -> HttpResponse:
    if request.method == "POST" and request.POST.get("send_code"):
        return _send_without_script(request, portal)
    form = ForgotPasswordForm(
        portal, request.POST or None, initial={"account": request.GET.get("account", "")}
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_at(form):
            services.reset_password(
                request, portal, data["account"], data["phone"], data["code"], data["new_password"]
            )
            return done(request, "密码已重新设置，请用新密码登录。", "public:sign_in", portal)
    return _page(request, portal, form)


def _send_without_script(request: PortalRequest, portal: str) -> HttpResponse:
    """The code button where scripts don't run: what was typed stays."""
    typed = {name: request.POST.get(name, "") for name in ("account", "phone")}
    with refusals_said(request):
        messages.success(
            request, answer_code_request(request, CodePurpose.RESET_PASSWORD, portal=portal, **typed)
        )
    return _page(request, portal, ForgotPasswordForm(portal, initial=typed))


def _page(request: PortalRequest, portal: str, form: ForgotPasswordForm) -> HttpResponse:
    portals = [
        choice | {"url": request.path.replace(f"/{portal}/", f"/{choice['value']}/")}
        for choice in choices(portal)
    ]
    context = {
        "form": form,
        "portal": portal,
        "portals": portals,
        "purpose": CodePurpose.RESET_PASSWORD,
    }
    return render(request, "public/forgot_password.html", context)
