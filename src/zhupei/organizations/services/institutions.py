"""An authority creates training institutions, keeps their data, closes and reopens them (ORG-12)."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError
from foundation.identifiers.text import squeeze
from foundation.scoping import Actor
from zhupei.accounts.models import Portal, User, account_key
from zhupei.accounts.services import check_password_policy, release_account
from zhupei.organizations.checks import checked_institution
from zhupei.organizations.data import InstitutionData
from zhupei.organizations.models import Authority, Institution, Membership, Role
from zhupei.organizations.roles import Capability, require
from zhupei.organizations.services.filing import new_file_review

_FIELDS = (
    "name",
    "short_name",
    "region",
    "address",
    "contact_name",
    "contact_phone",
    "introduction",
    "strengths",
    "account_name",
    "account_number",
    "account_bank",
)


def _authority_of(actor: Actor) -> Authority:
    if actor.portal != Portal.AUTHORITY or not isinstance(actor.body, Authority):
        raise NotAllowedError()
    require(actor, Capability.KEEP_INSTITUTIONS)
    return actor.body


def _refuse_others(actor: Actor, institution: Institution) -> None:
    require(actor, Capability.KEEP_INSTITUTIONS, institution)
    if institution.supervisor_id != _authority_of(actor).pk:
        raise NotAllowedError("只有设立该机构的主管部门才能办理，请联系该部门。")


def _refuse_outside(authority: Authority, data: InstitutionData) -> None:
    region = data.region
    assert region is not None
    inside = authority.is_provincial or region.city == authority.region
    if not inside:
        sentence = f"只能选择{authority.region}范围内的地区。"
        raise DomainError("invalid_institution", sentence, items={"region": sentence})


def _refuse_taken(data: InstitutionData, *, but: Institution | None = None) -> None:
    others = Institution.objects.exclude(pk=but.pk) if but else Institution.objects.all()
    items: dict[str, str] = {}
    if others.filter(name=data.name).exists():
        items["name"] = "已有同名的培训机构，请核对。"
    if others.filter(short_name=data.short_name).exists():
        items["short_name"] = "这个简称已被其他机构使用，请换一个。"
    if items:
        raise DomainError("name_taken", "名称或简称已被使用，请更换。", items=items)


def _checked_account(account: str) -> str:
    account = account_key(Portal.INSTITUTION, squeeze(account))
    if not 4 <= len(account) <= 64 or not account.isascii() or not account.replace("-", "").isalnum():
        sentence = "账号请用 4 位以上的字母或数字，例如机构的统一社会信用代码。"
        raise DomainError("invalid_account", sentence, items={"account": sentence})
    if User.objects.filter(portal=Portal.INSTITUTION, account=account).exists():
        sentence = "这个账号已被使用，请换一个。"
        raise DomainError("account_taken", sentence, items={"account": sentence})
    return account


def _refuse_weak(password: str, user: User) -> None:
    try:
        check_password_policy(password, user)
    except DomainError as refusal:
        raise DomainError(refusal.code, refusal.message, items={"password": refusal.message}) from None


def create_institution(
    actor: Actor, data: InstitutionData, account: str, first_password: str
) -> tuple[Institution, User]:
    """Create an institution under the actor's authority, with its first account.

    Raises DomainError `invalid_institution`, `name_taken`, `invalid_account`, `account_taken`,
    `password_policy`; items by field (`account`, `password` for the account's).
    """
    authority = _authority_of(actor)
    data = checked_institution(data)
    _refuse_outside(authority, data)
    _refuse_taken(data)
    user = User(
        portal=Portal.INSTITUTION,
        account=_checked_account(account),
        name=data.contact_name,
        must_change_password=True,
    )
    _refuse_weak(first_password, user)
    user.set_password(first_password)
    try:
        with transaction.atomic():
            institution = Institution.objects.create(
                supervisor=authority, **{field: getattr(data, field) for field in _FIELDS}
            )
            institution.review = new_file_review(actor, institution)
            institution.save(update_fields=["review"])
            user.save(force_insert=True)
            Membership.objects.create(user=user, institution=institution, role=Role.OWNER)
            audit.record(actor, "institution.create", institution, account=user.account)
    except IntegrityError:
        _refuse_taken(data)
        _checked_account(user.account)
        raise
    return institution, user


def update_institution(actor: Actor, institution: Institution, data: InstitutionData) -> Institution:
    """Change an institution's data; only its own authority. Raises DomainError as `create_institution`."""
    _refuse_others(actor, institution)
    data = checked_institution(data)
    _refuse_outside(_authority_of(actor), data)
    _refuse_taken(data, but=institution)
    with transaction.atomic():
        row = Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
        changed = [field for field in _FIELDS if getattr(row, field) != getattr(data, field)]
        for field in changed:
            setattr(row, field, getattr(data, field))
        row.save()
        if changed:
            audit.record(actor, "institution.update", row, fields=changed)
    return row


def set_institution_active(
    actor: Actor, institution: Institution, active: bool, reason: str = ""
) -> Institution:
    """Close an institution for new enrollments, with the reason, or open it again; what runs is finished."""
    _refuse_others(actor, institution)
    if not active and not reason.strip():
        raise DomainError("reason_required", "请写明停止招生的原因。", items={"reason": "请写明原因。"})
    with transaction.atomic():
        row = Institution.objects.select_for_update(no_key=True).get(pk=institution.pk)
        row.is_active = active
        row.save(update_fields=["is_active"])
        act = "institution.open" if active else "institution.close"
        audit.record(actor, act, row, reason=reason.strip())
    institution.is_active = active
    return row


def reset_institution_password(actor: Actor, institution: Institution, user: User, password: str) -> User:
    """Set a new first password for an account; its sessions end, it must be changed at once.

    Raises NotAllowedError for somebody else's institution or account, DomainError `password_policy`.
    """
    _refuse_others(actor, institution)
    if not Membership.objects.filter(user=user, institution=institution).exists():
        raise NotAllowedError("这个账号不属于该机构。")
    _refuse_weak(password, user)
    with transaction.atomic():
        user.set_password(password)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        release_account(actor, user)
        audit.record(actor, "institution.password", institution, account=user.account)
    return user


def data_of(institution: Institution) -> dict[str, Any]:
    """The institution's data as a form's initial values."""
    return {field: getattr(institution, field) for field in _FIELDS}
