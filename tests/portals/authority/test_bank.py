"""EXM-01: the pages of the question bank, and that keys stay with those who keep it (SEC-01)."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from foundation.audit.models import AuditEntry
from foundation.files.models import Document
from foundation.scoping import SYSTEM
from tests.portals.pressing import refused
from tests.test_pages import Furnished, visits
from tests.world import World, jpeg
from tests.zhupei.exam.banks import Bank, case, multiple, row, sheet, single, true_false
from zhupei.catalog.models import Level
from zhupei.exam.bank.machine import VERSION
from zhupei.exam.bank.models import Blueprint, Chapter, Question, QuestionImport, QuestionVersion
from zhupei.exam.bank.question_document import write_document_template
from zhupei.exam.bank.question_sheet import judge, read_bank_sheet
from zhupei.exam.bank.services import questions
from zhupei.exam.bank.services.loading import load_bank

pytestmark = pytest.mark.django_db
KEY = "混凝土终凝后及时养护"


@pytest.fixture
def bank(world: World) -> Bank:
    return Bank(world)


@pytest.fixture
def writer(world: World, bank: Bank) -> Client:
    return world.client(bank.users["writer"])


@pytest.fixture
def reviewer(world: World, bank: Bank) -> Client:
    return world.client(bank.users["reviewer"])


def url(name: str, *keys: Any) -> str:
    return reverse(f"authority:{name}", args=[str(key) for key in keys])


def of_bank(bank: Bank, name: str) -> str:
    return url(name, bank.occupation.pk)


def page(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def fields(bank: Bank, **changed: Any) -> dict[str, Any]:
    """What the form sends for a single-choice question."""
    plain = {
        "type": "single",
        "chapter": bank.chapter.pk,
        "difficulty": 2,
        "q-stem": "养护何时开始？",
        "q-option_a": "12 小时以内",
        "q-option_b": "24 小时以内",
        "q-right": ["A"],
        "q-explanation": KEY,
        "part": ["0"],
        "save": "1",
    }
    return plain | changed


def only_version() -> QuestionVersion:
    version: QuestionVersion = QuestionVersion.objects.visible_to(SYSTEM).get()
    return version


# --- who


def test_the_menu_shows_the_bank_to_its_keepers_alone(world: World, bank: Bank, reviewer: Client) -> None:
    """ORG-14: with the number of questions that wait for this very person; other authorities have no such entry."""
    bank.submitted()
    home = page(reviewer, reverse("authority:home"))
    assert url("bank") in home
    for user in (world.user(bank.province, role="issuer"), world.user(world.authority())):
        assert url("bank") not in page(world.client(user), reverse("authority:home"))


def test_nobody_else_opens_a_page_of_the_bank(world: World, bank: Bank) -> None:
    """SEC-01: city authorities, the province's issuers, institutions, enterprises: 404 for pages and files with keys."""
    version = bank.submitted()
    upload = questions.start_import(bank.writer, bank.occupation, None, "题.xlsx", sheet([row()]))
    paths = [
        url("bank"),
        url("bank_reviews"),
        url("bank_review", version.pk),
        url("bank_question", version.question_id),
        url("bank_question_change", version.question_id),
        of_bank(bank, "bank_questions"),
        of_bank(bank, "bank_questions") + "?format=xlsx",
        of_bank(bank, "bank_blueprint"),
        of_bank(bank, "bank_chapters"),
        url("bank_import", upload.pk),
        url("bank_import_marked", upload.pk),
        url("bank_template"),
        url("bank_document_template"),
    ]
    others = [
        world.user(world.authority()),
        world.user(bank.province, role="issuer"),
        world.user(bank.province, role="acceptor"),
        world.user(world.institution()),
        world.user(world.organization()),
    ]
    for user in others:
        client = world.client(user)
        for path in paths:
            assert client.get(path).status_code == 404, (user, path)
        for name in ("bank_question_act", "bank_question_discard"):
            assert client.post(url(name, version.question_id)).status_code == 404
        assert client.post(url("bank_review_decide", version.pk), {"verdict": "approve"}).status_code == 404
        assert client.post(url("bank_picture"), {"file": upload_of(jpeg())}).status_code == 404
    version.refresh_from_db()
    assert version.state == "submitted"


def test_as_the_examinee_sees_it_the_key_is_not_there(bank: Bank, reviewer: Client) -> None:
    """EXM-07: neither answer nor explanation nor a mark of the right option."""
    version = bank.submitted()
    address = url("bank_question", version.question_id)
    assert KEY in page(reviewer, address)
    seen = page(reviewer, f"{address}?as=examinee")
    assert version.content["stem"] in seen
    assert KEY not in seen and 'class="right"' not in seen and "正确答案" not in seen
    assert AuditEntry.objects.filter(act="bank.question.view").count() == 2


# --- writing


def test_a_question_is_written_and_handed_in(bank: Bank, writer: Client) -> None:
    """EXM-01: kept as a draft, then submitted from its page."""
    answer = writer.post(of_bank(bank, "bank_question_new"), fields(bank))
    version = only_version()
    assert answer.url == url("bank_question", version.question_id)
    assert (version.state, version.content["answer"], version.author) == (
        "draft",
        ["A"],
        bank.users["writer"],
    )
    writer.post(url("bank_question_act", version.question_id), {"action": "submit", "version": version.pk})
    assert only_version().state == "submitted"
    assert "修改</a>" not in page(writer, url("bank_question", version.question_id))
    writer.post(url("bank_question_act", version.question_id), {"action": "take_back", "version": version.pk})
    assert only_version().state == "draft"


def test_handed_in_at_once_and_on_to_the_next(bank: Bank, writer: Client) -> None:
    """EXM-01: the next form begins with what was chosen."""
    sent = fields(bank, next="1", difficulty=3)
    del sent["save"]
    answer = writer.post(of_bank(bank, "bank_question_new"), sent, follow=True)
    assert only_version().state == "submitted"
    editor = answer.context["editor"]
    assert (editor.type, editor.head["chapter"].value()) == ("single", str(bank.chapter.pk))
    assert editor.head["difficulty"].value() == "3"


def test_errors_stand_at_their_fields_and_nothing_typed_is_lost(bank: Bank, writer: Client) -> None:
    """EXM-01: stem, options, answer, chapter."""
    sent = fields(bank, chapter="", **{"q-option_a": "", "q-right": []})
    shown = writer.post(of_bank(bank, "bank_question_new"), sent).content.decode()
    assert "请选择章节。" in shown and "养护何时开始？" in shown and "24 小时以内" in shown and KEY in shown
    sent["chapter"] = bank.chapter.pk
    answer = writer.post(of_bank(bank, "bank_question_new"), sent)
    form = answer.context["editor"].main
    assert "选项 A 是空的" in form.errors["option_a"][0]
    assert "请填写答案" in form.errors["right"][0]
    assert not Question.objects.visible_to(SYSTEM).exists()


def test_true_false_and_multiple(bank: Bank, writer: Client) -> None:
    """EXM-01: fields of other types that were filled in before do not matter."""
    writer.post(of_bank(bank, "bank_question_new"), fields(bank, type="true_false", **{"q-truth": "B"}))
    assert only_version().content["options"] == ["正确", "错误"]
    assert only_version().content["answer"] == ["B"]
    sent = fields(bank, type="multiple", **{"q-option_c": "48 小时以内", "q-right": ["A", "C"]})
    writer.post(of_bank(bank, "bank_question_new"), sent)
    assert QuestionVersion.objects.visible_to(SYSTEM).latest("pk").content["answer"] == ["A", "C"]


def test_a_case_gets_more_parts_and_loses_one_again(bank: Bank, writer: Client) -> None:
    """EXM-01: adding and removing keeps what was typed; blank parts do not count."""
    address = of_bank(bank, "bank_question_new")
    part = {"type": "single", "stem": "属于？", "option_a": "甲", "option_b": "乙", "right": ["B"]}
    sent = fields(bank, type="case", **{f"p0-{name}": value for name, value in part.items()})
    del sent["save"]
    editor = writer.post(address, sent | {"add_part": "1"}).context["editor"]
    assert [form.prefix for form in editor.parts] == ["p0", "p1"]
    assert editor.parts[0]["stem"].value() == "属于？"
    editor = writer.post(address, sent | {"part": ["0", "1"], "drop_part": "0"}).context["editor"]
    assert [form.prefix for form in editor.parts] == ["p1"]
    second = {"p1-type": "true_false", "p1-stem": "对吗？", "p1-truth": "A"}
    both = sent | {"part": ["0", "1", "2"], "save": "1"} | second
    wrong = writer.post(address, both | {"p1-truth": ""}).context["editor"]
    assert "请填写答案" in wrong.parts[1].errors["truth"][0]
    writer.post(address, both)
    assert [part["answer"] for part in only_version().content["parts"]] == [["B"], ["A"]]
    nothing = writer.post(address, fields(bank, type="case", **{"q-stem": "另一工程。"})).context["editor"]
    assert "至少要有一道小题" in nothing.parts_error


def test_the_preview_shows_what_the_examinee_will_see(bank: Bank, writer: Client) -> None:
    """EXM-01: before anything is kept, without the key."""
    sent = fields(bank, preview="1")
    del sent["save"]
    answer = writer.post(of_bank(bank, "bank_question_new"), sent)
    preview = answer.context["preview"]
    assert [text for _, text, right in preview.parts[0].options if not right] == [
        "12 小时以内",
        "24 小时以内",
    ]
    assert preview.parts[0].answer == ""
    assert not Question.objects.visible_to(SYSTEM).exists()


def test_an_approved_question_is_changed_by_a_new_version(
    bank: Bank, writer: Client, reviewer: Client
) -> None:
    """EXM-01: what changed is shown beside what it was; the old version can still be read."""
    old = bank.approved()
    address = url("bank_question_change", old.question_id)
    assert "成为第 2 版草稿" in page(writer, address)
    writer.post(address, fields(bank, **{"q-stem": "新的题干？"}))
    shown = page(reviewer, url("bank_question", old.question_id))
    assert "与第 1 版相比" in shown and "新的题干？" in shown and "第 1 版启用中" in shown
    assert "新的题干？" not in page(reviewer, url("bank_question", old.question_id) + "?version=1")
    assert reviewer.get(url("bank_question", old.question_id) + "?version=9").status_code == 404
    writer.post(url("bank_question_discard", old.question_id))
    assert old.question.versions.get() == old


def test_what_waits_for_review_opens_no_form(bank: Bank, writer: Client) -> None:
    """EXM-01: the sentence says what to do."""
    version = bank.submitted()
    answer = writer.get(url("bank_question_change", version.question_id), follow=True)
    assert "请先撤回再修改" in answer.content.decode()


def test_retiring_and_reinstating_from_the_page(bank: Bank, reviewer: Client) -> None:
    """EXM-01: acts that the machine does not allow are refused with a sentence."""
    version = bank.approved()
    act = url("bank_question_act", version.question_id)
    reviewer.post(act, {"action": "retire", "version": version.pk})
    assert only_version().state == "retired"
    reviewer.post(act, {"action": "reinstate", "version": version.pk})
    assert only_version().state == "approved"
    assert reviewer.post(act, {"action": "approve", "version": version.pk}).status_code == 404
    again = reviewer.post(act, {"action": "reinstate", "version": version.pk}, follow=True)
    assert "不能恢复启用" in again.content.decode()


# --- pictures


def upload_of(content: bytes, name: str = "图.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/jpeg")


def test_a_picture_travels_with_its_question(world: World, bank: Bank, writer: Client) -> None:
    """EXM-01: kept for bank keepers alone, shown with the question, refused when it is too heavy or no picture."""
    answer = writer.post(url("bank_picture"), {"file": upload_of(jpeg())}).json()
    assert answer["ok"]
    writer.post(of_bank(bank, "bank_question_new"), fields(bank, picture=answer["id"]))
    version = only_version()
    assert str(version.picture_id) == answer["id"]
    assert answer["url"] in page(writer, url("bank_question", version.question_id))
    assert writer.get(answer["url"]).status_code == 200
    for user in (world.user(bank.province, role="issuer"), world.user(world.institution())):
        assert world.client(user).get(answer["url"]).status_code == 404
    big = writer.post(url("bank_picture"), {"file": upload_of(b"x" * 310 * 1024)})
    assert "超过 300 KB" in big.json()["message"]
    assert not writer.post(url("bank_picture"), {"file": upload_of(b"GIF89a")}).json()["ok"]
    assert writer.post(url("bank_picture_none")).json()["ok"]


def test_only_a_picture_of_the_bank_is_taken(bank: Bank, world: World, writer: Client) -> None:
    """SEC-01: the key of somebody's paper in the hidden field is no way to it."""
    paper: Document = world.document("enterprise:1")
    answer = writer.post(of_bank(bank, "bank_question_new"), fields(bank, picture=str(paper.pk)))
    assert "图片已经失效" in answer.content.decode()
    assert not Question.objects.visible_to(SYSTEM).exists()


# --- the list


def test_questions_are_found_by_code_words_and_filters(bank: Bank, reviewer: Client) -> None:
    """EXM-01: sealed contents are searched, too; tabs by state with counts."""
    bank.submitted(), bank.draft(multiple()), bank.draft(case())
    address = of_bank(bank, "bank_questions")

    def found(query: str) -> int:
        count: int = reviewer.get(f"{address}?{query}").context["list"].page.paginator.count
        return count

    assert found("") == 3
    assert found("q=安全帽") == 1
    assert found("q=总监理工程师") == 1
    assert found("q=00002") == 1
    assert found("q=没有的词") == 0
    assert found("type=case") == 1
    assert found("tab=draft") == 2
    assert found("tab=submitted&difficulty=2") == 1
    assert "待复核" in page(reviewer, address)


def test_many_are_handed_in_at_once(bank: Bank, writer: Client) -> None:
    """EXM-01: drafts among the picked ones."""
    versions = [bank.draft(), bank.draft(multiple()), bank.submitted(true_false())]
    address = of_bank(bank, "bank_questions")
    answer = writer.post(address, {"_action": "submit", "ids": [row.pk for row in versions]}, follow=True)
    assert "已提交 2 道题复核" in answer.content.decode()
    again = writer.post(address, {"_action": "submit", "ids": [row.pk for row in versions]}, follow=True)
    assert "不用提交" in again.content.decode()


def test_the_export_can_be_imported_again(bank: Bank, writer: Client) -> None:
    """EXM-01: in the template's format, with cases; written into the audit log."""
    bank.draft(), bank.draft(multiple()), bank.draft(true_false()), bank.draft(case())
    bank.draft(single("=1+1 等于几？"))
    answer = writer.get(of_bank(bank, "bank_questions") + "?format=xlsx")
    content = b"".join(answer.streaming_content)
    verdict = judge(read_bank_sheet(io.BytesIO(content)), {7: (1, "施工质量")})
    assert [line.errors for line in verdict.rows if line.errors] == []
    assert [question.content.type for question in verdict.questions] == [
        "single", "multiple", "true_false", "case", "single",
    ]  # fmt: skip
    assert verdict.questions[3].content.as_json() == case().as_json()
    assert AuditEntry.objects.filter(act="list.export").count() == 1


# --- review


def test_the_reviewer_goes_from_one_to_the_next(bank: Bank, reviewer: Client) -> None:
    """EXM-01: approve, return with a reason; the author reads it."""
    first, second = bank.submitted(), bank.submitted(multiple())
    shown = page(reviewer, url("bank_review", first.pk))
    assert "第 1 / 2 道" in shown and KEY in shown and 'data-key="a"' in shown and 'data-key="r"' in shown
    answer = reviewer.post(url("bank_review_decide", first.pk), {"verdict": "approve"})
    assert answer.url == url("bank_review", second.pk)
    nothing = reviewer.post(url("bank_review_decide", second.pk), {"verdict": "return"}, follow=True)
    assert "请填写退回修改的原因" in nothing.content.decode()
    sent = {
        "verdict": "return",
        "reason": ["answer|答案有误"],
        "other_item": ["stem"],
        "other_text": ["缺单位"],
    }
    assert reviewer.post(url("bank_review_decide", second.pk), sent).url == url("bank_reviews")
    second.refresh_from_db()
    assert (second.state, second.remark) == ("returned", "答案：答案有误；题干：缺单位")
    assert "已经办理" in page(reviewer, url("bank_review", first.pk))


def test_ones_own_question_is_shown_but_not_approved(bank: Bank, writer: Client) -> None:
    """EXM-01: the page says why, and the address refuses as well."""
    version = bank.submitted()
    shown = page(writer, url("bank_review", version.pk))
    assert "自己出的，要由另一人复核" in shown and 'value="approve"' not in shown
    answer = writer.post(url("bank_review_decide", version.pk), {"verdict": "approve"}, follow=True)
    assert "另一人复核" in answer.content.decode()
    assert "本人（由他人复核）" in page(writer, url("bank_reviews"))
    assert only_version().state == "submitted"


def test_a_refusal_is_said_where_the_button_stands(bank: Bank, writer: Client, reviewer: Client) -> None:
    """EXM-01: act, delete, decide; nothing is changed."""
    version = bank.submitted()
    question = url("bank_question", version.question_id)
    act, drop = (url(name, version.question_id) for name in ("bank_question_act", "bank_question_discard"))
    assert "不能" in refused(writer, question, act, {"action": "retire", "version": version.pk})
    assert "只有草稿和退回的版本可以删除" in refused(writer, question, drop)
    case, decide = url("bank_review", version.pk), url("bank_review_decide", version.pk)
    assert "请选择通过或退回" in refused(reviewer, case, decide)
    assert only_version().state == "submitted"


def test_many_are_approved_but_ones_own(bank: Bank, writer: Client, reviewer: Client) -> None:
    """EXM-01: own ones stay, and the sentence says so."""
    mine, other = bank.submitted(), questions.add_question(bank.reviewer, bank.data(multiple()))
    VERSION.perform(bank.reviewer, other, "submit")
    sent = {"_action": "approve", "ids": [mine.pk, other.pk]}
    answer = writer.post(url("bank_reviews"), sent, follow=True).content.decode()
    assert "已通过 1 道题" in answer and "其中 1 道是您自己出的" in answer
    mine.refresh_from_db(), other.refresh_from_db()
    assert (mine.state, other.state) == ("submitted", "approved")
    only_mine = writer.post(url("bank_reviews"), {"_action": "approve", "ids": [mine.pk]}, follow=True)
    assert "请由另一人复核" in only_mine.content.decode()


# --- import


def test_a_sheet_is_judged_and_enters_once(bank: Bank, writer: Client) -> None:
    """EXM-01: errors per cell, the marked file, then confirmed."""
    new = of_bank(bank, "bank_import_upload")
    bad = SimpleUploadedFile("题.xlsx", sheet([row(), row(题干="错？", 答案="F")]))
    shown = page(writer, writer.post(new, {"file": bad}).json()["url"])
    assert "1 行要改" in shown and "答案 F 没有对应的选项。" in shown and "确认导入" not in shown
    kept = QuestionImport.objects.visible_to(SYSTEM).get()
    marked = writer.get(url("bank_import_marked", kept.pk))
    assert len(read_bank_sheet(marked.content)) == 2
    assert "还有 1 行有错误" in writer.post(url("bank_import_confirm", kept.pk), follow=True).content.decode()
    good = SimpleUploadedFile("题.xlsx", sheet([row(), row(题干="对？")]))
    writer.post(new, {"file": good})
    kept = QuestionImport.objects.visible_to(SYSTEM).latest("pk")
    assert "确认导入 2 道题" in page(writer, url("bank_import", kept.pk))
    answer = writer.post(url("bank_import_confirm", kept.pk))
    assert answer.url == of_bank(bank, "bank_questions") + "?tab=draft"
    again = writer.post(url("bank_import_confirm", kept.pk), follow=True)
    assert "不能重复导入" in again.content.decode()
    assert QuestionVersion.objects.visible_to(SYSTEM).count() == 2


def test_a_file_that_is_no_sheet_is_refused_at_its_field(bank: Bank, writer: Client) -> None:
    """EXM-01: with its sentence; without chapters there is nothing to import into yet."""
    address = of_bank(bank, "bank_import_upload")
    for content, words in ((b"%PDF-1.7", "这不是表格文件"), (b"", "文件是空的")):
        answer = writer.post(address, {"file": SimpleUploadedFile("题.xlsx", content)})
        assert answer.status_code == 422 and words in answer.json()["message"]
    assert "没有收到文件" in writer.post(address).json()["message"]
    for name in ("bank_template", "bank_document_template"):
        assert writer.get(url(name))["Content-Disposition"].startswith("attachment")
    Chapter.objects.visible_to(SYSTEM).delete()
    answer = writer.get(of_bank(bank, "bank_import_new"), follow=True)
    assert "请先添加章节" in answer.content.decode()


def test_a_word_document_is_judged_like_a_sheet(bank: Bank, writer: Client) -> None:
    """EXM-01: its rows are those of the marked sheet."""
    out = io.BytesIO()
    write_document_template(out)
    file = SimpleUploadedFile("题库.docx", out.getvalue())
    shown = page(writer, writer.post(of_bank(bank, "bank_import_upload"), {"file": file}).json()["url"])
    assert "没有“章名（改成题库里的章名）”这一章" in shown and "文档已转成表格" in shown


# --- chapters, blueprints, overview


def test_chapters_are_added_and_renamed(bank: Bank, writer: Client) -> None:
    """EXM-01: refusals at the field."""
    address = of_bank(bank, "bank_chapters")
    assert "已有名为“施工质量”的章节" in writer.post(address, {"name": "施工质量"}).content.decode()
    writer.post(address, {"name": "法律法规"})
    row = Chapter.objects.visible_to(SYSTEM).get(name="法律法规")
    writer.post(url("bank_chapter", row.pk), {"name": "法规"})
    assert "法规" in page(writer, address)


def blueprint_fields(*rows: tuple[Any, ...]) -> dict[str, Any]:
    sent: dict[str, Any] = {"row": [str(n) for n in range(len(rows))], "save": "1"}
    for n, values in enumerate(rows):
        sent |= {
            f"r{n}-{name}": value
            for name, value in zip(("type", "count", "points", "chapter"), values, strict=False)
        }
    return sent


def test_a_blueprint_is_saved_when_it_adds_up(bank: Bank, writer: Client) -> None:
    """EXM-02: totals and shortages are said at their rows; versions are listed."""
    bank.stock(3)
    edit, shown = of_bank(bank, "bank_blueprint_edit"), of_bank(bank, "bank_blueprint")
    assert "还没有组卷方案" in page(writer, shown)
    off = writer.post(edit, blueprint_fields(("single", 2, 30))).content.decode()
    assert "总分应为 100 分，现在是 60 分" in off
    short = writer.post(edit, blueprint_fields(("single", 5, 20, bank.chapter.pk))).content.decode()
    assert "“施工质量”单选题需要 5 题，还差 2 题。" in short
    odd = writer.post(edit, blueprint_fields(("single", "x", "0.55"), ("", "", ""))).content.decode()
    assert "题数应为整数" in odd and "最多一位小数" in odd
    assert writer.post(edit, blueprint_fields(("single", 2, 50), ("", "", ""))).url == shown
    assert "可以组卷" in page(writer, shown)
    added = writer.post(edit, blueprint_fields(("single", 2, 50)) | {"add_row": "1"}).context["editor"]
    assert len(added.rows) == 2
    assert Blueprint.objects.visible_to(SYSTEM).count() == 1
    begun = writer.get(edit).context["editor"]
    assert begun.rows[0]["count"].value() == 2
    for version in QuestionVersion.objects.visible_to(SYSTEM)[:2]:
        VERSION.perform(bank.writer, version, "retire")
    assert "单选题需要 2 题，还差 1 题" in page(writer, shown)
    overview = page(writer, url("bank"))
    assert "试题不够" in overview and "单选题需要 2 题，还差 1 题" in overview


def test_a_levels_bank_stands_below_its_occupation(bank: Bank, writer: Client) -> None:
    """EXM-01: of a programme with levels each level may have a bank of its own."""
    level = Level.objects.create(programme=bank.occupation.programme, name="高级工", minimum_hours=40)
    key = f"{bank.occupation.pk}-{level.pk}"
    assert "高级工专用" in page(writer, url("bank_questions", key))
    writer.post(url("bank_chapters", key), {"name": "高级技能"})
    assert "高级工专用" in page(writer, url("bank"))
    for wrong in ("0", "abc", f"{bank.occupation.pk}-0", "9" * 30, f"{bank.occupation.pk}-"):
        assert writer.get(url("bank_questions", wrong)).status_code == 404


# --- the key stays here


def test_no_page_of_another_portal_holds_a_key(world: World) -> None:
    """EXM-07, SEC-01: all pages of all portals are read, with an exam going on; explanations are found nowhere."""
    estate = Furnished(world)
    estate.more(1)
    load_bank("tujian-shigongyuan")
    secrets = {
        text
        for content in QuestionVersion.objects.visible_to(SYSTEM).values_list("content", flat=True)
        for text in (content["explanation"], *(part["explanation"] for part in content.get("parts", [])))
        if len(text) > 8
    }
    assert len(secrets) > 50
    read = 0
    for visit in visits(estate):
        if not visit.name.startswith("authority:bank"):
            read += 1
            assert not [text for text in secrets if text in visit.html], visit.name
    assert read > 60


def test_every_page_of_a_bank_with_levels(writer: Client) -> None:
    """EXM-01: a trade whose programme knows levels has the same pages, for all levels and for one; a sheet goes in."""
    load_bank("qizhugong")
    chapter = Chapter.objects.filter(occupation__name="砌筑工", level=None).earliest("number")
    level = Level.objects.filter(programme=chapter.occupation.programme).earliest("position")
    own = Chapter.objects.create(occupation=chapter.occupation, level=level, number=1, name="初级专用")
    for key, among in ((f"{chapter.occupation_id}", chapter), (f"{chapter.occupation_id}-{level.pk}", own)):
        for name in ("questions", "question_new", "import_new", "chapters", "blueprint", "blueprint_edit"):
            page(writer, url(f"bank_{name}", key))
        lines = [row(章节=among.name, 题干=f"砌筑前应当核对的是图纸（{key}）。")]
        sent = writer.post(
            url("bank_import_upload", key), {"file": SimpleUploadedFile("题.xlsx", sheet(lines))}
        )
        assert sent.json()["ok"], sent.json()
        upload = QuestionImport.objects.get(level=among.level)
        assert "确认导入" in page(writer, url("bank_import", upload.pk))
        assert writer.post(url("bank_import_confirm", upload.pk)).status_code == 302
        assert Question.objects.filter(
            level=among.level, versions__chapter=among, versions__state="draft"
        ).exists()
