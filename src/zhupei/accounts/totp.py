"""Time-based one-time passwords of RFC 6238: SHA-1, 30 seconds, 6 digits, as authenticator apps expect. Pure."""

from __future__ import annotations

import base64
import hmac
import secrets

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

STEP_SECONDS = 30
DIGITS = 6
SECRET_BYTES = 20
DRIFT = 1
"""How many steps a clock may be off, either way."""


def new_secret() -> str:
    """A random secret in Base32."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def code_at(secret: str, step: int) -> str:
    """The six digits of a time step (seconds since 1970 // 30)."""
    return _app(secret).generate(step * STEP_SECONDS).decode()


def _app(secret: str) -> TOTP:
    return TOTP(base64.b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  what the apps compute


def matching_step(secret: str, code: str, now: float, after: int) -> int | None:
    """The time step whose code was typed, if it is near `now` (seconds) and later than `after`; otherwise None."""
    present = int(now) // STEP_SECONDS
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(code_at(secret, step).encode(), code.encode()) and step > after:
            found = step
    return found


def address(secret: str, account: str, issuer: str = "筑培") -> str:
    """What the QR code holds, for the app."""
    return _app(secret).get_provisioning_uri(account, issuer)
