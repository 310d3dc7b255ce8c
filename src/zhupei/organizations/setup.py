"""What must be there before anybody can register: regions and their authorities (ORG-01)."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from zhupei.organizations.models import Authority
from zhupei.regions.models import Region, RegionLevel
from zhupei.regions.services import load_zhejiang

# The departments' names differ; where nothing is said here it is the region with the usual ending.
NAMES = {"330000": "浙江省住房和城乡建设厅", "330100": "杭州市城乡建设委员会"}
USUAL_ENDING = "住房和城乡建设局"


def load_authorities() -> int:
    """Insert what is missing of the provincial and the 11 city authorities; returns how many."""
    regions = Region.objects.filter(
        level__in=[RegionLevel.PROVINCE, RegionLevel.CITY], code__startswith="33", authority=None
    )
    rows = [
        Authority(name=NAMES.get(region.code, region.name + USUAL_ENDING), region=region)
        for region in regions
    ]
    Authority.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def load_basics(apps: Any = None, **signal: Any) -> None:
    """Receiver of `post_migrate`: regions and authorities, unless the migration took their tables away."""
    if apps is not None:
        try:
            apps.get_model("organizations", "Authority")
        except LookupError:
            return
    with transaction.atomic():
        load_zhejiang()
        load_authorities()
