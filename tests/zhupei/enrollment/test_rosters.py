"""Storing a roster: once, all or none, never anybody twice."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from foundation.errors import DomainError, WrongStateError
from foundation.scoping import SYSTEM
from foundation.sheets.reader import SheetRefusedError, read_sheets
from foundation.workflow.models import TransitionLog
from tests.rosters import HEAD, roster_file, roster_row
from zhupei.catalog.models import Programme
from zhupei.enrollment import services
from zhupei.enrollment.models import Batch, Enrollment, ImportState, RosterImport
from zhupei.organizations.models import BodyBar
from zhupei.people.models import Person, PersonBar

pytestmark = pytest.mark.django_db


def test_a_good_roster_becomes_a_batch(applicant):
    """ENR-01, ENR-05: one batch of one offer, a person and a log row each."""
    rows = applicant.rows(3)
    roster = applicant.upload(rows)
    assert Enrollment.objects.count() == 0  # nothing before confirming
    batch = services.confirm_roster(applicant.actor, roster)
    assert batch.number.startswith("BM") and batch.number.endswith("-0001")
    assert (batch.organization, batch.institution, batch.offer) == (
        applicant.organization,
        applicant.institution,
        applicant.offer,
    )
    people = list(batch.enrollments.order_by("pk"))
    assert [row.id_number for row in people] == [row[2] for row in rows]  # in the order of the roster
    assert Person.objects.count() == 3
    assert {row.state for row in people} == {"draft"}
    logs = TransitionLog.objects.filter(subject_type="enrollment.enrollment")
    assert logs.count() == 3 and set(logs.values_list("action", flat=True)) == {"create"}
    assert people[0].person.id_number == people[0].id_number


def test_optional_columns_are_kept(applicant):
    """ENR-02: the optional columns of our template."""
    row = [*applicant.rows(1)[0], "建筑工程技术", "2010年7月", "5年", "a@b.cn", "西湖区"]
    content = roster_file([row], (*HEAD, "所学专业", "毕业时间", "岗位工作年限", "邮箱", "通讯地址"))
    roster = services.start_roster(applicant.actor, applicant.offer, "a.xlsx", content)
    services.confirm_roster(applicant.actor, roster)
    kept = Enrollment.objects.get()
    assert (kept.major, kept.graduated_on, kept.practice_years, kept.email, kept.address) == (
        "建筑工程技术",
        "2010-07",
        5,
        "a@b.cn",
        "西湖区",
    )


def test_only_the_good_rows_are_imported(applicant):
    """ENR-03: m rows wrong, n rows good."""
    rows = applicant.rows(3)
    rows[1][2] = "1.10101E+17"
    roster = applicant.upload(rows)
    batch = services.confirm_roster(applicant.actor, roster)
    assert batch.enrollments.count() == 2
    roster.refresh_from_db()
    assert [item["row"] for item in roster.rows] == [3]  # what is left over can still be downloaded


def test_all_or_nothing_when_asked(applicant):
    """ENR-05."""
    rows = applicant.rows(2)
    rows[1][3] = "138"
    roster = applicant.upload(rows)
    with pytest.raises(DomainError) as refusal:
        services.confirm_roster(applicant.actor, roster, only_good=False)
    assert refusal.value.code == "rows_wrong"
    assert not Enrollment.objects.exists() and not Batch.objects.exists()


def test_confirming_twice_enrolls_once(applicant):
    """ENR-05: reload, double click."""
    roster = applicant.upload(applicant.rows(2))
    first = services.confirm_roster(applicant.actor, roster)
    assert services.confirm_roster(applicant.actor, roster) == first
    assert services.confirm_roster(applicant.actor, RosterImport.objects.get()) == first
    assert Enrollment.objects.count() == 2


def test_a_roster_without_a_good_row_is_not_confirmed(applicant):
    """ENR-05."""
    rows = applicant.rows(1)
    rows[0][4] = "大学"
    with pytest.raises(DomainError, match="没有可以导入的行"):
        services.confirm_roster(applicant.actor, applicant.upload(rows))


def test_somebody_enrolled_already_is_named_with_the_batch(applicant):
    """ENR-03: already enrolled for the same occupation and not finished; our own batch is named."""
    rows = applicant.rows(2)
    batch = services.confirm_roster(applicant.actor, applicant.upload(rows))
    verdict = services.verdict_of(applicant.upload([rows[0], *applicant.rows(1)]))
    assert verdict.good == 1
    [error] = verdict.errors
    assert (error.code, error.column, error.row) == ("already_enrolled", "身份证号", 2)
    assert batch.number in error.message and "不能重复报名" in error.message


def test_another_organization_is_not_told(applicant, world):
    """ENR-03, SEC-01: who enrolled the person elsewhere is nobody's business."""
    rows = applicant.rows(1)
    other = world.batch(0, offer=applicant.offer)
    person = world.invent.person()
    world.enrollment(other, person=world.person(person))
    verdict = services.verdict_of(applicant.upload([roster_row(person, applicant.organization.name), *rows]))
    [error] = verdict.errors
    assert error.code == "already_enrolled"
    assert "其他单位" in error.message and other.organization.name not in error.message
    assert other.number not in error.message


@pytest.mark.parametrize("state", ["ineligible", "withdrawn", "refunded", "failed", "certified"])
def test_a_finished_enrollment_does_not_stand_in_the_way(applicant, world, state):
    """ENR-03: 'and not finished'."""
    person = world.invent.person()
    world.enrollment(world.batch(0, offer=applicant.offer), person=world.person(person), state=state)
    roster = applicant.upload([roster_row(person, applicant.organization.name)])
    assert services.confirm_roster(applicant.actor, roster).enrollments.count() == 1
    assert Person.objects.count() == 1  # the same human being


def test_another_occupation_is_no_obstacle(applicant, world):
    """ENR-03: 'the same occupation'."""
    rows = applicant.rows(1)
    services.confirm_roster(applicant.actor, applicant.upload(rows))
    other = world.offer(applicant.institution, occupation=world.occupation("资料员", "clerks"))
    services.confirm_roster(applicant.actor, applicant.upload(rows, other))
    assert Enrollment.objects.count() == 2


def test_a_barred_person_is_refused_with_the_reason(applicant, world):
    """ENR-03, ORG-15: blacklisted, with who, why and until when."""
    rows = applicant.rows(2)
    PersonBar.objects.create(
        id_number=rows[0][2],
        name=rows[0][0],
        authority=world.authority(),
        reason="考试作弊",
        ends_on=dt.date.today() + dt.timedelta(days=300),
    )
    PersonBar.objects.create(  # no longer in force
        id_number=rows[1][2],
        name=rows[1][0],
        authority=world.authority(),
        reason="旧事",
        starts_on=dt.date(2020, 1, 1),
        ends_on=dt.date(2021, 1, 1),
    )
    [error] = services.verdict_of(applicant.upload(rows)).errors
    assert error.code == "blacklisted" and "考试作弊" in error.message and "杭州市" in error.message


def test_correcting_cells_in_the_preview(applicant):
    """ENR-04: corrected values are judged again; unknown rows and columns do no harm."""
    rows = applicant.rows(2)
    good_phone, rows[0][3] = rows[0][3], "1385710"
    roster = applicant.upload(rows)
    assert services.verdict_of(roster).good == 1
    roster = services.correct_roster(
        applicant.actor, roster, {2: {"手机号": f" {good_phone} ", "秘密": "x"}, 99: {"姓名": "无"}}
    )
    assert services.verdict_of(roster).good == 2
    assert roster.rows[0]["fixed"] == ["手机号"] and roster.rows[1]["fixed"] == []
    services.confirm_roster(applicant.actor, roster)
    with pytest.raises(WrongStateError):
        services.correct_roster(applicant.actor, roster, {2: {"手机号": "1"}})


LONG = {"所学专业": 60, "邮箱": 254, "通讯地址": 200}


def long_text(column, length):
    return "a" * (length - 5) + "@b.cn" if column == "邮箱" else "长" * length


def test_what_is_as_long_as_can_be_is_stored_whole(applicant):
    """ENR-03, ENR-05: nothing is cut off on the way from the file into the enrollment."""
    row = applicant.rows(1)[0] + [long_text(*each) for each in LONG.items()]
    file = roster_file([row], [*HEAD, *LONG])
    roster = services.start_roster(applicant.actor, applicant.offer, "名单.xlsx", file)
    made = services.confirm_roster(applicant.actor, roster).enrollments.get()
    assert [made.major, made.email, made.address] == [long_text(*each) for each in LONG.items()]


@pytest.mark.parametrize("column", LONG)
def test_one_character_more_is_named_and_can_be_corrected(applicant, column):
    """ENR-03, ENR-04: too long is refused in the file and in the correction, never cut to what fits."""
    longest = LONG[column]
    file = roster_file([[*applicant.rows(1)[0], long_text(column, longest + 1)]], [*HEAD, column])
    roster = services.start_roster(applicant.actor, applicant.offer, "名单.xlsx", file)
    [error] = services.verdict_of(roster).errors
    assert (error.column, error.code) == (column, "too_long") and f"最多 {longest} 个字" in error.message
    roster = services.correct_roster(applicant.actor, roster, {2: {column: long_text(column, longest + 2)}})
    [error] = services.verdict_of(roster).errors
    assert error.value == long_text(column, longest + 2) and f"现在有 {longest + 2} 个" in error.message
    with pytest.raises(DomainError) as refusal:
        services.confirm_roster(applicant.actor, roster)
    assert refusal.value.code == "no_good_rows"
    roster = services.correct_roster(applicant.actor, roster, {2: {column: long_text(column, longest)}})
    assert services.confirm_roster(applicant.actor, roster).enrollments.count() == 1


def test_the_roster_comes_back_with_the_errors_marked(applicant):
    """ENR-04: the file names the error in a last column, at the row's own place."""
    rows = applicant.rows(2)
    rows[1][3] = "12"
    [sheet] = read_sheets(services.marked_roster(applicant.upload(rows)))[:1]
    cells = dict(sheet.rows)
    assert cells[1][-1] == "问题"
    assert "手机号" in cells[3][-1] and cells[2][-1] == ""


def test_the_template_can_be_filled_and_read_back(applicant):
    """ENR-02."""
    with pytest.raises(SheetRefusedError, match="名单里还没有人员"):
        services.start_roster(
            applicant.actor, applicant.offer, "模板.xlsx", services.roster_template(applicant.organization)
        )


def test_a_discarded_roster_is_forgotten(applicant):
    """ENR-03: personal data of what was never enrolled is not kept."""
    roster = services.discard_roster(applicant.actor, applicant.upload(applicant.rows(1)))
    assert (roster.state, roster.rows) == (ImportState.DISCARDED, [])
    with pytest.raises(WrongStateError):
        services.confirm_roster(applicant.actor, roster)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "空的"),
        (b"%PDF-1.4 ...", "不是表格"),
        (b"\x89PNG\r\n\x1a\n0000", "不是表格"),
        ("姓名,爱好\n甲,足球\n".encode(), "表头"),
    ],
)
def test_a_file_that_is_no_roster_gets_one_sentence(applicant, content, sentence):
    """ENR-03."""
    with pytest.raises(DomainError, match=sentence):
        services.start_roster(applicant.actor, applicant.offer, "x.xlsx", content)
    assert not RosterImport.objects.exists()


class TestWhoMayEnroll:
    """ENR-01, ORG-09, ORG-10, ORG-15: the offer must be on offer, the organization in order."""

    def refused(self, applicant, actor=None, offer=None):
        with pytest.raises(DomainError) as refusal:
            services.start_roster(
                actor or applicant.actor, offer or applicant.offer, "a.xlsx", b"never looked at"
            )
        return refusal.value

    def test_an_institution_of_another_city(self, applicant, world):
        away = world.institution(supervisor=world.authority("330200", "宁波市"))
        assert self.refused(applicant, offer=world.offer(away)).code == "offer_not_on_offer"

    def test_a_closed_offer(self, applicant):
        applicant.offer.is_open = False
        applicant.offer.save()
        assert self.refused(applicant).code == "offer_closed"

    def test_an_organization_not_approved_yet(self, applicant, world):
        organization = world.organization(state="submitted")
        assert self.refused(applicant, actor=world.actor(organization)).code == "not_approved"

    def test_a_barred_organization(self, applicant, world):
        BodyBar.objects.create(
            organization=applicant.organization, authority=world.authority(), reason="提供虚假材料"
        )
        assert "提供虚假材料" in self.refused(applicant).message

    def test_a_barred_institution(self, applicant, world):
        BodyBar.objects.create(
            institution=applicant.institution, authority=world.authority(), reason="停业整顿"
        )
        assert "停业整顿" in self.refused(applicant).message

    def test_somebody_who_is_no_applicant(self, applicant, world):
        assert self.refused(applicant, actor=world.actor(applicant.institution)).code == "not_an_applicant"

    def test_a_programme_that_enrolls_into_plans(self, applicant):
        Programme.objects.update(enrollment_order="plan_first")
        applicant.offer.refresh_from_db()
        assert self.refused(applicant).code == "plan_first"


def test_the_number_of_statements_does_not_grow_with_the_rows(applicant):
    """ENR-05: bulk SQL."""

    def statements(count):
        roster = applicant.upload(applicant.rows(count))
        with CaptureQueriesContext(connection) as captured:
            services.confirm_roster(applicant.actor, roster)
        return len(captured)

    assert statements(3) == statements(60)


def test_batch_numbers_rise_within_a_day(applicant):
    """ENR-01."""
    numbers = [
        services.confirm_roster(applicant.actor, applicant.upload(applicant.rows(1))).number for _ in range(3)
    ]
    assert [number[-4:] for number in numbers] == ["0001", "0002", "0003"]


def test_system_sees_everything(applicant):
    applicant.upload(applicant.rows(1))
    assert RosterImport.objects.visible_to(SYSTEM).count() == 1


@pytest.mark.django_db(transaction=True)
class TestConcurrency:
    def race(self, *calls):
        """Run the calls at the same moment in threads; returns results and refusals."""
        barrier, results = threading.Barrier(len(calls)), []

        def run(call):
            try:
                barrier.wait(10)
                results.append(call())
            except DomainError as refusal:
                results.append(refusal)
            finally:
                connections.close_all()

        threads = [threading.Thread(target=run, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert len(results) == len(calls)
        return results

    def test_two_rosters_with_the_same_people(self, applicant):
        """ENR-05: one wins, the other is told who; in either order of rows, without a deadlock."""
        rows = applicant.rows(40)
        first, second = applicant.upload(rows), applicant.upload(rows[::-1])
        results = self.race(
            lambda: services.confirm_roster(applicant.actor, first),
            lambda: services.confirm_roster(applicant.actor, second),
        )
        [refusal] = [each for each in results if isinstance(each, DomainError)]
        assert refusal.code in {"already_enrolled", "no_good_rows"}
        if refusal.code == "already_enrolled":
            assert "等 40 人" in refusal.message and len(refusal.items) == 40
        assert Enrollment.objects.count() == 40 and Batch.objects.count() == 1

    def test_the_same_roster_confirmed_at_once(self, applicant):
        """ENR-05: a double click that reaches two processes."""
        roster = applicant.upload(applicant.rows(5))
        results = self.race(*[lambda: services.confirm_roster(applicant.actor, roster)] * 4)
        assert len({batch.pk for batch in results}) == 1
        assert Enrollment.objects.count() == 5
