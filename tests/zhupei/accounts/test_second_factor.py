"""两步验证 (SEC-04)."""

from __future__ import annotations

import datetime as dt
import re
import time
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from foundation.errors import DomainError
from tests.world import PASSWORD
from zhupei.accounts import second_factor, totp
from zhupei.accounts.models import SecondFactor
from zhupei.organizations.actors import actor_for
from zhupei.organizations.services import reset_institution_password

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_the_codes_are_those_of_the_standard(seconds, code):
    """RFC 6238, appendix B (its last six digits)."""
    assert totp.code_at(SECRET, seconds // 30) == code


def test_the_app_is_told_account_and_secret():
    """SEC-04: what the QR code holds (otpauth, as the apps read it)."""
    found = urlsplit(totp.address(SECRET, "王芳"))
    given = {name: values[0] for name, values in parse_qs(found.query).items()}
    assert (found.scheme, found.netloc, unquote(found.path)) == ("otpauth", "totp", "/筑培:王芳")
    assert (given["secret"], given["issuer"]) == (SECRET, "筑培")
    assert (given["algorithm"], given["digits"], given["period"]) == ("SHA1", "6", "30")


@given(st.integers(min_value=100, max_value=10**9), st.integers(min_value=-5, max_value=5))
def test_a_clock_may_be_off_by_one_step_and_no_code_counts_twice(step, off):
    """SEC-04: near now, later than the last one used."""
    code, now = totp.code_at(SECRET, step + off), step * 30 + 7
    found = totp.matching_step(SECRET, code, now, 0)
    near = {totp.code_at(SECRET, step + n): step + n for n in (-1, 0, 1)}
    assert (found is not None) == (code in near)
    if found is not None:
        assert totp.matching_step(SECRET, code, now, found) is None


def now_code(factor: SecondFactor, steps: int = 0) -> str:
    return totp.code_at(factor.secret, int(time.time()) // 30 + steps)


@pytest.fixture
def user(world):
    return world.user(world.institution())


@pytest.fixture
def spares(user):
    """The factor is on."""
    actor = actor_for(user)
    return second_factor.confirm(actor, now_code(second_factor.begin(actor), -1))


def password_given(user) -> Client:
    client = Client()
    response = client.post(
        "/sign-in/institution/", {"account": user.account, "password": PASSWORD, "next": "/messages/"}
    )
    assert response["Location"] == "/second-step/?next=%2Fmessages%2F"
    assert client.get("/messages/").status_code == 302
    return client


def test_it_is_set_up_with_a_picture_and_the_first_code(user):
    """SEC-04: QR code and secret for the app; spare codes are shown once, kept as digests."""
    client = Client()
    client.force_login(user, backend="zhupei.accounts.backends.PortalBackend")
    assert 'href="/second-factor/"' in client.get("/password/").content.decode()
    page = client.get("/second-factor/").content.decode()
    factor = SecondFactor.objects.get(user=user)
    assert "<svg" in page and factor.secret[:4] in page
    assert "不正确" in client.post("/second-factor/", {"code": "000000"}).content.decode()
    page = client.post("/second-factor/", {"code": now_code(factor)}).content.decode()
    spares = re.findall(r"<li>([a-z2-9]{10})</li>", page)
    factor.refresh_from_db()
    assert len(spares) == 8 and factor.confirmed_at and spares[0] not in str(factor.spare_digests)
    assert factor.secret not in client.get("/second-factor/").content.decode()


@pytest.mark.django_db
def test_the_password_alone_opens_nothing_any_more(user, spares):
    """SEC-04: the second step, then on to where one wanted to go."""
    client = password_given(user)
    factor = SecondFactor.objects.get(user=user)
    page = client.post("/second-step/", {"code": "000000", "next": "/messages/"}).content.decode()
    assert "动态验证码不正确" in page
    response = client.post("/second-step/", {"code": now_code(factor), "next": "/messages/"})
    assert response["Location"] == "/messages/" and client.get("/messages/").status_code == 200


def test_a_used_code_and_a_used_spare_code_are_refused(user, spares):
    """No replay."""
    factor = SecondFactor.objects.get(user=user)
    for code in (now_code(factor), spares[0].upper()):
        assert password_given(user).post("/second-step/", {"code": code}).status_code == 302
        assert password_given(user).post("/second-step/", {"code": code}).status_code == 200


def test_guessing_the_code_is_stopped(user, spares):
    """Five failures: 15 minutes, whatever is typed."""
    for _ in range(5):
        with pytest.raises(DomainError):
            second_factor.check(user, "000000")
    factor = SecondFactor.objects.get(user=user)
    with pytest.raises(DomainError, match="15 分钟"):
        second_factor.check(user, now_code(factor))
    SecondFactor.objects.update(locked_until=factor.locked_until - dt.timedelta(minutes=16))
    second_factor.check(user, now_code(factor))


def test_the_second_step_needs_the_first(user, spares):
    """Nobody enters from the side; a changed password or five minutes end it."""
    factor = SecondFactor.objects.get(user=user)
    assert Client().post("/second-step/", {"code": now_code(factor)})["Location"] == "/sign-in/"
    client = password_given(user)
    user.set_password("Another-2026-word")
    user.save()
    assert client.post("/second-step/", {"code": now_code(factor)})["Location"] == "/sign-in/"


def test_it_can_be_turned_off_with_a_code(user, spares):
    """By the owner only."""
    client = Client()
    client.force_login(user, backend="zhupei.accounts.backends.PortalBackend")
    client.post("/second-factor/", {"code": "000000"})
    assert second_factor.is_on(user)
    client.post("/second-factor/", {"code": spares[3]})
    assert not second_factor.is_on(user)


def test_a_new_password_by_the_authority_and_the_operator_s_command_take_it_off(world, user, spares):
    """The way out for whoever lost phone and spare codes."""
    institution = user.membership.institution
    reset_institution_password(world.actor(institution.supervisor), institution, user, "Another-2026-word")
    assert not second_factor.is_on(user)
    other = world.user(world.authority())
    actor = actor_for(other)
    second_factor.confirm(actor, now_code(second_factor.begin(actor)))
    call_command("release_account", "authority", other.account, verbosity=0)
    assert not second_factor.is_on(other)
    with pytest.raises(CommandError):
        call_command("release_account", "authority", "nobody")


def test_it_is_for_institutions_and_authorities(world):
    """SEC-04."""
    client = world.client(world.organization())
    assert client.get("/second-factor/").status_code == 404
    assert "second-factor" not in client.get("/password/").content.decode()
