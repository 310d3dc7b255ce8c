"""The file of an institution (机构备案) as a reviewed kind: what is seen, who is told of the verdict (ORG-12)."""

from __future__ import annotations

from typing import Any

from foundation.files.models import Document
from foundation.identifiers import id_number
from foundation.review import kinds
from foundation.review.models import Review
from foundation.scoping import Actor
from zhupei.organizations import news
from zhupei.organizations.models import FileSlot, Institution, Teacher, TeacherKind, TestSite
from zhupei.organizations.review_items import FILE_ITEMS, FILE_REASONS, INSTITUTION
from zhupei.organizations.services.filing import refuse_incomplete


def teacher_line(teacher: Teacher) -> str:
    """One teacher in a line: name, masked ID number, title, subject, certificate, employer."""
    parts = [
        teacher.name,
        id_number.mask(teacher.id_number),
        teacher.employer,
        teacher.title,
        teacher.subject,
        teacher.certificate,
    ]
    return " · ".join(part for part in parts if part)


def site_line(site: TestSite) -> str:
    """One place in a line with its rooms in use."""
    rooms = [
        f"{room.name}（{'机房' if room.has_computers else '教室'}，{room.seats} 座）"
        for room in site.rooms.all()
        if room.is_active
    ]
    return f"{site.name}，{site.address}：{'、'.join(rooms) or '还没有教室'}"


def _paper(document: Document | None) -> dict[str, str] | None:
    return {"document": str(document.pk), "name": document.name} if document is not None else None


def file_snapshot(institution: Institution) -> dict[str, dict[str, Any]]:
    """Item key → label and value; papers as `{"document": id, "name": file name}`, lists as lists of lines."""
    papers = {row.slot: row.document for row in institution.documents.select_related("document")}
    teachers = list(institution.teachers.filter(is_active=True).order_by("name", "pk"))
    sites = institution.sites.prefetch_related("rooms").order_by("name", "pk")
    account = (institution.account_name, institution.account_number, institution.account_bank)
    values: dict[str, Any] = {
        "license": _paper(papers.get(FileSlot.LICENSE)),
        "letter": _paper(papers.get(FileSlot.LETTER)),
        "teachers": [teacher_line(row) for row in teachers if row.kind == TeacherKind.OWN],
        "external": [teacher_line(row) for row in teachers if row.kind == TeacherKind.EXTERNAL],
        "sites": [site_line(site) for site in sites],
        "account": "，".join(part for part in account if part),
        "introduction": "\n".join(part for part in (institution.introduction, institution.strengths) if part),
    }
    return {key: {"label": FILE_ITEMS[key], "value": value} for key, value in values.items()}


def changed_since_filing(institution: Institution) -> dict[str, dict[str, Any]]:
    """What is different now from what was handed in last: item key → {label, before, after}."""
    review = institution.review
    old = review.latest_snapshot if review is not None else {}
    if not old:
        return {}
    return {
        key: {"label": now["label"], "before": old.get(key, {}).get("value"), "after": now["value"]}
        for key, now in file_snapshot(institution).items()
        if old.get(key, {}).get("value") != now["value"]
    }


def _find(review: Review) -> Institution:
    return Institution.objects.select_related("supervisor", "review").get(review=review)


def _submitted(actor: Actor, review: Review, institution: Institution) -> None:
    news.file_submitted(review, institution)


def _decided(actor: Actor, review: Review, institution: Institution) -> None:
    news.file_decided(review, institution)


FILE_KIND = kinds.ReviewKind(
    key=INSTITUTION,
    label="机构备案",
    items=FILE_ITEMS,
    reasons=FILE_REASONS,
    snapshot=file_snapshot,
    find=_find,
    check_submission=refuse_incomplete,
    on_submitted=_submitted,
    on_decided=_decided,
    submitter="机构",
    separate_acceptance=True,
    working_days=5,
)
