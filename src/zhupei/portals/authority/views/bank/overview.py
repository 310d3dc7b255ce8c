"""题库: every occupation's bank at a glance, programme by programme."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from foundation.requests import PortalRequest
from foundation.ui.parts import Tab
from zhupei.catalog.models import Programme
from zhupei.exam.bank import queries as bank_queries
from zhupei.exam.bank.queries import BankFigures
from zhupei.portals.authority.views.bank.frame import Bank, bank_keeper


@require_safe
@bank_keeper
def overview(request: PortalRequest) -> HttpResponse:
    """`?programme=` chooses one; the first otherwise."""
    actor = request.actor
    programmes = list(Programme.objects.filter(is_active=True))
    wanted = request.GET.get("programme", "")
    programme = next(
        (row for row in programmes if str(row.pk) == wanted), programmes[0] if programmes else None
    )
    if wanted and (programme is None or str(programme.pk) != wanted):
        raise Http404
    rows = bank_queries.banks_of(actor, programme) if programme else []
    here = reverse("authority:bank")
    context: dict[str, Any] = {
        "tabs": [
            Tab(row.name, f"{here}?programme={row.pk}", None, active=row == programme) for row in programmes
        ],
        "rows": [(row, Bank(row.occupation, row.level), standing(row)) for row in rows],
        "ready": sum(standing(row)[0] == "ok" for row in rows if row.level is None),
        "total": sum(row.level is None for row in rows),
        "waiting": bank_queries.queue(actor).count(),
        "mine": bank_queries.waiting_for(actor),
    }
    return render(request, "authority/bank/overview.html", context)


def standing(row: BankFigures) -> tuple[str, str]:
    """Tone and words: can papers be drawn."""
    if row.blueprint is None:
        return ("mute", "没有组卷方案") if row.level is None else ("mute", "用通用方案")
    return ("bad", "试题不够") if row.shortages else ("ok", "可以组卷")


urlpatterns = [path("bank/", overview, name="bank")]
