"""The default catalog as JSON; loaded once, afterwards the provincial authority maintains it on screen."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@cache
def read(name: str) -> Any:
    """The parsed content of `<name>.json` in this folder; callers must not change it."""
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
