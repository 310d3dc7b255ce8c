"""`zhupei check-materials ARCHIVE --roster FILE`: judge an archive of materials as the upload screen does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from os import PathLike

from foundation.identifiers import id_number
from zhupei.cli.answer import RefusingParser, answer
from zhupei.enrollment.materials_archive import judge_archive
from zhupei.enrollment.roster_columns import ID_NUMBER
from zhupei.enrollment.roster_reading import read_roster

_READABLE = re.compile(r"[0-9]{17}[0-9X]", re.ASCII)


def run(argv: Sequence[str]) -> int:
    """Print one JSON document (contract: interfaces.md); 0 when the archive was judged, 2 when refused."""
    parser = RefusingParser("check-materials", "压缩包 --roster 报名汇总表", "核对报名资料压缩包")
    parser.add_argument("archive", metavar="ARCHIVE", help=".zip")
    parser.add_argument("--roster", metavar="FILE", required=True, help=".xlsx, .xls or .csv")
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:  # --help ends with 0, wrong arguments with 2
        return int(stop.code or 0)
    return answer(
        lambda: judge_archive(options.archive, roster_ids(options.roster)).as_json(),
        unreadable="压缩包打不开，请确认文件还在，再重新选择。",
    )


def roster_ids(roster: str | PathLike[str]) -> list[str]:
    """The ID numbers of a roster in its order, each once; rows whose number has not 18 places are left out.

    Raises SheetRefusedError.
    """
    numbers = (id_number.normalize(row.cells.get(ID_NUMBER, "")) for row in read_roster(roster).rows)
    return list(dict.fromkeys(number for number in numbers if _READABLE.fullmatch(number)))
