"""Exams of an invented institution: waiting for review, going on now, over with scores to report or to approve."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from decimal import Decimal

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from foundation.review import services as reviews
from foundation.scoping import Actor
from zhupei.assessment import services as assessments
from zhupei.assessment.candidates import propose
from zhupei.assessment.models import AssessmentPlan, Candidate, ExamRoom
from zhupei.catalog.models import Offer
from zhupei.demo.collector import Account, DemoWorld
from zhupei.demo.journeys import enroll_into
from zhupei.demo.plans import PlanMaker
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.exam.bank.content import LETTERS, QuestionContent
from zhupei.exam.bank.models import Chapter, QuestionVersion
from zhupei.exam.bank.services import loading, questions
from zhupei.exam.hall import saving
from zhupei.exam.hall.models import Attempt, Entry
from zhupei.exam.hall.services import attempts
from zhupei.exam.hall.services.admission import admit, find_entry, sign_in
from zhupei.exam.hall.services.invigilation import void
from zhupei.exam.papers.services import prepare_papers
from zhupei.exam.scores.services import practical, reporting
from zhupei.organizations.actors import actor_for
from zhupei.organizations.models import Institution, Membership, Organization, Role, Room
from zhupei.training import services as trainings

SITE_CONSTRUCTOR, BRICKLAYER = "土建施工员", "砌筑工"
QUESTIONS = [
    (
        "施工单位收到施工图设计文件后，首先应当组织（　）。",
        ("图纸自审", "竣工验收", "材料进场", "设备调试"),
        ("A",),
        "先熟悉和自审图纸，再参加图纸会审。",
    ),
    (
        "隐蔽工程在隐蔽前，施工单位应当通知（　）进行验收。",
        ("监理单位", "材料供应商", "物业公司", "保险公司"),
        ("A",),
        "隐蔽前由施工单位通知监理（建设）单位验收，并形成验收文件。",
    ),
    (
        "施工日志应当由（　）逐日填写。",
        ("施工员", "仓库保管员", "门卫", "采购员"),
        ("A",),
        "施工日志由负责该工程的施工员逐日记载。",
    ),
]
# Classes planned for 40, 44 … days ahead were held 50, 46 … days ago.
TAUGHT_BACK = 90


def exams(world: DemoWorld, schools: Sequence[Institution], firms: Sequence[Organization]) -> None:
    """Made by the stages' own commands; only the clock is turned back afterwards."""
    for name in loading.known_banks():
        loading.load_bank(name)
    school = schools[0]
    maker = _ExamMaker(world, school, firms)
    maker.staff()
    maker.waiting()
    maker.over_and_approved()
    maker.over_and_reported()
    maker.with_practical_part()
    maker.going_on()


class _ExamMaker:
    """Exams of one institution in a computer room of their own, so that no lesson is in the way."""

    def __init__(self, world: DemoWorld, school: Institution, firms: Sequence[Organization]) -> None:
        self.world, self.school, self.firms = world, school, firms
        self.plans = PlanMaker(world, school)
        self.actor: Actor = self.plans.actor
        site = school.sites.get()
        self.site = site
        self.rooms = [
            Room.objects.create(site=site, name=name, seats=30, has_computers=True)
            for name in ("二号机房", "三号机房")
        ]
        self.first_day = 40

    def staff(self) -> None:
        """An examiner of the institution and a second keeper of the province's bank: two people are needed there."""
        examiner = self.world.staff(
            "institution", "zjsf-kp", "沈考评", self.school, Role.EXAMINER, f"{self.school.name}（监考考评）"
        )
        self.examiner = actor_for(examiner)
        province = Membership.objects.get(user__account="zjjst").authority
        keeper = self.world.staff(
            "authority", "zjjst-tk", "方审题", province, Role.REVIEWER, f"{province}（审核、题库）"
        )
        self._questions(actor_for(keeper))

    def _questions(self, keeper: Actor) -> None:
        """Two questions that wait for somebody else's review, and a draft."""
        chapter = Chapter.objects.filter(occupation__name=SITE_CONSTRUCTOR).earliest("number")
        for place, (stem, options, answer, explanation) in enumerate(QUESTIONS):
            content = QuestionContent("single", stem, options, answer, explanation)
            version = questions.add_question(keeper, questions.QuestionData(chapter, content))
            if place < len(QUESTIONS) - 1:
                questions.submit_versions(keeper, QuestionVersion.objects.filter(pk=version.pk))

    # --- the five exams

    def waiting(self) -> None:
        """Handed in, not accepted yet: tomorrow's work of the authority."""
        plan = self._arranged(self._trained(SITE_CONSTRUCTOR, {0: 9, 4: 5}), days=6)
        assessments.submit_plan(self.actor, plan)

    def going_on(self) -> None:
        """Began twenty minutes ago: some answer, one waits to be let in, the rest have not come yet."""
        plan = self._confirmed(self._trained(SITE_CONSTRUCTOR, {0: 6, 4: 5}))
        self._turn_clock(plan, timezone.now() - dt.timedelta(minutes=20))
        assessments.follow_clock()
        people = self._candidates(plan)
        for place, candidate in enumerate(people[:6]):
            self._sit(candidate, answered=15 + 9 * place, right=0.8)
        sign_in(str(people[6].ticket_number), people[6].enrollment.id_number, device="演示")
        for candidate in people[7:9]:
            self.world.accounts.append(
                Account(
                    "exam",
                    f"{candidate.enrollment.name}",
                    str(candidate.ticket_number),
                    candidate.enrollment.id_number,
                )
            )
        self.world.learner = people[0].enrollment.person.user

    def over_and_reported(self) -> None:
        """Everybody's scores are with the authority; one stayed away, one cheated."""
        plan = self._sat(self._trained(SITE_CONSTRUCTOR, {0: 7, 2: 4}), absent=1, cheating=1)
        report = reporting.pull_scores(self.actor, plan)
        reporting.report_scores(self.actor, report)

    def over_and_approved(self) -> None:
        """Three weeks ago, approved since: the results are the people's."""
        plan = self._sat(self._trained(SITE_CONSTRUCTOR, {0: 4, 1: 2}), back=21)
        report = reporting.pull_scores(self.actor, plan)
        reporting.report_scores(self.actor, report)
        reviews.accept(self.plans.authority, report.review)
        reviews.approve(self.plans.authority, report.review)

    def with_practical_part(self) -> None:
        """Skilled workers: the theory is over, the second examiner has still to score most of them."""
        plan = self._sat(self._trained(BRICKLAYER, {0: 4, 3: 3}), back=1)
        sheet = practical.score_sheet()
        people = self._candidates(plan)
        for place, candidate in enumerate(people[:5]):
            points = [item.full * Decimal("0.8") - place for item in sheet]
            practical.score_practical(
                self.examiner, candidate, points, remark="操作熟练" if place < 2 else ""
            )
        practical.score_practical(self.actor, people[0], [item.full * Decimal("0.7") for item in sheet])

    # --- the way there

    def _trained(self, occupation: str, people: dict[int, int]) -> list[Enrollment]:
        """People of some firms (place in the list → how many), enrolled, trained, attendance confirmed."""
        offer = self._offer(occupation)
        found: list[Enrollment] = []
        for place, count in people.items():
            found += enroll_into(
                self.world, self.firms[place], offer, {EnrollmentState.ENROLLED: count}, days_ago=80 + place
            )
        held = timezone.localdate() - dt.timedelta(days=TAUGHT_BACK - self.first_day)
        plan = self.plans.approved([offer], first_day=self.first_day, count=3, named_for=held)
        trainings.place_into_plan(self.plans.actor, plan, [row.pk for row in found])
        self.first_day += 4
        self.plans.teach(plan, back=TAUGHT_BACK, absent=0, done=True)
        return list(Enrollment.objects.filter(pk__in=[row.pk for row in found]))

    def _offer(self, occupation: str) -> Offer:
        return self.school.offers.get(occupation__name=occupation, delivery="onsite")

    def _arranged(
        self, people: Sequence[Enrollment], *, days: int = 1, admission: str = "invigilator"
    ) -> AssessmentPlan:
        """An assessment plan with everybody seated, its first session so many days ahead."""
        training = people[0].placements.get(is_live=True).plan
        start = timezone.localtime() + dt.timedelta(days=days)
        start = start.replace(hour=9, minute=0, second=0, microsecond=0)
        has_practical = people[0].level_id is not None
        data = assessments.AssessmentData(
            site=self.site,
            rooms=self.rooms,
            starts_at=start,
            admission=admission,
            practical_at=start.replace(hour=14) if has_practical else None,
            practical_place=f"{self.site.address} 实训车间" if has_practical else "",
        )
        ready = [row.pk for row in propose(training).ready]
        plan = assessments.create_plan(self.actor, training, data, ready)
        assessments.arrange_seats(self.actor, plan)
        return plan

    def _confirmed(self, people: Sequence[Enrollment]) -> AssessmentPlan:
        plan = self._arranged(people)
        assessments.submit_plan(self.actor, plan)
        reviews.accept(self.plans.authority, plan.review)
        reviews.approve(self.plans.authority, plan.review)
        plan.refresh_from_db()
        assessments.confirm_online(self.actor, plan)
        prepare_papers(plan)
        return plan

    def _sat(
        self, people: Sequence[Enrollment], *, back: int = 2, absent: int = 0, cheating: int = 0
    ) -> AssessmentPlan:
        """An exam that everybody but the last `absent` sat, `back` days ago; one after the other is caught cheating."""
        plan = self._confirmed(people)
        self._turn_clock(plan, timezone.now() - dt.timedelta(minutes=5))
        assessments.follow_clock()
        present = self._candidates(plan)
        present = present[: len(present) - absent]
        entries = [
            self._sit(candidate, answered=999, right=0.5 + 0.45 * ((place * 5) % 7) / 6)
            for place, candidate in enumerate(present)
        ]
        self._turn_clock(plan, timezone.now() - dt.timedelta(minutes=plan.submission_minutes + 1))
        for place, (candidate, signed) in enumerate(zip(present, entries, strict=True)):
            entry = find_entry(signed.pk)
            if place < cheating:
                void(self.actor, candidate, "cheating", "携带手机查看答案，监考员当场收缴")
            else:
                attempts.submit(entry)
        day = timezone.localtime() - dt.timedelta(days=back)
        self._turn_clock(plan, day.replace(hour=9, minute=0, second=0, microsecond=0))
        attempts.close_due()
        plan.refresh_from_db()
        return plan

    def _sit(self, candidate: Candidate, *, answered: int, right: float) -> Entry:
        """Sign in, be let in, answer the first `answered` questions, that share of them right."""
        signed = sign_in(str(candidate.ticket_number), candidate.enrollment.id_number, device="演示")
        admit(self.actor, candidate, note="证件与本人一致", entry=signed)
        entry = find_entry(signed.pk)
        attempts.start(entry)
        answers = {}
        for number, item in enumerate(candidate.paper.key[:answered], start=1):
            choice = item["answer"]
            if self.world.random.random() > right:
                wrong = [
                    LETTERS[place] for place in range(len(item["options"])) if LETTERS[place] not in choice
                ]
                choice = [self.world.random.choice(wrong)] if wrong else choice[:1]
            answers[str(number)] = choice
        saving.save(entry.pk, json.dumps({"version": 0, "answers": answers}).encode())
        return signed

    def _candidates(self, plan: AssessmentPlan) -> list[Candidate]:
        rows = plan.candidates.select_related(
            "enrollment__person__user", "exam_room__session", "plan", "paper"
        )
        return list(rows.order_by("exam_room__number", "seat_number"))

    def _turn_clock(self, plan: AssessmentPlan, first: dt.datetime) -> None:
        """Let the first session begin at `first`: only the demonstration may do that."""
        shift = plan.sessions.earliest("number").starts_at - first
        for session in plan.sessions.all():
            session.starts_at, session.ends_at = session.starts_at - shift, session.ends_at - shift
            session.save(update_fields=["starts_at", "ends_at"])
            ExamRoom.objects.filter(session=session).update(
                period=DateTimeTZRange(session.starts_at, session.ends_at)
            )
        for attempt in Attempt.objects.filter(candidate__plan=plan):
            for name in ("started_at", "ends_at", "submit_from", "submitted_at", "admitted_at", "seen_at"):
                if (value := getattr(attempt, name)) is not None:
                    setattr(attempt, name, value - shift)
            attempt.save()
        day = f"{timezone.localtime(first):%y%m%d}"
        for candidate in plan.candidates.exclude(ticket_number=None):
            number = str(candidate.ticket_number)
            candidate.ticket_number = f"{number[:4]}{day}{number[10:]}"
            candidate.save(update_fields=["ticket_number"])
        plan.starts_at -= shift
        if plan.practical_at is not None:
            plan.practical_at -= shift
        plan.save(update_fields=["starts_at", "practical_at"])
