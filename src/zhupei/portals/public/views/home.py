"""The first page, the help, the agreement."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from foundation.requests import PortalRequest
from foundation.ui.parts import Step
from zhupei.accounts.models import Portal
from zhupei.organizations.models import Notice
from zhupei.portals.public.journey import QUESTIONS, STEPS
from zhupei.portals.public.scope import PUBLIC
from zhupei.portals.public.views.sign_in import choices

NOTICES_SHOWN = 6


def _tiles() -> list[dict[str, str]]:
    rows = (
        ("企业 / 学校", "报名、缴费、查进度", "building", reverse("public:sign_in", args=["enterprise"])),
        ("培训机构", "审核资格、确认缴费", "school", reverse("public:sign_in", args=["institution"])),
        ("主管部门", "审核单位、监管", "building-bank", reverse("public:sign_in", args=["authority"])),
        ("学员", "查看自己的报名", "user", reverse("public:sign_in", args=["learner"])),
        ("企业注册", "第一次报名先注册单位", "building-plus", reverse("public:register")),
        ("下载中心", "承诺书、报名表、汇总表", "download", reverse("public:downloads")),
    )
    return [{"title": title, "text": text, "icon": icon, "url": url} for title, text, icon, url in rows]


@require_safe
def home(request: PortalRequest) -> HttpResponse:
    """Doors, the steps, sign-in, notices."""
    help_url = reverse("public:help")
    context = {
        "tiles": _tiles(),
        "steps": [Step(step.short, "done", f"{help_url}#step-{n}") for n, step in enumerate(STEPS, 1)],
        "portals": choices(Portal.ENTERPRISE),
        "notices": Notice.objects.visible_to(PUBLIC)[:NOTICES_SHOWN],
        "me": request.actor if request.actor.user is not None else None,
    }
    return render(request, "public/home.html", context)


@require_safe
def help_page(request: PortalRequest) -> HttpResponse:
    """The eleven steps explained, and what people ask."""
    return render(request, "public/help.html", {"steps": STEPS, "questions": QUESTIONS})


@require_safe
def agreement(request: PortalRequest) -> HttpResponse:
    """What a registering organization agrees to."""
    return render(request, "public/agreement.html")
