"""Registering, being reviewed, correcting (ORG-02, 03, 06…10)."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.files.models import Document
from foundation.messages.models import Message, Sms
from foundation.review import services as reviews
from foundation.review.models import Review, ReviewState
from foundation.scoping import ANONYMOUS, Actor
from tests.zhupei.organizations.filling import PASSWORD, filled, paper, papers, registered, visitor
from zhupei.accounts.models import User
from zhupei.organizations import services
from zhupei.organizations.actors import actor_for
from zhupei.organizations.data import RegistrationData
from zhupei.organizations.models import Authority, Institution, Organization, Slot
from zhupei.regions.models import Region

pytestmark = pytest.mark.django_db


def owner_of(organization: Organization):
    return actor_for(User.objects.get(membership__organization=organization))


def reviewer_of(world, organization: Organization):
    return world.actor(organization.supervisor)


# --- registering


def test_a_registration_waits_for_its_authority(world):
    """ORG-02, ORG-06, NTF-01: organization, account, papers and review are there; everybody concerned is told."""
    who = visitor()
    organization, user = services.register_organization(filled(world), papers(who), PASSWORD, who)

    assert organization.review.state == ReviewState.SUBMITTED
    assert organization.supervisor.region.code == "330100"
    assert organization.review.reviewer_key == f"authority:{organization.supervisor.pk}"
    assert (user.portal, user.account, user.phone) == ("enterprise", organization.uscc, "13857100002")
    assert user.check_password(PASSWORD)
    assert actor_for(user).roles == {"owner"}
    assert {paper.document.owner_key for paper in organization.documents.all()} == {organization.key}
    assert [(sms.phone, sms.code) for sms in Sms.objects.all()] == [("13857100002", "organization.submitted")]
    assert (
        Message.objects.get(code="organization.to_review").recipient_key == organization.review.reviewer_key
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("uscc", "91330106MA2B1QWE3X"),
        ("uscc", ""),
        ("address", ""),
        ("scope", ""),
        ("contact_name", "M"),
        ("contact_phone", "1385710000"),
        ("office_phone", "call me"),
        ("responsible_name", ""),
        ("responsible_phone", "12345678901"),
        ("region", None),
        ("kind", "club"),
        ("review_choice", ""),
        ("name", "长" * 121),
    ],
)
def test_every_field_is_refused_by_name(world, field, value):
    """ORG-02: nothing is stored, and the field that is wrong is named with a sentence."""
    who = visitor()
    with pytest.raises(DomainError) as refusal:
        services.register_organization(replace(filled(world), **{field: value}), papers(who), PASSWORD, who)

    assert refusal.value.code == "invalid_registration"
    assert set(refusal.value.items) == {field}
    assert not Organization.objects.exists()
    assert not Review.objects.exists()


def test_typed_values_are_tidied(world):
    """ORG-02: full-width characters, stray spaces and lower case are no reason to refuse."""
    data = filled(world)
    code = data.uscc
    data = replace(
        data, uscc=f" {code.lower()} ", name=" 浙江晨光建设有限公司　", contact_phone="１３８ 5710 0001"
    )
    who = visitor()
    organization, _ = services.register_organization(data, papers(who), PASSWORD, who)

    assert (organization.uscc, organization.name) == (code, "浙江晨光建设有限公司")
    assert organization.contact_phone == "13857100001"


def test_license_and_letter_are_mandatory_qualification_is_not(world):
    """ORG-03."""
    who = visitor()
    with pytest.raises(DomainError) as refusal:
        services.register_organization(filled(world), papers(who, Slot.QUALIFICATION), PASSWORD, who)

    assert set(refusal.value.items) == {"yyzz", "cns"}


def test_somebody_elses_upload_cannot_be_handed_in(world):
    """ORG-03, SEC-01: files belong to who uploaded them."""
    who, other = visitor("one"), visitor("two")
    given = papers(who) | {Slot.LETTER: paper(other, Slot.LETTER)}
    with pytest.raises(DomainError, match="失效") as refusal:
        services.register_organization(filled(world), given, PASSWORD, who)

    assert set(refusal.value.items) == {"cns"}


def test_a_visitor_without_a_session_owns_nothing(world):
    """SEC-01: files of no owner are nobody's."""
    who = visitor()
    with pytest.raises(DomainError, match="失效"):
        services.register_organization(filled(world), papers(who), PASSWORD, ANONYMOUS)


@pytest.mark.parametrize("password", ["12345678", "short", "aaaaaaaaaaaa"])
def test_the_password_policy_holds(world, password):
    """SEC-04: and nothing is registered."""
    who = visitor()
    with pytest.raises(DomainError) as refusal:
        services.register_organization(filled(world), papers(who), password, who)

    assert set(refusal.value.items) == {"password"}
    assert not Organization.objects.exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"\xff\xd8\xff" + b"0" * (2 * 1024 * 1024 - 2), "entry_too_large"),
        (b"\xff\xd8\xff" + b"0" * (2 * 1024 * 1024 - 3), "unreadable_image"),
        (b"%PDF-1.7 no picture", "unreadable_image"),
        (b"", "unreadable_image"),
    ],
)
def test_a_paper_is_a_picture_of_at_most_2_mb(content, code):
    """ORG-03: refused with the cause, nothing stored; exactly 2 MB is looked at, one byte more is not."""
    with pytest.raises(DomainError) as refusal:
        services.upload_paper(visitor(), "yyzz", SimpleUploadedFile("yyzz.jpg", content))

    assert refusal.value.code == code
    assert not Document.objects.exists()


def test_an_unknown_slot_is_refused():
    """ORG-03."""
    with pytest.raises(DomainError, match="营业执照"):
        services.upload_paper(visitor(), "../etc", SimpleUploadedFile("a.jpg", b"x"))


# --- once and no leak


def test_a_code_registers_once_and_nothing_leaks(world):
    """ORG-07: the same sentence whatever the first one's state; no name, no phone, no state in it."""
    sentences = set()
    for state in ("submitted", "approved", "rejected"):
        first = registered(world, name=f"浙江保密{state}建设有限公司")
        Review.objects.filter(pk=first.review_id).update(state=state)
        who = visitor()
        with pytest.raises(DomainError) as refusal:
            services.register_organization(filled(world, uscc=first.uscc), papers(who), PASSWORD, who)
        assert refusal.value.code == "already_registered"
        sentences.add((refusal.value.message, tuple(refusal.value.items.items())))

    assert len(sentences) == 1
    text = str(sentences)
    assert "保密" not in text and "1385" not in text
    assert "验证码找回" in text


def test_the_papers_of_a_refused_attempt_stay_the_visitors(world):
    """ORG-07: nothing of the second attempt reaches the first registration."""
    first, who = registered(world), visitor("second")
    given = papers(who)
    with pytest.raises(DomainError):
        services.register_organization(filled(world, uscc=first.uscc), given, PASSWORD, who)

    assert set(
        Document.objects.filter(pk__in=[d.pk for d in given.values()]).values_list("owner_key", flat=True)
    ) == {who.key}
    assert first.documents.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_once_register_one(world):
    """ORG-07: whatever the concurrency one succeeds, the other is told."""
    code, outcomes, gate = world.invent.credit_code(), [], threading.Barrier(4)
    prepared = [(visitor(f"rival-{n}"), papers(visitor(f"rival-{n}"))) for n in range(4)]
    data = filled(world, uscc=code)

    def attempt(who, given):
        gate.wait()
        try:
            services.register_organization(data, given, PASSWORD, who)
            outcomes.append("registered")
        except DomainError as refusal:
            outcomes.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=each) for each in prepared]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["already_registered"] * 3 + ["registered"]
    assert Organization.objects.filter(uscc=code).count() == 1
    assert User.objects.filter(account=code).count() == 1


# --- supervisor and offers


@pytest.mark.parametrize(
    ("region_code", "is_provincial", "choice", "supervisor"),
    [
        ("330106", False, "city", "330100"),
        ("330106", False, "provincial", "330000"),
        ("330100", False, "provincial", "330000"),
        ("330106", True, "", "330000"),
        ("330206", False, "", "330200"),
        ("330206", False, "provincial", "330200"),
        ("331181", False, "", "331100"),
        ("330206", True, "", "330000"),
    ],
)
def test_supervisor(world, region_code, is_provincial, choice, supervisor):
    """ORG-08: region, affiliation and choice decide; a county follows its city."""
    region = Region.objects.get(code=region_code)

    assert services.supervisor_for(region, is_provincial, choice).region.code == supervisor


def test_the_choice_must_be_made_where_it_is_offered():
    """ORG-08."""
    with pytest.raises(DomainError) as refusal:
        services.supervisor_for(Region.objects.get(code="330106"), False, "")

    assert refusal.value.code == "review_choice_required"


@pytest.mark.parametrize(
    ("region_code", "choice", "offered"),
    [
        ("330106", "city", {"杭校", "省校"}),
        ("330106", "provincial", {"省校"}),
        ("330206", "", {"甬校", "省校"}),
        ("330304", "", {"省校"}),
    ],
)
def test_the_supervisor_decides_what_is_on_offer(world, region_code, choice, offered):
    """ORG-09: the city's institutions and the provincial ones, or the provincial ones only; closed ones never."""
    for name, code in (("省校", "330000"), ("杭校", "330100"), ("甬校", "330200")):
        authority = Authority.objects.get(region__code=code)
        world.institution(supervisor=authority, short_name=name)
        world.institution(supervisor=authority, is_active=False)
    organization = registered(world, region_code=region_code, review_choice=choice)

    assert (
        set(
            Institution.objects.visible_to(Actor(portal="enterprise", body=organization)).values_list(
                "short_name", flat=True
            )
        )
        == offered
    )


# --- review


def test_approval_opens_the_door_and_is_told(world):
    """ORG-10, NTF-01."""
    organization = registered(world)
    reviews.approve(reviewer_of(world, organization), organization.review)
    organization = Organization.objects.get(pk=organization.pk)

    assert organization.is_approved
    assert Message.objects.get(code="organization.approved").recipient_key == organization.key
    assert Sms.objects.get(code="organization.approved").phone == "13857100001"


def test_rejection_needs_reasons_and_tells_them(world):
    """ORG-10, NTF-01: a reason per item, in the message and the SMS."""
    organization = registered(world)
    actor = reviewer_of(world, organization)
    with pytest.raises(DomainError) as refusal:
        reviews.reject(actor, organization.review, reasons={"cns": " "})
    assert refusal.value.code == "reason_required"

    reviews.reject(
        actor, organization.review, reasons={"cns": "承诺书未盖章", "local": "不是本地企业"}, remark="请尽快"
    )

    text = Sms.objects.get(code="organization.rejected").text
    assert (
        "企业承诺书（格式、签字盖章）：承诺书未盖章" in text
        and "属地：不是本地企业" in text
        and "请尽快" in text
    )
    assert "承诺书未盖章" in Message.objects.get(code="organization.rejected").body


def test_an_unknown_item_is_refused(world):
    """ORG-10."""
    organization = registered(world)
    with pytest.raises(DomainError) as refusal:
        reviews.reject(reviewer_of(world, organization), organization.review, reasons={"bribe": "no"})

    assert refusal.value.code == "unknown_item"


@pytest.mark.parametrize("act", ["accept", "approve", "reject"])
def test_only_its_own_authority_decides(world, act):
    """SEC-01, ORG-10: neither another city nor the province, nor the organization itself."""
    organization = registered(world)
    strangers = [
        world.actor(Authority.objects.get(region__code="330200")),
        world.actor(Authority.objects.get(region__code="330000")),
        owner_of(organization),
    ]
    for stranger in strangers:
        with pytest.raises(NotAllowedError):
            if act == "accept":
                reviews.accept(stranger, organization.review)
            elif act == "approve":
                reviews.approve(stranger, organization.review)
            else:
                reviews.reject(stranger, organization.review, reasons={"local": "不是本地企业"})

    organization.review.refresh_from_db()
    assert organization.review.state == ReviewState.SUBMITTED


def test_nothing_is_decided_twice(world):
    """ORG-10: a second verdict finds another state."""
    organization = registered(world)
    actor = reviewer_of(world, organization)
    reviews.approve(actor, organization.review)
    with pytest.raises(WrongStateError):
        reviews.reject(actor, organization.review, reasons={"local": "不是本地企业"})
    with pytest.raises(WrongStateError):
        reviews.accept(actor, organization.review)


def test_a_verdict_on_what_was_not_seen_is_refused(world):
    """ORG-10: taken back and handed in again while the page was open."""
    organization = registered(world)
    owner = owner_of(organization)
    services.withdraw_registration(owner, organization)
    services.correct_registration(owner, organization, RegistrationData.of(organization), {})
    with pytest.raises(WrongStateError, match="重新提交"):
        reviews.approve(reviewer_of(world, organization), organization.review, seen_round=1)

    reviews.approve(reviewer_of(world, organization), organization.review, seen_round=2)


# --- correcting


def rejected(world, **changed) -> Organization:
    organization = registered(world, **changed)
    reviews.reject(reviewer_of(world, organization), organization.review, reasons={"cns": "承诺书未盖章"})
    return Organization.objects.select_related("review", "supervisor").get(pk=organization.pk)


def test_correct_and_hand_in_again(world):
    """ORG-10: the reviewer sees what changed, and can open the old and the new paper."""
    organization = rejected(world)
    owner = owner_of(organization)
    old = organization.documents.get(slot="cns").document
    new = paper(owner, Slot.LETTER)
    data = replace(RegistrationData.of(organization), address="浙江省杭州市西湖区样本路 2 号")
    services.correct_registration(owner, organization, data, {Slot.LETTER: new})

    organization = Organization.objects.get(pk=organization.pk)
    changes = {row["key"]: row for row in reviews.changes(organization.review)}
    assert organization.review.state == ReviewState.SUBMITTED
    assert organization.review.round == 2
    assert organization.review.reasons == {}
    assert set(changes) == {"address", "cns"}
    assert changes["cns"]["before"]["document"] == str(old.pk)
    assert changes["cns"]["after"]["document"] == str(new.pk)
    reviewer = reviewer_of(world, organization)
    assert Document.objects.visible_to(reviewer).filter(pk__in=[old.pk, new.pk]).count() == 2


def test_the_same_file_again_is_no_change(world):
    """ORG-10: uploading the very same picture is not shown as a change."""
    organization = rejected(world)
    owner, present = owner_of(organization), organization.documents.get(slot="cns").document
    with present.file.open("rb") as file:
        again = services.upload_paper(owner, "cns", SimpleUploadedFile("cns.jpg", file.read()))
    Document.objects.filter(pk=again.pk).update(sha256=present.sha256)
    again.refresh_from_db()
    services.correct_registration(
        owner, organization, RegistrationData.of(organization), {Slot.LETTER: again}
    )

    assert organization.documents.get(slot="cns").document_id == present.pk


def test_a_corrected_code_moves_the_account_and_a_corrected_region_the_review(world):
    """ORG-06, ORG-08: account and reviewer follow what was corrected."""
    organization = rejected(world)
    owner = owner_of(organization)
    code = world.invent.credit_code("330206")
    data = replace(
        RegistrationData.of(organization),
        uscc=code,
        region=Region.objects.get(code="330206"),
        responsible_phone="13857100009",
    )
    organization = services.correct_registration(owner, organization, data, {})

    owner.user.refresh_from_db()
    ningbo = Authority.objects.get(region__code="330200")
    assert (owner.user.account, owner.user.phone) == (code, "13857100009")
    assert organization.supervisor == ningbo
    reviews.approve(world.actor(ningbo), Review.objects.get(pk=organization.review_id))


def test_a_code_cannot_be_corrected_into_a_taken_one(world):
    """ORG-07."""
    first, organization = registered(world), rejected(world)
    with pytest.raises(DomainError) as refusal:
        services.correct_registration(
            owner_of(organization),
            organization,
            replace(RegistrationData.of(organization), uscc=first.uscc),
            {},
        )

    assert refusal.value.code == "already_registered"


@pytest.mark.parametrize("state", ["submitted", "accepted", "approved"])
def test_nothing_is_corrected_under_review_or_after_approval(world, state):
    """ORG-10, ORG-11."""
    organization = registered(world)
    actor = reviewer_of(world, organization)
    if state == "accepted":
        reviews.accept(actor, organization.review)
    if state == "approved":
        reviews.approve(actor, organization.review)
    with pytest.raises(WrongStateError):
        services.correct_registration(
            owner_of(organization), organization, RegistrationData.of(organization), {}
        )


def test_nobody_corrects_somebody_elses_registration(world):
    """SEC-01."""
    organization, other = rejected(world), rejected(world)
    with pytest.raises(NotAllowedError):
        services.correct_registration(owner_of(other), organization, RegistrationData.of(organization), {})
    with pytest.raises(NotAllowedError):
        services.withdraw_registration(owner_of(other), organization)


def test_taking_back_ends_with_acceptance(world):
    """ORG-10: withdraw only while nobody has accepted it."""
    organization = registered(world)
    owner, actor = owner_of(organization), reviewer_of(world, organization)
    services.withdraw_registration(owner, organization)
    organization.review.refresh_from_db()
    assert organization.review.state == ReviewState.DRAFT
    services.correct_registration(owner, organization, RegistrationData.of(organization), {})
    reviews.accept(actor, Review.objects.get(pk=organization.review_id))
    with pytest.raises(WrongStateError):
        services.withdraw_registration(owner, organization)


# --- papers


def test_who_may_open_the_papers(world):
    """MAT-05, SEC-01: the organization, its authority, the province; no other city, firm, institution or visitor."""
    organization = registered(world)
    document = organization.documents.get(slot="yyzz").document
    offered = world.institution(supervisor=organization.supervisor)
    may = [
        owner_of(organization),
        reviewer_of(world, organization),
        world.actor(Authority.objects.get(region__code="330000")),
    ]
    may_not = [
        world.actor(Authority.objects.get(region__code="330200")),
        owner_of(registered(world)),
        world.actor(offered),
        visitor(),
        ANONYMOUS,
    ]

    for actor in may:
        assert Document.objects.visible_to(actor).filter(pk=document.pk).exists(), actor.key
    for actor in may_not:
        assert not Document.objects.visible_to(actor).filter(pk=document.pk).exists(), actor.key
