"""Texts of this stage's messages and the colors of its states."""

from __future__ import annotations

from foundation.messages.templates import register_template
from foundation.ui.states import register_state_styles
from zhupei.organizations.models import NoticeState

TEMPLATES: tuple[dict[str, str], ...] = (
    {
        "code": "organization.submitted",
        "label": "企业注册已提交",
        "sms": "【筑培】{organization}的注册资料已提交，等待{authority}审核。审核结果会短信通知，也可登录查看进度。",
    },
    {
        "code": "organization.to_review",
        "label": "有企业注册待审核",
        "title": "{organization}提交了注册资料",
        "body": "请在办理期限内审核。",
    },
    {
        "code": "organization.approved",
        "label": "企业注册审核通过",
        "title": "注册审核通过",
        "body": "{authority}已审核通过贵单位的注册资料，现在可以报名。",
        "sms": "【筑培】{organization}的注册资料已由{authority}审核通过，可以登录报名。",
    },
    {
        "code": "organization.rejected",
        "label": "企业注册审核不通过",
        "title": "注册审核不通过",
        "body": "原因：{reasons}。请按原因修改后重新提交。",
        "sms": "【筑培】{organization}的注册审核不通过，原因：{reasons}。请登录修改后重新提交。",
    },
    {
        "code": "organization_change.to_review",
        "label": "有单位信息变更待审核",
        "title": "{organization}申请变更单位信息",
        "body": "请在办理期限内审核。",
    },
    {
        "code": "organization_change.approved",
        "label": "单位信息变更通过",
        "title": "单位信息变更已通过",
        "body": "变更后的信息已生效。信用代码有变更的，今后请用新代码 {uscc} 登录。",
        "sms": "【筑培】{organization}的信息变更已通过并生效，登录账号为 {uscc}。",
    },
    {
        "code": "organization_change.rejected",
        "label": "单位信息变更不通过",
        "title": "单位信息变更不通过",
        "body": "原因：{reasons}。原信息继续有效，可修改后重新提交。",
        "sms": "【筑培】{organization}的信息变更不通过，原因：{reasons}。原信息继续有效。",
    },
    {
        "code": "organization.barred",
        "label": "列入黑名单",
        "title": "已被列入黑名单",
        "body": "{authority}将贵单位列入黑名单，原因：{reason}；期限：{period}。期间不能办理新的报名。",
    },
    {
        "code": "institution.to_review",
        "label": "有机构备案待审核",
        "title": "{institution}提交了机构备案",
        "body": "请先受理，并在 {due} 前审核。",
    },
    {
        "code": "institution.approved",
        "label": "机构备案审核通过",
        "title": "机构备案已审核通过",
        "body": "{authority}已审核通过本机构的备案，现在可以提交培训计划。",
    },
    {
        "code": "institution.rejected",
        "label": "机构备案审核不通过",
        "title": "机构备案审核不通过",
        "body": "原因：{reasons}。请按原因修改后重新提交。",
    },
    {
        "code": "organization.account_changed",
        "label": "培训机构变更收款账户",
        "title": "{institution}变更了收款账户",
        "body": "新账户：{bank}，尾号 {tail}。今后的订单使用新账户，已生成的订单不变。如非本机构办理，请立即联系主管部门。",
    },
)


def register() -> None:
    """Called once at start-up."""
    register_state_styles(NoticeState, {"draft": "wait", "published": "ok", "withdrawn": "mute"})
    for texts in TEMPLATES:
        register_template(**texts)
