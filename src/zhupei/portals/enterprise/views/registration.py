"""注册审核: how the registration stands, why it was rejected, correcting and handing it in again (ORG-10)."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from foundation.errors import DomainError
from foundation.identifiers import phone as phones
from foundation.requests import PortalRequest
from foundation.review.models import Review, ReviewState
from foundation.review.services import REVIEW
from foundation.review.words import reasons_given
from foundation.scoping import Actor
from foundation.ui import uploads
from foundation.ui.parts import Step, steps_of
from zhupei.accounts import services as accounts
from zhupei.accounts.models import CodePurpose, VerificationCode
from zhupei.organizations import queries, services
from zhupei.organizations.models import Organization, Slot
from zhupei.organizations.services.documents import MANDATORY
from zhupei.portals.enterprise import organization_documents
from zhupei.portals.enterprise.organization_forms import CorrectionForm
from zhupei.portals.shared.access import portal_required
from zhupei.portals.shared.acts import done
from zhupei.portals.shared.organization_documents import letter_response, slot_rows
from zhupei.portals.shared.review_pages import submitters_record


def own_organization(request: PortalRequest) -> Organization:
    """The organization acted for, fresh from the database."""
    actor = request.actor
    return queries.organization_list(actor).get(pk=actor.body.pk)


def checked_phone(old: str, new: str, code: str) -> VerificationCode | None:
    """The SMS code that a new responsible phone needs; None when it is the old one. Raises DomainError at `code`."""
    if phones.normalize(new) == old:
        return None
    if not code:
        sentence = "负责人手机有改动，请向新手机号获取验证码并填写。"
        raise DomainError("code_required", sentence, items={"code": sentence})
    return accounts.check_code(new, CodePurpose.CHANGE_PHONE, code)


def _steps(review: Review) -> list[Step]:
    now = {"draft": 0, "submitted": 1, "accepted": 1, "rejected": 1, "approved": 3}[review.state]
    return steps_of(["提交注册资料", "主管部门审核", "开始报名"], now, bad=review.state == "rejected")


@require_http_methods(["GET", "POST"])
@portal_required("enterprise", approved=False)
def registration(request: PortalRequest) -> HttpResponse:
    """The state; when it may be corrected, also the form with everything filled in."""
    organization = own_organization(request)
    if not organization.review.is_with_submitter:
        return _page(request, organization)
    new = organization_documents.uploaded(request, Slot) if request.method == "POST" else {}
    form = CorrectionForm(request.POST or None, initial=CorrectionForm.initial_of(organization))
    wrong: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        with organization_documents.refusals_at(form, wrong):
            _correct(request.actor, organization, form, new)
            return done(request, "已重新提交，请等待主管部门审核。", "enterprise:registration")
    return _page(request, organization, form=form, new=new, wrong=wrong)


def _correct(actor: Actor, organization: Organization, form: CorrectionForm, new: dict[Slot, Any]) -> None:
    data = form.typed()
    code = checked_phone(organization.responsible_phone, data.responsible_phone, form.cleaned_data["code"])
    with transaction.atomic():
        if code is not None:
            accounts.use_code(code)
        services.correct_registration(actor, organization, data, new)


def _page(
    request: PortalRequest,
    organization: Organization,
    *,
    form: CorrectionForm | None = None,
    new: dict[Slot, Any] | None = None,
    wrong: dict[str, str] | None = None,
) -> HttpResponse:
    review = organization.review
    present = {row.slot: row.document for row in organization.documents.select_related("document")}
    reasons = review.reasons if review.state == ReviewState.REJECTED else {}
    errors = {
        slot: reasons[slot] for slot in Slot.values if slot in reasons and Slot(slot) not in (new or {})
    }
    context = {
        "organization": organization,
        "review": review,
        "steps": _steps(review),
        "form": form,
        "reasons": reasons_given(review),
        "slots": slot_rows(
            organization_documents.UPLOAD_TO,
            Slot,
            present,
            new or {},
            errors | (wrong or {}),
            required=MANDATORY,
        ),
        "entries": submitters_record(review),
        "may_withdraw": REVIEW.can(request.actor, review, "withdraw"),
    }
    return render(request, "enterprise/registration/state.html", context)


@require_POST
@portal_required("enterprise", approved=False)
def withdraw(request: PortalRequest) -> HttpResponse:
    services.withdraw_registration(request.actor, own_organization(request))
    return done(request, "已撤回。修改后请重新提交，否则不会审核。", "enterprise:registration")


@require_POST
@portal_required("enterprise", approved=False)
@uploads.upload_view
def document(request: PortalRequest, slot: str) -> HttpResponse:
    """Keep one picture for a slot; it counts once the form is handed in."""
    if slot not in Slot.values:
        raise Http404
    kept = services.upload_paper(request.actor, slot, uploads.file_of(request))
    url = reverse("shared:document", args=[kept.pk])
    return uploads.accepted(f"{Slot(slot).label}已上传，提交后生效", id=kept.pk, url=url, name=kept.name)


@require_safe
@portal_required("enterprise", approved=False)
def letter(request: PortalRequest, ext: str) -> HttpResponse:
    """企业承诺书 filled in with what we know (ORG-03)."""
    row = own_organization(request)
    provincial = row.supervisor.is_provincial
    return letter_response(
        ext,
        row,
        city="" if provincial else row.supervisor.region.name,
        authority=row.supervisor.name if provincial else "",
    )


urlpatterns = [
    path("registration/", registration, name="registration"),
    path("registration/withdraw/", withdraw, name="registration_withdraw"),
    path("registration/papers/<str:slot>/", document, name="document"),
    path("registration/letter.<str:ext>", letter, name="letter"),
]
