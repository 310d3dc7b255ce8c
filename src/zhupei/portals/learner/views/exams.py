"""考试: the coming exam with seat, ticket number and its code, the ticket to download; exams that are over (ASM-04, ASM-05)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from foundation.documents.qr import qr_svg
from foundation.requests import PortalRequest
from foundation.scoping import Actor
from zhupei.assessment.documents.facts import WEEKDAYS, rules_of
from zhupei.assessment.models import AssessmentStage, Candidate
from zhupei.exam.hall.models import OVER, attempt_of
from zhupei.exam.hall.services.admission import OPENS_BEFORE
from zhupei.portals.shared import printouts, score_pages
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import refusals_lead_to


@dataclass(frozen=True)
class ExamCard:
    """One exam as its examinee sees it; times are local. `badge`: the approved result once it is over."""

    candidate: Candidate
    day: str
    time: str
    latest: str
    room: str
    seat: str
    is_over: bool
    is_today: bool
    may_sign_in: bool
    badge: tuple[str, str] | None
    sat: bool

    @property
    def plan(self) -> Any:
        return self.candidate.plan

    @property
    def code(self) -> str:
        """The ticket number as the scanner at the door reads it."""
        return qr_svg(self.candidate.ticket_number or "", label="准考证号二维码")

    @property
    def rules(self) -> tuple[str, ...]:
        return rules_of(self.plan)


def exam_cards(actor: Actor, enrollment_ids: list[int] | None = None) -> list[ExamCard]:
    """The learner's exams, coming ones first by time, then those over, the latest first; one query."""
    rows = Candidate.objects.visible_to(actor).filter(exam_room__isnull=False)
    if enrollment_ids is not None:
        rows = rows.filter(enrollment__in=enrollment_ids)
    rows = rows.select_related(
        "plan__site",
        "plan__institution",
        "enrollment__occupation",
        "enrollment__level",
        "exam_room__session",
        "exam_room__room",
        "attempt",
        "score_line__report__review",
    )
    cards = [_card(row) for row in rows.order_by("exam_room__session__starts_at", "pk")]
    return [card for card in cards if not card.is_over] + [card for card in cards[::-1] if card.is_over]


def _card(row: Candidate) -> ExamCard:
    room = row.exam_room
    assert room is not None
    now, session = timezone.now(), room.session
    start, end = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    attempt = attempt_of(row)
    done = attempt is not None and attempt.state in OVER
    extra = dt.timedelta(minutes=attempt.extra_minutes) if attempt is not None else dt.timedelta()
    is_over = done or end + extra <= now or row.plan.stage == AssessmentStage.COMPLETED
    return ExamCard(
        candidate=row,
        day=f"{start:%Y-%m-%d} 周{WEEKDAYS[start.weekday()]}",
        time=f"{start:%H:%M}–{end:%H:%M}",
        latest=f"{start + dt.timedelta(minutes=row.plan.late_minutes):%H:%M}",
        room=f"{room.number:02d}",
        seat=f"{row.seat_number:02d}",
        is_over=is_over,
        is_today=start.date() == timezone.localdate(),
        may_sign_in=not is_over and start - OPENS_BEFORE <= now,
        badge=score_pages.approved_badge(row),
        sat=attempt is not None,
    )


@never_cache
@require_safe
@portal_required("learner")
def exams(request: PortalRequest) -> HttpResponse:
    """Coming exams with all that is needed at the door, and the results of earlier ones."""
    cards = exam_cards(request.actor)
    coming = [card for card in cards if not card.is_over]
    past = [card for card in cards if card.is_over]
    return render(request, "learner/exams.html", {"coming": coming, "past": past})


@require_safe
@portal_required("learner")
@refusals_lead_to("learner:exams")
def ticket(request: PortalRequest, pk: int) -> HttpResponse:
    """准考证 as PDF."""
    own = Candidate.objects.visible_to(request.actor)
    rows = own.select_related("plan__programme", "plan__institution", "plan__site", "enrollment")
    row = get_object_or_404(rows, pk=pk)
    printout = printouts.printout_or_404("tickets", "pdf")
    return printouts.printout_response(
        request.actor, row.plan, printout, "pdf", own.filter(pk=row.pk), name=row.enrollment.name
    )


urlpatterns = [
    path("exams/", exams, name="exams"),
    path("exams/<int:pk>/ticket.pdf", ticket, name="ticket"),
]
