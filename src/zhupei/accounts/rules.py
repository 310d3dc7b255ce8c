"""How often an SMS code may be asked for and how long it lives; how often a password may be wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

CODE_LIFETIME = dt.timedelta(minutes=5)
CODE_ATTEMPTS = 5
ADDRESS_FAILURES = 30
"""Wrong passwords from one network address, whatever the accounts, within the lockout time."""


@dataclass(frozen=True)
class Limit:
    """At most `times` codes within `window`, by phone, by phone and purpose, or by network address."""

    by: Literal["phone", "purpose", "address"]
    times: int
    window: dt.timedelta

    def wait(self, newest_first: Sequence[dt.datetime], now: dt.datetime) -> dt.timedelta | None:
        """How long to wait, given the moments of the latest `times` requests; None when one more is free."""
        if len(newest_first) < self.times:
            return None
        rest = newest_first[self.times - 1] + self.window - now
        return rest if rest > dt.timedelta(0) else None

    def sentence(self, seconds: int) -> str:
        """What the person is told."""
        if self.by == "purpose":
            return f"验证码刚发送过，请 {seconds} 秒后再获取。"
        who = "这个手机号" if self.by == "phone" else "您所在的网络"
        return f"{who}获取验证码的次数过多，请 {spoken(seconds)}后再试。"


def spoken(seconds: int) -> str:
    """`40 秒`, `25 分钟`, `3 小时`, rounded up."""
    if seconds < 60:
        return f"{seconds} 秒"
    if seconds <= 3600:
        return f"{-(-seconds // 60)} 分钟"
    return f"{-(-seconds // 3600)} 小时"


CODE_LIMITS = (
    Limit("purpose", 1, dt.timedelta(minutes=1)),
    Limit("phone", 5, dt.timedelta(hours=1)),
    Limit("phone", 10, dt.timedelta(days=1)),
    Limit("address", 30, dt.timedelta(hours=1)),
    Limit("address", 150, dt.timedelta(days=1)),
)
LONGEST_WINDOW = max(limit.window for limit in CODE_LIMITS)
