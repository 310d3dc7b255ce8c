"""A Chromium for the browser tests of the authority's pages."""

from __future__ import annotations

from typing import Any

import pytest

from tests import chromium


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """The system's browser with the arguments of all our browser tests."""
    return {
        **browser_type_launch_args,
        "executable_path": chromium.executable(),
        "args": list(chromium.ARGUMENTS),
    }
