"""企业注册: what the form looks like; what is right and wrong is judged by `organizations.services`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.urls import reverse_lazy

from foundation.errors import DomainError
from zhupei.accounts.passwords import HELP
from zhupei.organizations.models import Slot
from zhupei.organizations.rules import CITY, PROVINCIAL
from zhupei.portals.shared.forms import PasswordField
from zhupei.portals.shared.organization_forms import OrganizationForm


class RegistrationForm(OrganizationForm):
    """One page in sections. The service has the last word on every field; this only collects."""

    password = PasswordField("登录密码", new=True, help_text=HELP)
    repeat_password = PasswordField("确认密码", new=True)
    agree = forms.BooleanField(
        label="同意《服务协议与个人信息保护说明》，并保证以上内容真实",
        error_messages={"required": "请阅读并同意服务协议后再提交。"},
    )

    def __init__(self, *args: Any, institutions: dict[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["uscc"].help_text = "18 位，它就是今后的登录账号。"
        self.fields["uscc"].widget.attrs |= {
            "hx-get": reverse_lazy("public:code_taken"),
            "hx-trigger": "change",
            "hx-target": "#code-taken",
            "hx-swap": "innerHTML",
        }
        self.fields["responsible_phone"].help_text = "收验证码用；今后找回密码也用这个手机号。"
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
