"""EXM-01: questions are written by one person and reviewed by another; every version stays."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.files.models import Document
from foundation.files.services import write
from foundation.messages.models import Message
from foundation.scoping import SYSTEM, Actor
from foundation.sheets.reader import SheetRefusedError
from foundation.workflow.models import TransitionLog
from tests.world import World, jpeg
from tests.zhupei.exam.banks import Bank, case, multiple, row, sheet, single, true_false
from zhupei.demo.exam_hall import open_hall
from zhupei.exam.bank.machine import VERSION
from zhupei.exam.bank.models import Chapter, Question, QuestionImport, QuestionVersion
from zhupei.exam.bank.services import questions
from zhupei.exam.bank.services.questions import QuestionData
from zhupei.exam.papers import services as papers

pytestmark = pytest.mark.django_db


@pytest.fixture
def bank(world: World) -> Bank:
    return Bank(world)


def refused(code: str, act: Any, *args: Any) -> DomainError:
    with pytest.raises(DomainError) as refusal:
        act(*args)
    assert refusal.value.code == code
    assert refusal.value.message.endswith("。")
    return refusal.value


def strangers(world: World, bank: Bank) -> list[Actor]:
    """Everybody who does not keep the bank, the province's issuers among them."""
    return [
        world.actor(world.authority()),
        world.actor(bank.province, role="issuer"),
        world.actor(bank.province, role="acceptor"),
        world.actor(world.institution()),
        world.actor(world.organization()),
        Actor(),
    ]


# --- chapters


def test_chapters_are_numbered_and_renamed(bank: Bank) -> None:
    """EXM-01: a bank per occupation (and level) has its own chapters."""
    second = bank.add_chapter("法律法规")
    assert [(row.number, row.name) for row in questions.chapters_of(bank.occupation, None)] == [
        (1, "施工质量"),
        (2, "法律法规"),
    ]
    assert AuditEntry.objects.filter(act="bank.chapter.add").last().detail == {"name": "法律法规"}
    questions.rename_chapter(bank.writer, second, " 法规与标准 ")
    second.refresh_from_db()
    assert second.name == "法规与标准"
    entry = AuditEntry.objects.get(act="bank.chapter.rename")
    assert entry.detail == {"before": "法律法规", "after": "法规与标准"}


def test_chapters_need_a_name_of_their_own(bank: Bank) -> None:
    """EXM-01: no empty and no second chapter of a name."""
    assert "name" in refused("name_required", bank.add_chapter, "  ").items
    refused("name_taken", bank.add_chapter, "施工质量")
    other = bank.add_chapter("法律法规")
    refused("name_taken", questions.rename_chapter, bank.writer, other, "施工质量")
    assert "name" in refused("name_too_long", bank.add_chapter, "长" * 61).items


# --- questions and their versions


def test_a_question_begins_as_a_draft_with_a_code(bank: Bank) -> None:
    """EXM-01: codes are of the occupation and run on."""
    first, second = bank.draft(), bank.draft(multiple())
    prefix = f"{bank.occupation.programme_id:02d}{bank.occupation.code}-"
    assert [first.question.code, second.question.code] == [f"{prefix}00001", f"{prefix}00002"]
    assert (first.state, first.number, first.author) == ("draft", 1, bank.users["writer"])
    assert first.question.current is None
    log = TransitionLog.objects.of(first).get()
    assert (log.action, log.to_state) == ("create", "draft")


def test_the_key_is_sealed_in_the_database(bank: Bank) -> None:
    """SEC-01: who reads the table finds neither stem nor key."""
    version = bank.draft()
    with connection.cursor() as cursor:
        cursor.execute("SELECT content::text FROM exam_questionversion WHERE id = %s", [version.pk])
        assert "养护" not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"content": single(answer=())}, "answer"),
        ({"content": case(parts=())}, "parts"),
        ({"difficulty": 4}, "difficulty"),
    ],
)
def test_a_wrong_question_is_refused_at_its_field(bank: Bank, changed: dict[str, Any], field: str) -> None:
    """EXM-01: nothing is kept."""
    refusal = refused("question_refused", questions.add_question, bank.writer, bank.data(**changed))
    assert list(refusal.items) == [field]
    assert not Question.objects.visible_to(SYSTEM).exists()


def test_the_same_question_is_not_added_twice(bank: Bank, world: World) -> None:
    """EXM-01: in one bank; another occupation's may ask the same, and so may a changed version of itself."""
    version = bank.draft()
    refusal = refused("question_refused", questions.add_question, bank.reviewer, bank.data())
    assert version.question.code in refusal.items["stem"]
    other = Bank(world, world.occupation("装饰装修施工员"))
    assert other.draft().pk
    questions.change_question(bank.writer, version.question, bank.data(single(explanation="改了解析")))
    questions.discard_draft(bank.writer, version)
    assert bank.draft().pk


def test_a_question_moves_from_draft_to_use(bank: Bank) -> None:
    """EXM-01: written by one, approved by a second."""
    version = bank.draft()
    VERSION.perform(bank.writer, version, "submit")
    VERSION.perform(bank.writer, version, "take_back")
    assert version.state == "draft"
    VERSION.perform(bank.writer, version, "submit")
    VERSION.perform(bank.reviewer, version, "approve", remark="表述清楚")
    version.refresh_from_db()
    assert (version.state, version.reviewer, version.remark) == (
        "approved",
        bank.users["reviewer"],
        "表述清楚",
    )
    assert version.reviewed_at is not None
    assert version.question.current == version


def test_nobody_reviews_what_he_wrote_himself(bank: Bank) -> None:
    """EXM-01: neither approving nor returning one's own, alone or among many."""
    version = bank.submitted()
    refusal = refused("own_question", VERSION.perform, bank.writer, version, "approve")
    assert "另一人" in refusal.message
    with pytest.raises(DomainError, match="另一人"):
        VERSION.perform(bank.writer, version, "return", remark="不行")
    everything = QuestionVersion.objects.visible_to(bank.writer)
    refused("own_question", questions.approve_versions, bank.writer, everything)
    version.refresh_from_db()
    assert version.state == "submitted"


def test_whoever_changed_it_last_is_its_author(bank: Bank) -> None:
    """EXM-01: a reviewer who rewrites a returned question can't approve it himself."""
    version = bank.submitted()
    VERSION.perform(bank.reviewer, version, "return", remark="选项 C 有歧义")
    questions.change_question(bank.reviewer, version.question, bank.data(single(answer=("B",))))
    version.refresh_from_db()
    assert version.number == 1 and version.content["answer"] == ["B"]
    VERSION.perform(bank.reviewer, version, "submit")
    refused("own_question", VERSION.perform, bank.reviewer, version, "approve")
    VERSION.perform(bank.writer, version, "approve")
    assert version.state == "approved"


def test_returning_needs_a_reason(bank: Bank) -> None:
    """EXM-01: and the author reads it."""
    version = bank.submitted()
    with pytest.raises(WrongStateError, match="原因"):
        VERSION.perform(bank.reviewer, version, "return")
    VERSION.perform(bank.reviewer, version, "return", remark="题干不完整")
    version.refresh_from_db()
    assert (version.state, version.remark) == ("returned", "题干不完整")
    message = Message.objects.visible_to(bank.writer).get()
    assert "复核时被退回：题干不完整。" in message.body
    assert version.content["stem"] not in message.body
    assert not Message.objects.visible_to(bank.reviewer).exists()


def test_a_change_of_an_approved_question_is_a_new_version(bank: Bank) -> None:
    """EXM-01: the old version stays in force until the new one is approved, and for good in old papers."""
    old = bank.approved()
    new = questions.change_question(bank.writer, old.question, bank.data(single(answer=("B",))))
    assert (new.number, new.state) == (2, "draft")
    old.refresh_from_db()
    assert (old.state, old.question.current) == ("approved", old)
    VERSION.perform(bank.writer, new, "submit")
    VERSION.perform(bank.reviewer, new, "approve")
    old.refresh_from_db()
    assert (old.state, old.content["answer"]) == ("superseded", ["A"])
    assert Question.objects.visible_to(SYSTEM).get(pk=old.question_id).current == new
    assert TransitionLog.objects.of(old).last().action == "supersede"


def _changed_again(bank: Bank, count: int) -> tuple[list[QuestionVersion], list[QuestionVersion]]:
    """Approved versions of questions, and the ones handed in to replace them."""
    old = bank.stock(count)
    new = [
        questions.change_question(bank.writer, version.question, bank.data(single(f"第 {n} 道题改了吗？")))
        for n, version in enumerate(old)
    ]
    for version in new:
        VERSION.perform(bank.writer, version, "submit")
    return old, new


def test_many_new_versions_take_the_place_of_the_old_at_once(bank: Bank) -> None:
    """EXM-01: of each question one version is approved, whether one is replaced or many are."""
    old, new = _changed_again(bank, 3)
    assert questions.approve_versions(bank.reviewer, QuestionVersion.objects.visible_to(bank.reviewer)) == 3
    for before, after in zip(old, new, strict=True):
        before.refresh_from_db()
        after.refresh_from_db()
        assert (before.state, after.state, after.question.current) == ("superseded", "approved", after)
        assert TransitionLog.objects.of(before).last().action == "supersede"


def test_a_refused_approval_leaves_the_approved_version_alone(bank: Bank) -> None:
    """EXM-01: the guard only judges: nothing is superseded, for one or for many."""
    old, new = _changed_again(bank, 2)
    approval = next(transition for transition in VERSION.transitions if transition.action == "approve")
    with pytest.raises(DomainError, match="另一人"):
        approval.check(bank.writer, new)
    refused("own_question", VERSION.perform, bank.writer, new[0], "approve")
    refused("own_question", questions.approve_versions, bank.writer, QuestionVersion.objects.all())
    for version in old:
        version.refresh_from_db()
        assert (version.state, version.question.current) == ("approved", version)
    assert not TransitionLog.objects.filter(action="supersede").exists()


def test_what_waits_for_review_is_not_changed(bank: Bank) -> None:
    """EXM-01: the reviewer reviews what he sees."""
    version = bank.submitted()
    with pytest.raises(WrongStateError, match="正在复核"):
        questions.change_question(bank.writer, version.question, bank.data(single(answer=("B",))))


def test_a_chapter_of_another_bank_is_refused(bank: Bank, world: World) -> None:
    """EXM-01: a question stays in its bank."""
    other = Bank(world, world.occupation("装饰装修施工员"))
    version = bank.draft()
    refused("other_bank", questions.change_question, bank.writer, version.question, other.data())


def test_retiring_and_reinstating(bank: Bank) -> None:
    """EXM-01: a retired question is drawn no more and can come back."""
    version = bank.approved()
    VERSION.perform(bank.writer, version, "retire")
    version.question.refresh_from_db()
    assert (version.state, version.question.current) == ("retired", None)
    VERSION.perform(bank.writer, version, "reinstate")
    version.question.refresh_from_db()
    assert (version.state, version.question.current) == ("approved", version)


def test_an_old_paper_keeps_what_was_retired_or_changed(world: World) -> None:
    """EXM-01, EXM-02: the paper is rebuilt exactly from the versions of its day."""
    hall = open_hall(1)
    paper = papers.paper_of(hall.sitters[0].candidate)
    before = papers.rebuild(paper)
    keeper = world.actor(world.authority("330000"))
    first, second = QuestionVersion.objects.visible_to(keeper).filter(
        pk__in=[entry["version"] for entry in paper.key], type="single"
    )[:2]
    VERSION.perform(keeper, first, "retire")
    data = QuestionData(second.chapter, single("完全不同的题干？"))
    changed = questions.change_question(keeper, second.question, data)
    VERSION.perform(keeper, changed, "submit")
    VERSION.perform(world.actor(world.authority("330000")), changed, "approve")
    assert papers.rebuild(paper) == before


def test_an_old_version_does_not_come_back_beside_a_new_one(bank: Bank) -> None:
    """EXM-01: one version in force at a time."""
    old = bank.approved()
    VERSION.perform(bank.writer, old, "retire")
    new = questions.change_question(bank.writer, old.question, bank.data(single(answer=("B",))))
    VERSION.perform(bank.writer, new, "submit")
    VERSION.perform(bank.reviewer, new, "approve")
    refused("newer_version", VERSION.perform, bank.writer, old, "reinstate")


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("draft", "approve"),
        ("draft", "return"),
        ("draft", "retire"),
        ("submitted", "submit"),
        ("approved", "submit"),
        ("approved", "take_back"),
        ("approved", "reinstate"),
    ],
)
def test_acts_out_of_turn_are_refused(bank: Bank, state: str, action: str) -> None:
    """EXM-01: the machine's table, not the page, says what may follow."""
    version = getattr(bank, state)()
    with pytest.raises(WrongStateError):
        VERSION.perform(bank.reviewer, version, action, remark="原因")


def test_drafts_are_discarded_and_nothing_else(bank: Bank) -> None:
    """EXM-01: with its only version the question goes; an approved one stays."""
    draft = bank.draft()
    questions.discard_draft(bank.writer, draft)
    assert not Question.objects.visible_to(SYSTEM).exists()
    entry = AuditEntry.objects.get(act="bank.discard")
    assert (entry.user, entry.detail) == (
        bank.users["writer"],
        {"question": draft.question.code, "version": 1},
    )
    approved = bank.approved()
    with pytest.raises(WrongStateError, match="停用"):
        questions.discard_draft(bank.writer, approved)
    second = questions.change_question(bank.writer, approved.question, bank.data(single(answer=("B",))))
    questions.discard_draft(bank.writer, second)
    assert approved.question.versions.get() == approved


def test_many_are_handed_in_and_approved_at_once(bank: Bank) -> None:
    """EXM-01: of a mixed choice those that can be."""
    bank.draft(), bank.draft(multiple()), bank.approved(true_false())
    rows = QuestionVersion.objects.visible_to(bank.writer)
    assert questions.submit_versions(bank.writer, rows) == 2
    assert questions.approve_versions(bank.reviewer, rows) == 2
    assert set(rows.values_list("state", flat=True)) == {"approved"}
    assert Question.objects.visible_to(SYSTEM).filter(current=None).count() == 0


def test_many_new_versions_take_the_place_of_the_old_ones_at_once(bank: Bank) -> None:
    """EXM-01: approving many does what approving one does, with a handful of statements whatever their number."""
    olds = [bank.approved(single(f"第 {n} 题？")) for n in range(3)]
    for n, old in enumerate(olds):
        questions.change_question(bank.writer, old.question, bank.data(single(f"改过的第 {n} 题？")))
    fresh = [bank.draft(multiple(f"新的第 {n} 题？")) for n in range(20)]
    rows = QuestionVersion.objects.visible_to(bank.writer)
    assert questions.submit_versions(bank.writer, rows) == 23
    with CaptureQueriesContext(connection) as asked:
        assert questions.approve_versions(bank.reviewer, rows) == 23
    assert len(asked) < 25
    for old in olds:
        old.refresh_from_db()
        current = Question.objects.visible_to(SYSTEM).get(pk=old.question_id).current
        assert (old.state, current.number, current.reviewer) == ("superseded", 2, bank.users["reviewer"])
    for version in fresh:
        version.refresh_from_db()
        assert (version.state, version.question.current) == ("approved", version)
        assert version.reviewed_at is not None
        assert TransitionLog.objects.of(version).last().action == "approve"


# --- pictures


def picture(bank: Bank) -> Document:
    document = write(bank.writer, "exam.question", "图.jpg", jpeg(), "image/jpeg", owner_key="")
    document.save(force_insert=True)
    return document


def test_pictures_are_seen_by_bank_keepers_alone(bank: Bank, world: World) -> None:
    """SEC-01: not by other staff of the same authority, nor by anybody else."""
    document = picture(bank)
    assert Document.objects.visible_to(bank.reviewer).filter(pk=document.pk).exists()
    for actor in strangers(world, bank):
        assert not Document.objects.visible_to(actor).filter(pk=document.pk).exists()


def test_the_same_words_under_another_picture_are_another_question(bank: Bank) -> None:
    """EXM-01: questions about a picture; the picture goes with its last version."""
    stem = single("图中的标志表示什么？")
    first = bank.draft(stem, picture=picture(bank))
    with pytest.raises(DomainError, match="题库里已有这道题"):
        bank.draft(stem, picture=picture(bank))
    second = write(bank.writer, "exam.question", "图.jpg", jpeg(color="red"), "image/jpeg", owner_key="")
    second.save(force_insert=True)
    assert bank.draft(stem, picture=second).pk
    assert first.picture is not None
    questions.discard_draft(bank.writer, first)
    assert not Document.objects.visible_to(SYSTEM).filter(pk=first.picture.pk).exists()


# --- import


def upload(bank: Bank, *rows: dict[str, str]) -> QuestionImport:
    return questions.start_import(bank.writer, bank.occupation, bank.level, "题库.xlsx", sheet(rows))


def test_a_sheet_enters_the_bank_once_and_whole(bank: Bank) -> None:
    """EXM-01: preview first, then all questions as drafts; not twice."""
    kept = upload(bank, row(), row(题干="另一题？", 答案="B"))
    assert kept.row_count == 2
    assert not Question.objects.visible_to(SYSTEM).exists()
    assert questions.confirm_import(bank.writer, kept) == 2
    drafts = QuestionVersion.objects.visible_to(bank.reviewer).order_by("pk")
    assert [(version.state, version.author, version.chapter) for version in drafts] == [
        ("draft", bank.users["writer"], bank.chapter)
    ] * 2
    assert [log.action for log in TransitionLog.objects.of(drafts[0])] == ["import"]
    assert AuditEntry.objects.filter(act="bank.import").count() == 1
    with pytest.raises(WrongStateError, match="已经导入"):
        questions.confirm_import(bank.writer, kept)


def test_a_sheet_with_a_wrong_cell_enters_not_at_all(bank: Bank) -> None:
    """EXM-01: all or none."""
    kept = upload(bank, row(), row(题干="另一题？", 答案="F"))
    refusal = refused("rows_wrong", questions.confirm_import, bank.writer, kept)
    assert "1 行" in refusal.message
    assert not Question.objects.visible_to(SYSTEM).exists()


def test_a_sheet_is_judged_again_when_it_is_confirmed(bank: Bank) -> None:
    """EXM-01: two sheets with the same question, both previewed before either entered."""
    first, second = upload(bank, row()), upload(bank, row())
    assert questions.verdict_of(second).wrong == []
    questions.confirm_import(bank.writer, first)
    refused("rows_wrong", questions.confirm_import, bank.writer, second)
    chapter = questions.verdict_of(upload(bank, row(章节="第1章", 题干="新题？")))
    assert chapter.questions[0].chapter == bank.chapter.pk


def test_a_sheet_that_is_none_leaves_nothing(bank: Bank) -> None:
    """EXM-01: refused with its sentence."""
    with pytest.raises(SheetRefusedError):
        questions.start_import(bank.writer, bank.occupation, None, "题库.pdf", b"%PDF-1.4")
    assert not QuestionImport.objects.visible_to(SYSTEM).exists()


# --- who


def test_only_bank_keepers_of_the_province_do_anything(bank: Bank, world: World) -> None:
    """ORG-14, SEC-01: every command, and nothing is visible to anybody else."""
    version, kept = bank.submitted(), upload(bank, row())
    for actor in strangers(world, bank):
        acts: list[tuple[Any, ...]] = [
            (questions.add_chapter, bank.occupation, None, "新章"),
            (questions.rename_chapter, bank.chapter, "新名"),
            (questions.add_question, bank.data(multiple())),
            (questions.change_question, version.question, bank.data(multiple())),
            (questions.start_import, bank.occupation, None, "题库.xlsx", b""),
            (questions.confirm_import, kept),
            (questions.discard_draft, version),
        ]
        for act, *args in acts:
            with pytest.raises(NotAllowedError):
                act(actor, *args)
        for action in ("approve", "return", "take_back"):
            with pytest.raises(NotAllowedError):
                VERSION.perform(actor, version, action, remark="原因")
        for model in (Chapter, Question, QuestionVersion, QuestionImport):
            assert not model.objects.visible_to(actor).exists()


def test_data_of_a_level_stay_in_its_bank(bank: Bank) -> None:
    """EXM-01: a level's bank has chapters and questions of its own."""
    from zhupei.catalog.models import Level

    level = Level.objects.create(programme=bank.occupation.programme, name="高级工", minimum_hours=40)
    chapter = questions.add_chapter(bank.writer, bank.occupation, level, "施工质量")
    version = questions.add_question(bank.writer, QuestionData(chapter, single()))
    assert version.question.level == level
    assert bank.draft().question.code > version.question.code
