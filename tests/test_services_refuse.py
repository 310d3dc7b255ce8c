"""SEC-01: every service that takes an object asks itself whether the actor may touch that row, as the partner API needs.

One table over all public services: a new one without a line here fails. The arguments besides the object are empty:
who may is asked before they are read.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, models

import zhupei
from foundation.errors import DomainError
from foundation.scoping import Actor
from foundation.workflow.machine import all_machines
from tests.estate import Estate
from tests.test_scopes import entry, own, person_at, practical
from tests.world import World
from zhupei.accounts.models import Portal
from zhupei.assessment import services as assessment
from zhupei.assessment.services import printouts
from zhupei.billing import invoices
from zhupei.billing import services as billing
from zhupei.catalog import services as catalog
from zhupei.catalog.models import EligibilityTable, Level, Occupation, Programme, ProgrammeRules
from zhupei.enrollment import services as enrollment
from zhupei.enrollment.services import review as eligibility
from zhupei.exam.bank.services import blueprints, questions
from zhupei.exam.hall.services import admission, invigilation
from zhupei.exam.practice import services as practice
from zhupei.exam.scores.models import ScoreMark
from zhupei.exam.scores.services import appeals, reporting
from zhupei.exam.scores.services import practical as practicals
from zhupei.organizations import services as organizations
from zhupei.organizations.actors import actor_for
from zhupei.organizations.services import own_institution, staff
from zhupei.people import services as people
from zhupei.training import services as training
from zhupei.training.services import placing

pytestmark = pytest.mark.django_db
Call = Callable[[Estate, Actor], Any]


def all_of(row: Any) -> models.QuerySet[Any]:
    return type(row)._default_manager.filter(pk=row.pk)


def site(estate: Estate) -> Any:
    return estate.institution.sites.first()


def score(estate: Estate) -> Any:
    return practical(estate)


FIRM, SCHOOL, AUTHORITY, LEARNER, PROVINCE = "enterprise", "institution", "authority", "learner", "province"
# Service → whose it is, and the call with an object of theirs.
TABLE: dict[str, tuple[str, Call]] = {
    # enrollment
    "enrollment.entries.enroll_single": (FIRM, lambda e, a: enrollment.enroll_single(a, e.offer, None)),
    "enrollment.entries.update_enrollment": (
        FIRM,
        lambda e, a: enrollment.update_enrollment(a, e.enrollment, None),
    ),
    "enrollment.entries.submit_for_review": (
        FIRM,
        lambda e, a: enrollment.submit_for_review(a, all_of(e.enrollment)),
    ),
    "enrollment.entries.recall": (FIRM, lambda e, a: enrollment.recall(a, all_of(e.enrollment))),
    "enrollment.entries.withdraw": (FIRM, lambda e, a: enrollment.withdraw(a, all_of(e.enrollment))),
    "enrollment.materials.put_material": (
        FIRM,
        lambda e, a: enrollment.put_material(a, e.enrollment, "portrait", b""),
    ),
    "enrollment.materials.remove_material": (
        FIRM,
        lambda e, a: enrollment.remove_material(a, e.enrollment, "portrait"),
    ),
    "enrollment.materials.start_archive": (FIRM, lambda e, a: enrollment.start_archive(a, e.batch, None)),
    "enrollment.rosters.start_roster": (FIRM, lambda e, a: enrollment.start_roster(a, e.offer, "", b"")),
    "enrollment.rosters.correct_roster": (FIRM, lambda e, a: enrollment.correct_roster(a, e.roster, {})),
    "enrollment.rosters.discard_roster": (FIRM, lambda e, a: enrollment.discard_roster(a, e.roster)),
    "enrollment.rosters.confirm_roster": (FIRM, lambda e, a: enrollment.confirm_roster(a, e.roster)),
    "enrollment.review.approve_eligibility": (
        SCHOOL,
        lambda e, a: eligibility.approve_eligibility(a, e.enrollment),
    ),
    "enrollment.review.return_enrollment": (
        SCHOOL,
        lambda e, a: eligibility.return_enrollment(a, e.enrollment, {"other": "x"}),
    ),
    "enrollment.review.reject_enrollment": (
        SCHOOL,
        lambda e, a: eligibility.reject_enrollment(a, e.enrollment, {"other": "x"}),
    ),
    "enrollment.review.approve_many": (
        SCHOOL,
        lambda e, a: eligibility.approve_many(a, all_of(e.enrollment)),
    ),
    # billing
    "billing.cancel_order": (FIRM, lambda e, a: billing.cancel_order(a, e.order)),
    "billing.submit_voucher": (
        FIRM,
        lambda e, a: billing.submit_voucher(a, e.order, e.order.vouchers.get().document, None),
    ),
    "billing.confirm_payment": (SCHOOL, lambda e, a: billing.confirm_payment(a, e.order)),
    "billing.reject_voucher": (SCHOOL, lambda e, a: billing.reject_voucher(a, e.order, "x")),
    "billing.invoices.request_invoice": (FIRM, lambda e, a: invoices.request_invoice(a, e.order, "")),
    "billing.invoices.withdraw_request": (FIRM, lambda e, a: invoices.withdraw_request(a, e.invoice)),
    "billing.invoices.issue_invoice": (
        SCHOOL,
        lambda e, a: invoices.issue_invoice(a, e.invoice, "", b"", "", None),
    ),
    # training
    "training.plans.update_plan": (SCHOOL, lambda e, a: training.update_plan(a, e.waiting_plan, None)),
    "training.plans.discard_plan": (SCHOOL, lambda e, a: training.discard_plan(a, e.waiting_plan)),
    "training.plans.submit_plan": (SCHOOL, lambda e, a: training.submit_plan(a, e.waiting_plan)),
    "training.plans.withdraw_plan": (SCHOOL, lambda e, a: training.withdraw_plan(a, e.waiting_plan)),
    "training.attendance.start_class": (SCHOOL, lambda e, a: training.start_class(a, e.plan)),
    "training.attendance.mark_day": (
        SCHOOL,
        lambda e, a: training.mark_day(a, e.plan, e.plan.days.first(), ()),
    ),
    "training.attendance.confirm_attendance": (
        SCHOOL,
        lambda e, a: training.confirm_attendance(a, e.plan, ()),
    ),
    "training.attendance.correct_attendance": (
        SCHOOL,
        lambda e, a: training.correct_attendance(a, e.placement, is_absent=True, reason="x"),
    ),
    "training.attendance.finish_plan": (SCHOOL, lambda e, a: training.finish_plan(a, e.plan)),
    "training.enrolling.start_plan_roster": (
        FIRM,
        lambda e, a: training.start_plan_roster(a, e.plan.items.first(), "", b""),
    ),
    "training.enrolling.confirm_into_plan": (
        FIRM,
        lambda e, a: training.confirm_into_plan(a, e.plan.items.first(), e.roster),
    ),
    "training.enrolling.enroll_one_into_plan": (
        FIRM,
        lambda e, a: training.enroll_one_into_plan(a, e.plan.items.first(), None),
    ),
    "training.enrolling.check_open": (FIRM, lambda e, a: training.check_open(a, e.plan)),
    "training.placing.place_into_plan": (SCHOOL, lambda e, a: training.place_into_plan(a, e.plan, [])),
    "training.placing.place_longest_waiting": (
        SCHOOL,
        lambda e, a: placing.place_longest_waiting(a, e.plan),
    ),
    "training.placing.remove_from_plan": (
        SCHOOL,
        lambda e, a: training.remove_from_plan(a, all_of(e.placement)),
    ),
    "training.placing.carry_over": (SCHOOL, lambda e, a: training.carry_over(a, e.plan, [])),
    # assessment
    "assessment.plans.create_plan": (SCHOOL, lambda e, a: assessment.create_plan(a, e.plan, None)),
    "assessment.plans.update_plan": (SCHOOL, lambda e, a: assessment.update_plan(a, e.assessment, None)),
    "assessment.plans.set_candidates": (SCHOOL, lambda e, a: assessment.set_candidates(a, e.assessment, [])),
    "assessment.plans.submit_plan": (SCHOOL, lambda e, a: assessment.submit_plan(a, e.assessment)),
    "assessment.plans.withdraw_plan": (SCHOOL, lambda e, a: assessment.withdraw_plan(a, e.assessment)),
    "assessment.plans.discard_plan": (SCHOOL, lambda e, a: assessment.discard_plan(a, e.assessment)),
    "assessment.plans.confirm_online": (SCHOOL, lambda e, a: assessment.confirm_online(a, e.assessment)),
    "assessment.seats.arrange_seats": (SCHOOL, lambda e, a: assessment.arrange_seats(a, e.assessment)),
    "assessment.calling_off.call_off_plan": (
        SCHOOL,
        lambda e, a: assessment.call_off_plan(a, e.assessment, "x"),
    ),
    "assessment.printouts.start_printout": (
        SCHOOL,
        lambda e, a: printouts.start_printout(a, e.assessment, "tickets"),
    ),
    # exam
    "exam.bank.blueprints.save_blueprint": (
        PROVINCE,
        lambda e, a: blueprints.save_blueprint(a, e.bank.occupation, None, []),
    ),
    "exam.bank.questions.add_chapter": (
        PROVINCE,
        lambda e, a: questions.add_chapter(a, e.bank.occupation, None, "x"),
    ),
    "exam.bank.questions.rename_chapter": (
        PROVINCE,
        lambda e, a: questions.rename_chapter(a, e.bank.chapter, "x"),
    ),
    "exam.bank.questions.add_question": (PROVINCE, lambda e, a: questions.add_question(a, e.bank.data())),
    "exam.bank.questions.change_question": (
        PROVINCE,
        lambda e, a: questions.change_question(a, e.bank.waiting.question, None),
    ),
    "exam.bank.questions.start_import": (
        PROVINCE,
        lambda e, a: questions.start_import(a, e.bank.occupation, None, "", b""),
    ),
    "exam.bank.questions.confirm_import": (
        PROVINCE,
        lambda e, a: questions.confirm_import(a, e.bank.upload),
    ),
    "exam.bank.questions.submit_versions": (
        PROVINCE,
        lambda e, a: questions.submit_versions(a, all_of(e.bank.waiting)),
    ),
    "exam.bank.questions.approve_versions": (
        PROVINCE,
        lambda e, a: questions.approve_versions(a, all_of(e.bank.waiting)),
    ),
    "exam.bank.questions.discard_draft": (
        PROVINCE,
        lambda e, a: questions.discard_draft(a, e.bank.waiting),
    ),
    "exam.hall.admission.admit": (SCHOOL, lambda e, a: admission.admit(a, own(e))),
    "exam.hall.admission.refuse_entry": (SCHOOL, lambda e, a: admission.refuse_entry(a, entry(e), "x")),
    "exam.hall.invigilation.extend": (
        SCHOOL,
        lambda e, a: invigilation.extend(a, own(e).attempt, 5, "x"),
    ),
    "exam.hall.invigilation.extend_room": (
        SCHOOL,
        lambda e, a: invigilation.extend_room(a, own(e).exam_room, 5, "x"),
    ),
    "exam.hall.invigilation.move_seat": (
        SCHOOL,
        lambda e, a: invigilation.move_seat(a, own(e), own(e).exam_room, 5, "x"),
    ),
    "exam.hall.invigilation.void": (
        SCHOOL,
        lambda e, a: invigilation.void(a, own(e), ScoreMark.VOID, "x"),
    ),
    "exam.practice.publish": (PROVINCE, lambda e, a: practice.publish(a, all_of(e.bank.waiting))),
    "exam.practice.answer": (LEARNER, lambda e, a: practice.answer(a, e.practice, {1: "A"})),
    "exam.practice.submit": (LEARNER, lambda e, a: practice.submit(a, e.practice)),
    "exam.scores.appeals.file_appeal": (LEARNER, lambda e, a: appeals.file_appeal(a, own(e), "x")),
    "exam.scores.appeals.withdraw_appeal": (
        LEARNER,
        lambda e, a: appeals.withdraw_appeal(a, own(e).appeals.get()),
    ),
    "exam.scores.appeals.uphold": (SCHOOL, lambda e, a: appeals.uphold(a, own(e).appeals.get(), "x")),
    "exam.scores.appeals.correct": (
        SCHOOL,
        lambda e, a: appeals.correct(a, own(e).appeals.get(), None, "x"),
    ),
    "exam.scores.appeals.open_paper": (SCHOOL, lambda e, a: appeals.open_paper(a, own(e).appeals.get())),
    "exam.scores.practical.score_practical": (
        SCHOOL,
        lambda e, a: practicals.score_practical(a, own(e), ()),
    ),
    "exam.scores.practical.keep_photo": (SCHOOL, lambda e, a: practicals.keep_photo(a, own(e), None)),
    "exam.scores.practical.remove_photo": (
        SCHOOL,
        lambda e, a: practicals.remove_photo(a, score(e), score(e).photos.get()),
    ),
    "exam.scores.practical.mark_absent": (SCHOOL, lambda e, a: practicals.mark_absent(a, own(e))),
    "exam.scores.practical.take_back": (SCHOOL, lambda e, a: practicals.take_back(a, score(e))),
    "exam.scores.reporting.pull_scores": (SCHOOL, lambda e, a: reporting.pull_scores(a, e.scored.plan)),
    "exam.scores.reporting.report_scores": (
        SCHOOL,
        lambda e, a: reporting.report_scores(a, e.scored.report),
    ),
    "exam.scores.reporting.withdraw_scores": (
        SCHOOL,
        lambda e, a: reporting.withdraw_scores(a, e.scored.report),
    ),
    # organizations
    "organizations.bars.bar_body": (
        AUTHORITY,
        lambda e, a: organizations.bar_body(a, e.organization, "x"),
    ),
    "organizations.bars.lift_body_bar": (
        AUTHORITY,
        lambda e, a: organizations.lift_body_bar(a, e.body_bar, "x"),
    ),
    "organizations.changes.request_change": (
        FIRM,
        lambda e, a: organizations.request_change(a, e.organization, None),
    ),
    "organizations.changes.withdraw_change": (FIRM, lambda e, a: organizations.withdraw_change(a, e.change)),
    "organizations.contacts.update_contact": (
        FIRM,
        lambda e, a: organizations.update_contact(a, e.organization, None),
    ),
    "organizations.facilities.check_open": (
        SCHOOL,
        lambda e, a: organizations.facilities.check_open(a, e.institution),
    ),
    "organizations.facilities.add_teacher": (
        SCHOOL,
        lambda e, a: organizations.add_teacher(a, e.institution, None),
    ),
    "organizations.facilities.update_teacher": (
        SCHOOL,
        lambda e, a: organizations.update_teacher(a, e.school.teacher, None),
    ),
    "organizations.facilities.set_teacher_active": (
        SCHOOL,
        lambda e, a: organizations.set_teacher_active(a, e.school.teacher, False),
    ),
    "organizations.facilities.add_room": (SCHOOL, lambda e, a: organizations.add_room(a, site(e), None)),
    "organizations.facilities.update_room": (
        SCHOOL,
        lambda e, a: organizations.update_room(a, e.school.room, None),
    ),
    "organizations.facilities.set_room_active": (
        SCHOOL,
        lambda e, a: organizations.set_room_active(a, e.school.room, False),
    ),
    "organizations.facilities.remove_room": (
        SCHOOL,
        lambda e, a: organizations.remove_room(a, e.school.room),
    ),
    "organizations.facilities.upload_file_paper": (
        SCHOOL,
        lambda e, a: organizations.upload_file_paper(a, e.institution, "license", None),
    ),
    "organizations.filing.submit_institution_file": (
        SCHOOL,
        lambda e, a: organizations.submit_institution_file(a, e.waiting_school),
    ),
    "organizations.filing.withdraw_institution_file": (
        SCHOOL,
        lambda e, a: organizations.withdraw_institution_file(a, e.waiting_school),
    ),
    "organizations.institutions.update_institution": (
        AUTHORITY,
        lambda e, a: organizations.update_institution(a, e.institution, None),
    ),
    "organizations.institutions.set_institution_active": (
        AUTHORITY,
        lambda e, a: organizations.set_institution_active(a, e.institution, False, "x"),
    ),
    "organizations.institutions.reset_institution_password": (
        AUTHORITY,
        lambda e, a: organizations.reset_institution_password(a, e.institution, e.users[SCHOOL], "x"),
    ),
    "organizations.notices.edit_notice": (
        AUTHORITY,
        lambda e, a: organizations.edit_notice(a, e.notice, "x", "x"),
    ),
    "organizations.notices.publish_notice": (
        AUTHORITY,
        lambda e, a: organizations.publish_notice(a, e.notice),
    ),
    "organizations.notices.withdraw_notice": (
        AUTHORITY,
        lambda e, a: organizations.withdraw_notice(a, e.notice),
    ),
    "organizations.own_institution.update_profile": (
        SCHOOL,
        lambda e, a: own_institution.update_profile(a, e.institution, None),
    ),
    "organizations.own_institution.add_site": (
        SCHOOL,
        lambda e, a: own_institution.add_site(a, e.institution, None),
    ),
    "organizations.own_institution.update_site": (
        SCHOOL,
        lambda e, a: own_institution.update_site(a, site(e), None),
    ),
    "organizations.own_institution.remove_site": (
        SCHOOL,
        lambda e, a: own_institution.remove_site(a, site(e)),
    ),
    "organizations.registration.correct_registration": (
        FIRM,
        lambda e, a: organizations.correct_registration(a, e.organization, None, {}),
    ),
    "organizations.registration.withdraw_registration": (
        FIRM,
        lambda e, a: organizations.withdraw_registration(a, e.waiting),
    ),
    "organizations.staff.change_role": (FIRM, lambda e, a: staff.change_role(a, e.clerk, "owner")),
    "organizations.staff.set_staff_active": (FIRM, lambda e, a: staff.set_staff_active(a, e.clerk, False)),
    "organizations.staff.reset_staff_password": (
        FIRM,
        lambda e, a: staff.reset_staff_password(a, e.clerk, "x"),
    ),
    "people.lift_person_bar": (AUTHORITY, lambda e, a: people.lift_person_bar(a, e.person_bar, "x")),
    # the catalog is the province's, offers are the institutions'
    "catalog.eligibility.add_eligibility_version": (
        PROVINCE,
        lambda e, a: catalog.add_eligibility_version(a, Programme.objects.first(), None),
    ),
    "catalog.eligibility.change_eligibility_version": (
        PROVINCE,
        lambda e, a: catalog.change_eligibility_version(a, EligibilityTable.objects.first(), None),
    ),
    "catalog.eligibility.drop_eligibility_version": (
        PROVINCE,
        lambda e, a: catalog.drop_eligibility_version(a, EligibilityTable.objects.first()),
    ),
    "catalog.figures.rename_programme": (
        PROVINCE,
        lambda e, a: catalog.rename_programme(a, Programme.objects.first(), name="x"),
    ),
    "catalog.common.set_active": (
        PROVINCE,
        lambda e, a: catalog.set_active(a, Programme.objects.first(), False),
    ),
    "catalog.figures.add_rules_version": (
        PROVINCE,
        lambda e, a: catalog.add_rules_version(a, Programme.objects.first(), effective_from=None, values={}),
    ),
    "catalog.figures.change_rules_version": (
        PROVINCE,
        lambda e, a: catalog.change_rules_version(
            a, ProgrammeRules.objects.first(), effective_from=None, values={}
        ),
    ),
    "catalog.figures.drop_rules_version": (
        PROVINCE,
        lambda e, a: catalog.drop_rules_version(a, ProgrammeRules.objects.first()),
    ),
    "catalog.occupations.add_occupation": (
        PROVINCE,
        lambda e, a: catalog.add_occupation(a, Programme.objects.first(), base_name="x"),
    ),
    "catalog.occupations.change_occupation": (
        PROVINCE,
        lambda e, a: catalog.change_occupation(a, Occupation.objects.first(), {}),
    ),
    "catalog.occupations.add_level": (
        PROVINCE,
        lambda e, a: catalog.add_level(a, Programme.objects.first(), name="x", minimum_hours=1),
    ),
    "catalog.occupations.change_level": (
        PROVINCE,
        lambda e, a: catalog.change_level(a, Level.objects.first(), name="x", minimum_hours=1),
    ),
    "catalog.offers.set_offer": (SCHOOL, lambda e, a: catalog.set_offer(a, e.offer, fee=None, site=None)),
    "catalog.offers.close_offer": (SCHOOL, lambda e, a: catalog.close_offer(a, e.offer)),
    "catalog.offers.reopen_offer": (SCHOOL, lambda e, a: catalog.reopen_offer(a, e.offer)),
}
# Steps inside other services and effects of machines, which have asked; and questions that change nothing.
INSIDE = {
    "catalog.offers.add_offers",
    "accounts.release_account",
    "assessment.checks.editable",
    "assessment.printouts.jobs_of",
    "enrollment.storing.make_batch",
    "enrollment.storing.store",
    "exam.hall.admission.make_attempt",
    "exam.papers.enqueue_papers",
    "exam.scores.calling_off.drop_unused",
    "exam.scores.practical.candidates_of",
    "exam.scores.practical.next_to_score",
    "exam.scores.practical.shown_to",
    "organizations.bars.checked_lifting",
    "organizations.changes.apply_change",
    "organizations.filing.new_file_review",
    "training.placing.place",
    "training.placing.propose_absentees",
    "training.placing.propose_placements",
}
# The mechanism of reviews itself, which every transition of a review asks (tests/foundation/review).
REVIEWS = "organizations.reviewing."
REFUSED = {"not_found", "not_allowed"}
# Who enrolls is refused in words of enrolling, for whatever reason it is.
SAID_OTHERWISE = {
    "enrollment.entries.enroll_single": {"not_an_applicant", "offer_not_on_offer"},
    "enrollment.rosters.start_roster": {"not_an_applicant", "offer_not_on_offer"},
    "training.enrolling.start_plan_roster": {"plan_not_offered"},
    "training.enrolling.enroll_one_into_plan": {"plan_not_offered"},
    "training.enrolling.check_open": {"plan_not_offered"},
}


def public_services() -> dict[str, Any]:
    """`stage.module.function` → every function of a services module that takes an actor and an object."""
    found = {}
    for module in pkgutil.walk_packages(zhupei.__path__, "zhupei."):
        parts = module.name.split(".")
        if {"portals", "demo", "migrations"} & set(parts) or not (
            "services" in parts or parts[-1] == "invoices"
        ):
            continue
        code = importlib.import_module(module.name)
        for name, function in inspect.getmembers(code, inspect.isfunction):
            if function.__module__ == module.name and not name.startswith("_") and takes_object(function):
                shown = [part for part in parts[1:] if part != "services"]
                found[".".join([*shown, name])] = function
    return found


def takes_object(function: Any) -> bool:
    parameters = list(inspect.signature(function).parameters.values())
    if not parameters or parameters[0].name != "actor":
        return False
    named = {model.__name__ for model in apps.get_models()} - {"Document"}
    return any(
        word in named or word == "QuerySet"
        for parameter in parameters[1:]
        for word in str(parameter.annotation).replace("[", " ").replace("]", " ").replace(".", " ").split()
    )


def test_every_service_that_takes_an_object_is_called() -> None:
    """A new service needs a line in the table, or a word on which service asks for it."""
    services = {name for name in public_services() if not name.startswith(REVIEWS)}
    assert services - INSIDE - set(TABLE) == set()
    assert set(TABLE) | INSIDE >= services
    assert (set(TABLE) | INSIDE) - services <= {"exam.bank.questions.add_question"}


@pytest.fixture
def estate(world: World) -> Estate:
    made = Estate(world)
    world.programme().levels.get_or_create(code="T", defaults={"name": "测试"})
    EligibilityTable.objects.get_or_create(
        programme=world.programme(), effective_from="2020-01-01", defaults={"source": "测试"}
    )
    assert made.learner and made.scored and made.plan
    practical(made)
    return made


def refused_to(estate: Estate, whose: str) -> dict[str, Actor]:
    """A stranger of every portal with all rights of its own, and those of the other portals whom it does concern."""
    world = estate.world
    afar = world.authority("330300", "温州市")
    strangers = {
        "another firm": world.actor(world.organization(supervisor=afar, city="330300")),
        "another school": world.actor(world.institution(supervisor=afar)),
        "another city": world.actor(afar),
        "another worker": person_at(world, Portal.LEARNER),
        "another person": person_at(world, Portal.PERSON),
        "visitor": Actor(portal="visitor", visitor="guest"),
    }
    return strangers | {name: actor_for(user) for name, user in estate.users.items() if name != whose}


def everything() -> dict[str, str]:
    """A digest of every table, so that nothing can have changed unseen."""
    with connection.cursor() as cursor:
        found = {}
        for model in apps.get_models():
            table = connection.ops.quote_name(model._meta.db_table)
            cursor.execute(f"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t")
            found[model._meta.label] = str(cursor.fetchone()[0])
    return found


def test_strangers_are_refused_by_every_service_and_change_nothing(estate: Estate) -> None:
    """SEC-01, ORG-14: of the same portal and of the others; with the capability, but not for this row."""
    actors = {whose: refused_to(estate, whose) for whose in (FIRM, SCHOOL, AUTHORITY, LEARNER, PROVINCE)}
    wrong = {}
    for name, (whose, call) in TABLE.items():
        prepare(estate, name)
        before = everything()
        fine = REFUSED | SAID_OTHERWISE.get(name, set())
        for who, actor in actors[whose].items():
            try:
                call(estate, actor)
                answer = "done"
            except DomainError as refusal:
                answer = refusal.code
            except Exception as mishap:
                answer = f"{type(mishap).__name__}: {mishap}"
            if answer not in fine:
                wrong[name, who] = answer
        if everything() != before:
            wrong[name, "changed"] = str(before.items() ^ everything().items())
    assert not wrong, "\n".join(f"{call}: {answer}" for call, answer in wrong.items())


def prepare(estate: Estate, name: str) -> None:
    """Make what the call names before it is looked whether anything changes."""
    for made in (
        "batch",
        "order",
        "invoice",
        "plan",
        "waiting_plan",
        "assessment",
        "bank",
        "practice",
        "roster",
    ):
        assert getattr(estate, made) is not None
    for made in (
        "body_bar",
        "person_bar",
        "notice",
        "change",
        "waiting",
        "waiting_school",
        "clerk",
        "archive",
    ):
        assert getattr(estate, made) is not None
    assert entry(estate)


# --- the first row of every log


def test_every_transition_has_a_holder() -> None:
    """SEC-01: nobody moves anything because a view happened to find it."""
    for machine in all_machines():
        for row in machine.transitions:
            assert not row.may(Actor(portal="visitor", visitor="guest"), _Anything()), (
                machine.name,
                row.action,
            )


class _Anything:
    """An object that has every attribute; no key of it is anybody's."""

    def __getattr__(self, name: str) -> Any:
        return "?" if name.endswith("_key") else _Anything()
