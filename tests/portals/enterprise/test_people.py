"""人员查询 and one person: found, exported, shown with everything that happened, changed while it may be."""

from __future__ import annotations

import io
import zipfile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.audit.models import AuditEntry
from foundation.scoping import SYSTEM
from foundation.sheets.reader import read_sheets
from tests.portals.pressing import press, refused
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment

pytestmark = pytest.mark.django_db
PEOPLE = "/enterprise/people/"


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def person_url(person):
    return reverse("enterprise:person", args=[person.pk])


@pytest.fixture
def people(applicant):
    return list(applicant.batch(3).enrollments.order_by("pk"))


class TestList:
    @pytest.mark.parametrize("by", ["name", "id_number", "phone"])
    def test_found_by_name_id_and_phone(self, applicant, people, by):
        """QRY-01."""
        page = html(applicant.client.get(PEOPLE, {"q": getattr(people[0], by)}))
        assert person_url(people[0]) in page
        if by != "name":
            assert person_url(people[1]) not in page

    def test_several_at_once(self, applicant, people):
        """QRY-01: pasted from a spreadsheet."""
        page = html(applicant.client.get(PEOPLE, {"q": f"{people[0].id_number}\n{people[2].phone}"}))
        assert person_url(people[0]) in page and person_url(people[2]) in page
        assert person_url(people[1]) not in page

    def test_by_state_occupation_and_institution(self, applicant, people, world):
        """QRY-01."""
        other = world.offer(world.institution(), occupation=world.occupation("资料员", "clerks"))
        late = world.batch(
            1, organization=applicant.organization, offer=other, state="ordered"
        ).enrollments.get()
        for query in (
            {"tab": "ordered"},
            {"occupation": other.occupation_id},
            {"institution": other.institution_id},
        ):
            page = html(applicant.client.get(PEOPLE, query))
            assert person_url(late) in page and person_url(people[0]) not in page, query

    def test_numbers_are_masked(self, applicant, people):
        """SEC-02."""
        assert people[0].id_number not in html(applicant.client.get(PEOPLE))

    def test_exactly_what_is_filtered_is_exported(self, applicant, people):
        """QRY-01, SEC-02: and the export leaves a trace."""
        response = applicant.client.get(PEOPLE, {"q": people[0].id_number, "format": "xlsx"})
        content = b"".join(response.streaming_content)
        rows = [cells for _, cells in read_sheets(io.BytesIO(content).getvalue())[0].rows]
        assert len(rows) == 2
        line = dict(zip(rows[0], rows[1], strict=False))
        assert line["姓名"] == people[0].name and line["身份证号"] == people[0].id_number
        assert line["状态"] == "未提交" and line["岗位"] == "土建施工员"
        assert AuditEntry.objects.filter(act__contains="export").exists()

    def test_no_cell_is_a_formula_and_lines_cost_no_query(self, applicant):
        """SEC-05, QRY-01: what looks like a formula stays text; the queries do not grow with the lines."""
        evil = '=HYPERLINK("http://x","领取")'
        counts = []
        for people in (2, 40):
            applicant.batch(people)
            Enrollment.objects.update(name=evil)
            with CaptureQueriesContext(connection) as captured:
                response = applicant.client.get(PEOPLE, {"format": "xlsx"})
                content = b"".join(response.streaming_content)
            counts.append(len(captured))
        assert counts[0] == counts[1] <= 12
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            sheet = book.read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in sheet and b"HYPERLINK" in sheet
        lines = [cells for _, cells in read_sheets(content)[0].rows]
        assert len(lines) == 43 and all(line[0] == evil for line in lines[1:])

    def test_few_queries_whatever_the_rows(self, applicant):
        """At most 12 queries."""
        applicant.batch(60)
        with CaptureQueriesContext(connection) as captured:
            applicant.client.get(PEOPLE)
        assert len(captured) <= 12

    def test_only_one_s_own(self, applicant, world):
        """SEC-01."""
        other = world.batch(1).enrollments.get()
        page = html(applicant.client.get(PEOPLE, {"q": other.id_number}))
        assert person_url(other) not in page and "没有符合条件的记录" in page


class TestPerson:
    def test_everything_about_one(self, applicant, people):
        """QRY-02: application and journey; numbers masked."""
        page = html(applicant.client.get(person_url(people[0])))
        for words in (
            people[0].name,
            "建筑工程技术",
            "2015-06",
            "5 年",
            "土建施工员",
            people[0].batch.number,
            "未提交",
        ):
            assert words in page
        assert people[0].id_number not in page and people[0].phone not in page

    def test_one_timeline(self, applicant, people, world):
        """QRY-02: what happened, who did it, when, and the reasons in words."""
        person = people[0]
        for kind in ("portrait", "id_front", "id_back", "education", "application_form", "work_years"):
            world.material(person, kind)
        ENROLLMENT.record_start(applicant.actor, [person])
        ENROLLMENT.perform(applicant.actor, person, "submit")
        institution = world.actor(applicant.institution)
        ENROLLMENT.perform(
            institution, person, "return", reasons={"portrait": "头像不是白底"}, remark="请更换"
        )
        page = html(applicant.client.get(person_url(person)))
        for words in (
            "录入报名",
            "提交资格审核",
            "退回修改",
            "头像：头像不是白底",
            "请更换",
            applicant.institution.name,
        ):
            assert words in page
        assert page.index("退回修改</b>") < page.index("提交资格审核</b>") < page.index("录入报名</b>")

    def test_the_eye_shows_the_number_and_leaves_a_trace(self, applicant, people):
        """SEC-02."""
        for field in ("id_number", "phone"):
            url = reverse("enterprise:person_reveal", args=[people[0].pk, field])
            assert applicant.client.get(url).status_code == 405
            assert applicant.client.post(url).content.decode() == getattr(people[0], field)
            assert AuditEntry.objects.filter(act="field.reveal", detail__field=field).count() == 1
        url = reverse("enterprise:person_reveal", args=[people[0].pk, "state"])
        assert applicant.client.post(url).status_code == 404

    def test_hand_in_take_back_give_up(self, applicant):
        """ENR-08."""
        person = applicant.batch(1, materials=True).enrollments.get()

        def act(name, **data):
            button = reverse(f"enterprise:person_{name}", args=[person.pk])
            return html(press(applicant.client, person_url(person), button, data, follow=True))

        assert "已提交 1 人" in act("submit")
        assert "没有人可以提交" in act("submit")  # a double click
        assert "可以修改后再提交" in act("recall")
        page = act("withdraw", reason="离职")
        assert "已撤回 1 人的报名" in page and "离职" in page and "撤回报名</button>" not in page
        assert "已结束" in act("withdraw")
        person.refresh_from_db()
        assert person.state == "withdrawn"

    def test_not_without_all_images(self, applicant, people):
        """MAT-01."""
        page = html(
            applicant.client.post(reverse("enterprise:person_submit", args=[people[0].pk]), follow=True)
        )
        assert "还缺资料" in page

    def test_acts_that_are_not_allowed_are_absent(self, applicant):
        """ENR-08: allowed actions as buttons, forbidden ones absent."""
        person = applicant.batch(1, state="ordered").enrollments.get()
        page = html(applicant.client.get(person_url(person)))
        for url in ("person_withdraw", "person_recall", "person_edit", "person_submit"):
            assert reverse(f"enterprise:{url}", args=[person.pk]) not in page

    def test_not_after_it_was_paid_and_returned(self, applicant):
        """ENR-08: changed and handed in again, not taken back."""
        person = applicant.batch(1, state="paid", materials=True).enrollments.get()
        ENROLLMENT.perform(SYSTEM, person, "confirm_payment")
        ENROLLMENT.perform(SYSTEM, person, "return", remark="照片不清")
        withdraw = reverse("enterprise:person_withdraw", args=[person.pk])
        assert "已缴费" in refused(applicant.client, person_url(person), withdraw)
        assert Enrollment.objects.get().state == "returned"

    @pytest.mark.parametrize("kind", ["application_form", "work_years"])
    def test_papers(self, applicant, people, kind):
        """ENR-06."""
        response = applicant.client.get(reverse(f"enterprise:person_{kind}", args=[people[0].pk]))
        assert response.content.startswith(b"%PDF")
        assert AuditEntry.objects.filter(act="enrollment.print").exists()

    def test_strangers_find_nothing(self, applicant, stranger, people):
        """SEC-01: 404 on every object of somebody else."""
        key = people[0].pk
        for name in ("person", "person_application_form", "person_work_years"):
            assert stranger.get(reverse(f"enterprise:{name}", args=[key])).status_code == 404, name
        for name in ("person_submit", "person_recall", "person_withdraw"):
            assert stranger.post(reverse(f"enterprise:{name}", args=[key])).status_code == 404, name
        reveal = reverse("enterprise:person_reveal", args=[key, "id_number"])
        assert stranger.post(reveal).status_code == 404

    def test_people_of_other_portals_find_nothing(self, applicant, world, people):
        """SEC-01: not even the institution they are enrolled at, nor the authority."""
        for body in (applicant.institution, applicant.organization.supervisor):
            assert world.client(body).get(person_url(people[0])).status_code == 404
