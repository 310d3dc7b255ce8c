"""学员报名: the batches, and one batch with its people, its ZIP of materials and its printed forms (ENR, MAT)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.views.decorators.http import require_POST, require_safe

from foundation.crypto import blind_index
from foundation.requests import PortalRequest
from foundation.ui import tables
from foundation.ui.pages import ListFilter, SearchFilter, Tabs
from foundation.ui.progress import JobView, render_progress, view_of
from foundation.ui.uploads import accepted, file_of, upload_view
from zhupei.catalog.models import Delivery
from zhupei.enrollment import admission, printing, queries, rules, services
from zhupei.enrollment.models import (
    NOT_YET_SUBMITTED,
    ArchiveUpload,
    Batch,
    Enrollment,
    EnrollmentState,
)
from zhupei.enrollment.services.materials import archive_limits
from zhupei.organizations.roles import Capability, may
from zhupei.portals.enterprise import cards, selections
from zhupei.portals.enterprise.lists import EnterpriseList
from zhupei.portals.shared.access import allowed, portal_required
from zhupei.portals.shared.acts import refusals_lead_to
from zhupei.portals.shared.downloads import file_response
from zhupei.training import plan_queries
from zhupei.training import services as training

S = EnrollmentState
STATE_TABS = (
    Tabs("draft", "未提交", [S.DRAFT], "wait"),
    Tabs("returned", "退回修改", [S.RETURNED], "bad"),
    Tabs("submitted", "待资格审核", [S.SUBMITTED]),
    Tabs("eligible", "资格审核通过", [S.ELIGIBLE], "wait"),
    Tabs("ordered", "待缴费", [S.ORDERED, S.PAID], "wait"),
    Tabs(
        "enrolled",
        "已报名",
        [
            S.ENROLLED, S.IN_TRAINING, S.TRAINED, S.ABSENT, S.IN_ASSESSMENT, S.PASSED, S.FAILED, S.MISSED, S.CERTIFIED
        ],
    ),
    Tabs("over", "已结束", [S.INELIGIBLE, S.WITHDRAWN, S.REFUNDED]),
)  # fmt: skip
CAUSES = {
    "unknown_person": "名单里没有这个人",
    "unknown_kind": "看不出是哪种资料",
    "unreadable_image": "图片打不开",
    "image_too_large": "图片尺寸过大",
    "entry_too_large": "文件过大",
    "duplicate": "重复",
    "unsafe_path": "文件路径不安全",
    "encrypted": "有密码",
    "compression_ratio": "压缩比异常",
    "archive_too_large": "压缩包过大",
    "too_many_entries": "文件过多",
    "not_editable": "已提交审核，没有更换",
}
MOST_PROBLEMS = 500


class BatchTable(tables.ListTable):
    occupation = tables.TextColumn("岗位", accessor="trade", width=20)
    delivery = tables.TextColumn("培训方式", accessor="get_delivery_display", sort="delivery")
    institution = tables.TextColumn(
        "培训机构", accessor="institution__name", sort="institution__name", width=26
    )
    number = tables.TextColumn("批次号", css="mono", sort="number", width=20)
    people = tables.NumberColumn("人数", accessor="progress__total")
    stands = tables.BadgeColumn("进度", badge=lambda row: cards.badge(row.progress))
    step = tables.TextColumn("当前步骤", accessor="progress", width=14)
    next = tables.TextColumn("接下来", accessor="progress", width=50)
    created_at = tables.DayColumn("提交日期", sort="created_at")

    def __init__(self, data: Any, **kwargs: Any) -> None:
        rows = list(data)
        progress = queries.progress_of(rows)
        planned = [row for row in rows if row.programme.is_plan_first]
        plans = plan_queries.plans_of_batches(planned) if planned else {}
        for row in rows:
            row.progress = progress[row.pk]
            row.plan = plans.get(row.pk)
        super().__init__(rows, **kwargs)

    def render_institution(self, record: Any) -> str | SafeString:
        if record.plan is None:
            return str(record.institution)
        url = reverse("enterprise:plan", args=[record.plan[0]])
        return format_html(
            '{}<span class="sub">培训计划 <a href="{}">{}</a></span>', record.institution, url, record.plan[1]
        )

    def render_step(self, record: Any) -> str:
        return _step(record)

    def render_next(self, record: Any) -> str:
        return cards.sentence(record, record.progress)


def _step(batch: Any) -> str:
    progress = batch.progress
    if progress.act == "over":
        return "—"
    labels, now = rules.journey(progress.step, into_plan=batch.programme.is_plan_first)
    return labels[min(now, len(labels) - 1)]


class BatchFilter(ListFilter):
    delivery = django_filters.ChoiceFilter(label="培训方式", choices=Delivery.choices, empty_label="全部")
    q = SearchFilter(
        ["number__iexact", "occupation__name__icontains", "institution__name__icontains"],
        label="批次号、岗位或机构",
    )


class Batches(EnterpriseList):
    """All batches of the organization."""

    page_title = "学员报名"
    table_class = BatchTable
    filterset_class = BatchFilter
    order_by = ("-created_at", "-pk")
    row_url = "enterprise:batch"
    primary_action = ("新建报名", "enterprise:enroll", "plus")
    primary_allowed = allowed(Capability.ENROLL)
    exportable = False
    unit = "个批次"
    empty_icon = "clipboard-plus"
    empty_title = "还没有报名"
    empty_text = "先选择岗位和培训机构，再上传报名人员名单。"

    def queryset(self) -> QuerySet[Batch]:
        rows = Batch.objects.visible_to(self.actor)
        return rows.select_related("institution", "occupation", "level", "programme")


class PeopleTable(selections.EnrollmentTable):
    class Meta(selections.EnrollmentTable.Meta):
        exclude = ("occupation", "delivery", "institution", "plan", "batch")


class PeopleFilter(ListFilter):
    q = SearchFilter(
        ["name__icontains"],
        digests={"id_number_index": blind_index, "phone_index": blind_index},
        label="姓名、身份证号或手机号",
    )


class BatchPage(EnterpriseList):
    """One batch: what to do, the ZIP of materials, everybody in it."""

    template_name = "enterprise/enroll/batch.html"
    table_class = PeopleTable
    filterset_class = PeopleFilter
    tabs_field = "state"
    tabs = STATE_TABS
    order_by = "pk"
    row_url = "enterprise:person"
    bulk_actions = selections.BULK_ACTIONS
    unit = "人"
    empty_icon = "users"
    empty_title = "这个批次还没有人"

    @cached_property
    def batch(self) -> Batch:
        rows = Batch.objects.visible_to(self.actor).select_related(
            "institution",
            "occupation",
            "level",
            "programme",
            "organization",
            "offer",
            "created_by",
            "roster_import",
        )
        rows = rows.defer("roster_import__rows")  # thousands of sealed lines
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @cached_property
    def required(self) -> dict[int, list[str]]:
        """What the batch's programme asks for, for the table and for the sentence above it."""
        return queries.required_by([self.batch])

    @property
    def export_name(self) -> str:  # type: ignore[override]
        return f"报名人员-{self.batch.number}"

    def queryset(self) -> QuerySet[Enrollment]:
        rows = Enrollment.objects.visible_to(self.actor).filter(batch=self.batch)
        return selections.listed(rows).prefetch_related("materials")

    def _table(self, *args: Any, **kwargs: Any) -> Any:
        table = super()._table(*args, **kwargs)
        table.required = self.required
        return table

    def _tabs(self, *args: Any) -> list[Any]:
        return [tab for tab in super()._tabs(*args) if tab.count or tab.active]

    def extra_context(self) -> dict[str, Any]:
        batch = self.batch
        required = self.required
        progress = queries.progress_of([batch], required)[batch.pk]
        returned = self._returned() if progress.is_sent_back else []
        item = training.item_of_batch(batch) if batch.programme.is_plan_first else None
        return {
            "batch": batch,
            "item": item,
            "into_plan": batch.programme.is_plan_first,
            **_submit_words(batch, progress.ready),
            "wanted": admission.labels(required[batch.programme_id]),
            "fee": item.fee if item else batch.offer.fee,
            "title": str(batch),
            "progress": progress,
            "badge": cards.badge(progress),
            "steps": cards.steps(batch, progress),
            "sentence": cards.sentence(
                batch,
                progress,
                queries.lacks([batch], required).get(batch.pk, ()) if progress.incomplete else (),
            ),
            "returned": [(row, rules.worded(row.reasons) or [("", row.remark)]) for row in returned],
            "returned_more": max(0, progress.count(S.RETURNED) - len(returned)),
            "editable": progress.count(*NOT_YET_SUBMITTED) if may(self.actor, Capability.ENROLL) else 0,
            "max_mb": archive_limits().archive_bytes // (1024 * 1024),
            "left_over": getattr(batch, "roster_import", None),
            **self._archive(),
        }

    def _returned(self) -> list[Enrollment]:
        rows = Enrollment.objects.visible_to(self.actor).filter(batch=self.batch, state=S.RETURNED)
        return list(rows.order_by("pk")[:5])

    def _archive(self) -> dict[str, Any]:
        """The latest ZIP: its progress while it is judged, then its result."""
        archive = ArchiveUpload.objects.filter(batch=self.batch).select_related("job").first()
        if archive is None:
            return {}
        if archive.finished_at is None or archive.result is None:
            running = archive.job is not None
            return (
                {"archive": archive, "job_url": reverse("enterprise:archive_job", args=[archive.pk])}
                if running
                else {}
            )
        problems = archive.result["problems"]
        causes = Counter(item["code"] for item in problems)
        return {
            "archive": archive,
            "result": archive.result,
            "causes": [(CAUSES.get(code, "其他"), number) for code, number in causes.most_common()],
            "problems": [
                {**item, "cause": CAUSES.get(item["code"], "其他")} for item in problems[:MOST_PROBLEMS]
            ],
        }


def _submit_words(batch: Batch, ready: int) -> dict[str, str]:
    """The button that hands in, and its question."""
    if batch.programme.is_plan_first:
        question = f"提交资料已齐的 {ready} 人，提交后就可以生成订单。"
        return {"submit_label": "提交资料", "submit_question": question}
    question = f"将资料已齐的 {ready} 人提交给{batch.institution}审核。"
    return {"submit_label": "提交资格审核", "submit_question": question}


def _batch(request: PortalRequest, pk: int) -> Batch:
    rows = Batch.objects.visible_to(request.actor).select_related(
        "institution", "occupation", "level", "organization"
    )
    return get_object_or_404(rows, pk=pk)


@portal_required("enterprise")
@require_POST
@upload_view
def upload_archive(request: PortalRequest, pk: int) -> HttpResponse:
    """Take a ZIP of materials; it is judged in the background."""
    batch = _batch(request, pk)
    archive = services.start_archive(request.actor, batch, file_of(request, "请选择资料压缩包。"))
    return accepted("已上传，正在核对…", id=archive.pk, name=archive.file_name)


@portal_required("enterprise")
@require_safe
def archive_job(request: PortalRequest, pk: int) -> HttpResponse:
    """The progress panel of one ZIP; when it is over the page shows the result."""
    rows = ArchiveUpload.objects.visible_to(request.actor)
    archive = get_object_or_404(rows.select_related("job"), pk=pk)
    view = (
        view_of(archive.job, message="资料核对完成", problems=(), reload=True)
        if archive.job is not None
        else JobView("failed", message="没有处理完，请重新上传。")
    )
    return render_progress(request, view, request.path)


@portal_required("enterprise")
@require_POST
def submit_batch(request: PortalRequest, pk: int) -> HttpResponse:
    """Hand in everybody of the batch who is ready."""
    batch = _batch(request, pk)
    people = Enrollment.objects.visible_to(request.actor).filter(batch=batch)
    return selections.submit_and_return(request, people, "enterprise:batch", pk)


@portal_required("enterprise")
@require_safe
@refusals_lead_to("enterprise:batch", "pk")
def batch_form(request: PortalRequest, pk: int, kind: str) -> HttpResponse:
    """A form of everybody in the batch whose enrollment is not over, or the list of them."""
    batch = _batch(request, pk)
    if kind == "roster_summary":
        name = f"报名人员信息汇总表-{batch.number}.pdf"
        return file_response(printing.roster_summary(batch), name, inline=True)
    people = Enrollment.objects.visible_to(request.actor).filter(batch=batch)
    current = people.exclude(state__in=[S.WITHDRAWN, S.REFUNDED])
    return selections.printed(request, current, kind, batch.number)


urlpatterns = [
    path("enroll/", Batches.as_view(), name="batches"),
    path("enroll/batches/<int:pk>/", BatchPage.as_view(), name="batch"),
    path("enroll/batches/<int:pk>/archive/", upload_archive, name="batch_archive"),
    path("enroll/archives/<int:pk>/", archive_job, name="archive_job"),
    path("enroll/batches/<int:pk>/submit/", submit_batch, name="batch_submit"),
    *[
        path(f"enroll/batches/<int:pk>/{kind}.pdf", batch_form, {"kind": kind}, name=f"batch_{kind}")
        for kind in ("application_form", "work_years", "roster_summary")
    ],
]
