"""注册审核: state, reasons, correcting and handing in again (ORG-10), in the enterprise's portal."""

from __future__ import annotations

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from foundation.files.models import Document
from foundation.messages.models import Sms
from foundation.review import services as reviews
from foundation.review.models import ReviewState
from tests.zhupei.organizations.filling import paper, picture, registered, visitor
from zhupei.accounts.models import User
from zhupei.organizations.actors import actor_for
from zhupei.organizations.models import Organization, Slot
from zhupei.portals.enterprise.organization_forms import CorrectionForm

pytestmark = pytest.mark.django_db
URL = "/enterprise/registration/"


@pytest.fixture
def organization(world):
    return registered(world)


@pytest.fixture
def client(world, organization):
    return world.client(User.objects.get(membership__organization=organization))


@pytest.fixture
def reviewer(world, organization):
    return world.actor(organization.supervisor)


def fresh(organization) -> Organization:
    return Organization.objects.select_related("review", "supervisor__region", "region").get(
        pk=organization.pk
    )


def filled_in(organization, **changed) -> dict[str, str]:
    """What the form posts when nothing but `changed` was touched."""
    initial = CorrectionForm.initial_of(fresh(organization))
    posted = {name: value for name, value in initial.items() if not isinstance(value, bool)}
    return {name: str(value) for name, value in (posted | changed).items()}


def reject(reviewer, organization, **reasons):
    reviews.reject(reviewer, organization.review, reasons=reasons or {"cns": "承诺书未盖章"})


def test_while_it_waits_the_page_says_what_comes_next(client, organization):
    """ORG-10: who reviews, until when, that a message comes; it may be taken back."""
    page = client.get(URL).content.decode()

    assert "已提交，等待杭州市城乡建设委员会审核" in page
    assert "预计" in page and "138****0001" in page
    assert "撤回修改" in page and "form-section" not in page


@pytest.mark.parametrize(
    "url",
    ["/enterprise/", "/enterprise/profile/", "/enterprise/profile/contact/", "/enterprise/profile/change/"],
)
def test_until_approval_nothing_else_is_open(client, url):
    """ORG-10: every other page leads to the state."""
    answer = client.get(url)

    assert answer.status_code == 302 and answer.headers["Location"] == URL


def test_the_reasons_stand_on_the_page_and_the_form_is_filled_in(client, organization, reviewer):
    """ORG-10: per item, the paper's reason at its slot too; everything typed before is there."""
    reject(reviewer, organization, cns="承诺书未盖章", local="不是本地企业")
    page = client.get(URL).content.decode()

    assert "审核不通过，请按原因修改后重新提交" in page
    assert page.count("承诺书未盖章") >= 2 and "<b>属地</b>：不是本地企业" in page
    assert f'value="{organization.uscc}"' in page and 'value="周敏"' in page
    assert '<option value="330106" selected>' in page
    for row in organization.documents.all():
        assert f"/files/{row.document_id}/" in page


def test_correct_and_hand_in_again(client, organization, reviewer):
    """ORG-10: new values and the new paper are in, the old paper is kept, the review waits again."""
    reject(reviewer, organization)
    answer = client.post("/enterprise/registration/papers/cns/", {"file": picture("cns.jpg")})
    kept = answer.json()
    assert kept["ok"] and kept["url"] == f"/files/{kept['id']}/"
    old = organization.documents.get(slot="cns").document_id
    response = client.post(URL, filled_in(organization, address="新地址 9 号", document_cns=kept["id"]))
    assert response.status_code == 302

    row = fresh(organization)
    assert (row.review.state, row.review.round, row.address) == (ReviewState.SUBMITTED, 2, "新地址 9 号")
    assert str(row.documents.get(slot="cns").document_id) == kept["id"]
    assert Document.objects.filter(pk=old).exists()
    assert "已重新提交" in client.get(URL).content.decode()


def test_an_error_loses_nothing(client, organization, reviewer):
    """ORG-10: what was typed and uploaded survives a mistake; the field is named."""
    reject(reviewer, organization)
    new = client.post("/enterprise/registration/papers/cns/", {"file": picture("cns.jpg")}).json()["id"]
    page = client.post(
        URL, filled_in(organization, address="新地址 9 号", contact_phone="123", document_cns=new)
    ).content.decode()

    assert "没有提交成功" in page and "手机号" in page
    assert 'value="新地址 9 号"' in page
    assert re.search(rf'name="document_cns" value="{new}"', page)
    assert fresh(organization).review.state == ReviewState.REJECTED


def test_a_field_left_empty_is_named(client, organization, reviewer):
    """ORG-02: as on the page of registration, the sentence says which field is missing."""
    reject(reviewer, organization)

    page = client.post(URL, filled_in(organization, name="", region="")).content.decode()

    assert "请填写单位名称。" in page and "请选择所在县（市、区）。" in page


def test_a_new_responsible_phone_needs_its_code(client, organization, reviewer):
    """ORG-06: sent to the new phone; without it, or with a wrong one, nothing changes."""
    reject(reviewer, organization)
    changed = filled_in(organization, responsible_phone="13857100077")
    assert "请向新手机号获取验证码" in client.post(URL, changed).content.decode()
    answer = client.post("/codes/", {"purpose": "change_phone", "phone": "13857100077"}).json()
    assert answer["ok"]
    code = re.search(r"\d{6}", Sms.objects.get(code="accounts.code").text)[0]
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert "验证码不正确" in client.post(URL, changed | {"code": wrong}).content.decode()
    assert fresh(organization).responsible_phone == "13857100002"

    assert client.post(URL, changed | {"code": code}).status_code == 302
    assert fresh(organization).responsible_phone == "13857100077"
    assert User.objects.get(membership__organization=organization).phone == "13857100077"


def test_take_back_and_hand_in_again(client, organization):
    """ORG-10: with the very same data, nobody is asked for a code."""
    client.post("/enterprise/registration/withdraw/")
    assert "资料已撤回，还没有重新提交" in client.get(URL).content.decode()
    assert client.post(URL, filled_in(organization)).status_code == 302
    assert fresh(organization).review.round == 2


def test_after_approval_the_page_leads_on(client, organization, reviewer):
    """ORG-10: nothing can be corrected here any more."""
    reviews.approve(reviewer, organization.review)
    page = client.get(URL).content.decode()
    assert "注册已审核通过" in page and 'href="/enterprise/"' in page
    client.post(URL, filled_in(organization, address="别处"))
    assert fresh(organization).address != "别处"
    assert client.get("/enterprise/profile/").status_code == 200


def test_somebody_elses_paper_is_not_taken(client, organization, reviewer, world):
    """SEC-01: a foreign file's key in the form counts for nothing."""
    reject(reviewer, organization)
    foreign = registered(world).documents.get(slot="cns").document
    stray = paper(visitor("elsewhere"), Slot.LETTER)
    before = organization.documents.get(slot="cns").document_id
    for key in (foreign.pk, stray.pk, "nonsense"):
        client.post(URL, filled_in(organization, document_cns=key))
        client.post("/enterprise/registration/withdraw/")
    assert organization.documents.get(slot="cns").document_id == before
    foreign.refresh_from_db()
    assert foreign.owner_key != organization.key


@pytest.mark.parametrize(
    ("slot", "file", "sentence"),
    [
        ("yyzz", SimpleUploadedFile("a.pdf", b"%PDF-1.7"), "JPG"),
        ("yyzz", SimpleUploadedFile("a.jpg", b"0" * (2 * 1024 * 1024 + 1)), "2 MB"),
        ("yyzz", None, "没有收到文件"),
    ],
)
def test_a_paper_that_is_no_use_is_refused_in_words(client, slot, file, sentence):
    """ORG-03."""
    if file is not None:
        file.seek(io.SEEK_SET)
    answer = client.post(f"/enterprise/registration/papers/{slot}/", {"file": file} if file else {})

    assert answer.status_code == 422 and sentence in answer.json()["message"]


def test_an_unknown_slot_and_strangers_find_nothing(client, world, organization):
    """SEC-01."""
    assert client.post("/enterprise/registration/papers/other/", {"file": picture()}).status_code == 404
    for other in (world.client(organization.supervisor), world.client(world.institution())):
        assert other.get(URL).status_code == 404
        assert other.get("/enterprise/registration/letter.pdf").status_code == 404
    assert "/sign-in/enterprise/" in Client().get(URL).headers["Location"]


def test_the_letter_is_filled_in(client, organization):
    """ORG-03: to be printed, signed and sealed again."""
    pdf = client.get("/enterprise/registration/letter.pdf")
    docx = client.get("/enterprise/registration/letter.docx")

    assert pdf.content.startswith(b"%PDF") and docx.content.startswith(b"PK")
    assert client.get("/enterprise/registration/letter.exe").status_code == 404


def test_the_actor_of_a_moved_account_stays_signed_in(client, organization, reviewer, world):
    """ORG-06: a corrected code changes the account name, not the session."""
    reject(reviewer, organization)
    code = world.invent.credit_code()
    client.post(URL, filled_in(organization, uscc=code))

    assert User.objects.get(membership__organization=organization).account == code
    assert code in client.get(URL).content.decode()
    assert actor_for(User.objects.get(account=code)).body == organization
