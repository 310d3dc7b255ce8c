"""机构备案: teachers, rooms, papers, handing in and taking back (ORG-12)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import model_to_dict
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from foundation.requests import PortalRequest
from foundation.review.models import WITH_SUBMITTER, ReviewState
from foundation.review.services import REVIEW
from foundation.review.words import reasons_given
from foundation.scoping import Actor
from foundation.ui import uploads
from zhupei.organizations import services
from zhupei.organizations.models import FileSlot, Institution, Room, Teacher, TeacherKind
from zhupei.organizations.roles import Capability, may
from zhupei.organizations.services.documents import MAX_MB
from zhupei.organizations.services.facilities import MOST_SEATS, check_open
from zhupei.organizations.services.filing import file_gaps
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done, refusals_at
from zhupei.portals.shared.forms import SpokenForm
from zhupei.portals.shared.revealing import revealed
from zhupei.portals.shared.review_pages import submitters_record

_MATCHES = {FileSlot.LICENSE: "yyzz,营业执照,执照", FileSlot.LETTER: "cns,承诺书"}


class TeacherForm(SpokenForm):
    kind = forms.ChoiceField(label="类别", choices=TeacherKind.choices, widget=forms.RadioSelect)
    name = forms.CharField(label="姓名", max_length=60)
    id_number = forms.CharField(label="身份证号", max_length=30)
    employer = forms.CharField(label="所在单位", max_length=120, required=False)
    title = forms.CharField(label="职称", max_length=40, required=False)
    subject = forms.CharField(label="任教科目", max_length=100)
    certificate = forms.CharField(label="证书", max_length=100, required=False)


class RoomForm(SpokenForm):
    name = forms.CharField(label="名称", max_length=60)
    seats = forms.IntegerField(label="座位数", min_value=1, max_value=MOST_SEATS)
    has_computers = forms.BooleanField(label="机房（每个座位一台电脑，可上机考试）", required=False)


# --- what the page of the file shows


def file_context(actor: Actor, institution: Institution) -> dict[str, Any]:
    """State, papers, teachers, rooms, what is missing, what may be done now."""
    review = institution.review
    state = review.state if review is not None else ReviewState.DRAFT
    teachers = list(institution.teachers.order_by("-is_active", "name", "pk"))
    papers = {row.slot: row.document for row in institution.documents.select_related("document")}
    waiting = review is not None and review.is_waiting
    keeps = may(actor, Capability.KEEP_FILE)
    unfiled = state in WITH_SUBMITTER
    return {
        "review": review,
        "review_state": ReviewState(state),
        "own_teachers": [row for row in teachers if row.kind == TeacherKind.OWN],
        "external_teachers": [row for row in teachers if row.kind == TeacherKind.EXTERNAL],
        "papers": [_slot(slot, papers.get(slot.value)) for slot in FileSlot],
        "waiting": waiting,
        "editable": keeps and not waiting,
        "gaps": list(file_gaps(institution).values()) if unfiled else [],
        "unfiled": unfiled,
        "may_submit": unfiled and keeps,
        "may_withdraw": review is not None and REVIEW.can(actor, review, "withdraw"),
        "reasons": reasons_given(review) if review is not None else [],
        "entries": submitters_record(review),
    }


def _slot(slot: FileSlot, document: Any) -> dict[str, Any]:
    return {
        "label": str(slot.label),
        "match": _MATCHES[slot],
        "upload_url": reverse("institution:file_paper", args=[slot.value]),
        "max_mb": MAX_MB,
        "url": reverse("shared:document", args=[document.pk]) if document else "",
        "name": document.name if document else "",
    }


# --- teachers


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution")
def teacher(request: PortalRequest, pk: int | None = None) -> HttpResponse:
    """Register or change a teacher; the ID number on file is never filled in again."""
    actor = request.actor
    found = _teacher(request, pk) if pk else None
    check_open(actor, actor.body)
    form = TeacherForm(request.POST or None, initial=_teacher_values(request, found))
    form.fields["id_number"].required = found is None
    if request.method == "POST" and form.is_valid():
        data = services.TeacherData(**form.cleaned_data)
        with refusals_at(form):
            if found is None:
                services.add_teacher(actor, actor.body, data)
            else:
                services.update_teacher(actor, found, data)
            return done(request, f"师资“{data.name}”已保存。", "institution:profile")
    return render(request, "institution/profile/teacher.html", {"form": form, "teacher": found})


def _teacher(request: PortalRequest, pk: int) -> Teacher:
    rows = Teacher.objects.visible_to(request.actor).select_related("institution")
    return get_object_or_404(rows, pk=pk)


def _teacher_values(request: PortalRequest, found: Teacher | None) -> dict[str, Any]:
    if found is None:
        kind = request.GET.get("kind", "")
        return {"kind": kind if kind in TeacherKind.values else TeacherKind.OWN}
    return model_to_dict(found, TeacherForm.base_fields, exclude=["id_number"])


@require_POST
@portal_required("institution")
def teacher_active(request: PortalRequest, pk: int) -> HttpResponse:
    found = _teacher(request, pk)
    active = request.POST.get("active") == "1"
    services.set_teacher_active(request.actor, found, active)
    return done(
        request, f"“{found.name}”已{'恢复在岗' if active else '停用，不能再排课'}。", "institution:profile"
    )


@require_POST
@portal_required("institution")
def teacher_reveal(request: PortalRequest, pk: int) -> HttpResponse:
    return revealed(request, request.actor, _teacher(request, pk), "id_number")


# --- rooms


@require_http_methods(["GET", "HEAD", "POST"])
@portal_required("institution")
def room(request: PortalRequest, pk: int | None = None, site: int | None = None) -> HttpResponse:
    """Register a room of a site, or change one."""
    actor = request.actor
    found = _room(request, pk) if pk else None
    sites = actor.body.sites.select_related("institution")
    place = found.site if found is not None else get_object_or_404(sites, pk=site)
    check_open(actor, actor.body)
    form = RoomForm(request.POST or None, initial=model_to_dict(found, RoomForm.base_fields) if found else {})
    if request.method == "POST" and form.is_valid():
        data = services.RoomData(**form.cleaned_data)
        with refusals_at(form):
            if found is None:
                services.add_room(actor, place, data)
            else:
                services.update_room(actor, found, data)
            return done(request, f"“{data.name}”已保存。", "institution:profile")
    context = {"form": form, "site": place, "room": found}
    return render(request, "institution/profile/room.html", context)


def _room(request: PortalRequest, pk: int) -> Room:
    rows = Room.objects.visible_to(request.actor).select_related("site__institution")
    return get_object_or_404(rows, pk=pk)


@require_POST
@portal_required("institution")
def room_active(request: PortalRequest, pk: int) -> HttpResponse:
    found = _room(request, pk)
    active = request.POST.get("active") == "1"
    services.set_room_active(request.actor, found, active)
    return done(
        request, f"“{found.name}”已{'启用' if active else '停用，不能再排课'}。", "institution:profile"
    )


@require_POST
@portal_required("institution")
def room_remove(request: PortalRequest, pk: int) -> HttpResponse:
    found = _room(request, pk)
    services.remove_room(request.actor, found)
    return done(request, f"“{found.name}”已删除。", "institution:profile")


# --- papers and handing in


@require_POST
@portal_required("institution")
@uploads.upload_view
def paper(request: PortalRequest, slot: str) -> HttpResponse:
    """Put a picture into a slot of the file."""
    if slot not in FileSlot.values:
        raise Http404
    actor = request.actor
    kept = services.upload_file_paper(actor, actor.body, slot, uploads.file_of(request))
    url = reverse("shared:document", args=[kept.pk])
    return uploads.accepted(f"{FileSlot(slot).label}已上传", id=kept.pk, url=url, name=kept.name)


@require_POST
@portal_required("institution")
def submit(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    services.submit_institution_file(actor, actor.body)
    return done(request, f"备案已提交，请等待{actor.body.supervisor}受理和审核。", "institution:profile")


@require_POST
@portal_required("institution")
def withdraw(request: PortalRequest) -> HttpResponse:
    actor = request.actor
    services.withdraw_institution_file(actor, actor.body)
    return done(request, "备案已撤回，修改后请重新提交。", "institution:profile")


urlpatterns = [
    path("profile/teachers/new/", teacher, name="teacher_new"),
    path("profile/teachers/<int:pk>/", teacher, name="teacher"),
    path("profile/teachers/<int:pk>/active/", teacher_active, name="teacher_active"),
    path("profile/teachers/<int:pk>/reveal/", teacher_reveal, name="teacher_reveal"),
    path("profile/sites/<int:site>/rooms/new/", room, name="room_new"),
    path("profile/rooms/<int:pk>/", room, name="room"),
    path("profile/rooms/<int:pk>/active/", room_active, name="room_active"),
    path("profile/rooms/<int:pk>/remove/", room_remove, name="room_remove"),
    path("profile/papers/<slug:slot>/", paper, name="file_paper"),
    path("profile/submit/", submit, name="file_submit"),
    path("profile/withdraw/", withdraw, name="file_withdraw"),
]
