"""修改密码 and signing out, in every portal (ACC-02, SEC-04)."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.world import PASSWORD
from zhupei.accounts.models import User

NEW = "Another-2026-word"
pytestmark = pytest.mark.django_db


def bodies(world):
    return [world.organization(), world.institution(), world.authority()]


def change(client: Client, old: str = PASSWORD, new: str = NEW, again: str = NEW):
    return client.post("/password/", {"old_password": old, "new_password": new, "repeat_password": again})


def test_every_portal_changes_its_password(world):
    """ACC-02."""
    for body in bodies(world):
        user = world.user(body)
        client = world.client(user)
        assert client.get("/password/").status_code == 200
        response = change(client)
        assert response.status_code == 302 and response["Location"].startswith(f"/{user.portal}/")
        user.refresh_from_db()
        assert user.check_password(NEW)


@pytest.mark.parametrize(
    ("old", "new", "again", "sentence"),
    [
        ("wrong", NEW, NEW, "原密码不正确"),
        (PASSWORD, NEW, "different-word", "两次输入的新密码不一致"),
        (PASSWORD, "short", "short", "密码太简单"),
        (PASSWORD, "", "", "请填写新密码。"),
    ],
)
def test_what_is_wrong_is_said_and_no_password_comes_back(world, old, new, again, sentence):
    """SEC-04: the page never holds a password."""
    user = world.user(world.organization())
    page = change(world.client(user), old, new, again).content.decode()
    assert sentence in page
    for secret in filter(None, (old, new, again)):
        assert f'value="{secret}"' not in page
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_password_set_by_somebody_else_has_to_be_changed_first(world):
    """ORG-12: the authority sets the first password; nothing else opens before it is changed."""
    institution = world.institution()
    user = world.user(institution)
    user.must_change_password = True
    user.save()
    client = world.client(user)
    assert client.get("/institution/")["Location"] == "/password/"
    page = client.get("/password/").content.decode()
    assert "请先设置自己的密码" in page
    change(client)
    user.refresh_from_db()
    assert not user.must_change_password


def test_signing_out_is_a_post_and_ends_the_session(world):
    """A link on a foreign page signs nobody out."""
    client = world.client(world.organization())
    assert client.get("/sign-out/").status_code == 405
    assert client.post("/sign-out/")["Location"] == "/sign-in/enterprise/"
    assert client.get("/messages/").status_code == 302
    assert client.post("/sign-out/")["Location"] == "/"


def test_an_anonymous_visitor_is_sent_to_sign_in_and_back(client):
    """SEC-01."""
    response = client.get("/password/")
    assert response["Location"] == "/sign-in/?next=%2Fpassword%2F"


def test_a_learner_changes_his_password_on_a_phone_page(world):
    """ACC-02, LRN-01."""
    user = User.objects.create_user("learner", "330106199003071239", name="陆一鸣", phone="13857100001")
    user.set_password(PASSWORD)
    user.must_change_password = False
    user.save()
    assert 'class="phone"' in world.client(user).get("/password/").content.decode()
