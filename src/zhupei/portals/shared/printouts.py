"""Downloads of the printouts of an assessment plan, the same in every portal; each is written into the audit log (ASM-04)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header

from foundation.audit import services as audit
from foundation.scoping import Actor
from zhupei.assessment.documents import exam_facts
from zhupei.assessment.documents.files import PRINTOUTS, Printout, file_name, media_type
from zhupei.assessment.models import AssessmentPlan, Candidate


def printout_or_404(key: str, ext: str) -> Printout:
    """The printout of an address."""
    printout = PRINTOUTS.get(key)
    if printout is None or ext not in printout.renderers:
        raise Http404
    return printout


def printout_response(
    actor: Actor,
    plan: AssessmentPlan,
    printout: Printout,
    ext: str,
    people: QuerySet[Candidate] | None = None,
    *,
    name: str = "",
) -> HttpResponse:
    """The file for everybody of the plan or for `people` only; `name` stands in its file name for the plan's.

    Raises DomainError as `exam_facts`.
    """
    facts = exam_facts(plan, people, portraits=printout.shows_photos(ext))
    content = printout.renderers[ext](facts)
    audit.record(actor, "assessment_papers.download", plan, paper=printout.key, people=len(facts.people))
    return _file(content, file_name(name or plan.name, printout, ext), ext)


def _file(content: bytes, name: str, ext: str) -> HttpResponse:
    response: Any = HttpResponse(content, content_type=media_type(ext))
    response["Content-Disposition"] = content_disposition_header(ext != "pdf", name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response
