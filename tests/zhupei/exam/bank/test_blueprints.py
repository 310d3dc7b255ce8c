"""EXM-02: a blueprint adds up to the full mark and the bank can fill it, or it is refused with the row named."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotAllowedError
from tests.world import World
from tests.zhupei.exam.banks import Bank
from zhupei.catalog.models import Level
from zhupei.exam.bank.models import BlueprintRow, Chapter
from zhupei.exam.bank.services import questions
from zhupei.exam.bank.services.blueprints import (
    RowData,
    active_blueprint,
    describe,
    missing,
    save_blueprint,
    shortages,
    stock_of,
)
from zhupei.exam.papers.drawing import Pool, PoolQuestion, Row


def rows_of(*rows: tuple[Any, ...]) -> list[RowData]:
    return [RowData(kind, count, Decimal(str(points)), *rest) for kind, count, points, *rest in rows]


@pytest.fixture
def bank(world: World) -> Bank:
    made = Bank(world)
    made.stock(4, "single", difficulty=1)
    made.stock(2, "single", difficulty=3)
    made.stock(3, "true_false")
    return made


GOOD = (("single", 5, 16), ("true_false", 2, 10))


def refusal(bank: Bank, rows: list[RowData]) -> dict[str, str]:
    with pytest.raises(DomainError) as no:
        save_blueprint(bank.writer, bank.occupation, bank.level, rows)
    assert no.value.code == "blueprint_refused"
    return no.value.items


@pytest.mark.django_db
def test_versions_follow_each_other(bank: Bank) -> None:
    """EXM-02: the new one is in force at once, the old one stays."""
    first = save_blueprint(bank.writer, bank.occupation, None, rows_of(*GOOD))
    second = save_blueprint(bank.reviewer, bank.occupation, None, rows_of(("single", 5, 20)))
    first.refresh_from_db()
    assert (first.version, first.is_active, second.version, second.is_active) == (1, False, 2, True)
    assert active_blueprint(bank.occupation, None) == second
    assert [(row.type, row.count, row.points) for row in first.rows.all()] == [
        ("single", 5, Decimal(16)),
        ("true_false", 2, Decimal(10)),
    ]
    assert AuditEntry.objects.filter(act="bank.blueprint").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("rows", "key", "words"),
    [
        ([], "total", "至少填写一行"),
        ([("single", 5, 16)], "total", "总分应为 100 分，现在是 80 分"),
        ([("single", 5, "10.5")], "total", "现在是 52.5 分"),
        ([("essay", 5, 20)], "rows.0", "请选择题型"),
        ([("single", 5, 20), ("single", 0, 5)], "rows.1", "都要大于 0"),
        ([("single", 5, -20)], "rows.0", "都要大于 0"),
        ([("single", 8, "12.55")], "rows.0", "最多一位小数"),
        ([("single", 5, 19), ("case", 10, "0.5")], "rows.1", "案例题每题至少 1 分"),
        ([("single", 3, 20), ("single", 2, 20)], "rows.1", "与第 1 行的题型、章节、难度相同"),
        ([("single", 5, 20, None, 7)], "rows.0", "请选择难度"),
        ([("single", 250, "0.4")], "total", "最多 200 题"),
        ([("single", 10, 10)], "rows.0", "单选题需要 10 题，还差 4 题"),
        ([("single", 5, 20, None, 1)], "rows.0", "单选题（易）需要 5 题，还差 1 题"),
        ([("case", 1, 100)], "rows.0", "案例题需要 1 题，还差 1 题"),
    ],
)
def test_each_refusal_names_its_row(bank: Bank, rows: list[Any], key: str, words: str) -> None:
    """EXM-02: nothing is kept, the one in force stays."""
    kept = save_blueprint(bank.writer, bank.occupation, None, rows_of(*GOOD))
    found = refusal(bank, rows_of(*rows))
    assert list(found) == [key]
    assert words in found[key]
    assert active_blueprint(bank.occupation, None) == kept


@pytest.mark.django_db
def test_a_chapter_of_another_bank_is_refused(bank: Bank, world: World) -> None:
    """EXM-02: chapters of this occupation and level."""
    other = Bank(world, world.occupation("装饰装修施工员"))
    assert "本题库的章节" in refusal(bank, rows_of(("single", 5, 20, other.chapter)))["rows.0"]


@pytest.mark.django_db
def test_drafts_and_retired_questions_are_not_counted(bank: Bank) -> None:
    """EXM-01: only what is in force is drawn."""
    from tests.zhupei.exam.banks import single
    from zhupei.exam.bank.machine import VERSION

    assert sum(stock_of(bank.occupation, None).values()) == 9
    bank.draft(single("草稿？")), bank.submitted(single("待复核？"))
    gone = bank.approved(single("停用？"))
    VERSION.perform(bank.writer, gone, "retire")
    assert sum(stock_of(bank.occupation, None).values()) == 9


@pytest.mark.django_db
def test_a_level_draws_from_its_own_and_the_common_questions(bank: Bank) -> None:
    """EXM-02: a level's own blueprint goes before the common one, whose questions it may use."""
    level = Level.objects.create(programme=bank.occupation.programme, name="高级工", minimum_hours=40)
    common = save_blueprint(bank.writer, bank.occupation, None, rows_of(*GOOD))
    assert active_blueprint(bank.occupation, level) == common
    chapter = questions.add_chapter(bank.writer, bank.occupation, level, "高级工技能")
    own = Bank.__new__(Bank)
    own.__dict__ |= vars(bank) | {"level": level, "chapter": chapter}
    own.stock(1, "multiple")
    rows = rows_of(("single", 6, 15), ("multiple", 1, 10, chapter))
    assert shortages(bank.occupation, None, rows) == {"rows.1": "“高级工技能”多选题需要 1 题，还差 1 题。"}
    made = save_blueprint(bank.writer, bank.occupation, level, rows)
    assert active_blueprint(bank.occupation, level) == made
    assert active_blueprint(bank.occupation, None) == common
    # a chapter of the level's bank has no place in the common blueprint
    assert "本题库的章节" in refusal(bank, rows_of(("single", 5, 20, chapter)))["rows.0"]


@pytest.mark.django_db
def test_only_bank_keepers_save_blueprints(bank: Bank, world: World) -> None:
    """ORG-14: nobody else."""
    for actor in (world.actor(world.authority()), world.actor(world.institution())):
        with pytest.raises(NotAllowedError):
            save_blueprint(actor, bank.occupation, None, rows_of(*GOOD))


# --- overlapping rows share as well as can be


def chapter(number: int) -> Chapter:
    return Chapter(pk=number, number=number, name=f"第 {number} 章")


def test_rows_that_overlap_exchange_questions() -> None:
    """EXM-02: a row that could take either must not starve one that can take only the one."""
    stock = {("single", 1, 1): 5, ("single", 1, 3): 5, ("single", 2, 3): 2}
    rows = rows_of(("single", 5, 1, chapter(1)), ("single", 5, 1, None, 1), ("single", 2, 1))
    assert missing(rows, stock) == {}
    assert missing([*rows, *rows_of(("single", 1, 1, chapter(2)))], stock) != {}
    assert describe(rows[0]) == "“第 1 章”单选题"


ROWS = st.lists(
    st.builds(
        BlueprintRow,
        type=st.sampled_from(["single", "multiple"]),
        chapter=st.sampled_from([None, chapter(1), chapter(2)]),
        difficulty=st.sampled_from([None, 1, 2]),
        count=st.integers(1, 4),
        points=st.just(Decimal(1)),
    ),
    max_size=5,
)
STOCK = st.dictionaries(
    st.tuples(st.sampled_from(["single", "multiple"]), st.integers(1, 2), st.integers(1, 2)),
    st.integers(0, 5),
)


@given(ROWS, STOCK)
def test_the_editor_and_the_drawing_agree(rows: list[BlueprintRow], stock: dict[Any, int]) -> None:
    """EXM-02: a blueprint is refused exactly when no paper could be drawn."""
    pool = [
        PoolQuestion(n, kind, {}, number, difficulty)
        for (kind, number, difficulty), count in stock.items()
        for n in range(count)
    ]
    drawn = [
        Row(row.type, row.count, row.points, row.chapter and row.chapter.pk, row.difficulty) for row in rows
    ]
    assert bool(missing(rows, stock)) == bool(Pool(pool, drawn).shortages())
