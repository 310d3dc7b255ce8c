"""A stage says what a message is about, the portals know where that is shown (NTF-01)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import Resolver404, resolve

from foundation import links
from foundation.files.models import Document
from foundation.messages.templates import registered_templates
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.billing.models import Order
from zhupei.enrollment.models import Batch, Enrollment
from zhupei.exam.bank.models import Question
from zhupei.exam.scores.models import ScoreAppeal, ScoreReport
from zhupei.organizations.models import Institution, Organization, OrganizationChange
from zhupei.training.models import TrainingPlan

STAGES = Path(__file__).resolve().parents[1] / "src" / "zhupei"
NOT_STAGES = {"portals", "config", "demo", "cli"}
PORTALS = "enterprise|institution|authority|learner|public|shared"
ADDRESS = re.compile(rf"^(/|(?=\w+:))({PORTALS})(/|:[a-z_]+$)")

# Every event that is read in a portal: who reads it where, about what, and the address of number 7.
LEADS: dict[str, list[tuple[str, object, str]]] = {
    "organization.to_review": [("authority", Organization, "/authority/organizations/7/")],
    "organization.approved": [("enterprise", Organization, "/enterprise/")],
    "organization.rejected": [("enterprise", Organization, "/enterprise/registration/")],
    "organization_change.to_review": [("authority", OrganizationChange, "/authority/changes/7/")],
    "organization_change.approved": [("enterprise", OrganizationChange, "/enterprise/profile/")],
    "organization_change.rejected": [("enterprise", OrganizationChange, "/enterprise/profile/")],
    "organization.barred": [],
    "organization.account_changed": [],
    "institution.to_review": [("authority", Institution, "/authority/institutions/7/file/")],
    "institution.approved": [("institution", Institution, "/institution/profile/")],
    "institution.rejected": [("institution", Institution, "/institution/profile/")],
    "enrollment.submitted": [("institution", Enrollment, "/institution/eligibility/")],
    "enrollment.reviewed": [("enterprise", Batch, "/enterprise/enroll/batches/7/")],
    "billing.voucher_submitted": [("institution", Order, "/institution/payments/7/")],
    "billing.voucher_rejected": [("enterprise", Order, "/enterprise/orders/7/")],
    "billing.order_confirmed": [("enterprise", Order, "/enterprise/orders/7/")],
    "billing.invoice_issued": [("enterprise", Order, "/enterprise/orders/7/")],
    "training.plan_submitted": [("authority", TrainingPlan, "/authority/plans/7/")],
    "training.plan_decided": [("institution", TrainingPlan, "/institution/plans/7/")],
    "training.placed": [("enterprise", TrainingPlan, "/enterprise/plans/7/")],
    "training.removed": [("enterprise", Enrollment, "/enterprise/people/")],
    "training.absent": [("enterprise", TrainingPlan, "/enterprise/plans/7/")],
    "assessment.submitted": [("authority", AssessmentPlan, "/authority/assessments/7/")],
    "assessment.decided": [("institution", AssessmentPlan, "/institution/assessments/7/")],
    "assessment.published": [("enterprise", AssessmentPlan, "/enterprise/assessments/7/")],
    "assessment.called_off": [
        ("authority", AssessmentPlan, "/authority/assessments/7/"),
        ("enterprise", AssessmentPlan, "/enterprise/assessments/"),
    ],
    "scores.reported": [("authority", ScoreReport, "/authority/scores/7/")],
    "scores.decided": [("institution", ScoreReport, "/institution/scores/7/")],
    "scores.published": [("enterprise", AssessmentPlan, "/enterprise/assessments/7/")],
    "scores.corrected": [
        ("authority", ScoreReport, "/authority/scores/7/"),
        ("enterprise", AssessmentPlan, "/enterprise/assessments/7/"),
    ],
    "appeals.filed": [("institution", ScoreAppeal, "/institution/appeals/7/")],
    "appeals.decided": [("learner", Candidate, "/learner/results/7/")],
    "bank.returned": [("authority", Question, "/authority/bank/questions/7/")],
}
USED = sorted(
    {(portal, model, address) for leads in LEADS.values() for portal, model, address in leads},
    key=lambda each: each[2],
)


def modules(name: str = "*.py") -> Iterator[tuple[str, ast.Module]]:
    """(path, syntax tree) of the stages' modules of that name."""
    for file in sorted(STAGES.glob(f"*/**/{name}")):
        path = file.relative_to(STAGES)
        if path.parts[0] not in NOT_STAGES:
            yield str(path), ast.parse(file.read_text())


def imports(tree: ast.Module) -> set[str]:
    """What is imported, module by module and name by name."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def test_every_event_read_in_a_portal_is_in_the_table():
    """A new event has to say where it leads."""
    assert set(LEADS) == {each.code for each in registered_templates() if each.title}


def subject(model, address: str):
    """A row with the number 7, or the model where the address is that of them all."""
    if model is Organization:
        from foundation.review.models import Review

        state = "rejected" if "registration" in address else "approved"
        return Organization(pk=7, review=Review(state=state))
    return model if model is AssessmentPlan and "7" not in address else model(pk=7)


@pytest.mark.parametrize(("portal", "model", "address"), USED)
def test_the_portal_shows_it_at_this_address_which_is_a_page(portal, model, address):
    """NTF-01: a message that leads nowhere is worse than none; addresses in kept messages stay good."""
    assert links.address(portal, subject(model, address)) == address
    try:
        resolve(address)
    except Resolver404:
        pytest.fail(f"{address} is no page")


def test_portals_say_nothing_that_nobody_asks():
    """What is registered is what is used; beside the messages, the download of a file that a job has made."""
    used = {(portal, model) for portal, model, _ in USED}
    assert set(links.registered()) == used | {("shared", Document)}


def test_the_patterns_find_what_they_are_for():
    """Addresses and routes of portals, not the names of bodies."""
    assert ADDRESS.match("/authority/plans/") and ADDRESS.match("enterprise:home")
    assert not ADDRESS.match("enterprise:") and not ADDRESS.match("authority")
    assert len(list(modules("news.py"))) == 8


def test_no_stage_knows_an_address_of_a_portal():
    """Neither written out nor by a route's name; a stage cannot reverse routes at all."""
    for path, tree in modules():
        written = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        assert not [text for text in written if isinstance(text, str) and ADDRESS.match(text)], path
        assert "django.urls" not in imports(tree), path


def test_the_messages_of_a_stage_stand_in_its_news():
    """Texts and the functions that send them are in one place a stage (in exam, one a room)."""
    mechanism = {"foundation.messages.services", "foundation.messages.templates"}
    elsewhere = [path for path, tree in modules() if imports(tree) & mechanism]
    assert {path.rpartition("/")[2] for path in elsewhere} == {"news.py"}, elsewhere


def test_news_read_in_a_portal_name_their_subject():
    """Only what has no page of its own leads nowhere."""
    nowhere = {"BARRED", "ACCOUNT_CHANGED"}
    for path, tree in modules("news.py"):
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id == "notify":
                given = {keyword.arg for keyword in call.keywords}
                template = ast.unparse(call.args[0])
                assert "recipients" not in given or "subject" in given or template in nowhere, (
                    path,
                    template,
                )
