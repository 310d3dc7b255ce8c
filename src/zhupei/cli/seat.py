"""`zhupei seat FILE --rooms SEATS[,SEATS…]`: seat the people of a list in rooms as the platform does."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from operator import itemgetter
from os import PathLike
from typing import Any, Final

from foundation.errors import DomainError
from foundation.identifiers import id_number
from foundation.identifiers.text import comparable, tidy, to_halfwidth
from foundation.sheets.reader import Limits, SheetRefusedError, read_sheets
from zhupei.assessment.seating import MOST_IN_A_ROOM, Examinee, SeatedRoom, seat_people
from zhupei.cli.answer import RefusingParser, answer

_ID_NUMBER: Final = "id_number"
_LABELS: Final = {_ID_NUMBER: "身份证号", "occupation": "工种", "organization": "所在单位"}
COLUMNS: Final = tuple(_LABELS)
_LIMITS: Final = Limits(rows=1_000_000, file_bytes=200 * 1024 * 1024)
_USUAL_ID = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)
# More digits than any room, and few enough for every number to be read at once.
_NUMBER = re.compile(r"[0-9]{1,9}", re.ASCII)
_SEED = re.compile(r"[+-]?[0-9]{1,18}", re.ASCII)
_COMMAS = re.compile("[,、]")


def run(argv: Sequence[str]) -> int:
    """Print one JSON document, {rooms} or {refused} (contract: interfaces.md); 0 when seated, 2 when refused."""
    parser = RefusingParser(
        "seat", "文件 --rooms 座位数[,座位数…] [--limit 30] [--seed 编排种子]", "编排考场座位"
    )
    parser.add_argument("file", metavar="FILE", help=".csv with id_number, occupation, organization")
    parser.add_argument("--rooms", metavar="SEATS[,SEATS…]", required=True, help="seats of each room")
    parser.add_argument("--limit", metavar="N", default=str(MOST_IN_A_ROOM), help="people in a room at most")
    parser.add_argument("--seed", metavar="N", default="0", help="another number, another arrangement")
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:  # --help ends with 0, wrong arguments with 2
        return int(stop.code or 0)
    with _no_collection():
        return answer(
            lambda: _seat(options.file, options.rooms, options.limit, options.seed),
            unreadable="文件打不开，请确认文件还在，再重新选择。",
        )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Without the collector of cycles, which looks through hundreds of thousands of rows in vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _seat(file: str, rooms: str, limit: str, seed: str) -> dict[str, Any]:
    sizes = room_sizes(rooms)
    at_most = _number(limit, "每个考场最多人数（--limit）")
    if not _SEED.fullmatch(to_halfwidth(seed).strip()):
        raise DomainError("seed", "编排种子（--seed）应为整数，例如 7。")
    seated = seat_people(
        read_examinees(file),
        sizes,
        limit=at_most,
        seed=int(to_halfwidth(seed)),
        as_many_as_needed=len(sizes) == 1,
    )
    return {"rooms": [_as_json(room) for room in seated]}


def _as_json(room: SeatedRoom) -> dict[str, Any]:
    return {
        "room": room.number,
        "session": room.session,
        "place": room.place,
        "occupation": room.group,
        "seats": [{"seat": seat, "id_number": key} for seat, key in enumerate(room.keys, start=1)],
    }


def room_sizes(text: str) -> list[int]:
    """The seats of the rooms from `40` or `40,30,25`; raises DomainError."""
    return [_number(part, "机房座位数（--rooms）") for part in _COMMAS.split(to_halfwidth(text))]


def _number(text: str, what: str) -> int:
    digits = to_halfwidth(text).strip()
    if not _NUMBER.fullmatch(digits) or not int(digits):
        example = "例如 40 或 40,30,25" if "rooms" in what else "例如 30"
        raise DomainError("number", f"{what}应为 1 以上的整数，{example}。")
    return int(digits)


def read_examinees(source: str | PathLike[str] | bytes) -> list[Examinee]:
    """The people of a list with the columns id_number, occupation, organization among others in any order.

    ID numbers are tidied, not judged. Spellings of an occupation or organization that differ in width or
    white space only are one. Raises DomainError naming the line of the first value that is wrong.
    """
    sheet = read_sheets(source, _LIMITS)[0]
    if sheet.truncated:
        raise SheetRefusedError("too_many_rows", f"名单超过 {_LIMITS.rows} 行，请分成几个文件再编排。")
    places = _places(sheet.rows[0][1])
    width, pick = max(places) + 1, itemgetter(*places)
    occupations, organizations = _Spellings(tidy), _Spellings(comparable)
    lines: dict[str, int] = {}
    people: list[tuple[str, str, str]] = []
    for line, cells in sheet.rows[1:]:
        if len(cells) < width:
            cells = cells + [""] * (width - len(cells))
        key, occupation, organization = pick(cells)
        if not _USUAL_ID.fullmatch(key):
            key = id_number.normalize(key)
            if comparable(key) == _ID_NUMBER:  # the header again, of lists that were put together
                continue
        person = (key, occupations[occupation], organizations[organization])
        if not all(person):
            raise DomainError("required", f"第 {line} 行缺少{_missing(person)}，请补上后再编排。")
        if "E" in key and id_number.is_scientific(key):
            raise DomainError(
                "id_scientific_notation",
                f"第 {line} 行的身份证号变成了科学计数，后几位已经丢失，请把单元格设为文本后重填。",
            )
        if lines.setdefault(key, line) != line:
            raise DomainError(
                "duplicate_in_file", f"第 {lines[key]} 行和第 {line} 行是同一个身份证号，请删去一行。"
            )
        people.append(person)
    if not people:
        raise SheetRefusedError("no_rows", "名单里还没有考生，请从表头下一行开始填写。")
    return [
        Examinee(key, occupations.shown(occupation), organization) for key, occupation, organization in people
    ]


class _Spellings(dict[str, str]):
    """Text → what all its spellings have in common; empty when it says nothing. Each is tidied once."""

    def __init__(self, tidied: Callable[[str], str]) -> None:
        super().__init__()
        self._tidied = tidied
        self._shown: dict[str, str] = {}

    def __missing__(self, text: str) -> str:
        known = self[text] = self._tidied(text)
        self._shown[known] = min(text.strip(), self._shown.get(known, text.strip()))
        return known

    def shown(self, known: str) -> str:
        """The spelling for people: the first by code points, whatever the order of the rows."""
        return self._shown[known]


def _places(header: Sequence[str]) -> tuple[int, int, int]:
    """Where the three columns stand."""
    headings = [comparable(cell) for cell in header]
    missing = [name for name in COLUMNS if name not in headings]
    if missing:
        raise SheetRefusedError(
            "columns_missing", f"名单缺少 {'、'.join(missing)} 列，第一行应为 {','.join(COLUMNS)}。"
        )
    twice = [name for name in COLUMNS if headings.count(name) > 1]
    if twice:
        raise SheetRefusedError("columns_twice", f"名单里 {'、'.join(twice)} 列不止一个，请只留一列。")
    first, second, third = (headings.index(name) for name in COLUMNS)
    return first, second, third


def _missing(person: Sequence[str]) -> str:
    return "、".join(
        f"{_LABELS[name]}（{name}）" for name, value in zip(COLUMNS, person, strict=True) if not value
    )
