"""企业注册: one page; documents first, nothing typed or uploaded is lost by an error (ORG-02, 03, 06, 07, 08)."""

from __future__ import annotations

import datetime as dt

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from foundation.errors import DomainError
from foundation.files.models import Document
from foundation.identifiers import uscc
from foundation.limits import services as limits
from foundation.limits.services import Limit
from foundation.naming import some_of
from foundation.requests import PortalRequest
from foundation.scoping import Actor
from foundation.ui import uploads
from zhupei.accounts import services as accounts
from zhupei.accounts.models import CodePurpose, Portal, User
from zhupei.organizations import services as organizations
from zhupei.organizations.checks import checked_registration, level_of
from zhupei.organizations.models import Authority, Institution, Slot
from zhupei.organizations.rules import CITY, PROVINCIAL
from zhupei.organizations.services.documents import MANDATORY, MAX_MB, missing_slots
from zhupei.portals.public import registration_documents
from zhupei.portals.public.registration_form import RegistrationForm
from zhupei.portals.public.scope import PUBLIC
from zhupei.portals.shared.access import home_of
from zhupei.portals.shared.acts import done, refusals_said
from zhupei.portals.shared.middleware import client_address, visitor_token
from zhupei.portals.shared.organization_documents import letter_response, slot_rows

TAKEN = "already_registered"
# What anybody may ask without signing in, by network address (SEC-05).
CODES_ASKED = Limit("code-taken", 60, dt.timedelta(minutes=10))
UPLOADS = Limit("registration-upload", 60, dt.timedelta(minutes=10))


def _visitor(request: PortalRequest) -> Actor:
    return Actor(portal="visitor", visitor=visitor_token(request), address=client_address(request))


@never_cache
@sensitive_post_parameters("password", "repeat_password", "code")
@require_http_methods(["GET", "POST"])
def register(request: PortalRequest) -> HttpResponse:
    """The page and its submission; the SMS button and files without scripts end here too."""
    actor = request.actor
    if actor.user is not None:
        messages.info(request, "您已登录。要为另一个单位注册，请先退出登录。")
        return redirect(home_of(actor.portal))
    visitor = _visitor(request)
    if request.method == "GET":
        return _page(request, visitor, RegistrationForm(institutions=_institutions_by_level()))
    form = RegistrationForm(request.POST, institutions=_institutions_by_level())
    wrong = _keep_posted_files(request, visitor)
    if request.POST.get("send_code"):
        return _send_without_script(request, visitor, form, wrong)
    return _submit(request, visitor, form, wrong)


def _submit(
    request: PortalRequest, visitor: Actor, form: RegistrationForm, wrong: dict[str, str]
) -> HttpResponse:
    """Say everything that is wrong at once; register when nothing is."""
    documents, taken = registration_documents.uploaded(visitor), False
    form.is_valid()
    wrong = _judge(form, documents) | wrong
    if not form.errors and not wrong:
        try:
            return _register(request, visitor, form, documents)
        except DomainError as refusal:
            taken = refusal.code == TAKEN
            wrong = form.add_refusal(refusal)
    return _page(request, visitor, form, wrong=wrong, taken=taken)


def _judge(form: RegistrationForm, documents: dict[Slot, Document]) -> dict[str, str]:
    """What the rules of registration say, put at the fields; sentences about documents are answered."""
    try:
        checked_registration(form.typed(), missing_slots(slot.value for slot in documents))
    except DomainError as refusal:
        return form.add_refusal(refusal)
    return {}


def _register(
    request: PortalRequest, visitor: Actor, form: RegistrationForm, documents: dict[Slot, Document]
) -> HttpResponse:
    """The phone is verified, the code used up and the organization registered: all or nothing (ORG-06)."""
    data = form.cleaned_data
    code = accounts.check_code(data["responsible_phone"], CodePurpose.REGISTER, data["code"])
    with transaction.atomic():
        accounts.use_code(code)
        _, user = organizations.register_organization(form.typed(), documents, data["password"], visitor)
    accounts.sign_in_as(request, user)
    sentence = "注册资料已提交，请等待主管部门审核。结果会发短信通知，也可随时登录查看。"
    return done(request, sentence, "enterprise:registration")


def _page(
    request: PortalRequest,
    visitor: Actor,
    form: RegistrationForm,
    *,
    wrong: dict[str, str] | None = None,
    taken: bool = False,
) -> HttpResponse:
    documents = registration_documents.uploaded(visitor)
    slots = slot_rows(
        "public:register_document",
        Slot,
        {},
        documents,
        wrong or {},
        required=MANDATORY,
        delete_at="public:delete_document",
    )
    context = {
        "form": form,
        "slots": slots,
        "max_mb": MAX_MB,
        "wrong_slots": [slot for slot in slots if slot["error"]],
        "taken": taken,
        "typed_code": uscc.normalize(str(form.data.get("uscc") or "")) if taken else "",
    }
    return render(request, "public/register.html", context)


def _keep_posted_files(request: PortalRequest, visitor: Actor) -> dict[str, str]:
    """Files sent with the form itself, where scripts don't run; sentences for those that are not usable."""
    wrong = {}
    for slot in Slot:
        file = request.FILES.get(f"file_{slot.value}")
        if isinstance(file, UploadedFile):
            try:
                registration_documents.keep(visitor, slot, file)
            except DomainError as refusal:
                wrong[slot.value] = refusal.message
    return wrong


def _send_without_script(
    request: PortalRequest, visitor: Actor, form: RegistrationForm, wrong: dict[str, str]
) -> HttpResponse:
    """The code button where scripts don't run: what was typed stays."""
    with refusals_said(request):
        accounts.request_code(
            str(request.POST.get("responsible_phone") or ""), CodePurpose.REGISTER, client_address(request)
        )
        messages.success(request, "验证码已发送，5 分钟内有效。")
    again = RegistrationForm(initial=request.POST.dict(), institutions=_institutions_by_level())
    return _page(request, visitor, again, wrong=wrong)


def _institutions_by_level() -> dict[str, str]:
    """What each choice of review means for the institutions on offer (ORG-09), in words."""
    everything = Institution.objects.visible_to(PUBLIC).select_related("supervisor__region")
    provincial = [row for row in everything if row.is_provincial]
    own = [row for row in everything if row.supervisor.region.offers_review_choice]
    names = some_of((row.name for row in provincial), 2, unit="家")
    return {
        CITY: f"可选本市的 {len(own)} 家和省属的 {len(provincial)} 家培训机构",
        PROVINCIAL: f"只能选省属培训机构：{names}" if names else "只能选省属培训机构",
    }


@require_GET
def code_taken(request: PortalRequest) -> HttpResponse:
    """ORG-07, told before the whole page is filled in: a registered code, and the way to its password."""
    limits.require(CODES_ASKED, client_address(request))
    code = uscc.normalize(request.GET.get("uscc", ""))
    taken = uscc.is_valid(code) and User.objects.filter(portal=Portal.ENTERPRISE, account=code).exists()
    return render(request, "public/code_taken.html", {"taken": taken, "code": code})


@require_POST
@uploads.upload_view
def document(request: PortalRequest, slot: str) -> HttpResponse:
    """One document into its slot, answered to the upload component."""
    if slot not in Slot.values:
        raise Http404
    file = uploads.file_of(request)
    limits.require(UPLOADS, client_address(request))
    kept = registration_documents.keep(_visitor(request), Slot(slot), file)
    url = reverse("shared:document", args=[kept.pk])
    return uploads.accepted(f"{Slot(slot).label}已上传", id=kept.pk, url=url, name=kept.name)


@require_POST
def delete_document(request: PortalRequest, slot: str) -> JsonResponse:
    """Empty a slot."""
    if slot not in Slot.values:
        raise Http404
    registration_documents.discard(_visitor(request), Slot(slot))
    return uploads.accepted("已删除")


@require_POST
def letter(request: PortalRequest, ext: str) -> HttpResponse:
    """企业承诺书 as Word or PDF, filled in with what has been typed so far."""
    typed = RegistrationForm(request.POST).typed()
    authority, city = "", ""
    if typed.region is not None:
        level = level_of(typed.region, typed.is_provincial, typed.review_choice)
        city = typed.region.city.name if typed.region.city else ""
        if level == PROVINCIAL:
            authority = getattr(Authority.objects.provincial().first(), "name", "")
    return letter_response(ext, typed, city=city, authority=authority)
