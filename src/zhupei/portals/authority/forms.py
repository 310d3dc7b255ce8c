"""Forms of the authority's portal; what is right is judged by the services."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from foundation.scoping import Actor
from zhupei.organizations.data import InstitutionData
from zhupei.organizations.models import Institution, Organization
from zhupei.regions.models import Region, RegionLevel


def _day(label: str, help_text: str = "", *, required: bool = False) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, widget=widget, help_text=help_text)


def _text(label: str, *, required: bool = True, rows: int = 3, help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label=label, required=required, widget=forms.Textarea(attrs={"rows": rows}), help_text=help_text
    )


class RegionChoiceField(forms.ModelChoiceField):
    """Regions by their full names, e.g. 杭州市西湖区."""

    def label_from_instance(self, obj: Any) -> str:
        return str(obj.full_name.removeprefix("浙江省")) or str(obj)


class InstitutionForm(forms.Form):
    """What an authority keeps about a training institution (ORG-12)."""

    name = forms.CharField(label="机构名称", max_length=100)
    short_name = forms.CharField(
        label="简称", max_length=5, help_text="最多 5 个字，不能与其他机构重复；培训计划的名称用它开头。"
    )
    region = RegionChoiceField(label="所在地区", queryset=Region.objects.none(), empty_label="请选择")
    address = forms.CharField(label="地址", max_length=200)
    contact_name = forms.CharField(label="联系人", max_length=60, required=False)
    contact_phone = forms.CharField(label="咨询电话", max_length=30, required=False)
    strengths = forms.CharField(
        label="培训特色", max_length=200, required=False, help_text="企业比较机构时会看到，一句话即可。"
    )
    introduction = _text("机构介绍", required=False, rows=4)
    account_name = forms.CharField(label="户名", max_length=100, help_text="企业公对公转账时填写的收款单位。")
    account_number = forms.CharField(label="账号", max_length=40)
    account_bank = forms.CharField(label="开户行", max_length=100)

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        regions = Region.objects.select_related("parent__parent").exclude(level=RegionLevel.PROVINCE)
        if not actor.body.is_provincial:
            regions = regions.filter(Q(pk=actor.body.region_id) | Q(parent=actor.body.region_id))
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]

    def data_for_service(self) -> InstitutionData:
        names = InstitutionData.__dataclass_fields__
        return InstitutionData(**{name: self.cleaned_data[name] for name in names})


class NewInstitutionForm(InstitutionForm):
    """With the first account."""

    account = forms.CharField(label="登录账号", max_length=64, help_text="建议用机构的统一社会信用代码。")
    password = forms.CharField(
        label="初始密码",
        max_length=128,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        help_text="至少 10 位；或至少 8 位并含大写字母、小写字母、数字、符号中的三种。机构首次登录时必须修改。",
    )


class PasswordForm(forms.Form):
    password = NewInstitutionForm.base_fields["password"]


class PersonBarForm(forms.Form):
    """A person by ID number (ORG-15)."""

    name = forms.CharField(label="姓名", max_length=60)
    id_number = forms.CharField(label="身份证号", max_length=30)
    reason = _text("原因", help_text="本人所在单位报名时会看到这个原因。")
    starts_on = _day("起始日期", "不填为今天起。")
    ends_on = _day("截止日期", "含当天；不填为未定截止日期。")


class BodyBarForm(forms.Form):
    """An organization or institution by credit code or full name (ORG-15)."""

    body = forms.CharField(
        label="单位", max_length=120, help_text="填写企业的统一社会信用代码或全称，或培训机构的全称。"
    )
    reason = _text("原因", help_text="该单位会收到通知并看到这个原因。")
    starts_on = _day("起始日期", "不填为今天起。")
    ends_on = _day("截止日期", "含当天；不填为未定截止日期。")

    def __init__(self, *args: Any, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.actor = actor
        self.found: Organization | Institution | None = None

    def clean_body(self) -> str:
        text = str(self.cleaned_data["body"]).strip()
        organizations = Organization.objects.visible_to(self.actor).select_related("supervisor__region")
        institutions = Institution.objects.visible_to(self.actor).select_related("supervisor__region")
        self.found = (
            organizations.filter(Q(uscc=text.upper()) | Q(name=text)).first()
            or institutions.filter(name=text).first()
        )
        if self.found is None:
            raise forms.ValidationError("本部门主管的单位中没有找到，请核对信用代码或全称。")
        return text


class NoticeForm(forms.Form):
    title = forms.CharField(label="标题", max_length=120)
    body = _text("正文", rows=16, help_text="只用文字，换行即分段；网址会自动成为链接。")
