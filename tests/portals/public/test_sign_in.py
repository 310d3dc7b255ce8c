"""The sign-in page, forgotten passwords, a learner's first sign-in (ACC-01, 02, 03, SEC-04)."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from tests.world import PASSWORD
from tests.zhupei.accounts.test_codes import sent_code
from zhupei.accounts.models import User
from zhupei.learning.services import open_study_accounts

NEW = "Another-2026-word"
ID_NUMBER = "330106199003071239"
pytestmark = pytest.mark.django_db


def sign_in(client, portal, account, password=PASSWORD, **more):
    return client.post(f"/sign-in/{portal}/", {"account": account, "password": password} | more)


def test_every_portal_signs_in_at_its_own_door(world):
    """ACC-01: one page with the portals to choose from."""
    for body in (world.organization(), world.institution(), world.authority()):
        user = world.user(body)
        response = sign_in(Client(), user.portal, user.account)
        assert response.status_code == 302 and response["Location"] == f"/{user.portal}/"
    page = Client().get("/sign-in/").content.decode()
    for label in ("企业 / 学校", "培训机构", "主管部门", "学员"):
        assert label in page


def test_the_portal_can_be_chosen_in_the_form_of_the_first_page(world):
    """The home page's card posts the portal along."""
    user = world.user(world.institution())
    response = Client().post(
        "/sign-in/", {"portal": "institution", "account": user.account, "password": PASSWORD}
    )
    assert response["Location"] == "/institution/"
    assert (
        Client().post("/sign-in/", {"portal": "nonsense", "account": "a", "password": "b"}).status_code == 200
    )


def test_the_wanted_page_tells_the_door():
    """An institution's clerk whose session ended sees the institution's door."""
    page = Client().get("/sign-in/?next=/institution/eligibility/").content.decode()
    assert 'action="/sign-in/institution/"' in page
    assert 'value="/institution/eligibility/"' in page


def test_a_wrong_password_is_said_neutrally_and_never_echoed(world):
    """SEC-04: account kept, password not."""
    user = world.user(world.organization())
    page = sign_in(Client(), "enterprise", user.account, "my-secret-word").content.decode()
    assert "账号或密码不正确" in page and user.account in page and "my-secret-word" not in page
    nobody = sign_in(Client(), "enterprise", "nobody", "my-secret-word").content.decode()
    assert "账号或密码不正确" in nobody
    assert bare(page).replace(user.account, "") == bare(nobody).replace("nobody", "")


def bare(page: str) -> str:
    """A page without its CSRF tokens."""
    return re.sub(r'(value|content)="[A-Za-z0-9]{64}"', "", page)


def test_after_five_failures_the_page_says_so_and_shows_the_way_out(world):
    """SEC-04, SEC-05: 429 with a sentence and the link to a new password."""
    user, client = world.user(world.organization()), Client()
    for _ in range(5):
        response = sign_in(client, "enterprise", user.account, "wrong")
    assert response.status_code == 429
    response = sign_in(client, "enterprise", user.account)
    page = response.content.decode()
    assert response.status_code == 429 and "已暂停登录 15 分钟" in page
    assert 'href="/forgot-password/enterprise/"' in page
    client.post("/codes/", {"purpose": "reset_password", "portal": "enterprise", "phone": user.phone})
    response = forgot(client, user.phone, sent_code())
    assert response["Location"] == "/sign-in/enterprise/"
    assert sign_in(client, "enterprise", user.account, NEW).status_code == 302


def forgot(client, phone, code, account="", new=NEW, again=None):
    return client.post(
        "/forgot-password/enterprise/",
        {
            "account": account,
            "phone": phone,
            "code": code,
            "new_password": new,
            "repeat_password": again or new,
        },
    )


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"code": "12345"}, "6 位数字"),
        ({"code": "000000"}, "验证码不正确或已过期"),
        ({"phone": "1385"}, "手机号应为 11 位"),
        ({"new": "short"}, "密码太简单"),
        ({"again": "different"}, "两次输入的新密码不一致"),
        ({"account": "91330106MA2B1QWE3P"}, "验证码不正确或已过期"),
    ],
)
def test_a_forgotten_password_names_what_is_wrong(world, change, sentence):
    """ACC-02: at the field; what was typed stays except passwords."""
    user, client = world.user(world.organization()), Client()
    client.post("/codes/", {"purpose": "reset_password", "portal": "enterprise", "phone": user.phone})
    given = {"phone": user.phone, "code": sent_code()} | change
    page = forgot(client, **given).content.decode()
    assert sentence in page
    assert f'value="{given["phone"]}"' in page and NEW not in page
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_the_code_can_be_had_without_scripts(world):
    """The button is a submit button; nothing typed is lost."""
    user, client = world.user(world.organization()), Client()
    page = client.post(
        "/forgot-password/enterprise/",
        {"send_code": "reset_password", "account": user.account, "phone": user.phone},
    ).content.decode()
    assert "验证码已发到该手机" in page and user.phone in page
    assert forgot(client, user.phone, sent_code(), user.account).status_code == 302


def test_a_learner_s_first_sign_in_goes_by_sms(settings):
    """ACC-03: initial password → code to the phone on file → own password → in."""
    user = User.objects.create_user("learner", ID_NUMBER, name="陆一鸣", phone="13857100001")
    client = Client()
    response = sign_in(client, "learner", ID_NUMBER.lower(), settings.INITIAL_LEARNER_PASSWORD)
    assert response["Location"] == "/first-sign-in/"
    assert client.get("/learner/").status_code == 302
    assert "首次登录" in client.get("/first-sign-in/").content.decode()
    assert client.post("/codes/", {"purpose": "first_sign_in"}).json()["ok"]
    response = client.post(
        "/first-sign-in/", {"code": sent_code(), "new_password": NEW, "repeat_password": NEW}
    )
    assert response["Location"] == "/learner/"
    assert client.get("/learner/").status_code == 200
    user.refresh_from_db()
    assert not user.must_change_password
    assert sign_in(Client(), "learner", ID_NUMBER, NEW).status_code == 302


def test_the_initial_password_tells_nothing_about_an_account(settings):
    """ACC-05: an unknown ID number sees the same page and the same answer."""
    User.objects.create_user("learner", ID_NUMBER, name="陆一鸣", phone="13857100001")
    pages = []
    for number in (ID_NUMBER, "33010619900307125X"):
        client = Client()
        assert sign_in(client, "learner", number, settings.INITIAL_LEARNER_PASSWORD)["Location"]
        pages.append(client.post("/codes/", {"purpose": "first_sign_in"}).json())
    assert pages[0] == pages[1]


def test_the_first_sign_in_cannot_be_entered_from_the_side():
    """ACC-03: only after the initial password."""
    response = Client().post(
        "/first-sign-in/", {"code": "000000", "new_password": NEW, "repeat_password": NEW}
    )
    assert response["Location"] == "/sign-in/learner/"


def test_somebody_signed_in_is_sent_on(world):
    """No second sign-in by accident; another portal's door stays open, with a word about it."""
    client = world.client(world.organization())
    assert client.get("/sign-in/enterprise/")["Location"] == "/enterprise/"
    assert "您已登录企业 / 学校端" in client.get("/sign-in/authority/").content.decode()


def test_signing_in_as_another_user_leaves_nothing_of_the_first(world):
    """SEC-04: the session is a new one."""
    first, second = world.user(world.organization()), world.user(world.organization())
    client = world.client(first)
    key = client.session.session_key
    sign_in(client, "enterprise", second.account)
    assert client.session.session_key != key
    assert client.session["_auth_user_id"] == str(second.pk)


def test_an_unknown_door_is_not_found(client):
    """Only the portals that exist; 个人办事 comes with its portal."""
    assert client.get("/sign-in/person/").status_code == 404
    assert User.objects.count() == 0


def test_an_account_opened_by_a_confirmed_payment_is_entered_by_sms(world, settings):
    """ACC-03, BIL-04: the study account works with the initial password and the phone of the enrollment."""
    enrollment = world.batch(1, state="enrolled").enrollments.get()
    open_study_accounts([enrollment])
    client = Client()
    sign_in(client, "learner", enrollment.id_number, settings.INITIAL_LEARNER_PASSWORD)
    client.post("/codes/", {"purpose": "first_sign_in"})
    response = client.post(
        "/first-sign-in/", {"code": sent_code(), "new_password": NEW, "repeat_password": NEW}
    )
    assert response["Location"] == "/learner/"
    assert enrollment.batch.occupation.name in client.get("/learner/").content.decode()
