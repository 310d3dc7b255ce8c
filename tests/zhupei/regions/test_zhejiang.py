"""ORG-01: the province, its 11 cities and their counties of today are there after set-up."""

from __future__ import annotations

import pytest

from zhupei.organizations.models import Authority
from zhupei.organizations.setup import load_basics
from zhupei.regions import zhejiang
from zhupei.regions.models import Region, RegionLevel
from zhupei.regions.services import load_zhejiang


def test_names_of_today_only():
    """ORG-01: abolished codes, headings and former names are left out."""
    names = {place.code: place.name for place in zhejiang.places()}

    assert len(names) == 1 + 11 + 90
    assert names["330502"] == "吴兴区"  # was 城区 until 1987
    assert names["330105"] == "拱墅区"
    assert names["330113"] == "临平区"
    assert "330103" not in names  # 下城区, abolished in 2021
    assert "330101" not in names  # 市辖区 is a heading
    assert not set(names.values()) & zhejiang.NOT_PLACES


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ("西湖区", "西湖区"),
        ("[1983-]西湖区", "西湖区"),
        ("[-2010]崇文区", ""),
        ("[1983-1988]郊区,[1999-]秀洲区", "秀洲区"),
        ("[1982-1985]金华地区,[1986-1994]婺城", ""),
    ],
)
def test_present_name_of_an_entry(entry, name):
    """ORG-01: the name that still holds is taken from an entry with periods."""
    assert zhejiang._present_name(entry) == name


@pytest.mark.django_db
def test_the_tree_hangs_together():
    """ORG-01: every county has its city, every city the province; only 杭州 offers the choice (ORG-08)."""
    counties = Region.objects.filter(level=RegionLevel.COUNTY).select_related("parent__parent")

    assert Region.objects.cities().count() == 11
    assert counties.count() == 90
    assert all(county.parent.level == RegionLevel.CITY for county in counties)
    assert Region.objects.get(code="330106").full_name == "浙江省杭州市西湖区"
    assert [region.code for region in Region.objects.filter(offers_review_choice=True)] == ["330100"]


@pytest.mark.django_db
def test_loading_again_changes_nothing():
    """ORG-01: set-up may run any number of times and respects corrections; what was lost is filled in."""
    Region.objects.filter(code="330106").update(name="更正后的名称")
    Region.objects.filter(code="331181").delete()

    assert load_zhejiang() == 1
    assert load_zhejiang() == 0
    assert Region.objects.get(code="330106").name == "更正后的名称"
    assert Region.objects.get(code="331181").parent.name == "丽水市"


@pytest.mark.django_db
def test_every_city_and_the_province_have_an_authority():
    """ORG-01: one provincial and 11 city authorities."""
    load_basics()

    assert Authority.objects.count() == 12
    assert Authority.objects.provincial().get().name == "浙江省住房和城乡建设厅"
    assert Authority.objects.get(region__code="330100").name == "杭州市城乡建设委员会"
    assert not Authority.objects.filter(region__level=RegionLevel.COUNTY).exists()
