"""Forms that several portals use."""

from __future__ import annotations

from typing import Any

from django import forms

from zhupei.accounts.passwords import HELP

MOST_LETTERS = 128


class SpokenForm(forms.Form):
    """A form that names the field when something is missing: 请填写手机号。"""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if field.error_messages.get("required") in {None, forms.Field.default_error_messages["required"]}:
                verb = "请选择" if isinstance(field, forms.ChoiceField) else "请填写"
                field.error_messages["required"] = f"{verb}{field.label}。"


class PasswordField(forms.CharField):
    """A password; never rendered back."""

    def __init__(self, label: str, *, new: bool = False, **kwargs: Any) -> None:
        complete = "new-password" if new else "current-password"
        widget = forms.PasswordInput(attrs={"autocomplete": complete}, render_value=False)
        super().__init__(label=label, widget=widget, strip=False, max_length=MOST_LETTERS, **kwargs)


class CodeField(forms.CharField):
    """An SMS code of 6 digits."""

    def __init__(self, label: str = "短信验证码", **kwargs: Any) -> None:
        attrs = {
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "maxlength": "6",
            "class": "code-input",
        }
        kwargs.setdefault("error_messages", {"required": "请填写短信验证码。"})
        super().__init__(label=label, widget=forms.TextInput(attrs=attrs), max_length=12, **kwargs)

    def clean(self, value: Any) -> str:
        code = "".join(str(super().clean(value) or "").split())
        if code and not (len(code) == 6 and code.isdecimal()):
            raise forms.ValidationError("验证码是短信里的 6 位数字。")
        return code


class NewPasswordForm(SpokenForm):
    """A new password, typed twice."""

    new_password = PasswordField("新密码", new=True, help_text=HELP)
    repeat_password = PasswordField("确认新密码", new=True)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, second = data.get("new_password"), data.get("repeat_password")
        if first and second and first != second:
            self.add_error("repeat_password", "两次输入的新密码不一致，请重新输入。")
        return data


class ChangePasswordForm(NewPasswordForm):
    """The old one first."""

    old_password = PasswordField("原密码")
    field_order = ["old_password", "new_password", "repeat_password"]


class SecondStepForm(SpokenForm):
    """The code of the authenticator app, or a spare code."""

    code = forms.CharField(
        label="动态验证码",
        max_length=20,
        help_text="手机验证器上的 6 位数字；手机不在身边时填一个备用码。",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )
