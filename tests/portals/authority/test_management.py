"""培训机构, 黑名单 and 通知公告 in the authority's portal (ORG-12, ORG-15, SEC-01)."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from foundation.audit.models import AuditEntry
from tests.portals.pressing import press
from zhupei.accounts.models import User
from zhupei.organizations import services
from zhupei.organizations.models import Authority, BodyBar, Institution, Notice
from zhupei.people import services as people
from zhupei.people.models import PersonBar
from zhupei.regions.models import Region

pytestmark = pytest.mark.django_db


@pytest.fixture
def hangzhou():
    return Authority.objects.select_related("region").get(region__code="330100")


@pytest.fixture
def clerk(world, hangzhou):
    return world.client(hangzhou)


def form(**changed):
    return {
        "name": "杭州样本培训学校",
        "short_name": "杭样培",
        "region": Region.objects.get(code="330105").pk,
        "address": "杭州市拱墅区样本街 2 号",
        "contact_phone": "0571-87654321",
        "account_name": "杭州样本培训学校",
        "account_number": "1205220109200069722",
        "account_bank": "样本银行杭州支行",
        "account": "HZ-yangben",
        "password": "Yangban-2026",
    } | changed


# --- institutions


def test_create_an_institution_and_it_signs_in(clerk, hangzhou):
    """ORG-12, ACC-01: with the first password, and must change it before anything else."""
    response = clerk.post("/authority/institutions/new/", form())
    institution = Institution.objects.get()
    assert response.headers["Location"] == f"/authority/institutions/{institution.pk}/"
    assert "hz-yangben" in clerk.get(response.headers["Location"]).content.decode()

    client = Client()
    client.force_login(
        User.objects.get(account="hz-yangben"), backend="zhupei.accounts.backends.PortalBackend"
    )
    answer = client.get("/institution/")
    assert answer.status_code == 302 and "/password/" in answer.headers["Location"]


def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(clerk, world):
    """ORG-12: also regions of other cities are not on offer."""
    world.institution(short_name="杭样培")
    page = clerk.post("/authority/institutions/new/", form(password="1")).content.decode()
    assert "简称已被其他机构使用" in page and "杭州样本培训学校" in page
    other_city = clerk.post(
        "/authority/institutions/new/", form(region=Region.objects.get(code="330206").pk)
    ).content.decode()
    assert "没有提交成功" in other_city
    assert Institution.objects.count() == 1


def test_edit_close_reopen_and_reset_the_password(clerk, hangzhou, world):
    """ORG-12."""
    clerk.post("/authority/institutions/new/", form())
    institution = Institution.objects.get()
    url, user = f"/authority/institutions/{institution.pk}/", User.objects.get(portal="institution")
    clerk.post(f"{url}edit/", form(strengths="师资齐全"))
    clerk.post(f"{url}active/", {"active": "0", "reason": "整改"})
    institution.refresh_from_db()
    assert (institution.strengths, institution.is_active) == ("师资齐全", False)
    clerk.post(f"{url}active/", {"active": "1"})
    institution.refresh_from_db()
    assert institution.is_active
    refused = clerk.post(f"{url}users/{user.pk}/password/", {"password": "123"}).content.decode()
    assert "密码" in refused and User.objects.get(pk=user.pk).check_password("Yangban-2026")
    # what that page's other buttons are refused for is said on the page of the institution
    closing = press(clerk, f"{url}users/{user.pk}/password/", f"{url}active/", {"active": "0", "reason": ""})
    back = clerk.get(closing["Location"], follow=True)
    assert back.redirect_chain == [(url, 302)] and "原因" in back.content.decode()
    institution.refresh_from_db()
    assert institution.is_active
    clerk.post(f"{url}users/{user.pk}/password/", {"password": "Chongshe-2026"})
    assert User.objects.get(pk=user.pk).check_password("Chongshe-2026")


def test_the_province_looks_at_a_citys_institution_and_changes_nothing(world, hangzhou):
    """SEC-01."""
    institution = world.institution(supervisor=hangzhou)
    province = world.client(Authority.objects.get(region__code="330000"))
    url = f"/authority/institutions/{institution.pk}/"
    page = province.get(url).content.decode()
    assert "这里只能查看" in page and f"{url}edit/" not in page
    province.post(
        f"{url}active/", {"active": "0", "reason": "整改"}, headers={"referer": f"http://testserver{url}"}
    )
    institution.refresh_from_db()
    assert institution.is_active


# --- blacklist


def test_bar_and_lift_a_person_on_screen(clerk, world):
    """ORG-15, SEC-02: masked; the full number on demand, logged."""
    someone = world.invent.person()
    response = clerk.post(
        "/authority/blacklist/new/",
        {"name": someone.name, "id_number": someone.id_number, "reason": "考试替考"},
    )
    bar = PersonBar.objects.get()
    assert response.headers["Location"] == f"/authority/blacklist/{bar.pk}/"
    page = clerk.get(response.headers["Location"]).content.decode()
    listed = clerk.get("/authority/blacklist/").content.decode()
    assert someone.id_number not in page and someone.id_number not in listed
    assert someone.name in listed and "生效中" in listed
    full = clerk.post(f"/authority/blacklist/{bar.pk}/id-number/")
    assert full.content.decode() == someone.id_number
    assert AuditEntry.objects.filter(act="field.reveal").count() == 1
    clerk.post(f"/authority/blacklist/{bar.pk}/lift/", {"reason": "申诉成立"})
    assert "已解除" in clerk.get(f"/authority/blacklist/{bar.pk}/").content.decode()
    assert someone.name not in clerk.get("/authority/blacklist/?standing=standing").content.decode()
    assert someone.name in clerk.get("/authority/blacklist/?standing=ended").content.decode()


def test_a_person_is_found_by_the_whole_id_number(clerk, world, hangzhou):
    """ORG-15: by blind index."""
    one, two = world.invent.person(), world.invent.person()
    for person in (one, two):
        people.bar_person(world.actor(hangzhou), person.id_number, person.name + "某", "替考")
    page = clerk.get(f"/authority/blacklist/?q={one.id_number}").content.decode()

    assert one.name + "某" in page and two.name + "某" not in page


def test_wrong_input_is_named(clerk):
    """ORG-15."""
    page = clerk.post(
        "/authority/blacklist/new/", {"name": "王丽", "id_number": "330106198001010011", "reason": "替考"}
    ).content.decode()

    assert "没有提交成功" in page and not PersonBar.objects.exists()


def test_bar_and_lift_bodies_on_screen(clerk, world, hangzhou):
    """ORG-15: an organization by code, an institution by name; others are not found."""
    firm, school = world.organization(supervisor=hangzhou), world.institution(supervisor=hangzhou)
    foreign = world.organization(supervisor=Authority.objects.get(region__code="330200"), city="330200")
    day = timezone.localdate().isoformat()
    for text in (firm.uscc.lower(), school.name):
        clerk.post("/authority/blacklist/bodies/new/", {"body": text, "reason": "组织替考", "ends_on": day})
    assert BodyBar.objects.in_force().count() == 2
    page = clerk.post(
        "/authority/blacklist/bodies/new/", {"body": foreign.uscc, "reason": "替考"}
    ).content.decode()
    assert "没有找到" in page
    bar = BodyBar.objects.get(organization=firm)
    assert firm.name in clerk.get("/authority/blacklist/bodies/").content.decode()
    clerk.post(f"/authority/blacklist/bodies/{bar.pk}/lift/", {"reason": "整改完成"})
    assert BodyBar.objects.in_force().count() == 1
    assert "整改完成" in clerk.get(f"/authority/blacklist/bodies/{bar.pk}/").content.decode()


# --- notices


def test_write_publish_withdraw_change_a_notice(clerk):
    """A notice's whole life on screen."""
    clerk.post("/authority/notices/new/", {"title": "报名通知", "body": "第一段\n第二段", "act": "save"})
    notice = Notice.objects.get()
    url = f"/authority/notices/{notice.pk}/"
    assert notice.state == "draft"
    clerk.post(f"{url}publish/")
    assert Notice.objects.published().get() == notice
    clerk.post(f"{url}withdraw/")
    clerk.post(f"{url}edit/", {"title": "更正通知", "body": "<script>alert(1)</script>", "act": "publish"})
    page = clerk.get(url).content.decode()

    assert Notice.objects.published().get().title == "更正通知"
    assert "<script>alert(1)" not in page and "撤下" in page
    assert "更正通知" in clerk.get("/authority/notices/").content.decode()


# --- strangers


def test_strangers_find_nothing(world, hangzhou):
    """SEC-01: every address of an object, for another city, a firm and an institution."""
    actor = world.actor(hangzhou)
    someone = world.invent.person()
    institution, user = world.institution(supervisor=hangzhou), None
    user = world.user(institution)
    person = people.bar_person(actor, someone.id_number, someone.name, "替考")
    body = services.bar_body(actor, world.organization(supervisor=hangzhou), "替考")
    notice = services.write_notice(actor, "标题", "正文")
    gets = [
        f"/authority/institutions/{institution.pk}/",
        f"/authority/institutions/{institution.pk}/edit/",
        f"/authority/blacklist/{person.pk}/",
        f"/authority/blacklist/bodies/{body.pk}/",
        f"/authority/notices/{notice.pk}/",
        f"/authority/notices/{notice.pk}/edit/",
    ]
    posts = [
        f"/authority/institutions/{institution.pk}/active/",
        f"/authority/institutions/{institution.pk}/users/{user.pk}/password/",
        f"/authority/blacklist/{person.pk}/id-number/",
        f"/authority/blacklist/{person.pk}/lift/",
        f"/authority/blacklist/bodies/{body.pk}/lift/",
        f"/authority/notices/{notice.pk}/publish/",
        f"/authority/notices/{notice.pk}/withdraw/",
    ]
    ningbo = Authority.objects.get(region__code="330200")
    for client in (
        world.client(ningbo),
        world.client(world.organization()),
        world.client(world.institution()),
    ):
        assert {client.get(url).status_code for url in gets} == {404}
        assert {client.post(url, {"reason": "x"}).status_code for url in posts} == {404}
    for url in (*gets, "/authority/institutions/new/", "/authority/blacklist/new/", "/authority/"):
        assert Client().get(url).status_code == 302
