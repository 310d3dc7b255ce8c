"""企业注册: what the form looks like; what is right and wrong is judged by `organizations.services`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy

from foundation.errors import DomainError
from zhupei.accounts.passwords import HELP
from zhupei.organizations.data import RegistrationData
from zhupei.organizations.models import OrganizationKind, Slot
from zhupei.organizations.rules import CITY, PROVINCIAL
from zhupei.portals.shared.forms import CodeField, PasswordField, SpokenForm
from zhupei.regions.models import Region, RegionLevel

Choices = list[tuple[str, Any]]


def region_choices() -> tuple[Choices, Choices, list[str]]:
    """Cities; counties in a group for each city; the cities that offer the choice of review (ORG-08)."""
    regions = list(Region.objects.exclude(level=RegionLevel.PROVINCE).order_by("code"))
    cities = [region for region in regions if region.level == RegionLevel.CITY]
    counties: dict[int, list[Region]] = {}
    for region in regions:
        if region.level == RegionLevel.COUNTY and region.parent_id:
            counties.setdefault(region.parent_id, []).append(region)
    groups: Choices = [("", "请选择县（市、区）")]
    for city in cities:
        own = [(county.code, county.name) for county in counties.get(city.pk, [])]
        groups.append((city.name, [*own, (city.code, f"{city.name}本级")]))
    chosen = [city.code for city in cities if city.offers_review_choice]
    return [("", "请选择市"), *((city.code, city.name) for city in cities)], groups, chosen


def _text(label: str, length: int, **more: Any) -> forms.CharField:
    attrs = more.pop("attrs", {})
    return forms.CharField(label=label, max_length=length, widget=forms.TextInput(attrs=attrs), **more)


class RegistrationForm(SpokenForm):
    """One page in sections. The service has the last word on every field; this only collects."""

    kind = forms.ChoiceField(
        label="单位类型",
        choices=OrganizationKind.choices,
        initial=OrganizationKind.ENTERPRISE,
        widget=forms.RadioSelect,
    )
    name = _text("单位名称", 120, help_text="与营业执照一致的全称。", attrs={"autocomplete": "organization"})
    uscc = _text(
        "统一社会信用代码",
        30,
        help_text="18 位，它就是今后的登录账号。",
        attrs={
            "autocomplete": "off",
            "spellcheck": "false",
            "hx-get": reverse_lazy("public:code_taken"),
            "hx-trigger": "change",
            "hx-target": "#code-taken",
            "hx-swap": "innerHTML",
        },
    )
    legal_representative = _text("法定代表人", 60, required=False)
    address = _text("地址", 200, help_text="营业执照上的住所。", attrs={"autocomplete": "street-address"})
    scope = forms.CharField(
        label="经营范围",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="照抄营业执照，应包含住房城乡建设领域的施工经营活动。学校可以不填，其他单位必填。",
    )
    city = forms.ChoiceField(label="所在市", required=False)
    region = forms.ChoiceField(label="所在县（市、区）")
    is_provincial = forms.BooleanField(
        label="本单位是省属单位",
        required=False,
        help_text="省属企业、省级部门所属单位勾选。由省级主管部门审核，只能选择省属培训机构。",
    )
    review_choice = forms.ChoiceField(label="审核部门", required=False, widget=forms.RadioSelect)
    contact_name = _text("联系人", 60, help_text="办理报名的人，承诺书上授权的联络人。")
    contact_phone = _text("联系人手机", 30, attrs={"inputmode": "tel"})
    office_phone = _text("办公电话", 30, required=False)
    responsible_name = _text("负责人", 60)
    responsible_phone = _text(
        "负责人手机",
        30,
        help_text="收验证码用；今后找回密码也用这个手机号。",
        attrs={"inputmode": "tel", "autocomplete": "tel"},
    )
    code = CodeField()
    password = PasswordField("登录密码", new=True, help_text=HELP)
    repeat_password = PasswordField("确认密码", new=True)
    agree = forms.BooleanField(
        label="同意《服务协议与个人信息保护说明》，并保证以上内容真实",
        error_messages={"required": "请阅读并同意服务协议后再提交。"},
    )

    def __init__(self, *args: Any, institutions: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cities, groups, self.choosing = region_choices()
        self.fields["city"].choices = cities  # type: ignore[attr-defined]
        self.fields["region"].choices = groups  # type: ignore[attr-defined]
        means = institutions or {}
        self.fields["review_choice"].choices = [  # type: ignore[attr-defined]
            (CITY, f"市级审核（{means.get(CITY, '')}）"),
            (PROVINCIAL, f"省级审核（{means.get(PROVINCIAL, '')}）"),
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, second = data.get("password"), data.get("repeat_password")
        if first and second and first != second:
            self.add_error("repeat_password", "两次输入的密码不一致，请重新输入。")
        return data

    def typed(self) -> RegistrationData:
        """What has been typed so far, wrong or not."""
        values = {name: str(self.data.get(name) or "").strip() for name in _TEXTS}
        code = str(self.data.get("region") or "")
        region = (
            Region.objects.select_related("parent__parent").filter(code=code).first()
            if code.isdigit()
            else None
        )
        return RegistrationData(
            region=region,
            is_provincial=bool(self.data.get("is_provincial")),
            review_choice=str(self.data.get("review_choice") or ""),
            kind=str(self.data.get("kind") or OrganizationKind.ENTERPRISE),
            **values,
        )

    def add_refusal(self, refusal: DomainError) -> dict[str, str]:
        """Put a refusal's sentences at their fields, where there isn't one yet; answer those about documents."""
        papers = {}
        for field, sentence in refusal.items.items():
            if field in Slot.values:
                papers[field] = str(sentence)
            elif field not in self.fields:
                self.add_error(None, str(sentence))
            elif field not in self.errors:
                self.add_error(field, str(sentence))
        if not refusal.items:
            self.add_error(None, refusal.message)
        return papers


_TEXTS = (
    "name",
    "uscc",
    "address",
    "contact_name",
    "contact_phone",
    "responsible_name",
    "responsible_phone",
    "legal_representative",
    "scope",
    "office_phone",
)
