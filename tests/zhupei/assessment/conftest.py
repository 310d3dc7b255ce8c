"""The institution that the assessment tests are about."""

from __future__ import annotations

import pytest


@pytest.fixture
def hall(world):
    from tests.zhupei.assessment.halls import make_hall

    return make_hall(world)
