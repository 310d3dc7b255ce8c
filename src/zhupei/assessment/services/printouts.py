"""Printouts for many people: made in the background, kept as a private file until they are made anew (ASM-04)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from foundation import links
from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError
from foundation.files import services as files
from foundation.files.models import Document
from foundation.jobs import services as jobs
from foundation.jobs.models import Job
from foundation.scoping import SYSTEM, Actor
from zhupei.assessment.documents import exam_facts
from zhupei.assessment.documents.files import PRINTOUTS, file_name, media_type
from zhupei.assessment.models import PUBLISHED_STAGES, AssessmentPlan

# Names that are stored with jobs and documents.
MAKE = "assessment.make_papers"
KIND = "assessment.papers"


@transaction.atomic
def start_printout(actor: Actor, plan: AssessmentPlan, key: str) -> Job:
    """Begin to make a PDF of everybody; while one is being made, that job is the answer.

    Raises NotAllowedError for strangers, DomainError `not_published` before the approval.
    """
    if actor.portal != "institution" or actor.body is None or actor.body.pk != plan.institution_id:
        raise NotAllowedError()
    if plan.stage not in PUBLISHED_STAGES:
        raise DomainError("not_published", "考核计划审核通过后，才能下载准考证、签到表和汇总表。")
    running = next(
        (job for job in jobs_of(actor, plan).filter(arguments__paper=key) if not job.is_over), None
    )
    if running is not None:
        return running
    audit.record(actor, "assessment_papers.make", plan, paper=key)
    return jobs.start(
        actor,
        MAKE,
        f"正在生成{PRINTOUTS[key].title}",
        plan_id=plan.pk,
        paper=key,
        owner_key=actor.key,
    )


def jobs_of(actor: Actor, plan: AssessmentPlan) -> Any:
    """The actor's jobs about printouts of this plan since it was approved, the latest first."""
    rows = Job.objects.visible_to(actor).filter(task=MAKE, arguments__plan_id=plan.pk)
    if plan.review.decided_at is not None:  # those of an approval that was taken back are void
        rows = rows.filter(created_at__gte=plan.review.decided_at)
    return rows.order_by("-created_at")


def documents_of(plan: AssessmentPlan) -> QuerySet[Document]:
    """The printouts of this plan that are kept, whoever had them made."""
    return Document.objects.filter(kind=KIND, checks__plan=plan.pk)


def _refuse_called_off(plan: AssessmentPlan) -> None:
    """Raise DomainError `called_off` when the plan is not published any more; within a transaction it stays so."""
    with transaction.atomic():
        locked = AssessmentPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if locked.stage not in PUBLISHED_STAGES:
        raise DomainError("called_off", "本次考核安排已取消，准考证作废，不再生成考务资料。")


def make(plan_id: int, key: str, owner_key: str, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Draw and keep the printout for its owner; the job's result."""
    plan = AssessmentPlan.objects.select_related("programme", "institution", "site").get(pk=plan_id)
    _refuse_called_off(plan)
    kind = PRINTOUTS[key]
    facts = exam_facts(plan, progress=progress)
    content = kind.renderers["pdf"](facts)
    document = files.write(
        SYSTEM,
        KIND,
        file_name(plan.name, kind, "pdf"),
        content,
        media_type("pdf"),
        owner_key=owner_key,
        checks={"plan": plan.pk, "paper": key},
    )
    with transaction.atomic():
        _refuse_called_off(plan)
        former = documents_of(plan).filter(owner_key=owner_key, checks__paper=key)
        files.remove_many(list(former))
        document.save(force_insert=True)
    return {
        "message": f"{kind.title}已生成，共 {len(facts.people)} 人",
        "url": links.address("shared", document),
        "label": f"下载{kind.title}",
    }
