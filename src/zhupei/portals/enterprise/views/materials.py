"""报名资料: everybody who is not handed in yet, and what each still lacks (MAT-01)."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from django.urls import path

from foundation.crypto import blind_index
from foundation.ui.pages import ListFilter, SearchFilter, Tabs
from zhupei.catalog.models import Programme
from zhupei.enrollment import admission, queries
from zhupei.enrollment.models import NOT_YET_SUBMITTED, Batch, Enrollment, EnrollmentState
from zhupei.portals.enterprise import selections
from zhupei.portals.enterprise.lists import EnterpriseList

S = EnrollmentState
BATCHES_SHOWN = 6


class MaterialsTable(selections.EnrollmentTable):
    class Meta(selections.EnrollmentTable.Meta):
        exclude = ("phone", "education", "institution", "submitted_at")


class MaterialsFilter(ListFilter):
    q = SearchFilter(
        ["name__icontains", "batch__number__iexact"],
        digests={"id_number_index": blind_index, "phone_index": blind_index},
        label="姓名、身份证号、手机号或批次号",
    )
    lack = django_filters.ChoiceFilter(
        label="资料", choices=[("yes", "还缺资料"), ("no", "已齐")], empty_label="全部", method="by_lack"
    )

    def by_lack(self, rows: QuerySet[Enrollment], name: str, value: str) -> QuerySet[Enrollment]:
        required = admission.required_kinds(Programme.objects.values_list("pk", flat=True))
        annotated = queries.with_lack(rows, required)
        return annotated.filter(lack__gt=0) if value == "yes" else annotated.filter(lack=0)


class Materials(EnterpriseList):
    """People not handed in: who lacks what; the batches' ZIPs are one click away."""

    page_title = "报名资料"
    template_name = "enterprise/materials/materials.html"
    table_class = MaterialsTable
    filterset_class = MaterialsFilter
    tabs_field = "state"
    tabs = (Tabs("draft", "未提交", [S.DRAFT], "wait"), Tabs("returned", "退回修改", [S.RETURNED], "bad"))
    order_by = ("-batch", "pk")
    row_url = "enterprise:person"
    bulk_actions = tuple(
        action for action in selections.BULK_ACTIONS if action.name not in {"recall", "withdraw"}
    )
    export_name = "待补资料人员"
    unit = "人"
    empty_icon = "photo-check"
    empty_title = "没有要补资料的人"
    empty_text = "已提交审核的人员在“人员查询”里查看。"

    def queryset(self) -> QuerySet[Enrollment]:
        rows = Enrollment.objects.visible_to(self.actor).filter(state__in=NOT_YET_SUBMITTED)
        return selections.listed(rows).prefetch_related("materials")

    def extra_context(self) -> dict[str, Any]:
        open_people = Enrollment.objects.visible_to(self.actor).filter(state__in=NOT_YET_SUBMITTED)
        batches = Batch.objects.visible_to(self.actor).filter(pk__in=open_people.values("batch"))
        return {"batches": batches.select_related("institution", "occupation", "level")[:BATCHES_SHOWN]}


urlpatterns = [path("materials/", Materials.as_view(), name="materials")]
