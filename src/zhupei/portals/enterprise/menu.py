"""The frame of the enterprise's portal: its menu with what waits behind each entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse

from foundation.messages.models import Message
from foundation.scoping import Actor
from foundation.ui.shell import MenuItem, Shell
from foundation.ui.states import badge_of_field
from zhupei.billing.models import Order, OrderState
from zhupei.enrollment import queries
from zhupei.enrollment.queries import Figures
from zhupei.portals.shared.menus import staff_entry


@dataclass(frozen=True)
class Waiting:
    """What waits for the organization, counted once per page."""

    materials: int = 0
    orders: int = 0
    messages: int = 0


@dataclass(frozen=True)
class Entry:
    """One entry: label, URL name, icon, what waits there."""

    label: str
    url_name: str
    icon: str
    count: Callable[[Waiting], int] = lambda waiting: 0


ENTRIES = (
    Entry("首页", "enterprise:home", "home"),
    Entry("学员报名", "enterprise:batches", "clipboard-plus"),
    Entry("报名资料", "enterprise:materials", "photo-up", lambda waiting: waiting.materials),
    Entry("订单缴费", "enterprise:orders", "receipt", lambda waiting: waiting.orders),
    Entry("培训计划", "enterprise:plans", "calendar-event"),
    Entry("考核", "enterprise:assessments", "certificate"),
    Entry("人员查询", "enterprise:people", "users"),
    Entry("培训机构", "enterprise:institutions", "school"),
    Entry("单位信息", "enterprise:profile", "building"),
    Entry("消息", "shared:messages", "bell", lambda waiting: waiting.messages),
)
# Until its registration is approved an organization sees how it stands, and nothing else (ORG-10).
UNAPPROVED_ENTRIES = (
    Entry("注册审核", "enterprise:registration", "building"),
    Entry("消息", "shared:messages", "bell", lambda waiting: waiting.messages),
)


def link(url_name: str, *args: Any) -> str:
    """The address of a page, or nothing where this installation has no such page."""
    try:
        return reverse(url_name, args=args)
    except NoReverseMatch:
        return ""


def shell(actor: Actor, request: Any) -> Shell | None:
    """Made once per page; three counting queries at most."""
    if actor.body is None:
        return None
    approved = actor.body.is_approved
    waiting = _waiting(actor, request, approved=approved)
    entries = ENTRIES if approved else UNAPPROVED_ENTRIES
    return Shell(
        home_url=link("enterprise:home" if approved else "enterprise:registration"),
        menu=[
            MenuItem(entry.label, url, entry.icon, entry.count(waiting))
            for entry in entries
            if (url := link(entry.url_name))
        ]
        + (staff_entry(actor) if approved else []),
        path=request.path,
        body_name=str(actor.body),
        body_badge=badge_of_field(actor.body.review),
        search_url=link("enterprise:search") if approved else "",
        search_hint="搜索人员、订单",
        messages_url=link("shared:messages"),
        message_count=waiting.messages,
        password_url=link("shared:change_password"),
        sign_out_url=link("shared:sign_out"),
        user_name=actor.user.name,
    )


def figures_of(request: Any) -> Figures:
    """The organization's people by what they wait for, counted once a request for the menu and the page."""
    if not hasattr(request, "enrollment_figures"):
        request.enrollment_figures = queries.figures(request.actor)
    return request.enrollment_figures


def _waiting(actor: Actor, request: Any, *, approved: bool) -> Waiting:
    unread = Message.objects.visible_to(actor).unread().count()
    if not approved:
        return Waiting(messages=unread)
    figures = figures_of(request)
    unpaid = Order.objects.visible_to(actor).filter(state__in=[OrderState.OPEN, OrderState.VOUCHER_REJECTED])
    return Waiting(
        materials=figures.to_complete + figures.returned,
        orders=unpaid.count() + bool(figures.to_order),
        messages=unread,
    )
