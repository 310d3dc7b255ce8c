"""Sign-in by portal and account, and what axes needs to know to count failures."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest, HttpResponse

from foundation.errors import DomainError
from zhupei.accounts.models import User

BACKEND = "zhupei.accounts.backends.PortalBackend"
LOCKED = "密码输错次数过多，账号已暂停登录 15 分钟。可以稍后再试，或用“忘记密码”重新设置密码后立即登录。"


class PortalBackend(BaseBackend):
    """Takes an account key (`models.account_key`). A learner's first sign-in is never by password alone."""

    def authenticate(
        self,
        request: HttpRequest | None,
        portal: str = "",
        account: str = "",
        password: str = "",
        **rest: Any,
    ) -> User | None:
        user = User.objects.filter(portal=portal, account=account).first()
        if user is None or not user.has_usable_password():
            User().set_password(password)  # the same work for an unknown account: timing tells nothing
            return None
        right = user.check_password(password)
        return user if right and user.is_active and not user.awaits_first_sign_in else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


def axes_username(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """Failures count per portal and account; after a sign-in only the request still tells which."""
    given = credentials or {}
    if "portal" in given:
        return f"{given['portal']}:{given.get('account', '')}"
    return str(getattr(request, "sign_in_name", ""))


def axes_lockout(
    request: HttpRequest, original_response: HttpResponse | None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """The page that caught the refusal has said so already; anything else is refused here."""
    if original_response is None:
        raise DomainError("locked", LOCKED)
    return original_response
