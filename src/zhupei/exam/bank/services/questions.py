"""Keep the question bank: chapters, questions in versions, import, review by a second person (EXM-01)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models, transaction

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.files import services as files
from foundation.files.models import Document
from foundation.scoping import Actor
from foundation.sheets.reader import SheetRefusedError
from zhupei.catalog.models import Level, Occupation
from zhupei.exam.bank import question_document, question_sheet
from zhupei.exam.bank.content import QuestionContent, digest_of, problems
from zhupei.exam.bank.machine import VERSION, keeps_bank
from zhupei.exam.bank.models import (
    Chapter,
    Difficulty,
    Question,
    QuestionImport,
    QuestionVersion,
    VersionState,
)

CHAPTER_CHARACTERS = 60
# What is written anew when a draft is changed.
WRITTEN = ("chapter", "type", "difficulty", "content", "digest", "picture", "author")
LIVE = [VersionState.DRAFT, VersionState.SUBMITTED, VersionState.RETURNED, VersionState.APPROVED]


def require_keeper(actor: Actor) -> None:
    """Only staff of the provincial authority that keep the bank. Raises NotAllowedError."""
    if not keeps_bank(actor, None):
        raise NotAllowedError("题库由省级主管部门的题库管理人员维护。")


def chapters_of(occupation: Occupation, level: Level | None) -> models.QuerySet[Chapter]:
    """The chapters of one bank."""
    return Chapter.objects.filter(occupation=occupation, level=level).order_by("number")


def add_chapter(actor: Actor, occupation: Occupation, level: Level | None, name: str) -> Chapter:
    """Add a chapter at the end of a bank. Raises DomainError for an empty or a known name."""
    require_keeper(actor)
    _check_chapter_name(occupation, level, name)
    with transaction.atomic():
        Occupation.objects.select_for_update(no_key=True).get(pk=occupation.pk)
        last = chapters_of(occupation, level).aggregate(last=models.Max("number"))["last"] or 0
        chapter = Chapter.objects.create(
            occupation=occupation, level=level, number=last + 1, name=name.strip()
        )
        audit.record(actor, "bank.chapter.add", chapter, name=chapter.name)
        return chapter


def rename_chapter(actor: Actor, chapter: Chapter, name: str) -> Chapter:
    """Give a chapter another name; papers name no chapters, so nothing else changes."""
    require_keeper(actor)
    _check_chapter_name(chapter.occupation, chapter.level, name, besides=chapter.pk)
    with transaction.atomic():
        before, chapter.name = chapter.name, name.strip()
        chapter.save(update_fields=["name"])
        audit.record(actor, "bank.chapter.rename", chapter, before=before, after=chapter.name)
        return chapter


def _check_chapter_name(
    occupation: Occupation, level: Level | None, name: str, besides: int | None = None
) -> None:
    if not name.strip():
        raise DomainError("name_required", "请填写章节名称。", items={"name": "请填写章节名称。"})
    if len(name.strip()) > CHAPTER_CHARACTERS:
        sentence = f"章节名称最多 {CHAPTER_CHARACTERS} 字。"
        raise DomainError("name_too_long", sentence, items={"name": sentence})
    if chapters_of(occupation, level).filter(name=name.strip()).exclude(pk=besides or 0).exists():
        sentence = f"已有名为“{name.strip()}”的章节。"
        raise DomainError("name_taken", sentence, items={"name": sentence})


@dataclass(frozen=True)
class QuestionData:
    """A question as filled in."""

    chapter: Chapter
    content: QuestionContent
    difficulty: int = Difficulty.MEDIUM
    picture: Document | None = None


def add_question(actor: Actor, data: QuestionData) -> QuestionVersion:
    """A new question, as a draft. Raises DomainError with a sentence per field."""
    require_keeper(actor)
    with transaction.atomic():
        _lock(data.chapter.occupation_id)
        _check(data)
        question = new_questions(data.chapter, 1)[0]
        version = _version(actor, question, 1, data)
        version.save()
        VERSION.record_start(actor, [version])
        return version


def change_question(actor: Actor, question: Question, data: QuestionData) -> QuestionVersion:
    """What a question says is changed: a draft in place, an approved one by a new version (the old stays in force
    until the new one is approved, and in old papers for good)."""
    require_keeper(actor)
    if (data.chapter.occupation_id, data.chapter.level_id) != (question.occupation_id, question.level_id):
        raise DomainError("other_bank", "章节不属于这道题的题库。", items={"chapter": "请选择本题库的章节。"})
    with transaction.atomic():
        _lock(question.occupation_id)
        _check(data, besides=question)
        newest = question.versions.select_for_update(no_key=True).order_by("-number").first()
        if newest is None:
            raise WrongStateError()
        if newest.state == VersionState.SUBMITTED:
            raise WrongStateError("这道题正在复核，请先撤回再修改。")
        if newest.state in {VersionState.DRAFT, VersionState.RETURNED}:
            fresh = _version(actor, question, newest.number, data)
            for name in WRITTEN:
                setattr(newest, name, getattr(fresh, name))
            newest.save(update_fields=WRITTEN)
            return newest
        version = _version(actor, question, newest.number + 1, data)
        version.save()
        VERSION.record_start(actor, [version])
        return version


def _lock(occupation: int) -> None:
    """One after the other in a bank: nobody adds what another is just adding."""
    Occupation.objects.select_for_update(no_key=True).get(pk=occupation)


def _digest(data: QuestionData) -> str:
    picture = data.picture.sha256 if data.picture else ""
    return digest_of(data.content.type, data.content.as_json(), picture)


def _check(data: QuestionData, besides: Question | None = None) -> None:
    found = problems(data.content)
    if data.difficulty not in Difficulty.values:
        found["difficulty"] = "请选择难度。"
    if not found:
        same = QuestionVersion.objects.filter(
            digest=_digest(data),
            chapter__occupation=data.chapter.occupation_id,
            chapter__level=data.chapter.level_id,
            state__in=LIVE,
        )
        if besides is not None:
            same = same.exclude(question=besides)
        if (other := same.select_related("question").first()) is not None:
            found["stem"] = f"题库里已有这道题（{other.question.code}）。"
    if found:
        raise DomainError("question_refused", next(iter(found.values())), items=found)


def _version(actor: Actor, question: Question, number: int, data: QuestionData) -> QuestionVersion:
    return QuestionVersion(
        question=question,
        number=number,
        chapter=data.chapter,
        type=data.content.type,
        difficulty=data.difficulty,
        content=data.content.as_json(),
        digest=_digest(data),
        picture=data.picture,
        author=actor.user,
    )


def new_questions(chapter: Chapter, count: int) -> list[Question]:
    """`count` questions with the next codes of the bank, e.g. 0103-00042 (programme's order, occupation, number)."""
    occupation = Occupation.objects.select_for_update(no_key=True).get(pk=chapter.occupation_id)
    prefix = f"{occupation.programme_id:02d}{occupation.code}-"
    last = Question.objects.filter(code__startswith=prefix).aggregate(last=models.Max("code"))["last"]
    first = int(last.removeprefix(prefix)) + 1 if last else 1
    return Question.objects.bulk_create(
        [
            Question(code=f"{prefix}{number:05d}", occupation=occupation, level=chapter.level)
            for number in range(first, first + count)
        ]
    )


def start_import(
    actor: Actor, occupation: Occupation, level: Level | None, file_name: str, content: bytes
) -> QuestionImport:
    """Keep an uploaded sheet or Word document for the preview; the bank is not touched. Raises SheetRefusedError."""
    require_keeper(actor)
    rows = _read(content)
    return QuestionImport.objects.create(
        occupation=occupation,
        level=level,
        file_name=file_name[-200:],
        rows=question_sheet.rows_to_json(rows),
        row_count=len(rows),
        created_by=actor.user,
    )


def _read(content: bytes) -> list[question_sheet.SheetRow]:
    try:
        return question_sheet.read_bank_sheet(content)
    except SheetRefusedError as refusal:
        if refusal.code != "word_document":
            raise
    return question_document.read_bank_document(content)


def verdict_of(upload: QuestionImport) -> question_sheet.SheetVerdict:
    """The judgment of an upload as of now; two queries whatever the rows."""
    chapters = {
        chapter.pk: (chapter.number, chapter.name) for chapter in chapters_of(upload.occupation, upload.level)
    }
    known = set(
        QuestionVersion.objects.filter(chapter__in=list(chapters), state__in=LIVE).values_list(
            "digest", flat=True
        )
    )
    return question_sheet.judge(question_sheet.rows_from_json(upload.rows), chapters, known)


def confirm_import(actor: Actor, upload: QuestionImport) -> int:
    """Put all questions of a faultless upload into the bank as drafts; returns how many. All or none, once."""
    require_keeper(actor)
    with transaction.atomic():
        locked = QuestionImport.objects.select_for_update(no_key=True).get(pk=upload.pk)
        _lock(locked.occupation_id)
        if locked.is_confirmed:
            raise WrongStateError("这份表格已经导入，不能重复导入。")
        verdict = verdict_of(locked)
        if verdict.wrong:
            raise DomainError("rows_wrong", f"还有 {len(verdict.wrong)} 行有错误，请改好后再导入。")
        _store(actor, verdict.questions)
        locked.is_confirmed = True
        locked.save(update_fields=["is_confirmed"])
        audit.record(actor, "bank.import", locked, questions=len(verdict.questions))
        return len(verdict.questions)


def _store(actor: Actor, questions: Sequence[question_sheet.ReadQuestion]) -> None:
    chapters = Chapter.objects.in_bulk([question.chapter for question in questions])
    made = new_questions(next(iter(chapters.values())), len(questions))
    versions = QuestionVersion.objects.bulk_create(
        [
            _version(
                actor,
                question,
                1,
                QuestionData(chapters[given.chapter], given.content, given.difficulty),
            )
            for question, given in zip(made, questions, strict=True)
        ]
    )
    VERSION.record_start(actor, versions, action="import")


def submit_versions(actor: Actor, versions: models.QuerySet[QuestionVersion]) -> int:
    """Hand in those of `versions` that are drafts or were returned, all at once; returns how many."""
    require_keeper(actor)
    waiting = versions.filter(state__in=[VersionState.DRAFT, VersionState.RETURNED])
    return len(VERSION.perform_many(actor, waiting, "submit"))


def approve_versions(actor: Actor, versions: models.QuerySet[QuestionVersion]) -> int:
    """Approve those of `versions` that wait, all or none; returns how many. Raises `own_question` when one is one's own."""
    require_keeper(actor)
    waiting = versions.filter(state=VersionState.SUBMITTED)
    return len(VERSION.perform_many(actor, waiting, "approve"))


def discard_draft(actor: Actor, version: QuestionVersion) -> None:
    """Throw away a version that was never handed in or came back; with its only version the question goes, too."""
    require_keeper(actor)
    with transaction.atomic():
        row = QuestionVersion.objects.select_for_update().get(pk=version.pk)
        if row.state not in {VersionState.DRAFT, VersionState.RETURNED}:
            raise WrongStateError("只有草稿和退回的版本可以删除；已启用的题请停用。")
        question, picture = row.question, row.picture
        audit.record(actor, "bank.discard", row, question=question.code, version=row.number)
        row.delete()
        if picture and not QuestionVersion.objects.filter(picture=picture).exists():
            files.remove(picture)
        if not question.versions.exists():
            question.delete()
