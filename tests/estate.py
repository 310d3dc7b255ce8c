"""Everything of a firm, an institution and an authority in 宁波, and of one of its workers."""

from __future__ import annotations

import datetime as dt
from functools import cached_property
from typing import Any

from django.core.files.base import ContentFile

from foundation.files.models import Document
from foundation.jobs.models import Job
from foundation.messages.models import Message
from foundation.review.models import Review, ReviewState
from tests.world import World, jpeg
from tests.zhupei.assessment.halls import Hall, make_hall
from tests.zhupei.exam.banks import Bank, row, sheet
from tests.zhupei.exam.score_rows import FinishedExam, finished_exam
from tests.zhupei.training.schools import make_school, moment
from zhupei.accounts.models import User
from zhupei.assessment.models import AssessmentPlan
from zhupei.billing.invoices import request_invoice
from zhupei.billing.models import OrderState, Voucher
from zhupei.demo.exam_hall import Hall as ExamHall
from zhupei.demo.exam_hall import open_hall
from zhupei.enrollment.models import ArchiveUpload, Enrollment, EnrollmentState, RosterImport
from zhupei.exam.bank.services.questions import start_import
from zhupei.exam.hall.models import Entry
from zhupei.exam.papers import drawing
from zhupei.exam.practice.models import Practice
from zhupei.exam.scores.models import PracticalScore, ScoreAppeal
from zhupei.organizations.models import BodyBar, Notice, OrganizationChange, OrganizationDocument
from zhupei.people.models import PersonBar
from zhupei.training.models import AttendanceMark, MarkMethod, TrainingPlan
from zhupei.training.services import DayData, create_plan, place_into_plan, submit_plan


class Estate:
    """Everything of a firm, an institution and an authority in 宁波, and of one of its workers; made when asked for."""

    CITY = ("330200", "宁波市")

    def __init__(self, world: World) -> None:
        self.world = world
        self.authority = world.authority(*self.CITY)
        self.organization = world.organization(supervisor=self.authority, city=self.CITY[0])
        self.school = make_school(world, supervisor=self.authority)
        self.institution = self.school.institution
        self.offer = world.offer(self.institution)
        self.users: dict[str, User] = {
            "enterprise": world.user(self.organization),
            "institution": self.school.actor.user,
            "authority": world.user(self.authority),
        }

    @cached_property
    def batch(self) -> Any:
        return self.world.batch(
            2,
            state=EnrollmentState.SUBMITTED,
            organization=self.organization,
            offer=self.offer,
            materials=True,
        )

    @cached_property
    def enrollment(self) -> Any:
        return self.batch.enrollments.first()

    @cached_property
    def learner(self) -> User:
        row = self.enrollment
        user = User.objects.create_user("learner", row.id_number, "Gongren-mima-1", name=row.name)
        row.person.user = user
        row.person.save()
        self.users["learner"] = user
        return user

    @cached_property
    def order(self) -> Any:
        batch = self.world.batch(
            1, state=EnrollmentState.PAID, organization=self.organization, offer=self.offer
        )
        order = self.world.order(batch=batch, state=OrderState.VOUCHER_SUBMITTED)
        Voucher.objects.create(
            order=order,
            document=self.document("billing.voucher"),
            payer_name=self.organization.name,
            amount=order.total,
            paid_on=dt.date(2026, 11, 20),
        )
        return order

    @cached_property
    def invoice(self) -> Any:
        batch = self.world.batch(
            1, state=EnrollmentState.ENROLLED, organization=self.organization, offer=self.offer
        )
        order = self.world.order(batch=batch, state=OrderState.CONFIRMED)
        return request_invoice(self.world.actor(self.organization), order, "13800138000")

    @cached_property
    def plan(self) -> TrainingPlan:
        """An approved plan with the worker in it."""
        plan = self.school.plan()
        batch = self.world.batch(0, organization=self.organization, offer=self.school.offer)
        row = self.world.enrollment(batch, state=EnrollmentState.ENROLLED, person=self.enrollment.person)
        place_into_plan(self.school.actor, plan, [row.pk])
        return plan

    @cached_property
    def placement(self) -> Any:
        return self.plan.placements.get()

    @cached_property
    def mark(self) -> AttendanceMark:
        """The worker was there on the first day."""
        return AttendanceMark.objects.create(
            placement=self.placement, day=self.plan.days.first(), is_present=True, method=MarkMethod.QR_CODE
        )

    @cached_property
    def waiting_plan(self) -> TrainingPlan:
        """A plan that waits for its review."""
        school = self.school
        days = [
            DayData(moment(n), moment(n, 17), "安全生产与理论", school.teacher, school.room) for n in (40, 41)
        ]
        plan = create_plan(school.actor, school.data(days=days))
        submit_plan(self.school.actor, plan)
        return plan

    @cached_property
    def hall(self) -> Hall:
        """The institution's computer room, and a training plan that is over with the worker and others."""
        hall = make_hall(self.world, actor=self.school.actor)
        hall.people(1, occupation="测量员", organization=self.organization, person=self.enrollment.person)
        hall.people(2, occupation="测量员", organization=self.organization)
        return hall

    @cached_property
    def assessment(self) -> AssessmentPlan:
        """An approved assessment plan with the worker in it."""
        return self.hall.approve(self.hall.plan())

    @cached_property
    def assessment_draft(self) -> AssessmentPlan:
        """One that has not been handed in, with people of its own."""
        assert self.assessment
        self.hall.people(2, occupation="测量员", organization=self.organization)
        return self.hall.plan(starts_at=moment(50))

    @cached_property
    def waiting_school(self) -> Any:
        """An institution whose file waits for its review."""
        school = self.world.institution(supervisor=self.authority)
        school.review = Review.objects.create(
            kind="institution",
            state=ReviewState.SUBMITTED,
            subject_label=school.name,
            submitter_key=school.key,
            reviewer_key=f"authority:{self.authority.pk}",
            round=1,
        )
        school.save()
        return school

    @cached_property
    def bank(self) -> Bank:
        """The province's question bank with a question that waits for review."""
        bank = Bank(self.world, self.world.occupation("测量员"))
        bank.waiting = bank.submitted()
        content = sheet([row(题干="导入的题？")])
        bank.upload = start_import(bank.writer, bank.occupation, None, "题库.xlsx", content)
        return bank

    @cached_property
    def exam(self) -> ExamHall:
        """An exam of the institution that is on; one waits at the door, one was scored with a photo."""
        hall = open_hall(2, admission="invigilator")
        AssessmentPlan.objects.filter(pk=hall.plan.pk).update(
            institution=self.institution, has_practical=True, practical_place="一号实训棚"
        )
        first, second = (sitter.candidate for sitter in hall.sitters)
        Entry.objects.create(candidate=first)
        score = PracticalScore.objects.create(
            candidate=second, examiner=self.users["institution"], examiner_name="沈老师", score=80
        )
        score.photos.add(self.document("exam.practical"))
        return hall

    @cached_property
    def scored(self) -> FinishedExam:
        """An exam of the institution that is over, its scores reported, the worker's with an appeal."""
        exam = finished_exam(self.world, 2)
        exam.plan.institution = self.institution
        exam.plan.save()
        assert self.learner
        person, own = self.enrollment.person, exam.candidates[0]
        Enrollment.objects.filter(pk=own.enrollment_id).update(
            person=person, occupation=self.world.occupation("机械员"), organization=self.organization
        )
        exam.answered(0, right=20)
        exam.answered(1, right=60)
        exam.reported()
        ScoreAppeal.objects.create(candidate=own, reason="第 3 题判分有误", score_before=own.attempt.score)
        return exam

    @cached_property
    def practice(self) -> Practice:
        """A round of practice that the worker has begun."""
        assert self.learner
        options = [{"key": "A", "text": "当天"}, {"key": "B", "text": "次日"}]
        body = [{"id": "1", "type": "single", "stem": "养护何时开始？", "options": options, "points": 1}]
        return Practice.objects.create(
            person=self.enrollment.person,
            occupation=self.enrollment.occupation,
            seed=1,
            body=drawing.pack(drawing.Drawn(body, []).body()),
            key=[{"version": 0, "part": None, "type": "single", "answer": ["A"], "points": "1"}],
            question_count=1,
        )

    @cached_property
    def clerk(self) -> Any:
        """The membership of a second user of the organization."""
        return self.world.user(self.organization, role="clerk").membership

    @cached_property
    def roster(self) -> RosterImport:
        return RosterImport.objects.create(
            organization=self.organization, offer=self.offer, file_name="名单.xlsx", rows=[], row_count=0
        )

    @cached_property
    def archive(self) -> ArchiveUpload:
        file = ContentFile(b"PK", "materials.zip")
        return ArchiveUpload.objects.create(batch=self.batch, file=file, file_name="资料.zip", size=2)

    @cached_property
    def change(self) -> OrganizationChange:
        review = Review.objects.create(
            kind="organization_change",
            state=ReviewState.SUBMITTED,
            subject_label=self.organization.name,
            submitter_key=self.organization.key,
            reviewer_key=f"authority:{self.authority.pk}",
            round=1,
        )
        return OrganizationChange.objects.create(
            organization=self.organization,
            review=review,
            name=f"{self.organization.name}（新）",
            uscc=self.organization.uscc,
            region=self.organization.region,
            supervisor=self.authority,
        )

    @cached_property
    def waiting(self) -> Any:
        """A registration that waits for its review."""
        return self.world.organization(
            supervisor=self.authority, city=self.CITY[0], state=ReviewState.SUBMITTED
        )

    @cached_property
    def paper(self) -> Document:
        document = self.document("organization.yyzz")
        OrganizationDocument.objects.create(organization=self.organization, slot="yyzz", document=document)
        return document

    @cached_property
    def person_bar(self) -> PersonBar:
        person = self.world.invent.person()
        return PersonBar.objects.create(
            id_number=person.id_number, name=person.name, authority=self.authority, reason="替考"
        )

    @cached_property
    def body_bar(self) -> BodyBar:
        other = self.world.organization(supervisor=self.authority, city=self.CITY[0])
        return BodyBar.objects.create(organization=other, authority=self.authority, reason="提供虚假材料")

    @cached_property
    def notice(self) -> Notice:
        return Notice.objects.create(title="草稿", body="还没有发布", authority=self.authority)

    @cached_property
    def message(self) -> Message:
        return Message.objects.create(
            recipient_key=self.organization.key, code="test", title="只给本单位", body="正文"
        )

    @cached_property
    def job(self) -> Job:
        return Job.objects.create(task="test", title="处理", owner_key=self.organization.key)

    def document(self, kind: str) -> Document:
        return self.world.document(self.organization.key, kind, jpeg())
