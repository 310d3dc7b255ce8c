"""账号管理: the accounts of a body and their roles, for its owner; the same page in three portals (ORG-14)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.requests import PortalRequest
from foundation.scoping import Actor
from zhupei.organizations.models import Membership
from zhupei.organizations.roles import EXPLAINED, Capability, require
from zhupei.organizations.services import staff as services
from zhupei.portals.shared.access import View, signed_in
from zhupei.portals.shared.acts import done, refusals_at
from zhupei.portals.shared.forms import SpokenForm

PASSWORD_HELP = (
    "至少 10 位；或至少 8 位，并含大写字母、小写字母、数字、符号中的三种。本人首次登录时必须修改。"  # noqa: S105
)


def _first_password() -> forms.CharField:
    attrs = {"autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(
        label="初始密码", max_length=128, widget=forms.TextInput(attrs=attrs), help_text=PASSWORD_HELP
    )


class StaffForm(SpokenForm):
    name = forms.CharField(label="姓名", max_length=60)
    phone = forms.CharField(label="手机号", max_length=20, help_text="忘记密码时用它收验证码。")
    role = forms.ChoiceField(label="角色", widget=forms.RadioSelect)
    account = forms.CharField(
        label="登录账号", max_length=64, help_text="4 位以上的字母或数字，不能与他人重复。"
    )
    password = _first_password()

    def __init__(self, *args: Any, portal: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = role_choices(portal)  # type: ignore[attr-defined]


class PasswordForm(SpokenForm):
    password = _first_password()


def role_choices(portal: str) -> list[tuple[str, str]]:
    """Roles with what each is for."""
    explained = {str(role.value): text for role, text in EXPLAINED.get(portal, {}).items()}
    return [(value, f"{label}：{explained[value]}") for value, label in services.roles_for(portal)]


def owner_required(view: View) -> View:
    """Only the owner of a body; a refusal says whom to ask. Portals without bodies have no such page."""

    @signed_in
    def guarded(request: PortalRequest, *args: Any, **kwargs: Any) -> Any:
        actor: Actor = request.actor
        if actor.body is None:
            raise Http404
        if actor.portal == "enterprise" and not actor.body.is_approved:
            return redirect("enterprise:registration")
        require(actor, Capability.MANAGE_STAFF)
        return view(request, *args, **kwargs)

    return guarded


def _member(request: PortalRequest, pk: int) -> Membership:
    return get_object_or_404(services.members_of(request.actor), pk=pk)


def _list(request: PortalRequest, wanted: int = 0, form: forms.Form | None = None) -> HttpResponse:
    actor: Actor = request.actor
    context = {
        "members": services.members_of(actor),
        "roles": role_choices(actor.portal),
        "wanted": wanted,
        "password_form": form or PasswordForm(),
    }
    return render(request, "shared/staff/list.html", context)


@require_safe
@owner_required
def staff(request: PortalRequest) -> HttpResponse:
    return _list(request)


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
def new(request: PortalRequest) -> HttpResponse:
    actor: Actor = request.actor
    form = StaffForm(request.POST or None, portal=actor.portal)
    if request.method == "POST" and form.is_valid():
        with refusals_at(form):
            user = services.add_staff(actor, services.StaffData(**form.cleaned_data))
            sentence = f"已新增账号 {user.account}。请把账号和初始密码告知{user.name}，首次登录时须修改密码。"
            return done(request, sentence, "shared:staff")
    return render(request, "shared/staff/new.html", {"form": form})


@require_POST
@owner_required
def role(request: PortalRequest, pk: int) -> HttpResponse:
    row = services.change_role(request.actor, _member(request, pk), request.POST.get("role", ""))
    return done(request, f"{row.user}的角色现在是“{row.get_role_display()}”。", "shared:staff")


@require_POST
@owner_required
def active(request: PortalRequest, pk: int) -> HttpResponse:
    wanted = request.POST.get("active") == "1"
    row = services.set_staff_active(request.actor, _member(request, pk), wanted)
    return done(
        request, f"账号 {row.user.account} 已{'启用' if wanted else '停用，不能再登录'}。", "shared:staff"
    )


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
@owner_required
def password(request: PortalRequest, pk: int) -> HttpResponse:
    """Set another password; without one, as after a refusal on the page shown here, back to the list."""
    member = _member(request, pk)
    if request.method != "POST":
        return redirect("shared:staff")
    form = PasswordForm(request.POST)
    if form.is_valid():
        with refusals_at(form):
            user = services.reset_staff_password(request.actor, member, form.cleaned_data["password"])
            return done(request, f"账号 {user.account} 的密码已重设，本人登录后须修改密码。", "shared:staff")
    return _list(request, pk, form)


urlpatterns = [
    path("staff/", staff, name="staff"),
    path("staff/new/", new, name="staff_new"),
    path("staff/<int:pk>/role/", role, name="staff_role"),
    path("staff/<int:pk>/active/", active, name="staff_active"),
    path("staff/<int:pk>/password/", password, name="staff_password"),
]
