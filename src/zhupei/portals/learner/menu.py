"""The bar at the foot of the learner's pages."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from foundation.messages.models import Message
from foundation.scoping import Actor
from foundation.ui.shell import MenuItem, Shell


def shell(actor: Actor, request: Any) -> Shell:
    """Few entries, large: one thing a screen (ui.md, Learner)."""
    unread = Message.objects.visible_to(actor).unread().count()
    return Shell(
        home_url=reverse("learner:home"),
        menu=[
            MenuItem("首页", reverse("learner:home"), "home"),
            MenuItem("考试", reverse("learner:exams"), "certificate"),
            MenuItem("消息", reverse("learner:messages"), "bell", count=unread),
            MenuItem("我的", reverse("learner:me"), "user"),
        ],
        path=request.path,
        portal="学员",
        user_name=actor.user.name,
    )
