from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def applicant(world: Any) -> Any:
    """An approved organization that enrolls, with a signed-in `client`; see tests/rosters.py."""
    from tests.rosters import Applicant

    made = Applicant(world)
    made.client = world.client(made.actor.user)
    return made


@pytest.fixture
def stranger(world: Any) -> Any:
    """The client of another approved organization of the same city."""
    return world.client(world.organization())
