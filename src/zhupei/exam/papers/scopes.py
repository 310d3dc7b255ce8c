"""Who sees a paper (EXM-07)."""

from __future__ import annotations

from typing import Any

from foundation.scoping import ScopedQuerySet


class PaperQuerySet(ScopedQuerySet[Any]):
    """A paper is shown through the exam API, or rebuilt for an appeal; no list of papers exists."""
