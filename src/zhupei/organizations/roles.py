"""Which role may do what: the one table of it (ORG-14).

A role belongs to one kind of body. Machines, services and pages ask `may(actor, capability)`; the owner may
everything of the body's. Seeing is not a capability: members of a body see what the body sees.
"""

from __future__ import annotations

from enum import StrEnum
from operator import attrgetter
from typing import Any

from django.db.models import Model, QuerySet

from foundation.errors import NotAllowedError
from foundation.scoping import Actor, require_visible
from foundation.workflow.machine import May
from zhupei.organizations.models import Role


class Capability(StrEnum):
    """What can be allowed to a role."""

    MANAGE_STAFF = "manage_staff"
    KEEP_PROFILE = "keep_profile"
    ENROLL = "enroll"
    ORDER = "order"
    PAY = "pay"
    KEEP_FILE = "keep_file"
    OFFER = "offer"
    REVIEW_ELIGIBILITY = "review_eligibility"
    PLAN = "plan"
    ASSESS = "assess"
    INVIGILATE = "invigilate"
    EXAMINE = "examine"
    CONFIRM_PAYMENT = "confirm_payment"
    KEEP_ACCOUNT = "keep_account"
    ACCEPT_REVIEW = "accept_review"
    DECIDE_REVIEW = "decide_review"
    ISSUE = "issue"
    KEEP_INSTITUTIONS = "keep_institutions"
    CATALOG = "catalog"
    KEEP_BANK = "keep_bank"
    BLACKLIST = "blacklist"
    NOTICE = "notice"


C = Capability
R = Role
# Portal → role → what it may; in the order in which roles are offered.
TABLE: dict[str, dict[Role, frozenset[Capability]]] = {
    "enterprise": {
        R.OWNER: frozenset({C.MANAGE_STAFF, C.KEEP_PROFILE, C.ENROLL, C.ORDER, C.PAY}),
        R.CLERK: frozenset({C.ENROLL, C.ORDER}),
        R.FINANCE: frozenset({C.ORDER, C.PAY}),
    },
    "institution": {
        R.OWNER: frozenset(
            {
                C.MANAGE_STAFF,
                C.KEEP_PROFILE,
                C.KEEP_FILE,
                C.OFFER,
                C.REVIEW_ELIGIBILITY,
                C.PLAN,
                C.ASSESS,
                C.INVIGILATE,
                C.EXAMINE,
                C.CONFIRM_PAYMENT,
                C.KEEP_ACCOUNT,
            }
        ),
        R.CLERK: frozenset(
            {
                C.KEEP_PROFILE,
                C.KEEP_FILE,
                C.OFFER,
                C.REVIEW_ELIGIBILITY,
                C.PLAN,
                C.ASSESS,
                C.INVIGILATE,
                C.EXAMINE,
            }
        ),
        R.EXAMINER: frozenset({C.INVIGILATE, C.EXAMINE}),
        R.FINANCE: frozenset({C.CONFIRM_PAYMENT, C.KEEP_ACCOUNT, C.KEEP_PROFILE}),
    },
    "authority": {
        R.OWNER: frozenset(
            {
                C.MANAGE_STAFF,
                C.ACCEPT_REVIEW,
                C.DECIDE_REVIEW,
                C.ISSUE,
                C.KEEP_INSTITUTIONS,
                C.CATALOG,
                C.KEEP_BANK,
                C.BLACKLIST,
                C.NOTICE,
            }
        ),
        R.ACCEPTOR: frozenset({C.ACCEPT_REVIEW, C.NOTICE}),
        R.REVIEWER: frozenset({C.DECIDE_REVIEW, C.BLACKLIST, C.KEEP_BANK}),
        R.ISSUER: frozenset({C.ISSUE}),
    },
}
# What a role is for, as the page of accounts explains it.
EXPLAINED: dict[str, dict[Role, str]] = {
    "enterprise": {
        R.OWNER: "办理全部业务，管理账号",
        R.CLERK: "报名、上传资料、生成订单",
        R.FINANCE: "生成订单、上传汇款凭证",
    },
    "institution": {
        R.OWNER: "办理全部业务，管理账号",
        R.CLERK: "资格审核、培训项目、培训和考核计划、成绩、机构备案",
        R.EXAMINER: "监考、实操评分",
        R.FINANCE: "缴费确认、收款账户",
    },
    "authority": {
        R.OWNER: "办理全部业务，管理账号、机构和目录",
        R.ACCEPTOR: "受理企业、机构、培训和考核计划、成绩的申请，发布通知",
        R.REVIEWER: "审核企业、机构、培训和考核计划、成绩的申请，管理黑名单和题库",
        R.ISSUER: "证书发放",
    },
}


def may(actor: Actor, capability: Capability) -> bool:
    """Whether one of the actor's roles allows it; the platform itself may everything."""
    if actor.is_system:
        return True
    table = TABLE.get(actor.portal, {})
    return any(role in actor.roles and capability in allowed for role, allowed in table.items())


def require(actor: Actor, capability: Capability, *touched: Model | QuerySet[Any]) -> None:
    """What every service asks first: may the actor do this, and are the rows it names the actor's to touch?

    `touched`: objects, or querysets of them. Raises NotFoundError for what the actor does not see, NotAllowedError,
    which names whom to ask, for what its role may not.
    """
    for rows in touched:
        require_visible(actor, rows)
    if not may(actor, capability):
        raise NotAllowedError()


def holder(portal: str, key: str, *needed: Capability) -> May:
    """For the tables of machines: whoever acts at `portal` for the body whose key stands at `key` of the row.

    Besides its role must allow all that is `needed`. `key`: `institution_id`, `plan.institution_id`. The platform
    itself may everything.
    """
    key_of = attrgetter(key)

    def is_holder(actor: Actor, row: Any) -> bool:
        if actor.is_system:
            return True
        if actor.portal != portal or actor.body is None or actor.body.pk != key_of(row):
            return False
        return all(may(actor, capability) for capability in needed)

    return is_holder


def capabilities(actor: Actor) -> dict[str, bool]:
    """What templates ask: `{% if may.enroll %}`."""
    return {str(capability): may(actor, capability) for capability in Capability}


_ACTS = {"accept": C.ACCEPT_REVIEW, "decide": C.DECIDE_REVIEW}
# Who hands in, by the portal of the submitter and the kind of what is reviewed.
_SUBMITTING = {
    "training_plan": C.PLAN,
    "assessment_plan": C.ASSESS,
    "score_report": C.ASSESS,
    "institution": C.KEEP_FILE,
}


def review_right(actor: Actor, review: Any, act: str) -> bool:
    """The right that `foundation.review` asks for: `act` is submit, accept or decide."""
    if act == "submit":
        return may(actor, _SUBMITTING.get(review.kind, C.KEEP_PROFILE))
    return may(actor, _ACTS[act])
