"""实操评分: the plans with a practical part, their people, one person's score sheet; phone first (EXM-08)."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods, require_POST

from foundation.files.models import Document
from foundation.requests import PortalRequest
from foundation.scoping import Actor
from foundation.ui import tables, uploads
from foundation.ui.given import keys_in
from foundation.ui.pages import ListFilter, ListPage, SearchFilter, Tabs
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.exam.hall import live
from zhupei.exam.hall.models import HELD
from zhupei.exam.scores.models import PracticalScore
from zhupei.exam.scores.results import MOST_APART, practical_mean, too_far_apart
from zhupei.exam.scores.services import practical, reporting
from zhupei.exam.scores.services.practical import PracticalState as P
from zhupei.organizations.roles import Capability
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import refusals_at
from zhupei.portals.shared.forms import SpokenForm

TONES = {P.NONE: "wait", P.ONE: "info", P.DONE: "ok", P.APART: "bad", P.ABSENT: "mute"}
Door = portal_required("institution", needs=Capability.EXAMINE)


def _plans(actor: Actor) -> QuerySet[AssessmentPlan]:
    """Plans with a practical part that are held."""
    rows: QuerySet[AssessmentPlan] = AssessmentPlan.objects.visible_to(actor)
    return rows.filter(has_practical=True, stage__in=HELD)


def _candidate(request: PortalRequest, pk: int) -> Candidate:
    actor = request.actor
    rows = (
        Candidate.objects.visible_to(actor)
        .filter(plan__in=_plans(actor))
        .select_related(
            "plan",
            "enrollment__occupation",
            "enrollment__level",
            "enrollment__organization",
            "exam_room",
        )
    )
    candidate: Candidate = get_object_or_404(rows, pk=pk)
    return candidate


# --- the plans


class PlanTable(tables.ListTable):
    name = tables.TextColumn("考核计划", width=24)
    practical_at = tables.MinuteColumn("实操时间", sort=True)
    practical_place = tables.TextColumn("实操地点", width=24)
    people = tables.NumberColumn("考生")
    settled = tables.NumberColumn("已评或缺考")
    stage = tables.StateColumn("考核计划状态")


class PlanFilter(ListFilter):
    q = SearchFilter(["name__icontains", "practical_place__icontains"], label="考核计划或地点")


@method_decorator(Door, name="dispatch")
class Plans(ListPage):
    page_title = "实操评分"
    table_class = PlanTable
    filterset_class = PlanFilter
    order_by = "-starts_at"
    row_url = "institution:practical_plan"
    unit = "个考核计划"
    empty_icon = "tools"
    empty_title = "没有需要实操评分的考核计划"
    empty_text = "有实操考核的计划确认线上考核以后，考生会列在这里。"

    def queryset(self) -> QuerySet[AssessmentPlan]:
        absent = PracticalScore.objects.filter(candidate=OuterRef("pk"), is_absent=True)
        done = (
            Candidate.objects.annotate(given=Count("practical_scores"))
            .filter(Q(given__gte=practical.EXAMINERS) | Exists(absent))
            .values("pk")
        )
        return _plans(self.request.actor).annotate(
            people=Count("candidates", distinct=True),
            settled=Count("candidates", filter=Q(candidates__in=done), distinct=True),
        )


# --- the people of a plan


class PeopleTable(tables.ListTable):
    name = tables.TextColumn("姓名", accessor="enrollment__name", width=10)
    seat = tables.TextColumn("座位", accessor="seat_label", width=8)
    ticket = tables.TextColumn("准考证号", accessor="ticket_number", width=20)
    occupation = tables.TextColumn("岗位（工种）", accessor="enrollment__trade", width=18)
    state = tables.BadgeColumn("评分", badge=lambda row: (TONES[row.practical_state], row.practical_state))
    mine = tables.NumberColumn("我的评分")
    given_by = tables.TextColumn("考评员", empty_values=(), width=30)

    def render_given_by(self, record: Candidate) -> str:
        """Who gave how much; before one's own points only how many have."""
        scores = list(record.practical_scores.all())
        shown = practical.shown_to(self.request.actor, scores)
        if scores and not shown:
            return "本人评分后可见"
        return "；".join(
            f"{row.examiner_name} {'缺考' if row.is_absent else f'{row.score} 分'}" for row in shown
        )

    value_given_by = render_given_by


class PeopleFilter(ListFilter):
    q = SearchFilter(["enrollment__name__icontains", "ticket_number__icontains"], label="姓名或准考证号")


@method_decorator(Door, name="dispatch")
class People(ListPage):
    template_name = "institution/practical/people.html"
    table_class = PeopleTable
    filterset_class = PeopleFilter
    tabs_field = "practical_state"
    tabs = (
        Tabs("none", P.NONE, [P.NONE]),
        Tabs("one", P.ONE, [P.ONE]),
        Tabs("done", P.DONE, [P.DONE]),
        Tabs("apart", P.APART, [P.APART], tone="bad"),
        Tabs("absent", P.ABSENT, [P.ABSENT]),
    )
    order_by = ("exam_room__number", "seat_number")
    row_url = "institution:practical_sheet"
    unit = "人"
    empty_icon = "users"
    empty_title = "这里没有考生"

    @property
    def page_title(self) -> str:  # type: ignore[override]
        return f"{self.plan.name} 实操评分"

    def prepare(self) -> None:
        """Find the plan of the address first."""
        self.plan = get_object_or_404(_plans(self.request.actor), pk=self.kwargs["pk"])

    def queryset(self) -> QuerySet[Candidate]:
        return practical.candidates_of(self.request.actor, self.plan)

    def extra_context(self) -> dict[str, Any]:
        return {"plan": self.plan, "most_apart": MOST_APART, "is_reported": reporting.is_reported(self.plan)}


# --- one score sheet


class SheetForm(SpokenForm):
    remark = forms.CharField(
        label="备注", required=False, max_length=300, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, item in enumerate(practical.score_sheet()):
            wrong = f"{item.name}应为 0 至 {item.full} 分，最多一位小数。"
            self.fields[str(place)] = forms.DecimalField(
                label=f"{item.name}（满分 {item.full} 分）",
                min_value=Decimal(0),
                max_value=item.full,
                decimal_places=1,
                widget=forms.NumberInput(attrs={"inputmode": "decimal", "data-points": "", "step": "0.5"}),
                error_messages={
                    "required": f"请填写{item.name}的得分，没有得分填 0。",
                    **dict.fromkeys(
                        ("min_value", "max_value", "invalid", "max_decimal_places", "max_digits"), wrong
                    ),
                },
            )

    @property
    def lines(self) -> list[Any]:
        """The fields of the sheet, in its order."""
        return [self[str(place)] for place in range(len(practical.score_sheet()))]

    @property
    def points(self) -> list[Decimal]:
        """What was given, once the form is valid."""
        return [self.cleaned_data[str(place)] for place in range(len(practical.score_sheet()))]


def _scores(candidate: Candidate) -> list[PracticalScore]:
    return list(candidate.practical_scores.prefetch_related("photos").order_by("created_at", "pk"))


def _own(actor: Actor, scores: list[PracticalScore]) -> PracticalScore | None:
    return next((row for row in scores if row.examiner_id == actor.user.pk), None)


def _initial(own: PracticalScore | None) -> dict[str, Any]:
    if own is None:
        return {}
    return {str(place): row["points"] for place, row in enumerate(own.items)} | {"remark": own.remark}


@require_http_methods(["GET", "HEAD", "POST"])
@Door
def sheet(request: PortalRequest, pk: int) -> HttpResponse:
    """The score sheet of one person for this examiner; a POST keeps it."""
    actor, candidate = request.actor, _candidate(request, pk)
    scores = _scores(candidate)
    own = _own(actor, scores)
    form = SheetForm(request.POST or None, initial=_initial(own))
    photos = _posted_photos(request)
    if request.method == "POST" and form.is_valid():
        remark = form.cleaned_data["remark"]
        with refusals_at(form):
            score = practical.score_practical(actor, candidate, form.points, remark=remark, photos=photos)
            messages.success(request, f"{candidate.enrollment.name} {score.score} 分，已保存。")
            return _onwards(request, candidate)
    context = _sheet_context(actor, candidate, scores, form) | {"slots": _slots(own, photos)}
    return render(request, "institution/practical/sheet.html", context)


def _onwards(request: PortalRequest, candidate: Candidate) -> HttpResponse:
    """To the next person when asked to, otherwise back to this sheet."""
    if request.POST.get("then") == "next":
        following = practical.next_to_score(request.actor, candidate)
        if following is not None:
            return redirect("institution:practical_sheet", following.pk)
        messages.info(request, "没有还要您评分的考生了。")
        return redirect("institution:practical_plan", candidate.plan_id)
    return redirect("institution:practical_sheet", candidate.pk)


def _sheet_context(
    actor: Actor, candidate: Candidate, scores: list[PracticalScore], form: SheetForm
) -> dict[str, Any]:
    own = _own(actor, scores)
    shown = practical.shown_to(actor, scores)
    points = [row.score for row in scores if not row.is_absent]
    is_reported = reporting.is_reported(candidate.plan)
    is_full = own is None and len(scores) >= practical.EXAMINERS
    state = practical.state_of(scores)
    return {
        "candidate": candidate,
        "plan": candidate.plan,
        "row": candidate.enrollment,
        "portrait": live.portraits_of([candidate]).get(candidate.enrollment_id),
        "form": form,
        "own": own,
        "shown": shown,
        "hidden": len(scores) - len(shown),
        "lines": _side_by_side(shown),
        "mean": practical_mean(points) if shown else None,
        "apart": bool(shown) and too_far_apart(points),
        "most_apart": MOST_APART,
        "state": (TONES[state], state),
        "is_reported": is_reported,
        "is_full": is_full,
        "editable": not is_reported and not is_full,
    }


def _side_by_side(shown: list[PracticalScore]) -> list[tuple[str, str, list[str]]]:
    """Line, full points, what each examiner gave."""
    given = [[row["points"] for row in score.items] for score in shown]
    return [
        (item.name, str(item.full), [row[place] if place < len(row) else "" for row in given])
        for place, item in enumerate(practical.score_sheet())
    ]


def _slots(own: PracticalScore | None, posted: list[Document]) -> list[dict[str, Any]]:
    """Places for photos: those that are there, what was just uploaded, and two free ones."""
    photos = list(own.photos.all()) if own is not None else []
    kept = {photo.pk for photo in photos}
    photos += [row for row in posted if row.pk not in kept]
    slots = [
        {
            "label": f"照片 {place}",
            "id": photo.pk,
            "url": reverse("shared:document", args=[photo.pk]),
            "name": photo.name,
            "remove": reverse("institution:practical_photo_remove", args=[own.candidate_id, photo.pk])
            if own is not None and photo.pk in kept
            else "",
        }
        for place, photo in enumerate(photos, start=1)
    ]
    free = min(2, practical.MOST_PHOTOS - len(slots))
    return slots + [{"label": f"照片 {len(slots) + 1 + n}"} for n in range(free)]


def _posted_photos(request: PortalRequest) -> list[Document]:
    """The photos of the form: only what this very user has uploaded."""
    actor = request.actor
    mine = Document.objects.visible_to(actor).filter(kind=practical.PHOTO, created_by=actor.user)
    return list(mine.filter(pk__in=keys_in(request.POST.getlist("photo"))))


@require_POST
@Door
@uploads.upload_view
def photo(request: PortalRequest, pk: int) -> HttpResponse:
    """Take one photo of the work."""
    candidate = _candidate(request, pk)
    file = uploads.file_of(request, "没有收到照片，请重新拍摄或选择。")
    kept = practical.keep_photo(request.actor, candidate, file)
    url = reverse("shared:document", args=[kept.pk])
    return uploads.accepted("已上传，保存评分后生效", id=kept.pk, url=url, name=kept.name)


@require_POST
@Door
@uploads.upload_view
def photo_remove(request: PortalRequest, pk: int, document: uuid.UUID) -> HttpResponse:
    """Take a photo off one's own score sheet."""
    actor, candidate = request.actor, _candidate(request, pk)
    own = _own(actor, _scores(candidate))
    found = own.photos.filter(pk=document).first() if own is not None else None
    if own is None or found is None:
        raise Http404
    practical.remove_photo(actor, own, found)
    return uploads.accepted("已删除")


@require_POST
@Door
def absent(request: PortalRequest, pk: int) -> HttpResponse:
    """缺考."""
    candidate = _candidate(request, pk)
    practical.mark_absent(request.actor, candidate, remark=request.POST.get("remark", "")[:300])
    messages.success(request, f"{candidate.enrollment.name}已记为实操缺考。")
    return _onwards(request, candidate)


@require_POST
@Door
def take_back(request: PortalRequest, pk: int) -> HttpResponse:
    """撤回 one's own points, e.g. given to the wrong person."""
    actor, candidate = request.actor, _candidate(request, pk)
    own = _own(actor, _scores(candidate))
    if own is not None:
        practical.take_back(actor, own)
        messages.success(request, f"{candidate.enrollment.name}的评分已撤回。")
    return redirect("institution:practical_sheet", candidate.pk)


urlpatterns = [
    path("practical/", Plans.as_view(), name="practical"),
    path("practical/<int:pk>/", People.as_view(), name="practical_plan"),
    path("practical/people/<int:pk>/", sheet, name="practical_sheet"),
    path("practical/people/<int:pk>/photo/", photo, name="practical_photo"),
    path(
        "practical/people/<int:pk>/photo/<uuid:document>/remove/", photo_remove, name="practical_photo_remove"
    ),
    path("practical/people/<int:pk>/absent/", absent, name="practical_absent"),
    path("practical/people/<int:pk>/take-back/", take_back, name="practical_take_back"),
]
