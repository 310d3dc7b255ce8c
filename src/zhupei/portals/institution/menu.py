"""The frame of the institution's pages; a new menu entry is one line here and one in urls.py."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from foundation.counting import count_together
from foundation.messages.models import Message
from foundation.scoping import Actor
from foundation.ui.shell import MenuItem, Shell
from zhupei.assessment import plan_states as assessment_states
from zhupei.billing.invoices import counts_for_menu
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.exam.hall import live
from zhupei.exam.scores import states as score_states
from zhupei.organizations.roles import Capability, may
from zhupei.portals.shared.menus import staff_entry
from zhupei.training import plan_states


def entries(actor: Actor) -> list[MenuItem]:
    """The left menu in the order of the work; a count is what waits for the institution there."""
    to_confirm, to_issue = counts_for_menu(actor)
    people, plans, assessments, at_the_door, scores, appeals = count_together(
        to_review(actor),
        plan_states.to_do(actor),
        assessment_states.to_do(actor),
        live.to_admit(actor),
        score_states.to_do(actor),
        score_states.open_appeals(actor),
    )
    return [
        MenuItem("首页", reverse("institution:home"), "home"),
        MenuItem("资格审核", reverse("institution:eligibility"), "user-check", people),
        MenuItem("缴费确认", reverse("institution:payments"), "receipt", to_confirm),
        MenuItem("开票", reverse("institution:invoices"), "file-invoice", to_issue),
        MenuItem("培训计划", reverse("institution:plans"), "calendar-event", plans),
        MenuItem("考核计划", reverse("institution:assessments"), "certificate", assessments),
        *_exam_day(actor, at_the_door),
        MenuItem("成绩报审", reverse("institution:scores"), "clipboard-check", scores),
        MenuItem("成绩申诉", reverse("institution:appeals"), "message-report", appeals),
        MenuItem("报名人员", reverse("institution:people"), "users"),
        MenuItem("培训项目", reverse("institution:offers"), "list-details"),
        MenuItem("机构备案", reverse("institution:profile"), "building"),
        *staff_entry(actor),
    ]


def _exam_day(actor: Actor, waiting: int) -> list[MenuItem]:
    """For those who invigilate (`waiting` at a machine to be admitted) and who examine."""
    found = []
    if may(actor, Capability.INVIGILATE):
        watch = reverse("institution:invigilation")
        found.append(MenuItem("监考", watch, "device-desktop", waiting))
    if may(actor, Capability.EXAMINE):
        found.append(MenuItem("实操评分", reverse("institution:practical"), "tools"))
    return found


def to_review(actor: Actor) -> QuerySet[Enrollment]:
    """Who waits for the eligibility review."""
    return Enrollment.objects.visible_to(actor).filter(state=EnrollmentState.SUBMITTED)


def shell(actor: Actor, request: Any) -> Shell:
    """Menu, name and state of the institution, messages, password, sign-out."""
    institution = actor.body
    if institution is None:
        return Shell(
            home_url=reverse("institution:home"), portal="培训机构", sign_out_url=reverse("shared:sign_out")
        )
    closed = not institution.is_active
    return Shell(
        home_url=reverse("institution:home"),
        menu=entries(actor),
        path=request.path,
        portal="培训机构",
        body_name=institution.name,
        body_badge=("mute", "已停止招生") if closed else ("ok", "正常招生"),
        user_name=actor.user.name,
        search_url=reverse("institution:people"),
        search_hint="搜索姓名、身份证号、手机号",
        messages_url=reverse("shared:messages"),
        message_count=Message.objects.visible_to(actor).unread().count(),
        password_url=reverse("shared:change_password"),
        sign_out_url=reverse("shared:sign_out"),
        alert=("wait", "主管部门已停止本机构招生，新的报名已关闭；已报名的人员照常办理。")
        if closed
        else None,
    )
