"""Load the regions the platform works in."""

from __future__ import annotations

from django.db import transaction

from zhupei.regions import zhejiang
from zhupei.regions.models import Region, RegionLevel

_LEVELS = {0: RegionLevel.PROVINCE, 1: RegionLevel.CITY, 2: RegionLevel.COUNTY}


def _depth(place: zhejiang.Place) -> int:
    if not place.parent_code:
        return 0
    return 1 if place.code.endswith("00") else 2


def load_zhejiang() -> int:
    """Insert what is missing of the province, its 11 cities and 90 counties; returns how many (ORG-01).

    Rows that are there already are left as they are: somebody may have corrected them. Safe to call again.
    """
    with transaction.atomic():
        known = dict(Region.objects.filter(code__startswith=zhejiang.PROVINCE).values_list("code", "pk"))
        inserted = 0
        for depth, level in _LEVELS.items():
            rows = [
                Region(
                    code=place.code,
                    name=place.name,
                    level=level,
                    parent_id=known.get(place.parent_code),
                    offers_review_choice=place.code in zhejiang.OFFERS_REVIEW_CHOICE,
                )
                for place in zhejiang.places()
                if _depth(place) == depth and place.code not in known
            ]
            Region.objects.bulk_create(rows)
            known |= {row.code: row.pk for row in rows}
            inserted += len(rows)
        return inserted
