"""The frame of the enterprise's portal: its menu with what waits behind each entry."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from foundation.messages.models import Message
from foundation.scoping import Actor
from foundation.ui.shell import MenuItem, Shell
from foundation.ui.states import badge_of_field
from zhupei.billing.models import UNPAID, Order
from zhupei.enrollment import queries
from zhupei.enrollment.queries import Figures
from zhupei.portals.shared.menus import staff_entry


def shell(actor: Actor, request: Any) -> Shell | None:
    """Made once per page; three counting queries at most."""
    if actor.body is None:
        return None
    approved = actor.body.is_approved
    unread = Message.objects.visible_to(actor).unread().count()
    messages = MenuItem("消息", reverse("shared:messages"), "bell", unread)
    if approved:
        home, menu = reverse("enterprise:home"), [*_entries(actor, request), messages, *staff_entry(actor)]
    else:  # it sees how its registration stands, and nothing else (ORG-10)
        home = reverse("enterprise:registration")
        menu = [MenuItem("注册审核", home, "building"), messages]
    return Shell(
        home_url=home,
        menu=menu,
        path=request.path,
        body_name=str(actor.body),
        body_badge=badge_of_field(actor.body.review),
        search_url=reverse("enterprise:search") if approved else "",
        search_hint="搜索人员、订单",
        messages_url=messages.url,
        message_count=unread,
        password_url=reverse("shared:change_password"),
        sign_out_url=reverse("shared:sign_out"),
        user_name=actor.user.name,
    )


def _entries(actor: Actor, request: Any) -> list[MenuItem]:
    """The menu of an approved organization in the order of the work; a count is what waits for it there."""
    figures = figures_of(request)
    unpaid = Order.objects.visible_to(actor).filter(state__in=UNPAID).count()
    return [
        MenuItem("首页", reverse("enterprise:home"), "home"),
        MenuItem("学员报名", reverse("enterprise:batches"), "clipboard-plus"),
        MenuItem(
            "报名资料", reverse("enterprise:materials"), "photo-up", figures.to_complete + figures.returned
        ),
        MenuItem("订单缴费", reverse("enterprise:orders"), "receipt", unpaid + bool(figures.to_order)),
        MenuItem("培训计划", reverse("enterprise:plans"), "calendar-event"),
        MenuItem("考核", reverse("enterprise:assessments"), "certificate"),
        MenuItem("人员查询", reverse("enterprise:people"), "users"),
        MenuItem("培训机构", reverse("enterprise:institutions"), "school"),
        MenuItem("单位信息", reverse("enterprise:profile"), "building"),
    ]


def figures_of(request: Any) -> Figures:
    """The organization's people by what they wait for, counted once a request for the menu and the page."""
    if not hasattr(request, "enrollment_figures"):
        request.enrollment_figures = queries.figures(request.actor)
    return request.enrollment_figures
