"""Forms about an organization, wherever they are filled in; what is right and wrong is judged by `organizations.services`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, ClassVar

from django import forms

from zhupei.organizations.data import RegistrationData
from zhupei.organizations.models import Organization, OrganizationChange, OrganizationKind
from zhupei.organizations.rules import CITY, PROVINCIAL
from zhupei.portals.shared.forms import CodeField, SpokenForm
from zhupei.regions.models import Region, RegionLevel


def text_field(label: str, length: int, **more: Any) -> forms.CharField:
    """One line of text."""
    attrs = more.pop("attrs", {})
    return forms.CharField(label=label, max_length=length, widget=forms.TextInput(attrs=attrs), **more)


class PlaceForm(SpokenForm):
    """Where an organization is and who reviews it (ORG-08)."""

    city = forms.ChoiceField(label="所在市", required=False)
    region = forms.ChoiceField(label="所在县（市、区）")
    is_provincial = forms.BooleanField(
        label="本单位是省属单位",
        required=False,
        help_text="省属企业、省级部门所属单位勾选。由省级主管部门审核，只能选择省属培训机构。",
    )
    review_choice = forms.ChoiceField(
        label="审核部门",
        required=False,
        choices=[
            (CITY, "市级审核（可选本市和省属的培训机构）"),
            (PROVINCIAL, "省级审核（只能选省属的培训机构）"),
        ],
        widget=forms.RadioSelect,
    )
    # The dataclass of what the form collects.
    collects: ClassVar[Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = list(Region.objects.exclude(level=RegionLevel.PROVINCE).order_by("code"))
        cities = [region for region in regions if region.level == RegionLevel.CITY]
        groups: list[tuple[str, Any]] = [("", "请选择县（市、区）")]
        for city in cities:
            own = [(county.code, county.name) for county in regions if county.parent_id == city.pk]
            groups.append((city.name, [*own, (city.code, f"{city.name}本级")]))
        self.fields["city"].choices = [("", "请选择市"), *((city.code, city.name) for city in cities)]  # type: ignore[attr-defined]
        self.fields["region"].choices = groups  # type: ignore[attr-defined]
        self.choosing = ",".join(city.code for city in cities if city.offers_review_choice)

    @classmethod
    def initial_of(cls, source: Organization | OrganizationChange) -> dict[str, Any]:
        """What the form starts with: what is on file, or was applied for."""
        on_file = {name: getattr(source, name) for name in cls.base_fields if hasattr(source, name)}
        return on_file | {
            "city": source.region.city.code if source.region.city else "",
            "region": source.region.code,
            "review_choice": PROVINCIAL if source.supervisor.is_provincial else CITY,
        }

    def typed(self) -> Any:
        """What has been typed so far, wrong or not, as `collects`."""
        texts = {field.name for field in fields(self.collects)} - {"region", "is_provincial"}
        code = str(self.data.get("region") or "")
        regions = Region.objects.select_related("parent__parent")
        return self.collects(
            region=regions.filter(code=code).first() if code.isdigit() else None,
            is_provincial=bool(self.data.get("is_provincial")),
            **{name: str(self.data.get(name) or "").strip() for name in texts},
        )


class OrganizationForm(PlaceForm):
    """Everything that an organization registers with (ORG-02)."""

    kind = forms.ChoiceField(
        label="单位类型",
        choices=OrganizationKind.choices,
        initial=OrganizationKind.ENTERPRISE,
        widget=forms.RadioSelect,
    )
    name = text_field(
        "单位名称", 120, help_text="与营业执照一致的全称。", attrs={"autocomplete": "organization"}
    )
    uscc = text_field("统一社会信用代码", 30, attrs={"autocomplete": "off", "spellcheck": "false"})
    legal_representative = text_field("法定代表人", 60, required=False)
    address = text_field(
        "地址", 200, help_text="营业执照上的住所。", attrs={"autocomplete": "street-address"}
    )
    scope = forms.CharField(
        label="经营范围",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="照抄营业执照，应包含住房城乡建设领域的施工经营活动。学校可以不填，其他单位必填。",
    )
    contact_name = text_field("联系人", 60, help_text="办理报名的人，承诺书上授权的联络人。")
    contact_phone = text_field("联系人手机", 30, attrs={"inputmode": "tel"})
    office_phone = text_field("办公电话", 30, required=False)
    responsible_name = text_field("负责人", 60)
    responsible_phone = text_field("负责人手机", 30, attrs={"inputmode": "tel", "autocomplete": "tel"})
    code = CodeField()
    # Errors are listed as the page is filled in: who, where, by whom.
    field_order = ("kind", "name", "uscc", "legal_representative", "address", "scope")
    collects = RegistrationData
