"""A throwaway PostgreSQL for each process that runs tests; then Django is set up on it.

One for each, because an open transaction of one test would hold back what another test's database waits for.
The settings read DATABASE_URL, so it has to be there before pytest-django loads them: that is why
pyproject.toml names no settings module and this file does. A DATABASE_URL from outside is used as it is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import django
import hypothesis
import pytest
from playwright.sync_api import expect

from foundation.database import EmbeddedPostgres
from tests import chromium

os.environ["ZHUPEI_ENV"] = "test"
os.environ["DJANGO_SETTINGS_MODULE"] = "zhupei.config.settings"
# The browser tests' event loop runs in the thread in which the tests use the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

# The same examples every time, so that what is green stays green; whoever hunts takes other and more ones:
# pytest -m hypothesis --hypothesis-profile=hunt
hypothesis.settings.register_profile("steady", deadline=None, derandomize=True)
hypothesis.settings.register_profile("hunt", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("steady")

SERVER = pytest.StashKey[EmbeddedPostgres]()
NO_CHROMIUM = "no Chromium on this machine"
FOLDER = pytest.StashKey[Path]()
PATIENCE_MS = 20_000  # a browser shares its two cores with the other tests


def pytest_configure(config: pytest.Config) -> None:
    """Start the server (not in the process that only hands tests out to others), then set up Django."""
    hands_out = bool(getattr(config.option, "numprocesses", None)) and not hasattr(config, "workerinput")
    if not hands_out:
        folder = config.stash[FOLDER] = Path(tempfile.mkdtemp(prefix="zhupei-test-var-"))
        (folder / "static").mkdir()
        os.environ["ZHUPEI_VAR"] = str(folder)
        if not os.environ.get("DATABASE_URL"):
            server = config.stash[SERVER] = EmbeddedPostgres(throwaway=True)
            server.start()
            os.environ["DATABASE_URL"] = server.url
    django.setup()
    expect.set_options(timeout=PATIENCE_MS)
    if hands_out:
        del os.environ["DJANGO_SETTINGS_MODULE"]  # the workers would load the settings before this file


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium the browser tests are left out, and the last lines say so."""
    if chromium.executable() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line for what was left out."""
    left_out = [
        report for report in terminalreporter.stats.get("skipped", []) if NO_CHROMIUM in str(report.longrepr)
    ]
    if left_out:
        terminalreporter.write_line(
            f"Left out {len(left_out)} browser tests: there is no Chromium on this machine."
        )


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the server and remove what the tests wrote."""
    if server := config.stash.get(SERVER, None):
        server.stop()
    if folder := config.stash.get(FOLDER, None):
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's browser with the arguments of all our browser tests."""
    return {
        **browser_type_launch_args,
        "executable_path": chromium.executable(),
        "args": list(chromium.ARGUMENTS),
    }


@pytest.fixture
def world(db: None):
    """A world to build on in one line; see tests/world.py."""
    from tests.world import World

    return World()
