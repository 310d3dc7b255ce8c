"""培训项目 on the institution's screen (ORG-13, SEC-01)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from zhupei.catalog.models import Offer, Programme

pytestmark = pytest.mark.django_db
LIST = "institution:offers"


@pytest.fixture
def institution(world):
    return world.institution()


@pytest.fixture
def client(world, institution):
    return world.client(institution)


def terms(institution, **more) -> dict:
    return {"fee": "480.50", "site": institution.sites.get().pk, "start_pattern": "每月开班"} | more


def test_an_empty_list_says_how_to_fill_it(client) -> None:
    """ui.md: the empty state."""
    page = client.get(reverse(LIST)).text
    assert "还没有培训项目" in page and "新增培训项目" in page


def test_several_offers_at_once(client, institution) -> None:
    """ORG-13: occupations × modes at the same terms; what was there stays as it is and is named."""
    programme = Programme.objects.get(code="site-professionals")
    chosen = list(programme.occupations.all()[:3])
    url = f"{reverse('institution:offer_new')}?programme={programme.pk}"
    given = terms(institution, occupations=[row.pk for row in chosen], deliveries=["online", "onsite"])
    assert client.post(url, given).status_code == 302
    assert institution.offers.count() == 6
    page = client.post(url, given | {"fee": "1"}, follow=True).text
    assert "6 个项目原来就有" in page and not Offer.objects.filter(fee=1).exists()
    listed = client.get(reverse(LIST)).text
    assert "土建施工员" in listed and "¥480.50" in listed and "每月开班" in listed


def test_levels_are_asked_where_there_are_some(client, institution) -> None:
    """ORG-13: for each occupation and level."""
    workers = Programme.objects.get(code="skilled-workers")
    url = f"{reverse('institution:offer_new')}?programme={workers.pk}"
    assert "高级工" in client.get(url).text and "按培训计划报名" in client.get(url).text
    given = terms(institution, occupations=[workers.occupations.first().pk], deliveries=["onsite"])
    assert client.post(url, given).status_code == 200
    given["levels"] = [row.pk for row in workers.levels.all()]
    assert client.post(url, given).status_code == 302
    assert institution.offers.count() == 3


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"fee": "-1"}, "收费标准不能小于 0"),
        ({"fee": "四百"}, "请填写金额"),
        ({"site": ""}, "请选择测试地点"),
        ({"occupations": []}, "这个字段是必填项"),
    ],
)
def test_wrong_terms_are_named_and_nothing_is_lost(client, institution, wrong, words) -> None:
    """ORG-13, ui.md: errors at the field, what was typed stays."""
    programme = Programme.objects.get(code="site-professionals")
    given = terms(institution, occupations=[programme.occupations.first().pk], deliveries=["online"])
    page = client.post(reverse("institution:offer_new"), given | wrong)
    assert page.status_code == 200 and not Offer.objects.exists()
    assert words in page.text or page.context["form"].errors
    assert "每月开班" in page.text


def test_changing_closing_and_opening(client, world, institution) -> None:
    """ORG-13."""
    offer = world.offer(institution)
    url = reverse("institution:offer", args=[offer.pk])
    assert client.get(url).status_code == 200
    assert client.post(url, terms(institution, fee="520")).status_code == 302
    client.post(reverse("institution:offer_close", args=[offer.pk]))
    offer.refresh_from_db()
    assert (offer.fee, offer.is_open) == (520, False)
    assert "重新开放报名" in client.get(url).text
    client.post(reverse("institution:offer_reopen", args=[offer.pk]))
    offer.refresh_from_db()
    assert offer.is_open


def test_filters_and_export(client, world, institution) -> None:
    """QRY-01: the same selection as a spreadsheet."""
    world.offer(institution)
    world.offer(institution, delivery="online", is_open=False)
    assert client.get(reverse(LIST), {"is_open": "False"}).context["list"].page.paginator.count == 1
    assert client.get(reverse(LIST), {"format": "xlsx"})["Content-Type"].endswith("sheet")


def test_strangers_find_nothing(world, institution) -> None:
    """SEC-01: another institution, an enterprise, an authority."""
    offer = world.offer(institution)
    addresses = [
        reverse(f"institution:{name}", args=[offer.pk]) for name in ("offer", "offer_close", "offer_reopen")
    ]
    for body in (world.institution(), world.organization(), world.authority()):
        stranger = world.client(body)
        for url in addresses:
            answer = stranger.post(url) if url != addresses[0] else stranger.get(url)
            assert answer.status_code == 404, url
    for body in (world.organization(), world.authority()):
        assert world.client(body).get(reverse(LIST)).status_code == 404


def test_few_queries(client, world, institution, django_assert_max_num_queries) -> None:
    """Style 9."""
    for row in Programme.objects.get(code="site-professionals").occupations.all():
        world.offer(institution, occupation=row)
    client.get(reverse(LIST))
    with django_assert_max_num_queries(12):
        client.get(reverse(LIST))
