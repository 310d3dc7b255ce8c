"""The institution decides on eligibility: approve, return, reject, one by one or many at once (ELI-01 … ELI-03).

A reason always names the item it is about (REASON_ITEMS), so that the organization sees which picture or field to mend.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from foundation.errors import DomainError
from foundation.scoping import Actor
from zhupei.catalog.queries import explain, explain_many
from zhupei.catalog.rules import Verdict
from zhupei.enrollment import admission, news
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState
from zhupei.enrollment.rules import ITEM_LABELS
from zhupei.organizations.roles import Capability, require

OTHER = "other"
REASON_ITEMS: dict[str, str] = {**ITEM_LABELS, OTHER: "其他"}
LONGEST_REASON, LONGEST_REMARK = 200, 500


@dataclass(frozen=True)
class Preset:
    """A frequent reason: the item, the word on the chip, and what the organization reads behind the item's name."""

    item: str
    chip: str
    sentence: str


PRESETS = (
    Preset("portrait", "头像不清", "不清晰，请换近期清晰的一寸免冠照"),
    Preset("portrait", "头像非白底", "不是白底，请换白底一寸免冠照"),
    Preset("id_front", "身份证不清", "照片不清，请重新拍摄，四角完整、文字可读"),
    Preset("id_back", "证件缺页", "缺页，身份证正反两面都要有，请补齐"),
    Preset("education", "学历不清", "照片不清，请重新拍摄原件"),
    Preset("application_form", "报名表未签名", "没有本人签名，请签名后重新上传"),
    Preset("work_years", "年限未盖章", "没有单位盖章，请盖章后重新上传"),
    Preset("id_number", "信息与证件不一致", "填报的信息与证件不一致，请核对后修改"),
)


@dataclass(frozen=True)
class Held:
    """Somebody a bulk approval did not approve, and why."""

    enrollment: Enrollment
    reason: str


@dataclass(frozen=True)
class BulkApproval:
    """What a bulk approval did."""

    approved: list[Enrollment]
    held: list[Held]


def approve_eligibility(actor: Actor, enrollment: Enrollment, remark: str = "") -> Enrollment:
    """Pass one person (通过). Somebody who had paid before being returned is 已报名 again at once.

    Raises DomainError: `not_approvable` (an image is missing, the person is barred), `basis_required` (the rules say
    不符合 and `remark` does not say on what basis it is approved all the same); WrongStateError; NotAllowedError.
    """
    require(actor, Capability.REVIEW_ELIGIBILITY, enrollment)
    remark = _checked_remark(remark)
    with transaction.atomic():
        row = _lock(enrollment)
        if ENROLLMENT.can(actor, row, "approve"):
            if sentences := admission.problems([row]).get(row.pk):
                raise DomainError("not_approvable", f"{row.name}现在不能通过：{''.join(sentences)}")
            if not remark and (verdict := explain(row)).eligible is False:
                raise DomainError(
                    "basis_required",
                    f"条件判断为“不符合”：{verdict.sentence}确认可以报考的，请在“说明”里写明依据后再通过。",
                )
        ENROLLMENT.perform(actor, row, "approve", remark=remark)
        news.reviewed([row], "approve", from_queue=True)
    enrollment.refresh_from_db()
    return enrollment


def return_enrollment(
    actor: Actor, enrollment: Enrollment, reasons: Mapping[str, str], remark: str = ""
) -> Enrollment:
    """Send one person back for correction (退回修改) with reasons per item: {item of REASON_ITEMS: sentence}.

    Also possible after approval while nothing is ordered, and after payment (the person does not pay again).
    Raises DomainError `reason_required`, `reason_unknown`, `too_long`; WrongStateError; NotAllowedError.
    """
    return _send_back(actor, enrollment, "return", reasons, remark)


def reject_enrollment(
    actor: Actor, enrollment: Enrollment, reasons: Mapping[str, str], remark: str = ""
) -> Enrollment:
    """Refuse one person for good (不通过) with reasons per item; raises as `return_enrollment`."""
    return _send_back(actor, enrollment, "reject", reasons, remark)


def approve_many(actor: Actor, enrollments: QuerySet[Enrollment]) -> BulkApproval:
    """Pass everybody whose checks all pass: images complete, not barred, rule verdict 符合; name the others with why.

    A constant number of statements whatever the people. Raises NotFoundError for another institution's people.
    """
    require(actor, Capability.REVIEW_ELIGIBILITY, enrollments)
    with transaction.atomic():
        _lock_batches(enrollments.order_by().values_list("batch_id", flat=True).distinct())
        rows = list(
            Enrollment.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk__in=list(enrollments.order_by().values_list("pk", flat=True)))
            .select_related("occupation", "organization", "level")
            .order_by("pk")
        )
        waiting = [row for row in rows if row.state == EnrollmentState.SUBMITTED]
        problems, verdicts = admission.problems(waiting), explain_many(waiting)
        held = {row.pk: reason for row in rows if (reason := _why_held(row, problems, verdicts))}
        ready = [row.pk for row in waiting if row.pk not in held]
        if ready:
            ENROLLMENT.perform_many(actor, Enrollment.objects.filter(pk__in=ready), "approve")
        approved = [row for row in rows if row.pk in set(ready)]
        news.reviewed(approved, "approve", from_queue=True)
        return BulkApproval(approved, [Held(row, held[row.pk]) for row in rows if row.pk in held])


def _why_held(row: Enrollment, problems: Mapping[int, list[str]], verdicts: Mapping[int, Verdict]) -> str:
    """Why a bulk approval must leave this person to a human being; empty when all checks pass."""
    if row.state != EnrollmentState.SUBMITTED:
        return f"当前为“{row.get_state_display()}”，不在待资格审核之列。"
    if row.pk in problems:
        return "".join(problems[row.pk])
    verdict = verdicts[row.pk]
    return "" if verdict.eligible else f"条件判断{verdict.title}：{verdict.sentence}"


def _send_back(
    actor: Actor, enrollment: Enrollment, action: str, reasons: Mapping[str, str], remark: str
) -> Enrollment:
    require(actor, Capability.REVIEW_ELIGIBILITY, enrollment)
    checked, remark = _checked_reasons(reasons), _checked_remark(remark)
    with transaction.atomic():
        row = _lock(enrollment)
        from_queue = row.state == EnrollmentState.SUBMITTED
        ENROLLMENT.perform(actor, row, action, reasons=checked, remark=remark)
        news.reviewed([row], action, from_queue=from_queue, reasons=checked)
    enrollment.refresh_from_db()
    return enrollment


def _lock(enrollment: Enrollment) -> Enrollment:
    """The row as it is now, its batch locked first: who decides on the last one of a batch is thereby certain."""
    _lock_batches([enrollment.batch_id])
    return (
        Enrollment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("occupation", "organization", "level")
        .get(pk=enrollment.pk)
    )


def _lock_batches(keys: Iterable[int]) -> None:
    rows = Batch.objects.select_for_update(no_key=True).filter(pk__in=list(keys)).order_by("pk")
    list(rows.values_list("pk", flat=True))


def _checked_reasons(reasons: Mapping[str, str]) -> dict[str, str]:
    given = {item: words for item, text in reasons.items() if (words := _one_line(text))}
    if not given:
        raise DomainError("reason_required", "请点选或写明原因，报名单位才知道哪里要改。")
    if unknown := [item for item in given if item not in REASON_ITEMS]:
        raise DomainError("reason_unknown", f"没有“{unknown[0]}”这一项，请刷新页面后重新选择原因。")
    if any(len(text) > LONGEST_REASON for text in given.values()):
        raise DomainError("too_long", f"每项原因最多 {LONGEST_REASON} 个字，请写短一些。")
    return {item: given[item] for item in REASON_ITEMS if item in given}


def _checked_remark(remark: str) -> str:
    text = _one_line(remark)
    if len(text) > LONGEST_REMARK:
        raise DomainError("too_long", f"说明最多 {LONGEST_REMARK} 个字，现在有 {len(text)} 个，请写短一些。")
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())
