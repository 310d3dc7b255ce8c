"""Every page of the platform: components exist, and get only attributes that they know."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from django_cotton.compiler_regex import CottonCompiler, Tag

SOURCE = Path(__file__).parents[3] / "src"
PAGES = sorted(path for path in SOURCE.rglob("templates/**/*.html"))
COMPILER = CottonCompiler()


@cache
def known_attributes(component: str) -> frozenset[str] | None:
    """The attributes named in a component's `<c-vars>`; None when there is no such component."""
    file = component.replace("-", "_").replace(".", "/") + ".html"
    found = list(SOURCE.rglob(f"templates/cotton/{file}"))
    if not found:
        return None
    bare, _ = COMPILER.exclude_ignorables(found[0].read_text())
    declared = COMPILER.c_vars_pattern.search(bare)
    names = [match.group(1) for match in Tag.attr_pattern.finditer(declared.group(1))] if declared else []
    return frozenset(name.lstrip(":").replace("-", "_") for name in names)


def strange_tags(text: str) -> list[str]:
    """What a template asks of components that they do not offer."""
    bare, _ = COMPILER.exclude_ignorables(text)
    wrong = []
    for match in Tag.tag_pattern.finditer(bare):
        tag = Tag(match)
        if tag.is_closing or tag.tag_name in {"c-vars", "c-slot", "c-component"}:
            continue
        known = known_attributes(tag.tag_name[2:])
        if known is None:
            wrong.append(f"<{tag.tag_name}>")
            continue
        given = {m.group(1).lstrip(":").replace("-", "_") for m in Tag.attr_pattern.finditer(tag.attrs)}
        wrong += [
            f"<{tag.tag_name} {name}>" for name in sorted(given - known) if "__COTTON" not in name.upper()
        ]
    return wrong


@pytest.mark.parametrize("path", PAGES, ids=lambda path: "/".join(path.parts[-3:]))
def test_a_page_asks_of_components_only_what_they_offer(path: Path) -> None:
    """A misspelt component or attribute shows nothing on the page; here it is noticed."""
    assert strange_tags(path.read_text()) == []


def test_a_misspelt_component_or_attribute_is_noticed() -> None:
    """The check itself."""
    assert strange_tags('<c-card titel="x" meta="{% if a > b %}y{% endif %}"></c-card><c-cart />') == [
        "<c-card titel>",
        "<c-cart>",
    ]


def test_slots_are_the_ones_that_a_component_shows() -> None:
    """A slot with a name that the component does not know would vanish; names come from all `c-vars`."""
    every = frozenset().union(
        *(known_attributes(p.stem) or () for p in SOURCE.rglob("templates/cotton/*.html"))
    )
    used = {name for path in PAGES for name in re.findall(r'<c-slot name="(\w+)"', path.read_text())}
    assert used <= every
