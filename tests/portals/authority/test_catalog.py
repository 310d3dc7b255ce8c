"""目录管理: the province edits, cities read, nobody else finds it (CAT-01, CAT-02, CAT-03, SEC-01)."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from zhupei.catalog import services
from zhupei.catalog.models import EligibilityTable, Level, Occupation, Programme
from zhupei.enrollment.models import MaterialKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def programme(db):
    return Programme.objects.get(code="site-professionals")


@pytest.fixture
def province(world):
    return world.client(world.authority("330000"))


def in_days(days: int) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


def pages(programme) -> list[str]:
    workers = Programme.objects.get(code="skilled-workers")
    names = ("programme", "occupations", "levels", "eligibility")
    return [
        reverse("authority:catalog"),
        *(
            reverse(f"authority:catalog_{name}", args=[row.pk])
            for row in (programme, workers)
            for name in names
        ),
    ]


def forms(programme) -> list[str]:
    return [
        reverse("authority:catalog_programme_new"),
        *(
            reverse(f"authority:catalog_{name}", args=[programme.pk])
            for name in ("programme_edit", "rules_new", "occupation_new", "level_new", "eligibility_new")
        ),
        reverse("authority:catalog_occupation_edit", args=[programme.occupations.first().pk]),
        reverse("authority:catalog_level_edit", args=[Level.objects.first().pk]),
    ]


def acts(programme) -> list[str]:
    return [
        reverse("authority:catalog_programme_active", args=[programme.pk]),
        reverse("authority:catalog_occupation_active", args=[programme.occupations.first().pk]),
        reverse("authority:catalog_level_active", args=[Level.objects.first().pk]),
        reverse("authority:catalog_rules_drop", args=[programme.rules.first().pk]),
        reverse("authority:catalog_eligibility_drop", args=[programme.eligibility_tables.first().pk]),
    ]


def test_every_page_works_for_the_province(province, programme) -> None:
    """CAT-01: pages and forms open, with the buttons to edit."""
    for url in pages(programme) + forms(programme):
        assert province.get(url).status_code == 200, url
    assert (
        "新增岗位（工种）" in province.get(reverse("authority:catalog_occupations", args=[programme.pk])).text
    )


def test_a_city_reads_and_does_not_edit(world, programme) -> None:
    """CAT-01: no buttons, no forms; a forged act changes nothing."""
    city = world.client(world.authority())
    for url in pages(programme):
        response = city.get(url)
        assert response.status_code == 200, url
        assert "停用</button>" not in response.text and "新增" not in response.text.split("<main")[1], url
    for url in forms(programme):
        assert city.get(url).status_code == 404, url
    for url in acts(programme):
        assert city.post(url, {"active": "0"}).status_code == 404, url
    programme.refresh_from_db()
    assert programme.is_active and programme.rules.count() == 1
    assert not Occupation.objects.filter(is_active=False).exists()


def test_strangers_find_nothing(world, programme, client) -> None:
    """SEC-01: other portals get 404, visitors the sign-in page."""
    for body in (world.organization(), world.institution()):
        stranger = world.client(body)
        for url in pages(programme) + forms(programme):
            assert stranger.get(url).status_code == 404, url
        for url in acts(programme):
            assert stranger.post(url, {"active": "0"}).status_code == 404, url
    assert client.get(reverse("authority:catalog")).status_code == 302


def test_few_queries(province, programme, django_assert_max_num_queries) -> None:
    """Style 9: a page costs no query per row."""
    for url in pages(programme):
        province.get(url)
        with django_assert_max_num_queries(12):
            province.get(url)


def test_a_new_version_of_the_figures(province, programme) -> None:
    """CAT-01: typed, refused with the field named, saved, seen as waiting, changed, taken back."""
    url = reverse("authority:catalog_rules_new", args=[programme.pk])
    given = {
        "effective_from": str(in_days(20)),
        "exam_minutes": 90,
        "earliest_submission_minutes": 30,
        "full_mark": 100,
        "pass_mark": 101,
        "latest_arrival_minutes": 30,
        "practical_pass_mark": 60,
        "resits_allowed": 2,
        "continuing_hours": 24,
        "validity_years": 0,
        "required_materials": list(MaterialKind.values),
        "source": "省厅文件",
    }
    assert "合格分应大于 0，且不高于满分" in province.post(url, given).text
    assert province.post(url, given | {"pass_mark": 70}).status_code == 302
    version = programme.rules.get(exam_minutes=90)
    page = province.get(reverse("authority:catalog_programme", args=[programme.pk])).text
    assert f"{in_days(20)} 起执行" in page and "60 分 → 70 分" in page and "120 分钟 → 90 分钟" in page
    assert "起有新版本" in province.get(reverse("authority:catalog")).text
    edit = reverse("authority:catalog_rules_edit", args=[version.pk])
    assert province.get(edit).status_code == 200
    province.post(edit, given | {"pass_mark": 65})
    version.refresh_from_db()
    assert version.pass_mark == 65
    province.post(reverse("authority:catalog_rules_drop", args=[version.pk]))
    assert programme.rules.count() == 1


def test_a_version_in_force_is_not_changed_by_its_address(province, programme) -> None:
    """CAT-01: the form opens, saving says why not."""
    rules = programme.rules.get()
    given = {
        name: getattr(rules, name) for name in ("exam_minutes", "earliest_submission_minutes", "full_mark")
    }
    given |= {
        "effective_from": str(in_days(3)),
        "pass_mark": 1,
        "latest_arrival_minutes": 30,
        "practical_pass_mark": 60,
        "resits_allowed": 2,
        "continuing_hours": 0,
        "validity_years": 0,
        "required_materials": ["portrait"],
        "source": "无",
    }
    assert "已经生效" in province.post(reverse("authority:catalog_rules_edit", args=[rules.pk]), given).text
    rules.refresh_from_db()
    assert rules.pass_mark == 60


def test_occupations_and_levels_on_screen(province, programme) -> None:
    """CAT-01: add, rename, stop, start."""
    new = reverse("authority:catalog_occupation_new", args=[programme.pk])
    given = {"base_name": "安全员", "specialty": "", "code": "14", "group": "construction", "source": ""}
    assert "已被使用" in province.post(new, given | {"code": "01"}).text
    province.post(new, given)
    row = programme.occupations.get(name="安全员")
    province.post(reverse("authority:catalog_occupation_edit", args=[row.pk]), given | {"specialty": "土建"})
    row.refresh_from_db()
    assert row.name == "土建安全员"
    for active in ("0", "1"):
        province.post(reverse("authority:catalog_occupation_active", args=[row.pk]), {"active": active})
        row.refresh_from_db()
        assert row.is_active is (active == "1")
    workers = Programme.objects.get(code="skilled-workers")
    province.post(
        reverse("authority:catalog_level_new", args=[workers.pk]), {"name": "技师", "minimum_hours": 40}
    )
    level = workers.levels.get(name="技师")
    province.post(
        reverse("authority:catalog_level_edit", args=[level.pk]), {"name": "技师", "minimum_hours": 48}
    )
    level.refresh_from_db()
    assert level.minimum_hours == 48


def test_a_third_programme_on_screen(province) -> None:
    """CAT-01: added, renamed, stopped; without conditions until they are set."""
    province.post(
        reverse("authority:catalog_programme_new"),
        {"name": "安全生产管理人员", "enrollment_order": "plan_first"},
    )
    row = Programme.objects.get(name="安全生产管理人员")
    assert "没有设置报考条件" in province.get(reverse("authority:catalog_eligibility", args=[row.pk])).text
    province.post(reverse("authority:catalog_programme_edit", args=[row.pk]), {"name": "安管人员"})
    province.post(reverse("authority:catalog_programme_active", args=[row.pk]), {"active": "0"})
    row.refresh_from_db()
    assert (row.name, row.is_active) == ("安管人员", False)


def test_the_table_shows_eight_rows_and_answers_a_trial(province, programme) -> None:
    """CAT-02, CAT-03: every row with its years; the verdict in words."""
    url = reverse("authority:catalog_eligibility", args=[programme.pk])
    page = province.get(url).text
    assert page.count('<tr><td data-label="序号"') == 8
    assert "施工员、质量员、标准员、安全员、机械员" in page and "楼宇智能化设备安装与运行" in page
    asked = {
        "occupation": programme.occupations.get(name="土建施工员").pk,
        "education": "bachelor",
        "major": "工程造价",
        "years": "3",
    }
    assert "施工员须从业满 2 年，证明 3 年" in province.get(url, asked).text
    assert "没有填写所学专业" in province.get(url, asked | {"major": ""}).text
    assert province.get(url, {"version": "999999"}).status_code == 404


def editor(province, url: str) -> dict:
    """What the browser would send back unchanged."""
    form = province.get(url).context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: value for name, value in values.items() if value not in (None, False)}


def test_a_new_version_of_the_table(province, programme) -> None:
    """CAT-02: copy, edit majors and years, effective date; past versions stay."""
    url = reverse("authority:catalog_eligibility_new", args=[programme.pk])
    given = editor(province, url) | {"effective_from": str(in_days(40)), "years_3": "1.5"}
    given["majors_5_construction"] += "、力学"
    assert (
        "工作年限应" in province.post(url, given | {"years_3": "1.55"}).text
        or programme.eligibility_tables.count() == 1
    )
    assert province.post(url, given).status_code == 302
    old, new = EligibilityTable.objects.filter(programme=programme).order_by("effective_from")
    assert "力学" in new.majors.get(number=5, group="construction").majors
    assert "力学" not in old.majors.get(number=5, group="construction").majors
    assert [group["label"] for group in new.groups] == [group["label"] for group in old.groups]
    page = province.get(
        reverse("authority:catalog_eligibility", args=[programme.pk]), {"version": new.pk}
    ).text
    assert "待生效" in page and "1.5 年" in page
    edit = reverse("authority:catalog_eligibility_edit", args=[new.pk])
    assert province.post(edit, editor(province, edit) | {"years_3": "2"}).status_code == 302
    assert new.practice.get(tier="college", relation="matching").years == 2
    province.post(reverse("authority:catalog_eligibility_drop", args=[new.pk]))
    assert list(EligibilityTable.objects.filter(programme=programme)) == [old]


def test_columns_come_and_go(province, programme) -> None:
    """CAT-02: a further group of occupations; an emptied column is left out; nothing typed is lost."""
    url = reverse("authority:catalog_eligibility_new", args=[programme.pk])
    given = editor(province, url) | {"effective_from": str(in_days(5)), "years_1": "7"}
    page = province.post(url, given | {"add_column": "1"})
    assert list(page.context["form"].groups) == ["construction", "support", "g1"]
    assert page.context["form"]["years_1"].value() == "7"
    assert EligibilityTable.objects.count() == 1
    given |= {"group_g1": "测量员", "majors_2_g1": "测绘工程"}
    given |= {name: "" for name in given if name.endswith("_support")}
    assert province.post(url, given).status_code == 302
    new = EligibilityTable.objects.order_by("effective_from").last()
    assert [group["key"] for group in new.groups] == ["construction", "g1"]
    assert new.majors.get(number=2, group="g1").majors == ["测绘工程"]


def test_conditions_for_a_programme_that_had_none(province) -> None:
    """CAT-02."""
    workers = Programme.objects.get(code="skilled-workers")
    url = reverse("authority:catalog_eligibility_new", args=[workers.pk])
    given = editor(province, url) | {
        "effective_from": str(in_days(0)),
        "source": "试行办法",
        "group_g1": "全部工种",
    }
    given |= {f"years_{number}": "1" for number in range(1, 9)}
    assert "还没有填写任何专业" in province.post(url, given).text
    assert province.post(url, given | {"majors_7_g1": "建筑工程施工"}).status_code == 302
    assert services.next_occupation_code(workers) == "17"
    assert workers.eligibility_tables.get().accept_lower_tier is True
