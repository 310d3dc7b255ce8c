"""Personal names as on ID cards: Han characters, rare ones included, with `·` inside minority names."""

from __future__ import annotations

import re
import unicodedata

from foundation.identifiers.problems import Problem
from foundation.identifiers.text import squeeze

MIN_LENGTH = 2
MAX_LENGTH = 30

# CJK unified ideographs with extensions A–J, the compatibility ideographs that have no other form, and 〇.
_HAN = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\ufa0e\ufa0f\ufa11\ufa13\ufa14\ufa1f\ufa21\ufa23\ufa24\ufa27-\ufa29"
    "\U00020000-\U0002a6df\U0002a700-\U0002ee5d\U00030000-\U0003347f"
)
_NAME = re.compile(f"[{_HAN}]+(?:·[{_HAN}]+)*")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff\ufffd?]")

_CHARACTERS: dict[int, str | None] = dict.fromkeys(map(ord, "•・･‧∙⋅●᛫⸱．.。"), "·")
# Kangxi radicals (2F00…) look like the characters they stand for; PDF files are full of them.
_CHARACTERS |= {
    point: unicodedata.normalize("NFKC", chr(point)) for point in (*range(0x2F00, 0x2FD6), 0x2E9F, 0x2EF3)
}
# Variation selectors change the drawing only.
_CHARACTERS |= dict.fromkeys((*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)), None)
# GB 18030 moved these from the private-use area to code points of their own (2005 and 2022 editions).
_CHARACTERS |= {
    0xE816: "\U00020087", 0xE817: "\U00020089", 0xE818: "\U000200cc", 0xE81E: "\u9fb4", 0xE826: "\u9fb5",
    0xE82B: "\u9fb6", 0xE82C: "\u9fb7", 0xE831: "\U000215d7", 0xE832: "\u9fb8", 0xE83B: "\U0002298f",
    0xE843: "\u9fb9", 0xE854: "\u9fba", 0xE855: "\U000241fe", 0xE864: "\u9fbb",
}  # fmt: skip


def normalize(value: str) -> str:
    """No spaces, every kind of dot `·`, look-alike radicals replaced by their characters. Does not judge."""
    if _NAME.fullmatch(value):
        return value
    return unicodedata.normalize("NFC", squeeze(value).translate(_CHARACTERS))


def examine(name: str) -> Problem | None:
    """Judge an already normalized name; None when it is right. Code: name_invalid."""
    if _NAME.fullmatch(name) and MIN_LENGTH <= len(name) <= MAX_LENGTH:
        return None
    if _PRIVATE_USE.search(name):
        return Problem("name_invalid", "姓名里有无法识别的字，请对照身份证重新输入这个字。")
    if len(name) < MIN_LENGTH:
        return Problem("name_invalid", "姓名至少两个字，请按身份证填写全名。")
    if len(name) > MAX_LENGTH:
        return Problem("name_invalid", f"姓名超过 {MAX_LENGTH} 个字，请按身份证填写。")
    return Problem("name_invalid", "姓名只能是汉字，少数民族姓名中间用“·”隔开，请按身份证填写。")


def problem(value: str) -> Problem | None:
    """What is wrong with a name as typed, or None. Codes: required, name_invalid."""
    name = normalize(value)
    return examine(name) if name else Problem("required", "请填写姓名。")
