"""The demonstration world (OPS-01): complete, valid, the same every time, never loaded twice."""

from __future__ import annotations

from collections import Counter

import pytest
from django.core.management import call_command

from foundation.identifiers import id_number, uscc
from foundation.review.models import ReviewState
from zhupei.accounts.models import User
from zhupei.assessment.models import AssessmentPlan
from zhupei.billing.models import Order, OrderState
from zhupei.demo.invented import Inventor
from zhupei.demo.plan import PASSWORD
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.exam.bank.models import QuestionVersion
from zhupei.exam.scores.models import ScoreLine, ScoreReport
from zhupei.organizations.models import Institution, Organization

pytestmark = pytest.mark.django_db


def test_the_demo_world_has_everybody_at_every_step(capsys):
    """OPS-01: ≥ 12 institutions, ≥ 40 organizations in every review state, people at every step of the journey."""
    call_command("demo")
    printed = capsys.readouterr().out

    assert Institution.objects.count() >= 12
    assert Organization.objects.count() >= 40
    assert set(Organization.objects.values_list("review__state", flat=True)) == set(ReviewState.values)
    states = Counter(Enrollment.objects.values_list("state", flat=True))
    reached = [
        "draft",
        "submitted",
        "returned",
        "eligible",
        "ineligible",
        "ordered",
        "paid",
        "enrolled",
        "withdrawn",
        "in_assessment",
        "passed",
    ]
    assert all(states[state] >= 1 for state in reached) and sum(states.values()) >= 400
    assert {OrderState.OPEN, OrderState.VOUCHER_SUBMITTED, OrderState.CONFIRMED} <= set(
        Order.objects.values_list("state", flat=True)
    )
    assert all(uscc.is_valid(code) for code in Organization.objects.values_list("uscc", flat=True))
    assert all(id_number.is_valid(row.id_number) for row in Enrollment.objects.all())
    assert Enrollment.objects.filter(state=EnrollmentState.SUBMITTED, materials=None).count() == 0

    stages = set(AssessmentPlan.objects.values_list("stage", flat=True))
    assert {"not_reviewed", "running", "completed"} <= stages
    assert set(ScoreReport.objects.values_list("review__state", flat=True)) == {"submitted", "approved"}
    waiting = QuestionVersion.objects.filter(state="submitted")
    assert waiting.count() == 2 and waiting.first().author.name == "方审题"
    assert set(ScoreLine.objects.values_list("mark", flat=True)) >= {"normal", "absent", "cheating"}

    main = Organization.objects.order_by("pk").first()
    assert main.uscc in printed and PASSWORD in printed
    assert User.objects.of_account("enterprise", main.uscc).check_password(PASSWORD)

    call_command("demo")
    assert Enrollment.objects.count() == sum(states.values())


def test_the_same_seed_invents_the_same_people():
    """OPS-01: deterministic; nobody twice."""
    first, second = Inventor(5), Inventor(5)
    people = [first.person() for _ in range(1200)]

    assert people == [second.person() for _ in range(1200)]
    assert len({person.id_number for person in people}) == 1200
    assert all(id_number.is_valid(person.id_number) for person in people)
