"""Bar 5: an export of 100 000 filtered people is streamed: below 200 MB, and in time against writing alone.

Run: `.venv/bin/python bench/export.py [ROWS]`. Fills a throwaway PostgreSQL by SQL, asks the enterprise's people list
for its spreadsheet in a process of its own, and prints its seconds and peak memory with their ratios to the limits:
XlsxWriter writing as many rows of the same width measured in the same run, and 200 MB. Exits 1 when one is broken.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path
from typing import Any

ROWS = 100_000
MEMORY_MB = 200
# Every row is read from six tables, two columns are decrypted, states become words.
FACTOR, ALLOWANCE_S = 5, 2.0
FORMULA = '=HYPERLINK("http://x","领取")'
DISTINCT = 500


def limits_of(rows: int, columns: int) -> float:
    """Seconds that XlsxWriter alone takes for as many cells, streamed as well."""
    import xlsxwriter

    with tempfile.NamedTemporaryFile(suffix=".xlsx") as target:
        start = time.perf_counter()
        with xlsxwriter.Workbook(target.name, {"constant_memory": True}) as book:
            sheet = book.add_worksheet()
            for row in range(rows):
                for column in range(columns):
                    sheet.write_string(row, column, f"浙江晨光{row}")
        return time.perf_counter() - start


def columns_of(model: Any) -> list[str]:
    """The columns of a model but its key."""
    return [field.column for field in model._meta.concrete_fields if not field.primary_key]


def sealed(texts: list[str]) -> list[str]:
    """The texts as the database keeps them."""
    from zhupei.enrollment.models import Enrollment

    field = Enrollment._meta.get_field("id_number")
    return [field.get_prep_value(text) for text in texts]


def multiply(model: Any, pattern: Any, rows: int, changed: dict[str, str], values: dict[str, Any]) -> None:
    """Insert `rows` copies of a row by one statement; `changed` maps a column to an expression of n."""
    from django.db import connection

    names = columns_of(model)
    quoted = ", ".join(f'"{name}"' for name in names)
    shown = ", ".join(changed.get(name, f'p."{name}"') for name in names)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({quoted}) SELECT {shown} FROM "{table}" p, generate_series(1, %(rows)s) n '
            f'WHERE p."{model._meta.pk.column}" = %(pattern)s',
            {"rows": rows, "pattern": pattern.pk} | values,
        )
        cursor.execute(f'ANALYZE "{table}"')


def fill(rows: int) -> str:
    """An organization with so many people, half of them in a plan; returns the account that asks for the export."""
    from django.db import connection

    from tests.world import World
    from tests.zhupei.training.schools import make_school
    from zhupei.enrollment.models import Enrollment
    from zhupei.people.models import Person
    from zhupei.training.models import Placement, TrainingPlan

    world = World()
    school = make_school(world)
    plan = school.plan()
    organization = world.organization(supervisor=school.institution.supervisor)
    batch = world.batch(1, organization=organization, offer=school.offer, state="enrolled")
    pattern = batch.enrollments.get()
    invented = [world.invent.person() for _ in range(DISTINCT)]
    values = {
        "ids": sealed([person.id_number for person in invented]),
        "phones": sealed([person.phone for person in invented]),
        "distinct": DISTINCT,
    }
    told_apart = {
        "id_number": "(%(ids)s::text[])[1 + n %% %(distinct)s]",
        "id_number_index": "'bench-' || n",
        "phone": "(%(phones)s::text[])[1 + n %% %(distinct)s]",
    }
    multiply(Person, pattern.person, rows, told_apart, values)
    Enrollment.objects.filter(pk=pattern.pk).update(name=FORMULA)
    told_apart |= {"person_id": "(%(people)s::bigint[])[n]"}
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT array_agg(id) FROM "{Person._meta.db_table}" WHERE id_number_index LIKE %s', ["bench-%"]
        )
        keys = cursor.fetchone()[0]
    multiply(Enrollment, pattern, rows, told_apart, values | {"people": keys})
    TrainingPlan.objects.filter(pk=plan.pk).update(head_count=rows, seats_taken=rows // 2)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{Placement._meta.db_table}" (plan_id, enrollment_id, source, is_live, is_absent, created_at) '
            f'SELECT %s, id, %s, true, false, now() FROM "{Enrollment._meta.db_table}" WHERE id %% 2 = 0',
            [plan.pk, "placed"],
        )
        cursor.execute(f'ANALYZE "{Placement._meta.db_table}"')
    return str(world.user(organization).account)


def export(account: str) -> None:
    """In a process of its own: the list's spreadsheet, as the page asks for it; prints what it took as JSON."""
    import django

    django.setup()
    from django.test import Client

    from zhupei.accounts.models import User

    client = Client()
    user = User.objects.get(portal="enterprise", account=account)
    client.force_login(user, backend="zhupei.accounts.backends.PortalBackend")
    client.get("/enterprise/people/")  # everything is imported and connected
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    start = time.perf_counter()
    response = client.get("/enterprise/people/", {"format": "xlsx", "state": "enrolled"})
    target = Path(sys.argv[3])
    with target.open("wb") as file:
        for chunk in response.streaming_content:
            file.write(chunk)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "before_mb": before}))


def measure(account: str, target: Path) -> dict[str, float]:
    """What the export took."""
    done = subprocess.run(
        [sys.executable, __file__, "--export", account, str(target)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def check(target: Path, rows: int) -> int:
    """The spreadsheet holds everybody, and no cell of it is a formula; returns the number of columns."""
    import zipfile

    import python_calamine

    lines = python_calamine.load_workbook(target).get_sheet_by_index(0).to_python()
    assert len(lines) == rows + 2, len(lines)  # the heading and the pattern's own row
    assert lines[1][0] == FORMULA, lines[1]
    assert any(isinstance(cell, date | datetime) for cell in lines[1]), lines[1]
    with zipfile.ZipFile(target) as book, book.open("xl/worksheets/sheet1.xml") as sheet:
        rest = b""
        while chunk := sheet.read(1 << 20):
            assert b"<f>" not in rest + chunk
            rest = chunk[-8:]
    return len(lines[0])


def main() -> int:
    """Fill, export, compare."""
    from foundation.database import EmbeddedPostgres

    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    os.environ |= {"ZHUPEI_ENV": "test", "DJANGO_SETTINGS_MODULE": "zhupei.config.settings"}
    with tempfile.TemporaryDirectory() as var, EmbeddedPostgres(throwaway=True) as server:
        os.environ |= {"DATABASE_URL": server.url, "ZHUPEI_VAR": var}
        import django

        sys.path.insert(0, str(Path(__file__).parents[1]))  # the tests' world
        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        account = fill(rows)
        connections.close_all()
        target = Path(var) / "people.xlsx"
        taken = measure(account, target)
        width = check(target, rows)
    alone = limits_of(rows, width)
    limit = FACTOR * alone + ALLOWANCE_S
    print(
        f"{rows} rows of {width} columns, XlsxWriter alone {alone:.2f} s, limit {FACTOR} x + {ALLOWANCE_S:.0f} s: {limit:.2f} s"
    )
    seconds, peak = taken["seconds"], taken["peak_mb"]
    print(
        f"{'export':16} {seconds:.2f} s  {seconds / alone:.1f} x XlsxWriter  {seconds / limit:.2f} of the limit"
    )
    print(
        f"{'memory':16} {peak:.0f} MB at most ({taken['before_mb']:.0f} MB before)  {peak / MEMORY_MB:.2f} of {MEMORY_MB} MB"
    )
    return 0 if seconds <= limit and peak <= MEMORY_MB else 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["--export"]:
        export(sys.argv[2])
    else:
        sys.exit(main())
