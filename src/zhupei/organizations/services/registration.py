"""An organization registers, corrects what was rejected, takes back what nobody accepted (ORG-02…10)."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.files.models import Document
from foundation.review import services as reviews
from foundation.scoping import Actor
from zhupei.accounts.models import Portal, User
from zhupei.accounts.services import check_password_policy
from zhupei.organizations.checks import checked_registration
from zhupei.organizations.data import RegistrationData
from zhupei.organizations.models import Authority, Membership, Organization, Role, Slot
from zhupei.organizations.review_items import REGISTRATION
from zhupei.organizations.roles import Capability, require
from zhupei.organizations.services.accounts import move_account
from zhupei.organizations.services.documents import missing_slots, put_into_slots, refuse_foreign
from zhupei.organizations.services.supervision import supervisor_for

ALREADY_REGISTERED = (
    "这个统一社会信用代码已经注册过，一个单位只能注册一次。请直接登录；忘记密码的，可用短信验证码找回。"
)
CODE_TAKEN = "这个统一社会信用代码已经被其他单位注册，请核对营业执照。"
_PLAIN_FIELDS = (
    "kind",
    "name",
    "uscc",
    "legal_representative",
    "address",
    "scope",
    "region",
    "is_provincial",
    "contact_name",
    "contact_phone",
    "office_phone",
    "responsible_name",
    "responsible_phone",
)


def _refuse_taken(code: str, *, but: Organization | None = None) -> None:
    """ORG-07: told that it exists, and nothing else."""
    others = Organization.objects.filter(uscc=code)
    users = User.objects.filter(portal=Portal.ENTERPRISE, account=code)
    if but is not None:
        others, users = others.exclude(pk=but.pk), users.exclude(membership__organization=but)
    if others.exists() or users.exists():
        sentence = ALREADY_REGISTERED if but is None else CODE_TAKEN
        raise DomainError("already_registered", sentence, items={"uscc": sentence})


def _refuse_weak(password: str, user: User) -> None:
    try:
        check_password_policy(password, user)
    except DomainError as refusal:
        raise DomainError(refusal.code, refusal.message, items={"password": refusal.message}) from None


def register_organization(
    data: RegistrationData, documents: dict[Slot, Document], password: str, visitor: Actor
) -> tuple[Organization, User]:
    """Register an organization, hand it in for review, and make its first account (name: the credit code).

    `documents` are files that `visitor` uploaded; license and letter are mandatory (ORG-03). The responsible
    person's phone must have been verified by the caller (ORG-06). Raises DomainError: `already_registered`
    (also when two register at once), `invalid_registration` (items by field and slot), `foreign_document`,
    `password_policy`, `no_authority`.
    """
    data = checked_registration(data, missing_slots(Slot(slot).value for slot in documents))
    refuse_foreign(documents, [visitor.key])
    _refuse_taken(data.uscc)
    user = User(
        portal=Portal.ENTERPRISE, account=data.uscc, name=data.responsible_name, phone=data.responsible_phone
    )
    _refuse_weak(password, user)
    assert data.region is not None
    supervisor = supervisor_for(data.region, data.is_provincial, data.review_choice)
    user.set_password(password)
    try:
        with transaction.atomic():
            organization = _insert(visitor, data, supervisor)
            user.save(force_insert=True)
            Membership.objects.create(user=user, organization=organization, role=Role.OWNER)
            put_into_slots(organization, documents)
            owner = Actor(
                user=user,
                portal=Portal.ENTERPRISE,
                body=organization,
                roles=frozenset([Role.OWNER]),
                address=visitor.address,
            )
            reviews.submit(owner, organization.review)
    except IntegrityError:
        _refuse_taken(data.uscc)
        raise
    return organization, user


def _insert(visitor: Actor, data: RegistrationData, supervisor: Authority) -> Organization:
    review = reviews.begin(visitor, REGISTRATION, label=data.name, reviewer_key=f"authority:{supervisor.pk}")
    organization = Organization.objects.create(
        review=review, supervisor=supervisor, **{field: getattr(data, field) for field in _PLAIN_FIELDS}
    )
    review.submitter_key = organization.key
    review.save(update_fields=["submitter_key"])
    return organization


def _refuse_others(actor: Actor, organization: Organization) -> None:
    if actor.key != organization.key:
        raise NotAllowedError()
    require(actor, Capability.KEEP_PROFILE)


def _locked(actor: Actor, organization: Organization) -> Organization:
    _refuse_others(actor, organization)
    return reviews.locked(organization, "supervisor")


def correct_registration(
    actor: Actor, organization: Organization, data: RegistrationData, documents: Mapping[Slot, Document]
) -> Organization:
    """Correct a rejected (or taken back) registration and hand it in again; old papers are kept.

    `documents`: only the replaced ones. A new responsible phone must have been verified by the caller. Raises
    DomainError as `register_organization`, WrongStateError while it is being reviewed or after approval.
    """
    _refuse_others(actor, organization)
    present = [row.slot for row in organization.documents.all()]
    data = checked_registration(data, missing_slots([*present, *(Slot(slot).value for slot in documents)]))
    refuse_foreign(documents, [actor.key])
    _refuse_taken(data.uscc, but=organization)
    assert data.region is not None
    supervisor = supervisor_for(data.region, data.is_provincial, data.review_choice)
    try:
        with transaction.atomic():
            row = _locked(actor, organization)
            if not row.review.is_with_submitter:
                raise WrongStateError("资料已经提交或已经审核，不能再修改，请刷新页面查看最新情况。")
            old_code = row.uscc
            for field in _PLAIN_FIELDS:
                setattr(row, field, getattr(data, field))
            row.supervisor = supervisor
            row.save()
            move_account(row, old_code)
            put_into_slots(row, documents)
            row.review.subject_label, row.review.reviewer_key = row.name, f"authority:{supervisor.pk}"
            row.review.save(update_fields=["subject_label", "reviewer_key"])
            reviews.submit(actor, row.review)
    except IntegrityError:
        _refuse_taken(data.uscc, but=organization)
        raise
    return row


def withdraw_registration(actor: Actor, organization: Organization) -> Organization:
    """Take the registration back to correct it; only while nobody has accepted it. Raises WrongStateError."""
    with transaction.atomic():
        row = _locked(actor, organization)
        reviews.withdraw(actor, row.review)
    return row
