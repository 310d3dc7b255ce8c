"""获取验证码: a button that always answers, whatever else on the page is wrong (ACC-05)."""

from __future__ import annotations

from django.http import JsonResponse
from django.views.decorators.http import require_POST

from foundation.errors import DomainError
from foundation.identifiers import phone as phones
from foundation.requests import PortalRequest
from zhupei.accounts import services
from zhupei.accounts.models import CodePurpose
from zhupei.accounts.rules import CODE_LIFETIME
from zhupei.portals.shared.middleware import client_address

FIRST_SIGN_IN_KEY = "first_sign_in"
MINUTES = int(CODE_LIFETIME.total_seconds() // 60)


def answer_code_request(
    request: PortalRequest, purpose: str, *, phone: str = "", portal: str = "", account: str = ""
) -> str:
    """Send the code that is asked for and say so in a sentence; raises DomainError.

    `phone`, `portal`, `account` as the purpose needs them. The sentences for a forgotten password and a first sign-in
    are the same whether or not anything was sent.
    """
    address = client_address(request)
    if purpose == CodePurpose.RESET_PASSWORD:
        services.request_reset_code(portal, account, phone, address)
        return f"如果账号和手机号相符，验证码已发到该手机，{MINUTES} 分钟内有效。"
    if purpose == CodePurpose.FIRST_SIGN_IN:
        return send_first_code(request)
    signed_in = request.actor.user is not None
    if purpose == CodePurpose.REGISTER or (purpose == CodePurpose.CHANGE_PHONE and signed_in):
        services.request_code(phone, purpose, address)
        return f"验证码已发到 {phones.mask(phones.normalize(phone))}，{MINUTES} 分钟内有效。"
    raise DomainError("unknown_purpose", "请刷新页面后再获取验证码。")


def send_first_code(request: PortalRequest) -> str:
    """The code of a learner's first sign-in, for the account whose initial password this session gave."""
    account = request.session.get(FIRST_SIGN_IN_KEY, "")
    if not account:
        raise DomainError("expired", "登录已过期，请返回登录页重新开始。")
    services.request_first_code(account, client_address(request))
    return f"如果账号存在并且是首次登录，验证码已发到报名时登记的手机，{MINUTES} 分钟内有效。"


@require_POST
def send_code(request: PortalRequest) -> JsonResponse:
    """`{"ok", "message", "retry_after"}`; seconds until the button may be pressed again."""
    try:
        sentence = answer_code_request(
            request,
            request.POST.get("purpose", ""),
            **{name: request.POST.get(name, "") for name in ("phone", "portal", "account")},
        )
    except DomainError as refusal:
        wait = int(refusal.items.get("retry_after", 0))
        return JsonResponse(
            {"ok": False, "message": refusal.message, "retry_after": wait}, status=429 if wait else 422
        )
    return JsonResponse({"ok": True, "message": sentence, "retry_after": 60})
