"""Downloads of the papers of an assessment plan, the same in every portal; each is written into the audit log (ASM-04)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import Http404, HttpResponse

from foundation.audit import services as audit
from foundation.scoping import Actor
from zhupei.assessment.documents import exam_facts
from zhupei.assessment.documents.files import PAPERS, Paper, file_name
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.portals.shared.downloads import file_response


def paper_or_404(key: str, ext: str) -> Paper:
    """The paper of an address."""
    paper = PAPERS.get(key)
    if paper is None or ext not in paper.renderers:
        raise Http404
    return paper


def paper_response(
    actor: Actor,
    plan: AssessmentPlan,
    paper: Paper,
    ext: str,
    people: QuerySet[Candidate] | None = None,
    *,
    name: str = "",
) -> HttpResponse:
    """The file for everybody of the plan or for `people` only; `name` stands in its file name for the plan's.

    Raises DomainError as `exam_facts`.
    """
    facts = exam_facts(plan, people, portraits=paper.shows_photos(ext))
    content = paper.renderers[ext](facts)
    audit.record(actor, "assessment_papers.download", plan, paper=paper.key, people=len(facts.people))
    return file_response(content, file_name(name or plan.name, paper, ext), inline=ext == "pdf")
