"""Encrypted columns and blind indexes (SEC-02).

Values are sealed with AES-256-GCM under a key from the settings; the first byte of the token names the key,
so that keys can be rotated. A blind index is an HMAC-SHA256 of the normalized value: equality can be looked up,
nothing can be read.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
from functools import lru_cache
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

NONCE_BYTES = 12


@lru_cache(maxsize=8)
def _cipher(secret: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"zhupei-field:" + secret.encode()).digest())


@lru_cache(maxsize=2)
def _index_key(secret: str) -> bytes:
    return hashlib.sha256(b"zhupei-index:" + secret.encode()).digest()


def seal(plain: str) -> str:
    """Encrypt `plain` with the newest key (the last one of FIELD_ENCRYPTION_KEYS)."""
    keys: list[str] = settings.FIELD_ENCRYPTION_KEYS
    number = len(keys) - 1
    nonce = os.urandom(NONCE_BYTES)
    sealed = _cipher(keys[number]).encrypt(nonce, plain.encode(), None)
    return base64.b64encode(bytes([number]) + nonce + sealed).decode()


def unseal(token: str) -> str:
    """Decrypt what `seal` made; raises `cryptography.exceptions.InvalidTag` when it was tampered with."""
    raw = base64.b64decode(token)
    key = settings.FIELD_ENCRYPTION_KEYS[raw[0]]
    return _cipher(key).decrypt(raw[1 : 1 + NONCE_BYTES], raw[1 + NONCE_BYTES :], None).decode()


def blind_index(value: str) -> str:
    """The look-up digest of a value, 32 hexadecimal characters; an empty value has none."""
    if not value:
        return ""
    key = _index_key(settings.BLIND_INDEX_KEY)
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()[:32]


class EncryptedTextField(models.TextField):
    """Text that is plain in Python and sealed in the database. It cannot be filtered by: use a blind index."""

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        return value if not value else unseal(value)

    def get_prep_value(self, value: Any) -> Any:
        value = super().get_prep_value(value)
        return value if not value else seal(value)

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name not in {"isnull"}:
            raise TypeError(f"an encrypted column cannot be looked up by {lookup_name}; use its blind index")
        return super().get_lookup(lookup_name)


class EncryptedJSONField(EncryptedTextField):
    """JSON that is sealed in the database; for drafts that hold personal data."""

    _pyi_private_set_type: Any
    _pyi_private_get_type: Any

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Any:
        text = super().from_db_value(value, expression, connection)
        return json.loads(text) if text else None

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else super().get_prep_value(json.dumps(value, ensure_ascii=False))

    def to_python(self, value: Any) -> Any:
        return value


class BlindIndexField(models.CharField):
    """The blind index of a sibling encrypted column, kept up to date by itself on save and bulk_create."""

    def __init__(self, *args: Any, source: str = "", **kwargs: Any) -> None:
        kwargs.update(max_length=32, editable=False, blank=True)
        kwargs.setdefault("default", "")
        super().__init__(*args, **kwargs)
        self.source = source

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["source"] = self.source
        return name, path, args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        digest = blind_index(getattr(model_instance, self.source) or "")
        setattr(model_instance, self.attname, digest)
        return digest
