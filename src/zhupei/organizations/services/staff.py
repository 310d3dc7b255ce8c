"""Several accounts for one body, each with its role; the owner keeps them (ORG-14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError
from foundation.identifiers import names, phone
from foundation.identifiers.text import squeeze
from foundation.scoping import Actor
from zhupei.accounts.models import User, account_key
from zhupei.accounts.services import check_password_policy, release_account
from zhupei.organizations.models import Membership, Role
from zhupei.organizations.roles import TABLE, Capability, require

BODY_FIELDS = {"enterprise": "organization", "institution": "institution", "authority": "authority"}


@dataclass
class StaffData:
    """A new account as filled in."""

    name: str
    account: str
    phone: str
    role: str
    password: str


def members_of(actor: Actor) -> QuerySet[Membership]:
    """The accounts of the actor's body, the active ones first."""
    field = BODY_FIELDS.get(actor.portal)
    if field is None or actor.body is None:
        return Membership.objects.none()
    rows = Membership.objects.filter(**{field: actor.body}).select_related("user")
    return rows.order_by("-user__is_active", "pk")


def roles_for(portal: str) -> list[tuple[str, str]]:
    """The roles of a portal's bodies, as choices."""
    return [(role.value, str(role.label)) for role in TABLE.get(portal, {})]


def add_staff(actor: Actor, data: StaffData) -> User:
    """A new account of the actor's body; its first password must be changed at the first sign-in.

    Raises NotAllowedError, DomainError `invalid_staff` by field (name, account, phone, role, password).
    """
    require(actor, Capability.MANAGE_STAFF)
    name, number = names.normalize(data.name), phone.normalize(data.phone)
    account = account_key(actor.portal, squeeze(data.account))
    user = User(portal=actor.portal, account=account, name=name, phone=number, must_change_password=True)
    items = _problems(actor, user, data)
    if items:
        raise DomainError("invalid_staff", "填写的内容有误，请改正后再保存。", items=items)
    user.set_password(data.password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            Membership.objects.create(user=user, role=data.role, **{BODY_FIELDS[actor.portal]: actor.body})
            audit.record(actor, "staff.add", user, account=user.account, role=data.role)
    except IntegrityError:
        raise _account_taken() from None
    return user


def _account_taken() -> DomainError:
    sentence = "这个账号已被使用，请换一个。"
    return DomainError("invalid_staff", sentence, items={"account": sentence})


def _problems(actor: Actor, user: User, data: StaffData) -> dict[str, str]:
    items: dict[str, str] = {}
    if not user.name:
        items["name"] = "请填写姓名。"
    elif wrong := names.problem(user.name):
        items["name"] = wrong.message
    if not user.phone:
        items["phone"] = "请填写手机号。"
    elif wrong := phone.problem(user.phone):
        items["phone"] = wrong.message
    if data.role not in dict(roles_for(actor.portal)):
        items["role"] = "请选择角色。"
    account = user.account
    if not 4 <= len(account) <= 64 or not account.isascii() or not account.replace("-", "").isalnum():
        items["account"] = "账号请用 4 位以上的字母或数字，例如姓名拼音加数字。"
    elif User.objects.filter(portal=actor.portal, account=account).exists():
        items["account"] = _account_taken().message
    if sentence := _weakness(data.password, user):
        items["password"] = sentence
    return items


def _weakness(password: str, user: User) -> str:
    try:
        check_password_policy(password, user)
    except DomainError as refusal:
        return refusal.message
    return ""


def change_role(actor: Actor, member: Membership, role: str) -> Membership:
    """Give another role. Raises NotAllowedError, DomainError `unknown_role`, `last_owner`."""
    require(actor, Capability.MANAGE_STAFF)
    if role not in dict(roles_for(actor.portal)):
        raise DomainError("unknown_role", "请选择角色。", items={"role": "请选择角色。"})
    with transaction.atomic():
        row = _locked(actor, member)
        if row.role == role:
            return row
        before, row.role = row.role, role
        row.save(update_fields=["role"])
        _keep_an_owner(actor)
        audit.record(actor, "staff.role", row.user, before=before, after=role)
    return row


def set_staff_active(actor: Actor, member: Membership, active: bool) -> Membership:
    """Close an account (its sessions end at once), or open it again.

    Raises NotAllowedError, DomainError `own_account`, `last_owner`.
    """
    if not active and actor.user is not None and member.user_id == actor.user.pk:
        raise DomainError("own_account", "不能停用自己正在使用的账号，请由另一位管理员办理。")
    with transaction.atomic():
        row = _locked(actor, member)
        row.user.is_active = active
        row.user.save(update_fields=["is_active"])
        _keep_an_owner(actor)
        audit.record(actor, "staff.open" if active else "staff.close", row.user)
    return row


def reset_staff_password(actor: Actor, member: Membership, password: str) -> User:
    """Set a new first password: sessions end, a lockout and the second step are lifted, it must be changed.

    Raises NotAllowedError, DomainError `password_policy` at `password`.
    """
    with transaction.atomic():
        user = _locked(actor, member).user
        if sentence := _weakness(password, user):
            raise DomainError("password_policy", sentence, items={"password": sentence})
        user.set_password(password)
        user.must_change_password = True
        user.save(update_fields=["password", "must_change_password"])
        release_account(actor, user)
        audit.record(actor, "staff.password", user, account=user.account)
    return user


def _locked(actor: Actor, member: Membership) -> Membership:
    """The membership, locked together with all of the body's, so that two owners cannot retire each other."""
    require(actor, Capability.MANAGE_STAFF)
    rows: dict[Any, Membership] = {
        row.pk: row for row in members_of(actor).select_for_update(of=("self",), no_key=True)
    }
    if member.pk not in rows:
        raise NotAllowedError("这个账号不属于本单位。")
    return rows[member.pk]


def _keep_an_owner(actor: Actor) -> None:
    if not members_of(actor).filter(role=Role.OWNER, user__is_active=True).exists():
        raise DomainError("last_owner", "至少要有一位启用的管理员，请先把另一个账号设为管理员。")
