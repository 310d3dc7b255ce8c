"""How often an SMS code may be asked for and how long it lives; how often a password may be wrong."""

from __future__ import annotations

import datetime as dt

from foundation.limits.services import Limit

CODE_LIFETIME = dt.timedelta(minutes=5)
CODE_ATTEMPTS = 5
ADDRESS_FAILURES = 30
"""Wrong passwords from one network address, whatever the accounts, within the lockout time."""


def too_many_codes(limit: Limit, seconds: int) -> str:
    """What the person is told who has to wait."""
    if limit.name == PER_PURPOSE:
        return f"验证码刚发送过，请 {seconds} 秒后再获取。"
    who = "这个手机号" if limit.name == PER_PHONE else "您所在的网络"
    return f"{who}获取验证码的次数过多，请 {spoken(seconds)}后再试。"


def spoken(seconds: int) -> str:
    """`40 秒`, `25 分钟`, `3 小时`, rounded up."""
    if seconds < 60:
        return f"{seconds} 秒"
    if seconds <= 3600:
        return f"{-(-seconds // 60)} 分钟"
    return f"{-(-seconds // 3600)} 小时"


PER_PURPOSE, PER_PHONE, PER_ADDRESS = "code-purpose", "code-phone", "code-address"
CODE_LIMITS = (
    Limit(PER_PURPOSE, 1, dt.timedelta(minutes=1)),
    Limit(PER_PHONE, 5, dt.timedelta(hours=1)),
    Limit(PER_PHONE, 10, dt.timedelta(days=1)),
    Limit(PER_ADDRESS, 30, dt.timedelta(hours=1)),
    Limit(PER_ADDRESS, 150, dt.timedelta(days=1)),
)
