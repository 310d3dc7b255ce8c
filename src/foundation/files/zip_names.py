"""Names inside a ZIP: which encoding they are in, whether they are safe, what is litter.

Windows writes GBK without saying so, macOS writes UTF-8 without saying so, others set the flag or add
the Info-ZIP Unicode path field; so every name is decided by itself.
"""

from __future__ import annotations

import re
import struct
import unicodedata
import zlib

UTF8_FLAG = 0x800
MAX_NAME_BYTES = 4096
_SHOWN_CHARACTERS = 255
_UNICODE_PATH_FIELD = 0x7075

_LITTER_NAMES = frozenset(
    {
        "thumbs.db",
        "ehthumbs.db",
        "ehthumbs_vista.db",
        "desktop.ini",
        "folder.htt",
        ".ds_store",
        ".localized",
        ".apdisk",
        "picasa.ini",
        ".picasa.ini",
        "icon\r",
    }
)
_LITTER_FOLDERS = frozenset(
    {
        "__macosx",
        "@eadir",
        "$recycle.bin",
        "system volume information",
        ".spotlight-v100",
        ".trashes",
        ".fseventsd",
        ".temporaryitems",
    }
)
_DRIVE = re.compile(r"^[A-Za-z]:")


def decode_name(raw: bytes, flags: int, extra: bytes) -> str:
    """Decode the name of one entry from its bytes, general-purpose flags and extra field. Never raises."""
    if raw.isascii():
        return raw.decode("ascii")
    from_extra = _unicode_path(raw, extra)
    if from_extra is not None:
        return from_extra
    as_utf8 = _decode(raw, "utf-8")
    if as_utf8 is not None and flags & UTF8_FLAG:
        return _unscrambled(as_utf8)
    as_gbk = _decode(raw, "gb18030")
    if as_utf8 is None:
        return as_gbk if as_gbk is not None else raw.decode("gb18030", errors="replace")
    if as_gbk is None:
        return as_utf8
    # Both are possible. Han characters in UTF-8 hardly ever come about by chance, Latin and Arabic ones do.
    common = _commonness(as_gbk)
    has_han = any(char > "\u07ff" for char in as_utf8)
    is_gbk = common > _commonness(as_utf8) and (common == 1.0 or not has_han)
    return as_gbk if is_gbk else as_utf8


def _unscrambled(name: str) -> str:
    """The name behind `╔φ╖▌╓ñ`: bytes read as code page 437 by an older tool, packed again as UTF-8."""
    try:
        raw = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "gb18030"):
        meant = _decode(raw, encoding)
        if meant is not None and _commonness(meant) == 1.0:
            return meant
    return name


def printable_name(name: str) -> str:
    """The name as it can be stored and shown: no control characters, no endless length."""
    kept = name if len(name) <= _SHOWN_CHARACTERS else name[: _SHOWN_CHARACTERS - 1] + "…"
    return "".join("\ufffd" if unicodedata.category(char) in ("Cc", "Cs") else char for char in kept)


def path_parts(name: str) -> tuple[str, ...]:
    """Folders and file name; both slashes separate, `.` and empty parts vanish."""
    return tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))


def is_unsafe_path(name: str) -> bool:
    """Whether unpacking by this name could write elsewhere: absolute, drive letter, `..`, NUL."""
    if "\0" in name or name.startswith(("/", "\\")) or _DRIVE.match(name):
        return True
    return any(part.strip() == ".." for part in path_parts(name))


def is_litter(parts: tuple[str, ...]) -> bool:
    """Whether an entry is something that an operating system left there, not the user."""
    if not parts:
        return True
    if any(part.casefold() in _LITTER_FOLDERS for part in parts[:-1]):
        return True
    last = parts[-1].casefold()
    return last in _LITTER_NAMES or last.startswith(("._", "~$")) or last in _LITTER_FOLDERS


def _decode(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _unicode_path(raw: bytes, extra: bytes) -> str | None:
    """The Info-ZIP Unicode path field, if it is there and belongs to this very name."""
    for field, body in extra_fields(extra):
        if field == _UNICODE_PATH_FIELD and len(body) > 5 and body[0] == 1:
            (crc,) = struct.unpack_from("<I", body, 1)
            if crc == zlib.crc32(raw):
                return _decode(body[5:], "utf-8")
    return None


def extra_fields(extra: bytes) -> list[tuple[int, bytes]]:
    """The (id, body) pairs of an extra field; a damaged tail is left out."""
    found = []
    position = 0
    while position + 4 <= len(extra):
        field, length = struct.unpack_from("<HH", extra, position)
        if position + 4 + length > len(extra):
            break
        found.append((field, extra[position + 4 : position + 4 + length]))
        position += 4 + length
    return found


def _commonness(text: str) -> float:
    """Share of everyday Chinese characters among the non-ASCII ones: 0…1.

    Level 1 of GB 2312 and its punctuation are everyday; text decoded in the wrong way is mostly not.
    """
    others = [char for char in text if not char.isascii()]
    return sum(map(_is_everyday, others)) / len(others) if others else 0.0


def _is_everyday(char: str) -> bool:
    if char == "·":
        return True
    try:
        encoded = char.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return encoded[0] in (0xA1, 0xA3) or 0xB0 <= encoded[0] <= 0xD7
