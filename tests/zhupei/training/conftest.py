"""The institution that the training tests are about."""

from __future__ import annotations

import pytest


@pytest.fixture
def school(world):
    from tests.zhupei.training.schools import make_school

    return make_school(world)
