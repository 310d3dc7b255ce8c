"""A world brought to a given stage in one line, written by the ORM alone: for tests that are about something else."""

from __future__ import annotations

import datetime as dt
import io
import itertools
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image

from foundation.files.models import Document
from foundation.review.models import Review, ReviewState
from foundation.scoping import Actor
from zhupei.accounts.models import User
from zhupei.billing.models import Order, OrderLine, OrderState
from zhupei.catalog.models import Occupation, Offer, Programme, ProgrammeRules
from zhupei.demo.invented import InventedPerson, Inventor
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState, Material, MaterialKind
from zhupei.organizations.actors import actor_for
from zhupei.organizations.models import Authority, Institution, Membership, Organization, TestSite
from zhupei.people.models import Person
from zhupei.regions.models import Region, RegionLevel

PASSWORD = "Zhupei-2026-test"


def jpeg(width: int = 295, height: int = 413, color: str = "white") -> bytes:
    """A small real JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), color).save(out, "JPEG", quality=85)
    return out.getvalue()


class World:
    """Objects are made on demand and remembered where one is enough (province, cities, programmes)."""

    def __init__(self) -> None:
        self.invent = Inventor(7)
        self._numbers = itertools.count(1)

    # --- regions and authorities
    def region(self, code: str = "330100", name: str = "杭州市") -> Region:
        province, _ = Region.objects.get_or_create(
            code="330000", defaults={"name": "浙江省", "level": RegionLevel.PROVINCE}
        )
        if code == "330000":
            return province
        region, _ = Region.objects.get_or_create(
            code=code,
            defaults={
                "name": name,
                "level": RegionLevel.CITY,
                "parent": province,
                "offers_review_choice": code == "330100",
            },
        )
        return region

    def authority(self, code: str = "330100", name: str = "杭州市") -> Authority:
        region = self.region(code, name)
        label = "浙江省住房和城乡建设厅" if code == "330000" else f"{name}住房和城乡建设局"
        return Authority.objects.get_or_create(region=region, defaults={"name": label})[0]

    # --- users
    def user(self, body: Any, role: str = "owner") -> User:
        """A user acting for `body`; signs in with PASSWORD."""
        number = next(self._numbers)
        portal = {Organization: "enterprise", Institution: "institution", Authority: "authority"}[type(body)]
        account = body.uscc if portal == "enterprise" else f"{portal}{number}"
        if User.objects.filter(portal=portal, account=account).exists():
            account = f"{account}-{number}"
        user = User.objects.create_user(
            portal, account, PASSWORD, name=f"经办{number}", phone=f"139{number:08d}"
        )
        field = {"enterprise": "organization", "institution": "institution", "authority": "authority"}[portal]
        Membership.objects.create(user=user, role=role, **{field: body})
        return user

    def actor(self, body: Any, role: str = "owner") -> Actor:
        return actor_for(self.user(body, role))

    def client(self, who: Any) -> Client:
        """A test client signed in as a user, or as a new user of a body."""
        user = who if isinstance(who, User) else self.user(who)
        client = Client()
        client.force_login(user, backend="zhupei.accounts.backends.PortalBackend")
        return client

    # --- organizations
    def organization(
        self, *, state: str = ReviewState.APPROVED, city: str = "330100", **fields: Any
    ) -> Organization:
        authority = fields.pop("supervisor", None) or self.authority(city, fields.pop("city_name", "杭州市"))
        code = self.invent.credit_code()
        values: dict[str, Any] = {
            "name": f"{self.invent.firm('杭州')}{next(self._numbers)}",
            "uscc": code,
            "address": "浙江省杭州市西湖区样本路1号",
            "scope": "房屋建筑工程施工；市政工程施工",
            "legal_representative": "陈立新",
            "region": authority.region if city == authority.region.code else self.region(city),
            "supervisor": authority,
            "contact_name": "周敏",
            "contact_phone": "13857100001",
            "responsible_name": "陈立新",
            "responsible_phone": "13857100002",
        } | fields
        review = Review.objects.create(
            kind="organization",
            state=state,
            subject_label=values["name"],
            reviewer_key=f"authority:{authority.pk}",
            round=1,
        )
        organization = Organization.objects.create(review=review, **values)
        review.submitter_key = organization.key
        review.save(update_fields=["submitter_key"])
        return organization

    def institution(self, *, supervisor: Authority | None = None, **fields: Any) -> Institution:
        number = next(self._numbers)
        authority = supervisor or self.authority()
        values: dict[str, Any] = {
            "name": f"样本培训学校{number}",
            "short_name": f"样{number}",
            "region": authority.region,
            "address": "浙江省杭州市拱墅区样本街2号",
            "contact_phone": "0571-00000001",
            "strengths": "实训场地齐全",
            "account_name": f"样本培训学校{number}",
            "account_number": "1205220109200069722",
            "account_bank": "样本银行杭州支行",
        } | fields
        institution = Institution.objects.create(supervisor=authority, **values)
        TestSite.objects.create(
            institution=institution, name="一号机房", address="浙江省杭州市拱墅区样本街2号", seats=30
        )
        return institution

    # --- catalog
    def programme(self) -> Programme:
        programme, made = Programme.objects.get_or_create(
            code="site-professionals",
            defaults={"name": "施工现场专业人员", "enrollment_order": "enroll_first"},
        )
        if made or not programme.rules.exists():
            ProgrammeRules.objects.get_or_create(
                programme=programme,
                effective_from=dt.date(2020, 1, 1),
                defaults={"required_materials": list(MaterialKind.values)},
            )
        return programme

    def occupation(self, name: str = "土建施工员", group: str = "construction") -> Occupation:
        programme = self.programme()
        found = Occupation.objects.filter(programme=programme, name=name).first()
        if found:
            return found
        return Occupation.objects.create(
            programme=programme, code=f"T{next(self._numbers)}", base_name=name, name=name, group=group
        )

    def offer(
        self, institution: Institution | None = None, *, occupation: Occupation | None = None, **fields: Any
    ) -> Offer:
        institution = institution or self.institution()
        values: dict[str, Any] = {
            "delivery": "onsite",
            "fee": Decimal("480.00"),
            "start_pattern": "每月开班",
        } | fields
        return Offer.objects.create(
            institution=institution,
            occupation=occupation or self.occupation(),
            site=institution.sites.first(),
            **values,
        )

    # --- enrollments
    def person(self, invented: InventedPerson | None = None) -> Person:
        given = invented or self.invent.person()
        return Person.objects.create(
            id_number=given.id_number,
            name=given.name,
            gender=given.gender,
            birth_date=given.birth_date,
            phone=given.phone,
        )

    def batch(
        self,
        people: int = 3,
        *,
        state: str = EnrollmentState.DRAFT,
        organization: Organization | None = None,
        offer: Offer | None = None,
        materials: bool = False,
    ) -> Batch:
        """A batch with `people` enrollments, all in `state`; `materials` gives each the six images."""
        organization = organization or self.organization()
        offer = offer or self.offer(self.institution(supervisor=organization.supervisor))
        batch = Batch.objects.create(
            number=f"T{next(self._numbers):08d}",
            organization=organization,
            institution=offer.institution,
            offer=offer,
            programme=offer.occupation.programme,
            occupation=offer.occupation,
            level=offer.level,
            delivery=offer.delivery,
        )
        for _ in range(people):
            enrollment = self.enrollment(batch, state=state)
            if materials:
                for kind in MaterialKind.values:
                    self.material(enrollment, kind)
        return batch

    def enrollment(self, batch: Batch, *, state: str = EnrollmentState.DRAFT, **fields: Any) -> Enrollment:
        from django.utils import timezone

        person = fields.pop("person", None) or self.person()
        values: dict[str, Any] = {
            "name": person.name,
            "id_number": person.id_number,
            "gender": person.gender,
            "birth_date": person.birth_date,
            "phone": person.phone,
            "education": "college",
            "work_unit": batch.organization.name,
            "major": "建筑工程技术",
            "graduated_on": "2015-06",
            "practice_years": Decimal("5"),
            "submitted_at": None if state == EnrollmentState.DRAFT else timezone.now(),
        } | fields
        return Enrollment.objects.create(
            batch=batch,
            person=person,
            organization=batch.organization,
            institution=batch.institution,
            offer=batch.offer,
            programme=batch.programme,
            occupation=batch.occupation,
            level=batch.level,
            delivery=batch.delivery,
            state=state,
            **values,
        )

    def document(
        self, owner_key: str, kind: str = "enrollment.material", content: bytes | None = None
    ) -> Document:
        data = content or jpeg()
        document = Document(
            kind=kind,
            owner_key=owner_key,
            name="image.jpg",
            content_type="image/jpeg",
            size=len(data),
            sha256="0" * 64,
            width=295,
            height=413,
        )
        document.file.save("image.jpg", ContentFile(data), save=False)
        document.save()
        return document

    def material(self, enrollment: Enrollment, kind: str = MaterialKind.PORTRAIT) -> Material:
        document = self.document(enrollment.organization.key)
        return Material.objects.create(enrollment=enrollment, kind=kind, document=document)

    # --- orders
    def order(self, people: int = 2, *, state: str = OrderState.OPEN, batch: Batch | None = None) -> Order:
        """An order over a batch whose enrollments stand where that order state puts them."""
        enrollment_state = {
            OrderState.OPEN: EnrollmentState.ORDERED,
            OrderState.VOUCHER_SUBMITTED: EnrollmentState.PAID,
            OrderState.VOUCHER_REJECTED: EnrollmentState.ORDERED,
            OrderState.CONFIRMED: EnrollmentState.ENROLLED,
            OrderState.CANCELED: EnrollmentState.ELIGIBLE,
            OrderState.REFUNDED: EnrollmentState.REFUNDED,
        }[OrderState(state)]
        batch = batch or self.batch(people, state=enrollment_state, materials=False)
        enrollments = list(batch.enrollments.all())
        institution = batch.institution
        order = Order.objects.create(
            number=f"B{next(self._numbers):08d}",
            organization=batch.organization,
            institution=institution,
            state=state,
            head_count=len(enrollments),
            total=batch.offer.fee * len(enrollments),
            account_name=institution.account_name,
            account_number=institution.account_number,
            account_bank=institution.account_bank,
        )
        OrderLine.objects.bulk_create(
            [
                OrderLine(
                    order=order,
                    enrollment=row,
                    fee=batch.offer.fee,
                    is_live=state != OrderState.CANCELED,
                )
                for row in enrollments
            ]
        )
        return order
