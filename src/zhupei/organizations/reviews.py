"""Registrations and changes as reviewed kinds: what is seen, who is told of the verdict (ORG-10, 11)."""

from __future__ import annotations

from typing import Any

from foundation.files.models import Document
from foundation.review import kinds
from foundation.review.findings import Finding
from foundation.review.models import Review, ReviewState
from foundation.scoping import Actor
from zhupei.organizations import news, review_items
from zhupei.organizations.models import Organization, OrganizationChange, Slot
from zhupei.organizations.rules import building_words_in, is_local, registration_area
from zhupei.organizations.services.changes import apply_change
from zhupei.regions.models import Region

Snapshot = dict[str, dict[str, Any]]


def _value(label: str, value: Any) -> dict[str, Any]:
    return {"label": label, "value": value}


def _paper(slot: str, document: Document | None) -> dict[str, Any]:
    """A paper in a snapshot is known by its document, so that the old and the new one can both be opened."""
    value = {"document": str(document.pk), "name": document.name} if document is not None else None
    return _value(str(Slot(slot).label), value)


def registration_snapshot(organization: Organization) -> Snapshot:
    """All that was submitted: item key → label and value; papers as `{"document": id, "name": file name}`."""
    row = organization
    data = {
        "kind": _value("单位类型", str(row.get_kind_display())),
        "name": _value("单位名称", row.name),
        "uscc": _value("统一社会信用代码", row.uscc),
        "legal_representative": _value("法定代表人", row.legal_representative),
        "region": _value("所属地区", row.region.full_name),
        "is_provincial": _value("省属单位", _yes(row.is_provincial)),
        "supervisor": _value("审核部门", row.supervisor.name),
        "address": _value("地址", row.address),
        "scope": _value("经营范围", row.scope),
        "contact_name": _value("联系人", row.contact_name),
        "contact_phone": _value("联系人手机", row.contact_phone),
        "office_phone": _value("办公电话", row.office_phone),
        "responsible_name": _value("负责人", row.responsible_name),
        "responsible_phone": _value("负责人手机", row.responsible_phone),
    }
    papers = {paper.slot: paper.document for paper in row.documents.select_related("document")}
    return data | {slot: _paper(slot, papers.get(slot)) for slot in Slot.values}


def registration_findings(organization: Organization) -> list[Finding]:
    """Two looks that take work off the reviewer: is it local, does it build (ORG-10)."""
    area = registration_area(organization.uscc)
    place = Region.objects.filter(code=area).select_related("parent__parent").first()
    local = is_local(area, organization.region.code) or organization.is_provincial
    words = building_words_in(organization.scope)
    return [
        Finding(
            "ok" if local else "wait",
            "属地",
            f"登记地 {area}",
            f"信用代码的登记地：{place.full_name if place else '外省或省级登记机关'}",
        ),
        Finding(
            "ok" if words else "wait",
            "施工经营范围",
            f"{len(words)} 处" if words else "未见",
            "含“" + "”“".join(words) + "”" if words else "经营范围里没有施工类字样，请人工核对",
        ),
    ]


def change_snapshot(change: OrganizationChange) -> Snapshot:
    """What is applied for; `old` keeps what held when it was handed in."""
    old = change.organization
    return {
        "name": _value("单位名称", change.name) | {"old": old.name},
        "uscc": _value("统一社会信用代码", change.uscc) | {"old": old.uscc},
        "region": _value("所属地区", change.region.full_name) | {"old": old.region.full_name},
        "is_provincial": _value("省属单位", _yes(change.is_provincial)) | {"old": _yes(old.is_provincial)},
        "supervisor": _value("主管部门", change.supervisor.name) | {"old": old.supervisor.name},
        "reason": _value("变更原因", change.reason),
        Slot.LICENSE.value: _paper(Slot.LICENSE, change.license),
        Slot.LETTER.value: _paper(Slot.LETTER, change.letter),
    }


def _yes(flag: bool) -> str:
    return "是" if flag else "否"


def _registration_submitted(actor: Actor, review: Review, organization: Organization) -> None:
    news.registration_submitted(review, organization)


def _registration_decided(actor: Actor, review: Review, organization: Organization) -> None:
    news.registration_decided(review, organization)


def _change_submitted(actor: Actor, review: Review, change: OrganizationChange) -> None:
    news.change_submitted(review, change)


def _change_decided(actor: Actor, review: Review, change: OrganizationChange) -> None:
    approved = review.state == ReviewState.APPROVED
    organization = apply_change(actor, change) if approved else change.organization
    news.change_decided(review, change, organization)


def _find_organization(review: Review) -> Organization:
    return Organization.objects.select_related("region__parent__parent", "supervisor").get(review=review)


def _find_change(review: Review) -> OrganizationChange:
    rows = OrganizationChange.objects.select_related(
        "organization", "region__parent__parent", "supervisor__region"
    )
    return rows.get(review=review)


REGISTRATION_KIND = kinds.ReviewKind(
    key=review_items.REGISTRATION,
    label="企业注册",
    items=review_items.REGISTRATION_ITEMS,
    reasons=review_items.REGISTRATION_REASONS,
    snapshot=registration_snapshot,
    findings=registration_findings,
    find=_find_organization,
    on_submitted=_registration_submitted,
    on_decided=_registration_decided,
    submitter="企业",
)
CHANGE_KIND = kinds.ReviewKind(
    key=review_items.CHANGE,
    label="单位信息变更",
    items=review_items.CHANGE_ITEMS,
    reasons=review_items.CHANGE_REASONS,
    snapshot=change_snapshot,
    find=_find_change,
    on_submitted=_change_submitted,
    on_decided=_change_decided,
    submitter="企业",
)
