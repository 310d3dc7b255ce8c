"""Several accounts for one body with roles; what each may is one table (ORG-14)."""

from __future__ import annotations

from pathlib import Path

import pytest

from foundation.errors import DomainError, NotAllowedError
from foundation.review import services as reviews
from foundation.review.models import Review
from foundation.scoping import SYSTEM, Actor
from zhupei.accounts.models import User
from zhupei.billing import services as billing
from zhupei.billing.machine import ORDER
from zhupei.billing.models import OrderState
from zhupei.enrollment.machine import ENROLLMENT
from zhupei.enrollment.models import EnrollmentState
from zhupei.organizations import services as organizations
from zhupei.organizations.models import Membership, Role
from zhupei.organizations.roles import EXPLAINED, TABLE, Capability, capabilities, may
from zhupei.organizations.services import staff
from zhupei.organizations.services.staff import StaffData

pytestmark = pytest.mark.django_db
FIRST = "Yangban-2026-first"
BODIES = ("organization", "institution", "authority")


def filled(**changed) -> StaffData:
    values = {
        "name": "周敏",
        "account": "ZhouMin01",
        "phone": "13857100088",
        "role": "owner",
        "password": FIRST,
    } | changed
    return StaffData(**values)


@pytest.fixture(params=BODIES)
def owner(request, world) -> Actor:
    return world.actor(getattr(world, request.param)())


def member(owner: Actor, **changed) -> Membership:
    return staff.add_staff(owner, filled(**changed)).membership


# --- the table


def test_every_role_of_the_table_is_explained_and_the_owner_may_everything():
    """ORG-14."""
    for portal, roles in TABLE.items():
        assert set(EXPLAINED[portal]) == set(roles)
        assert frozenset().union(*roles.values()) == roles[Role.OWNER]
    everything = frozenset().union(*(roles[Role.OWNER] for roles in TABLE.values()))
    assert everything == frozenset(Capability)


def test_roles_hold_in_their_own_portal_only():
    """ORG-14: a reviewer's role means nothing in a firm."""
    for portal, roles in TABLE.items():
        for role, allowed in roles.items():
            held = capabilities(Actor(portal=portal, roles=frozenset([role])))
            assert {name for name, yes in held.items() if yes} == set(allowed)
    assert not may(Actor(portal="enterprise", roles=frozenset([Role.REVIEWER])), Capability.DECIDE_REVIEW)
    assert not any(capabilities(Actor(portal="learner", roles=frozenset([Role.OWNER]))).values())
    assert all(capabilities(SYSTEM).values())


def test_the_documented_table_is_the_real_one():
    """ORG-14: docs/permissions.md."""
    text = (Path(__file__).parents[3] / "docs" / "permissions.md").read_text(encoding="utf-8")
    for portal, roles in TABLE.items():
        for role, allowed in roles.items():
            names = ", ".join(f"`{each}`" for each in Capability if each in allowed)
            assert f"| {portal} | {role.label} (`{role.value}`) | {names} |" in text


# --- accounts


def test_a_new_account_acts_for_the_body_and_changes_its_password(owner):
    """ORG-14, SEC-04."""
    user = staff.add_staff(owner, filled())
    assert (user.account.lower(), user.must_change_password, user.portal) == ("zhoumin01", True, owner.portal)
    assert user.check_password(FIRST)
    assert user.membership.role == "owner"
    assert set(staff.members_of(owner)) == {owner.user.membership, user.membership}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"phone": "123"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"account": "a b"}, "account"),
        ({"account": "周敏"}, "account"),
        ({"role": "boss"}, "role"),
        ({"password": "123456"}, "password"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(owner, changed, field):
    """ORG-14."""
    with pytest.raises(DomainError) as refusal:
        staff.add_staff(owner, filled(**changed))
    assert set(refusal.value.items) == {field}


def test_an_account_is_one_a_portal(owner):
    """ORG-14."""
    staff.add_staff(owner, filled())
    with pytest.raises(DomainError) as refusal:
        staff.add_staff(owner, filled(name="沈慧"))
    assert "account" in refusal.value.items
    assert User.objects.filter(portal=owner.portal, name="沈慧").count() == 0


def test_roles_of_another_kind_of_body_are_refused(world):
    """ORG-14."""
    with pytest.raises(DomainError):
        staff.add_staff(world.actor(world.organization()), filled(role="reviewer"))
    with pytest.raises(DomainError):
        staff.add_staff(world.actor(world.authority()), filled(role="finance"))


def test_roles_change_accounts_close_and_open_passwords_are_set_anew(owner):
    """ORG-14."""
    other = member(owner)
    role = [value for value, _ in staff.roles_for(owner.portal)][1]
    assert staff.change_role(owner, other, role).role == role
    staff.set_staff_active(owner, other, False)
    other.user.refresh_from_db()
    assert not other.user.is_active
    staff.set_staff_active(owner, other, True)
    staff.reset_staff_password(owner, other, "Another-2026-first")
    other.user.refresh_from_db()
    assert other.user.is_active and other.user.must_change_password
    assert other.user.check_password("Another-2026-first")
    with pytest.raises(DomainError):
        staff.reset_staff_password(owner, other, "123")


def test_one_owner_stays(owner):
    """ORG-14: at least one active owner."""
    mine = owner.user.membership
    role = [value for value, _ in staff.roles_for(owner.portal)][1]
    with pytest.raises(DomainError) as refusal:
        staff.change_role(owner, mine, role)
    assert refusal.value.code == "last_owner"
    mine.refresh_from_db()
    assert mine.role == "owner"
    second = member(owner)
    staff.set_staff_active(owner, second, False)
    with pytest.raises(DomainError):
        staff.change_role(owner, mine, role)  # the other one is closed
    with pytest.raises(DomainError) as refusal:
        staff.set_staff_active(owner, mine, False)
    assert refusal.value.code == "own_account"


def test_only_owners_keep_accounts_and_only_their_own_body(owner, world):
    """ORG-14, SEC-01."""
    role = [value for value, _ in staff.roles_for(owner.portal)][1]
    clerk = world.actor(owner.body, role)
    stranger = world.actor(
        {
            "enterprise": world.organization,
            "institution": world.institution,
            "authority": lambda: world.authority("330200", "宁波市"),
        }[owner.portal]()
    )
    for actor in (clerk, stranger):
        for act in (
            lambda actor=actor: staff.change_role(actor, owner.user.membership, role),
            lambda actor=actor: staff.set_staff_active(actor, owner.user.membership, False),
            lambda actor=actor: staff.reset_staff_password(actor, owner.user.membership, FIRST),
        ):
            with pytest.raises(NotAllowedError):
                act()
    with pytest.raises(NotAllowedError):
        staff.add_staff(clerk, filled())


# --- the table holds in machines and services


@pytest.mark.parametrize("role", [role.value for role in TABLE["enterprise"]])
def test_what_a_role_of_a_firm_may(world, role):
    """ORG-14: enrolling, ordering, paying."""
    allowed = TABLE["enterprise"][Role(role)]
    batch = world.batch(1)
    row = batch.enrollments.get()
    actor = world.actor(batch.organization, role)
    assert ENROLLMENT.can(actor, row, "submit") == (Capability.ENROLL in allowed)
    order = world.order(1, state=OrderState.OPEN)
    payer = world.actor(order.organization, role)
    assert ORDER.can(payer, order, "submit_voucher") == (Capability.PAY in allowed)
    assert ORDER.can(payer, order, "cancel") == (Capability.ORDER in allowed)
    eligible = world.batch(1, state=EnrollmentState.ELIGIBLE)
    keys = list(eligible.enrollments.values_list("pk", flat=True))
    buyer = world.actor(eligible.organization, role)
    if Capability.ORDER in allowed:
        assert billing.place_order(buyer, keys).head_count == 1
    else:
        with pytest.raises(NotAllowedError):
            billing.place_order(buyer, keys)


@pytest.mark.parametrize("role", [role.value for role in TABLE["institution"]])
def test_what_a_role_of_an_institution_may(world, role):
    """ORG-14: the eligibility review, the payment, the file."""
    allowed = TABLE["institution"][Role(role)]
    row = world.batch(1, state=EnrollmentState.SUBMITTED).enrollments.get()
    actor = world.actor(row.institution, role)
    assert ENROLLMENT.can(actor, row, "approve") == (Capability.REVIEW_ELIGIBILITY in allowed)
    order = world.order(1, state=OrderState.VOUCHER_SUBMITTED)
    payee = world.actor(order.institution, role)
    assert ORDER.can(payee, order, "confirm") == (Capability.CONFIRM_PAYMENT in allowed)
    assert ORDER.can(payee, order, "reject_voucher") == (Capability.CONFIRM_PAYMENT in allowed)
    number = world.invent.person().id_number
    data = organizations.TeacherData("own", "沈慧", number, "安全")
    if Capability.KEEP_FILE in allowed:
        organizations.add_teacher(actor, actor.body, data)
    else:
        with pytest.raises(NotAllowedError):
            organizations.add_teacher(actor, actor.body, data)


@pytest.mark.parametrize("role", [role.value for role in TABLE["authority"]])
def test_what_a_role_of_an_authority_may(world, role):
    """ORG-14: 受理 and 审核 are apart; bars and institutions."""
    allowed = TABLE["authority"][Role(role)]
    firm = world.organization(state="submitted")
    actor = world.actor(firm.supervisor, role)
    assert reviews.REVIEW.can(actor, firm.review, "accept") == (Capability.ACCEPT_REVIEW in allowed)
    assert reviews.REVIEW.can(actor, firm.review, "approve") == (Capability.DECIDE_REVIEW in allowed)
    separate = Review.objects.create(kind="institution", state="submitted", reviewer_key=actor.key, round=1)
    assert not reviews.REVIEW.can(actor, separate, "approve")
    separate.state = "accepted"
    assert reviews.REVIEW.can(actor, separate, "approve") == (Capability.DECIDE_REVIEW in allowed)
    assert reviews.REVIEW.can(actor, separate, "reject") == (Capability.DECIDE_REVIEW in allowed)
    if Capability.BLACKLIST in allowed:
        organizations.bar_body(actor, firm, "代缴")
    else:
        with pytest.raises(NotAllowedError):
            organizations.bar_body(actor, firm, "代缴")
    school = world.institution(supervisor=actor.body)
    if Capability.KEEP_INSTITUTIONS in allowed:
        organizations.set_institution_active(actor, school, False, "整改")
    else:
        with pytest.raises(NotAllowedError):
            organizations.set_institution_active(actor, school, False, "整改")
    if Capability.NOTICE in allowed:
        organizations.write_notice(actor, "通知", "正文")
    else:
        with pytest.raises(NotAllowedError):
            organizations.write_notice(actor, "通知", "正文")
