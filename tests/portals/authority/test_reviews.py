"""企业审核 and 变更审核 in the authority's portal (ORG-10, ORG-11, QRY-04, SEC-01)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from foundation.audit.models import AuditEntry
from foundation.review import services as reviews
from foundation.review.models import Review, ReviewState
from tests.zhupei.organizations.filling import paper, registered
from zhupei.accounts.models import User
from zhupei.organizations import services
from zhupei.organizations.actors import actor_for
from zhupei.organizations.data import ChangeData, RegistrationData
from zhupei.organizations.models import Authority, Organization, Slot

pytestmark = pytest.mark.django_db


@pytest.fixture
def hangzhou():
    return Authority.objects.select_related("region").get(region__code="330100")


@pytest.fixture
def clerk(world, hangzhou):
    return world.client(hangzhou)


def owner_of(organization):
    return actor_for(User.objects.get(membership__organization=organization))


def changed(world, **fields):
    """An approved organization that applies for a new name."""
    organization = registered(world)
    reviews.approve(world.actor(organization.supervisor), organization.review)
    organization = Organization.objects.select_related("review", "supervisor__region", "region").get(
        pk=organization.pk
    )
    owner = owner_of(organization)
    values = {
        "name": "浙江新名建设有限公司",
        "uscc": organization.uscc,
        "region": organization.region,
        "reason": "企业名称变更",
        "review_choice": "city",
    } | fields
    return services.request_change(owner, organization, ChangeData(**values), {Slot.LICENSE: paper(owner)})


def queries_of(client, url: str) -> int:
    client.get(url)  # what is read once per process
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(url).status_code == 200
    return len(captured)


# --- lists


def test_the_list_shows_what_waits_first(world, clerk, hangzhou):
    """ORG-10: the first tab is the queue, the oldest first, with its deadline."""
    first, second, done = (
        registered(world, name="甲建设有限公司"),
        registered(world, name="乙建设有限公司"),
        registered(world, name="丙建设有限公司"),
    )
    reviews.approve(world.actor(hangzhou), done.review)
    Review.objects.filter(pk=second.review_id).update(submitted_at=timezone.now() - dt.timedelta(days=3))
    page = clerk.get("/authority/organizations/").content.decode()

    assert page.index("乙建设有限公司") < page.index("甲建设有限公司")
    assert "丙建设有限公司" not in page
    assert "个工作日" in page and "未受理" in page
    assert first.uscc in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?q=甲建设", {"甲建设有限公司"}),
        ("?tab=approved", {"丙建设有限公司"}),
        ("?q=丙建设", {"丙建设有限公司"}),  # from the top bar: everywhere, not only in the queue
        ("?tab=&kind=school", {"丁建设学校"}),
        ("?tab=", {"甲建设有限公司", "丙建设有限公司", "丁建设学校"}),
    ],
)
def test_filters(world, clerk, hangzhou, query, found):
    """ORG-10: by name or code, kind, state."""
    registered(world, name="甲建设有限公司")
    done = registered(world, name="丙建设有限公司")
    registered(world, name="丁建设学校", kind="school", scope="")
    reviews.approve(world.actor(hangzhou), done.review)
    page = clerk.get(f"/authority/organizations/{query}").content.decode()

    assert {name for name in ("甲建设有限公司", "丙建设有限公司", "丁建设学校") if name in page} == found


def test_a_city_sees_its_own_the_province_all(world, clerk):
    """SEC-01, ORG-09: and the province may filter by authority."""
    own = registered(world, name="杭州本地建设有限公司")
    foreign = registered(world, name="宁波外地建设有限公司", region_code="330206", review_choice="")
    city = clerk.get("/authority/organizations/?tab=").content.decode()
    province = world.client(Authority.objects.get(region__code="330000"))
    page = province.get("/authority/organizations/?tab=").content.decode()
    ningbo = province.get(
        f"/authority/organizations/?tab=&supervisor={foreign.supervisor_id}"
    ).content.decode()

    assert own.name in city and foreign.name not in city
    assert own.name in page and foreign.name in page
    assert own.name not in ningbo and foreign.name in ningbo
    assert 'name="supervisor"' in page and 'name="supervisor"' not in city


def test_lists_and_home_cost_at_most_twelve_queries(world, clerk):
    """Bar 4: whatever the rows."""
    for _ in range(4):
        registered(world)
        changed(world)
    urls = (
        "/authority/",
        "/authority/organizations/?tab=",
        "/authority/changes/?tab=",
        "/authority/institutions/",
        "/authority/blacklist/",
        "/authority/blacklist/bodies/",
        "/authority/notices/",
    )
    counts = {url: queries_of(clerk, url) for url in urls}
    limit = {"/authority/": 16}

    assert all(count <= limit.get(url, 12) for url, count in counts.items()), counts


def test_the_export_is_the_same_selection(world, clerk):
    """QRY-01: a spreadsheet of exactly what is filtered."""
    registered(world, name="甲建设有限公司")
    response = clerk.get("/authority/organizations/?format=xlsx")

    assert response.status_code == 200
    assert b"".join(response.streaming_content)[:2] == b"PK"


# --- deciding


def test_approve_and_on_to_the_next(world, clerk):
    """ORG-10: the verdict is done, the next one loads by itself; the last one leads back to the list."""
    first, second = registered(world), registered(world)
    page = clerk.get(f"/authority/organizations/{first.pk}/")
    assert page.context["place"].total == 2
    response = clerk.post(
        f"/authority/organizations/{first.pk}/decide/", {"verdict": "approve", "round": "1"}
    )
    assert response.headers["Location"] == f"/authority/organizations/{second.pk}/"
    response = clerk.post(
        f"/authority/organizations/{second.pk}/decide/",
        {
            "verdict": "reject",
            "round": "1",
            "reason": ["cns|承诺书未盖章", "cns|承诺书未签字", "local|不是本地企业"],
            "other_item": ["", "yyzz"],
            "other_text": ["请补充说明", "缺少年检页"],
        },
    )
    assert response.headers["Location"] == "/authority/organizations/"
    first.review.refresh_from_db()
    second.review.refresh_from_db()

    assert first.review.state == ReviewState.APPROVED
    assert second.review.reasons == {
        "cns": "承诺书未盖章；承诺书未签字",
        "local": "不是本地企业",
        "yyzz": "缺少年检页",
    }
    assert second.review.remark == "请补充说明"


def test_a_rejection_without_a_reason_changes_nothing(world, clerk):
    """ORG-10."""
    organization = registered(world)
    url = f"/authority/organizations/{organization.pk}/"
    response = clerk.post(
        f"{url}decide/",
        {"verdict": "reject", "round": "1"},
        headers={"referer": f"http://testserver{url}"},
        follow=True,
    )

    assert "写明原因" in response.content.decode()
    organization.review.refresh_from_db()
    assert organization.review.state == ReviewState.SUBMITTED


def test_a_verdict_on_an_outdated_page_is_refused(world, clerk):
    """ORG-10: taken back and handed in again meanwhile."""
    organization = registered(world)
    owner = owner_of(organization)
    services.withdraw_registration(owner, organization)
    services.correct_registration(owner, organization, RegistrationData.of(organization), {})
    url = f"/authority/organizations/{organization.pk}/"
    response = clerk.post(
        f"{url}decide/",
        {"verdict": "approve", "round": "1"},
        headers={"referer": f"http://testserver{url}"},
        follow=True,
    )

    assert "刚刚重新提交" in response.content.decode()
    organization.review.refresh_from_db()
    assert organization.review.state == ReviewState.SUBMITTED


def test_acceptance_is_optional_and_binds(world, clerk):
    """ORG-10: accepted, the firm cannot take it back any more; the verdict still follows."""
    organization = registered(world)
    clerk.post(f"/authority/organizations/{organization.pk}/accept/")
    organization.review.refresh_from_db()
    assert organization.review.state == ReviewState.ACCEPTED
    page = clerk.get(f"/authority/organizations/{organization.pk}/").content.decode()
    assert "organization_accept" not in page and "/accept/" not in page
    clerk.post(f"/authority/organizations/{organization.pk}/decide/", {"verdict": "approve", "round": "1"})
    organization.review.refresh_from_db()
    assert organization.review.state == ReviewState.APPROVED


def test_the_reviewer_sees_what_changed(world, clerk, hangzhou):
    """ORG-10: old and new values marked, old and new papers both to be opened, the reasons of the last time."""
    organization = registered(world)
    reviews.reject(world.actor(hangzhou), organization.review, reasons={"cns": "承诺书未盖章"})
    organization = Organization.objects.select_related("review", "supervisor").get(pk=organization.pk)
    old, owner = organization.documents.get(slot="cns").document, owner_of(organization)
    new = paper(owner, Slot.LETTER)
    services.correct_registration(
        owner,
        organization,
        replace(RegistrationData.of(organization), address="新的地址 9 号"),
        {Slot.LETTER: new},
    )
    page = clerk.get(f"/authority/organizations/{organization.pk}/").content.decode()

    assert "<mark>新的地址 9 号</mark>" in page and "上次：浙江省杭州市西湖区样本路 1 号" in page
    assert "企业承诺书（新）" in page and "企业承诺书（上次）" in page
    assert "上次不通过的原因：企业承诺书（格式、签字盖章）：承诺书未盖章" in page
    for document in (old, new):
        assert clerk.get(f"/files/{document.pk}/").status_code == 200


def test_opening_a_registration_is_logged(world, clerk):
    """SEC-02: personal phones are on the page; who looked is kept."""
    organization = registered(world)
    clerk.get(f"/authority/organizations/{organization.pk}/")

    assert AuditEntry.objects.get(act="organization.view").subject_id == str(organization.pk)


def test_the_province_looks_but_does_not_decide(world):
    """SEC-01: no verdict on the page, and none by hand."""
    organization = registered(world)
    province = world.client(Authority.objects.get(region__code="330000"))
    url = f"/authority/organizations/{organization.pk}/"
    page = province.get(url).content.decode()
    assert "由杭州市城乡建设委员会审核，这里只能查看" in page and 'name="verdict"' not in page
    response = province.post(
        f"{url}decide/",
        {"verdict": "approve", "round": "1"},
        headers={"referer": f"http://testserver{url}"},
        follow=True,
    )
    assert "没有办理这一步的权限" in response.content.decode()
    organization.review.refresh_from_db()
    assert organization.review.state == ReviewState.SUBMITTED


# --- changes


def test_a_change_is_compared_and_approved(world, clerk):
    """ORG-11: old beside new while it waits and afterwards; approved it holds."""
    change = changed(world)
    old_name = change.organization.name
    page = clerk.get(f"/authority/changes/{change.pk}/").content.decode()
    assert f"原来：{old_name}" in page and "<mark>浙江新名建设有限公司</mark>" in page
    assert "营业执照（新）" in page and "营业执照（现用）" in page
    assert "浙江晨光建设有限公司" in clerk.get("/authority/changes/").content.decode()
    response = clerk.post(f"/authority/changes/{change.pk}/decide/", {"verdict": "approve", "round": "1"})
    assert response.headers["Location"] == "/authority/changes/"

    assert Organization.objects.get(pk=change.organization_id).name == "浙江新名建设有限公司"
    assert f"原来：{old_name}" in clerk.get(f"/authority/changes/{change.pk}/").content.decode()


def test_a_change_is_rejected_with_reasons(world, clerk):
    """ORG-11."""
    change = changed(world)
    clerk.post(f"/authority/changes/{change.pk}/accept/")
    clerk.post(
        f"/authority/changes/{change.pk}/decide/",
        {"verdict": "reject", "round": "1", "reason": "name|名称与营业执照不一致"},
    )
    change.review.refresh_from_db()

    assert (change.review.state, change.review.reasons) == ("rejected", {"name": "名称与营业执照不一致"})


# --- home


def test_home_shows_queues_with_lights_and_figures(world, clerk, hangzhou):
    """QRY-04: what waits, how urgent, and the figures of the region."""
    late, fresh = registered(world, name="迟到建设有限公司"), registered(world, name="新来建设有限公司")
    Review.objects.filter(pk=late.review_id).update(due_on=timezone.localdate() - dt.timedelta(days=7))
    change = changed(world)
    page = clerk.get("/authority/").content.decode()

    assert "超期 1" in page and "超期 5 个工作日" in page
    assert late.name in page and fresh.name in page
    assert f"/authority/changes/{change.pk}/" in page
    assert "共 3 家单位注册，1 家已审核，2 家待审核" in page


# --- strangers


def test_strangers_find_nothing(world):
    """SEC-01: another city, a firm, an institution get 404 for every address of an object; visitors sign in first."""
    organization, change = registered(world), changed(world)
    addresses = [
        f"/authority/organizations/{organization.pk}/",
        f"/authority/organizations/{organization.pk}/accept/",
        f"/authority/organizations/{organization.pk}/decide/",
        f"/authority/changes/{change.pk}/",
        f"/authority/changes/{change.pk}/accept/",
        f"/authority/changes/{change.pk}/decide/",
    ]
    strangers = [
        world.client(Authority.objects.get(region__code="330200")),
        world.client(world.organization()),
        world.client(world.institution()),
    ]
    for client in strangers:
        for address in addresses:
            answer = (
                client.post(address, {"verdict": "approve"}) if address[-2].isalpha() else client.get(address)
            )
            assert answer.status_code == 404, address
    visitor = world_client()
    for address in addresses:
        answer = visitor.post(address) if address[-2].isalpha() else visitor.get(address)
        assert answer.status_code == 302 and "/sign-in/authority/" in answer.headers["Location"], address


def world_client():
    from django.test import Client

    return Client()
