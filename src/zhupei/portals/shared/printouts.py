"""Downloads of the printouts of an assessment plan, the same in every portal; each is written into the audit log (ASM-04)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpResponse

from foundation.audit import services as audit
from foundation.scoping import Actor
from zhupei.assessment.documents import exam_facts
from zhupei.assessment.documents.files import PRINTOUTS, Printout, file_name
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.portals.shared.downloads import file_response


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
    return file_response(content, file_name(name or plan.name, printout, ext), inline=ext == "pdf")
