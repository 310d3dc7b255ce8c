"""One sign-in page with the portals to choose from (ACC-01), and a learner's first sign-in (ACC-03)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from zhupei.accounts import services
from zhupei.accounts.models import Portal, account_key
from zhupei.portals.public.forms import FirstSignInForm, SignInForm
from zhupei.portals.shared.access import home_of, safe_next
from zhupei.portals.shared.acts import done, refusals_at, refusals_said
from zhupei.portals.shared.forms import SecondStepForm
from zhupei.portals.shared.refusals import show_on
from zhupei.portals.shared.views.codes import FIRST_SIGN_IN_KEY, send_first_code

PORTALS = {
    Portal.ENTERPRISE: ("企业 / 学校", "building"),
    Portal.INSTITUTION: ("培训机构", "school"),
    Portal.AUTHORITY: ("主管部门", "building-bank"),
    Portal.LEARNER: ("学员", "user"),
}


def choices(chosen: str, after: str = "") -> list[dict[str, Any]]:
    """The portals to choose from, each with its sign-in page; where to go afterwards is kept."""
    query = f"?{urlencode({'next': after})}" if after else ""
    return [
        {
            "value": portal.value,
            "label": label,
            "icon": icon,
            "url": reverse("public:sign_in", args=[portal.value]) + query,
            "chosen": portal.value == chosen,
        }
        for portal, (label, icon) in PORTALS.items()
    ]


def _wanted_portal(request: PortalRequest, after: str) -> str:
    """The portal that was chosen in a form, or the one that the wanted address belongs to."""
    asked = request.POST.get("portal") or request.GET.get("portal") or after.strip("/").partition("/")[0]
    return asked if asked in PORTALS else Portal.ENTERPRISE.value


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: PortalRequest, portal: str = "") -> HttpResponse:
    """Sign in and go on to `?next=`, if it is an address of this site, else to the portal's home."""
    after = safe_next(request, request.POST.get("next") or request.GET.get("next") or "")
    portal = portal or _wanted_portal(request, after)
    actor = request.actor
    if request.method == "GET" and actor.user is not None and actor.portal == portal:
        return HttpResponseRedirect(after or home_of(actor.portal))
    form = SignInForm(portal, request.POST or None)
    status = 200
    if request.method == "POST" and form.is_valid():
        account, password = form.cleaned_data["account"], form.cleaned_data["password"]
        if services.is_initial_password(portal, password):
            request.session[FIRST_SIGN_IN_KEY] = account_key(portal, account)
            return redirect("public:first_sign_in")
        try:
            user = services.sign_in(request, portal, account, password)
        except services.SecondFactorNeededError:
            return HttpResponseRedirect(f"{reverse('public:second_step')}?{urlencode({'next': after})}")
        except DomainError as refusal:
            show_on(form, refusal)
            status = 429 if refusal.code == "locked" else 200
        else:
            return HttpResponseRedirect(after or home_of(user.portal))
    context = {
        "form": form,
        "portal": portal,
        "portals": choices(portal, after),
        "after": after,
        "other": PORTALS[Portal(actor.portal)][0]
        if actor.user is not None and actor.portal != portal
        else "",
    }
    return render(request, "public/sign_in.html", context, status=status)


@never_cache
@require_http_methods(["GET", "POST"])
def second_step(request: PortalRequest) -> HttpResponse:
    """The code of the authenticator app, after the password (SEC-04)."""
    after = safe_next(request, request.POST.get("next") or request.GET.get("next") or "")
    user = services.awaits_factor(request)
    if user is None:
        return redirect("public:sign_in")
    form = SecondStepForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            services.sign_in_with_factor(request, form.cleaned_data["code"])
            return HttpResponseRedirect(after or home_of(user.portal))
    return render(request, "public/second_step.html", {"form": form, "after": after, "portal": user.portal})


@never_cache
@sensitive_post_parameters("new_password", "repeat_password", "code")
@require_http_methods(["GET", "POST"])
def first_sign_in(request: PortalRequest) -> HttpResponse:
    """The SMS code and a password of one's own."""
    account = request.session.get(FIRST_SIGN_IN_KEY, "")
    if not account:
        return redirect("public:sign_in", "learner")
    if request.method == "POST" and request.POST.get("send_code"):
        return _send_without_script(request)
    form = FirstSignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with refusals_at(form):
            services.verify_first_sign_in(request, account, data["code"], data["new_password"])
            request.session.pop(FIRST_SIGN_IN_KEY, None)
            return done(request, "密码已设置，今后请用身份证号和新密码登录。", home_of("learner"))
    return render(request, "public/first_sign_in.html", {"form": form})


def _send_without_script(request: PortalRequest) -> HttpResponse:
    """The code button where scripts don't run."""
    with refusals_said(request):
        messages.success(request, send_first_code(request))
    return render(request, "public/first_sign_in.html", {"form": FirstSignInForm()})
