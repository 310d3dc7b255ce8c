"""Bar 4: a roster of 10 000 rows is checked in at most 4 times calamine's own reading time plus 1 s, stored in bulk.

Run: `.venv/bin/python bench/roster.py [ROWS]`. Prints one line a workload with its ratio to the limit
measured in the same run; exits 1 when a limit is broken.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import python_calamine
import xlsxwriter

from foundation.identifiers.id_number import check_character
from zhupei.enrollment.roster import check_roster
from zhupei.enrollment.roster_columns import REQUIRED_COLUMNS

ROWS = 10_000
FACTOR, ALLOWANCE_S = 4, 1.0
# Storing fills three tables with encrypted columns and indexes, and judges once more.
STORING_FACTOR, STORING_ALLOWANCE_S = 10, 2.0
REPEATS = 3
ORGANIZATION = "浙江晨光建设有限公司"
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂"
_EDUCATION = ("本科", "大专", "中专", "高中", "大学本科", "技校")


def person(index: int) -> tuple[str, str, str, str, str, str]:
    """One invented person; every number is valid and used once."""
    born = date(1965, 1, 1) + timedelta(days=index % 12_000)
    first = f"330106{born:%Y%m%d}{index // 12_000 * 2 + index % 2:03}"
    name = _SURNAMES[index % 20] + _GIVEN[index // 20 % 24] + _GIVEN[index // 480 % 24]
    phone = f"13{index + 100_000_000:09}"[:11]
    gender = "男" if index % 2 else "女"
    return name, gender, first + check_character(first), phone, _EDUCATION[index % 6], ORGANIZATION


def write_roster(path: Path, rows: int) -> None:
    """A roster with one wrong phone in every hundred rows."""
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("报名人员信息汇总表")
        for number, cells in enumerate([REQUIRED_COLUMNS, *map(person, range(rows))]):
            for place, cell in enumerate(cells):
                wrong = place == 3 and number and number % 100 == 0
                sheet.write_string(number, place, "1385710" if wrong else cell)


def best_of(action: Callable[[], object]) -> float:
    """The shortest of a few runs, in seconds."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return min(times)


def read_with_calamine(path: Path) -> object:
    """What reading costs at least."""
    return python_calamine.load_workbook(path).get_sheet_by_index(0).to_python()


def check_parsing(path: Path, rows: int) -> bool:
    """Reading and judging, in the process and as the command with its start."""
    verdict = check_roster(path, organization_name=ORGANIZATION)
    assert (len(verdict.rows), verdict.good) == (rows, rows - rows // 100), verdict.errors[:3]
    alone = best_of(lambda: read_with_calamine(path))
    limit = FACTOR * alone + ALLOWANCE_S
    command = [
        sys.executable,
        "-m",
        "zhupei.config.cli",
        "check-roster",
        str(path),
        "--organization",
        ORGANIZATION,
    ]
    workloads: dict[str, Callable[[], object]] = {
        "check": lambda: check_roster(path, organization_name=ORGANIZATION),
        "check, command": lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL),
    }
    within = True
    print(f"{rows} rows, calamine alone {alone:.3f} s, limit {FACTOR} x + {ALLOWANCE_S:.0f} s: {limit:.3f} s")
    for name, action in workloads.items():
        taken = best_of(action)
        print(f"{name:16} {taken:.3f} s  {taken / alone:.1f} x calamine  {taken / limit:.2f} of the limit")
        within = within and taken <= limit
    return within


def check_storing(path: Path, rows: int) -> bool:
    """Preview and confirmation on a throwaway PostgreSQL, against inserting as many bare people in bulk."""
    from foundation.database import EmbeddedPostgres

    os.environ |= {"ZHUPEI_ENV": "test", "DJANGO_SETTINGS_MODULE": "zhupei.config.settings"}
    with tempfile.TemporaryDirectory() as var, EmbeddedPostgres(throwaway=True) as server:
        os.environ |= {"DATABASE_URL": server.url, "ZHUPEI_VAR": var}
        return _store(path, rows)


def _store(path: Path, rows: int) -> bool:
    import django

    sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' world
    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    from foundation.crypto import blind_index
    from tests.rosters import Applicant
    from tests.world import World
    from zhupei.enrollment import services
    from zhupei.people.models import Person

    applicant = Applicant(World())
    applicant.organization.name = applicant.actor.body.name = ORGANIZATION
    applicant.organization.save()
    bare = [
        Person(id_number=f"X{number}", name="甲", gender="male", birth_date=date(1980, 1, 1))
        for number in range(rows)
    ]
    alone = timed(lambda: Person.objects.bulk_create(bare, batch_size=1000))
    Person.objects.filter(id_number_index__in=[blind_index(each.id_number) for each in bare]).delete()
    roster = services.start_roster(applicant.actor, applicant.offer, path.name, path.read_bytes())
    preview = timed(lambda: services.verdict_of(roster))
    batches = []
    taken = timed(lambda: batches.append(services.confirm_roster(applicant.actor, roster)))
    assert batches[0].enrollments.count() == rows - rows // 100
    connections.close_all()
    limit = STORING_FACTOR * alone + STORING_ALLOWANCE_S
    print(
        f"{rows} people alone {alone:.3f} s, limit {STORING_FACTOR} x + {STORING_ALLOWANCE_S:.0f} s: {limit:.3f} s"
    )
    print(f"{'preview':16} {preview:.3f} s")
    print(
        f"{'confirm':16} {taken:.3f} s  {taken / alone:.1f} x people alone  {taken / limit:.2f} of the limit"
    )
    return taken <= limit


def timed(action: Callable[[], object]) -> float:
    """Seconds that one run takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def main() -> int:
    """Run every workload on a roster of its own."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "roster.xlsx"
        write_roster(path, rows)
        # One line a workload; each returns whether it kept its limit.
        results = [check_parsing(path, rows), check_storing(path, rows)]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
