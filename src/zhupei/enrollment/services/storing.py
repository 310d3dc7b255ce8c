"""Rows into the database: people found or made by blind index, enrollments in bulk, batch numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from foundation.crypto import blind_index
from foundation.errors import DomainError
from foundation.naming import some_of
from foundation.numbers.series import Series
from foundation.scoping import Actor
from zhupei.catalog.models import Offer
from zhupei.enrollment import admission
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Batch, Education, Enrollment
from zhupei.enrollment.roster import RosterRow
from zhupei.enrollment.roster_columns import COLUMNS
from zhupei.people.models import Gender, Person

CHUNK = 1000
BATCH_NUMBERS = Series("batch")
_GENDERS = {str(gender.label): gender for gender in Gender}
_EDUCATION = {str(level.label): level for level in Education}


def next_batch_number() -> str:
    """BM20261121-0001; taken before the transaction that stores the batch."""
    return BATCH_NUMBERS.take(f"BM{timezone.localdate():%Y%m%d}-")[0]


def make_batch(actor: Actor, offer: Offer, number: str) -> Batch:
    """An empty batch of the actor's organization for `offer`."""
    return Batch.objects.create(
        number=number,
        organization=actor.body,
        institution=offer.institution,
        offer=offer,
        programme=offer.occupation.programme,
        occupation=offer.occupation,
        level=offer.level,
        delivery=offer.delivery,
        created_by=actor.user,
    )


def values_of(row: RosterRow) -> dict[str, Any]:
    """The columns of an enrollment that a judged, good row fills; the judge has refused whatever is too long."""
    assert row.gender and row.education and row.birth_date
    values = {column.field: getattr(row, column.field) for column in COLUMNS}
    return values | {
        "gender": _GENDERS[row.gender],
        "education": _EDUCATION[row.education],
        "birth_date": row.birth_date,
    }


def people_for(rows: Sequence[RosterRow]) -> dict[str, int]:
    """ID number → key of its Person; missing ones are made. All of them are locked, in one order for everybody.

    The lock makes two organizations that enroll the same people wait for each other instead of deadlocking.
    """
    by_index = {blind_index(row.id_number): row for row in rows}
    order = sorted(by_index)
    Person.objects.bulk_create(
        [
            Person(
                id_number=row.id_number,
                name=row.name,
                gender=_GENDERS[row.gender or ""],
                birth_date=row.birth_date or dt.date.min,  # a good row has one
                phone=row.phone,
            )
            for row in (by_index[index] for index in order)
        ],
        batch_size=CHUNK,
        ignore_conflicts=True,
    )
    locked = (
        Person.objects.select_for_update(no_key=True)
        .filter(id_number_index__in=order)
        .order_by("id_number_index")
        .values_list("id_number_index", "pk")
    )
    return {by_index[index].id_number: key for index, key in locked}


def store(actor: Actor, batch: Batch, rows: Sequence[RosterRow]) -> list[Enrollment]:
    """Insert one enrollment a row with its first log row; all or none.

    Raises DomainError `already_enrolled` (items: row number → sentence) when somebody has been enrolled for the same
    occupation and level in the meantime.
    """
    people = people_for(rows)
    taken = admission.taken([blind_index(row.id_number) for row in rows], batch.offer, batch.organization)
    if taken:
        _refuse_taken([(row, taken[index]) for row in rows if (index := blind_index(row.id_number)) in taken])
    enrollments = [batch.enrollment(person_id=people[row.id_number], **values_of(row)) for row in rows]
    try:
        with transaction.atomic():
            Enrollment.objects.bulk_create(enrollments, batch_size=CHUNK)
    except IntegrityError as error:
        if "enrolled_once_an_occupation" not in str(error):
            raise
        raise DomainError("already_enrolled", "名单里有人刚刚被其他单位报名，请重新核对名单。") from error
    ENROLLMENT.record_start(actor, enrollments)
    return enrollments


def _refuse_taken(found: Sequence[tuple[RosterRow, str]]) -> None:
    raise DomainError(
        "already_enrolled",
        f"{some_of(row.name for row, _ in found)}刚刚已被报名同一岗位，本次没有导入任何人，请重新核对名单。",
        items={str(row.number): sentence for row, sentence in found},
    )
