"""Single entry, change, hand in, take back."""

from __future__ import annotations

import dataclasses

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotFoundError, WrongStateError
from foundation.messages.models import Message
from foundation.scoping import SYSTEM
from foundation.workflow.models import TransitionLog
from tests.rosters import HEAD, roster_file
from zhupei.catalog.models import ProgrammeRules
from zhupei.enrollment import services
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Batch, Enrollment
from zhupei.enrollment.services import EntryData
from zhupei.people.models import Person, PersonBar

pytestmark = pytest.mark.django_db


@pytest.fixture
def data(applicant):
    person = applicant.world.invent.person()
    return EntryData(
        name=person.name,
        gender={"male": "男", "female": "女"}[person.gender],
        id_number=person.id_number,
        phone=person.phone,
        education="大专",
        work_unit=applicant.organization.name,
        major="建筑工程技术",
        graduated_on="2015年6月",
        practice_years="5年",
        practice_periods=[
            {"start": "2019-07", "end": "", "post": "施工员"},
            {"start": "2015.07", "end": "2019-06", "post": "资料员"},
            {"start": "", "end": "", "post": " "},
        ],
        email="a@b.cn",
        address="西湖区",
    )


def of(*enrollments):
    return Enrollment.objects.filter(pk__in=[row.pk for row in enrollments])


class TestSingleEntry:
    def test_all_fields_of_the_paper_form(self, applicant, data):
        """ENR-06."""
        made = services.enroll_single(applicant.actor, applicant.offer, data)
        kept = Enrollment.objects.get()
        assert kept == made and kept.batch.number.startswith("BM")
        assert (kept.graduated_on, kept.practice_years, kept.education) == ("2015-06", 5, "college")
        assert [period["post"] for period in kept.practice_periods] == ["资料员", "施工员"]
        assert EntryData.of(kept).practice_years == "5"
        assert TransitionLog.objects.of(kept).get().action == "create"

    def test_into_a_batch_that_is_there(self, applicant, data):
        """ENR-06."""
        batch = applicant.batch(1)
        assert services.enroll_single(applicant.actor, applicant.offer, data, batch=batch).batch == batch
        assert Batch.objects.count() == 1

    def test_not_into_a_batch_of_another_offer(self, applicant, data, world):
        """ENR-01: different occupations and modes are separate batches."""
        other = world.offer(applicant.institution, delivery="online")
        with pytest.raises(DomainError) as refusal:
            services.enroll_single(applicant.actor, other, data, batch=applicant.batch(1))
        assert refusal.value.code == "wrong_batch"

    def test_every_wrong_field_is_named(self, applicant, data):
        """ENR-03, ENR-06: the same judge as the roster's."""
        wrong = dataclasses.replace(
            data, id_number="3.3E+17", phone="1", education="大学", email="x", practice_years="很久", graduated_on="夏天",
            practice_periods=[{"start": "2020-01", "end": "2019-01", "post": "施工员"}],
        )  # fmt: skip
        with pytest.raises(DomainError) as refusal:
            services.enroll_single(applicant.actor, applicant.offer, wrong)
        assert set(refusal.value.items) == {
            "id_number", "phone", "education", "email", "practice_years", "graduated_on", "practice_periods"
        }  # fmt: skip
        assert not Enrollment.objects.exists()

    @pytest.mark.parametrize(
        ("field", "column", "typed"),
        [
            ("email", "邮箱", "微信同号"),
            ("email", "邮箱", "a" * 250 + "@b.cn"),
            ("major", "所学专业", "长" * 61),
            ("address", "通讯地址", "长" * 201),
            ("work_unit", "工作单位", "长" * 121),
            ("graduated_on", "毕业时间", "应届"),
            ("practice_years", "岗位工作年限", "很久"),
        ],
    )
    def test_form_and_roster_give_one_answer(self, applicant, data, field, column, typed):
        """ENR-03, ENR-06: the same value is refused with the same sentence, typed here or there."""
        with pytest.raises(DomainError) as refusal:
            services.enroll_single(
                applicant.actor, applicant.offer, dataclasses.replace(data, **{field: typed})
            )
        row = applicant.rows(1)[0]
        place = HEAD.index(column) if column in HEAD else len(HEAD)
        file = roster_file([[*row[:place], typed, *row[place + 1 :]]], [*HEAD, column][: max(place + 1, 6)])
        roster = services.start_roster(applicant.actor, applicant.offer, "名单.xlsx", file)
        first = services.verdict_of(roster).errors[0]
        assert first.column == column and refusal.value.items == {field: first.message}
        assert not Enrollment.objects.exists()

    def test_the_post_of_a_stretch_of_work_is_never_cut(self, applicant, data):
        """ENR-06: exactly the longest is kept whole, one more is named."""
        periods = [{"start": "2015-07", "end": "", "post": "施" * 60}]
        made = services.enroll_single(
            applicant.actor, applicant.offer, dataclasses.replace(data, practice_periods=periods)
        )
        assert made.practice_periods == periods
        periods = [{"start": "2015-07", "end": "", "post": "施" * 61}]
        with pytest.raises(DomainError) as refusal:
            services.update_enrollment(
                applicant.actor, made, dataclasses.replace(data, practice_periods=periods)
            )
        assert "最多 60 个字，现在有 61 个" in refusal.value.items["practice_periods"]

    def test_enrolled_already_or_barred(self, applicant, data, world):
        """ENR-03, ORG-15."""
        services.enroll_single(applicant.actor, applicant.offer, data)
        with pytest.raises(DomainError) as refusal:
            services.enroll_single(applicant.actor, applicant.offer, data)
        assert "不能重复报名" in refusal.value.items["id_number"]
        Enrollment.objects.update(state="withdrawn")
        PersonBar.objects.create(
            id_number=data.id_number, name=data.name, authority=world.authority(), reason="替考"
        )
        with pytest.raises(DomainError) as refusal:
            services.enroll_single(applicant.actor, applicant.offer, data)
        assert "替考" in refusal.value.items["id_number"]


class TestChange:
    def test_before_and_after_are_kept_without_full_numbers(self, applicant, data):
        """ENR-08, SEC-06."""
        enrollment = services.enroll_single(applicant.actor, applicant.offer, data)
        other = applicant.world.invent.person(region_code="330106")
        changed = dataclasses.replace(data, phone="13900001234", major="工程管理")
        services.update_enrollment(applicant.actor, enrollment, changed)
        enrollment.refresh_from_db()
        assert (enrollment.phone, enrollment.major) == ("13900001234", "工程管理")
        changes = AuditEntry.objects.get(act="enrollment.update").detail["changes"]
        assert changes["major"] == ["建筑工程技术", "工程管理"]
        assert changes["phone"][1] == "139****1234" and set(changes) == {"major", "phone"}
        # another human being
        gender = {"male": "男", "female": "女"}[other.gender]
        services.update_enrollment(
            applicant.actor,
            enrollment,
            dataclasses.replace(changed, id_number=other.id_number, name=other.name, gender=gender),
        )
        enrollment.refresh_from_db()
        assert enrollment.person == Person.objects.get(name=other.name)
        assert enrollment.birth_date == other.birth_date
        assert Enrollment.objects.filter(id_number_index=enrollment.person.id_number_index).exists()

    def test_nothing_changed_leaves_no_entry(self, applicant, data):
        """ENR-08."""
        enrollment = services.enroll_single(applicant.actor, applicant.offer, data)
        services.update_enrollment(applicant.actor, enrollment, EntryData.of(enrollment))
        assert not AuditEntry.objects.filter(act="enrollment.update").exists()

    def test_not_into_somebody_who_is_enrolled(self, applicant, data):
        """ENR-03: nobody twice, by way of a change either."""
        taken = applicant.batch(1).enrollments.get()
        enrollment = services.enroll_single(applicant.actor, applicant.offer, data)
        gender = taken.get_gender_display()
        with pytest.raises(DomainError) as refusal:
            services.update_enrollment(
                applicant.actor,
                enrollment,
                dataclasses.replace(data, id_number=taken.id_number, gender=gender),
            )
        assert "不能重复报名" in refusal.value.items["id_number"]

    @pytest.mark.parametrize(
        ("state", "sentence"),
        [
            ("submitted", "撤回修改"),
            ("eligible", "撤回修改"),
            ("ordered", "取消订单"),
            ("paid", "联系培训机构退回"),
            ("enrolled", "联系培训机构"),
            ("withdrawn", "重新录入"),
        ],
    )
    def test_not_after_it_was_handed_in(self, applicant, data, state, sentence):
        """ENR-08: what to do instead is said."""
        enrollment = applicant.batch(1, state=state).enrollments.get()
        with pytest.raises(WrongStateError, match=sentence):
            services.update_enrollment(applicant.actor, enrollment, data)


class TestSubmission:
    def test_the_complete_ones_go_the_others_are_named(self, applicant, world):
        """MAT-01, ELI-01: and the institution is told once."""
        batch = applicant.batch(3, materials=True)
        first = batch.enrollments.first()
        first.materials.filter(kind__in=["id_back", "portrait"]).delete()
        done = services.submit_for_review(applicant.actor, batch.enrollments.all())
        assert len(done.submitted) == 2
        [(held, reasons)] = done.held
        assert held == first and reasons == ["还缺资料：头像、身份证反面，请先上传。"]
        assert batch.enrollments.filter(state="submitted", submitted_at__isnull=False).count() == 2
        message = Message.objects.get(recipient_key=applicant.institution.key)
        assert "2 人" in message.title and applicant.organization.name in message.title
        again = services.submit_for_review(applicant.actor, batch.enrollments.all())  # a double click
        assert not again.submitted and len(again.held) == 1

    @pytest.mark.parametrize(("people", "more"), [(3, ""), (4, "；等 4 人")])
    def test_the_machine_names_three_and_tells_the_number_beyond(self, applicant, people, more):
        """MAT-01: whatever way a submission takes, with one more than are named the number is told."""
        batch = applicant.batch(people)
        rows = batch.enrollments.order_by("pk")
        with pytest.raises(DomainError) as refusal:
            ENROLLMENT.perform_many(applicant.actor, rows, "submit")
        lacks = "还缺资料：头像、身份证正面、身份证反面、学历证书、报名表、工作年限证明，请先上传"
        named = "；".join(f"{row.name}：{lacks}" for row in rows[:3])
        assert refusal.value.message == f"{named}{more}。"
        assert len(refusal.value.items) == people

    def test_a_barred_person_is_held(self, applicant, world):
        """ORG-15."""
        batch = applicant.batch(1, materials=True)
        person = batch.enrollments.get()
        PersonBar.objects.create(
            id_number=person.id_number, name=person.name, authority=world.authority(), reason="作弊"
        )
        [(_, reasons)] = services.submit_for_review(applicant.actor, batch.enrollments.all()).held
        assert "作弊" in reasons[0]

    def test_only_what_the_programme_asks_for(self, applicant):
        """CAT-01, MAT-01: required materials are data, the latest rules in force count."""
        batch = applicant.batch(1)
        ProgrammeRules.objects.create(
            programme=batch.programme, effective_from="2024-01-01", required_materials=["portrait"]
        )
        ProgrammeRules.objects.create(
            programme=batch.programme, effective_from="2999-01-01", required_materials=["id_back"]
        )
        person = batch.enrollments.get()
        applicant.world.material(person, "portrait")
        assert services.submit_for_review(applicant.actor, batch.enrollments.all()).submitted == [person]

    def test_no_query_per_person(self, applicant):
        """A whole batch costs what one person costs."""

        def statements(people):
            batch = applicant.batch(people, materials=True)
            with CaptureQueriesContext(connection) as captured:
                assert (
                    len(services.submit_for_review(applicant.actor, batch.enrollments.all()).submitted)
                    == people
                )
            return len(captured)

        assert statements(2) == statements(25)

    def test_the_machine_itself_refuses(self, applicant):
        """The guard holds for a single transition, too."""
        person = applicant.batch(1).enrollments.get()
        with pytest.raises(DomainError, match="还缺资料"):
            ENROLLMENT.perform(applicant.actor, person, "submit")

    def test_only_the_applicant(self, applicant, world):
        """SEC-01."""
        batch = applicant.batch(1, materials=True)
        with pytest.raises(NotFoundError):
            services.submit_for_review(world.actor(world.organization()), batch.enrollments.all())


class TestTakingBack:
    def test_recall_to_change_and_hand_in_again(self, applicant):
        """ENR-08: changed until it is paid."""
        batch = applicant.batch(2, state="submitted", materials=True)
        services.recall(applicant.actor, batch.enrollments.all())
        assert set(batch.enrollments.values_list("state", "submitted_at")) == {("draft", None)}
        assert len(services.submit_for_review(applicant.actor, batch.enrollments.all()).submitted) == 2

    @pytest.mark.parametrize("state", ["draft", "submitted", "returned", "eligible"])
    def test_withdraw(self, applicant, state):
        """ENR-08."""
        batch = applicant.batch(2, state=state)
        services.withdraw(applicant.actor, batch.enrollments.all(), "不再参加")
        assert set(batch.enrollments.values_list("state", flat=True)) == {"withdrawn"}
        assert TransitionLog.objects.of(batch.enrollments.first()).last().remark == "不再参加"

    @pytest.mark.parametrize(
        ("state", "sentence"),
        [("ordered", "取消订单"), ("paid", "联系培训机构"), ("enrolled", "退费"), ("withdrawn", "已结束")],
    )
    def test_not_once_it_is_ordered_or_paid(self, applicant, state, sentence):
        """ENR-08: all or none, and what to do instead is said."""
        batch = applicant.batch(1)
        late = applicant.world.enrollment(batch, state=state)
        with pytest.raises(WrongStateError, match=sentence):
            services.withdraw(applicant.actor, batch.enrollments.all())
        assert batch.enrollments.filter(state="draft").count() == 1 and late.state == state

    def test_not_after_it_was_paid_and_returned(self, applicant):
        """ENR-08: returned for correction after payment: changed and handed in again, but not taken back."""
        person = applicant.batch(1, state="paid", materials=True).enrollments.get()
        ENROLLMENT.perform(SYSTEM, person, "confirm_payment")
        ENROLLMENT.perform(SYSTEM, person, "return", remark="照片不清")
        with pytest.raises(DomainError, match="已缴费"):
            services.withdraw(applicant.actor, of(person))
        services.submit_for_review(applicant.actor, of(person))
        with pytest.raises(DomainError, match="已缴费"):
            services.recall(applicant.actor, of(person))
