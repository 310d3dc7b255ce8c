from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def applicant(world: Any) -> Any:
    """An approved organization that enrolls; see tests/rosters.py."""
    from tests.rosters import Applicant

    return Applicant(world)
