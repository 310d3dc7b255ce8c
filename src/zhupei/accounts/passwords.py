"""The password policy (SEC-04): length ≥ 10, or three classes of characters and ≥ 8; no common ones."""

from __future__ import annotations

import re
from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator as DjangoCommonPasswordValidator
from django.core.exceptions import ValidationError

CLASSES = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
LONG, SHORT, CLASSES_WHEN_SHORT = 10, 8, 3
HELP = "至少 10 位；或至少 8 位，并含大写字母、小写字母、数字、符号中的三种。"


class LengthAndClassesValidator:
    """Length ≥ 10, or ≥ 8 with three classes."""

    def validate(self, password: str, user: Any = None) -> None:
        classes = sum(bool(re.search(pattern, password)) for pattern in CLASSES)
        if len(password) >= LONG or (len(password) >= SHORT and classes >= CLASSES_WHEN_SHORT):
            return
        raise ValidationError(f"密码太简单：请用{HELP}", code="password_too_weak")

    def get_help_text(self) -> str:
        return HELP


class CommonPasswordValidator(DjangoCommonPasswordValidator):
    """Django's list of 20 000 common passwords, plus runs and repeats."""

    def validate(self, password: str, user: Any = None) -> None:
        repeated = len(set(password)) <= 2
        if repeated or password.lower().strip() in self.passwords:
            raise ValidationError("这个密码太常见，容易被猜到，请换一个。", code="password_too_common")

    def get_help_text(self) -> str:
        return "不能是常见密码。"


class OwnNumbersValidator:
    """The account (credit code, ID number) and the phone are no secrets."""

    def validate(self, password: str, user: Any = None) -> None:
        if user is None:
            return
        own = [value for value in (user.shown_account, user.phone, user.name) if value and len(value) >= 4]
        if any(value.lower() in password.lower() for value in own):
            raise ValidationError("密码里不能含有账号、手机号或姓名，请换一个。", code="password_too_similar")

    def get_help_text(self) -> str:
        return "不能含有账号或手机号。"
