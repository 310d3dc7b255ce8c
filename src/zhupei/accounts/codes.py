"""SMS codes: 6 digits, 5 minutes, one use, limited per phone, address and purpose (ACC-05, SEC-05)."""

from __future__ import annotations

import math
import secrets

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from foundation.crypto import blind_index
from foundation.errors import DomainError
from foundation.identifiers import phone as phones
from foundation.limits import services as limits
from zhupei.accounts import news, rules
from zhupei.accounts.models import VerificationCode

WRONG = "验证码不正确或已过期，请核对短信，或重新获取验证码。"


def request_code(phone: str, purpose: str, address: str, *, deliver: bool = True, subject: str = "") -> None:
    """Send a code for `purpose` to `phone`; an earlier code of that phone and purpose is void from now on.

    With `deliver=False` everything is the same for whoever asked, but no message goes out: so the answer
    tells nothing about whether a phone is known. `subject` replaces the phone as what is counted and checked
    (an account whose phone the asker does not type). Raises DomainError `phone_invalid` for a wrong number
    and `too_many_codes` with `items["retry_after"]` (seconds) when a limit is reached.
    """
    number = phone if subject else phones.parse(phone)
    key = blind_index(subject or number)
    with transaction.atomic():
        _refuse_too_many(key, purpose, address)
        now = timezone.now()
        code = f"{secrets.randbelow(1_000_000):06d}"
        VerificationCode.objects.create(
            phone_index=key,
            purpose=purpose,
            digest=_digest(key, purpose, code),
            created_at=now,
            expires_at=now + rules.CODE_LIFETIME,
        )
        if deliver and number:
            news.code_sent(number, purpose, code)


def check_code(phone: str, purpose: str, code: str, *, subject: str = "") -> VerificationCode:
    """The unused code that was typed, not yet used up: call `use_code` in the transaction that acts on it.

    Call it outside that transaction, so that a wrong attempt is counted whatever happens later; the sixth
    attempt and every later one is refused. Raises DomainError `code_wrong`, the same for wrong, old, used
    and never sent.
    """
    key = blind_index(subject or phones.normalize(phone))
    with transaction.atomic():
        row = (
            VerificationCode.objects.select_for_update()
            .filter(phone_index=key, purpose=purpose)
            .order_by("-created_at", "-pk")
            .first()
        )
        good = _matches(row, key, purpose, code)
        if row is not None and not good:
            row.attempts += 1
            row.save(update_fields=["attempts"])
    if row is None or not good:
        raise DomainError("code_wrong", WRONG, {"code": WRONG})
    return row


def use_code(code: VerificationCode) -> None:
    """Use a checked code up in the caller's transaction; raises `code_wrong` when somebody was faster."""
    used = VerificationCode.objects.filter(pk=code.pk, used_at=None).update(used_at=timezone.now())
    if not used:
        raise DomainError("code_wrong", WRONG, {"code": WRONG})


def _matches(row: VerificationCode | None, key: str, purpose: str, code: str) -> bool:
    typed = _digest(key, purpose, "".join(code.split()))
    same = constant_time_compare(typed, row.digest if row is not None else typed[::-1])
    if row is None:
        return False
    alive = row.used_at is None and row.expires_at > timezone.now() and row.attempts < rules.CODE_ATTEMPTS
    return same and alive


def _digest(key: str, purpose: str, code: str) -> str:
    return salted_hmac("zhupei.accounts.code", f"{key}:{purpose}:{code}", algorithm="sha256").hexdigest()


def _refuse_too_many(key: str, purpose: str, address: str) -> None:
    """Count the request by phone and purpose, by phone and by network address, unless one of them asked too often."""
    subjects = {rules.PER_PURPOSE: f"{key}:{purpose}", rules.PER_PHONE: key, rules.PER_ADDRESS: address}
    full = limits.spend([(limit, subjects[limit.name]) for limit in rules.CODE_LIMITS])
    if full is not None:
        seconds = math.ceil(full.wait.total_seconds())
        raise DomainError(
            "too_many_codes", rules.too_many_codes(full.limit, seconds), {"retry_after": seconds}
        )
