"""EXM-02: papers of a plan, prepared ahead, different but equal, rebuilt exactly."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from foundation.errors import DomainError
from foundation.files.models import Document
from foundation.jobs import services as jobs
from foundation.scoping import SYSTEM
from tests.world import World, jpeg
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.assessment.signals import online_confirmed
from zhupei.demo.exam_bank import invented_bank
from zhupei.demo.exam_hall import Hall, open_hall
from zhupei.exam import tasks
from zhupei.exam.bank.machine import VERSION
from zhupei.exam.bank.models import Blueprint, BlueprintRow, Chapter, Question, QuestionVersion, VersionState
from zhupei.exam.bank.services import loading
from zhupei.exam.papers import drawing
from zhupei.exam.papers import services as papers
from zhupei.exam.papers.models import Paper, PaperSet

pytestmark = pytest.mark.django_db


def without_papers(hall: Hall) -> AssessmentPlan:
    """The hall's plan as it is before anything was prepared."""
    Paper.objects.filter(candidate__plan=hall.plan).delete()
    PaperSet.objects.filter(plan=hall.plan).delete()
    return hall.plan


def test_everybody_gets_a_paper_of_his_own(hall: Hall) -> None:
    """EXM-02: the same full mark, the same number of questions, none like the other."""
    made = list(Paper.objects.filter(candidate__plan=hall.plan))
    assert len(made) == 3
    assert {sum(Decimal(entry["points"]) for entry in paper.key) for paper in made} == {
        Decimal(hall.plan.full_mark)
    }
    assert len({paper.question_count for paper in made}) == 1
    assert len({paper.digest for paper in made}) == 3
    for paper in made:
        questions, key = papers.rebuild(paper)
        assert questions == papers.shown_questions(paper)
        assert key == paper.key
        assert paper.question_count == len(questions) == len(key)


def test_preparing_again_changes_nothing(hall: Hall) -> None:
    """EXM-02: a worker that dies may begin anew; a paper that is there stays."""
    before = dict(Paper.objects.values_list("candidate", "digest"))
    assert papers.prepare_papers(hall.plan) == 0
    Paper.objects.filter(candidate=hall.sitters[1].candidate).delete()
    assert papers.prepare_papers(hall.plan) == 1
    after = dict(Paper.objects.values_list("candidate", "digest"))
    assert before.keys() == after.keys()
    assert sum(before[key] != after[key] for key in before) == 1


def test_the_key_is_sealed_and_not_in_the_body(hall: Hall) -> None:
    """EXM-07, SEC-02: what the browser gets says nothing of the answers; the database holds the key sealed only."""
    paper = Paper.objects.filter(candidate__plan=hall.plan).first()
    assert paper is not None
    raw = (
        Paper.objects.filter(pk=paper.pk).extra(select={"raw": "key::text"}).values_list("raw", flat=True)[0]
    )
    assert "answer" not in raw
    body = drawing.unpack(paper.body).decode()
    assert '"answer"' not in body
    assert "explanation" not in body
    contents = QuestionVersion.objects.in_bulk([entry["version"] for entry in paper.key])
    for version in contents.values():
        assert not version.content.get("explanation") or version.content["explanation"] not in body


def test_a_paper_outlives_its_questions(hall: Hall) -> None:
    """EXM-01: retired and replaced questions stay in old papers, which rebuild exactly; new papers leave them out."""
    paper = Paper.objects.filter(candidate__plan=hall.plan).first()
    assert paper is not None
    shown = papers.shown_questions(paper)
    first, second = (QuestionVersion.objects.get(pk=paper.key[n]["version"]) for n in (0, 1))
    VERSION.perform(SYSTEM, first, "retire")
    newer = QuestionVersion.objects.create(
        question=second.question,
        number=2,
        chapter=second.chapter,
        type=second.type,
        difficulty=second.difficulty,
        content={**second.content, "stem": "改过的题干"},
        digest="0" * 64,
        state=VersionState.SUBMITTED,
    )
    VERSION.perform(SYSTEM, newer, "approve")
    assert papers.rebuild(paper)[0] == shown
    fresh = open_hall(1)
    pool = PaperSet.objects.get(plan=fresh.plan).pool
    assert first.pk not in pool
    assert second.pk not in pool
    assert newer.pk in pool


def test_a_tampered_paper_is_found_out(hall: Hall) -> None:
    """EXM-02: body, key, seed or pool changed in the database: the rebuilding says so."""
    paper = Paper.objects.filter(candidate__plan=hall.plan).first()
    assert paper is not None
    key = json.loads(json.dumps(paper.key))
    key[0]["answer"] = ["A"] if key[0]["answer"] != ["A"] else ["B"]
    for changed in (
        {"key": key},
        {"seed": paper.seed + 1},
        {"body": drawing.pack(b"[]")},
        {"digest": "0" * 64},
    ):
        broken = Paper.objects.get(pk=paper.pk)
        for name, value in changed.items():
            setattr(broken, name, value)
        broken.save()
        with pytest.raises(papers.PaperMismatchError):
            papers.rebuild(Paper.objects.get(pk=paper.pk))
        paper.save()
    papers.rebuild(Paper.objects.get(pk=paper.pk))


def test_somebody_who_joins_late_gets_a_paper(hall: Hall) -> None:
    """EXM-02: a missing paper is drawn when it is asked for, from the same pool, once."""
    candidate = Candidate.objects.get(pk=hall.sitters[0].candidate.pk)
    Paper.objects.filter(candidate=candidate).delete()
    paper = papers.paper_of(candidate)
    assert paper.paper_set == PaperSet.objects.get(plan=hall.plan)
    assert papers.paper_of(candidate) == paper
    papers.rebuild(paper)


def for_exams() -> QuerySet[QuestionVersion]:
    """What papers may be drawn from."""
    return QuestionVersion.objects.filter(state="approved", question__is_practice=False)


def test_what_the_bank_lacks_is_named(hall: Hall) -> None:
    """EXM-02: no blueprint, too few questions, another full mark: one sentence an occupation."""
    plan = without_papers(hall)
    assert papers.check_bank(plan) == {}
    blueprint = Blueprint.objects.get(occupation__name="土建施工员", is_active=True)
    row = blueprint.rows.get(type="single")
    there = for_exams().filter(type="single").count()
    before = row.count
    row.count = there + 3
    row.save()
    plan.full_mark += there + 3 - before
    plan.save()
    assert papers.check_bank(plan) == {"土建施工员": "单选题缺 3 题"}
    plan.full_mark = 120
    plan.save()
    assert "考核满分 120 分" in papers.check_bank(plan)["土建施工员"]
    blueprint.is_active = False
    blueprint.save()
    assert papers.check_bank(plan) == {"土建施工员": "没有启用的组卷方案"}
    with pytest.raises(DomainError, match=r"土建施工员：没有启用的组卷方案") as refusal:
        papers.require_bank(plan)
    assert refusal.value.code == "bank_incomplete"
    with pytest.raises(DomainError, match="题库还不能组卷"):
        papers.prepare_papers(plan)
    assert not PaperSet.objects.filter(plan=plan).exists()


def test_a_plan_of_two_occupations_is_checked_for_both() -> None:
    """EXM-02: each person's paper is of his own occupation."""
    hall = open_hall(6, occupations=2)
    sets = {
        paper_set.occupation_id: set(paper_set.pool) for paper_set in PaperSet.objects.filter(plan=hall.plan)
    }
    assert len(sets) == 2
    for sitter in hall.sitters:
        paper = Paper.objects.get(candidate=sitter.candidate)
        drawn = {entry["version"] for entry in paper.key}
        assert drawn <= sets[sitter.candidate.enrollment.occupation_id]
    plan = without_papers(hall)
    Blueprint.objects.update(is_active=False)
    assert len(papers.check_bank(plan)) == 2


def test_rows_that_overlap_are_judged_together(hall: Hall) -> None:
    """EXM-02: a chapter's row and one for all chapters do not count the same question twice."""
    plan = without_papers(hall)
    blueprint = Blueprint.objects.get(occupation__name="土建施工员", is_active=True)
    blueprint.rows.all().delete()
    chapter = Chapter.objects.filter(versions__type="single").first()
    assert chapter is not None
    singles = for_exams().filter(type="single")
    inside = singles.filter(chapter=chapter).count()
    outside = singles.exclude(chapter=chapter).count()
    for some_chapter, count in ((None, outside), (chapter, inside)):
        BlueprintRow.objects.create(
            blueprint=blueprint, chapter=some_chapter, type="single", count=count, points=Decimal(1)
        )
    plan.full_mark = inside + outside
    plan.save()
    assert papers.check_bank(plan) == {}
    BlueprintRow.objects.filter(blueprint=blueprint, chapter=None).update(count=outside + 1)
    plan.full_mark += 1
    plan.save()
    assert "缺 1 题" in papers.check_bank(plan)["土建施工员"]


def test_confirming_asks_the_bank_and_has_the_papers_prepared(hall: Hall) -> None:
    """EXM-02, ASM-05: the institution's confirmation starts the job; an empty bank refuses it."""
    plan = without_papers(hall)
    online_confirmed.send(sender=AssessmentPlan, actor=SYSTEM, plan=plan)
    Blueprint.objects.update(is_active=False)  # what is confirmed is drawn, whatever becomes of the bank
    QuestionVersion.objects.update(state=VersionState.RETIRED)
    jobs.run_pending()
    assert Paper.objects.filter(candidate__plan=plan).count() == 3
    without_papers(hall)
    Blueprint.objects.update(is_active=False)
    with pytest.raises(DomainError, match="没有启用的组卷方案"):
        online_confirmed.send(sender=AssessmentPlan, actor=SYSTEM, plan=plan)
    assert jobs.run_pending() == 0


def test_papers_that_are_missing_the_day_before_are_drawn(hall: Hall) -> None:
    """EXM-02: after a preparation that died, or for somebody who joined: the clock sees to it."""
    Paper.objects.filter(candidate=hall.sitters[1].candidate).delete()
    assert papers.prepare_missing(hall.session.starts_at - dt.timedelta(hours=25)) == 0
    assert papers.prepare_missing(hall.session.ends_at) == 0
    tasks.missing_papers(0)
    assert Paper.objects.filter(candidate__plan=hall.plan).count() == 3
    assert papers.prepare_missing() == 0
    Paper.objects.filter(candidate__plan=hall.plan).delete()
    AssessmentPlan.objects.filter(pk=hall.plan.pk).update(stage="reviewed")
    assert papers.prepare_missing() == 0


def picture(content: bytes) -> Document:
    document = Document(
        kind="exam.picture",
        owner_key="authority:1",
        name="p.jpg",
        content_type="image/jpeg",
        size=len(content),
        sha256="0" * 64,
    )
    document.file.save("p.jpg", ContentFile(content), save=False)
    document.save()
    return document


def test_pictures_come_with_the_paper(hall: Hall, world: World) -> None:
    """EXM-01: embedded, so that a picture needs no address of its own; too large ones are refused by name."""
    plan = without_papers(hall)
    QuestionVersion.objects.filter(type__in=["true_false", "case"]).update(picture=picture(jpeg(40, 30)))
    papers.prepare_papers(plan)
    paper = Paper.objects.filter(candidate__plan=plan).first()
    assert paper is not None
    shown = papers.shown_questions(paper)
    with_picture = [q.get("picture") or q.get("case", {}).get("picture", "") for q in shown]
    assert {q["type"] for q, p in zip(shown, with_picture, strict=True) if p and "case" not in q} == {
        "true_false"
    }
    assert all(p.startswith("data:image/jpeg;base64,") for p in with_picture if p)
    papers.rebuild(paper)
    without_papers(hall)
    heavy = Question.objects.first()
    assert heavy is not None
    QuestionVersion.objects.filter(question=heavy).update(picture=picture(b"\0" * (papers.MAX_BYTES + 1)))
    assert f"试题 {heavy.code} 的图片超过 300 KB" in papers.check_bank(plan)["土建施工员"]


@pytest.mark.parametrize("name", loading.known_banks())
def test_the_banks_that_come_along_are_good(name: str) -> None:
    """EXM-01, EXM-02: loaded once however often; a paper of the full mark can be drawn from each."""
    made = loading.load_bank(name)
    assert made >= 100
    assert loading.load_bank(name) == 0
    blueprint = Blueprint.objects.get()
    assert sum(row.count * row.points for row in blueprint.rows.all()) == 100
    versions = QuestionVersion.objects.all()
    pool = drawing.Pool(
        [drawing.PoolQuestion(v.pk, v.type, v.content, v.chapter_id, v.difficulty) for v in versions],
        [drawing.Row(r.type, r.count, r.points, r.chapter_id, r.difficulty) for r in blueprint.rows.all()],
    )
    drawn = drawing.draw(pool, 1)
    assert sum(Decimal(entry["points"]) for entry in drawn.key) == 100
    assert Question.objects.filter(current=None).count() == 0


def test_an_invented_bank_has_certain_answers() -> None:
    """EXM-01: of the load test's questions, too, exactly the stated options are right, and they differ."""
    document: dict[str, Any] = invented_bank("site-professionals", "质量员")
    plain = [part for row in document["questions"] for part in row.get("parts", [row])]
    for row in plain:
        assert len(set(row["options"])) == len(row["options"])
        assert 1 <= len(row["answer"]) <= len(row["options"])
        if row["type"] == "multiple":
            limit = float(row["stem"].split(" 毫米")[0].split("不超过 ")[1])
            right = ["ABCDE"[n] for n, text in enumerate(row["options"]) if float(text.split()[0]) > limit]
            assert row["answer"] == right
            assert len(right) >= 2


def test_many_papers_take_few_statements() -> None:
    """EXM-02, SCA-01: the pool is read once and papers are written by the hundred."""
    hall = open_hall(500)
    plan = without_papers(hall)
    with CaptureQueriesContext(connection) as few:
        assert papers.prepare_papers(plan) == 500
    assert len(few) <= 20 + 500 / papers.AT_ONCE
    assert len(set(Paper.objects.filter(candidate__plan=plan).values_list("digest", flat=True))) == 500


def test_the_command_prints_who_sits_the_exam() -> None:
    """EXM-02: one JSON document for the load test."""
    out = StringIO()
    call_command("exam_hall", "--people", "4", "--minutes", "10", stdout=out)
    document = json.loads(out.getvalue())
    plan = AssessmentPlan.objects.get(name=document["plan"])
    assert plan.exam_minutes == 10
    assert {row["ticket"] for row in document["sitters"]} == set(
        Candidate.objects.filter(plan=plan).values_list("ticket_number", flat=True)
    )
