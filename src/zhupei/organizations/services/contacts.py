"""What an organization changes by itself: contact person, address, phones (ORG-11)."""

from __future__ import annotations

from django.db import transaction

from foundation.audit import services as audit
from foundation.errors import NotAllowedError
from foundation.scoping import Actor
from zhupei.organizations.checks import checked_contact
from zhupei.organizations.data import ContactData
from zhupei.organizations.models import Organization
from zhupei.organizations.roles import Capability, require
from zhupei.organizations.services.accounts import move_account

_FIELDS = ("address", "contact_name", "contact_phone", "responsible_phone", "office_phone")


def update_contact(actor: Actor, organization: Organization, data: ContactData) -> Organization:
    """Store contact data at once; the account's phone follows the responsible person's.

    A new responsible phone must have been verified by the caller. Raises `invalid_contact` by field.
    """
    if actor.key != organization.key or not organization.is_approved:
        raise NotAllowedError("单位审核通过后才能修改联系方式。")
    require(actor, Capability.KEEP_PROFILE)
    data = checked_contact(data)
    with transaction.atomic():
        row = Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)
        changed = [field for field in _FIELDS if getattr(row, field) != getattr(data, field)]
        if not changed:
            return organization
        for field in changed:
            setattr(row, field, getattr(data, field))
        row.save()
        move_account(row, row.uscc)
        audit.record(actor, "organization.contact", row, fields=changed)
    for field in changed:
        setattr(organization, field, getattr(data, field))
    return organization
