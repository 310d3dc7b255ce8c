"""What a learner sees: where each enrollment is, what comes next, messages, own data."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from foundation.messages import services as notices
from foundation.messages.models import Message
from foundation.requests import PortalRequest
from foundation.workflow.models import TransitionLog
from zhupei.assessment.models import Candidate
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.people.models import Person
from zhupei.portals.learner.views.exams import ExamCard, exam_cards
from zhupei.portals.learner.views.plans import PlanCard, cards_of, waiting_check_in
from zhupei.portals.shared.access import portal_required

S = EnrollmentState
JOURNEY = ["提交名单", "资格审核", "缴费", "报名成功", "培训", "考核"]
_STEP = {
    S.DRAFT: 0,
    S.RETURNED: 0,
    S.SUBMITTED: 1,
    S.INELIGIBLE: 1,
    S.ELIGIBLE: 2,
    S.ORDERED: 2,
    S.PAID: 2,
    S.ENROLLED: 4,
    S.IN_TRAINING: 4,
    S.ABSENT: 4,
    S.TRAINED: 5,
    S.IN_ASSESSMENT: 5,
    S.FAILED: 5,
    S.MISSED: 5,
    S.WITHDRAWN: 0,
    S.REFUNDED: 3,
}
_NEXT = {
    S.DRAFT: "单位正在准备您的报名资料。",
    S.RETURNED: "资料需要修改，单位会与您联系。",
    S.SUBMITTED: "培训机构正在审核报考条件和资料。",
    S.INELIGIBLE: "未通过资格审核，原因见下方记录，可向单位了解。",
    S.ELIGIBLE: "审核已通过，等待单位缴费。",
    S.ORDERED: "等待单位缴费。",
    S.PAID: "单位已缴费，等待培训机构确认。",
    S.ENROLLED: "报名成功，培训机构会安排开班，请留意短信。",
    S.IN_TRAINING: "正在培训，上课时扫教室屏幕上的二维码签到。",
    S.TRAINED: "培训已完成，请等待考核安排。",
    S.ABSENT: "本期记为缺勤，培训机构可以把您转入下一期，不用再缴费。",
    S.IN_ASSESSMENT: "已安排考核，请按时间带身份证参加。",
    S.PASSED: "考核合格，等待发证。",
    S.FAILED: "考核不合格，培训机构可以安排补考。",
    S.MISSED: "缺考，培训机构可以安排补考。",
    S.WITHDRAWN: "单位已撤回这次报名。",
    S.REFUNDED: "培训费已退还单位。",
}


def _card(row: Enrollment, plan: PlanCard | None = None, exam: ExamCard | None = None) -> dict[str, Any]:
    state = EnrollmentState(row.state)
    sentence = _NEXT.get(state, "")
    if plan is not None and state == S.ENROLLED:
        sentence = "已安排培训，请按下面的时间到场。"
    if exam is None and state == S.IN_ASSESSMENT:
        sentence = "考试已结束，成绩经主管部门审核后公布。"
    return {"row": row, "now": _STEP.get(state, len(JOURNEY)), "next": sentence, "plan": plan, "exam": exam}


@portal_required("learner")
def home(request: PortalRequest) -> HttpResponse:
    if check_in := waiting_check_in(request):
        return check_in
    rows = (
        Enrollment.objects.visible_to(request.actor)
        .select_related("occupation", "level", "institution", "organization")
        .order_by("-created_at")[:20]
    )
    plans = cards_of(request.actor, [row.pk for row in rows])
    exams = _coming(request, [row.pk for row in rows])
    cards = [_card(row, plans.get(row.pk), exams.get(row.pk)) for row in rows]
    return render(request, "learner/home.html", {"cards": cards, "journey": ",".join(JOURNEY)})


def _coming(request: PortalRequest, enrollment_ids: list[int]) -> dict[int, ExamCard]:
    """Enrollment → its next exam."""
    cards = exam_cards(request.actor, enrollment_ids)
    return {card.candidate.enrollment_id: card for card in reversed(cards) if not card.is_over}


@portal_required("learner")
def enrollment(request: PortalRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(
        Enrollment.objects.visible_to(request.actor).select_related(
            "occupation", "level", "institution", "organization"
        ),
        pk=pk,
    )
    entries = [
        {
            "at": log.at,
            "actor": log.actor_label.split(" · ")[0],
            "action": log.action_label if log.from_state else "提交报名",
            "remark": log.remark,
        }
        for log in TransitionLog.objects.of(row)
    ]
    return render(
        request,
        "learner/enrollment.html",
        {
            "card": _card(
                row,
                cards_of(request.actor, [row.pk]).get(row.pk),
                _coming(request, [row.pk]).get(row.pk),
            ),
            "journey": ",".join(JOURNEY),
            "entries": entries[::-1],
            "exams": _exams(request, row),
        },
    )


def _exams(request: PortalRequest, row: Enrollment) -> list[Candidate]:
    """The exams of an enrollment that were sat, the newest first."""
    rows = Candidate.objects.visible_to(request.actor).filter(enrollment=row, attempt__isnull=False)
    return list(rows.select_related("plan").order_by("-pk"))


@portal_required("learner")
def messages(request: PortalRequest) -> HttpResponse:
    page = Paginator(Message.objects.visible_to(request.actor), 20).get_page(request.GET.get("page"))
    rows = list(page)
    response = render(request, "learner/messages.html", {"page": page, "rows": rows})
    notices.mark_read(request.actor, [row.pk for row in rows if row.read_at is None])
    return response


@portal_required("learner")
def me(request: PortalRequest) -> HttpResponse:
    person = get_object_or_404(Person.objects.visible_to(request.actor))
    return render(request, "learner/me.html", {"person": person})
