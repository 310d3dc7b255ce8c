"""What protects every page: headers, cookies, CSRF, redirects, refusals, limits (SEC-04, SEC-05)."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace

import pytest
from django.db import DataError
from django.http import HttpResponse
from django.test import Client, RequestFactory

from foundation.errors import DomainError
from foundation.messages.models import Sms
from zhupei.accounts.models import User, VerificationCode
from zhupei.portals.shared.access import safe_next
from zhupei.portals.shared.middleware import ClientAddressMiddleware, RefusalMiddleware
from zhupei.portals.shared.revealing import revealed

PASSWORD = "Zhupei-2026-test"
PAGES = [
    "/", "/sign-in/", "/sign-in/learner/", "/register/", "/forgot-password/enterprise/", "/institutions/",
    "/notices/", "/downloads/", "/help/", "/agreement/", "/dev/sms/",
]  # fmt: skip
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", PAGES)
def test_no_page_needs_inline_script_or_style(client, path):
    """SEC-05: CSP 'self' without inline; frames and types locked down."""
    response = client.get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe-inline" not in policy and "object-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy and "form-action 'self'" in policy
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "SAMEORIGIN"
    assert response["Referrer-Policy"] == "same-origin"
    page = response.content.decode()
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", page)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page)


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(client):
    """SEC-05: HttpOnly and SameSite; Secure in production (zhupei.config.settings)."""
    client.get("/register/")
    session = client.cookies["sessionid"]
    assert session["httponly"] and session["samesite"] == "Lax"
    assert client.cookies["csrftoken"]["samesite"] == "Lax"


def test_a_form_without_its_token_is_refused_in_chinese():
    """SEC-05: CSRF; the page says what to do."""
    client = Client(enforce_csrf_checks=True)
    for path in ("/sign-in/enterprise/", "/register/", "/codes/", "/sign-out/"):
        response = client.post(path, {"account": "a", "password": "b"})
        assert response.status_code == 403
        assert "页面停留太久" in response.content.decode()


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
    ],
)
def test_signing_in_leads_to_no_other_site(client, target):
    """SEC-05: no open redirect by ?next=."""
    User.objects.create_user("learner", "330106199003071239", PASSWORD)
    response = client.post(
        "/sign-in/learner/", {"account": "330106199003071239", "password": PASSWORD, "next": target}
    )
    assert response.status_code == 302 and response["Location"] == "/learner/"
    assert "evil" not in Client().get("/sign-in/", {"next": target}).content.decode()
    assert safe_next(RequestFactory().get("/"), target) == ""


def test_signing_in_leads_back_to_where_one_came_from(client):
    """The page that was asked for is not lost."""
    User.objects.create_user("learner", "330106199003071239", PASSWORD)
    response = client.post(
        "/sign-in/learner/",
        {"account": "330106199003071239", "password": PASSWORD, "next": "/learner/me/?a=1"},
    )
    assert response["Location"] == "/learner/me/?a=1"


def refusing(**headers):
    """What the middleware makes of a refusal."""
    request = RequestFactory().post("/x/", headers=headers)
    from django.contrib.auth.models import AnonymousUser
    from django.contrib.messages.storage.cookie import CookieStorage

    request.user = AnonymousUser()
    request.actor = SimpleNamespace(portal="visitor", user=None)
    request._messages = CookieStorage(request)
    middleware = RefusalMiddleware(lambda request: HttpResponse())
    refusal = DomainError("order_taken", "这些人已在别的订单里，请刷新后重选。", {"7": "已有订单"})
    return request, middleware.process_exception(request, refusal)


def test_a_refusal_nobody_caught_goes_back_to_the_page_with_its_sentence():
    """A rule that says no is no error page."""
    request, response = refusing(referer="http://testserver/enterprise/orders/")
    assert (response.status_code, response["Location"]) == (302, "http://testserver/enterprise/orders/")
    assert [str(message) for message in request._messages] == ["这些人已在别的订单里，请刷新后重选。"]


def test_a_refusal_to_a_program_is_json():
    """The code for machines, the sentence for people, the items concerned."""
    _, response = refusing(accept="application/json")
    assert response.status_code == 409
    assert json.loads(response.content) == {
        "ok": False,
        "code": "order_taken",
        "message": "这些人已在别的订单里，请刷新后重选。",
        "items": {"7": "已有订单"},
    }


def test_a_refusal_to_htmx_reloads_the_page():
    """A part of a page is no place for it."""
    _, response = refusing(**{"referer": "http://testserver/a/", "HX-Request": "true"})
    assert (response.status_code, response["HX-Redirect"]) == (204, "http://testserver/a/")


@pytest.mark.parametrize("referer", ["", "https://evil.example/"])
def test_a_refusal_without_an_own_page_to_go_back_to_is_a_page_itself(referer):
    """No open redirect by the Referer."""
    _, response = refusing(referer=referer)
    assert response.status_code == 409
    page = response.content.decode()
    assert "这一步没有办成" in page and "这些人已在别的订单里" in page


def test_errors_that_are_no_refusals_pass():
    """They are logged and become the error page."""
    middleware = RefusalMiddleware(lambda request: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/"), ValueError()) is None


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "1.1.1.1", "127.0.0.1"),
        (1, "", "127.0.0.1"),
        (1, "1.1.1.1, 2.2.2.2", "2.2.2.2"),
        (2, "9.9.9.9, 1.1.1.1, 2.2.2.2", "1.1.1.1"),
        (2, "1.1.1.1", "127.0.0.1"),
        (1, "not an address", "127.0.0.1"),
    ],
)
def test_an_address_made_up_by_the_client_is_not_believed(settings, proxies, forwarded, address):
    """SEC-05: limits cannot be dodged by X-Forwarded-For."""
    settings.TRUSTED_PROXIES = proxies
    request = RequestFactory().get("/", headers={"X-Forwarded-For": forwarded})
    ClientAddressMiddleware(lambda request: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == address


def test_a_full_value_is_shown_to_be_logged(world):
    """SEC-02: who saw which field of what; the log holds no value."""
    from foundation.audit.models import AuditEntry

    firm = world.organization(contact_phone="13857100009")
    response = revealed(RequestFactory().get("/x/"), world.actor(firm), firm, "contact_phone")
    assert response.content == b"13857100009" and response["Cache-Control"] == "private, no-store"
    entry = AuditEntry.objects.get(act="field.reveal")
    assert entry.detail["field"] == "contact_phone" and "13857100009" not in str(entry.detail)


def send(client, **data):
    response = client.post("/codes/", data, headers={"Accept": "application/json"})
    return response.status_code, response.json()


def test_the_code_button_always_answers(client):
    """ACC-05: a sentence whatever is wrong, and how long to wait."""
    status, answer = send(client, purpose="register", phone="138")
    assert status == 422 and "11 位" in answer["message"] and not answer["ok"]
    status, answer = send(client, purpose="register", phone="13857100001")
    assert status == 200 and "138****0001" in answer["message"] and answer["retry_after"] == 60
    status, answer = send(client, purpose="register", phone="13857100001")
    assert status == 429 and 0 < answer["retry_after"] <= 60
    for purpose in ("", "nonsense", "change_phone", "first_sign_in"):
        status, answer = send(client, purpose=purpose, phone="13857100002")
        assert status == 422 and answer["message"]


def test_a_forgotten_password_s_code_answers_the_same_for_known_and_unknown(client, world):
    """ACC-05: nothing tells whether the phone is known."""
    user = world.user(world.organization())
    known = send(
        client, purpose="reset_password", portal="enterprise", account=user.account, phone=user.phone
    )
    unknown = send(
        client, purpose="reset_password", portal="enterprise", account=user.account, phone="13857109999"
    )
    nobody = send(
        client, purpose="reset_password", portal="enterprise", account="nobody", phone="13857109998"
    )
    assert known == unknown == nobody
    assert Sms.objects.count() == 1 and VerificationCode.objects.count() == 3


def test_somebody_signed_in_may_verify_a_new_phone(world):
    """ORG-11."""
    status, _ = send(world.client(world.organization()), purpose="change_phone", phone="13857100003")
    assert status == 200 and Sms.objects.get().phone == "13857100003"


@pytest.mark.parametrize("fault", [DataError("text fields cannot contain NUL"), ValueError("NUL")])
def test_a_text_that_no_database_takes_is_a_bad_request(fault):
    """SEC-04, OPS-02: no error page of ours for a made-up request; other faults stay faults."""
    middleware = RefusalMiddleware(lambda request: HttpResponse())
    for method in ("get", "post"):
        made_up = getattr(RequestFactory(), method)("/institution/", {"reason": ["x", "a\0b"]})
        answer = middleware.process_exception(made_up, fault)
        assert answer is not None and answer.status_code == 400
        honest = getattr(RequestFactory(), method)("/institution/", {"reason": "ab"})
        assert middleware.process_exception(honest, fault) is None


def test_a_reason_with_a_nul_is_refused_everywhere(world, settings):
    """SEC-04: through a real page, in a real database."""
    user = world.user(world.institution())
    client = world.client(user)
    client.raise_request_exception = False
    answer = client.post("/sign-in/learner/", {"account": "a\0b", "password": "\0"})
    assert answer.status_code < 500
    assert client.get("/institution/people/", {"q": "a\0b"}).status_code < 500
    assert client.get("/institution/assessments/", {"q": "\0"}).status_code < 500
