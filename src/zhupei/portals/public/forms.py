"""Forms of signing in and of forgotten passwords; registration has its own module."""

from __future__ import annotations

from django import forms

from foundation.identifiers import phone as phones
from zhupei.accounts.models import Portal
from zhupei.portals.shared.forms import CodeField, NewPasswordForm, PasswordField, SpokenForm

ACCOUNT_LABELS = {
    Portal.ENTERPRISE: "统一社会信用代码",
    Portal.INSTITUTION: "账号",
    Portal.AUTHORITY: "账号",
    Portal.LEARNER: "身份证号",
}
MOST_LETTERS = 64


class PhoneField(forms.CharField):
    """A mobile number, cleaned to 11 digits."""

    def __init__(self, label: str = "手机号", **kwargs: object) -> None:
        widget = forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "tel"})
        super().__init__(label=label, widget=widget, max_length=30, **kwargs)  # type: ignore[arg-type]

    def clean(self, value: object) -> str:
        text = str(super().clean(value) or "")
        if text and (wrong := phones.problem(text)):
            raise forms.ValidationError(wrong.message)
        return phones.normalize(text)


class SignInForm(SpokenForm):
    """Account and password; the label of the account follows the portal."""

    account = forms.CharField(max_length=MOST_LETTERS)
    password = PasswordField("密码")

    def __init__(self, portal: str, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        label = ACCOUNT_LABELS[Portal(portal)]
        self.fields["account"].label = label
        self.fields["account"].error_messages["required"] = f"请填写{label}。"
        self.fields["account"].widget.attrs.update({"autocomplete": "username", "autofocus": True})


class ForgotPasswordForm(NewPasswordForm):
    """Phone and code, then a new password. The account may be left out: people forget it too."""

    account = forms.CharField(
        label="账号", max_length=MOST_LETTERS, required=False, help_text="忘记账号可以不填。"
    )
    phone = PhoneField("手机号")
    code = CodeField()
    field_order = ["account", "phone", "code", "new_password", "repeat_password"]

    def __init__(self, portal: str, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        account = self.fields["account"]
        account.label = ACCOUNT_LABELS[Portal(portal)]
        account.widget.attrs["autocomplete"] = "username"
        self.fields["phone"].help_text = {
            Portal.ENTERPRISE: "注册时登记的负责人手机号。",
            Portal.LEARNER: "报名时登记的手机号。",
        }.get(Portal(portal), "账号登记的手机号。")


class FirstSignInForm(NewPasswordForm):
    """A learner's first sign-in, after the initial password."""

    code = CodeField()
    field_order = ["code", "new_password", "repeat_password"]
