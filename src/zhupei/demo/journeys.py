"""People at every step of the way from the roster to 已报名, with materials, records and orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.utils import timezone

from foundation.numbers.series import Series
from zhupei.billing.models import Order, OrderLine, OrderState, Voucher
from zhupei.billing.services import ORDER_NUMBERS
from zhupei.catalog.models import Offer
from zhupei.demo import pictures, plan
from zhupei.demo.collector import DemoWorld
from zhupei.demo.invented import InventedPerson
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState, Material, MaterialKind
from zhupei.enrollment.services.storing import BATCH_NUMBERS
from zhupei.learning.services import open_study_accounts
from zhupei.organizations.models import Institution, Organization
from zhupei.people.models import Person

S = EnrollmentState
WAY = {
    S.DRAFT: [],
    S.WITHDRAWN: ["withdraw"],
    S.SUBMITTED: ["submit"],
    S.RETURNED: ["submit", "return"],
    S.INELIGIBLE: ["submit", "reject"],
    S.ELIGIBLE: ["submit", "approve"],
    S.ORDERED: ["submit", "approve", "place_order"],
    S.PAID: ["submit", "approve", "place_order", "report_payment"],
    S.ENROLLED: ["submit", "approve", "place_order", "report_payment", "confirm_payment"],
}
TARGET = {
    "withdraw": S.WITHDRAWN,
    "submit": S.SUBMITTED,
    "return": S.RETURNED,
    "reject": S.INELIGIBLE,
    "approve": S.ELIGIBLE,
    "place_order": S.ORDERED,
    "report_payment": S.PAID,
    "confirm_payment": S.ENROLLED,
}
ORDER_STATE = {
    S.ORDERED: OrderState.OPEN,
    S.PAID: OrderState.VOUCHER_SUBMITTED,
    S.ENROLLED: OrderState.CONFIRMED,
}


def enroll(world: DemoWorld, organizations: list[Organization], institutions: list[Institution]) -> None:
    offers = list(Offer.objects.select_related("occupation__programme", "institution"))
    by_institution: dict[int, list[Offer]] = {}
    for offer in offers:
        by_institution.setdefault(offer.institution_id, []).append(offer)
    main = organizations[0]
    shows = [(main, institutions[0], *row) for row in plan.SHOWCASE]
    for number, organization in enumerate(row for row in organizations if row is not main):
        choices = [
            row for row in institutions if row.supervisor_id == organization.supervisor_id
        ] or institutions[:1]
        institution = institutions[0] if number % 3 == 0 else world.random.choice(choices)
        offer = world.random.choice(by_institution[institution.pk])
        shows.append(
            (
                organization,
                institution,
                offer.occupation.name,
                offer.delivery,
                plan.ORDINARY[number % len(plan.ORDINARY)],
            )
        )
    for organization, institution, occupation, delivery, counts in shows:
        offer = next(
            row
            for row in by_institution[institution.pk]
            if row.occupation.name == occupation and row.delivery == delivery
        )
        enroll_into(world, organization, offer, counts)


def enroll_into(
    world: DemoWorld,
    organization: Organization,
    offer: Offer,
    counts: dict[str, int],
    *,
    days_ago: float | None = None,
) -> list[Enrollment]:
    """A batch of people of an organization, so many in each state, `days_ago`; returns their enrollments."""
    if days_ago is not None:
        days = days_ago
    elif set(counts) == {"draft"}:
        days = 3.0
    elif set(counts) <= {S.ENROLLED, S.WITHDRAWN, S.INELIGIBLE}:
        days = world.random.uniform(12, 300)
    else:
        days = world.random.uniform(6, 15)
    when = world.working_time(days)
    batch = Batch.objects.create(
        number=_numbered(world, BATCH_NUMBERS, f"BM{timezone.localdate(when):%Y%m%d}-"),
        organization=organization,
        institution=offer.institution,
        offer=offer,
        programme=offer.occupation.programme,
        occupation=offer.occupation,
        level=offer.level,
        delivery=offer.delivery,
        created_by=world.users.get(organization.key),
    )
    Batch.objects.filter(pk=batch.pk).update(created_at=when)
    people = [world.invent.person(organization.region.code) for _ in range(sum(counts.values()))]
    humans = Person.objects.bulk_create(
        Person(id_number=p.id_number, name=p.name, gender=p.gender, birth_date=p.birth_date, phone=p.phone)
        for p in people
    )
    states = [state for state, count in counts.items() for _ in range(count)]
    rows = Enrollment.objects.bulk_create(
        _enrollment(world, batch, human, person, state, when)
        for human, person, state in zip(humans, people, states, strict=True)
    )
    Enrollment.objects.filter(pk__in=[row.pk for row in rows]).update(created_at=when)
    _materials(world, rows)
    _records(world, batch, rows, when)
    _orders(world, batch, rows, when)
    return rows


def _enrollment(
    world: DemoWorld, batch: Batch, human: Person, person: InventedPerson, state: str, when: dt.datetime
) -> Enrollment:
    education, major, years = world.random.choice(plan.MAJORS)
    if state not in {S.DRAFT, S.SUBMITTED, S.INELIGIBLE} and major == "会计":
        education, major, years = plan.MAJORS[0]
    reasons: dict[str, str] = {}
    if state in {S.RETURNED, S.INELIGIBLE}:
        key = world.random.choice(list(plan.REASONS))
        reasons = {key: plan.REASONS[key]}
    return batch.enrollment(
        person=human,
        state=state,
        name=person.name,
        id_number=person.id_number,
        gender=person.gender,
        birth_date=person.birth_date,
        phone=person.phone,
        education=education,
        major=major,
        graduated_on=f"{person.birth_date.year + 22}-06",
        practice_years=Decimal(years),
        work_unit=batch.organization.name,
        address=batch.organization.address,
        reasons=reasons,
        submitted_at=None if state in {S.DRAFT, S.WITHDRAWN} else when + dt.timedelta(days=1),
        reviewed_at=None if state in {S.DRAFT, S.WITHDRAWN, S.SUBMITTED} else when + dt.timedelta(days=2),
    )


def _materials(world: DemoWorld, rows: Iterable[Enrollment]) -> None:
    made = []
    for number, row in enumerate(rows):
        if row.state == S.DRAFT and number % 4 == 3:
            kinds = [MaterialKind.PORTRAIT, MaterialKind.ID_FRONT, MaterialKind.ID_BACK]
        elif row.state == S.DRAFT and number % 4 == 1:
            kinds = list(MaterialKind)[:5]
        else:
            kinds = list(MaterialKind)
        for kind in kinds:
            content, size = _picture(row, kind)
            name = f"{row.name}-{MaterialKind(kind).label}.jpg"
            document = world.document("enrollment.material", row.organization.key, name, content, size)
            made.append(Material(enrollment=row, kind=kind, document=document))
    world.flush_documents()
    Material.objects.bulk_create(made, batch_size=1000)


def _picture(row: Enrollment, kind: str) -> tuple[bytes, tuple[int, int]]:
    female = row.gender == "female"
    if kind == MaterialKind.PORTRAIT:
        return pictures.portrait(row.person_id, female), (295, 413)
    if kind == MaterialKind.ID_FRONT:
        born = row.birth_date
        birth = f"{born.year} 年 {born.month} 月 {born.day} 日"
        sex = "女" if female else "男"
        return (
            pictures.id_front(row.person_id, row.name, sex, birth, row.address[:16], row.id_number),
            (640, 404),
        )
    title = {
        MaterialKind.ID_BACK: "居民身份证",
        MaterialKind.EDUCATION: "毕业证书",
        MaterialKind.APPLICATION_FORM: "培训报名表",
        MaterialKind.WORK_YEARS: "工作年限证明",
    }[MaterialKind(kind)]
    return pictures.paper(title), (620, 877)


def _records(world: DemoWorld, batch: Batch, rows: Iterable[Enrollment], when: dt.datetime) -> None:
    ours, theirs = batch.organization.key, batch.institution.key
    for row in rows:
        world.log("enrollment", row, "create", "", S.DRAFT, ours, when, body=batch.organization)
        before, at = S.DRAFT, when
        for action in WAY[EnrollmentState(row.state)]:
            at = min(at + dt.timedelta(days=1, minutes=37), world.ago(0, 1))
            reviewing = action in {"return", "reject", "approve"}
            key = theirs if reviewing else ours if action in {"submit", "withdraw"} else "system"
            body = batch.institution if reviewing else batch.organization if key == ours else "系统"
            reasons = row.reasons if action in {"return", "reject"} else {}
            world.log("enrollment", row, action, before, TARGET[action], key, at, body=body, reasons=reasons)
            before = TARGET[action]


def _numbered(world: DemoWorld, series: Series, prefix: str) -> str:
    """A number unlike all others of the world; whoever enrolls or orders on that day gets a later one."""
    world.serial += 1
    series.pass_over(prefix, world.serial)
    return f"{prefix}{world.serial:04d}"


def _orders(world: DemoWorld, batch: Batch, rows: list[Enrollment], when: dt.datetime) -> None:
    for state, order_state in ORDER_STATE.items():
        mine = [row for row in rows if row.state == state]
        if not mine:
            continue
        at = when + dt.timedelta(days=2, hours=2)
        confirmed_at = at + dt.timedelta(days=1)
        institution, organization = batch.institution, batch.organization
        order = Order.objects.create(
            number=_numbered(world, ORDER_NUMBERS, f"B{timezone.localdate(at):%Y%m%d}-"),
            organization=organization,
            institution=institution,
            state=order_state,
            head_count=len(mine),
            total=batch.offer.fee * len(mine),
            account_name=institution.account_name,
            account_number=institution.account_number,
            account_bank=institution.account_bank,
            created_by=world.users.get(organization.key),
            confirmed_at=confirmed_at if order_state == OrderState.CONFIRMED else None,
        )
        Order.objects.filter(pk=order.pk).update(created_at=at)
        OrderLine.objects.bulk_create(
            OrderLine(order=order, enrollment=row, fee=batch.offer.fee) for row in mine
        )
        world.log("order", order, "create", "", "open", organization.key, at, body=organization)
        if order_state != OrderState.OPEN:
            _voucher(world, order, at)
        if order_state == OrderState.CONFIRMED:
            world.log(
                "order",
                order,
                "confirm",
                "voucher_submitted",
                "confirmed",
                institution.key,
                confirmed_at,
                body=institution,
            )
            open_study_accounts(mine)


def _voucher(world: DemoWorld, order: Order, at: dt.datetime) -> None:
    paid_on = timezone.localdate(at)
    facts = [
        ("付款单位", order.organization.name),
        ("收款单位", order.account_name),
        ("金额", f"¥{order.total:,.2f}"),
        ("附言", order.number),
        ("日期", f"{paid_on}"),
    ]
    picture = pictures.license_picture("电子回单", facts)
    document = world.document("billing.voucher", order.organization.key, "汇款凭证.jpg", picture, (1000, 707))
    world.flush_documents()
    voucher = Voucher.objects.create(
        order=order,
        document=document,
        payer_name=order.organization.name,
        amount=order.total,
        paid_on=paid_on,
        invoice_title=order.organization.name,
        remarks=f"共培训 {order.head_count} 人，请开数电票。",
        created_by=order.created_by,
    )
    moment = min(at + dt.timedelta(hours=3), world.ago(0, 2))
    Voucher.objects.filter(pk=voucher.pk).update(created_at=moment)
    world.log(
        "order",
        order,
        "submit_voucher",
        "open",
        "voucher_submitted",
        order.organization.key,
        moment,
        body=order.organization,
    )
