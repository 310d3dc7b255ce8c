"""SEC-01, issue 2 bar 3: nobody finds what is not his, nobody gets in without signing in; all addresses are walked."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from foundation.review.models import ReviewState
from foundation.scoping import SYSTEM
from foundation.workflow.models import TransitionLog
from tests.estate import Estate
from tests.routes import OBJECTS, PORTALS, WORDS, Route, routes
from tests.world import World
from zhupei.accounts.models import User
from zhupei.enrollment.models import Enrollment
from zhupei.organizations.models import Authority, Institution, Notice, NoticeState, Organization
from zhupei.portals.shared.views import errors

pytestmark = pytest.mark.django_db

ALL = routes()
WITH_OBJECT = [route for route in ALL if route.keys and route.name not in WORDS]
# Everybody may read these: institutions on the public list. Their inactive ones are looked at below.
PUBLIC_OBJECTS = {"public:institution"}
# The province keeps the catalog; the other authorities read these pages of it.
READ_BY_AUTHORITIES = {
    f"authority:catalog_{name}" for name in ("programme", "occupations", "levels", "eligibility")
}
# Files uploaded before there is an account belong to a visitor, so this address asks nobody to sign in.
FOR_VISITORS = {"shared:document"}
# What somebody with a password set by others may open.
BEFORE_THE_PASSWORD = {"shared:change_password", "shared:sign_out", "shared:send_code", "shared:document"}
# Acts without a page of their own that anybody may do.
OPEN_TO_ALL = {"shared:sign_out", "shared:send_code"}
NOT_THERE = {404, 405}


def address(route: Route, estate: Estate) -> str:
    """The address with the estate's object, or with the words that belong there."""
    if not route.keys:
        return reverse(route.name)
    if route.name in WORDS:
        return reverse(route.name, kwargs=WORDS[route.name])
    return reverse(route.name, kwargs=OBJECTS[route.name](estate))


def learner(world: World, name: str = "路人") -> User:
    person = world.person()
    user = User.objects.create_user("learner", person.id_number, "Gongren-mima-2", name=name)
    person.user = user
    person.save()
    return user


def client_of(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="zhupei.accounts.backends.PortalBackend")
    return client


@pytest.fixture
def estate(world: World) -> Estate:
    """What belongs to others, in 宁波."""
    made = Estate(world)
    assert made.learner and made.order and made.archive and made.roster and made.plan and made.waiting_plan
    return made


@pytest.fixture
def strangers(world: World, estate: Estate) -> dict[str, Client]:
    """One of each role in 杭州, with business of their own; the institution and the authority of the same rank."""
    organization = world.organization()
    users = {
        "enterprise": world.user(organization),
        "institution": world.user(world.institution()),
        "authority": world.user(world.authority()),
        "learner": learner(world),
    }
    return {portal: client_of(user) for portal, user in users.items()}


@pytest.fixture(autouse=True)
def short_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of refusals are counted here and none is read: drawing the error page each time would take minutes."""
    monkeypatch.setattr(errors, "_page", lambda request, template, status, **_: HttpResponse(status=status))


def answers(client: Client, path: str) -> dict[str, int]:
    return {"GET": client.get(path).status_code, "POST": client.post(path).status_code}


def test_every_address_with_a_key_has_an_object_here() -> None:
    """A new page that names an object must be walked: give it a line in tests/routes.py."""
    unknown = {route.name for route in WITH_OBJECT} - set(OBJECTS) - PUBLIC_OBJECTS
    assert unknown == set()
    assert len(WITH_OBJECT) > 60
    gone = (set(OBJECTS) | set(WORDS)) - {route.name for route in ALL if route.keys}
    assert gone == set()


def test_strangers_of_each_role_find_nothing(estate: Estate, strangers: dict[str, Client]) -> None:
    """SEC-01: another firm, institution, city and worker get 404 by GET and by POST, and change nothing."""
    paths = {route: address(route, estate) for route in WITH_OBJECT if route.name not in PUBLIC_OBJECTS}
    before = state_of_everything()
    wrong = []
    for route, path in paths.items():
        for role, client in strangers.items():
            got = answers(client, path)
            may_read = role == "authority" and route.name in READ_BY_AUTHORITIES
            if may_read:
                fine = got["GET"] == 200 and got["POST"] in {405, 200, 404}
            else:
                fine = set(got.values()) <= NOT_THERE and 404 in got.values()
            if not fine:
                wrong.append((route.name, role, got))
    assert wrong == []
    assert state_of_everything() == before


def test_owners_find_nothing_at_the_doors_of_other_portals(estate: Estate) -> None:
    """SEC-01: what one may see in one's own portal is not to be had through another portal's addresses."""
    wrong = []
    clients = {portal: client_of(user) for portal, user in estate.users.items()}
    assert set(clients) == set(PORTALS)
    for route in ALL:
        if route.portal not in PORTALS:
            continue
        for portal, client in clients.items():
            if portal == route.portal:
                continue
            got = answers(client, address(route, estate))
            if not (set(got.values()) <= NOT_THERE and 404 in got.values()):
                wrong.append((route.name, portal, got))
    assert wrong == []


def test_owners_do_find_it(estate: Estate) -> None:
    """The walk above means something: the owner's own GET is answered."""
    clients = {portal: client_of(user) for portal, user in estate.users.items()}
    seen = set()
    for route in WITH_OBJECT:
        portal = route.portal if route.portal in PORTALS else "enterprise"
        if route.name in PUBLIC_OBJECTS or route.name == "public:notice":
            continue
        status = clients[portal].get(address(route, estate)).status_code
        if status != 405:
            seen.add((route.name, status))
    refused = {(name, status) for name, status in seen if status not in {200, 302, 409}}
    # Pages with a form of the catalog and the question bank are the province's alone.
    provincial = ("authority:catalog_", "authority:bank")
    assert {name for name, _ in refused if not name.startswith(provincial)} == set()


def test_files_of_every_kind_stay_with_their_owners(estate: Estate, strangers: dict[str, Client]) -> None:
    """MAT-05, SEC-01: papers of a registration, materials, vouchers, what a visitor uploaded."""
    visitors = estate.world.document("visitor:somebody", "registration.yyzz")
    others = [
        estate.paper,
        estate.enrollment.materials.first().document,
        estate.order.vouchers.first().document,
    ]
    for document in [*others, visitors]:
        path = reverse("shared:document", args=[document.pk])
        for client in [*strangers.values(), Client()]:
            assert client.get(path).status_code == 404
            assert client.get(path, {"thumb": "1"}).status_code == 404
    for document in others:
        path = reverse("shared:document", args=[document.pk])
        assert client_of(estate.users["enterprise"]).get(path).status_code == 200
    assert (
        client_of(estate.users["institution"])
        .get(reverse("shared:document", args=[others[0].pk]))
        .status_code
        == 404
    )


def test_everybody_unknown_is_sent_to_sign_in(estate: Estate) -> None:
    """SEC-01: anonymous people are sent to the sign-in of that portal and come back afterwards."""
    wrong = []
    for route in ALL:
        if route.portal not in {*PORTALS, "shared"} or route.name in FOR_VISITORS | OPEN_TO_ALL:
            continue
        path = address(route, estate)
        client = Client(raise_request_exception=False)
        for answer in (client.get(path), client.post(path)):
            target = answer.headers.get("Location", "")
            portal = f"/sign-in/{route.portal}/" if route.portal in PORTALS else "/sign-in/"
            if answer.status_code != 405 and not (answer.status_code == 302 and target.startswith(portal)):
                wrong.append((route.name, answer.status_code, target))
    assert wrong == []


@pytest.mark.parametrize(
    "state", [ReviewState.DRAFT, ReviewState.SUBMITTED, ReviewState.ACCEPTED, ReviewState.REJECTED]
)
def test_until_approved_a_firm_sees_its_registration_only(world: World, estate: Estate, state: str) -> None:
    """ORG-10: every other page of its portal leads back to it."""
    client = client_of(world.user(world.organization(state=state)))
    home = reverse("enterprise:registration")
    open_pages, wrong = set(), []
    for route in ALL:
        if route.portal != "enterprise":
            continue
        answer = client.get(address(route, estate))
        if answer.status_code == 405:
            answer = client.post(address(route, estate))
        if answer.headers.get("Location") == home and route.name != "enterprise:registration_withdraw":
            continue
        open_pages.add(route.name)
        if answer.status_code >= 500:
            wrong.append((route.name, answer.status_code))
    assert wrong == []
    assert open_pages == {
        "enterprise:registration",
        "enterprise:registration_withdraw",
        "enterprise:document",
        "enterprise:letter",
    }


def test_a_password_set_by_others_comes_first(world: World, estate: Estate) -> None:
    """ORG-12, SEC-04: whoever must set a password of his own gets to no other page."""
    wrong = []
    for portal in PORTALS:
        user = estate.users[portal]
        user.must_change_password = True
        user.save()
        client = client_of(user)
        for route in ALL:
            if route.portal not in {portal, "shared"} or route.name in BEFORE_THE_PASSWORD:
                continue
            path = address(route, estate)
            for answer in (client.get(path), client.post(path)):
                target = answer.headers.get("Location", "")
                if answer.status_code != 405 and target != reverse("shared:change_password"):
                    wrong.append((portal, route.name, answer.status_code, target))
    assert wrong == []


def test_a_user_without_a_body_finds_nothing(world: World, estate: Estate) -> None:
    """An account whose membership was taken away sees nothing any more."""
    for portal in ("enterprise", "institution", "authority"):
        estate.users[portal].membership.delete()
        client = client_of(User.objects.get(pk=estate.users[portal].pk))
        for route in ALL:
            if route.portal == portal:
                got = answers(client, address(route, estate))
                assert set(got.values()) <= NOT_THERE, (route.name, got)


def test_what_was_not_handed_in_is_not_the_institutions_business(world: World, estate: Estate) -> None:
    """SEC-01: the very institution finds a person only once he was handed in, and no authority before."""
    draft = world.batch(1, organization=estate.organization, offer=estate.offer).enrollments.get()
    client = client_of(estate.users["institution"])
    for name, words in (("eligibility_case", {}), ("person", {}), ("reveal", {"field": "id_number"})):
        path = reverse(f"institution:{name}", kwargs={"pk": draft.pk, **words})
        assert set(answers(client, path).values()) <= NOT_THERE


def test_an_authority_resets_no_password_through_somebody_elses_institution(
    world: World, estate: Estate
) -> None:
    """ORG-12: the account must belong to the institution in the address."""
    own = world.institution()
    client = client_of(world.user(own.supervisor))
    victim = estate.users["institution"]
    path = reverse("authority:institution_password", kwargs={"pk": own.pk, "user": victim.pk})
    assert client.post(path, {"password": "Chushi-2026-mima"}).status_code == 404
    victim.refresh_from_db()
    assert not victim.must_change_password


def test_the_public_sees_open_institutions_and_published_notices_only(world: World, estate: Estate) -> None:
    """ORG-13: a closed institution and a draft are not there."""
    closed = world.institution(is_active=False)
    for client in (Client(), client_of(estate.users["enterprise"])):
        assert client.get(reverse("public:institution", args=[closed.pk])).status_code == 404
        assert client.get(reverse("public:notice", args=[estate.notice.pk])).status_code == 404
    assert Client().get(reverse("public:institution", args=[estate.institution.pk])).status_code == 200
    Notice.objects.filter(pk=estate.notice.pk).update(
        state=NoticeState.PUBLISHED, published_at="2026-11-01T00:00Z"
    )
    assert Client().get(reverse("public:notice", args=[estate.notice.pk])).status_code == 200


def state_of_everything() -> dict[str, Any]:
    """What a stranger's POST might have changed."""
    return {
        "log": TransitionLog.objects.count(),
        "states": sorted(Enrollment.objects.visible_to(SYSTEM).values_list("pk", "state", "updated_at")),
        "bodies": [model.objects.count() for model in (Organization, Institution, Authority, Notice)],
        "passwords": sorted(User.objects.values_list("pk", "password")),
    }
