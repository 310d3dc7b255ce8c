"""A change of name, code, region or affiliation is reviewed; old values hold until then (ORG-11)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError
from foundation.files.models import Document
from foundation.review import services as reviews
from foundation.review.models import WAITING, WITH_SUBMITTER
from foundation.scoping import Actor
from zhupei.accounts.models import Portal, User
from zhupei.organizations.checks import checked_change
from zhupei.organizations.data import ChangeData
from zhupei.organizations.models import Authority, Organization, OrganizationChange, Slot
from zhupei.organizations.review_items import CHANGE
from zhupei.organizations.roles import Capability, require
from zhupei.organizations.services.accounts import move_account
from zhupei.organizations.services.documents import hand_over, put_into_slots, refuse_foreign
from zhupei.organizations.services.supervision import supervisor_for

CODE_TAKEN = "这个统一社会信用代码已经被其他单位注册，请核对营业执照。"
UNFINISHED = WITH_SUBMITTER | WAITING


def unfinished_change(organization: Organization) -> OrganizationChange | None:
    """The change that is under review, rejected or taken back; at most one at a time."""
    return (
        organization.changes.filter(review__state__in=UNFINISHED)
        .select_related("review", "region__parent", "supervisor")
        .order_by("-pk")
        .first()
    )


def _refuse_taken(code: str, organization: Organization) -> None:
    others = Organization.objects.filter(uscc=code).exclude(pk=organization.pk)
    users = User.objects.filter(portal=Portal.ENTERPRISE, account=code)
    if others.exists() or users.exclude(membership__organization=organization).exists():
        raise DomainError("already_registered", CODE_TAKEN, items={"uscc": CODE_TAKEN})


def request_change(
    actor: Actor,
    organization: Organization,
    data: ChangeData,
    documents: Mapping[Slot, Document] | None = None,
) -> OrganizationChange:
    """Apply for a change, or correct a rejected one and hand it in again.

    `documents`: new license (mandatory when name or code changes) and letter, uploaded by the actor.
    Raises DomainError `invalid_change` (items by field and slot), `nothing_changed`, `change_pending`,
    `already_registered`.
    """
    if actor.key != organization.key or not organization.is_approved:
        raise NotAllowedError("单位审核通过后才能申请变更。")
    require(actor, Capability.KEEP_PROFILE)
    given = {Slot(slot): document for slot, document in (documents or {}).items()}
    with transaction.atomic():
        row = Organization.objects.select_for_update(of=("self",), no_key=True)
        locked = row.select_related("supervisor__region", "region").get(pk=organization.pk)
        change = unfinished_change(locked)
        if change is not None and change.review.is_waiting:
            raise DomainError("change_pending", "已有一项变更正在审核，请等待结果，或先撤回再修改。")
        data = checked_change(data, _missing_license(locked, change, data, given))
        refuse_foreign(given, [actor.key])
        assert data.region is not None
        supervisor = supervisor_for(data.region, data.is_provincial, data.review_choice)
        what = _what_changes(locked, data, supervisor)
        _refuse_taken(data.uscc, locked)
        change = change or _new_change(actor, locked, data, supervisor)
        change.name, change.uscc, change.region = data.name, data.uscc, data.region
        change.is_provincial, change.supervisor, change.reason = data.is_provincial, supervisor, data.reason
        change.what = "、".join(what)
        _attach(locked, change, given)
        change.save()
        change.review.subject_label = f"{locked.name}：信息变更"[:200]
        change.review.reviewer_key = f"authority:{supervisor.pk}"
        change.review.save(update_fields=["subject_label", "reviewer_key"])
        reviews.submit(actor, change.review)
    return change


def _missing_license(
    organization: Organization,
    change: OrganizationChange | None,
    data: ChangeData,
    given: Mapping[Slot, Document],
) -> dict[str, str]:
    """The license shows name and code: a new one is wanted when they change."""
    same = (data.name.strip(), data.uscc.strip().upper()) == (organization.name, organization.uscc)
    if same or Slot.LICENSE in given or (change is not None and change.license_id):
        return {}
    return {Slot.LICENSE.value: "名称或信用代码有变更，请上传新的营业执照。"}


def _what_changes(organization: Organization, data: ChangeData, supervisor: Authority) -> list[str]:
    """The changed items' names; raises DomainError `nothing_changed` when there is none."""
    pairs = {
        "单位名称": (organization.name, data.name),
        "信用代码": (organization.uscc, data.uscc),
        "地区": (organization.region, data.region),
        "省属": (organization.is_provincial, data.is_provincial),
        "主管部门": (organization.supervisor, supervisor),
    }
    found = [label for label, (old, new) in pairs.items() if old != new]
    if not found:
        raise DomainError("nothing_changed", "没有改动任何内容，请修改要变更的项目后再提交。")
    return found


def _new_change(
    actor: Actor, organization: Organization, data: ChangeData, supervisor: Authority
) -> OrganizationChange:
    review = reviews.begin(actor, CHANGE, submitter_key=organization.key)
    assert data.region is not None
    return OrganizationChange.objects.create(
        organization=organization,
        review=review,
        name=data.name,
        uscc=data.uscc,
        region=data.region,
        supervisor=supervisor,
    )


def _attach(organization: Organization, change: OrganizationChange, given: Mapping[Slot, Document]) -> None:
    for slot, document in given.items():
        hand_over(organization, slot.value, document)
    change.license = given.get(Slot.LICENSE, change.license)
    change.letter = given.get(Slot.LETTER, change.letter)


def withdraw_change(actor: Actor, change: OrganizationChange) -> OrganizationChange:
    """Take a change back while nobody has accepted it; it can be corrected and handed in again."""
    reviews.withdraw(actor, change.review)
    return change


def apply_change(actor: Actor, change: OrganizationChange) -> Organization:
    """Put an approved change into force; runs in the deciding transaction.

    The supervisor, the account name and the papers follow. Raises DomainError `already_registered` when the
    code was taken in the meantime: then nothing is approved.
    """
    organization = (
        Organization.objects.select_for_update(of=("self", "review"), no_key=True)
        .select_related("review")
        .get(pk=change.organization_id)
    )
    before = {"name": organization.name, "uscc": organization.uscc, "region": organization.region_id}
    old_code = organization.uscc
    organization.name, organization.uscc, organization.region = change.name, change.uscc, change.region
    organization.is_provincial, organization.supervisor = change.is_provincial, change.supervisor
    _refuse_taken(change.uscc, organization)
    try:
        with transaction.atomic():
            organization.save()
            move_account(organization, old_code)
    except IntegrityError:
        raise DomainError("already_registered", CODE_TAKEN, items={"uscc": CODE_TAKEN}) from None
    papers = {Slot.LICENSE: change.license, Slot.LETTER: change.letter}
    put_into_slots(organization, {slot: paper for slot, paper in papers.items() if paper is not None})
    # The decided registration moves with the organization, so that its file stays in one hand.
    organization.review.reviewer_key = f"authority:{change.supervisor_id}"
    organization.review.subject_label = organization.name
    organization.review.save(update_fields=["reviewer_key", "subject_label"])
    after = {"name": organization.name, "uscc": organization.uscc, "region": organization.region_id}
    audit.record(actor, "organization.change", organization, before=before, after=after)
    return organization
