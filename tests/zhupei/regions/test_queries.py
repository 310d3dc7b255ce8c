"""ORG-01: what lies in a region, and in which city something is."""

from __future__ import annotations

import pytest

from zhupei.organizations.models import Institution
from zhupei.regions.models import Region, RegionLevel
from zhupei.regions.queries import with_city, within
from zhupei.regions.services import load_zhejiang

pytestmark = pytest.mark.django_db


@pytest.fixture
def places(world):
    """One institution in Hangzhou itself, one in a county of it, one in another city."""
    load_zhejiang()
    county = Region.objects.filter(level=RegionLevel.COUNTY, parent__code="330100").first()
    regions = {
        "city": Region.objects.get(code="330100"),
        "county": county,
        "other": Region.objects.get(code="330200"),
    }
    found = {}
    for name, region in regions.items():
        found[name] = world.institution()
        Institution.objects.filter(pk=found[name].pk).update(region=region)
    return found


def test_a_county_lies_in_its_city(places):
    """ORG-01: looked for by city, what is in its counties is found; by county, that alone."""
    hangzhou = Region.objects.get(code="330100")
    county = Institution.objects.get(pk=places["county"].pk).region
    assert set(Institution.objects.filter(within("region", hangzhou))) == {places["city"], places["county"]}
    assert set(Institution.objects.filter(within("region", county.pk))) == {places["county"]}


def test_a_county_counts_as_its_city(places):
    """ORG-01: choices name cities only."""
    rows = with_city(Institution.objects.all(), "region").values_list("pk", "city_name")
    names = dict(rows)
    assert names[places["city"].pk] == names[places["county"].pk] == "杭州市"
    assert names[places["other"].pk] == "宁波市"
