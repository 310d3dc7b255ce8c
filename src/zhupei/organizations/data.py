"""The values that travel from a page to the services: what somebody filled in about a body."""

from __future__ import annotations

from dataclasses import dataclass

from zhupei.organizations.models import Organization, OrganizationKind
from zhupei.organizations.rules import CITY, PROVINCIAL
from zhupei.regions.models import Region


@dataclass
class RegistrationData:
    """A registration as filled in (ORG-02); `review_choice` is `city` or `provincial` where offered."""

    name: str
    uscc: str
    region: Region | None
    address: str
    contact_name: str
    contact_phone: str
    responsible_name: str
    responsible_phone: str
    kind: str = OrganizationKind.ENTERPRISE
    legal_representative: str = ""
    scope: str = ""
    office_phone: str = ""
    is_provincial: bool = False
    review_choice: str = ""

    @classmethod
    def of(cls, organization: Organization) -> RegistrationData:
        """What an organization has on file, to be corrected."""
        return cls(
            name=organization.name,
            uscc=organization.uscc,
            region=organization.region,
            address=organization.address,
            contact_name=organization.contact_name,
            contact_phone=organization.contact_phone,
            responsible_name=organization.responsible_name,
            responsible_phone=organization.responsible_phone,
            kind=organization.kind,
            legal_representative=organization.legal_representative,
            scope=organization.scope,
            office_phone=organization.office_phone,
            is_provincial=organization.is_provincial,
            review_choice=PROVINCIAL if organization.supervisor.is_provincial else CITY,
        )


@dataclass
class ContactData:
    """What an organization changes by itself (ORG-11)."""

    address: str
    contact_name: str
    contact_phone: str
    responsible_phone: str
    office_phone: str = ""


@dataclass
class ChangeData:
    """What goes to review again (ORG-11): name, code, region, affiliation, with the reason."""

    name: str
    uscc: str
    region: Region | None
    reason: str
    is_provincial: bool = False
    review_choice: str = ""


@dataclass
class InstitutionData:
    """A training institution as an authority enters it (ORG-12)."""

    name: str
    short_name: str
    region: Region | None
    address: str
    account_name: str
    account_number: str
    account_bank: str
    contact_name: str = ""
    contact_phone: str = ""
    introduction: str = ""
    strengths: str = ""
