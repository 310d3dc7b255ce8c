"""新建报名: choose, upload, check, correct, confirm."""

from __future__ import annotations

import datetime as dt
import io
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.sheets.reader import read_sheets
from tests.portals.pressing import refused
from zhupei.enrollment.models import Batch, Enrollment, ImportState, RosterImport
from zhupei.organizations.models import BodyBar
from zhupei.people.models import PersonBar

pytestmark = pytest.mark.django_db


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def upload(applicant, content, name="名单.xlsx", offer=None):
    url = reverse("enterprise:roster_upload", args=[(offer or applicant.offer).pk])
    return applicant.client.post(url, {"file": SimpleUploadedFile(name, content)})


def preview_of(applicant, rows):
    from tests.rosters import roster_file

    answer = upload(applicant, roster_file(rows)).json()
    assert answer["ok"], answer
    return answer["url"]


class TestChoosing:
    def test_what_may_be_chosen(self, applicant, world):
        """ENR-01, ORG-09: offers of the institutions on offer, one line each."""
        away = world.offer(world.institution(supervisor=world.authority("330200", "宁波市")))
        closed = world.offer(world.institution(), is_open=False)
        page = html(applicant.client.get(reverse("enterprise:enroll")))
        assert reverse("enterprise:enroll_offer", args=[applicant.offer.pk]) in page
        assert str(away.institution) not in page and str(closed.institution) not in page
        assert "¥480.00" in page

    def test_by_occupation_mode_and_institution(self, applicant, world):
        """ENR-01."""
        online = world.offer(world.institution(), delivery="online")
        page = html(applicant.client.get(reverse("enterprise:enroll"), {"delivery": "online"}))
        assert reverse("enterprise:enroll_offer", args=[online.pk]) in page
        assert reverse("enterprise:enroll_offer", args=[applicant.offer.pk]) not in page

    def test_from_the_comparison(self, applicant):
        """ORG-13: `?offer=` goes on at once."""
        response = applicant.client.get(reverse("enterprise:enroll"), {"offer": applicant.offer.pk})
        assert response.url == reverse("enterprise:enroll_offer", args=[applicant.offer.pk])

    def test_few_queries(self, applicant, world):
        """At most 12 queries."""
        for _ in range(8):
            world.offer(world.institution())
        with CaptureQueriesContext(connection) as captured:
            applicant.client.get(reverse("enterprise:enroll"))
        assert len(captured) <= 12

    def test_the_chosen_offer_and_why_it_is_closed(self, applicant, world):
        """ENR-01, ORG-15."""
        url = reverse("enterprise:enroll_offer", args=[applicant.offer.pk])
        page = html(applicant.client.get(url))
        assert "下载模板" in page and reverse("enterprise:roster_upload", args=[applicant.offer.pk]) in page
        BodyBar.objects.create(
            organization=applicant.organization, authority=world.authority(), reason="虚假材料"
        )
        page = html(applicant.client.get(url))
        assert (
            "虚假材料" in page and reverse("enterprise:roster_upload", args=[applicant.offer.pk]) not in page
        )

    def test_the_template(self, applicant):
        """ENR-02: a real workbook with the six columns, the unit filled down."""
        response = applicant.client.get(reverse("enterprise:roster_template"))
        assert "attachment" in response["Content-Disposition"]
        [sheet, *_] = read_sheets(response.content)
        cells = dict(sheet.rows)
        assert cells[1][:6] == ["姓名", "性别", "身份证号", "手机号", "学历", "工作单位"]
        assert cells[2][5] == applicant.organization.name
        with zipfile.ZipFile(io.BytesIO(response.content)) as book:
            assert b"dataValidation" in book.read("xl/worksheets/sheet1.xml")


class TestRefusedFiles:
    """ENR-03: a file that isn't a spreadsheet, is empty, encrypted or too large gets one clear sentence."""

    @pytest.mark.parametrize(
        ("content", "sentence"),
        [
            (b"", "空的"),
            (b"%PDF-1.7", "不是表格"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 3, "密码"),
            (b"PK\x03\x04 cut off", "损坏"),
            ("爱好,颜色\n球,红\n".encode(), "表头"),
            ("姓名,身份证号\n甲,1\n".encode(), "缺少"),
            ("姓名,性别,身份证号,手机号,学历,工作单位\n".encode(), "还没有人员"),
        ],
    )
    def test_one_sentence(self, applicant, content, sentence):
        response = upload(applicant, content)
        answer = response.json()
        assert response.status_code == 422 and not answer["ok"]
        assert sentence in answer["message"] and answer["message"].endswith("。")
        assert not RosterImport.objects.exists()

    def test_too_large(self, applicant, monkeypatch):
        from zhupei.portals.enterprise.views import enroll

        monkeypatch.setattr(enroll, "Limits", lambda: type("L", (), {"file_bytes": 10})())
        assert "超过" in upload(applicant, b"x" * 20).json()["message"]

    def test_no_file(self, applicant):
        url = reverse("enterprise:roster_upload", args=[applicant.offer.pk])
        assert "请选择" in applicant.client.post(url).json()["message"]


def spoiled(row, column, value):
    place = ("姓名", "性别", "身份证号", "手机号", "学历", "工作单位").index(column)
    return [*row[:place], value, *row[place + 1 :]]


class TestPreview:
    @pytest.mark.parametrize(
        ("column", "value", "words"),
        [
            ("身份证号", "1.10101E+17", "科学计数"),
            ("身份证号", "33010619900307021", "18 位"),
            ("身份证号", "330106199003070218", "校验"),
            ("身份证号", "330106199013070217", "出生"),
            ("手机号", "1385710", "11 位"),
            ("学历", "大学", "分不清层次"),
            ("姓名", "", "没有填写"),
            ("姓名", "A1", "姓名"),
            ("工作单位", "晨光建设", "不一致"),
            ("性别", "雄", "男”或“女"),
        ],
    )
    def test_every_wrong_cell_is_named(self, applicant, column, value, words):
        """ENR-03: row, column, value, what is wrong, with the value in a box to correct."""
        row = spoiled(applicant.rows(1)[0], column, value)
        page = html(applicant.client.get(preview_of(applicant, [row, *applicant.rows(1)])))
        assert "1 行可导入，1 行要改" in page
        assert words in page and 'aria-invalid="true"' in page
        place = ("姓名", "性别", "身份证号", "手机号", "学历", "工作单位").index(column)
        assert f'name="cell-2-{place}"' in page and 'id="row-2"' in page and 'id="row-3"' not in page

    @pytest.mark.parametrize(
        ("column", "value", "words", "place"),
        [
            ("邮箱", "微信同号", "邮箱格式不对", 9),
            ("通讯地址", "长" * 201, "通讯地址最多 200 个字，现在有 201 个", 10),
            ("岗位工作年限", "很久", "请填年数", 8),
        ],
    )
    def test_wrong_cells_of_further_columns_are_named(self, applicant, column, value, words, place):
        """ENR-03: no column is so unimportant that a wrong value would be dropped in silence."""
        from tests.rosters import HEAD, roster_file

        file = roster_file([[*applicant.rows(1)[0], value]], [*HEAD, column])
        url = upload(applicant, file).json()["url"]
        page = html(applicant.client.get(url))
        assert words in page and f'name="cell-2-{place}"' in page and f">{column}</th>" in page
        assert "0 行可导入，1 行要改" in html(applicant.client.post(url, {"tab": "wrong"}, follow=True))
        applicant.client.post(url, {f"cell-2-{place}": ""})
        assert "1 行可导入" in html(applicant.client.get(url))

    def test_gender_against_the_id_number(self, applicant):
        """ENR-03: either of the two may be wrong, both can be corrected."""
        row = applicant.rows(1)[0]
        page = html(
            applicant.client.get(
                preview_of(applicant, [spoiled(row, "性别", "女" if row[1] == "男" else "男")])
            )
        )
        assert "与身份证号不符" in page and 'name="cell-2-1"' in page and 'name="cell-2-2"' in page

    def test_twice_in_the_file(self, applicant):
        """ENR-03."""
        row = applicant.rows(1)[0]
        page = html(applicant.client.get(preview_of(applicant, [row, row])))
        assert "与第 2 行的身份证号重复" in page

    def test_under_age(self, applicant, world):
        """ENR-03."""
        from tests.rosters import roster_row

        child = world.invent.person(born=dt.date.today() - dt.timedelta(days=365 * 16))
        page = html(
            applicant.client.get(preview_of(applicant, [roster_row(child, applicant.organization.name)]))
        )
        assert "未满 18 周岁" in page

    def test_enrolled_already_and_blacklisted(self, applicant, world):
        """ENR-03, ORG-15: told on the page with the reason."""
        rows = applicant.rows(2)
        applicant.client.post(preview_of(applicant, rows[:1]) + "confirm/")
        PersonBar.objects.create(
            id_number=rows[1][2], name=rows[1][0], authority=world.authority(), reason="替考"
        )
        page = html(applicant.client.get(preview_of(applicant, rows)))
        assert "不能重复报名" in page and "替考" in page and "0 行可导入，2 行要改" in page

    def test_what_is_dealt_with_and_not_refused(self, applicant):
        """ENR-03: full-width, spaces, lower-case x, reordered columns, .csv in GBK."""
        name, gender, number, phone, _, unit = applicant.rows(1)[0]
        wide = str.maketrans("0123456789", "０１２３４５６７８９")
        text = f"工作单位,身份证号码,姓名,学历,联系电话,性别\n{unit},{number.lower()} ,{name[0]} {name[1:]},专科,{phone.translate(wide)},{gender}\n"
        answer = upload(applicant, text.encode("gbk"), "名单.csv").json()
        assert "1 行可导入" in html(applicant.client.get(answer["url"]))

    def test_id_numbers_of_good_rows_are_masked(self, applicant):
        """SEC-02."""
        rows = applicant.rows(2)
        page = html(applicant.client.get(preview_of(applicant, rows)))
        assert rows[0][2] not in page and f"{rows[0][2][:4]}**********{rows[0][2][-4:]}" in page

    def test_correcting_in_place(self, applicant):
        """ENR-04: corrected cells are judged again and turn green."""
        rows = applicant.rows(2)
        url = preview_of(applicant, [spoiled(rows[0], "手机号", "1385710"), rows[1]])
        page = html(
            applicant.client.post(url, {"cell-2-3": "138571", "tab": "wrong", "page": "1"}, follow=True)
        )
        assert "还有 1 行要改" in page
        page = html(applicant.client.post(url, {"cell-2-3": rows[0][3], "tab": "wrong"}, follow=True))
        assert "全部可以导入" in page and "名单核对：2 行可导入" in page and "要改" in page
        assert 'class="mono fixed"' in page and "确认导入 2 人" in page

    def test_a_whole_row_can_be_opened(self, applicant):
        """ENR-04: what is wrong may have its cause in another cell."""
        url = preview_of(applicant, [spoiled(applicant.rows(1)[0], "手机号", "1")])
        assert 'name="cell-2-0"' not in html(applicant.client.get(url))
        assert 'name="cell-2-0"' in html(applicant.client.get(url, {"edit": "2"}))

    def test_the_file_comes_back_marked(self, applicant):
        """ENR-04."""
        url = preview_of(applicant, [spoiled(applicant.rows(1)[0], "手机号", "1"), *applicant.rows(1)])
        response = applicant.client.get(f"{url}marked.xlsx")
        [sheet, *_] = read_sheets(response.content)
        assert dict(sheet.rows)[1][-1] == "问题" and "手机号" in dict(sheet.rows)[2][-1]

    def test_big_rosters_are_paged(self, applicant):
        """ENR-03."""
        url = preview_of(applicant, applicant.rows(120))
        first, last = html(applicant.client.get(url)), html(applicant.client.get(url, {"page": 3}))
        assert "共 120 行" in first and 'id="row-2"' in first and 'id="row-2"' not in last
        assert 'id="row-121"' in last

    def test_few_queries_whatever_the_rows(self, applicant):
        """At most 12 queries."""
        url = preview_of(applicant, applicant.rows(150))
        with CaptureQueriesContext(connection) as captured:
            applicant.client.get(url)
        assert len(captured) <= 12

    def test_other_sheets_are_mentioned(self, applicant):
        """ENR-03: nothing is left out silently."""
        roster = applicant.upload(applicant.rows(1))
        RosterImport.objects.filter(pk=roster.pk).update(passed_over=["二期名单"])
        assert "二期名单" in html(applicant.client.get(reverse("enterprise:roster", args=[roster.pk])))


class TestConfirming:
    def test_only_the_good_ones(self, applicant):
        """ENR-03, ENR-05: then to the batch, where the rest can still be had."""
        rows = applicant.rows(3)
        url = preview_of(applicant, [spoiled(rows[0], "手机号", "1"), *rows[1:]])
        response = applicant.client.post(f"{url}confirm/", follow=True)
        batch = Batch.objects.get()
        assert response.redirect_chain[-1][0] == reverse("enterprise:batch", args=[batch.pk])
        page = html(response)
        assert "已导入 2 人" in page and "下载标红名单" in page
        left = applicant.client.get(f"{url}marked.xlsx")
        assert len(read_sheets(left.content)[0].rows) == 2  # heading and the one that is wrong

    def test_double_clicks_and_reloads_enroll_once(self, applicant):
        """ENR-05."""
        url = preview_of(applicant, applicant.rows(2))
        first = applicant.client.post(f"{url}confirm/")
        second = applicant.client.post(f"{url}confirm/")
        assert first.url == second.url == applicant.client.get(url).url
        assert Enrollment.objects.count() == 2 and Batch.objects.count() == 1

    def test_what_was_typed_and_not_checked_counts(self, applicant):
        """ENR-04: importing right after typing."""
        rows = applicant.rows(1)
        url = preview_of(applicant, [spoiled(rows[0], "手机号", "1")])
        applicant.client.post(f"{url}confirm/", {"cell-2-3": rows[0][3]})
        assert Enrollment.objects.get().phone == rows[0][3]

    def test_nothing_good(self, applicant):
        """ENR-05."""
        url = preview_of(applicant, [spoiled(applicant.rows(1)[0], "手机号", "1")])
        assert "没有可以导入的行" in refused(applicant.client, f"{url}?tab=wrong", f"{url}confirm/")

    def test_somebody_was_faster(self, applicant, world):
        """ENR-05: told, nothing stored, and the preview shows who."""
        from tests.rosters import roster_row

        person = world.invent.person()
        url = preview_of(applicant, [roster_row(person, applicant.organization.name), *applicant.rows(1)])
        world.enrollment(world.batch(0, offer=applicant.offer), person=world.person(person))
        page = html(applicant.client.get(url))
        assert "其他单位" in page and "1 行可导入，1 行要改" in page

    def test_giving_up(self, applicant):
        """ENR-03."""
        url = preview_of(applicant, applicant.rows(1))
        page = html(applicant.client.post(f"{url}discard/", follow=True))
        assert "已放弃" in page
        assert RosterImport.objects.get().state == ImportState.DISCARDED
        assert "已经放弃" in html(applicant.client.get(url, follow=True))

    def test_an_open_import_can_be_taken_up_again(self, applicant):
        """ENR-05: leaving the page loses nothing."""
        url = preview_of(applicant, applicant.rows(1))
        page = html(applicant.client.get(reverse("enterprise:enroll_offer", args=[applicant.offer.pk])))
        assert "继续核对" in page and url in page


class TestSingleEntry:
    @pytest.fixture
    def typed(self, applicant):
        name, gender, number, phone, education, unit = applicant.rows(1)[0]
        return {
            "name": name, "gender": gender, "id_number": number, "phone": phone, "education": education,
            "work_unit": unit, "major": "建筑工程技术", "graduated_on": "2015-06", "practice_years": "5",
            "period-0-start": "2019-07", "period-0-end": "", "period-0-post": "施工员",
        }  # fmt: skip

    def test_enrolled(self, applicant, typed):
        """ENR-06."""
        url = reverse("enterprise:enroll_single", args=[applicant.offer.pk])
        assert applicant.organization.name in html(applicant.client.get(url))
        response = applicant.client.post(url, typed)
        made = Enrollment.objects.get()
        assert response.url == reverse("enterprise:person", args=[made.pk])
        assert made.practice_periods == [{"start": "2019-07", "end": "", "post": "施工员"}]

    def test_what_was_typed_is_not_lost(self, applicant, typed):
        """ENR-06: errors at the fields, everything else as it was."""
        wrong = typed | {"id_number": "3.3E+17", "gender": "", "period-0-start": "去年"}
        page = html(
            applicant.client.post(reverse("enterprise:enroll_single", args=[applicant.offer.pk]), wrong)
        )
        assert "请选择性别" in page and typed["name"] in page and 'value="去年"' in page
        wrong |= {"gender": typed["gender"]}
        page = html(
            applicant.client.post(reverse("enterprise:enroll_single", args=[applicant.offer.pk]), wrong)
        )
        assert "科学计数" in page and "第 1 段工作经历" in page
        assert not Enrollment.objects.exists()

    def test_the_page_says_what_the_service_says(self, applicant, typed):
        """ENR-03, ENR-06: a browser cuts nothing off; what is too long or no address is named at its field."""
        url = reverse("enterprise:enroll_single", args=[applicant.offer.pk])
        assert "maxlength" not in html(applicant.client.get(url))
        wrong = typed | {"address": "长" * 201, "email": "微信同号", "major": "长" * 61, "name": "长" * 31}
        page = html(applicant.client.post(url, wrong))
        for words in (
            "通讯地址最多 200 个字，现在有 201 个",
            "邮箱格式不对",
            "所学专业最多 60 个字",
            "姓名超过 30",
        ):
            assert words in page
        assert "长" * 201 in page and not Enrollment.objects.exists()

    def test_one_more_into_a_batch(self, applicant, typed):
        """ENR-06."""
        batch = applicant.batch(1)
        applicant.client.post(reverse("enterprise:batch_add", args=[batch.pk]), typed)
        assert batch.enrollments.count() == 2

    def test_changing(self, applicant, typed):
        """ENR-08."""
        person = applicant.batch(1, state="returned").enrollments.get()
        url = reverse("enterprise:person_edit", args=[person.pk])
        assert person.id_number in html(applicant.client.get(url))
        applicant.client.post(url, typed)
        person.refresh_from_db()
        assert person.name == typed["name"] and person.id_number == typed["id_number"]

    def test_not_after_it_was_handed_in(self, applicant, typed):
        """ENR-08."""
        person = applicant.batch(1, state="submitted").enrollments.get()
        response = applicant.client.post(
            reverse("enterprise:person_edit", args=[person.pk]), typed, follow=True
        )
        assert "撤回修改" in html(response)
        person.refresh_from_db()
        assert person.name != typed["name"]


def test_strangers_find_nothing(applicant, stranger, world):
    """SEC-01: 404 on every object of somebody else."""
    roster = applicant.upload(applicant.rows(1))
    batch = applicant.batch(1)
    away = world.offer(world.institution(supervisor=world.authority("330200", "宁波市")))
    person = batch.enrollments.get()
    for name, pk in [
        ("roster", roster.pk), ("roster_marked", roster.pk), ("batch_add", batch.pk), ("person_edit", person.pk),
        ("enroll_offer", away.pk), ("enroll_single", away.pk),
    ]:  # fmt: skip
        assert stranger.get(reverse(f"enterprise:{name}", args=[pk])).status_code == 404, name
    for name, pk in [
        ("roster", roster.pk), ("roster_confirm", roster.pk), ("roster_discard", roster.pk), ("batch_add", batch.pk),
        ("person_edit", person.pk), ("roster_upload", away.pk), ("enroll_single", away.pk),
    ]:  # fmt: skip
        assert stranger.post(reverse(f"enterprise:{name}", args=[pk])).status_code == 404, name
    assert Enrollment.objects.count() == 1
