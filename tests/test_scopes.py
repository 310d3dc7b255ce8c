"""SEC-01: who sees the rows of each model, asked of the scopes themselves; pages may forget, these may not.

One table over all models that declare who sees them: a new model without a line here fails.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from foundation.errors import NotFoundError
from foundation.review.models import Review
from foundation.scoping import ANONYMOUS, SYSTEM, Actor, Scope, ScopedQuerySet, require_visible
from tests.estate import Estate
from tests.world import World
from zhupei.accounts.models import Portal, User
from zhupei.assessment.models import AssessmentPlan, AssessmentStage
from zhupei.enrollment.models import Enrollment, EnrollmentState
from zhupei.exam.bank.models import Blueprint
from zhupei.exam.hall.models import Entry, EventKind, ExamEvent
from zhupei.exam.scores.models import PracticalScore
from zhupei.organizations.actors import actor_for
from zhupei.organizations.models import Institution, InstitutionDocument, NoticeState, Organization
from zhupei.training.models import PlanForm, PlanStage, TrainingPlan

pytestmark = pytest.mark.django_db

# The institution is 宁波's; the organization was moved to 杭州, so that the authorities of the two sides differ.
SCHOOLS_CITY, FIRMS_CITY, ELSEWHERE = "330200", "330100", "330300"
STRANGERS = {
    "another firm",
    "another school",
    "another city",
    "another worker",
    "another person",
    "anonymous",
}
Finder = Callable[[Estate], Any]


def own(estate: Estate) -> Any:
    """The worker in the exam that is over."""
    return estate.scored.candidates[0]


def entry(estate: Estate) -> Any:
    return Entry.objects.get_or_create(candidate=own(estate))[0]


def happening(estate: Estate) -> Any:
    return ExamEvent.objects.create(candidate=own(estate), kind=EventKind.SIGNED_IN)


def practical(estate: Estate) -> Any:
    examiner = estate.users["institution"]
    score = PracticalScore.objects.get_or_create(
        candidate=own(estate), examiner=examiner, defaults={"examiner_name": "沈老师", "score": 80}
    )[0]
    if not score.photos.exists():
        score.photos.add(estate.world.document(estate.institution.key, "exam.practical"))
    return score


def license_of_the_school(estate: Estate) -> Any:
    document = estate.world.document(estate.institution.key, "institution.license")
    InstitutionDocument.objects.create(institution=estate.institution, slot="license", document=document)
    return document


FIRM_AND_SCHOOL = "firm, school, school's city, firm's city, province"
IN_EXAM = "firm, school, school's city, province, worker"
OF_SCHOOL = "school, school's city, province"
# Model (and what of it) → the row, and everybody who sees it.
TABLE: dict[str, tuple[Finder, str]] = {
    "foundation Job": (lambda estate: estate.job, "firm"),
    "foundation Message": (lambda estate: estate.message, "firm"),
    "foundation Review": (lambda estate: estate.waiting_plan.review, "school, school's city"),
    "foundation Document: registration": (
        lambda estate: estate.paper,
        "firm, school's city, firm's city, province",  # the former decides on a move to it
    ),
    "foundation Document: file": (license_of_the_school, OF_SCHOOL),
    "foundation Document: material": (
        lambda estate: estate.enrollment.materials.first().document,
        f"{FIRM_AND_SCHOOL}, worker",
    ),
    "foundation Document: voucher": (lambda estate: estate.order.vouchers.get().document, FIRM_AND_SCHOOL),
    "foundation Document: photo": (lambda estate: practical(estate).photos.get(), OF_SCHOOL),
    "foundation Document: question": (lambda estate: estate.world.document("", "exam.question"), "province"),
    "foundation Document: visitor": (
        lambda estate: estate.world.document("visitor:guest", "organization.yyzz"),
        "visitor",
    ),
    "organizations Authority": (lambda estate: estate.authority, "school's city, province"),
    "organizations Organization": (
        lambda estate: estate.organization,
        "firm, school, firm's city, province",
    ),
    "organizations OrganizationChange": (
        lambda estate: estate.change,
        "firm, school's city, firm's city, province",
    ),
    "organizations Institution": (lambda estate: estate.institution, f"{OF_SCHOOL}, visitor"),
    "organizations Room": (lambda estate: estate.school.room, OF_SCHOOL),
    "organizations Teacher": (lambda estate: estate.school.teacher, OF_SCHOOL),
    "organizations BodyBar": (lambda estate: estate.body_bar, "school's city, province"),
    "organizations Notice": (lambda estate: estate.notice, "school's city, province"),
    "people Person": (lambda estate: estate.enrollment.person, "worker"),
    "people PersonBar": (lambda estate: estate.person_bar, "school's city, province"),
    "catalog Offer": (lambda estate: estate.offer, f"{OF_SCHOOL}, visitor"),
    "enrollment Batch": (lambda estate: estate.batch, FIRM_AND_SCHOOL),
    "enrollment Enrollment": (lambda estate: estate.enrollment, f"{FIRM_AND_SCHOOL}, worker"),
    "enrollment RosterImport": (lambda estate: estate.roster, "firm"),
    "enrollment ArchiveUpload": (lambda estate: estate.archive, "firm"),
    "billing Order": (lambda estate: estate.order, FIRM_AND_SCHOOL),
    "billing Voucher": (lambda estate: estate.order.vouchers.get(), FIRM_AND_SCHOOL),
    "billing Invoice": (lambda estate: estate.invoice, FIRM_AND_SCHOOL),
    "training TrainingPlan": (lambda estate: estate.plan, IN_EXAM),
    "training Placement": (lambda estate: estate.placement, f"{FIRM_AND_SCHOOL}, worker"),
    "assessment AssessmentPlan": (lambda estate: estate.assessment, IN_EXAM),
    "assessment ExamRoom": (
        lambda estate: estate.assessment.sessions.first().exam_rooms.first(),
        OF_SCHOOL,
    ),
    "assessment Candidate": (own, IN_EXAM),
    "exam Entry": (entry, IN_EXAM),
    "exam Attempt": (lambda estate: own(estate).attempt, IN_EXAM),
    "exam ExamEvent": (happening, IN_EXAM),
    "exam PracticalScore": (practical, IN_EXAM),
    "exam ScoreReport": (lambda estate: estate.scored.report, OF_SCHOOL),
    "exam ScoreLine": (lambda estate: estate.scored.report.lines.get(candidate=own(estate)), IN_EXAM),
    "exam ScoreAppeal": (lambda estate: own(estate).appeals.get(), IN_EXAM),
    "exam Paper": (lambda estate: own(estate).paper, ""),
    "exam Practice": (lambda estate: estate.practice, "worker"),
    "exam Chapter": (lambda estate: estate.bank.chapter, "province"),
    "exam Question": (lambda estate: estate.bank.waiting.question, "province"),
    "exam QuestionVersion": (lambda estate: estate.bank.waiting, "province"),
    "exam QuestionImport": (lambda estate: estate.bank.upload, "province"),
    "exam Blueprint": (
        lambda estate: Blueprint.objects.create(occupation=estate.bank.occupation, version=99),
        "province",
    ),
}


def names(words: str) -> set[str]:
    return {name.strip() for name in words.split(",") if name.strip()}


def person_at(world: World, portal: str) -> Actor:
    person = world.person()
    person.user = User.objects.create_user(portal, person.id_number, "Gongren-mima-2", name=person.name)
    person.save()
    return actor_for(person.user)


@pytest.fixture
def estate(world: World) -> Estate:
    return Estate(world)


def everybody(estate: Estate) -> dict[str, Actor]:
    """Those concerned, the authorities above each side, and a stranger of every portal with business of his own."""
    world = estate.world
    Organization.objects.filter(pk=estate.organization.pk).update(supervisor=world.authority(FIRMS_CITY))
    afar = world.authority(ELSEWHERE, "温州市")
    firm = world.organization(supervisor=afar, city=ELSEWHERE)
    assert estate.learner
    return {
        "firm": actor_for(estate.users["enterprise"]),
        "school": actor_for(estate.users["institution"]),
        "school's city": actor_for(estate.users["authority"]),
        "firm's city": world.actor(world.authority(FIRMS_CITY)),
        "province": world.actor(world.authority("330000")),
        "worker": actor_for(estate.users["learner"]),
        "visitor": Actor(portal="visitor", visitor="guest"),
        "another firm": world.actor(firm),
        "another school": world.actor(world.institution(supervisor=afar)),
        "another city": world.actor(afar),
        "another worker": person_at(world, Portal.LEARNER),
        "another person": person_at(world, Portal.PERSON),
        "anonymous": ANONYMOUS,
    }


def who_sees(row: Any, actors: dict[str, Actor]) -> set[str]:
    rows = type(row).objects
    return {name for name, actor in actors.items() if rows.visible_to(actor).filter(pk=row.pk).exists()}


def scoped_models() -> list[Any]:
    return [model for model in apps.get_models() if isinstance(model._default_manager.all(), ScopedQuerySet)]


def test_every_scoped_model_is_looked_at() -> None:
    """A new model that can be asked `visible_to` needs a line in the table."""
    apps_named = {name.split()[1].rstrip(":") for name in TABLE}
    assert {model.__name__ for model in scoped_models()} == apps_named


def test_a_scope_names_portals_that_there_are() -> None:
    """A misspelt portal would show its rows to nobody."""
    known = {portal.value for portal in Portal} | {"visitor"}
    for model in scoped_models():
        declared: Scope | None = getattr(model, "seen_by", None)
        assert declared is None or set(declared.portals) <= known, model


def test_owner_its_city_and_the_province_see_it_and_nobody_else(estate: Estate) -> None:
    """SEC-01: neither a stranger of any portal, nor the authority of another city or of the other party."""
    rows = {what: finder(estate) for what, (finder, _) in TABLE.items()}
    actors = everybody(estate)
    wrong = {}
    for what, row in rows.items():
        seen, expected = who_sees(row, actors), names(TABLE[what][1])
        if seen != expected or seen & STRANGERS:
            wrong[what] = {"too many": seen - expected, "missing": expected - seen}
        assert type(row).objects.visible_to(SYSTEM).filter(pk=row.pk).exists()
    assert wrong == {}


def test_what_a_service_requires_is_what_the_scope_shows(estate: Estate) -> None:
    """SEC-01: `require_visible` lets those pass, and only those, for an object and for a queryset."""
    rows = {what: finder(estate) for what, (finder, _) in TABLE.items()}
    actors = everybody(estate)
    wrong = []
    for what, row in rows.items():
        expected = names(TABLE[what][1])
        for given in (row, type(row).objects.filter(pk=row.pk)):
            passed = {name for name, actor in actors.items() if not refuses(actor, given)}
            if passed != expected:
                wrong.append((what, passed ^ expected))
        require_visible(SYSTEM, row)
        require_visible(ANONYMOUS, type(row).objects.none())
    assert wrong == []


def refuses(actor: Actor, rows: Any) -> bool:
    try:
        require_visible(actor, rows)
    except NotFoundError:
        return True
    return False


def test_no_row_is_seen_twice_and_a_look_is_one_query(estate: Estate) -> None:
    """A path through several rows neither multiplies what is listed nor costs queries."""
    models = {type(finder(estate)) for finder, _ in TABLE.values()}
    for actor in everybody(estate).values():
        for model in models:
            with CaptureQueriesContext(connection) as queries:
                found = list(model._default_manager.visible_to(actor).values_list("pk", flat=True))
            assert len(found) == len(set(found)), model
            assert len(queries) <= 1, model


# --- what has not been handed in, published or opened


def not_handed_in(row: Any) -> None:
    review = row.review if hasattr(row, "review") else row
    Review.objects.filter(pk=review.pk).update(round=0)


def set_to(**values: Any) -> Callable[[Any], None]:
    return lambda row: type(row)._base_manager.filter(pk=row.pk).update(**values)


def plan_of_candidate_not_handed_in(row: Any) -> None:
    not_handed_in(row.plan)


def plan_unpublished(row: Any) -> None:
    AssessmentPlan.objects.filter(pk=row.plan.pk).update(stage=AssessmentStage.NOT_REVIEWED)


HIDDEN: dict[str, tuple[str, Callable[[Any], Any], str]] = {
    "a draft": ("enrollment Enrollment", set_to(state=EnrollmentState.DRAFT), "firm, worker"),
    "taken back before": (
        "enrollment Enrollment",
        set_to(state=EnrollmentState.WITHDRAWN, submitted_at=None),
        "firm, worker",
    ),
    "taken back afterwards": (
        "enrollment Enrollment",
        set_to(state=EnrollmentState.WITHDRAWN),
        f"{FIRM_AND_SCHOOL}, worker",
    ),
    "a plan not handed in": ("training TrainingPlan", not_handed_in, "firm, school, worker"),
    "an assessment not handed in": ("assessment AssessmentPlan", not_handed_in, "firm, school, worker"),
    "an assessment not approved": (
        "assessment AssessmentPlan",
        set_to(stage=AssessmentStage.NOT_REVIEWED),
        OF_SCHOOL,
    ),
    "a candidate of one not handed in": (
        "assessment Candidate",
        plan_of_candidate_not_handed_in,
        "firm, school, worker",
    ),
    "a candidate of one not approved": ("assessment Candidate", plan_unpublished, OF_SCHOOL),
    "scores not reported": ("exam ScoreReport", not_handed_in, "school"),
    "a change not handed in": ("organizations OrganizationChange", not_handed_in, "firm"),
    "a review not handed in": ("foundation Review", not_handed_in, "school"),
    "a closed institution": ("organizations Institution", set_to(is_active=False), OF_SCHOOL),
    "an offer of a closed institution": (
        "catalog Offer",
        lambda row: Institution.objects.filter(pk=row.institution_id).update(is_active=False),
        OF_SCHOOL,
    ),
}


@pytest.mark.parametrize("state", HIDDEN)
def test_what_is_not_handed_in_or_published_is_not_there(estate: Estate, state: str) -> None:
    """SEC-01: before it is handed in, approved or opened only its own side sees it."""
    what, change, seers = HIDDEN[state]
    row = TABLE[what][0](estate)
    actors = everybody(estate)
    change(row)
    assert who_sees(row, actors) == names(seers)


def test_a_published_notice_is_everybodys_but_other_authorities(estate: Estate) -> None:
    """ORG-16: authorities see what they keep; everybody else what is published."""
    actors = everybody(estate)
    type(estate.notice).objects.filter(pk=estate.notice.pk).update(state=NoticeState.PUBLISHED)
    assert who_sees(estate.notice, actors) == set(actors) - {"firm's city", "another city"}


def test_a_plan_is_offered_to_whom_its_institution_is_on_offer(estate: Estate) -> None:
    """ENR-07, ORG-09: an organization with nobody in it sees an open plan, and one that names it, once published."""
    world, plan = estate.world, estate.plan
    near = world.organization(supervisor=estate.authority, city=SCHOOLS_CITY)
    actors = everybody(estate) | {"near": world.actor(near)}

    def near_sees(**values: Any) -> bool:
        TrainingPlan.objects.filter(pk=plan.pk).update(**values)
        return "near" in who_sees(plan, actors)

    assert near_sees(stage=PlanStage.ENROLLING, form=PlanForm.OPEN)
    assert not near_sees(stage=PlanStage.PENDING)
    assert not near_sees(stage=PlanStage.ENROLLING, form=PlanForm.DESIGNATED)
    plan.organizations.set([near, estate.organization])
    assert near_sees(stage=PlanStage.ENROLLING)
    assert TrainingPlan.objects.visible_to(actors["near"]).filter(pk=plan.pk).count() == 1
    assert "another firm" not in who_sees(plan, actors)


def test_a_city_that_decides_on_a_move_opens_the_papers_meanwhile(estate: Estate) -> None:
    """ORG-11: the authority to which a change would move the organization; not once it is decided."""
    actors = everybody(estate)
    assert "school's city" not in who_sees(estate.paper, actors)
    assert estate.change
    assert "school's city" in who_sees(estate.paper, actors)
    Review.objects.filter(pk=estate.change.review_id).update(state="approved")
    assert "school's city" not in who_sees(estate.paper, actors)


def test_a_body_of_another_kind_sees_nothing_whatever_its_number(estate: Estate) -> None:
    """SEC-01: rows are compared with a body of the declared kind; an equal key of another kind opens nothing."""
    row = estate.enrollment
    school = estate.institution
    school.pk = row.organization_id
    wrong = Actor(user=estate.users["institution"], portal="enterprise", body=school)
    assert not Enrollment.objects.visible_to(wrong).exists()


def test_a_user_without_a_body_sees_nothing(estate: Estate) -> None:
    """SEC-01: an account whose membership was taken away."""
    rows = [TABLE[what][0](estate) for what in TABLE if not what.startswith("foundation")]
    for portal in ("enterprise", "institution", "authority"):
        actor = Actor(user=estate.users[portal], portal=portal)
        seen = [type(row) for row in rows if type(row).objects.visible_to(actor).filter(pk=row.pk).exists()]
        assert seen == []
