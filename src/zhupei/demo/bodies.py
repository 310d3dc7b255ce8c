"""Authorities' users, institutions with offers, organizations in every review state."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from foundation.calendar.working_days import add_working_days
from foundation.review.kinds import kind_of
from foundation.review.models import Review, ReviewSnapshot, ReviewState
from zhupei.catalog.models import Occupation, Offer
from zhupei.demo import pictures, plan
from zhupei.demo.collector import DemoWorld
from zhupei.demo.school_files import school_files
from zhupei.organizations.models import (
    Authority,
    Institution,
    Organization,
    OrganizationDocument,
    Slot,
    TestSite,
)
from zhupei.regions.models import Region


def authorities(world: DemoWorld) -> dict[str, Authority]:
    rows = {row.region.code: row for row in Authority.objects.select_related("region")}
    names = {"330000": ("zjjst", "省厅"), "330100": ("hzjw", "杭州"), "330200": ("nbjw", "宁波")}
    for code, (account, label) in names.items():
        world.user("authority", account, f"{label}经办", rows[code], label=str(rows[code]))
    return rows


def institutions(world: DemoWorld, authorities: dict[str, Authority]) -> list[Institution]:
    occupations = {row.name: row for row in Occupation.objects.all()}
    rows, offers, sites = [], [], []
    for number, (code, name, short, strengths) in enumerate(plan.INSTITUTIONS):
        authority = authorities[code]
        city = authorities["330100"].region if code == "330000" else authority.region
        row = Institution.objects.create(
            name=name,
            short_name=short,
            supervisor=authority,
            region=city,
            address=f"{city.full_name}样本路{number * 8 + 6}号",
            contact_name=world.invent.person().name,
            contact_phone=f"0571-8800{number:04d}",
            introduction=f"{name}从事住房城乡建设领域培训多年，常年承接施工现场专业人员和技能工人培训。",
            strengths=strengths,
            account_name=name,
            account_number=f"12052201{world.random.randrange(10**11):011d}",
            account_bank=f"样本银行{plan.CITIES.get(city.code, ('杭州',))[0]}分行营业部",
        )
        site = TestSite(institution=row, name=f"{short}机房", address=row.address, seats=30 + number % 3 * 30)
        rows.append(row)
        sites.append(site)
        chosen = plan.OFFERS if number < 3 else world.random.sample(plan.OFFERS, 6)
        offers += [(row, site, offer) for offer in chosen]
    TestSite.objects.bulk_create(sites)
    Offer.objects.bulk_create(
        Offer(
            institution=row,
            site=site,
            occupation=occupations[name],
            delivery=delivery,
            fee=Decimal(fee) + world.random.choice([-40, -20, 0, 0, 20, 40]),
            start_pattern=pattern,
        )
        for row, site, (name, delivery, fee, pattern) in offers
    )
    world.user("institution", "zjsf", "机构经办", rows[0], label=rows[0].name)
    world.user("institution", "hzyb", "机构经办", rows[1], label=rows[1].name)
    school_files(world, rows, sites)
    return rows


def organizations(world: DemoWorld, authorities: dict[str, Authority]) -> list[Organization]:
    counties = {row.code: row for row in Region.objects.all()}
    approved: list[Organization] = []
    for city_code, states in plan.ORGANIZATIONS.items():
        city, county_code = plan.CITIES[city_code]
        county = counties.get(county_code) or counties[city_code]
        for number, state in enumerate(states):
            provincial = city_code == "330100" and number == 10
            authority = authorities["330000" if provincial else city_code]
            row = _organization(world, authority, county, city, state, provincial)
            main = number == 0 and city_code in {"330100", "330200"}
            rejected = city_code == "330100" and state == "rejected" and states.index("rejected") == number
            label = row.name if main else f"{row.name}（审核不通过）" if rejected else ""
            world.user("enterprise", row.uscc, row.contact_name, row, label=label)
            _registration_record(world, row, authority, state)
            if state == ReviewState.APPROVED:
                approved.append(row)
    return approved


def _organization(
    world: DemoWorld, authority: Authority, county: Region, city: str, state: str, provincial: bool
) -> Organization:
    code = world.invent.credit_code(county.code)
    name = world.invent.firm("浙江" if provincial else city)
    boss, clerk = world.invent.person(county.code), world.invent.person(county.code)
    review = Review.objects.create(
        kind="organization",
        state=state,
        subject_label=name,
        reviewer_key=f"authority:{authority.pk}",
        round=1,
    )
    row = Organization.objects.create(
        name=name,
        uscc=code,
        legal_representative=boss.name,
        address=f"{county.full_name}演示路{world.invent._firms}号",
        scope="房屋建筑工程、市政公用工程、建筑装饰装修工程施工；建筑材料销售。",
        region=county,
        is_provincial=provincial,
        supervisor=authority,
        contact_name=clerk.name,
        contact_phone=clerk.phone,
        office_phone=f"0571-8600{world.invent._firms:04d}",
        responsible_name=boss.name,
        responsible_phone=boss.phone,
        review=review,
    )
    facts = [("统一社会信用代码", code), ("名称", name), ("法定代表人", boss.name), ("住所", row.address)]
    papers = [(Slot.LICENSE, "营业执照", facts), (Slot.LETTER, "企业承诺书", facts[1:3])]
    if world.random.random() < 0.7:
        papers.append((Slot.QUALIFICATION, "建筑业企业资质证书", facts[:3]))
    made = []
    for slot, title, rows in papers:
        picture = pictures.license_picture(title, rows)
        document = world.document(f"organization.{slot}", row.key, f"{slot}.jpg", picture, (1000, 707))
        made.append(OrganizationDocument(organization=row, slot=slot, document=document))
    world.flush_documents()
    OrganizationDocument.objects.bulk_create(made)
    return row


def _registration_record(world: DemoWorld, row: Organization, authority: Authority, state: str) -> None:
    review = row.review
    registered = world.working_time(
        world.random.uniform(301, 330) if state == "approved" else world.random.uniform(1, 5)
    )
    decided = registered + dt.timedelta(days=1.5)
    ours, theirs = row.key, f"authority:{authority.pk}"
    review.submitter_key, review.submitted_at = ours, registered
    review.due_on = add_working_days(timezone.localdate(registered), 5)
    world.log("review", review, "submit", "draft", "submitted", ours, registered, body=row)
    if state == ReviewState.ACCEPTED:
        review.accepted_at = registered + dt.timedelta(hours=5)
        world.log(
            "review", review, "accept", "submitted", "accepted", theirs, review.accepted_at, body=authority
        )
    if state == ReviewState.DRAFT:
        review.submitted_at = review.due_on = None
        taken_back = registered + dt.timedelta(hours=2)
        world.log("review", review, "withdraw", "submitted", "draft", ours, taken_back, body=row)
    if state in {ReviewState.APPROVED, ReviewState.REJECTED}:
        action = "approve" if state == ReviewState.APPROVED else "reject"
        review.accepted_at = review.decided_at = min(decided, world.ago(0.1))
        if state == ReviewState.REJECTED:
            items = kind_of(review).items
            key = next((item for item in items if "letter" in item or "cns" in item), next(iter(items)))
            review.reasons = {key: "承诺书没有负责人签名，请签名盖章后重新拍照上传"}
        world.log(
            "review",
            review,
            action,
            "submitted",
            state,
            theirs,
            review.decided_at,
            body=authority,
            reasons=review.reasons,
        )
    review.save()
    ReviewSnapshot.objects.create(review=review, round=1, data=kind_of(review).snapshot(row))
