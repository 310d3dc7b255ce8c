"""账号管理 in the three portals (ORG-14)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.portals.pressing import press
from zhupei.accounts.models import User

pytestmark = pytest.mark.django_db
FIRST = "Yangban-2026-first"
SECOND_ROLE = {"enterprise": "clerk", "institution": "clerk", "authority": "reviewer"}


@pytest.fixture(params=["organization", "institution", "authority"])
def owner(request: Any, world: Any) -> User:
    return world.user(getattr(world, request.param)())


def test_an_owner_adds_an_account_that_signs_in_and_changes_its_password(world: Any, owner: User) -> None:
    """ORG-14."""
    client = world.client(owner)
    home = client.get(f"/{owner.portal}/", follow=True).content.decode()
    assert "账号管理" in home
    role = SECOND_ROLE[owner.portal]
    data = {"name": "周敏", "phone": "13857100088", "account": "zhoumin01", "password": FIRST, "role": role}
    answer = client.post("/staff/new/", data | {"phone": "12"})
    assert answer.status_code == 200 and not User.objects.filter(name="周敏").exists()
    assert client.post("/staff/new/", data).status_code == 302
    page = client.get("/staff/").content.decode()
    assert "zhoumin01" in page and "初始密码，本人还没有修改" in page and "13857100088" not in page
    user = User.objects.get(name="周敏")
    assert world.client(user).get(f"/{owner.portal}/").headers["Location"] == "/password/"
    user.must_change_password = False
    user.save()
    page = world.client(user).get(f"/{owner.portal}/", follow=True).content.decode()
    assert "账号管理" not in page


def test_roles_passwords_and_closing_through_the_page(world: Any, owner: User) -> None:
    """ORG-14: a closed account is out at once."""
    client = world.client(owner)
    body = getattr(owner.membership, {"enterprise": "organization"}.get(owner.portal, owner.portal))
    other = world.user(body)
    theirs = world.client(other)
    pk, role = other.membership.pk, SECOND_ROLE[owner.portal]
    assert theirs.get("/staff/").status_code == 200
    client.post(f"/staff/{pk}/role/", {"role": role})
    assert theirs.get("/staff/").status_code == 409  # told to ask the owner
    answer = client.post(f"/staff/{pk}/password/", {"password": "1"})
    assert answer.status_code == 200 and "密码太简单" in answer.content.decode()
    myself = owner.membership.pk  # refused on the page shown for that password: said on the list
    closing = press(client, f"/staff/{pk}/password/", f"/staff/{myself}/active/", {"active": "0"})
    back = client.get(closing["Location"], follow=True)
    assert back.redirect_chain == [("/staff/", 302)] and "不能停用" in back.content.decode()
    client.post(f"/staff/{pk}/password/", {"password": FIRST})
    other.refresh_from_db()
    assert other.must_change_password and other.check_password(FIRST)
    theirs = world.client(other)
    client.post(f"/staff/{pk}/active/", {"active": "0"})
    assert theirs.get(f"/{owner.portal}/").headers["Location"].startswith("/sign-in/")
    assert "已停用" in client.get("/staff/").content.decode()


def test_strangers_find_nothing(world: Any, owner: User) -> None:
    """SEC-01: another body's accounts are not there; learners have no such page."""
    stranger = {
        "enterprise": world.organization,
        "institution": world.institution,
        "authority": lambda: world.authority("330200", "宁波市"),
    }[owner.portal]()
    client = world.client(stranger)
    pk = owner.membership.pk
    for act, data in (
        ("role", {"role": "owner"}),
        ("active", {"active": "0"}),
        ("password", {"password": FIRST}),
    ):
        assert client.post(f"/staff/{pk}/{act}/", data).status_code == 404
    learner = User.objects.create_user("learner", world.invent.person().id_number, FIRST)
    assert world.client(learner).get("/staff/").status_code == 404


def test_a_clerk_of_an_authority_sees_no_verdict(world: Any) -> None:
    """ORG-14: the acceptor accepts, the reviewer decides."""
    firm = world.organization(state="submitted")
    address = f"/authority/organizations/{firm.pk}/"
    acceptor = world.client(world.user(firm.supervisor, "acceptor"))
    page = acceptor.get(address).content.decode()
    assert ">受理</button>" in page and 'value="approve"' not in page
    acceptor.post(address + "decide/", {"verdict": "approve", "round": "1"})
    firm.review.refresh_from_db()
    assert firm.review.state == "submitted"
    reviewer = world.client(world.user(firm.supervisor, "reviewer"))
    page = reviewer.get(address).content.decode()
    assert ">受理</button>" not in page and 'value="approve"' in page


def test_finance_of_a_firm_pays_and_does_not_enroll(world: Any) -> None:
    """ORG-14: buttons of acts that the role may not do are absent, their pages say whom to ask."""
    batch = world.batch(2)
    order = world.order(1)
    finance = world.client(world.user(batch.organization, "finance"))
    home = finance.get("/enterprise/").content.decode()
    assert "新建报名" not in home and "补传资料" not in home and "查看" in home
    answer = finance.get(f"/enterprise/enroll/new/{batch.offer_id}/")
    assert answer.status_code == 409 and "没有办理这一步的权限" in answer.content.decode()
    owner = world.client(world.user(batch.organization))
    assert "补传资料" in owner.get("/enterprise/").content.decode()
    clerk = world.client(world.user(order.organization, "clerk"))
    page = clerk.get(f"/enterprise/orders/{order.pk}/").content.decode()
    assert "提交凭证" not in page and "由本单位的管理员或财务上传" in page and order.account_number in page
