"""The fonts documents are set in, and which characters they lack.

The font files are put into `fonts/` at set-up (Noto Sans SC and Noto Serif SC); no system font is ever
used, so that a document looks the same on every machine. A font that an operator adds to the folder is used
where these lack a character.
"""

from __future__ import annotations

import struct
import unicodedata
from functools import lru_cache
from pathlib import Path

import typst

FONTS_DIR = Path(__file__).parent / "fonts"
REQUIRED_FAMILIES = frozenset({"Noto Sans SC", "Noto Serif SC"})
VISIBLE_CATEGORIES = "LNPS"


class FontsMissingError(RuntimeError):
    """The set-up has not put the fonts into `fonts/`."""


@lru_cache(maxsize=1)
def load_fonts() -> typst.Fonts:
    """All fonts of `fonts/`, read once a process; FontsMissingError when a required family is absent."""
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS_DIR)])
    missing = REQUIRED_FAMILIES - set(fonts.families())
    if missing:
        raise FontsMissingError(f"no font {', '.join(sorted(missing))} in {FONTS_DIR}; run the set-up")
    return fonts


def unprintable(text: str) -> str:
    """The visible characters of `text` that no installed font has, each once, sorted."""
    covered = _coverage()
    return "".join(
        sorted(
            character
            for character in set(text)
            if ord(character) not in covered and unicodedata.category(character)[0] in VISIBLE_CATEGORIES
        )
    )


@lru_cache(maxsize=1)
def _coverage() -> frozenset[int]:
    """Code points in the first font of each family; weights of one family share their characters."""
    first_of_family: dict[str, tuple[Path, int]] = {}
    for font in load_fonts().fonts():
        if font.path:
            first_of_family.setdefault(font.family, (Path(font.path), font.index))
    points: set[int] = set()
    for path, index in first_of_family.values():
        points |= _code_points(path.read_bytes(), index)
    return frozenset(points)


def _code_points(font: bytes, index: int) -> set[int]:
    """Code points of an OpenType file's character map (formats 4 and 12 of table `cmap`)."""
    start: int = 0
    if font[:4] == b"ttcf":
        start = struct.unpack_from(">I", font, 12 + 4 * index)[0]
    tables = struct.unpack_from(">H", font, start + 4)[0]
    for number in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, start + 12 + 16 * number)
        if tag == b"cmap":
            return _mapped(font, offset)
    return set()


def _mapped(font: bytes, table: int) -> set[int]:
    points: set[int] = set()
    for number in range(struct.unpack_from(">H", font, table + 2)[0]):
        offset = table + struct.unpack_from(">I", font, table + 4 + 8 * number + 4)[0]
        form = struct.unpack_from(">H", font, offset)[0]
        if form == 12:
            groups = struct.unpack_from(">I", font, offset + 12)[0]
            for first, last, _ in struct.iter_unpack(">III", font[offset + 16 : offset + 16 + 12 * groups]):
                points.update(range(first, last + 1))
        elif form == 4:
            half = struct.unpack_from(">H", font, offset + 6)[0]
            ends = struct.unpack_from(f">{half // 2}H", font, offset + 14)
            starts = struct.unpack_from(f">{half // 2}H", font, offset + 16 + half)
            for first, last in zip(starts, ends, strict=True):
                points.update(range(first, min(last, 0xFFFE) + 1))
    return points
