"""Forms about the organization itself; what is right and wrong is judged by `organizations.services`."""

from __future__ import annotations

from typing import Any

from django import forms

from zhupei.organizations.data import ChangeData, ContactData, RegistrationData
from zhupei.organizations.models import Organization, OrganizationChange, OrganizationKind
from zhupei.organizations.rules import CITY, PROVINCIAL
from zhupei.portals.shared.forms import CodeField
from zhupei.regions.models import Region, RegionLevel

REVIEW_CHOICES = [
    (CITY, "市级审核（可选本市和省属的培训机构）"),
    (PROVINCIAL, "省级审核（只能选省属的培训机构）"),
]


def _text(label: str, length: int, **more: Any) -> forms.CharField:
    attrs = more.pop("attrs", {})
    return forms.CharField(label=label, max_length=length, widget=forms.TextInput(attrs=attrs), **more)


class PlaceForm(forms.Form):
    """Where an organization is and who reviews it (ORG-08)."""

    city = forms.ChoiceField(label="所在市", required=False)
    region = forms.ChoiceField(label="所在县（市、区）")
    is_provincial = forms.BooleanField(
        label="本单位是省属单位", required=False, help_text="由省级主管部门审核，只能选择省属培训机构。"
    )
    review_choice = forms.ChoiceField(
        label="审核部门", required=False, choices=REVIEW_CHOICES, widget=forms.RadioSelect
    )

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

    def chosen_region(self) -> Region | None:
        return (
            Region.objects.select_related("parent__parent").filter(code=self.cleaned_data["region"]).first()
        )


def place_of(region: Region, is_provincial: bool, *, provincial_review: bool) -> dict[str, Any]:
    """Initial values of a PlaceForm."""
    return {
        "city": region.city.code if region.city else "",
        "region": region.code,
        "is_provincial": is_provincial,
        "review_choice": PROVINCIAL if provincial_review else CITY,
    }


class CorrectionForm(PlaceForm):
    """The registration with everything that was handed in; a new responsible phone needs a code (ORG-06)."""

    kind = forms.ChoiceField(label="单位类型", choices=OrganizationKind.choices, widget=forms.RadioSelect)
    name = _text("单位名称", 120, help_text="与营业执照一致的全称。")
    uscc = _text(
        "统一社会信用代码", 30, help_text="更正后，登录账号也随之改变。", attrs={"spellcheck": "false"}
    )
    legal_representative = _text("法定代表人", 60, required=False)
    address = _text("地址", 200, help_text="营业执照上的住所。")
    scope = forms.CharField(
        label="经营范围",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="照抄营业执照，应包含住房城乡建设领域的施工经营活动；学校可以不填。",
    )
    contact_name = _text("联系人", 60)
    contact_phone = _text("联系人手机", 30, attrs={"inputmode": "tel"})
    office_phone = _text("办公电话", 30, required=False)
    responsible_name = _text("负责人", 60)
    responsible_phone = _text("负责人手机", 30, attrs={"inputmode": "tel"})
    code = CodeField(required=False)

    _PLAIN = (
        "kind",
        "name",
        "uscc",
        "legal_representative",
        "address",
        "scope",
        "contact_name",
        "contact_phone",
        "office_phone",
        "responsible_name",
        "responsible_phone",
    )

    @classmethod
    def initial_of(cls, organization: Organization) -> dict[str, Any]:
        row = organization
        provincial = row.supervisor.is_provincial
        place = place_of(row.region, row.is_provincial, provincial_review=provincial)
        return place | {name: getattr(row, name) for name in cls._PLAIN}

    def data_for_service(self) -> RegistrationData:
        return RegistrationData(
            region=self.chosen_region(),
            is_provincial=self.cleaned_data["is_provincial"],
            review_choice=self.cleaned_data["review_choice"],
            **{name: self.cleaned_data[name] for name in self._PLAIN},
        )


class ContactForm(forms.Form):
    """What changes without review (ORG-11)."""

    address = _text("地址", 200)
    contact_name = _text("联系人", 60, help_text="办理报名的人。")
    contact_phone = _text("联系人手机", 30, attrs={"inputmode": "tel"})
    office_phone = _text("办公电话", 30, required=False)
    responsible_phone = _text(
        "负责人手机",
        30,
        help_text="找回密码用这个手机号；更换时向新号码发验证码。",
        attrs={"inputmode": "tel"},
    )
    code = CodeField(required=False)

    def data_for_service(self) -> ContactData:
        return ContactData(**{name: self.cleaned_data[name] for name in ContactData.__dataclass_fields__})


class ChangeForm(PlaceForm):
    """What goes to review again (ORG-11)."""

    name = _text("单位名称", 120, help_text="与新营业执照一致的全称。")
    uscc = _text(
        "统一社会信用代码", 30, help_text="通过后，登录账号也随之改变。", attrs={"spellcheck": "false"}
    )
    reason = forms.CharField(label="变更原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))

    @classmethod
    def initial_of(cls, source: Organization | OrganizationChange) -> dict[str, Any]:
        provincial = source.supervisor.is_provincial
        place = place_of(source.region, source.is_provincial, provincial_review=provincial)
        return place | {"name": source.name, "uscc": source.uscc, "reason": getattr(source, "reason", "")}

    def data_for_service(self) -> ChangeData:
        return ChangeData(
            name=self.cleaned_data["name"],
            uscc=self.cleaned_data["uscc"],
            region=self.chosen_region(),
            reason=self.cleaned_data["reason"],
            is_provincial=self.cleaned_data["is_provincial"],
            review_choice=self.cleaned_data["review_choice"],
        )
