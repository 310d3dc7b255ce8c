"""What organizations, institutions and their authorities are told of files, changes and the black list (NTF-01)."""

from __future__ import annotations

from foundation.messages.services import notify
from foundation.messages.templates import register_template
from foundation.review.models import Review, ReviewState
from foundation.review.words import reasons_in_words
from zhupei.organizations.models import BodyBar, Institution, Organization, OrganizationChange

REGISTRATION_SUBMITTED = register_template(
    "organization.submitted",
    label="企业注册已提交",
    sms="【筑培】{organization}的注册资料已提交，等待{authority}审核。审核结果会短信通知，也可登录查看进度。",
)
REGISTRATION_TO_REVIEW = register_template(
    "organization.to_review",
    label="有企业注册待审核",
    title="{organization}提交了注册资料",
    body="请在办理期限内审核。",
)
REGISTRATION_APPROVED = register_template(
    "organization.approved",
    label="企业注册审核通过",
    title="注册审核通过",
    body="{authority}已审核通过贵单位的注册资料，现在可以报名。",
    sms="【筑培】{organization}的注册资料已由{authority}审核通过，可以登录报名。",
)
REGISTRATION_REJECTED = register_template(
    "organization.rejected",
    label="企业注册审核不通过",
    title="注册审核不通过",
    body="原因：{reasons}。请按原因修改后重新提交。",
    sms="【筑培】{organization}的注册审核不通过，原因：{reasons}。请登录修改后重新提交。",
)
CHANGE_TO_REVIEW = register_template(
    "organization_change.to_review",
    label="有单位信息变更待审核",
    title="{organization}申请变更单位信息",
    body="请在办理期限内审核。",
)
CHANGE_APPROVED = register_template(
    "organization_change.approved",
    label="单位信息变更通过",
    title="单位信息变更已通过",
    body="变更后的信息已生效。信用代码有变更的，今后请用新代码 {uscc} 登录。",
    sms="【筑培】{organization}的信息变更已通过并生效，登录账号为 {uscc}。",
)
CHANGE_REJECTED = register_template(
    "organization_change.rejected",
    label="单位信息变更不通过",
    title="单位信息变更不通过",
    body="原因：{reasons}。原信息继续有效，可修改后重新提交。",
    sms="【筑培】{organization}的信息变更不通过，原因：{reasons}。原信息继续有效。",
)
BARRED = register_template(
    "organization.barred",
    label="列入黑名单",
    title="已被列入黑名单",
    body="{authority}将贵单位列入黑名单，原因：{reason}；期限：{period}。期间不能办理新的报名。",
)
FILE_TO_REVIEW = register_template(
    "institution.to_review",
    label="有机构备案待审核",
    title="{institution}提交了机构备案",
    body="请先受理，并在 {due} 前审核。",
)
FILE_APPROVED = register_template(
    "institution.approved",
    label="机构备案审核通过",
    title="机构备案已审核通过",
    body="{authority}已审核通过本机构的备案，现在可以提交培训计划。",
)
FILE_REJECTED = register_template(
    "institution.rejected",
    label="机构备案审核不通过",
    title="机构备案审核不通过",
    body="原因：{reasons}。请按原因修改后重新提交。",
)
ACCOUNT_CHANGED = register_template(
    "organization.account_changed",
    label="培训机构变更收款账户",
    title="{institution}变更了收款账户",
    body="新账户：{bank}，尾号 {tail}。今后的订单使用新账户，已生成的订单不变。如非本机构办理，请立即联系主管部门。",
)


def registration_submitted(review: Review, organization: Organization) -> None:
    """The applicant hears that it arrived, the authority that it waits."""
    context = {"organization": organization.name, "authority": organization.supervisor.name}
    notify(REGISTRATION_SUBMITTED, phones=[organization.responsible_phone], context=context)
    notify(REGISTRATION_TO_REVIEW, recipients=[review.reviewer_key], subject=organization, context=context)


def registration_decided(review: Review, organization: Organization) -> None:
    """The verdict, with the reasons in words."""
    notify(
        REGISTRATION_APPROVED if review.state == ReviewState.APPROVED else REGISTRATION_REJECTED,
        recipients=[organization.key],
        phones=[organization.contact_phone],
        subject=organization,
        context={
            "organization": organization.name,
            "authority": organization.supervisor.name,
            "reasons": reasons_in_words(review),
        },
    )


def change_submitted(review: Review, change: OrganizationChange) -> None:
    """The authority hears that it waits."""
    context = {"organization": change.organization.name}
    notify(CHANGE_TO_REVIEW, recipients=[review.reviewer_key], subject=change, context=context)


def change_decided(review: Review, change: OrganizationChange, organization: Organization) -> None:
    """The verdict to the `organization` as it is called now."""
    notify(
        CHANGE_APPROVED if review.state == ReviewState.APPROVED else CHANGE_REJECTED,
        recipients=[organization.key],
        phones=[organization.contact_phone],
        subject=change,
        context={
            "organization": organization.name,
            "uscc": organization.uscc,
            "reasons": reasons_in_words(review),
        },
    )


def file_submitted(review: Review, institution: Institution) -> None:
    """The authority hears that it waits, and until when."""
    context = {"institution": institution.name, "due": review.due_on}
    notify(FILE_TO_REVIEW, recipients=[review.reviewer_key], subject=institution, context=context)


def file_decided(review: Review, institution: Institution) -> None:
    """The verdict on the file (备案)."""
    notify(
        FILE_APPROVED if review.state == ReviewState.APPROVED else FILE_REJECTED,
        recipients=[institution.key],
        subject=institution,
        context={"authority": institution.supervisor.name, "reasons": reasons_in_words(review)},
    )


def account_changed(institution: Institution) -> None:
    """The institution and its authority: where money goes from now on, by the last four digits."""
    notify(
        ACCOUNT_CHANGED,
        recipients=[institution.key, f"authority:{institution.supervisor_id}"],
        context={
            "institution": institution.name,
            "bank": institution.account_bank,
            "tail": institution.account_number[-4:],
        },
    )


def barred(bar: BodyBar, body: Organization | Institution, period: str) -> None:
    """Who barred it, why and for how long."""
    context = {"authority": bar.authority.name, "reason": bar.reason, "period": period}
    notify(BARRED, recipients=[body.key], context=context)
