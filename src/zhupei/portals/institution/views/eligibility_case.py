"""One case of 资格审核: images large, data and facts beside them, the verdict; then the next one by itself (ELI-01, ELI-02)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View

from foundation.errors import DomainError
from foundation.identifiers import id_number as id_numbers
from foundation.requests import PortalRequest
from foundation.ui.parts import ViewerImage
from foundation.ui.reviews import Reason, read_reasons, read_verdict, reasons_by_item
from zhupei.catalog.queries import explain
from zhupei.catalog.rules import Verdict
from zhupei.enrollment import cases
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.enrollment.services import review
from zhupei.portals.institution.views.eligibility import Eligibility, case_url, queue_address, queue_of
from zhupei.portals.shared.access import portal_required

S = EnrollmentState
NOT_ELIGIBLE_CHIP = "报考条件不符"
_DONE = {"approve": "已通过", "return": "已退回", "reject": "已判为不通过"}
_AFTERWARDS = {
    S.ELIGIBLE: "已通过资格审核。发现问题的，在对方生成订单之前还可以退回修改。",
    S.ENROLLED: "已缴费并报名成功。信息有误的可以退回修改，改好再次通过后恢复为已报名，不用再缴费。",
    S.RETURNED: "已退回，等待报名单位修改后重新提交。",
    S.INELIGIBLE: "已判为不通过，本次报名结束。",
    S.ORDERED: "已生成订单，等待报名单位缴费。",
    S.PAID: "已上传汇款凭证，等待缴费确认。",
    S.WITHDRAWN: "报名单位已撤回这次报名。",
    S.REFUNDED: "培训费已退还。",
}


@method_decorator(portal_required("institution"), name="dispatch")
class EligibilityCase(View):
    """Review one person; the queue it belongs to is in the address."""

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        return self._page(request, self._find(request, pk))

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        """Decide, then on to the next one of the queue; a refusal is told on the same page."""
        row = self._find(request, pk)
        queue = queue_of(request, pk)
        try:
            done = decide(request, row)
        except DomainError as refusal:
            return self._page(request, self._find(request, pk), refusal)
        messages.success(request, f"{done}：{row.name}。")
        following = queue.next if queue.next is not None else queue.previous
        if following is not None and following != row.pk:
            return HttpResponseRedirect(case_url(request, following))
        messages.info(request, "这一队列已全部办完。")
        return HttpResponseRedirect(reverse("institution:eligibility") + queue_address(request))

    def _find(self, request: PortalRequest, pk: int) -> Enrollment:
        rows = Enrollment.objects.visible_to(request.actor).select_related(
            "organization", "occupation", "level", "batch"
        )
        return get_object_or_404(rows, pk=pk)

    def _page(
        self, request: PortalRequest, row: Enrollment, refusal: DomainError | None = None
    ) -> HttpResponse:
        actor = request.actor
        case, queue = cases.case_of(row), queue_of(request, row.pk)
        acts = {each.action for each in ENROLLMENT.allowed(actor, row)}
        context: dict[str, Any] = {
            "row": row,
            "case": case,
            "images": viewer_images(case),
            "queue": queue,
            "queue_address": queue_address(request),
            **queue.links(lambda pk: case_url(request, pk)),
            "age": id_numbers.age_on(row.birth_date, timezone.localdate()),
            "acts": acts,
            "chips": chips(case.verdict),
            "items": [(item, label) for item, label in review.REASON_ITEMS.items() if item != review.OTHER],
            "afterwards": _AFTERWARDS.get(S(row.state), ""),
            "needs_basis": "approve" in acts and case.verdict.eligible is False,
            "remark": request.POST.get("remark", ""),
            "refusal": refusal,
        }
        return render(
            request, "institution/eligibility/case.html", context, status=409 if refusal is not None else 200
        )


def viewer_images(case: cases.Case) -> list[ViewerImage]:
    """The images for the viewer; missing and newly uploaded ones are marked."""
    shown = []
    for image in case.images:
        url = reverse("shared:document", args=[image.document.pk]) if image.document else ""
        tone, note = (
            ("bad", "未上传") if not url else ("wait", "退回后重新上传") if image.is_new else ("", "")
        )
        shown.append(
            ViewerImage(
                image.label,
                url,
                f"{url}?thumb=1" if url else "",
                key=image.kind,
                portrait=image.kind == "portrait",
                tone=tone,
                note=note,
            )
        )
    return shown


def chips(verdict: Verdict) -> list[tuple[str, str]]:
    """(item, word) of the frequent reasons; when the rules object, theirs comes first."""
    usual = [(preset.item, preset.chip) for preset in review.PRESETS]
    return usual if verdict.eligible else [("eligibility", NOT_ELIGIBLE_CHIP), *usual]


def decide(request: PortalRequest, row: Enrollment) -> str:
    """Carry out the verdict that was pressed; what was done, in a word. Raises DomainError."""
    actor = request.actor
    verdict, remark = read_verdict(request.POST), request.POST.get("remark", "")
    if verdict == "approve":
        review.approve_eligibility(actor, row, remark)
    elif verdict in {"return", "reject"}:
        act = review.return_enrollment if verdict == "return" else review.reject_enrollment
        act(actor, row, reasons_by_item(full_reasons(request, row)), remark)
    else:
        raise DomainError("no_verdict", "请点“通过”“退回”或“不通过”。")
    return _DONE[verdict]


def full_reasons(request: PortalRequest, row: Enrollment) -> list[Reason]:
    """The chosen reasons, each word of a chip as the sentence that says what to mend."""
    sentences = {(preset.item, preset.chip): preset.sentence for preset in review.PRESETS}
    reasons = []
    for reason in read_reasons(request.POST):
        if reason.text == NOT_ELIGIBLE_CHIP:
            reasons.append(Reason(reason.item, explain(row).text.rstrip("。")))
        else:
            reasons.append(Reason(reason.item, sentences.get((reason.item, reason.text), reason.text)))
    return reasons


urlpatterns = [
    path("eligibility/", Eligibility.as_view(), name="eligibility"),
    path("eligibility/<int:pk>/", EligibilityCase.as_view(), name="eligibility_case"),
]
