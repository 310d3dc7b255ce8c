"""Study accounts: opened when the fee is confirmed (ACC-03, BIL-04)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.hashers import make_password

from foundation.scoping import Actor
from zhupei.accounts.models import Portal, User, account_key
from zhupei.enrollment.models import Enrollment
from zhupei.people.models import Person


def on_enrollment_paid(sender: Any, actor: Actor, enrollments: Sequence[Enrollment], **rest: Any) -> None:
    open_study_accounts(enrollments)


def open_study_accounts(enrollments: Sequence[Enrollment]) -> int:
    """Give everybody who has none an account named by the ID number; returns how many were opened.

    No password works before the first sign-in, which asks for the initial password and an SMS code to the phone of the
    enrollment. Three statements whatever the head count.
    """
    newest = {row.person_id: row for row in enrollments}
    people = list(
        Person.objects.select_for_update(no_key=True).filter(pk__in=newest, user=None).order_by("pk")
    )
    accounts = {person.pk: account_key(Portal.LEARNER, person.id_number) for person in people}
    existing = {
        user.account: user
        for user in User.objects.filter(portal=Portal.LEARNER, account__in=accounts.values())
    }
    missing = [
        User(
            portal=Portal.LEARNER,
            account=accounts[person.pk],
            account_text=person.id_number,
            name=person.name,
            phone=newest[person.pk].phone,
            password=make_password(None),
        )
        for person in people
        if accounts[person.pk] not in existing
    ]
    for user in User.objects.bulk_create(missing, batch_size=1000):
        existing[user.account] = user
    for person in people:
        person.user = existing[accounts[person.pk]]
    Person.objects.bulk_update(people, ["user"], batch_size=1000)
    return len(missing)
