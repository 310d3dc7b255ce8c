"""The default catalog is there after migrate, complete, and never overwrites what somebody changed."""

from __future__ import annotations

import pytest

from zhupei.catalog import guide
from zhupei.catalog.models import EligibilityTable, Occupation, Programme
from zhupei.catalog.setup import load_catalog
from zhupei.enrollment.models import MaterialKind

pytestmark = pytest.mark.django_db


def test_two_programmes_with_their_rules() -> None:
    """CAT-01: exam rules, continuing hours, materials."""
    a, b = Programme.objects.filter(code__in=["site-professionals", "skilled-workers"])
    assert (a.name, a.enrollment_order) == ("施工现场专业人员", "enroll_first")
    assert (b.name, b.enrollment_order) == ("建设行业技能工人", "plan_first")
    rules = a.rules_on()
    figures = (rules.exam_minutes, rules.earliest_submission_minutes, rules.full_mark, rules.pass_mark)
    assert figures == (120, 30, 100, 60)
    assert rules.continuing_hours == 32
    assert rules.required_materials == list(MaterialKind.values)
    assert b.rules_on().required_materials == ["portrait", "id_front"]
    assert "操作指南" in rules.source and len(rules.source) <= 200


def test_occupations_specialties_and_levels() -> None:
    """CAT-01: seven occupations in their specialties; three levels with their least hours."""
    a = Occupation.objects.filter(programme__code="site-professionals")
    assert a.count() == 13
    assert set(a.filter(base_name="施工员").values_list("name", flat=True)) == {
        "土建施工员", "装饰装修施工员", "设备安装施工员", "市政施工员"
    }  # fmt: skip
    groups = dict(a.values_list("base_name", "group"))
    assert {name for name, group in groups.items() if group == "support"} == {"材料员", "资料员", "劳务员"}
    assert {name for name, group in groups.items() if group == "construction"} == {
        "施工员", "质量员", "机械员", "标准员"
    }  # fmt: skip
    b = Programme.objects.get(code="skilled-workers")
    assert b.occupations.count() == 16
    assert list(b.levels.values_list("name", "minimum_hours")) == [
        ("初级工", 16),
        ("中级工", 24),
        ("高级工", 32),
    ]


def test_the_table_of_majors_is_complete() -> None:
    """CAT-02: 8 rows × 2 groups of attachment 5, years of practice 1/2/3/4."""
    table = EligibilityTable.objects.get()
    assert table.majors.count() == 16
    assert sorted({row.number for row in table.majors.all()}) == list(range(1, 9))
    years = {(rule.tier, rule.relation): int(rule.years) for rule in table.practice.all()}
    assert len(years) == 8
    assert years["college", "matching"] == 1 and years["graduate", "related"] == 2
    assert years["secondary", "matching"] == 3 and years["secondary", "related"] == 4
    cell = table.majors.get(number=8, group="support")
    assert "房地产营销与管理" in cell.majors and "物业管理" in cell.majors


def test_loading_again_changes_nothing_and_overwrites_nothing() -> None:
    """CAT-01: the authority's corrections stay."""
    row = Occupation.objects.get(name="材料员")
    row.name = row.base_name = "材料管理员"
    row.save()
    assert load_catalog() == 0
    assert Occupation.objects.filter(programme=row.programme).count() == 13


def test_what_was_lost_comes_back() -> None:
    """CAT-01: a missing occupation is inserted, the others stay."""
    Occupation.objects.filter(name="标准员").delete()
    assert load_catalog() == 1
    assert Occupation.objects.filter(name="标准员").exists()


def test_the_guide_prints_the_same_rows() -> None:
    """CAT-02: the printed table and the catalog come from one source."""
    rows = guide.guide_rows()
    assert [row.number for row in rows] == list(range(1, 9))
    assert (rows[0].tier, rows[0].relation) == ("研究生", "本专业")
    assert len(guide.guide_columns()) == 2 and all(len(row.columns) == 2 for row in rows)
