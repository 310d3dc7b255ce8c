"""The diagrams of the documentation are those of the code (QRY-03)."""

from __future__ import annotations

from scripts.state_diagrams import TARGET, document


def test_the_documented_state_machines_are_the_codes():
    """Run `python scripts/state_diagrams.py` after changing a machine."""
    assert TARGET.read_text() == document()
    assert "已报名" in document()
