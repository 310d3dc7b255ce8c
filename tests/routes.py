"""All addresses of the platform, and for each that names an object one of a world that belongs to somebody else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.estate import Estate
from zhupei.catalog.models import EligibilityTable, Level, Occupation, Programme, ProgrammeRules

PORTALS = ("enterprise", "institution", "authority", "learner")
# What stands in these addresses is no object: a portal, a slot, a file's kind.
WORDS: dict[str, dict[str, Any]] = {
    "public:sign_in": {"portal": "enterprise"},
    "public:forgot_password": {"portal": "enterprise"},
    "public:letter": {"ext": "docx"},
    "public:register_document": {"slot": "yyzz"},
    "public:delete_document": {"slot": "yyzz"},
    "public:download": {"key": "commitment-letter", "ext": "docx"},
    "enterprise:letter": {"ext": "docx"},
    "enterprise:document": {"slot": "yyzz"},
    "institution:file_paper": {"slot": "license"},
}


@dataclass(frozen=True)
class Route:
    """One address: its name with namespace, and the names of what is to be filled in."""

    name: str
    keys: tuple[str, ...]

    @property
    def portal(self) -> str:
        return self.name.partition(":")[0]


def routes() -> list[Route]:
    """Every named address but those of the development's gallery."""
    found = _walk(get_resolver(), "", ())
    return sorted({route for route in found if route.portal != "gallery"}, key=lambda route: route.name)


def _walk(resolver: URLResolver, namespace: str, keys: tuple[str, ...]) -> Iterator[Route]:
    for entry in resolver.url_patterns:
        inner = (*keys, *entry.pattern.converters)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, f"{entry.namespace}:" if entry.namespace else namespace, inner)
        elif isinstance(entry, URLPattern) and entry.name:
            yield Route(f"{namespace}{entry.name}", inner)


def _key(find: Callable[[Estate], Any], **words: Any) -> Callable[[Estate], dict[str, Any]]:
    return lambda estate: {"pk": find(estate).pk, **words}


def _plan_item(estate: Estate) -> dict[str, Any]:
    return {"pk": estate.plan.pk, "item": estate.plan.items.get().pk}


def _placement(estate: Estate) -> dict[str, Any]:
    return {"pk": estate.plan.pk, "placement": estate.placement.pk}


def _practical_photo(estate: Estate) -> dict[str, Any]:
    scored = estate.exam.sitters[1].candidate
    return {"pk": scored.pk, "document": scored.practical_scores.get().photos.get().pk}


def _candidate(estate: Estate) -> dict[str, Any]:
    return {"pk": estate.assessment.pk, "candidate": estate.assessment.candidates.first().pk}


def _first_account(estate: Estate) -> dict[str, Any]:
    return {"pk": estate.institution.pk, "user": estate.users["institution"].pk}


def _pair(estate: Estate) -> dict[str, Any]:
    one, other = estate.scored.candidates
    return {"pk": estate.scored.report.pk, "one": one.pk, "other": other.pk}


Finder = Callable[[Estate], dict[str, Any]]

# Portal → addresses → what is filled in. A new address with a key needs its place here.
TABLE: list[tuple[str, str, Finder]] = [
    ("public", "notice", _key(lambda estate: estate.notice)),
    ("shared", "message", _key(lambda estate: estate.message)),
    ("shared", "document", _key(lambda estate: estate.paper)),
    ("shared", "job", _key(lambda estate: estate.job)),
    ("shared", "staff_role staff_active staff_password", _key(lambda estate: estate.clerk)),
    ("learner", "enrollment", _key(lambda estate: estate.enrollment)),
    (
        "learner",
        "ticket",
        _key(lambda estate: estate.assessment.candidates.get(enrollment__person=estate.enrollment.person)),
    ),
    ("learner", "practice practice_finish", _key(lambda estate: estate.practice)),
    ("learner", "plan", _key(lambda estate: estate.plan)),
    ("learner", "checked_in", lambda estate: {"pk": estate.mark.day_id}),
    ("enterprise", "enroll_offer roster_upload enroll_single", _key(lambda estate: estate.offer)),
    ("enterprise", "roster roster_confirm roster_discard roster_marked", _key(lambda estate: estate.roster)),
    (
        "enterprise",
        "batch batch_add batch_archive batch_submit batch_application_form batch_work_years batch_roster_summary",
        _key(lambda estate: estate.batch),
    ),
    ("enterprise", "archive_job", _key(lambda estate: estate.archive)),
    (
        "enterprise",
        "person person_edit person_submit person_recall person_withdraw person_application_form person_work_years",
        _key(lambda estate: estate.enrollment),
    ),
    ("enterprise", "material material_remove", _key(lambda estate: estate.enrollment, kind="portrait")),
    ("enterprise", "person_reveal", _key(lambda estate: estate.enrollment, field="id_number")),
    ("enterprise", "order order_cancel order_voucher_file order_slip", _key(lambda estate: estate.order)),
    ("enterprise", "invoice invoice_withdraw", lambda estate: {"pk": estate.invoice.order_id}),
    ("enterprise", "institution", _key(lambda estate: estate.institution)),
    ("enterprise", "profile_change_withdraw", _key(lambda estate: estate.change)),
    ("enterprise", "plan", _key(lambda estate: estate.plan)),
    ("enterprise", "plan_enroll plan_single plan_upload", _plan_item),
    ("enterprise", "assessment assessment_tickets", _key(lambda estate: estate.assessment)),
    ("enterprise", "assessment_ticket", _candidate),
    ("institution", "eligibility_case person", _key(lambda estate: estate.enrollment)),
    ("institution", "reveal", _key(lambda estate: estate.enrollment, field="id_number")),
    ("institution", "payment", _key(lambda estate: estate.order)),
    ("institution", "invoice", _key(lambda estate: estate.invoice)),
    ("institution", "offer offer_close offer_reopen", _key(lambda estate: estate.offer)),
    ("institution", "site site_remove", _key(lambda estate: estate.institution.sites.first())),
    ("institution", "room_new", lambda estate: {"site": estate.institution.sites.first().pk}),
    ("institution", "room room_active room_remove", _key(lambda estate: estate.school.room)),
    ("institution", "teacher teacher_active teacher_reveal", _key(lambda estate: estate.school.teacher)),
    (
        "institution",
        "plan plan_edit plan_record plan_submit plan_withdraw plan_discard plan_people plan_placing plan_place_longest "
        "plan_absentees plan_start plan_attendance plan_attendance_confirm plan_finish plan_check_in "
        "plan_check_in_code plan_check_in_count",
        _key(lambda estate: estate.plan),
    ),
    ("institution", "assessment_create", _key(lambda estate: estate.hall.training_plan)),
    (
        "institution",
        "assessment assessment_people assessment_rooms assessment_record assessment_withdraw assessment_confirm "
        "assessment_call_off",
        _key(lambda estate: estate.assessment),
    ),
    (
        "institution",
        "assessment_edit assessment_arrange assessment_submit assessment_discard",
        _key(lambda estate: estate.assessment_draft),
    ),
    ("institution", "plan_person plan_remove plan_attendance_correct", _placement),
    (
        "institution",
        "exam_room exam_room_live exam_room_admit exam_room_extend exam_room_events",
        lambda estate: {"pk": estate.exam.sitters[0].candidate.exam_room_id},
    ),
    (
        "institution",
        "sitter_admit sitter_refuse sitter_extend sitter_move sitter_void",
        _key(lambda estate: estate.exam.sitters[0].candidate),
    ),
    ("institution", "score_plan score_pull", _key(lambda estate: estate.scored.plan)),
    (
        "institution",
        "score score_record score_report score_withdraw score_questions score_likeness",
        _key(lambda estate: estate.scored.report),
    ),
    ("institution", "score_pair", _pair),
    ("authority", "score_pair", _pair),
    ("institution", "appeal", _key(lambda estate: estate.scored.candidates[0].appeals.get())),
    ("learner", "result appeal appeal_withdraw", _key(lambda estate: estate.scored.candidates[0])),
    (
        "authority",
        "score score_people score_accept score_decide score_questions score_likeness",
        _key(lambda estate: estate.scored.report),
    ),
    ("institution", "practical_plan", _key(lambda estate: estate.exam.plan)),
    (
        "institution",
        "practical_sheet practical_photo practical_absent practical_take_back",
        _key(lambda estate: estate.exam.sitters[1].candidate),
    ),
    ("institution", "practical_photo_remove", _practical_photo),
    (
        "authority",
        "organization organization_accept organization_decide",
        _key(lambda estate: estate.waiting),
    ),
    ("authority", "change change_accept change_decide", _key(lambda estate: estate.change)),
    ("authority", "institution institution_edit institution_active", _key(lambda estate: estate.institution)),
    ("authority", "institution_password", _first_account),
    (
        "authority",
        "institution_file institution_file_accept institution_file_decide",
        _key(lambda estate: estate.waiting_school),
    ),
    ("authority", "plan plan_accept plan_decide", _key(lambda estate: estate.waiting_plan)),
    # the question bank is the province's bank keepers'
    (
        "authority",
        "bank_questions bank_question_new bank_import_new bank_import_upload bank_chapters bank_blueprint "
        "bank_blueprint_edit",
        lambda estate: {"bank": str(estate.bank.occupation.pk)},
    ),
    (
        "authority",
        "bank_question bank_question_act bank_question_discard bank_question_change",
        _key(lambda estate: estate.bank.waiting.question),
    ),
    ("authority", "bank_review bank_review_decide", _key(lambda estate: estate.bank.waiting)),
    (
        "authority",
        "bank_import bank_import_confirm bank_import_marked",
        _key(lambda estate: estate.bank.upload),
    ),
    ("authority", "bank_chapter", _key(lambda estate: estate.bank.chapter)),
    (
        "authority",
        "assessment assessment_accept assessment_decide",
        _key(lambda estate: estate.assessment),
    ),
    ("institution", "assessment_printouts", _key(lambda estate: estate.assessment)),
    (
        "institution",
        "assessment_printout",
        _key(lambda estate: estate.assessment, printout="tickets", ext="pdf"),
    ),
    ("institution", "assessment_printout_make", _key(lambda estate: estate.assessment, printout="tickets")),
    ("authority", "person_bar person_bar_reveal person_bar_lift", _key(lambda estate: estate.person_bar)),
    ("authority", "body_bar body_bar_lift", _key(lambda estate: estate.body_bar)),
    ("authority", "notice notice_edit notice_publish notice_withdraw", _key(lambda estate: estate.notice)),
    # the catalog is the province's: other authorities read it, nobody else sees it
    (
        "authority",
        "catalog_programme catalog_programme_edit catalog_programme_active catalog_rules_new catalog_occupations "
        "catalog_occupation_new catalog_levels catalog_level_new catalog_eligibility catalog_eligibility_new",
        _key(lambda estate: Programme.objects.order_by("pk").first()),
    ),
    (
        "authority",
        "catalog_rules_edit catalog_rules_drop",
        _key(lambda estate: ProgrammeRules.objects.first()),
    ),
    (
        "authority",
        "catalog_occupation_edit catalog_occupation_active",
        _key(lambda estate: Occupation.objects.first()),
    ),
    ("authority", "catalog_level_edit catalog_level_active", _key(lambda estate: Level.objects.first())),
    (
        "authority",
        "catalog_eligibility_edit catalog_eligibility_drop",
        _key(lambda estate: EligibilityTable.objects.first()),
    ),
]
OBJECTS: dict[str, Finder] = {
    f"{portal}:{name}": finder for portal, names, finder in TABLE for name in names.split()
}
