"""培训机构: the list to choose from and the comparison side by side (ORG-09, ORG-13, SEC-01)."""

from __future__ import annotations

import pytest
from django.urls import reverse

from zhupei.catalog.models import Occupation

pytestmark = pytest.mark.django_db
LIST, COMPARE = "enterprise:institutions", "enterprise:institutions_compare"


@pytest.fixture
def market(world):
    """A city institution, a provincial one and one of another city, two occupations each."""
    city, province, ningbo = world.authority(), world.authority("330000"), world.authority("330200", "宁波市")
    made = {}
    for key, authority, fee in (
        ("city", city, "480"),
        ("province", province, "420"),
        ("ningbo", ningbo, "300"),
    ):
        institution = world.institution(supervisor=authority, strengths=f"{key}特色")
        world.offer(institution, fee=fee)
        world.offer(
            institution, occupation=Occupation.objects.get(name="资料员"), fee="360", delivery="online"
        )
        made[key] = institution
    return made


@pytest.fixture
def client(world, market):
    return world.client(world.organization())


def names(response) -> list[str]:
    return [row.institution.name for row in response.context["list"].page.object_list]


def test_the_five_points_of_a_decision(client, market) -> None:
    """ORG-13: occupation, fee, mode, strengths, test site, and the way on."""
    page = client.get(reverse(LIST)).text
    for words in ("土建施工员", "¥480.00", "线下", "city特色", "样本街2号", "每月开班", "选择报名"):
        assert words in page, words
    offer = market["city"].offers.get(delivery="onsite")
    assert f"{reverse('enterprise:enroll')}?offer={offer.pk}" in page


def test_what_may_be_chosen_is_explained(world, client, market) -> None:
    """ORG-09: by the city → its own and the provincial ones; by the province → these only."""
    page = client.get(reverse(LIST))
    assert set(names(page)) == {market["city"].name, market["province"].name}
    assert "可以选择杭州市的培训机构和省属培训机构" in page.text
    province = world.authority("330000")
    other = world.client(world.organization(supervisor=province, is_provincial=True))
    page = other.get(reverse(LIST))
    assert set(names(page)) == {market["province"].name}
    assert "只能选择省属培训机构" in page.text


def test_a_chosen_occupation_is_sorted_by_fee(client, market) -> None:
    """ORG-13."""
    occupation = Occupation.objects.get(name="土建施工员")
    page = client.get(reverse(LIST), {"occupation": occupation.pk})
    assert names(page) == [market["province"].name, market["city"].name]


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ({"delivery": "online"}, 2),
        ({"fee": "400"}, 2),
        ({"fee": "420", "delivery": "onsite"}, 1),
        ({"q": "city特色"}, 2),
        ({"q": "没有这家"}, 0),
    ],
)
def test_filters(client, query, count) -> None:
    """ORG-13: mode, highest fee, search."""
    assert client.get(reverse(LIST), query).context["list"].page.paginator.count == count


def test_filter_by_programme_and_city(client, market) -> None:
    """ORG-13: choices hold only what is on offer."""
    form = client.get(reverse(LIST)).context["list"].filter_form
    assert [label for _, label in form.fields["programme"].choices] == ["全部", "施工现场专业人员"]
    cities = dict(form.fields["city"].choices)
    assert "杭州市" in cities.values() and "宁波市" not in cities.values()
    key = next(key for key, label in cities.items() if label == "杭州市")
    assert set(names(client.get(reverse(LIST), {"city": key}))) == {market["city"].name}


def test_picked_rows_are_compared(client, market) -> None:
    """ORG-13: from the list to the comparison."""
    offers = [market[key].offers.get(delivery="onsite") for key in ("city", "province")]
    answer = client.post(reverse(LIST), {"_action": "compare", "ids": [row.pk for row in offers]})
    assert answer.status_code == 302 and answer.url.startswith(reverse(COMPARE))
    page = client.get(answer.url)
    assert {row.name for row in page.context["chosen"]} == {market["city"].name, market["province"].name}


def test_side_by_side(client, market) -> None:
    """ORG-13: one row per occupation with the lowest fee marked; strengths, sites, contact below."""
    keys = [market["city"].pk, market["province"].pk]
    page = client.get(reverse(COMPARE), {"institution": keys})
    labels = [row.label for row in page.context["rows"]]
    assert labels[:5] == ["土建施工员", "资料员", "培训方式", "培训特色", "测试地点"]
    site, clerk = page.context["rows"][:2]
    assert "最低" in site.values[1] and "最低" not in site.values[0]
    assert "最低" not in "".join(clerk.values)
    assert "选择报名" in site.values[0]
    only = client.get(
        reverse(COMPARE), {"institution": keys, "occupation": Occupation.objects.get(name="资料员").pk}
    )
    assert [row.label for row in only.context["rows"]][:2] == ["资料员", "培训方式"]


def test_at_most_four_and_never_a_strangers(client, world, market) -> None:
    """ORG-09, ORG-13: others' institutions cannot be smuggled into the comparison."""
    more = [world.institution() for _ in range(4)]
    keys = [market["ningbo"].pk, *(row.pk for row in more), market["city"].pk, "x"]
    page = client.get(reverse(COMPARE), {"institution": keys})
    assert [row.pk for row in page.context["chosen"]] == [row.pk for row in more]
    assert market["ningbo"].name not in page.text
    assert "先选择要比较的机构" in client.get(reverse(COMPARE)).text


def test_the_comparison_asks_for_what_is_missing(client, market) -> None:
    """ORG-13: two boxes to begin with, one more while there is somebody to add, none afterwards."""
    keys = [market["city"].pk, market["province"].pk]
    boxes = [client.get(reverse(COMPARE), {"institution": keys[:n]}).context["slots"] for n in range(3)]
    assert [len(each) for each in boxes] == [2, 1, 0]


def test_skilled_workers_are_enrolled_by_plan(client, world, market) -> None:
    """ENR-07: no way into a roster for a programme with plans."""
    from zhupei.catalog.models import Level

    world.offer(
        market["city"],
        occupation=Occupation.objects.get(name="钢筋工"),
        level=Level.objects.first(),
        fee="200",
    )
    page = client.get(reverse(LIST), {"q": "city特色"}).text
    assert "看培训计划" in page and reverse("enterprise:plans") in page


def test_one_institution(client, market) -> None:
    """ORG-13: everything about it; SEC-01: another city's is not found."""
    page = client.get(reverse("enterprise:institution", args=[market["city"].pk])).text
    assert "一号机房" in page and "30 个机位" in page and "选择报名" in page
    assert market["city"].account_number not in page
    assert client.get(reverse("enterprise:institution", args=[market["ningbo"].pk])).status_code == 404


def test_strangers_find_nothing(world, client, market) -> None:
    """SEC-01; ORG-10: nothing before the registration is approved."""
    addresses = [reverse(LIST), reverse(COMPARE), reverse("enterprise:institution", args=[market["city"].pk])]
    for body in (world.institution(), world.authority()):
        stranger = world.client(body)
        assert [stranger.get(url).status_code for url in addresses] == [404] * 3
    waiting = world.client(world.organization(state="submitted"))
    assert [waiting.get(url).status_code for url in addresses] == [302] * 3


def test_few_queries(client, world, market, django_assert_max_num_queries) -> None:
    """Style 9."""
    for row in Occupation.objects.filter(programme__code="site-professionals"):
        world.offer(market["city"], occupation=row, delivery="online" if row.name != "资料员" else "onsite")
    keys = [market["city"].pk, market["province"].pk]
    for url in (reverse(LIST), f"{reverse(COMPARE)}?institution={keys[0]}&institution={keys[1]}"):
        client.get(url)
        with django_assert_max_num_queries(12):
            client.get(url)
