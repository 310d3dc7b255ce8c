"""Environment variables: OPS-02."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from zhupei.config.environment import VARIABLES, ConfigurationError, check, database, listing, problems

ROOT = Path(__file__).resolve().parents[3]
SECRET = "x" * 50
SAFE = {
    "ZHUPEI_ENV": "production",
    "SECRET_KEY": SECRET,
    "FIELD_ENCRYPTION_KEYS": SECRET,
    "BLIND_INDEX_KEY": SECRET,
    "ALLOWED_HOSTS": "bm.example.cn",
    "DATABASE_URL": "postgresql://zhupei:secret@db/zhupei",
    "SMS_GATEWAY": "provider.Gateway",
}


def test_the_defaults_are_good_for_development() -> None:
    """OPS-01: nothing has to be set to begin."""
    check({})


def test_a_safe_production_starts() -> None:
    """The refusals below come from the one value that each of them changes."""
    check(SAFE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZHUPEI_DEBUG", "1"),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "development-only-secret-key-change-me-in-production"),
        ("FIELD_ENCRYPTION_KEYS", "development-field-key"),
        ("FIELD_ENCRYPTION_KEYS", f"development-field-key,{SECRET}"),
        ("FIELD_ENCRYPTION_KEYS", ""),
        ("BLIND_INDEX_KEY", "development-index-key"),
        ("ALLOWED_HOSTS", ""),
        ("ALLOWED_HOSTS", "*"),
        ("ALLOWED_HOSTS", "localhost"),
        ("DATABASE_URL", ""),
        ("SMS_GATEWAY", "foundation.messages.gateways.DevelopmentInbox"),
    ],
)
def test_an_unsafe_value_keeps_production_from_starting(name: str, value: str) -> None:
    """OPS-02: refuses to start in production with unsafe settings, by name."""
    found = problems({**SAFE, name: value})
    assert len(found) == 1
    assert found[0].startswith(name)
    with pytest.raises(ConfigurationError, match=name):
        check({**SAFE, name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZHUPEI_ENV", "prod"),
        ("ZHUPEI_DEBUG", "perhaps"),
        ("PORT", "80a"),
        ("PORT", "70000"),
        ("WEB_WORKERS", "0"),
        ("DATABASE_URL", "mysql://db/zhupei"),
        ("LOG_LEVEL", "chatty"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_anywhere(name: str, value: str) -> None:
    """OPS-02: checked at start, in development too."""
    assert [problem.split("（")[0] for problem in problems({name: value})] == [name]


def test_secrets_are_never_printed() -> None:
    """The listing may end up in a ticket."""
    text = listing({**SAFE, "DATABASE_URL": "mysql://u:hidden-word@db/x", "PORT": "9999"})
    assert SECRET not in text
    assert "hidden-word" not in text
    assert "9999" in text


def test_every_variable_is_documented() -> None:
    """OPS-02: all listed."""
    manual = (ROOT / "docs/operations.md").read_text()
    assert [variable.name for variable in VARIABLES if f"`{variable.name}`" not in manual] == []


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "postgresql://u:p%40ss@db.example:6432/name?sslmode=require",
            {"USER": "u", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": "6432", "NAME": "name"},
        ),
        (
            "postgres://u@%2Fhome%2FAnna%2FVar/name",
            {"USER": "u", "PASSWORD": "", "HOST": "/home/Anna/Var", "PORT": "", "NAME": "name"},
        ),
        (
            "postgresql://u@[::1]:5433/name",
            {"USER": "u", "HOST": "::1", "PORT": "5433", "NAME": "name"},
        ),
        ("postgresql:///name?host=/run/pg&port=5433", {"HOST": "/run/pg", "PORT": "5433", "NAME": "name"}),
    ],
)
def test_database_addresses_mean_the_same_to_django_and_to_libpq(url: str, expected: dict[str, Any]) -> None:
    """DATABASE_URL takes what PostgreSQL's own tools take; a socket's folder keeps its capital letters."""
    settings = database(url)
    assert {name: settings[name] for name in expected} == expected
    libpq = psycopg.conninfo.conninfo_to_dict(url)
    assert settings["HOST"] == libpq.get("host", "")
    assert settings["NAME"] == libpq["dbname"]
    assert settings["PORT"] == libpq.get("port", "")
