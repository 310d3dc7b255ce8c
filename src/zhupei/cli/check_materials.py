"""`zhupei check-materials ARCHIVE --roster FILE`: judge an archive of materials as the upload screen does."""

from __future__ import annotations

import argparse
import io
import json
import re
import sys
from collections.abc import Sequence
from os import PathLike
from typing import Any, NoReturn

from foundation.errors import DomainError
from foundation.identifiers import id_number
from zhupei.enrollment.materials_archive import judge_archive
from zhupei.enrollment.roster_columns import ID_NUMBER
from zhupei.enrollment.roster_reading import read_roster

JUDGED, REFUSED = 0, 2
_READABLE = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)


class _RefusingParser(argparse.ArgumentParser):
    """Wrong arguments are a refusal like any other: JSON on standard output, exit code 2."""

    def error(self, message: str) -> NoReturn:
        _print({"refused": "命令的写法不对，应为：zhupei check-materials 压缩包 --roster 报名汇总表。"})
        raise SystemExit(REFUSED)


def run(argv: Sequence[str]) -> int:
    """Print one JSON document (contract: interfaces.md); 0 when the archive was judged, 2 when refused."""
    parser = _RefusingParser(prog="zhupei check-materials", description="核对报名资料压缩包")
    parser.add_argument("archive", metavar="ARCHIVE", help=".zip")
    parser.add_argument("--roster", metavar="FILE", required=True, help=".xlsx, .xls or .csv")
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:  # --help ends with 0, wrong arguments with 2
        return int(stop.code or 0)
    try:
        verdict = judge_archive(options.archive, roster_ids(options.roster))
    except DomainError as refused:
        _print({"refused": refused.message})
        return REFUSED
    except (OSError, ValueError):  # no such file, a folder, a NUL in the path
        _print({"refused": "压缩包打不开，请确认文件还在，再重新选择。"})
        return REFUSED
    _print(verdict.as_json())
    return JUDGED


def roster_ids(roster: str | PathLike[str]) -> list[str]:
    """The ID numbers of a roster in its order, each once; rows whose number has not 18 places are left out.

    Raises SheetRefusedError.
    """
    numbers = (id_number.normalize(row.cells.get(ID_NUMBER, "")) for row in read_roster(roster).rows)
    return list(dict.fromkeys(number for number in numbers if _READABLE.fullmatch(number)))


def _print(document: dict[str, Any]) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):  # the contract is UTF-8, whatever the terminal's locale
        sys.stdout.reconfigure(encoding="utf-8")
    print(json.dumps(document, ensure_ascii=False))


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
