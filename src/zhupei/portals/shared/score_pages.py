"""What the score pages of the institution and of the authority share: columns, figures, distribution (SCO-01)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import django_filters
from django.db.models import QuerySet

from foundation.crypto import blind_index
from foundation.review.models import ReviewState
from foundation.ui import tables
from foundation.ui.pages import ListFilter, SearchFilter
from foundation.ui.parts import Step, steps_of
from zhupei.exam.scores import results
from zhupei.exam.scores.models import ScoreLine, ScoreMark, ScoreReport
from zhupei.exam.scores.states import ScoreState, state_of

STEPS = ["考核完成", "拉取成绩", "成绩上报", "受理", "审核", "成绩公布"]
_REACHED = {
    ScoreState.DRAFT: 2,
    ScoreState.SUBMITTED: 3,
    ScoreState.ACCEPTED: 4,
    ScoreState.REJECTED: 4,
    ScoreState.APPROVED: 6,
}


def steps(report: ScoreReport | None) -> list[Step]:
    """Where the scores of a finished exam are."""
    if report is None:
        return steps_of(STEPS, 1)
    state = state_of(report)
    return steps_of(STEPS, _REACHED[state], bad=state == ScoreState.REJECTED)


def points(value: Decimal | None) -> str:
    """88, 59.5 or —."""
    return "—" if value is None else f"{value.normalize():f}"


def result_badge(line: ScoreLine) -> tuple[str, str]:
    """(tone, word): 合格, 不合格, 缺考, 作弊, 作废."""
    if line.mark == ScoreMark.NORMAL:
        return ("ok", "合格") if line.passed else ("bad", "不合格")
    return ("mute" if line.mark == ScoreMark.ABSENT else "bad"), str(line.get_mark_display())


class LineTable(tables.ListTable):
    """人员成绩明细."""

    name = tables.TextColumn(
        "姓名", accessor="candidate__enrollment__name", sort=True, width=10, css="text-nowrap"
    )
    id_number = tables.IdNumberColumn(
        "身份证号", accessor="candidate__enrollment__id_number", export_full=True
    )
    ticket_number = tables.TextColumn("准考证号", accessor="candidate__ticket_number", sort=True, width=18)
    seat = tables.TextColumn(
        "考场-座位",
        accessor="candidate__seat_label",
        sort=("candidate__exam_room__number", "candidate__seat_number"),
    )
    organization = tables.TextColumn(
        "报名企业", accessor="candidate__enrollment__organization__name", sort=True, width=28
    )
    occupation = tables.TextColumn("工种（岗位）", accessor="candidate__entered_for", width=16)
    kind = tables.TextColumn("考核类型", accessor="candidate__kind", screen=False)
    theory = tables.NumberColumn("理论成绩", sort=True, default="—")
    practical = tables.NumberColumn("实操成绩", sort=True, default="—")
    mark = tables.StateColumn("成绩标记", accessor="mark", field="mark")
    result = tables.BadgeColumn("结果", badge=result_badge)
    remark = tables.TextColumn("备注", width=24)

    def render_theory(self, value: Decimal) -> str:
        return points(value)

    def render_practical(self, value: Decimal) -> str:
        return points(value)


class TheoryLineTable(LineTable):
    """Of an exam without a practical part."""

    class Meta(LineTable.Meta):
        exclude = ("practical",)


class LineFilter(ListFilter):
    q = SearchFilter(
        [
            "candidate__enrollment__name__icontains",
            "candidate__ticket_number__icontains",
            "candidate__enrollment__organization__name__icontains",
        ],
        digests={"candidate__enrollment__id_number_index": blind_index},
        label="姓名、身份证号、准考证号或企业",
    )
    mark = django_filters.ChoiceFilter(label="成绩标记", choices=ScoreMark.choices, empty_label="全部")
    passed = django_filters.ChoiceFilter(
        label="结果", choices=[("True", "合格"), ("False", "未合格")], empty_label="全部"
    )


def table_for(report: ScoreReport) -> type[LineTable]:
    return LineTable if report.plan.has_practical else TheoryLineTable


def lines_of(report: ScoreReport) -> QuerySet[Any]:
    """The lines with everything that is shown of them."""
    return report.lines.select_related(
        "candidate__enrollment__organization",
        "candidate__enrollment__occupation",
        "candidate__enrollment__level",
        "candidate__exam_room",
    )


@dataclass(frozen=True)
class Figures:
    """A report in numbers."""

    people: int
    passed: int
    failed: int
    absent: int
    voided: int
    mean: Decimal | None
    bands: list[tuple[str, int]]

    @property
    def rate(self) -> str:
        """Of those who sat, the share that passed: 85.7%."""
        sat = self.people - self.absent
        return f"{self.passed / sat:.1%}" if sat else "—"


def figures(report: ScoreReport) -> Figures:
    """One query, whatever the number of people."""
    rows = list(report.lines.order_by().values_list("theory", "mark", "passed"))
    marks = Counter(mark for _, mark, _ in rows)
    passed = sum(is_passed for _, _, is_passed in rows)
    theory = [score for score, _, _ in rows if score is not None]
    bands = results.bands(report.plan.pass_mark, report.plan.full_mark)
    return Figures(
        people=len(rows),
        passed=passed,
        failed=marks[ScoreMark.NORMAL] - passed,
        absent=marks[ScoreMark.ABSENT],
        voided=marks[ScoreMark.CHEATING] + marks[ScoreMark.VOID],
        mean=(sum(theory, Decimal(0)) / len(theory)).quantize(Decimal("0.1")) if theory else None,
        bands=[(str(band), sum(band.holds(score) for score in theory)) for band in bands],
    )


def distribution(shown: Figures, pass_mark: int) -> dict[str, Any]:
    """The chart of theory scores with its finding and table."""
    sat = sum(count for _, count in shown.bands)
    title = f"理论 {sat} 人，平均 {shown.mean} 分，{pass_mark} 分合格" if sat else ""
    option = {
        "grid": {"left": 8, "right": 16, "top": 24, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "category", "data": [name for name, _ in shown.bands]},
        "yAxis": {"type": "value", "minInterval": 1, "show": False},
        "series": [
            {
                "type": "bar",
                "name": "人数",
                "barMaxWidth": 40,
                "data": [count or None for _, count in shown.bands],
                "label": {"show": True, "position": "top"},
            }
        ],
    }
    return {"title": title, "option": option, "head": ["理论成绩（分）", "人数"], "rows": shown.bands}


def approved_line(candidate: Any) -> ScoreLine | None:
    """The result once the authority has approved it; wants `score_line__report__review` loaded with the candidate."""
    line: ScoreLine | None = getattr(candidate, "score_line", None)
    if line is None or line.report.review.state != ReviewState.APPROVED:
        return None
    return line


def approved_badge(candidate: Any) -> tuple[str, str] | None:
    """The badge of the approved result, nothing before."""
    line = approved_line(candidate)
    return None if line is None else result_badge(line)
