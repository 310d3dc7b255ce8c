"""Batches as cards: the eight steps, where it stands, the one thing to do (the enterprise's home page)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from foundation.naming import some_of
from foundation.scoping import Actor
from foundation.ui.parts import Step, steps_of
from foundation.ui.templatetags.ui import money
from zhupei.billing.models import UNPAID, OrderLine, OrderState
from zhupei.enrollment import queries, rules
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState
from zhupei.organizations.roles import Capability, may
from zhupei.training import plan_queries as training

NAMED = 3
_BADGES = {
    "correct": ("bad", "有退回"),
    "review": ("info", "审核中"),
    "confirmation": ("info", "待缴费确认"),
    "done": ("ok", "已报名"),
    "over": ("mute", "已结束"),
}
_LABELS = {
    "correct": "修改退回",
    "materials": "补传资料",
    "submit": "提交审核",
    "order": "生成订单",
    "pay": "上传汇款凭证",
}
_NEEDED = {
    "correct": Capability.ENROLL,
    "materials": Capability.ENROLL,
    "submit": Capability.ENROLL,
    "order": Capability.ORDER,
    "pay": Capability.PAY,
}


@dataclass(frozen=True)
class OpenOrder:
    """An order that waits for its payment."""

    pk: int
    number: str
    total: Decimal
    is_sent_back: bool


@dataclass(frozen=True)
class Card:
    """What one card shows."""

    batch: Batch
    progress: rules.Progress
    badge: tuple[str, str]
    steps: list[Step]
    meta: str
    sentence: str
    label: str
    url: str
    plan: tuple[int, str] | None = None

    @property
    def waits(self) -> bool:
        return self.progress.waits_for_us


def steps(batch: Batch, progress: rules.Progress) -> list[Step]:
    """The journey's line of a batch."""
    labels, now = rules.journey(progress.step, into_plan=batch.programme.is_plan_first)
    return steps_of(labels, now, bad=progress.act == "correct")


def badge(progress: rules.Progress) -> tuple[str, str]:
    """(tone, words) beside a batch's title."""
    return _BADGES.get(progress.act, ("wait", "待办"))


def cards(actor: Actor, batches: Sequence[Batch]) -> list[Card]:
    """A card per batch (with its programme); seven queries at most, whatever their number."""
    required = queries.required_by(batches)
    progress = queries.progress_of(batches, required)
    acts = {batch.pk: progress[batch.pk].act for batch in batches}

    def doing(act: str) -> list[Batch]:
        return [batch for batch in batches if acts[batch.pk] == act]

    lacking = queries.lacks(doing("materials"), required, most=NAMED) if doing("materials") else {}
    returned = _returned(doing("correct"))
    orders = _orders(actor, doing("pay"))
    planned = [batch for batch in batches if batch.programme.is_plan_first]
    plans = training.plans_of_batches(planned) if planned else {}
    made = []
    for batch in batches:
        stands = progress[batch.pk]
        order = orders.get(batch.pk)
        made.append(
            Card(
                batch=batch,
                progress=stands,
                badge=badge(stands),
                steps=steps(batch, stands),
                meta=_meta(batch, stands, order),
                sentence=sentence(
                    batch, stands, lacking.get(batch.pk, []), returned.get(batch.pk, []), order
                ),
                label=_label(actor, batch, stands.act),
                url=_url(batch, stands, order),
                plan=plans.get(batch.pk),
            )
        )
    return made


def _label(actor: Actor, batch: Batch, act: str) -> str:
    """What the card's button says; somebody whose role may not do it looks only (ORG-14)."""
    if act in _NEEDED and not may(actor, _NEEDED[act]):
        return "查看"
    if act == "submit" and batch.programme.is_plan_first:
        return "提交资料"
    return _LABELS.get(act, "查看")


def sentence(
    batch: Batch,
    progress: rules.Progress,
    lacking: Sequence[queries.Lack] = (),
    returned: Sequence[Enrollment] = (),
    order: OpenOrder | None = None,
) -> str:
    """What is to be done or waited for, in one sentence."""
    count = progress.count
    if progress.act == "correct":
        who = f"：{_named_reasons(returned, count('returned'))}" if returned else ""
        return f"培训机构退回 {count('returned')} 人{who}。改好后重新提交审核。"
    if progress.act == "materials":
        return f"还有 {progress.incomplete} 人缺 {progress.missing} 项资料{_named_lacks(lacking, progress.incomplete)}。"
    if progress.act == "submit":
        if batch.programme.is_plan_first:
            return f"{count('draft')} 人的资料已齐，提交后就可以生成订单。"
        return f"{count('draft')} 人的资料已齐，提交后由培训机构审核资格。"
    if progress.act == "order":
        reviewing = f"，另有 {count('submitted')} 人还在审核" if count("submitted") else ""
        passed = "可以缴费" if batch.programme.is_plan_first else "已通过资格审核"
        return f"{count('eligible')} 人{passed}{reviewing}；生成订单后按订单缴费。"
    if progress.act == "pay":
        if order is None:
            return f"{count('ordered')} 人待缴费，请按订单转账后上传汇款凭证。"
        again = "凭证被退回，请核对后重新上传。" if order.is_sent_back else ""
        return f"{again}请用本单位账户转账 {money(order.total)}，附言写订单号；一笔转账对应一个订单。"
    if progress.act == "review":
        decided = progress.total - count("submitted")
        return f"培训机构正在审核，已审 {decided} / {progress.total}。"
    if progress.act == "confirmation":
        return f"{count('paid')} 人的汇款凭证已上传，等培训机构确认到账。"
    if progress.act == "over":
        return "这个批次的报名都已结束。"
    wait = "等培训计划开班" if batch.programme.is_plan_first else "等培训机构安排开班"
    return f"{progress.done} 人已报名，{wait}。"


def _named_lacks(lacking: Sequence[queries.Lack], total: int) -> str:
    if not lacking:
        return ""
    names = (f"{each.enrollment.name}（{few(each.labels)}）" for each in lacking)
    return f"：{some_of(names, NAMED, unit='', total=total)}"


def few(labels: Sequence[str]) -> str:
    """One or two of them, or the first and how many: 头像等 3 项."""
    return "、".join(labels) if len(labels) <= 2 else some_of(labels, 1, unit="项")


def _named_reasons(returned: Sequence[Enrollment], total: int) -> str:
    parts = []
    for row in returned:
        lines = [text for _, text in rules.worded(row.reasons)] or ([row.remark] if row.remark else [])
        parts.append(f"{row.name}（{lines[0]}）" if lines else row.name)
    return some_of(parts, NAMED, unit="", total=total)


def _meta(batch: Batch, progress: rules.Progress, order: OpenOrder | None) -> str:
    parts = [f"{progress.underway or progress.total} 人", str(batch.institution)]
    parts.append(f"订单 {order.number}" if order else f"{batch.created_at:%m-%d} 提交")
    return " · ".join(parts)


def _url(batch: Batch, progress: rules.Progress, order: OpenOrder | None) -> str:
    page = reverse("enterprise:batch", args=[batch.pk])
    if progress.act == "correct":
        return f"{page}?tab=returned"
    if progress.act == "materials":
        return f"{page}#upload"
    if progress.act == "pay" and order:
        return reverse("enterprise:order", args=[order.pk])
    if progress.act in {"order", "pay"}:
        return reverse("enterprise:orders")
    return page


def _returned(batches: Sequence[Batch]) -> dict[int, list[Enrollment]]:
    if not batches:
        return {}
    rows = (
        Enrollment.objects.filter(batch__in=[batch.pk for batch in batches], state=EnrollmentState.RETURNED)
        .annotate(place=Window(RowNumber(), partition_by=F("batch"), order_by="pk"))
        .filter(place__lte=NAMED)
        .only("batch", "name", "reasons", "remark")
    )
    found: dict[int, list[Enrollment]] = defaultdict(list)
    for row in rows.order_by("pk"):
        found[row.batch_id].append(row)
    return found


def _orders(actor: Actor, batches: Sequence[Batch]) -> dict[int, OpenOrder]:
    """Batch → its order that waits for payment (the oldest when there are several)."""
    if not batches:
        return {}
    rows = (
        OrderLine.objects.filter(
            is_live=True,
            order__organization=actor.body,
            order__state__in=UNPAID,
            enrollment__batch__in=[batch.pk for batch in batches],
        )
        .order_by("-order")
        .values_list("enrollment__batch", "order", "order__number", "order__total", "order__state")
        .distinct()
    )
    return {
        batch_id: OpenOrder(pk, number, total, state == OrderState.VOUCHER_REJECTED)
        for batch_id, pk, number, total, state in rows
    }
