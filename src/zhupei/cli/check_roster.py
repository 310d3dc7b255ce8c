"""`zhupei check-roster FILE [--organization NAME] [--on DATE]`: judge a roster as the screen does."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from zhupei.cli.answer import RefusingParser, answer, as_text, refuse
from zhupei.enrollment.roster import check_roster


def run(argv: Sequence[str]) -> int:
    """Print one JSON document, {rows, good, errors} or {refused}; 0 when judged, 2 when refused."""
    parser = RefusingParser("check-roster", "文件 [--organization 单位全称] [--on 日期]", "核对报名汇总表")
    parser.add_argument("file", metavar="FILE", help=".xlsx, .xls or .csv")
    parser.add_argument(
        "--organization", metavar="NAME", default="", help="full name that every work unit must agree with"
    )
    parser.add_argument("--on", metavar="DATE", help="day on which people must be of age (YYYY-MM-DD)")
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:  # --help ends with 0, wrong arguments with 2
        return int(stop.code or 0)
    try:
        on = None if options.on is None else date.fromisoformat(options.on)
    except ValueError:
        return refuse("日期的写法不对，应为 2026-11-01 这样的年-月-日。")
    organization = as_text(options.organization).strip()
    return answer(
        lambda: check_roster(options.file, organization_name=organization, on=on).as_json(),
        unreadable="文件打不开，请确认文件还在，再重新选择。",
    )
