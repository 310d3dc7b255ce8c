"""Which authority an organization belongs to (ORG-08)."""

from __future__ import annotations

from foundation.errors import DomainError
from zhupei.organizations.checks import level_of
from zhupei.organizations.models import Authority
from zhupei.organizations.rules import PROVINCIAL
from zhupei.regions.models import Region, RegionLevel


def supervisor_for(region: Region, is_provincial: bool, review_choice: str) -> Authority:
    """The authority that reviews an organization of `region` (city or county).

    `is_provincial`: provincially affiliated (省属). `review_choice`: `city` or `provincial`, asked for where
    the city offers it. Raises DomainError `review_choice_required`, or `no_authority` when a region has none.
    """
    level = level_of(region, is_provincial, review_choice)
    if level is None:
        sentence = f"{region.city}的单位可选省级或市级审核，请选择审核部门。"
        raise DomainError("review_choice_required", sentence, items={"review_choice": sentence})
    authorities = Authority.objects.select_related("region")
    if level == PROVINCIAL:
        found = authorities.filter(
            region__level=RegionLevel.PROVINCE, region__code__startswith=region.code[:2]
        ).first()
    else:
        found = authorities.filter(region=region.city).first()
    if found is None:
        sentence = f"{region.full_name}还没有开通主管部门，暂时不能注册，请联系技术支持。"
        raise DomainError("no_authority", sentence, items={"region": sentence})
    return found
