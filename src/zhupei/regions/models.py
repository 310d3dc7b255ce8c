"""Regions: province → city → county, with GB/T 2260 codes (ORG-01)."""

from __future__ import annotations

from django.db import models


class RegionLevel(models.TextChoices):
    PROVINCE = "province", "省"
    CITY = "city", "市"
    COUNTY = "county", "县（市、区）"


class RegionQuerySet(models.QuerySet["Region"]):
    def cities(self) -> RegionQuerySet:
        return self.filter(level=RegionLevel.CITY)


class Region(models.Model):
    code = models.CharField("代码", max_length=6, unique=True, help_text="GB/T 2260")
    name = models.CharField("名称", max_length=40)
    level = models.CharField("层级", max_length=10, choices=RegionLevel)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    offers_review_choice = models.BooleanField("可选省级或市级审核", default=False, help_text="ORG-08")

    objects = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "地区"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    @property
    def city(self) -> Region | None:
        """The city a county belongs to; a city itself; none for the province."""
        if self.level == RegionLevel.COUNTY:
            return self.parent
        return self if self.level == RegionLevel.CITY else None

    @property
    def full_name(self) -> str:
        """E.g. 浙江省杭州市西湖区."""
        return (self.parent.full_name if self.parent_id and self.parent else "") + self.name
