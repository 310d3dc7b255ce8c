"""A hall that is open."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture
def hall(db: None) -> Any:
    """Three people whose exam began a minute ago; who signs in is admitted."""
    from zhupei.demo.exam_hall import open_hall

    return open_hall(3)
