"""Every address that a stage writes into a message leads to a page (NTF-01)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

STAGES = Path(__file__).resolve().parents[1] / "src" / "zhupei"
ADDRESS = re.compile(r'f?"(/(?:enterprise|institution|authority|learner)/[^"]*)"')


def addresses() -> list[tuple[str, str]]:
    """(file, address with 1 for every placeholder) of all stages' sources."""
    return sorted(
        (str(file.relative_to(STAGES)), re.sub(r"\{[^}]*\}", "1", match))
        for file in STAGES.glob("*/**/*.py")
        if file.relative_to(STAGES).parts[0] not in {"portals", "config", "demo", "cli"}
        for match in ADDRESS.findall(file.read_text())
    )


def test_there_are_addresses_to_check():
    """The pattern finds what it is for."""
    assert len(addresses()) >= 4


@pytest.mark.parametrize(("file", "address"), addresses())
def test_the_link_of_a_message_leads_to_a_page(file, address):
    """NTF-01: a message that leads nowhere is worse than none."""
    try:
        resolve(address)
    except Resolver404:
        pytest.fail(f"{file} sends people to {address}, which is no page")
