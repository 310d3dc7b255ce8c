"""What an approved or rejected organization changes about itself; judged by `organizations.services`."""

from __future__ import annotations

from django import forms

from zhupei.organizations.data import ChangeData, ContactData
from zhupei.portals.shared.forms import CodeField, SpokenForm
from zhupei.portals.shared.organization_forms import OrganizationForm, PlaceForm, text_field


class CorrectionForm(OrganizationForm):
    """The registration with everything that was handed in; a new responsible phone needs a code (ORG-06)."""

    code = CodeField(required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uscc"].help_text = "更正后，登录账号也随之改变。"


class ContactForm(SpokenForm):
    """What changes without review (ORG-11)."""

    address = text_field("地址", 200)
    contact_name = text_field("联系人", 60, help_text="办理报名的人。")
    contact_phone = text_field("联系人手机", 30, attrs={"inputmode": "tel"})
    office_phone = text_field("办公电话", 30, required=False)
    responsible_phone = text_field(
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

    name = text_field("单位名称", 120, help_text="与新营业执照一致的全称。")
    uscc = text_field(
        "统一社会信用代码", 30, help_text="通过后，登录账号也随之改变。", attrs={"spellcheck": "false"}
    )
    reason = forms.CharField(label="变更原因", max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
    collects = ChangeData
