"""What the platform has looked at by itself for somebody who decides; it decides nothing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One line of `<c-checks>`: tone `ok`, `wait` (look closely) or `bad`; what was found, what is wrong with it.

    `blocks`: nobody can be approved with it.
    """

    tone: str
    label: str
    figure: str = ""
    note: str = ""
    blocks: bool = False
