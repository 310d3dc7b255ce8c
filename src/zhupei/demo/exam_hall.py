"""A confirmed exam with people, seats, tickets and papers in a few seconds: for tests, rehearsals and load tests."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from foundation.crypto import blind_index
from foundation.review.models import Review, ReviewState
from zhupei.assessment import rules
from zhupei.assessment.models import (
    AssessmentPlan,
    AssessmentStage,
    Candidate,
    ExamRoom,
    Session,
)
from zhupei.catalog.models import Occupation, Offer, Programme
from zhupei.demo.exam_bank import invented_bank
from zhupei.demo.invented import InventedPerson, Inventor
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState
from zhupei.exam.bank.services import loading
from zhupei.exam.bank.services.blueprints import active_blueprint
from zhupei.exam.hall.partitions import ensure_partitions
from zhupei.exam.papers.services import prepare_papers
from zhupei.organizations.models import Authority, Institution, Organization, Room, TestSite
from zhupei.people.models import Person
from zhupei.training.models import PlanStage, TrainingPlan

PROGRAMME = "site-professionals"
FIRST_OCCUPATION = "土建施工员"
BANKS = {FIRST_OCCUPATION: "tujian-shigongyuan"}
SEATS = 30
AT_ONCE = 1000


@dataclass(frozen=True)
class Sitter:
    """Somebody who sits the exam, with what he signs in by."""

    ticket: str
    id_number: str
    name: str
    candidate: Candidate

    def as_json(self) -> dict[str, str]:
        return {"ticket": self.ticket, "id_number": self.id_number, "name": self.name}


@dataclass(frozen=True)
class Hall:
    """An exam that is ready."""

    plan: AssessmentPlan
    sitters: list[Sitter] = field(default_factory=list)

    @property
    def session(self) -> Session:
        return self.plan.sessions.get()

    def as_json(self) -> dict[str, Any]:
        return {"plan": self.plan.name, "sitters": [sitter.as_json() for sitter in self.sitters]}


def open_hall(
    people: int = 3,
    *,
    starts_at: dt.datetime | None = None,
    minutes: int = 120,
    admission: str = "waived",
    occupations: int = 1,
    earliest_submission: int = 30,
    late: int = 30,
) -> Hall:
    """A plan of one session that is confirmed for `people`, with papers; it began a minute ago unless `starts_at` says.

    `minutes` it lasts, `earliest_submission` and `late` are minutes from its start; people are spread over
    `occupations` of one programme. Needs the catalog (migrate). Everything is new, so halls do not disturb each other.
    """
    begins = starts_at or timezone.now() - dt.timedelta(minutes=1)
    ensure_partitions(timezone.localdate(begins))
    with transaction.atomic():
        builder = _Builder(_trades(occupations), begins, begins + dt.timedelta(minutes=minutes))
        plan = builder.plan(
            admission=admission,
            exam_minutes=minutes,
            submission_minutes=earliest_submission,
            late_minutes=late,
        )
        sitters = builder.seat(plan, builder.enroll(people))
    prepare_papers(plan)
    return Hall(plan, sitters)


def _trades(count: int) -> list[Occupation]:
    """Occupations with a bank that papers can be drawn from; an invented bank where none has been written."""
    first = Occupation.objects.filter(programme__code=PROGRAMME, name=FIRST_OCCUPATION)
    others = Occupation.objects.filter(programme__code=PROGRAMME, is_active=True).exclude(
        name=FIRST_OCCUPATION
    )
    found = [*first, *others][:count]
    for occupation in found:
        if active_blueprint(occupation, None) is not None:
            continue
        if BANKS.get(occupation.name) in loading.known_banks():
            loading.load_bank(BANKS[occupation.name])
        else:
            loading.load_document(invented_bank(PROGRAMME, occupation.name))
    return found


class _Builder:
    """Writes the rows kind by kind; all names bear one number, so that nothing collides."""

    def __init__(self, trades: Sequence[Occupation], begins: dt.datetime, ends: dt.datetime) -> None:
        self.trades, self.begins, self.ends = trades, begins, ends
        self.number = f"{secrets.randbelow(10**8):08d}"
        self.programme = Programme.objects.get(code=PROGRAMME)
        self.authority = Authority.objects.select_related("region").get(region__code="330100")
        self.institution = self._institution()
        self.site = TestSite.objects.create(
            institution=self.institution, name="机考中心", address="浙江省杭州市拱墅区样本街2号", seats=SEATS
        )

    def _institution(self) -> Institution:
        return Institution.objects.create(
            name=f"机考演练学校{self.number}",
            short_name=_free_short_name(),
            supervisor=self.authority,
            region=self.authority.region,
            address="浙江省杭州市拱墅区样本街2号",
            contact_phone="0571-00000002",
            strengths="机考演练",
            account_name=f"机考演练学校{self.number}",
            account_number="1205220109200069722",
            account_bank="样本银行杭州支行",
        )

    def _review(self, kind: str, label: str) -> Review:
        return Review.objects.create(
            kind=kind,
            state=ReviewState.APPROVED,
            subject_label=label,
            reviewer_key=f"authority:{self.authority.pk}",
            submitter_key=self.institution.key,
            round=1,
            submitted_at=timezone.now(),
            decided_at=timezone.now(),
        )

    def plan(self, **figures: Any) -> AssessmentPlan:
        """The training plan behind, the assessment plan, its session."""
        trained = TrainingPlan.objects.create(
            institution=self.institution,
            programme=self.programme,
            review=self._review("training_plan", "机考演练培训计划"),
            name=f"机考演练培训{self.number}",
            head_count=10_000,
            opens_at=self.begins - dt.timedelta(days=30),
            closes_at=self.begins - dt.timedelta(days=20),
            place="样本街2号",
            stage=PlanStage.FINISHED,
        )
        rules = self.programme.rules_on()
        name = f"机考演练{self.number}"
        plan = AssessmentPlan.objects.create(
            institution=self.institution,
            training_plan=trained,
            programme=self.programme,
            review=self._review("assessment_plan", name),
            name=name,
            stage=AssessmentStage.RUNNING
            if self.begins <= timezone.now()
            else AssessmentStage.ONLINE_CONFIRMED,
            site=self.site,
            starts_at=self.begins,
            seed=secrets.randbelow(2**31),
            full_mark=rules.full_mark if rules else 100,
            pass_mark=rules.pass_mark if rules else 60,
            seated_at=timezone.now(),
            confirmed_at=timezone.now(),
            **figures,
        )
        self.session = Session.objects.create(plan=plan, number=1, starts_at=self.begins, ends_at=self.ends)
        return plan

    def enroll(self, people: int) -> list[Enrollment]:
        """People of one firm, in turn enrolled for the trades, all in assessment."""
        invented = _strangers(people)
        persons = Person.objects.bulk_create(
            [
                Person(
                    id_number=row.id_number,
                    name=row.name,
                    gender=row.gender,
                    birth_date=row.birth_date,
                    phone=row.phone,
                )
                for row in invented
            ],
            batch_size=AT_ONCE,
        )
        organization = self._organization()
        batches = [self._batch(organization, place) for place in range(len(self.trades))]
        return Enrollment.objects.bulk_create(
            [_enrollment(person, batches[place % len(batches)]) for place, person in enumerate(persons)],
            batch_size=AT_ONCE,
        )

    def _organization(self) -> Organization:
        name = f"杭州演练{self.number}建设有限公司"
        return Organization.objects.create(
            review=self._review("organization", name),
            name=name,
            uscc=_free_credit_code(),
            address="浙江省杭州市西湖区样本路1号",
            scope="房屋建筑工程施工",
            legal_representative="陈立新",
            region=self.authority.region,
            supervisor=self.authority,
            contact_name="周敏",
            contact_phone="13857100001",
            responsible_name="陈立新",
            responsible_phone="13857100002",
        )

    def _batch(self, organization: Organization, place: int) -> Batch:
        occupation = self.trades[place]
        offer = Offer.objects.create(
            institution=self.institution,
            occupation=occupation,
            delivery="onsite",
            fee="480.00",
            site=self.site,
            start_pattern="每月开班",
        )
        return Batch.objects.create(
            number=f"H{self.number}{place}",
            organization=organization,
            institution=self.institution,
            offer=offer,
            programme=self.programme,
            occupation=occupation,
            delivery=offer.delivery,
        )

    def seat(self, plan: AssessmentPlan, enrollments: Sequence[Enrollment]) -> list[Sitter]:
        """Rooms of one trade each, seats and tickets in order."""
        groups = [
            [row for row in enrollments if row.occupation_id == occupation.pk] for occupation in self.trades
        ]
        portions = [group[n : n + SEATS] for group in groups for n in range(0, len(group), SEATS)]
        rooms = self._rooms(plan, portions)
        tickets = self._tickets(len(enrollments))
        candidates = Candidate.objects.bulk_create(
            [
                Candidate(
                    plan=plan,
                    enrollment=enrollment,
                    exam_room=room,
                    seat_number=seat,
                    ticket_number=next(tickets),
                )
                for room, portion in zip(rooms, portions, strict=True)
                for seat, enrollment in enumerate(portion, start=1)
            ],
            batch_size=AT_ONCE,
        )
        return [
            Sitter(str(row.ticket_number), row.enrollment.id_number, row.enrollment.name, row)
            for row in candidates
        ]

    def _rooms(self, plan: AssessmentPlan, portions: Sequence[Sequence[Enrollment]]) -> list[ExamRoom]:
        rooms = Room.objects.bulk_create(
            [
                Room(site=self.site, name=f"{n:03d}机房", seats=SEATS, has_computers=True)
                for n in range(1, len(portions) + 1)
            ]
        )
        plan.rooms.set(rooms)
        return ExamRoom.objects.bulk_create(
            [
                ExamRoom(
                    session=self.session,
                    number=number,
                    room=room,
                    occupation=portion[0].occupation,
                    period=DateTimeTZRange(self.begins, self.ends),
                )
                for number, (room, portion) in enumerate(zip(rooms, portions, strict=True), start=1)
            ]
        )

    def _tickets(self, count: int) -> Iterator[str]:
        """City code, day of the session, running number."""
        prefix = rules.ticket_prefix(self.authority.region.code, self.begins)
        return iter(rules.TICKET_NUMBERS.take(prefix, count))


def _enrollment(person: Person, batch: Batch) -> Enrollment:
    return batch.enrollment(
        person=person,
        state=EnrollmentState.IN_ASSESSMENT,
        name=person.name,
        id_number=person.id_number,
        gender=person.gender,
        birth_date=person.birth_date,
        phone=person.phone,
        education="college",
        work_unit=batch.organization.name,
        major="建筑工程技术",
        submitted_at=timezone.now(),
    )


def _strangers(count: int) -> list[InventedPerson]:
    """Invented people whom the platform does not know yet."""
    inventor = Inventor(secrets.randbits(32))
    found: dict[str, InventedPerson] = {}
    while len(found) < count:
        some = {
            blind_index(row.id_number): row for row in (inventor.person() for _ in range(count - len(found)))
        }
        known = Person.objects.filter(id_number_index__in=list(some))
        for digest in known.values_list("id_number_index", flat=True):
            del some[digest]
        found |= some
    return list(found.values())


def _free_short_name() -> str:
    while Institution.objects.filter(short_name=(name := f"练{secrets.randbelow(10_000):04d}")).exists():
        pass
    return name


def _free_credit_code() -> str:
    inventor = Inventor(1)
    while True:
        inventor._firms = secrets.randbelow(90_000) + 10_000 - 1
        code = inventor.credit_code()
        if not Organization.objects.filter(uscc=code).exists():
            return code
