"""两步验证: set up, asked for after the password, turned off (SEC-04)."""

from __future__ import annotations

import datetime as dt
import secrets
import time

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from foundation.audit import services as audit
from foundation.errors import DomainError
from foundation.scoping import Actor
from zhupei.accounts import totp
from zhupei.accounts.models import Portal, SecondFactor, User

PORTALS = frozenset({Portal.INSTITUTION.value, Portal.AUTHORITY.value})
SPARE_CODES = 8
MOST_FAILURES = 5
LOCKED_FOR = dt.timedelta(minutes=15)
WRONG = "动态验证码不正确，请看手机上现在显示的 6 位数字；手机时间不准时请先校准。"
LOCKED = "动态验证码输错次数过多，请 15 分钟后再试。"


def is_on(user: User) -> bool:
    """Whether signing in needs the second step."""
    return SecondFactor.objects.filter(user=user, confirmed_at__isnull=False).exists()


def begin(actor: Actor) -> SecondFactor:
    """A secret to put into the app, not yet in force; the same one until it is confirmed."""
    _refuse_other_portals(actor)
    factor, _ = SecondFactor.objects.get_or_create(user=actor.user, defaults={"secret": totp.new_secret()})
    if factor.confirmed_at is not None:
        raise DomainError("already_on", "两步验证已经启用。")
    return factor


def confirm(actor: Actor, code: str) -> list[str]:
    """Turn it on with the app's first code; returns the spare codes, which are shown once and never again."""
    factor = begin(actor)
    check(factor.user, code)
    spares = [
        "".join(secrets.choice("23456789abcdefghjkmnpqrstuvwxyz") for _ in range(10))
        for _ in range(SPARE_CODES)
    ]
    with transaction.atomic():
        SecondFactor.objects.filter(pk=factor.pk).update(
            confirmed_at=timezone.now(), spare_digests=[_digest(factor, spare) for spare in spares]
        )
        audit.record(actor, "account.second_factor_on", factor.user)
    return spares


def turn_off(actor: Actor, code: str) -> None:
    """Turn it off with a code of the app or a spare one."""
    check(actor.user, code)
    with transaction.atomic():
        SecondFactor.objects.filter(user=actor.user).delete()
        audit.record(actor, "account.second_factor_off", actor.user)


def remove(actor: Actor, user: User) -> None:
    """Take it off somebody who lost phone and spare codes, in the caller's transaction."""
    deleted, _ = SecondFactor.objects.filter(user=user).delete()
    if deleted:
        audit.record(actor, "account.second_factor_off", user)


def check(user: User, code: str) -> None:
    """Accept a code of the app once, or a spare code once; raises DomainError `code_wrong` or `locked`.

    Call it outside a transaction: failures are counted whatever happens later.
    """
    typed = "".join(code.split()).lower()
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        verdict = _judge(factor, typed) if factor is not None else WRONG
        if factor is not None:
            factor.save()
    if verdict:
        raise DomainError("locked" if verdict == LOCKED else "code_wrong", verdict, {"code": verdict})


def _judge(factor: SecondFactor, typed: str) -> str:
    """What is wrong, or nothing; the row is changed accordingly and saved by the caller."""
    now = timezone.now()
    if factor.locked_until is not None and factor.locked_until > now:
        return LOCKED
    step = totp.matching_step(factor.secret, typed, time.time(), factor.last_step)
    digest = _digest(factor, typed)
    if step is not None:
        factor.last_step = step
    elif digest in factor.spare_digests:
        factor.spare_digests = [spare for spare in factor.spare_digests if spare != digest]
    else:
        factor.failures += 1
        if factor.failures >= MOST_FAILURES:
            factor.failures, factor.locked_until = 0, now + LOCKED_FOR
        return WRONG
    factor.failures, factor.locked_until = 0, None
    return ""


def _digest(factor: SecondFactor, spare: str) -> str:
    return salted_hmac("zhupei.accounts.spare", f"{factor.user_id}:{spare}", algorithm="sha256").hexdigest()


def _refuse_other_portals(actor: Actor) -> None:
    if actor.portal not in PORTALS:
        raise DomainError("not_offered", "两步验证用于培训机构和主管部门的账号。")
