"""Sign-in, lockout, sessions (ACC-01, SEC-04)."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.test import RequestFactory

from foundation.audit.models import AuditEntry
from foundation.errors import DomainError
from foundation.scoping import Actor
from zhupei.accounts import rules, services
from zhupei.accounts.models import Portal, User

PASSWORD = "Zhupei-2026-test"
NEW = "Another-2026-word"
CODE = "91330106MA2B1QWE3P"

pytestmark = pytest.mark.django_db


def request(address: str = "10.0.0.1", **post):
    """A POST with a session, as the middleware would hand it over."""
    made = RequestFactory().post("/sign-in/enterprise/", post, REMOTE_ADDR=address)
    made.session = SessionStore()
    made.user = AnonymousUser()
    return made


@pytest.fixture
def user():
    return User.objects.create_user(Portal.ENTERPRISE, CODE, PASSWORD, name="周敏", phone="13857100001")


def test_an_account_signs_in_however_its_code_is_typed(user):
    """ACC-01, ORG-06: lower case, spaces and full-width characters are the same account."""
    for typed in (CODE, CODE.lower(), f" {CODE[:9]} {CODE[9:]} ", "９１３３０１０６ＭＡ２Ｂ１ＱＷＥ３Ｐ"):
        assert services.sign_in(request(), "enterprise", typed, PASSWORD) == user
    assert AuditEntry.objects.filter(act="account.sign_in", user=user).count() == 4


def test_unknown_account_wrong_password_wrong_portal_and_closed_account_get_one_sentence(user):
    """SEC-04: nothing tells which accounts exist."""
    closed = User.objects.create_user(Portal.ENTERPRISE, "closed", PASSWORD, is_active=False)
    sentences = set()
    for portal, account, password in (
        ("enterprise", "nobody", PASSWORD),
        ("enterprise", CODE, "wrong"),
        ("institution", CODE, PASSWORD),
        ("enterprise", closed.account, PASSWORD),
    ):
        with pytest.raises(DomainError) as refusal:
            services.sign_in(request(), portal, account, password)
        sentences.add((refusal.value.code, refusal.value.message))
    assert sentences == {("wrong_password", services.NOT_FOUND)}


def test_an_unknown_account_costs_as_much_work_as_a_wrong_password(user, settings, monkeypatch):
    """SEC-04: timing tells nothing: every refusal runs the slow hash once, known account or not."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    user.set_password(PASSWORD)
    user.save()
    closed = User.objects.create_user(Portal.ENTERPRISE, "closed", PASSWORD, is_active=False)
    unset = User.objects.create_user(Portal.ENTERPRISE, "unset")
    runs: list[str] = []
    for name in ("encode", "verify"):
        real = getattr(Argon2PasswordHasher, name)

        def counted(self, *args, real=real, **kwargs):
            runs.append(real.__name__)
            return real(self, *args, **kwargs)

        monkeypatch.setattr(Argon2PasswordHasher, name, counted)

    for account in (CODE, "nobody", closed.account, unset.account):
        runs.clear()
        with pytest.raises(DomainError):
            services.sign_in(request(), "enterprise", account, "wrong")
        assert len(runs) == 1, account


def test_the_session_gets_a_new_key_and_axes_forgets_the_failures(user):
    """SEC-04: no session fixation; a success clears the count."""
    made = request()
    made.session["visitor"] = "x"
    made.session.save()
    before = made.session.session_key
    with pytest.raises(DomainError):
        services.sign_in(request(), "enterprise", CODE, "wrong")
    services.sign_in(made, "enterprise", CODE, PASSWORD)
    assert made.session.session_key != before
    assert not AccessAttempt.objects.exists()


def test_five_failures_lock_the_account_from_every_address(user):
    """SEC-04: lockout by account, unknown ones too; the sentence names the way out."""
    for account in (CODE, "nobody"):
        for number in range(5):
            with pytest.raises(DomainError) as refusal:
                services.sign_in(request(f"10.0.0.{number}"), "enterprise", account, "wrong")
        assert refusal.value.code == "locked"
        with pytest.raises(DomainError, match="忘记密码") as refusal:
            services.sign_in(request("10.9.9.9"), "enterprise", account, PASSWORD)
        assert refusal.value.code == "locked"


def test_the_lock_opens_after_fifteen_minutes_even_if_somebody_keeps_trying(user):
    """SEC-04: attempts during the lockout don't prolong it."""
    import datetime as dt

    for _ in range(5):
        with pytest.raises(DomainError):
            services.sign_in(request(), "enterprise", CODE, "wrong")
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(
            attempt_time=attempt.attempt_time - dt.timedelta(minutes=14)
        )
    with pytest.raises(DomainError, match="暂停登录"):
        services.sign_in(request(), "enterprise", CODE, PASSWORD)
    for attempt in AccessAttempt.objects.all():
        AccessAttempt.objects.filter(pk=attempt.pk).update(
            attempt_time=attempt.attempt_time - dt.timedelta(minutes=2)
        )
    assert services.sign_in(request(), "enterprise", CODE, PASSWORD) == user


def test_an_address_that_fails_for_many_accounts_is_stopped(user):
    """SEC-04: lockout by address; others are not hindered."""
    for number in range(rules.ADDRESS_FAILURES):
        with pytest.raises(DomainError):
            services.sign_in(request(), "enterprise", f"guess{number}", "wrong")
    with pytest.raises(DomainError, match="所在的网络"):
        services.sign_in(request(), "enterprise", CODE, PASSWORD)
    assert services.sign_in(request("10.0.0.2"), "enterprise", CODE, PASSWORD) == user


def test_what_axes_keeps_holds_no_password_and_no_id_number():
    """SEC-02: failures are counted by portal and account key."""
    number = "330106199003071239"
    with pytest.raises(DomainError):
        services.sign_in(
            request(account=number, password="my-secret-word"), "learner", number, "my-secret-word"
        )
    kept = str(list(AccessAttempt.objects.values()))
    assert number not in kept and "my-secret-word" not in kept


def test_signing_out_ends_the_session(user):
    """The session is gone and the log says so."""
    made = request()
    services.sign_in(made, "enterprise", CODE, PASSWORD)
    services.sign_out(made)
    assert not made.user.is_authenticated
    assert AuditEntry.objects.filter(act="account.sign_out").exists()


def test_a_changed_password_ends_the_other_sessions(user, client, settings):
    """SEC-04: sessions end on password change; the one that changed it stays."""
    from django.test import Client

    here, there = Client(), Client()
    for each in (here, there):
        each.force_login(user, backend="zhupei.accounts.backends.PortalBackend")
    response = here.post(
        "/password/",
        {"old_password": PASSWORD, "new_password": NEW, "repeat_password": NEW},
    )
    assert response.status_code == 302
    assert here.get("/messages/").status_code == 200
    assert there.get("/messages/").status_code == 302


def test_the_old_password_is_asked_for_and_guessing_it_locks(user):
    """SEC-04: an unattended browser is no way to take an account over."""
    actor = Actor(user=user, portal="enterprise")
    for _ in range(5):
        with pytest.raises(DomainError) as refusal:
            services.change_password(request(), actor, "wrong", NEW)
        assert "old_password" in refusal.value.items
    with pytest.raises(DomainError, match="暂停登录"):
        services.change_password(request(), actor, PASSWORD, NEW)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Ab1defg", "密码太简单"),
        ("abcdefgh1", "密码太简单"),
        ("password123", "太常见"),
        ("aaaaaaaaaaaa", "太常见"),
        ("x13857100001x", "不能含有账号"),
        (f"a{CODE}", "不能含有账号"),
        (PASSWORD, "不能和原密码相同"),
    ],
)
def test_the_password_policy(user, password, sentence):
    """SEC-04: length ≥ 10 or three classes ≥ 8, common ones refused."""
    made = request()
    made.user = user
    with pytest.raises(DomainError, match=sentence) as refusal:
        services.change_password(made, Actor(user=user, portal="enterprise"), PASSWORD, password)
    assert "new_password" in refusal.value.items


@pytest.mark.parametrize("password", ["Ab1defgh", "long enough words", "施工现场专业人员职业培训"])
def test_good_passwords_are_taken(user, password):
    """SEC-04: also long ones of one class."""
    services.check_password_policy(password, user)
