"""The examinee's cookie: which entry (sign-in at one machine) a request comes from. Signed, checked without a query."""

from __future__ import annotations

import hashlib
import hmac
import time
import uuid
from functools import lru_cache

from django.conf import settings

COOKIE = "zhupei_exam"
PATH = "/exam/"
HOURS = 12


@lru_cache(maxsize=1)
def _key() -> bytes:
    return hashlib.sha256(b"zhupei.exam.entry:" + settings.SECRET_KEY.encode()).digest()


def _mac(body: str) -> str:
    return hmac.digest(_key(), body.encode(), "sha256")[:16].hex()


def make(entry: uuid.UUID, *, now: float | None = None) -> str:
    """The cookie's value for an entry, good for HOURS."""
    body = f"{entry.hex}.{int(now if now is not None else time.time()) + HOURS * 3600}"
    return f"{body}.{_mac(body)}"


def read(value: str, *, now: float | None = None) -> uuid.UUID | None:
    """The entry of a cookie's value; None when it was tampered with or is too old."""
    body, _, mac = value.rpartition(".")
    if not body or not hmac.compare_digest(mac.encode(), _mac(body).encode()):
        return None
    entry, _, expires = body.partition(".")
    try:
        return uuid.UUID(entry) if int(expires) >= (now if now is not None else time.time()) else None
    except ValueError:
        return None


def expires_at(value: str) -> int:
    """Until when (seconds since 1970) a value that `read` has accepted is good."""
    return int(value.split(".")[1])
