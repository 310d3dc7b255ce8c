"""The provincial authority maintains the catalog, institutions their offers; nothing in force is rewritten."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.utils import timezone

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError, NotAllowedError, NotFoundError
from zhupei.catalog import queries, services
from zhupei.catalog.models import EligibilityTable, Occupation, Offer, Programme
from zhupei.catalog.services.eligibility import ROWS
from zhupei.enrollment.models import Enrollment, MaterialKind
from zhupei.organizations.models import BodyBar

pytestmark = pytest.mark.django_db

FIGURES = {
    "exam_minutes": 90,
    "earliest_submission_minutes": 20,
    "full_mark": 100,
    "pass_mark": 70,
    "latest_arrival_minutes": 15,
    "has_practical": True,
    "practical_pass_mark": 60,
    "resits_allowed": 1,
    "continuing_hours": 24,
    "validity_years": 3,
    "required_materials": list(MaterialKind.values),
    "source": "省厅 2026 年第 1 号文",
}


@pytest.fixture
def province(world):
    return world.actor(world.authority("330000"))


@pytest.fixture
def site_professionals(db):
    return Programme.objects.get(code="site-professionals")


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


# --- who may


def test_only_the_province_changes_the_catalog(world, site_professionals) -> None:
    """CAT-01: a city authority, an institution and an enterprise are refused."""
    for body in (world.authority(), world.institution(), world.organization()):
        actor = world.actor(body)
        with pytest.raises(NotAllowedError, match="省级主管部门"):
            services.add_occupation(actor, site_professionals, base_name="安全员")
        with pytest.raises(NotAllowedError):
            services.add_rules_version(actor, site_professionals, effective_from=in_days(1), values=FIGURES)
        with pytest.raises(NotAllowedError):
            services.set_active(actor, site_professionals, False)
    assert not AuditEntry.objects.filter(act__startswith="catalog.").exists()


# --- figures


def test_a_new_version_holds_from_its_day_on(province, site_professionals) -> None:
    """CAT-01: versioned by effective date, the future allowed."""
    services.add_rules_version(province, site_professionals, effective_from=in_days(30), values=FIGURES)
    assert site_professionals.rules_on().pass_mark == 60
    assert site_professionals.rules_on(in_days(30)).pass_mark == 70
    assert site_professionals.rules_on(in_days(29)).pass_mark == 60
    entry = AuditEntry.objects.get(act="catalog.rules.add")
    assert entry.detail["after"]["pass_mark"] == 70


def test_versions_in_force_are_immutable_and_future_ones_are_not(province, site_professionals) -> None:
    """CAT-01: what was in force stays readable as it was."""
    old = site_professionals.rules_on()
    for act in (
        lambda: services.change_rules_version(province, old, effective_from=in_days(9), values=FIGURES),
        lambda: services.drop_rules_version(province, old),
        lambda: services.add_rules_version(
            province, site_professionals, effective_from=in_days(-1), values=FIGURES
        ),
    ):
        with pytest.raises(DomainError, match="已经生效"):
            act()
    new = services.add_rules_version(province, site_professionals, effective_from=in_days(9), values=FIGURES)
    with pytest.raises(DomainError, match="已有一个版本"):
        services.add_rules_version(province, site_professionals, effective_from=in_days(9), values=FIGURES)
    services.change_rules_version(
        province, new, effective_from=in_days(8), values=FIGURES | {"pass_mark": 65}
    )
    entry = AuditEntry.objects.get(act="catalog.rules.change")
    assert entry.detail["before"]["pass_mark"] == 70 and entry.detail["after"]["pass_mark"] == 65
    assert "exam_minutes" not in entry.detail["after"]
    services.drop_rules_version(province, new)
    assert site_professionals.rules.count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"pass_mark": 101}, "pass_mark"),
        ({"pass_mark": 0}, "pass_mark"),
        ({"earliest_submission_minutes": 90}, "earliest_submission_minutes"),
        ({"latest_arrival_minutes": 90}, "latest_arrival_minutes"),
        ({"practical_pass_mark": 0}, "practical_pass_mark"),
        ({"exam_minutes": 0}, "exam_minutes"),
        ({"required_materials": []}, "required_materials"),
        ({"source": "  "}, "source"),
    ],
)
def test_figures_that_cannot_be(province, site_professionals, wrong, field) -> None:
    """CAT-01: each refusal names its field."""
    with pytest.raises(DomainError) as refusal:
        services.add_rules_version(
            province, site_professionals, effective_from=in_days(1), values=FIGURES | wrong
        )
    assert list(refusal.value.items) == [field]


def test_a_third_programme_needs_no_code(province) -> None:
    """CAT-01: programmes are data."""
    programme = services.add_programme(province, name="安全生产管理人员", enrollment_order="enroll_first")
    assert programme.rules_on().pass_mark == 60
    occupation = services.add_occupation(province, programme, base_name="专职安全员", specialty="土建")
    assert (occupation.code, occupation.name) == ("01", "土建专职安全员")
    with pytest.raises(DomainError, match="已有名为"):
        services.add_programme(province, name=" 安全生产管理人员 ", enrollment_order="plan_first")
    services.rename_programme(province, programme, name="安管人员")
    services.set_active(province, programme, False)
    programme.refresh_from_db()
    assert (programme.name, programme.is_active) == ("安管人员", False)


# --- occupations and levels


def test_occupations_are_added_renamed_and_stopped(province, site_professionals) -> None:
    """CAT-01."""
    row = services.add_occupation(province, site_professionals, base_name="安全员", group="construction")
    assert row.code == "14" and row.position > 13
    with pytest.raises(DomainError, match="已有“安全员”"):
        services.add_occupation(province, site_professionals, base_name="安全员")
    with pytest.raises(DomainError, match="已被使用"):
        services.add_occupation(province, site_professionals, base_name="测量员", code="01")
    services.change_occupation(province, row, {"base_name": "安全员", "specialty": "市政"})
    row.refresh_from_db()
    assert (row.name, row.code) == ("市政安全员", "14")
    services.set_active(province, row, False)
    before_and_after = [entry.detail for entry in AuditEntry.objects.filter(act="catalog.occupation.change")]
    assert {"before": {"is_active": True}, "after": {"is_active": False}} in before_and_after


def test_levels(province) -> None:
    """CAT-01: least hours, the exam included."""
    workers = Programme.objects.get(code="skilled-workers")
    row = services.add_level(province, workers, name="技师", minimum_hours=40)
    assert row.code == "2"
    services.change_level(province, row, name="技师（二级）", minimum_hours=48)
    with pytest.raises(DomainError, match="最低学时"):
        services.change_level(province, row, name="技师", minimum_hours=0)
    with pytest.raises(DomainError, match="已有等级"):
        services.add_level(province, workers, name="初级工", minimum_hours=8)
    services.set_active(province, row, False)
    row.refresh_from_db()
    assert (row.name, row.minimum_hours, row.is_active) == ("技师（二级）", 48, False)


# --- the table of majors


def draft_of(table: EligibilityTable, day: dt.date, **changes) -> services.TableDraft:
    majors = {(row.number, row.group): list(row.majors) for row in table.majors.all()}
    majors |= changes.pop("majors", {})
    years = {(rule.tier, rule.relation): rule.years for rule in table.practice.all()}
    values = {
        "effective_from": day,
        "source": table.source,
        "groups": table.groups,
        "majors": majors,
        "years": {number: years[tier, relation] for number, tier, relation in ROWS}
        | changes.pop("years", {}),
        "accept_lower_tier": table.accept_lower_tier,
    }
    return services.TableDraft(**(values | changes))


def test_a_new_table_of_majors_judges_from_its_day_on(world, province, site_professionals) -> None:
    """CAT-02: what was handed in before is judged by the table of its day."""
    old = site_professionals.eligibility_tables.get()
    enrollment = world.batch(1, state="submitted").enrollments.get()
    Enrollment.objects.filter(pk=enrollment.pk).update(major="建筑工程技术", practice_years=1)
    services.add_eligibility_version(
        province, site_professionals, draft_of(old, in_days(10), years={3: Decimal("1.5")})
    )
    row = Enrollment.objects.select_related("occupation", "organization").get(pk=enrollment.pk)
    assert queries.explain(row).eligible is True
    later = queries.explain(row, in_days(10))
    assert later.eligible is False and later.years_needed == Decimal("1.5")
    assert queries.rules_of(old).practice["college", "matching"] == 1


def test_a_table_in_force_is_immutable_and_a_future_one_is_not(province, site_professionals) -> None:
    """CAT-02: and a changed version is judged by at once, the cache does not hide it."""
    old = site_professionals.eligibility_tables.get()
    with pytest.raises(DomainError, match="已经生效"):
        services.change_eligibility_version(province, old, draft_of(old, in_days(5)))
    with pytest.raises(DomainError, match="已经生效"):
        services.drop_eligibility_version(province, old)
    new = services.add_eligibility_version(province, site_professionals, draft_of(old, in_days(5)))

    def in_five_days():
        return queries.rules_of(site_professionals.eligibility_tables.in_force(in_days(5)).first())

    assert in_five_days().look_up("construction", "bachelor", "力学") is None
    added = {(5, "construction"): ["建筑学", "城市规划", "力学"]}
    services.change_eligibility_version(province, new, draft_of(old, in_days(5), majors=added))
    assert in_five_days().look_up("construction", "bachelor", "力学").number == 5
    entry = AuditEntry.objects.get(act="catalog.eligibility.change")
    assert "力学" in entry.detail["after"]["majors"]["5.construction"]
    services.drop_eligibility_version(province, new)
    assert in_five_days().key == old.pk


def test_a_table_with_impossible_years_is_refused(province, site_professionals) -> None:
    """CAT-02: years out of range, no source; each named."""
    old = site_professionals.eligibility_tables.get()
    wrong = draft_of(old, in_days(5), years={1: Decimal("-1"), 2: Decimal("1.25")}, source=" ")
    with pytest.raises(DomainError) as refusal:
        services.add_eligibility_version(province, site_professionals, wrong)
    assert set(refusal.value.items) == {"years_1", "years_2", "source"}


def test_cells_are_split_as_people_type_them() -> None:
    """CAT-02."""
    assert services.split_majors("土木工程、建筑学，\n城市规划 ; 建筑学") == [
        "土木工程",
        "建筑学",
        "城市规划",
    ]


def test_a_list_page_costs_one_query(world, site_professionals, django_assert_num_queries) -> None:
    """CAT-03: verdicts for many without a query per person."""
    world.batch(12, state="submitted")
    rows = list(Enrollment.objects.select_related("occupation", "organization"))
    queries.explain_many(rows)
    with django_assert_num_queries(1):
        verdicts = queries.explain_many(rows)
    assert len(verdicts) == 12 and {verdict.code for verdict in verdicts.values()} == {"eligible"}


# --- offers


def test_an_institution_sets_its_offers(world) -> None:
    """ORG-13: occupation, mode, fee, site, start pattern."""
    institution = world.institution()
    actor = world.actor(institution)
    occupation = Occupation.objects.get(name="资料员")
    site = institution.sites.get()
    offer = services.set_offer(
        actor,
        occupation=occupation,
        delivery="online",
        fee=Decimal("480.5"),
        site=site,
        start_pattern=" 每月开班 ",
    )
    assert (offer.fee, offer.start_pattern, offer.is_open) == (Decimal("480.5"), "每月开班", True)
    services.set_offer(actor, offer, fee=Decimal("0"), site=site)
    offer.refresh_from_db()
    assert offer.fee == 0 and offer.occupation == occupation
    detail = AuditEntry.objects.get(act="catalog.offer.change").detail
    assert (detail["before"]["fee"], detail["after"]["fee"]) == ("480.50", "0")
    services.close_offer(actor, offer)
    assert not Offer.objects.open().filter(pk=offer.pk).exists()
    services.reopen_offer(actor, offer)
    assert Offer.objects.open().filter(pk=offer.pk).exists()


@pytest.mark.parametrize("fee", ["-0.01", "480.005", "NaN", "Infinity", "1000000"])
def test_fees_that_cannot_be(world, fee) -> None:
    """ORG-13: not negative, at most two decimals."""
    institution = world.institution()
    with pytest.raises(DomainError) as refusal:
        services.set_offer(
            world.actor(institution),
            occupation=Occupation.objects.get(name="资料员"),
            delivery="online",
            fee=Decimal(fee),
            site=institution.sites.get(),
        )
    assert list(refusal.value.items) == ["fee"]


def test_offers_that_are_refused(world) -> None:
    """ORG-13: another's site, a missing level, a stopped occupation, the same offer twice, another's offer."""
    institution, other = world.institution(), world.institution()
    actor = world.actor(institution)
    occupation = Occupation.objects.get(name="资料员")
    terms = {"delivery": "online", "fee": Decimal(1), "site": institution.sites.get()}
    with pytest.raises(DomainError, match="本机构的测试地点"):
        services.set_offer(actor, occupation=occupation, **(terms | {"site": other.sites.get()}))
    with pytest.raises(DomainError, match="请选择测试地点"):
        services.set_offer(actor, occupation=occupation, **(terms | {"site": None}))
    with pytest.raises(DomainError, match="请选择等级"):
        services.set_offer(actor, occupation=Occupation.objects.get(name="钢筋工"), **terms)
    level = Programme.objects.get(code="skilled-workers").levels.first()
    with pytest.raises(DomainError, match="没有开设这个等级"):
        services.set_offer(actor, occupation=occupation, level=level, **terms)
    mine = services.set_offer(actor, occupation=occupation, **terms)
    with pytest.raises(DomainError, match="已有"):
        services.set_offer(actor, occupation=occupation, **terms)
    with pytest.raises(NotFoundError):
        services.close_offer(world.actor(other), mine)
    with pytest.raises(NotAllowedError):
        services.set_offer(world.actor(world.organization()), occupation=occupation, **terms)
    occupation.is_active = False
    occupation.save()
    with pytest.raises(DomainError, match="已停用"):
        services.set_offer(actor, occupation=occupation, **(terms | {"delivery": "onsite"}))


def test_what_is_on_offer_follows_the_supervisor(world) -> None:
    """ORG-09, ORG-15: city → its own and the provincial ones; province → these only; barred and closed ones never."""
    province = world.authority("330000")
    city, ningbo = world.authority(), world.authority("330200", "宁波市")
    offers = {
        place: world.offer(world.institution(supervisor=authority))
        for place, authority in {"province": province, "city": city, "ningbo": ningbo}.items()
    }

    def seen(organization):
        return set(queries.offers_to_choose(world.actor(organization)))

    of_city = world.organization()
    of_province = world.organization(supervisor=province, is_provincial=True)
    assert seen(of_city) == {offers["province"], offers["city"]}
    assert seen(of_province) == {offers["province"]}
    BodyBar.objects.create(institution=offers["city"].institution, authority=city, reason="违规")
    assert seen(of_city) == {offers["province"]}
    institution = offers["province"].institution
    institution.is_active = False
    institution.save()
    assert seen(of_city) == set()
