"""The owner's account of an organization keeps up with the organization's data."""

from __future__ import annotations

from zhupei.accounts.models import Portal, User
from zhupei.organizations.models import Organization


def move_account(organization: Organization, old_code: str) -> None:
    """The owner's account is the credit code (ORG-06) and its phone the responsible person's; both follow.

    Raises IntegrityError when another account has the new code.
    """
    owner = User.objects.filter(
        portal=Portal.ENTERPRISE, account=old_code, membership__organization=organization
    ).first()
    if owner is not None:
        owner.account, owner.phone = organization.uscc, organization.responsible_phone
        owner.save(update_fields=["account", "phone", "phone_index"])
