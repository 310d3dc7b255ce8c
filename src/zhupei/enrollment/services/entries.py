"""One person at a time: single entry, change, hand in, take back (ENR-06, ENR-08)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone

from foundation.audit import services as audit
from foundation.crypto import blind_index
from foundation.errors import DomainError, WrongStateError
from foundation.identifiers import id_number, phone
from foundation.identifiers.text import tidy
from foundation.scoping import Actor
from zhupei.catalog.models import Offer
from zhupei.enrollment import admission, news, rules
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import NOT_YET_SUBMITTED, Batch, Enrollment, EnrollmentState
from zhupei.enrollment.roster import RosterRow, judge_rows
from zhupei.enrollment.roster_columns import COLUMNS
from zhupei.enrollment.roster_reading import RawRow
from zhupei.enrollment.roster_values import MONTH, normalize_month
from zhupei.enrollment.services import storing
from zhupei.organizations.roles import Capability, require

MOST_PERIODS = 12
LONGEST_POST = 60


@dataclass(frozen=True)
class EntryData:
    """The fields of the paper form (报名表) as typed; gender and education in the words of the roster.

    `practice_periods`: from month, to month (empty = until now), post: {"start": "2015-03", "end": "", "post": "施工员"}.
    """

    name: str
    gender: str
    id_number: str
    phone: str
    education: str
    work_unit: str
    major: str = ""
    graduated_on: str = ""
    practice_years: str = ""
    practice_periods: Sequence[Mapping[str, str]] = field(default_factory=tuple)
    email: str = ""
    address: str = ""

    @classmethod
    def of(cls, enrollment: Enrollment) -> EntryData:
        """What the form shows for an enrollment that is there already."""
        years = enrollment.practice_years
        values = {column.field: getattr(enrollment, column.field) for column in COLUMNS} | {
            "gender": enrollment.get_gender_display(),
            "education": enrollment.get_education_display(),
            "practice_years": "" if years is None else f"{years.normalize():f}",
        }
        return cls(**values, practice_periods=enrollment.practice_periods)


def enroll_single(
    actor: Actor,
    offer: Offer,
    data: EntryData,
    *,
    batch: Batch | None = None,
    into_plan: bool = False,
    number: str = "",
) -> Enrollment:
    """Enroll one person by form, into a new batch or into `batch` (which must be of the same offer).

    A caller with a transaction of his own has taken the new batch's `number` before it began.
    Raises DomainError `invalid_data` (items: field → sentence) or what `check_offer` raises.
    """
    admission.check_offer(actor, offer, into_plan=into_plan)
    if batch is not None and (batch.organization_id != actor.body.pk or batch.offer_id != offer.pk):
        raise DomainError("wrong_batch", "这个批次报的是其他岗位或培训机构，请新建报名。")
    if batch is None:
        number = number or storing.next_batch_number()
    with transaction.atomic():
        row, periods = _judge(actor, offer, data)
        target = batch or storing.make_batch(actor, offer, number)
        enrollment = storing.store(actor, target, [row])[0]
        if periods:
            Enrollment.objects.filter(pk=enrollment.pk).update(practice_periods=periods)
            enrollment.practice_periods = periods
        return enrollment


def update_enrollment(actor: Actor, enrollment: Enrollment, data: EntryData) -> Enrollment:
    """Change an enrollment that is not handed in (or was returned); before and after go into the audit log (ENR-08)."""
    require(actor, Capability.ENROLL, enrollment)
    with transaction.atomic():
        locked = _lock_editable(enrollment)
        row, periods = _judge(actor, locked.offer, data, besides=locked.pk)
        values = storing.values_of(row) | {"practice_periods": periods}
        before = {name: getattr(locked, name) for name in values}
        if values["id_number"] != locked.id_number:
            locked.person_id = storing.people_for([row])[row.id_number]
        for name, value in values.items():
            setattr(locked, name, value)
        try:
            with transaction.atomic():
                locked.save(update_fields=[*values, "person", "id_number_index", "phone_index", "updated_at"])
        except IntegrityError as error:
            if "enrolled_once_an_occupation" not in str(error):
                raise
            sentence = "该人员已报名同一岗位，请核对身份证号。"
            raise DomainError("already_enrolled", sentence, items={"id_number": sentence}) from error
        changed = _changes(before, values)
        if changed:
            audit.record(actor, "enrollment.update", locked, changes=changed)
        return locked


@dataclass(frozen=True)
class Submission:
    """What a bulk submission did: who was handed in, and who was not with the reasons."""

    submitted: list[Enrollment]
    held: list[tuple[Enrollment, list[str]]]


def submit_for_review(actor: Actor, enrollments: QuerySet[Enrollment]) -> Submission:
    """Hand the complete ones in to the institution, name the others; a constant number of queries (MAT-01, ELI-01).

    Those already handed in are passed over, so that a double click does no harm.
    """
    require(actor, Capability.ENROLL, enrollments)
    with transaction.atomic():
        rows = list(
            enrollments.filter(state__in=NOT_YET_SUBMITTED)
            .select_for_update(of=("self",), no_key=True)
            .order_by("pk")
        )
        problems = admission.problems(rows)
        ready = [row.pk for row in rows if row.pk not in problems]
        done = (
            ENROLLMENT.perform_many(actor, Enrollment.objects.filter(pk__in=ready), "submit") if ready else []
        )
        handed_in = Enrollment.objects.filter(pk__in=ready, state=EnrollmentState.SUBMITTED).order_by()
        waiting = handed_in.values_list("institution_id").annotate(Count("pk"))
        for institution_id, count in waiting:
            news.submitted(institution_id, str(actor.body or ""), count)
        return Submission(done, [(row, problems[row.pk]) for row in rows if row.pk in problems])


def recall(actor: Actor, enrollments: QuerySet[Enrollment]) -> list[Enrollment]:
    """Take back what was handed in and not paid, to change it; it has to be handed in again (ENR-08)."""
    require(actor, Capability.ENROLL, enrollments)
    return ENROLLMENT.perform_many(actor, enrollments, "recall")


def withdraw(actor: Actor, enrollments: QuerySet[Enrollment], remark: str = "") -> list[Enrollment]:
    """Give enrollments up for good, until they are paid (ENR-08); all or none.

    Raises WrongStateError naming the first person who cannot be withdrawn and what to do instead.
    """
    require(actor, Capability.ENROLL, enrollments)
    with transaction.atomic():
        rows = enrollments.select_for_update(of=("self",), no_key=True).order_by("pk")
        for name, state in rows.values_list("name", "state"):
            if sentence := rules.why_not_withdrawable(state):
                raise WrongStateError(f"{name}：{sentence}")
        return ENROLLMENT.perform_many(actor, enrollments, "withdraw", remark=remark)


def _lock_editable(enrollment: Enrollment) -> Enrollment:
    locked = (
        Enrollment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("offer__occupation__programme", "offer__level", "organization")
        .get(pk=enrollment.pk)
    )
    if sentence := rules.why_not_editable(locked.state):
        raise WrongStateError(sentence)
    return locked


def _judge(
    actor: Actor, offer: Offer, data: EntryData, *, besides: int | None = None
) -> tuple[RosterRow, list[dict[str, str]]]:
    """The roster's judge over one form; raises `invalid_data` with every wrong field."""
    cells = {column.label: str(getattr(data, column.field)) for column in COLUMNS}
    verdict = judge_rows([RawRow(1, cells)], organization_name=actor.body.name)
    row = verdict.rows[0]
    fields = {column.label: column.field for column in COLUMNS}
    items: dict[str, str] = {}
    for error in row.errors:
        items.setdefault(fields[error.column], error.message)
    if row.birth_date and "id_number" not in items:
        index = blind_index(row.id_number)
        found = admission.barred([index]).get(index) or admission.taken(
            [index], offer, actor.body, besides=besides
        ).get(index)
        if found:
            items["id_number"] = found
    periods = _read_periods(data.practice_periods, items)
    if items:
        raise DomainError("invalid_data", "有几处填写不对，请按提示改正后再提交。", items=items)
    return row, periods


def _read_periods(given: Sequence[Mapping[str, str]], items: dict[str, str]) -> list[dict[str, str]]:
    """The work history, oldest first; empty lines are dropped, a wrong one is named in `items`."""
    periods = []
    this_month = timezone.localdate().strftime("%Y-%m")
    for number, period in enumerate(given, start=1):
        start, end = normalize_month(period.get("start", "")), normalize_month(period.get("end", ""))
        post = tidy(period.get("post", ""))
        if not (start or end or post):
            continue
        wrong = ""
        if not post or len(start) != 7 or not MONTH.fullmatch(start):
            wrong = "请写明起始年月（例如 2015-03）和岗位"
        elif end and (len(end) != 7 or not MONTH.fullmatch(end)):
            wrong = "终止年月请写成 2019-07，至今的不用填"
        elif end and end < start:
            wrong = "终止年月早于起始年月"
        elif max(start, end) > this_month:
            wrong = "年月晚于今天"
        elif len(post) > LONGEST_POST:
            wrong = f"岗位最多 {LONGEST_POST} 个字，现在有 {len(post)} 个"
        if wrong:
            items["practice_periods"] = f"第 {number} 段工作经历：{wrong}。"
        periods.append({"start": start, "end": end, "post": post})
    if len(periods) > MOST_PERIODS:
        items["practice_periods"] = f"工作经历最多 {MOST_PERIODS} 段，请合并相近的几段。"
    return sorted(periods, key=lambda period: period["start"])


_PRIVATE = {"id_number": id_number.mask, "phone": phone.mask}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, list[str]]:
    """Field → [before, after] of what differs, ID numbers and phones masked."""
    return {
        name: [_shown(name, before[name]), _shown(name, after[name])]
        for name in before
        if before[name] != after[name]
    }


def _shown(name: str, value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    text = "" if value is None else str(value)
    return _PRIVATE[name](text) if name in _PRIVATE else text
