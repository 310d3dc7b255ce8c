"""What lists of enrollments have in common: the table, its column of materials, acts on picked people."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.safestring import SafeString

from foundation.audit import services as audit
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import BulkAction
from zhupei.catalog.models import Programme
from zhupei.enrollment import admission, printing, services
from zhupei.enrollment.models import NOT_YET_SUBMITTED, Enrollment
from zhupei.portals.enterprise.cards import few
from zhupei.portals.shared.downloads import file_response
from zhupei.training import plan_queries as training

RELATED = ("batch", "occupation", "level", "institution")


class EnrollmentTable(tables.ListTable):
    """People of an organization. The materials column needs `prefetch_related("materials")` and `required`."""

    name = tables.TextColumn("姓名", sort="name", width=12)
    id_number = tables.IdNumberColumn("身份证号", export_full=True)
    phone = tables.PhoneColumn("手机号")
    education = tables.TextColumn("学历", accessor="get_education_display", width=8)
    occupation = tables.TextColumn("岗位", accessor="trade", width=18)
    delivery = tables.TextColumn("培训方式", accessor="get_delivery_display", width=10)
    institution = tables.TextColumn("培训机构", accessor="institution__name", width=26)
    plan = tables.TextColumn("培训计划", accessor="plan_name", width=18)
    batch = tables.TextColumn("批次", accessor="batch__number", width=20, css="mono")
    materials = tables.TextColumn("资料", accessor="pk", width=24)
    state = tables.StateColumn("状态")
    submitted_at = tables.DayColumn("提交审核")

    required: dict[int, list[str]] | None = None

    def missing(self, record: Enrollment) -> list[str]:
        """Labels of required images that are not there."""
        if self.required is None:
            self.required = {}
        if record.programme_id not in self.required:
            self.required |= admission.required_kinds([record.programme_id])
        present = {material.kind for material in record.materials.all()}
        return admission.labels(kind for kind in self.required[record.programme_id] if kind not in present)

    def render_materials(self, record: Enrollment) -> str | SafeString:
        if record.state not in NOT_YET_SUBMITTED:
            return f"{len(record.materials.all())} 项"
        missing = self.missing(record)
        if not missing:
            return format_html('<span class="tone-ok">{}</span>', "已齐")
        return format_html('<span class="tone-wait">缺{}</span>', few(missing))

    def value_materials(self, record: Enrollment) -> str:
        missing = self.missing(record)
        return f"缺{'、'.join(missing)}" if missing else "已齐"


def submit(request: PortalRequest, people: QuerySet[Enrollment]) -> str:
    """Hand the picked ones in; says who stays behind and why."""
    return _submission_sentence(services.submit_for_review(request.actor, people))


def submit_and_return(
    request: PortalRequest, people: QuerySet[Enrollment], page: str, pk: int
) -> HttpResponse:
    """`submit` for the button of `page`, which says it; as a warning when nobody could be handed in."""
    outcome = services.submit_for_review(request.actor, people)
    tell = messages.success if outcome.submitted else messages.warning
    tell(request, _submission_sentence(outcome))
    return redirect(page, pk)


def _submission_sentence(done: services.Submission) -> str:
    sentence = f"已提交 {len(done.submitted)} 人{_then(done)}。" if done.submitted else "没有人可以提交。"
    if done.held:
        sentence += f"没有提交的 {len(done.held)} 人：{admission.named(done.held)}。"
    elif not done.submitted:
        sentence += "所选人员都已提交或已结束。"
    return sentence


def _then(done: services.Submission) -> str:
    """What comes after handing in: a review, or nothing for who was enrolled into a plan."""
    programmes = Programme.objects.filter(pk__in={row.programme_id for row in done.submitted})
    plan_first = {programme.is_plan_first for programme in programmes}
    if plan_first == {True}:
        return "，可以生成订单缴费"
    return "，等培训机构审核资格" if True not in plan_first else ""


def recall(request: PortalRequest, people: QuerySet[Enrollment]) -> str:
    """Take the picked ones back to change them."""
    return f"已撤回 {len(services.recall(request.actor, people))} 人，可以修改后再提交。"


def withdraw(request: PortalRequest, people: QuerySet[Enrollment]) -> str:
    """Give the picked ones up."""
    remark = request.POST.get("reason", "")
    moved = services.withdraw(request.actor, people, remark)
    return f"已撤回 {len(moved)} 人的报名。"


def print_application_forms(request: PortalRequest, people: QuerySet[Enrollment]) -> HttpResponse:
    """报名表 of the picked ones as one PDF."""
    return printed(request, people, "application_form")


def print_work_years(request: PortalRequest, people: QuerySet[Enrollment]) -> HttpResponse:
    """工作年限证明 of the picked ones as one PDF."""
    return printed(request, people, "work_years")


FORMS = {
    "application_form": ("报名表", printing.application_forms),
    "work_years": ("工作年限证明", printing.work_years_certificates),
}


def printed(request: PortalRequest, people: QuerySet[Enrollment], kind: str, name: str = "") -> HttpResponse:
    """One of FORMS for `people`, named after `name` or their number."""
    label, render = FORMS[kind]
    rows = list(people.select_related("occupation", "level").order_by("pk")[: printing.MOST_AT_ONCE + 1])
    content = render(rows)
    audit.record(request.actor, "enrollment.print", paper=kind, people=len(rows))
    return file_response(content, f"{label}-{name or f'{len(rows)}人'}.pdf", inline=True)


BULK_ACTIONS = (
    BulkAction("submit", "提交审核", submit, tone="primary", icon="send"),
    BulkAction(
        "recall", "撤回修改", recall, confirm="撤回所选 {n} 人的审核申请？撤回后可以修改，改好要重新提交。"
    ),
    BulkAction("application_forms", "打印报名表", print_application_forms, icon="printer", download=True),
    BulkAction("work_years", "打印工作年限证明", print_work_years, icon="printer", download=True),
    BulkAction(
        "withdraw",
        "撤回报名",
        withdraw,
        confirm="撤回所选 {n} 人的报名？撤回后本次报名结束，需要时要重新报名。",
        tone="danger",
        reason="撤回原因",
    ),
)


def listed(rows: QuerySet[Enrollment]) -> QuerySet[Any]:
    """With what EnrollmentTable shows; the materials are prefetched besides where they are shown."""
    return training.with_plan_name(rows).select_related(*RELATED)
