"""The frame of the authority's portal: its menu with what waits behind each entry."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.urls import reverse

from foundation.messages.models import Message
from foundation.review.models import Review
from foundation.scoping import Actor
from foundation.ui.shell import MenuItem, Shell
from zhupei.assessment.reviewing import ASSESSMENT_KIND
from zhupei.exam.bank.machine import keeps_bank
from zhupei.exam.bank.queries import waiting_for
from zhupei.exam.scores.review import SCORE_KIND
from zhupei.organizations.review_items import CHANGE, INSTITUTION, REGISTRATION
from zhupei.portals.shared.menus import staff_entry
from zhupei.training.reviewing import PLAN_KIND


def waiting_by_kind(actor: Actor) -> dict[str, int]:
    """Reviewed kind → how many wait for this very authority."""
    rows = Review.objects.filter(reviewer_key=actor.key).waiting().order_by()
    return dict(rows.values_list("kind").annotate(n=Count("pk")))


def bank_entry(actor: Actor) -> list[MenuItem]:
    """题库, for whoever keeps it, with what waits for a review of theirs."""
    if not keeps_bank(actor, None):
        return []
    return [MenuItem("题库", reverse("authority:bank"), "books", waiting_for(actor))]


def shell(actor: Actor, request: Any) -> Shell:
    """Made once per page; somebody who acts for no authority any more has no menu."""
    if actor.body is None:
        return Shell(
            home_url=reverse("authority:home"), portal="主管部门", sign_out_url=reverse("shared:sign_out")
        )
    waiting = waiting_by_kind(actor)
    return Shell(
        home_url=reverse("authority:home"),
        menu=[
            MenuItem("首页", reverse("authority:home"), "home"),
            MenuItem(
                "企业审核",
                reverse("authority:organizations"),
                "building-skyscraper",
                waiting.get(REGISTRATION, 0),
            ),
            MenuItem("变更审核", reverse("authority:changes"), "replace", waiting.get(CHANGE, 0)),
            MenuItem("培训机构", reverse("authority:institutions"), "school", waiting.get(INSTITUTION, 0)),
            MenuItem("计划审核", reverse("authority:plans"), "calendar-check", waiting.get(PLAN_KIND.key, 0)),
            MenuItem(
                "考核审核",
                reverse("authority:assessments"),
                "certificate",
                waiting.get(ASSESSMENT_KIND.key, 0),
            ),
            MenuItem(
                "成绩审核", reverse("authority:scores"), "clipboard-check", waiting.get(SCORE_KIND.key, 0)
            ),
            MenuItem("目录管理", reverse("authority:catalog"), "list-tree"),
            *bank_entry(actor),
            MenuItem("黑名单", reverse("authority:blacklist"), "user-off"),
            MenuItem("通知公告", reverse("authority:notices"), "speakerphone"),
            *staff_entry(actor),
        ],
        path=request.path,
        portal="主管部门",
        body_name=str(actor.body),
        body_badge=("info", "省级" if actor.body.is_provincial else "市级"),
        search_url=reverse("authority:organizations"),
        search_hint="搜索单位名称、信用代码",
        messages_url=reverse("shared:messages"),
        message_count=Message.objects.visible_to(actor).unread().count(),
        password_url=reverse("shared:change_password"),
        sign_out_url=reverse("shared:sign_out"),
        user_name=actor.user.name,
    )
