"""What the owners of accounts are told (NTF-01)."""

from __future__ import annotations

from foundation.messages.services import notify
from foundation.messages.templates import register_template
from zhupei.accounts import rules
from zhupei.accounts.models import CodePurpose, User

CODE = register_template(
    "accounts.code",
    label="短信验证码",
    sms="【筑培】您的验证码是 {code}，{minutes} 分钟内有效，用于{purpose}。请勿告诉他人，工作人员不会向您索要。",
)
PASSWORD_CHANGED = register_template(
    "accounts.password_changed",
    label="密码已修改",
    sms="【筑培】您的账号密码已修改。如果不是您本人操作，请立即用“忘记密码”重新设置。",
)


def code_sent(phone: str, purpose: str, code: str) -> None:
    """The code itself, with what it is for and how long it is good."""
    minutes = int(rules.CODE_LIFETIME.total_seconds() // 60)
    context = {"code": code, "purpose": CodePurpose(purpose).label, "minutes": minutes}
    notify(CODE, phones=[phone], context=context)


def password_changed(user: User) -> None:
    """Whoever owns the account hears of it, whoever did it."""
    notify(PASSWORD_CHANGED, phones=[user.phone], context={"name": user.name})
