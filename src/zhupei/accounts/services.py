"""What people do with their accounts: sign in and out, get a code, set a password."""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from foundation.audit import services as audit
from foundation.crypto import blind_index
from foundation.errors import DomainError
from foundation.identifiers import phone as phones
from foundation.scoping import Actor
from zhupei.accounts import news, rules, second_factor
from zhupei.accounts.backends import BACKEND, LOCKED
from zhupei.accounts.codes import WRONG as CODE_WRONG
from zhupei.accounts.codes import check_code, request_code, use_code
from zhupei.accounts.models import CodePurpose, Portal, User, account_key

__all__ = [
    "awaits_factor",
    "change_password",
    "check_code",
    "check_password_policy",
    "is_initial_password",
    "release_account",
    "request_code",
    "request_first_code",
    "request_reset_code",
    "reset_password",
    "sign_in",
    "sign_in_as",
    "sign_in_with_factor",
    "sign_out",
    "use_code",
    "verify_first_sign_in",
]

FACTOR_KEY = "second_factor"
NOT_FOUND = "账号或密码不正确，请核对入口、账号和密码后再试。忘记密码可以用短信验证码重新设置。"
ADDRESS_LOCKED = "您所在的网络登录失败次数过多，请 15 分钟后再试，或用“忘记密码”重新设置密码。"


class SecondFactorNeededError(DomainError):
    """The password was right; the app's code is still to come (`sign_in_with_factor`)."""

    def __init__(self) -> None:
        super().__init__("second_factor", "请输入手机上的动态验证码。")


def sign_in(request: HttpRequest, portal: str, account: str, password: str) -> User:
    """Sign in at a portal with the account as typed. The session gets a new key.

    Raises SecondFactorNeededError when the account has a second step: the session remembers it for 5 minutes.

    The sentence is the same for an unknown account, a wrong password and a closed account. Raises DomainError
    `wrong_password`, or `locked` after 5 failures for the account or 30 from the address (15 minutes,
    SEC-04).
    """
    key = account_key(portal, account)
    _refuse_failing_address(request)
    found = authenticate(request, portal=portal, account=key, password=password)
    if not isinstance(found, User):
        locked = getattr(request, "axes_locked_out", False)
        raise DomainError("locked", LOCKED) if locked else DomainError("wrong_password", NOT_FOUND)
    if second_factor.is_on(found):
        request.session[FACTOR_KEY] = [found.pk, time.time(), found.get_session_auth_hash()]
        raise SecondFactorNeededError
    return sign_in_as(request, found)


def awaits_factor(request: HttpRequest) -> User | None:
    """Who has given his password in this session within the last 5 minutes and still owes the second step."""
    key, at, proof = request.session.get(FACTOR_KEY) or (None, 0.0, "")
    if key is None or time.time() - at > rules.CODE_LIFETIME.total_seconds():
        return None
    user = User.objects.filter(pk=key, is_active=True).first()
    return user if user is not None and constant_time_compare(user.get_session_auth_hash(), proof) else None


def sign_in_with_factor(request: HttpRequest, code: str) -> User:
    """The second step of signing in (SEC-04). Raises DomainError `expired`, `code_wrong` or `locked`."""
    user = awaits_factor(request)
    if user is None:
        raise DomainError("expired", "登录已过期，请重新输入账号和密码。")
    second_factor.check(user, code)
    request.session.pop(FACTOR_KEY, None)
    return sign_in_as(request, user)


def sign_in_as(request: HttpRequest, user: User) -> User:
    """Sign in a user who has proved himself otherwise: registered just now, or by an SMS code."""
    request.sign_in_name = f"{user.portal}:{user.account}"  # type: ignore[attr-defined]
    login(request, user, backend=BACKEND)
    audit.record(_actor(request, user), "account.sign_in", user)
    return user


def sign_out(request: HttpRequest) -> None:
    """End the session."""
    user = request.user
    if isinstance(user, User):
        audit.record(_actor(request, user), "account.sign_out", user)
    logout(request)


def change_password(request: HttpRequest, actor: Actor, old: str, new: str) -> None:
    """Set a new password; all other sessions of the user end (SEC-04).

    Raises DomainError with `items` by field: `old_password` (wrong; counted like a wrong sign-in) or
    `new_password`.
    """
    user: User = actor.user
    if authenticate(request, portal=user.portal, account=user.account, password=old) is None:
        locked = getattr(request, "axes_locked_out", False)
        message = LOCKED if locked else "原密码不正确，请重新输入。"
        raise DomainError("locked" if locked else "wrong_password", message, {"old_password": message})
    if constant_time_compare(old, new):
        message = "新密码不能和原密码相同，请换一个。"
        raise DomainError("password_policy", message, {"new_password": message})
    _set_password(actor, user, new)
    update_session_auth_hash(request, user)


def request_reset_code(portal: str, account: str, phone: str, address: str) -> None:
    """Send a code for a forgotten password if the phone belongs to the account; the answer tells nothing.

    Without an account any account of the portal with that phone will do. Raises as `request_code`.
    """
    known = _users_of(portal, account, phone).exists()
    request_code(phone, CodePurpose.RESET_PASSWORD, address, deliver=known)


def reset_password(
    request: HttpRequest, portal: str, account: str, phone: str, code: str, new_password: str
) -> User:
    """Set a forgotten password (ACC-02); sessions end, a lockout of the account is lifted.

    Raises DomainError `code_wrong` (also for a pair that doesn't belong together), `several_accounts` when
    the phone has several and none was named, `password_policy`; `items` names the field.
    """
    checked = check_code(phone, CodePurpose.RESET_PASSWORD, code)
    users = list(_users_of(portal, account, phone)[:2])
    if not users:
        raise DomainError("code_wrong", CODE_WRONG, {"code": CODE_WRONG})
    if len(users) > 1:
        message = "这个手机号名下有多个账号，请填写要找回的账号。"
        raise DomainError("several_accounts", message, {"account": message})
    user = users[0]
    with transaction.atomic():
        _set_password(_actor(request, user), user, new_password)
        use_code(checked)
    return user


def release_account(actor: Actor, user: User) -> None:
    """Lift the lockout and the second step of an account for which somebody responsible set a new password."""
    second_factor.remove(actor, user)
    reset(username=f"{user.portal}:{user.account}")


def is_initial_password(portal: str, password: str) -> bool:
    """Whether somebody signs in as a learner with the configured initial password: he goes on by SMS code.

    It is not looked up whether the account exists or awaits its first sign-in, so nothing is learnt by
    trying.
    """
    initial: str = settings.INITIAL_LEARNER_PASSWORD
    return portal == Portal.LEARNER and bool(initial) and constant_time_compare(password, initial)


def request_first_code(account: str, address: str) -> None:
    """Send the code of a first sign-in to the phone on file; `account` is an account key (ACC-03)."""
    user = _awaiting(account)
    request_code(
        user.phone if user else "",
        CodePurpose.FIRST_SIGN_IN,
        address,
        deliver=user is not None,
        subject=_first_subject(account),
    )


def verify_first_sign_in(request: HttpRequest, account: str, code: str, new_password: str) -> User:
    """A learner's first sign-in after the initial password: code, new password, signed in (ACC-03).

    `account` is an account key. Raises DomainError `code_wrong` or `password_policy`; `items` names the
    field.
    """
    checked = check_code("", CodePurpose.FIRST_SIGN_IN, code, subject=_first_subject(account))
    user = _awaiting(account)
    if user is None:
        raise DomainError("code_wrong", CODE_WRONG, {"code": CODE_WRONG})
    with transaction.atomic():
        _set_password(_actor(request, user), user, new_password)
        use_code(checked)
    return sign_in_as(request, user)


def check_password_policy(password: str, user: User | None = None) -> None:
    """Raise DomainError `password_policy` (`items["new_password"]`) unless SEC-04 allows the password."""
    try:
        validate_password(password, user)
    except ValidationError as problems:
        message = problems.messages[0]
        raise DomainError("password_policy", message, {"new_password": message}) from None
    initial: str = settings.INITIAL_LEARNER_PASSWORD
    if initial and initial in password and len(password) - len(initial) < 4:
        message = "密码不能和初始密码相近，请换一个。"
        raise DomainError("password_policy", message, {"new_password": message})


def _set_password(actor: Actor, user: User, password: str) -> None:
    """Set it under the policy, tell the owner, lift a lockout."""
    check_password_policy(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        audit.record(actor, "account.password", user)
        news.password_changed(user)
        reset(username=f"{user.portal}:{user.account}")


def _users_of(portal: str, account: str, phone: str) -> Any:
    users = User.objects.filter(
        portal=portal, is_active=True, phone_index=blind_index(phones.normalize(phone)) or "-"
    )
    return users.filter(account=account_key(portal, account)) if account.strip() else users


def _awaiting(account: str) -> User | None:
    user = User.objects.filter(portal=Portal.LEARNER, account=account, is_active=True).first()
    return user if user is not None and user.awaits_first_sign_in else None


def _first_subject(account: str) -> str:
    return f"first-sign-in:{account}"


def _refuse_failing_address(request: HttpRequest) -> None:
    """One address that fails for many accounts is guessing, whichever account it tries next (SEC-04)."""
    AxesProxyHandler.update_request(request)
    since = timezone.now() - dt.timedelta(hours=settings.AXES_COOLOFF_TIME)
    address: str | None = request.axes_ip_address  # type: ignore[attr-defined]
    attempts = AccessAttempt.objects.filter(ip_address=address, attempt_time__gt=since)
    failures = attempts.aggregate(sum=Sum("failures_since_start"))["sum"] or 0
    if failures >= rules.ADDRESS_FAILURES:
        raise DomainError("locked", ADDRESS_LOCKED)


def _actor(request: HttpRequest, user: User) -> Actor:
    return Actor(user=user, portal=user.portal, address=str(request.META.get("REMOTE_ADDR") or ""))
