"""`zhupei check-roster FILE [--organization NAME] [--on DATE]`: judge a roster as the screen does."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any, NoReturn

from foundation.sheets.reader import SheetRefusedError
from zhupei.enrollment.roster import check_roster

JUDGED, REFUSED = 0, 2


class _RefusingParser(argparse.ArgumentParser):
    """Wrong arguments are a refusal like any other: JSON on standard output, exit code 2."""

    def error(self, message: str) -> NoReturn:
        _print(
            {"refused": "命令写法不对，应为：zhupei check-roster 文件 [--organization 单位全称] [--on 日期]"}
        )
        raise SystemExit(REFUSED)


def run(argv: Sequence[str]) -> int:
    """Print one JSON document, {rows, good, errors} or {refused}; 0 when judged, 2 when refused."""
    parser = _RefusingParser(prog="zhupei check-roster", description="核对报名汇总表")
    parser.add_argument("file", metavar="FILE", help=".xlsx, .xls or .csv")
    parser.add_argument(
        "--organization", metavar="NAME", help="full name that every work unit must agree with"
    )
    parser.add_argument("--on", metavar="DATE", help="day on which people must be of age (YYYY-MM-DD)")
    try:
        options = parser.parse_args(argv)
    except SystemExit as stop:  # --help ends with 0, wrong arguments with 2
        return int(stop.code or 0)
    try:
        on = date.fromisoformat(options.on) if options.on else None
    except ValueError:
        _print({"refused": "日期的写法不对，应为 2026-11-01 这样的年-月-日。"})
        return REFUSED
    try:
        verdict = check_roster(options.file, organization_name=options.organization, on=on)
    except SheetRefusedError as refused:
        _print({"refused": refused.message})
        return REFUSED
    _print(verdict.as_json())
    return JUDGED


def _print(document: dict[str, Any]) -> None:
    if isinstance(sys.stdout, io.TextIOWrapper):  # the contract is UTF-8, whatever the terminal's locale
        sys.stdout.reconfigure(encoding="utf-8")
    print(json.dumps(document, ensure_ascii=False))


if __name__ == "__main__":
    raise SystemExit(run(sys.argv[1:]))
