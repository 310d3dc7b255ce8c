"""单位信息: what changes at once and what goes to review (ORG-11), in the enterprise's portal."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from foundation.messages.models import Sms
from foundation.review import services as reviews
from tests.zhupei.organizations.filling import picture, registered
from zhupei.accounts.models import User
from zhupei.organizations import services
from zhupei.organizations.models import Organization, OrganizationChange
from zhupei.portals.enterprise.organization_forms import ChangeForm

pytestmark = pytest.mark.django_db
PROFILE, CONTACT, CHANGE = (
    "/enterprise/profile/",
    "/enterprise/profile/contact/",
    "/enterprise/profile/change/",
)


def fresh(organization) -> Organization:
    return Organization.objects.select_related("review", "supervisor__region", "region").get(
        pk=organization.pk
    )


@pytest.fixture
def organization(world):
    row = registered(world)
    reviews.approve(world.actor(row.supervisor), row.review)
    return fresh(row)


@pytest.fixture
def client(world, organization):
    return world.client(User.objects.get(membership__organization=organization))


def contact(**changed) -> dict[str, str]:
    return {
        "address": "浙江省杭州市西湖区样本路 1 号",
        "contact_name": "周敏",
        "contact_phone": "13857100001",
        "office_phone": "",
        "responsible_phone": "13857100002",
    } | changed


def change(organization, **changed) -> dict[str, str]:
    initial = {
        name: value for name, value in ChangeForm.initial_of(organization).items() if value is not False
    }
    return {name: str(value) for name, value in (initial | {"reason": "企业名称变更"} | changed).items()}


def test_the_profile(client, organization):
    """ORG-11: everything on file, the papers, in few queries."""
    client.get(PROFILE)
    with CaptureQueriesContext(connection) as captured:
        page = client.get(PROFILE).content.decode()

    assert organization.name in page and organization.uscc in page and "浙江省杭州市西湖区" in page
    assert "138****0002" in page and "申请变更" in page
    assert len(captured) <= 22


def test_contact_data_change_at_once(client, organization):
    """ORG-11: no review, no code while the responsible phone stays."""
    response = client.post(CONTACT, contact(contact_name="吴芳", office_phone="0571-87654321"))
    assert response.headers["Location"] == PROFILE
    row = fresh(organization)

    assert (row.contact_name, row.office_phone) == ("吴芳", "0571-87654321")
    assert row.is_approved


def test_a_new_responsible_phone_needs_its_code(client, organization):
    """ORG-11, ACC-05: once; the same code does not work again."""
    wanted = contact(responsible_phone="13857100066")
    assert "请向新手机号获取验证码" in client.post(CONTACT, wanted).content.decode()
    client.post("/codes/", {"purpose": "change_phone", "phone": "13857100066"})
    code = re.search(r"\d{6}", Sms.objects.get(code="accounts.code").text)[0]
    assert client.post(CONTACT, wanted | {"code": code}).status_code == 302
    assert fresh(organization).responsible_phone == "13857100066"
    client.post(CONTACT, contact(responsible_phone="13857100067"))
    assert (
        "验证码不正确"
        in client.post(CONTACT, contact(responsible_phone="13857100067", code=code)).content.decode()
    )
    assert fresh(organization).responsible_phone == "13857100066"


def test_wrong_contact_data_stand_at_their_fields(client, organization):
    """ORG-11."""
    page = client.post(CONTACT, contact(contact_phone="123", address="新地址")).content.decode()

    assert "没有提交成功" in page and 'value="新地址"' in page
    assert fresh(organization).address != "新地址"


def test_apply_for_a_change_see_it_withdraw_correct(client, organization, world):
    """ORG-11: old values hold on every page; rejected, the reasons and the filled-in form are there."""
    new = client.post("/enterprise/registration/papers/yyzz/", {"file": picture()}).json()["id"]
    client.post(CHANGE, change(organization, name="浙江新名建设有限公司", document_yyzz=new))
    row = OrganizationChange.objects.select_related("review").get()
    page = client.get(PROFILE).content.decode()
    assert "未受理" in page and "浙江新名建设有限公司" in page and "原信息继续有效" in page
    assert f'<span class="body-name" title="{organization.name}">' in page
    assert client.get(CHANGE).status_code == 302  # one at a time

    client.post(f"/enterprise/profile/changes/{row.pk}/withdraw/")
    again = client.get(CHANGE).content.decode()
    assert 'value="浙江新名建设有限公司"' in again and f"/files/{new}/" in again
    client.post(CHANGE, change(organization, name="浙江新名建设集团有限公司"))
    row.refresh_from_db()
    assert (row.name, row.review.pk) == (
        "浙江新名建设集团有限公司",
        OrganizationChange.objects.get().review_id,
    )
    row = OrganizationChange.objects.select_related("review", "supervisor").get()
    reviews.reject(world.actor(row.supervisor), row.review, reasons={"name": "名称与营业执照不一致"})
    page = client.get(PROFILE).content.decode()
    assert "名称与营业执照不一致" in page and "修改并重新提交" in page
    assert "名称与营业执照不一致" in client.get(CHANGE).content.decode()
    assert fresh(organization).name == organization.name


def test_an_approved_change_is_in_force_and_kept_on_record(client, organization, world):
    """ORG-11."""
    client.post(CHANGE, change(organization, review_choice="provincial", reason="改为省级审核"))
    row = OrganizationChange.objects.select_related("review", "supervisor").get()
    reviews.approve(world.actor(row.supervisor), row.review)
    page = client.get(PROFILE).content.decode()

    assert "浙江省住房和城乡建设厅" in page and "变更记录" in page and "改为省级审核" in page
    assert "申请变更" in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [({}, "没有改动任何内容"), ({"name": "浙江新名建设有限公司"}, "请上传新的营业执照")],
)
def test_what_cannot_be_applied_for_is_said(client, organization, changed, sentence):
    """ORG-11."""
    page = client.post(CHANGE, change(organization, **changed)).content.decode()

    assert sentence in page
    assert not OrganizationChange.objects.exists()


def test_a_barred_organization_is_told(client, organization, world):
    """ORG-15: who barred it, why, until when."""
    services.bar_body(world.actor(organization.supervisor), organization, "组织替考")

    assert "已被列入黑名单" in client.get(PROFILE).content.decode()


def test_strangers_find_nothing(client, organization, world):
    """SEC-01: nobody withdraws somebody else's change; other portals have no such pages."""
    client.post(CHANGE, change(organization, review_choice="provincial"))
    row = OrganizationChange.objects.get()
    url = f"/enterprise/profile/changes/{row.pk}/withdraw/"
    assert world.client(world.organization()).post(url).status_code == 404
    for other in (world.client(organization.supervisor), world.client(world.institution())):
        assert other.post(url).status_code == 404
        assert {other.get(each).status_code for each in (PROFILE, CONTACT, CHANGE)} == {404}
    assert {Client().get(each).status_code for each in (PROFILE, CONTACT, CHANGE)} == {302}
    row.review.refresh_from_db()
    assert row.review.state == "submitted"
