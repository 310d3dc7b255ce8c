"""Sign-in by portal and account."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest, HttpResponse

from foundation.errors import DomainError
from zhupei.accounts.models import User


class PortalBackend(BaseBackend):
    def authenticate(
        self, request: HttpRequest | None, portal: str = "", account: str = "", password: str = "", **rest: Any
    ) -> User | None:
        user = User.objects.filter(portal=portal, account=account).first()
        if user is None:
            User().set_password(password)  # the same work for an unknown account: timing tells nothing
            return None
        return user if user.is_active and user.check_password(password) else None

    def get_user(self, user_id: int) -> User | None:
        return User.objects.filter(pk=user_id, is_active=True).first()


def axes_username(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str:
    """Lockouts count per portal and account."""
    given = credentials or {}
    return f"{given.get('portal', '')}:{given.get('account', '')}"


def axes_lockout(request: HttpRequest, credentials: dict[str, Any] | None = None, **rest: Any) -> HttpResponse:
    raise DomainError("locked", "密码输错次数过多，账号已暂停登录 15 分钟。可稍后再试，或用“忘记密码”重新设置。")
