"""A brake for what anybody may ask without signing in (SEC-05); counted in Django's cache."""

from __future__ import annotations

import time

from django.core.cache import cache
from django.http import HttpRequest

from foundation.crypto import blind_index
from foundation.errors import DomainError


def throttle(request: HttpRequest, name: str, *, times: int, seconds: int) -> None:
    """Count one request of `name` from this address; raise DomainError `too_many_requests` above `times` a window."""
    window = int(time.time()) // seconds
    key = f"throttle:{name}:{window}:{blind_index(str(request.META.get('REMOTE_ADDR') or '-'))}"
    cache.add(key, 0, seconds * 2)
    try:
        count = cache.incr(key)
    except ValueError:  # dropped in between
        return
    if count > times:
        raise DomainError("too_many_requests", "操作太频繁，请过几分钟再试。")
