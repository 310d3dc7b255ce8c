"""What is told about enrollments (NTF-01): the institution hears what is handed in, the organization how the review stands.

In the portal a batch has one unread message that always tells how its review stands. A text message goes out when
somebody was sent back (at most one an hour) and when a batch has been reviewed to its end.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from django.db.models import Count
from django.utils import timezone

from foundation.crypto import blind_index
from foundation.messages.models import Sms
from foundation.messages.services import notify, notify_bodies, notify_many
from foundation.messages.templates import register_template
from foundation.naming import some_of
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState
from zhupei.enrollment.rules import worded
from zhupei.organizations.models import Organization

S = EnrollmentState
QUIET = dt.timedelta(hours=1)
NOT_PASSED = (S.DRAFT, S.SUBMITTED, S.RETURNED, S.INELIGIBLE, S.WITHDRAWN)


SUBMITTED = register_template(
    "enrollment.submitted",
    label="报名提交审核",
    title="{organization}提交了 {count} 人待资格审核",
    body="请到“资格审核”核对报名资料。",
)
NEWS = register_template(
    "enrollment.reviewed",
    label="资格审核有结果",
    title="资格审核有结果：{batch}",
    body="批次 {number}：{standing}{todo}",
)
SENT_BACK = register_template(
    "enrollment.sent_back",
    label="报名资料被退回或不通过",
    sms="【筑培】{name}的{occupation}报名{outcome}：{reasons}。请登录查看。",
)
THROUGH = register_template(
    "enrollment.batch_reviewed",
    label="一个批次审核完毕",
    sms="【筑培】{batch}资格审核已全部完成：{standing}请登录办理下一步。",
)


def submitted(institution_id: int, organization: str, count: int) -> None:
    """The institution hears how many wait for it."""
    notify(
        SUBMITTED,
        recipients=[f"institution:{institution_id}"],
        subject=Enrollment,
        context={"organization": organization, "count": count},
    )


def reviewed(
    decided: Sequence[Enrollment], action: str, *, from_queue: bool, reasons: Mapping[str, str] | None = None
) -> None:
    """Tell the organizations what was decided (`approve`, `return`, `reject`) about people of their batches.

    `from_queue`: the people were waiting for the review, so a batch may have come to its end. A constant number of
    statements whatever the people; call it in the deciding transaction, after the machine.
    """
    if not decided:
        return
    keys = {row.batch_id for row in decided}
    batches = list(
        Batch.objects.filter(pk__in=keys).select_related("organization", "occupation", "level").order_by("pk")
    )
    standings = _standings(keys)
    notify_bodies(
        NEWS,
        [
            (
                batch.organization.key,
                batch,
                {
                    "batch": str(batch),
                    "number": batch.number,
                    "standing": standings[batch.pk].told(names=True),
                    "todo": standings[batch.pk].todo,
                },
            )
            for batch in batches
        ],
        renew=True,
    )
    through = [batch for batch in batches if from_queue and not standings[batch.pk].waiting]
    if through:
        _tell_through(through, standings)
    elif action != "approve":
        _tell_sent_back(decided[0], batches[0], action, reasons or {})


class Standing:
    """How the review of one batch stands: people per outcome, names of those sent back."""

    def __init__(self) -> None:
        self.count: dict[str, int] = defaultdict(int)
        self.names: dict[str, list[str]] = defaultdict(list)

    @property
    def waiting(self) -> int:
        return self.count[S.SUBMITTED]

    @property
    def passed(self) -> int:
        return sum(number for state, number in self.count.items() if state not in NOT_PASSED)

    @property
    def todo(self) -> str:
        """What the organization can do next."""
        acts = []
        if self.count[S.RETURNED]:
            acts.append("退回的请按原因修改后重新提交")
        if self.count[S.ELIGIBLE]:
            acts.append("已通过的可以生成订单")
        return "，".join(acts) + "。" if acts else ""

    def told(self, *, names: bool = False) -> str:
        """E.g. 通过 12 人，退回 2 人（陆一鸣、沈若兰），待审核 3 人。"""
        parts = [f"通过 {self.passed} 人"] if self.passed else []
        for state, word in ((S.RETURNED, "退回"), (S.INELIGIBLE, "不通过")):
            if number := self.count[state]:
                listed = some_of(self.names[state], unit="")
                parts.append(f"{word} {number} 人" + (f"（{listed}）" if names else ""))
        if self.waiting:
            parts.append(f"待审核 {self.waiting} 人")
        return "，".join(parts) + "。"


def _standings(batches: Iterable[int]) -> dict[int, Standing]:
    """Batch key → how it stands; two queries."""
    keys, found = list(batches), defaultdict[int, Standing](Standing)
    people = Enrollment.objects.filter(batch__in=keys).order_by()
    for key, state, number in (
        people.values("batch_id", "state").annotate(n=Count("pk")).values_list("batch_id", "state", "n")
    ):
        found[key].count[state] = number
    sent_back = people.filter(state__in=[S.RETURNED, S.INELIGIBLE]).order_by("-reviewed_at", "pk")
    for key, state, name in sent_back.values_list("batch_id", "state", "name"):
        found[key].names[state].append(name)
    return found


def _tell_through(batches: Sequence[Batch], standings: Mapping[int, Standing]) -> None:
    """One text message an organization, also when several of its batches came to their end at once."""
    by_organization: dict[Organization, list[Batch]] = defaultdict(list)
    for batch in batches:
        by_organization[batch.organization].append(batch)
    entries = []
    for organization, rows in by_organization.items():
        total = Standing()
        for batch in rows:
            for state, number in standings[batch.pk].count.items():
                total.count[state] += number
        words = some_of(map(str, rows), 1, unit="个批次")
        entries.append((organization.contact_phone, {"batch": words, "standing": total.told()}))
    notify_many(THROUGH, entries)


def _tell_sent_back(row: Enrollment, batch: Batch, action: str, reasons: Mapping[str, str]) -> None:
    phone = batch.organization.contact_phone
    lately = Sms.objects.filter(
        code=SENT_BACK, phone_index=blind_index(phone), created_at__gt=timezone.now() - QUIET
    )
    if lately.exists():
        return
    context = {
        "name": row.name,
        "occupation": str(batch.trade),
        "outcome": "被退回" if action == "return" else "未通过资格审核",
        "reasons": "；".join(f"{label}{'：' if label else ''}{text}" for label, text in worded(reasons))[:80],
    }
    notify_many(SENT_BACK, [(phone, context)])
