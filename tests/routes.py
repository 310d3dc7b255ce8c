"""All addresses of the platform, and for each that names an object one of a world that belongs to somebody else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver

from foundation.files.models import Document
from foundation.jobs.models import Job
from foundation.messages.models import Message
from foundation.review.models import Review, ReviewState
from tests.world import World, jpeg
from zhupei.accounts.models import User
from zhupei.billing.models import OrderState, Voucher
from zhupei.catalog.models import EligibilityTable, Level, Occupation, Programme, ProgrammeRules
from zhupei.enrollment.models import ArchiveUpload, EnrollmentState, RosterImport
from zhupei.organizations.models import BodyBar, Notice, OrganizationChange, OrganizationDocument
from zhupei.people.models import PersonBar

PORTALS = ("enterprise", "institution", "authority", "learner")
# What stands in these addresses is no object: a portal, a slot, a file's kind.
WORDS: dict[str, dict[str, Any]] = {
    "public:sign_in": {"portal": "enterprise"},
    "public:forgot_password": {"portal": "enterprise"},
    "public:letter": {"ext": "docx"},
    "public:register_document": {"slot": "yyzz"},
    "public:delete_document": {"slot": "yyzz"},
    "public:download": {"key": "commitment-letter", "ext": "docx"},
    "enterprise:letter": {"ext": "docx"},
    "enterprise:paper": {"slot": "yyzz"},
}


@dataclass(frozen=True)
class Route:
    """One address: its name with namespace, and the names of what is to be filled in."""

    name: str
    keys: tuple[str, ...]

    @property
    def portal(self) -> str:
        return self.name.partition(":")[0]


def routes() -> list[Route]:
    """Every named address but those of the development's gallery."""
    found = _walk(get_resolver(), "", ())
    return sorted({route for route in found if route.portal != "gallery"}, key=lambda route: route.name)


def _walk(resolver: URLResolver, namespace: str, keys: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        inner = (*keys, *entry.pattern.converters)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, f"{entry.namespace}:" if entry.namespace else namespace, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield Route(f"{namespace}{entry.name}", inner)


class Estate:
    """Everything of a firm, an institution and an authority in 宁波, and of one of its workers; made when asked for."""

    CITY = ("330200", "宁波市")

    def __init__(self, world: World) -> None:
        self.world = world
        self.authority = world.authority(*self.CITY)
        self.organization = world.organization(supervisor=self.authority, city=self.CITY[0])
        self.institution = world.institution(supervisor=self.authority)
        self.offer = world.offer(self.institution)
        self.users: dict[str, User] = {
            "enterprise": world.user(self.organization),
            "institution": world.user(self.institution),
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
        document = self.document("registration.yyzz")
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


def _key(find: Callable[[Estate], Any], **words: Any) -> Callable[[Estate], dict[str, Any]]:
    return lambda estate: {"pk": find(estate).pk, **words}


_PROGRAMME = _key(lambda estate: Programme.objects.order_by("pk").first())
_ENROLLMENT = _key(lambda estate: estate.enrollment)
_BATCH = _key(lambda estate: estate.batch)
_ORDER = _key(lambda estate: estate.order)
_OFFER = _key(lambda estate: estate.offer)
_ROSTER = _key(lambda estate: estate.roster)
_SCHOOL = _key(lambda estate: estate.institution)

# Name of the address → what is filled in. A new address with a key needs its line here.
OBJECTS: dict[str, Callable[[Estate], dict[str, Any]]] = {
    "public:notice": _key(lambda estate: estate.notice),
    "shared:message": _key(lambda estate: estate.message),
    "shared:document": _key(lambda estate: estate.paper),
    "shared:job": _key(lambda estate: estate.job),
    "learner:enrollment": _ENROLLMENT,
    # enterprise
    **dict.fromkeys([f"enterprise:{name}" for name in ("enroll_offer", "roster_upload", "enroll_single")], _OFFER),
    **dict.fromkeys(
        [f"enterprise:{name}" for name in ("roster", "roster_confirm", "roster_discard", "roster_marked")], _ROSTER
    ),
    **dict.fromkeys(
        [
            f"enterprise:{name}"
            for name in (
                "batch", "batch_add", "batch_archive", "batch_submit", "batch_application_form", "batch_work_years",
                "batch_roster_summary",
            )
        ],
        _BATCH,
    ),
    "enterprise:archive_job": _key(lambda estate: estate.archive),
    **dict.fromkeys(
        [
            f"enterprise:{name}"
            for name in (
                "person", "person_edit", "person_submit", "person_recall", "person_withdraw",
                "person_application_form", "person_work_years",
            )
        ],
        _ENROLLMENT,
    ),
    "enterprise:material": _key(lambda estate: estate.enrollment, kind="portrait"),
    "enterprise:material_remove": _key(lambda estate: estate.enrollment, kind="portrait"),
    "enterprise:person_reveal": _key(lambda estate: estate.enrollment, field="id_number"),
    **dict.fromkeys(
        [f"enterprise:{name}" for name in ("order", "order_cancel", "order_voucher_file", "order_slip")], _ORDER
    ),
    "enterprise:institution": _SCHOOL,
    "enterprise:profile_change_withdraw": _key(lambda estate: estate.change),
    # institution
    "institution:eligibility_case": _ENROLLMENT,
    "institution:person": _ENROLLMENT,
    "institution:reveal": _key(lambda estate: estate.enrollment, field="id_number"),
    "institution:payment": _ORDER,
    **dict.fromkeys([f"institution:{name}" for name in ("offer", "offer_close", "offer_reopen")], _OFFER),
    "institution:site": _key(lambda estate: estate.institution.sites.first()),
    "institution:site_remove": _key(lambda estate: estate.institution.sites.first()),
    # authority
    **dict.fromkeys(
        [f"authority:{name}" for name in ("organization", "organization_accept", "organization_decide")],
        _key(lambda estate: estate.waiting),
    ),
    **dict.fromkeys(
        [f"authority:{name}" for name in ("change", "change_accept", "change_decide")],
        _key(lambda estate: estate.change),
    ),
    **dict.fromkeys([f"authority:{name}" for name in ("institution", "institution_edit", "institution_active")], _SCHOOL),
    "authority:institution_password": lambda estate: {
        "pk": estate.institution.pk,
        "user": estate.users["institution"].pk,
    },
    **dict.fromkeys(
        [f"authority:{name}" for name in ("person_bar", "person_bar_reveal", "person_bar_lift")],
        _key(lambda estate: estate.person_bar),
    ),
    **dict.fromkeys([f"authority:{name}" for name in ("body_bar", "body_bar_lift")], _key(lambda estate: estate.body_bar)),
    **dict.fromkeys(
        [f"authority:{name}" for name in ("notice", "notice_edit", "notice_publish", "notice_withdraw")],
        _key(lambda estate: estate.notice),
    ),
    # the catalog is the province's: other authorities read it, nobody else sees it
    **dict.fromkeys(
        [
            f"authority:catalog_{name}"
            for name in (
                "programme", "programme_edit", "programme_active", "rules_new", "occupations", "occupation_new",
                "levels", "level_new", "eligibility", "eligibility_new",
            )
        ],
        _PROGRAMME,
    ),
    **dict.fromkeys(
        [f"authority:catalog_rules_{name}" for name in ("edit", "drop")],
        _key(lambda estate: ProgrammeRules.objects.first()),
    ),
    **dict.fromkeys(
        [f"authority:catalog_occupation_{name}" for name in ("edit", "active")],
        _key(lambda estate: Occupation.objects.first()),
    ),
    **dict.fromkeys(
        [f"authority:catalog_level_{name}" for name in ("edit", "active")],
        _key(lambda estate: Level.objects.first()),
    ),
    **dict.fromkeys(
        [f"authority:catalog_eligibility_{name}" for name in ("edit", "drop")],
        _key(lambda estate: EligibilityTable.objects.first()),
    ),
}  # fmt: skip
