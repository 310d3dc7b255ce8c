"""Reads one workbook from standard input and prints its cells as JSON; run as a process of its own.

Two cells far apart make calamine reserve the whole rectangle between them, and a failed reservation
aborts the process it happens in. Here memory and time are limited, and the reader only sees an exit code.
Imports nothing of ours, so that it starts in some 20 ms.
"""

import contextlib
import datetime
import io
import json
import math
import sys
from typing import Any

import python_calamine

DAMAGED, ENCRYPTED, TOO_LARGE = 3, 4, 5
# Spreadsheet programs keep 15 digits of a number; from here on the rest is lost and shown as 3.30106E+17.
EXACT_BELOW = 1e15
MIDNIGHT = datetime.time()


def limit_resources(memory_bytes: int, seconds: int) -> None:
    """Bound address space, processor time and core dumps where the system can do so."""
    try:
        import resource
    except ImportError:  # Windows
        return
    for kind, amount in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(kind, (amount, amount))


def as_text(value: object) -> str:
    """A cell as people read it: whole numbers without a point, lost digits as 3.30106E+17, ISO dates."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float | int) and math.isfinite(value):
        if abs(value) >= EXACT_BELOW:
            mantissa, _, exponent = f"{value:.5E}".partition("E")
            return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
        return str(int(value)) if value == int(value) else repr(value)
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == MIDNIGHT else value.isoformat(" ", "seconds")
    if isinstance(value, datetime.date):
        return value.isoformat()
    return str(value)


def read_sheet(sheet: Any, limits: dict[str, int]) -> dict[str, Any]:
    """Rows that hold something, each with its own number (from 1), cells from column A on."""
    indent = [""] * min((sheet.start or (0, 0))[1], limits["columns"])
    most = limits["columns"] - len(indent)
    longest = limits["cell_characters"]
    rows: list[tuple[int, list[str]]] = []
    characters = 0
    truncated = False
    for number, values in enumerate(sheet.iter_rows(), start=1):
        if not any(value != "" for value in values):
            continue
        cells = [
            value if type(value) is str else as_text(value)
            for value in (values if len(values) <= most else values[:most])
        ]
        length = sum(map(len, cells))
        if length > longest:
            cells = [cell[:longest] for cell in cells]
            length = sum(map(len, cells))
        if not length:
            continue
        if len(rows) == limits["rows"]:
            truncated = True
            break
        characters += length
        if characters > limits["total_characters"]:
            raise MemoryError
        rows.append((number, indent + cells if indent else cells))
    fill_merged_down(rows, sheet.merged_cell_ranges or ())
    return {"rows": rows, "truncated": truncated}


def fill_merged_down(rows: list[tuple[int, list[str]]], merged: Any) -> None:
    """A value merged over several rows holds for each of them (headers of two lines, one firm for all)."""
    by_number = dict(rows)
    for (top, left), (bottom, _) in merged:
        first = by_number.get(top + 1)
        if bottom == top or first is None or left >= len(first) or not first[left]:
            continue
        for number in range(top + 2, bottom + 2):
            cells = by_number.get(number)
            if cells is not None and left < len(cells) and not cells[left]:
                cells[left] = first[left]


def read_workbook(content: bytes, limits: dict[str, int]) -> list[dict[str, Any]]:
    """All work sheets in the order of the workbook, hidden ones marked."""
    sheets = []
    with python_calamine.load_workbook(io.BytesIO(content)) as workbook:
        described = [
            meta for meta in workbook.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ]
        for meta in described[: limits["sheets"]]:
            sheet = read_sheet(workbook.get_sheet_by_name(meta.name), limits)
            visible = meta.visible == python_calamine.SheetVisibleEnum.Visible
            sheets.append({"name": meta.name, "hidden": not visible, **sheet})
    return sheets


def main() -> int:
    """Exit code 0 with JSON on standard output, or one of the codes above."""
    limits = json.loads(sys.argv[1])
    limit_resources(limits["memory_bytes"], limits["seconds"])
    try:
        answer = json.dumps(read_workbook(sys.stdin.buffer.read(), limits)).encode()
    except MemoryError:
        return TOO_LARGE
    except python_calamine.PasswordError:
        return ENCRYPTED
    except BaseException:  # a panic of the Rust reader is no Exception
        return DAMAGED
    sys.stdout.buffer.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
