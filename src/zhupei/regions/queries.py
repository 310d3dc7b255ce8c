"""Regions in queries: a county belongs to its city (ORG-01)."""

from __future__ import annotations

from typing import Any

from django.db.models import Case, F, Q, QuerySet, When

from zhupei.regions.models import RegionLevel


def within(path: str, region: Any) -> Q:
    """Rows whose region at `path` is `region` or lies in it."""
    return Q(**{path: region}) | Q(**{f"{path}__parent": region})


def with_city(rows: QuerySet[Any], path: str) -> QuerySet[Any]:
    """Annotate `city` and `city_name`: where the region at `path` is; a county counts as its city."""
    in_county = {f"{path}__level": RegionLevel.COUNTY}
    return rows.annotate(
        city=Case(When(**in_county, then=F(f"{path}__parent")), default=F(path)),
        city_name=Case(When(**in_county, then=F(f"{path}__parent__name")), default=F(f"{path}__name")),
    )
