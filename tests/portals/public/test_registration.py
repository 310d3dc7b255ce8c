"""企业注册 (ORG-02, 03, 06, 07, 08)."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from foundation.files.models import Document
from foundation.messages.models import Sms
from foundation.review.models import ReviewState
from tests.world import jpeg
from tests.zhupei.accounts.test_codes import sent_code
from zhupei.accounts.models import User, VerificationCode
from zhupei.organizations.models import Authority, Organization
from zhupei.portals.public.tasks import KEPT_FOR, remove_abandoned_papers

CODE = "91330106MA2B1QWE3P"
PASSWORD = "Zhupei-2026-word"
PHONE = "13857100002"
TYPED = {
    "kind": "enterprise",
    "name": "浙江晨光建设有限公司",
    "uscc": CODE.lower(),
    "legal_representative": "陈立新",
    "address": "浙江省杭州市西湖区样本路 1 号",
    "scope": "房屋建筑工程施工",
    "city": "330100",
    "region": "330106",
    "review_choice": "city",
    "contact_name": "周敏",
    "contact_phone": "13857100001",
    "office_phone": "0571-87654321",
    "responsible_name": "陈立新",
    "responsible_phone": PHONE,
    "password": PASSWORD,
    "repeat_password": PASSWORD,
    "agree": "on",
}
pytestmark = pytest.mark.django_db


@pytest.fixture
def visitor():
    client = Client()
    client.get("/register/")
    return client


def upload(client, slot="yyzz", content=None, name="yyzz.jpg"):
    file = SimpleUploadedFile(name, jpeg(900, 700) if content is None else content, "image/jpeg")
    return client.post(f"/register/documents/{slot}/", {"file": file}).json()


def send(client, *, papers=("yyzz", "cns"), sms=True, **changed):
    """Upload, ask for the code, submit."""
    for slot in papers:
        assert upload(client, slot)["ok"]
    if sms:
        client.post("/codes/", {"purpose": "register", "phone": changed.get("responsible_phone", PHONE)})
    given = TYPED | ({"code": sent_code()} if sms else {}) | changed
    return client.post("/register/", {key: value for key, value in given.items() if value != ""})


def test_a_firm_registers_and_waits_for_its_city(visitor):
    """ORG-02, 06, 08: signed in at once; account is the credit code; the city reviews."""
    response = send(visitor)
    assert response.status_code == 302 and response["Location"].startswith("/enterprise/")

    firm = Organization.objects.get()
    assert (firm.uscc, firm.name, firm.region.code) == (CODE, TYPED["name"], "330106")
    assert firm.supervisor.region.code == "330100" and not firm.is_provincial
    assert firm.review.state == ReviewState.SUBMITTED
    user = User.objects.get(portal="enterprise")
    assert (user.account, user.phone) == (CODE, PHONE) and user.check_password(PASSWORD)
    assert visitor.session["_auth_user_id"] == str(user.pk)
    assert {(row.slot, row.document.owner_key) for row in firm.documents.all()} == {
        ("yyzz", firm.key),
        ("cns", firm.key),
    }
    assert VerificationCode.objects.get().used_at


@pytest.mark.parametrize(
    ("changed", "supervisor"),
    [
        ({"review_choice": "provincial"}, "330000"),
        ({"review_choice": "", "is_provincial": "on"}, "330000"),
        ({"region": "330203", "review_choice": ""}, "330200"),
        ({"region": "330200", "review_choice": "provincial"}, "330200"),
    ],
)
def test_region_affiliation_and_choice_decide_who_reviews(visitor, changed, supervisor):
    """ORG-08: 杭州 chooses, elsewhere the city, provincially affiliated ones the province."""
    assert send(visitor, **changed).status_code == 302
    assert Organization.objects.get().supervisor == Authority.objects.get(region__code=supervisor)


def test_hangzhou_has_to_choose(visitor):
    """ORG-08: told, at the field."""
    page = send(visitor, review_choice="").content.decode()
    assert "请选择审核部门" in page and not Organization.objects.exists()


def test_the_page_says_what_each_choice_means_for_the_institutions(world, visitor):
    """ORG-09: the choice rules the institutions on offer."""
    world.institution(supervisor=Authority.objects.get(region__code="330000"), name="浙江样本学院")
    world.institution(supervisor=Authority.objects.get(region__code="330100"))
    page = visitor.get("/register/").content.decode()
    assert "可选本市的 1 家和省属的 1 家培训机构" in page and "只能选省属培训机构：浙江样本学院" in page


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"uscc": "91330106MA2B1QWE3X"}, "校验不通过"),
        ({"uscc": "9133"}, "应为 18 位"),
        ({"name": ""}, "请填写单位名称"),
        ({"scope": ""}, "请填写经营范围"),
        ({"region": ""}, "请选择所在县"),
        ({"region": "999999"}, "选择一个有效的选项"),
        ({"contact_phone": "138"}, "手机号应为 11 位"),
        ({"office_phone": "abc"}, "办公电话格式不对"),
        ({"code": "000000"}, "验证码不正确或已过期"),
        ({"code": ""}, "请填写短信验证码"),
        ({"password": "short", "repeat_password": "short"}, "密码太简单"),
        ({"repeat_password": "different"}, "两次输入的密码不一致"),
        ({"agree": ""}, "请阅读并同意"),
        ({"kind": "shop"}, "有效的选项"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_lost(visitor, changed, sentence):
    """ORG-02: at the field; texts and uploads stay, passwords are never sent back; the code stays good."""
    page = send(visitor, **changed).content.decode()
    assert sentence in page
    assert TYPED["address"] in page and PASSWORD not in page
    assert page.count("upload-open") == 2
    assert not Organization.objects.exists()
    assert not VerificationCode.objects.exclude(used_at=None).exists()


def test_a_refused_form_can_be_mended_with_the_same_code_and_files(visitor):
    """Nothing is asked for twice."""
    send(visitor, office_phone="abc")
    again = TYPED | {"code": sent_code()}
    assert visitor.post("/register/", again).status_code == 302


def test_license_and_letter_are_mandatory_the_qualification_is_not(visitor):
    """ORG-03."""
    page = send(visitor, papers=()).content.decode()
    assert "请上传营业执照" in page and "请上传企业承诺书" in page and "请上传资质证书" not in page
    page = send(visitor, papers=("yyzz",), sms=False).content.decode()
    assert "请上传企业承诺书" in page and "请上传营业执照" not in page


def test_a_school_needs_no_scope(visitor):
    """ORG-02: schools enrol their own students."""
    assert send(visitor, kind="school", scope="").status_code == 302


def test_a_taken_code_is_told_and_nothing_leaks(world, visitor):
    """ORG-07: offered password recovery; no name, no phone of the first registration."""
    first = world.organization(uscc=CODE, name="秘密建筑有限公司", contact_phone="13900009999")
    page = send(visitor).content.decode()
    assert "已经注册过" in page and f"/forgot-password/enterprise/?account={CODE}" in page
    for secret in (first.name, first.contact_phone, first.legal_representative + "（", first.supervisor.name):
        assert secret not in page
    assert Organization.objects.count() == 1


def test_a_taken_code_is_told_before_the_page_is_filled_in(world, visitor):
    """ORG-07: as one leaves the field; unknown and malformed codes say nothing."""
    world.user(world.organization(uscc=CODE))
    assert "已经注册过" in visitor.get("/register/code-taken/", {"uscc": CODE.lower()}).content.decode()
    for code in ("", "9133", "91330106MA2B1QWE4M"):
        assert visitor.get("/register/code-taken/", {"uscc": code}).content.strip() == b""


def test_asking_about_codes_is_braked(visitor):
    """SEC-05: nobody tries all codes."""
    for _ in range(60):
        assert visitor.get("/register/code-taken/", {"uscc": CODE}).status_code == 200
    assert visitor.get("/register/code-taken/", {"uscc": CODE}).status_code == 409


def png(width=900, height=700) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "white").save(out, "PNG")
    return out.getvalue()


def noise() -> bytes:
    """A JPEG above 2 MB."""
    out = io.BytesIO()
    Image.effect_noise((2600, 2000), 100).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


def test_jpg_and_png_are_taken_by_content_and_drawn_anew(visitor):
    """ORG-03, MAT-03: judged by content, metadata stripped."""
    answer = upload(visitor, content=png(), name="营业执照.png")
    assert answer["ok"] and answer["message"] == "营业执照已上传"
    kept = Document.objects.get()
    assert (kept.content_type, kept.name, kept.kind) == ("image/jpeg", "营业执照.jpg", "registration.yyzz")
    assert visitor.get(answer["url"]).status_code == 200
    assert Client().get(answer["url"]).status_code == 404


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "空"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04" + b"x" * 40, "压缩包"),
        (b"<html><script>alert(1)</script></html>", "网页"),
        (b"\xff\xd8\xff\xe0broken", "损坏"),
        (b"GIF89a" + b"\0" * 40, "GIF"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_cause(visitor, content, sentence):
    """ORG-03: whatever the file is called."""
    answer = upload(visitor, content=content, name="yyzz.jpg")
    assert not answer["ok"] and sentence in answer["message"]
    assert not Document.objects.exists()


def test_more_than_two_megabytes_are_refused(visitor):
    """ORG-03: at most 2 MB each."""
    content = noise()
    assert len(content) > 2 * 1024 * 1024
    answer = upload(visitor, content=content)
    assert not answer["ok"] and "超过 2 MB" in answer["message"]


def test_exactly_two_megabytes_are_looked_at(visitor):
    """ORG-03: the limit itself is allowed; the page names it."""
    answer = upload(visitor, content=b"\xff\xd8\xff" + b"0" * (2 * 1024 * 1024 - 3))
    assert not answer["ok"] and "超过" not in answer["message"]
    assert "每张不超过 2 MB" in visitor.get("/register/").content.decode()


def test_a_new_paper_replaces_the_old_one_and_can_be_deleted(visitor):
    """One paper a slot; nothing is left behind."""
    first = upload(visitor)
    second = upload(visitor)
    assert [str(row.pk) for row in Document.objects.all()] == [second["id"]] != [first["id"]]
    assert visitor.post("/register/documents/yyzz/delete/").json()["ok"]
    assert not Document.objects.exists()
    assert visitor.post("/register/documents/other/").status_code == 404


def test_nobody_hands_in_or_deletes_somebody_else_s_papers(visitor):
    """SEC-01: papers belong to the browser that uploaded them."""
    upload(visitor, "yyzz")
    upload(visitor, "cns")
    other = Client()
    other.get("/register/")
    other.post("/register/documents/yyzz/delete/")
    page = send(other, papers=()).content.decode()
    assert "请上传营业执照" in page and Document.objects.count() == 2


def test_it_works_without_scripts(visitor):
    """Files travel with the form; the code button is a submit button; all typed texts stay."""
    files = {
        "file_yyzz": SimpleUploadedFile("a.jpg", jpeg(900, 700)),
        "file_cns": SimpleUploadedFile("b.png", png()),
        "file_zzzs": SimpleUploadedFile("c.jpg", b"nothing"),
    }
    page = visitor.post("/register/", TYPED | files | {"send_code": "register"}).content.decode()
    assert "验证码已发送" in page and TYPED["address"] in page and "资质证书" in page
    assert re.search(r"selected[^>]*>西湖区|value=\"330106\" selected", page)
    assert Sms.objects.count() == 1 and Document.objects.count() == 2
    assert visitor.post("/register/", TYPED | {"code": sent_code()}).status_code == 302


def text_of(docx: bytes) -> str:
    xml = zipfile.ZipFile(io.BytesIO(docx)).read("word/document.xml").decode()
    return re.sub(r"<[^>]+>", "", xml)


def test_the_letter_is_filled_with_what_has_been_typed(visitor):
    """ORG-03: the template is downloadable on the registration page, filled in as far as known."""
    response = visitor.post("/register/letter.docx", TYPED)
    text = text_of(response.content)
    for words in (TYPED["name"], "周敏", "13857100001", "0571-87654321", "杭州"):
        assert words in text
    assert "attachment" in response["Content-Disposition"]
    assert visitor.post("/register/letter.pdf", TYPED).content.startswith(b"%PDF-")
    empty = text_of(visitor.post("/register/letter.docx", {}).content)
    assert "本企业授权" in empty and "周敏" not in empty
    provincial = text_of(visitor.post("/register/letter.docx", TYPED | {"is_provincial": "on"}).content)
    assert "浙江省住房和城乡建设厅" in provincial
    assert visitor.post("/register/letter.exe", TYPED).status_code == 404


def test_somebody_signed_in_is_told_to_sign_out_first(world):
    """One registers as a visitor."""
    response = world.client(world.institution()).get("/register/")
    assert response.status_code == 302


def test_two_at_once_register_one_firm(visitor):
    """ORG-07: the second one is told, whoever was faster."""
    other = Client()
    other.get("/register/")
    assert send(visitor).status_code == 302
    page = send(other, responsible_phone="13857100009").content.decode()
    assert "已经注册过" in page and Organization.objects.count() == 1


def test_abandoned_papers_go_after_two_days(visitor):
    """What was never handed in is not kept (agreement, section 6)."""
    upload(visitor, "yyzz")
    upload(visitor, "cns")
    old = Document.objects.get(kind="registration.yyzz")
    Document.objects.filter(pk=old.pk).update(created_at=old.created_at - KEPT_FOR)
    assert remove_abandoned_papers() == 1
    assert Document.objects.get().kind == "registration.cns"
