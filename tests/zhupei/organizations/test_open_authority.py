"""The operator opens a department's first account; everything else is done on the pages."""

from __future__ import annotations

import io
import re

import pytest
from django.core.management import CommandError, call_command

from zhupei.accounts.models import User

pytestmark = pytest.mark.django_db


def test_the_first_account_of_a_department(client) -> None:
    """ORG-12, ORG-14: an owner with a first password that has to be changed."""
    out = io.StringIO()
    call_command("open_authority", "330100", "HZJW01", name="王立新", phone="13900000001", stdout=out)
    user = User.objects.of_account("authority", "hzjw01")
    assert user is not None
    assert user.must_change_password
    assert (user.membership.role, user.membership.authority.region.code) == ("owner", "330100")
    password = re.search(r"初始密码 (\S+)，", out.getvalue())
    assert password and user.check_password(password[1])
    answer = client.post("/sign-in/authority/", {"account": "hzjw01", "password": password[1]}, follow=True)
    assert "请先设置自己的密码" in answer.content.decode()


@pytest.mark.parametrize(
    ("region", "account", "phone", "words"),
    [
        ("999999", "hzjw01", "13900000001", "行政区划代码"),
        ("330100", "x", "13900000001", "4 位以上"),
        ("330100", "hzjw01", "139", "手机号"),
    ],
)
def test_what_is_wrong_is_said(region: str, account: str, phone: str, words: str) -> None:
    """Refused in a sentence, nothing opened."""
    with pytest.raises(CommandError, match=words):
        call_command("open_authority", region, account, name="王立新", phone=phone)
    assert not User.objects.filter(portal="authority", account=account).exists()
