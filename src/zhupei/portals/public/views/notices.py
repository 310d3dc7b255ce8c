"""通知公告."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from zhupei.organizations.models import Notice
from zhupei.portals.public.scope import PUBLIC

PAGE_SIZE = 20


@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """Published notices, newest first."""
    rows = Notice.objects.visible_to(PUBLIC).select_related("authority")
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "public/notices.html", {"page": page})


@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """One notice."""
    found = get_object_or_404(Notice.objects.visible_to(PUBLIC).select_related("authority"), pk=pk)
    return render(request, "public/notice.html", {"notice": found})
