"""What anybody may open: home, institutions, notices, downloads, help, the development inbox."""

from __future__ import annotations

import io

import openpyxl
import pytest
from django.utils import timezone

from foundation.messages.services import send_sms
from zhupei.organizations.models import Authority, Notice, NoticeState
from zhupei.portals.public.journey import STEPS

pytestmark = pytest.mark.django_db


def notice(title="关于考核的通知", state=NoticeState.PUBLISHED, **fields) -> Notice:
    authority = Authority.objects.get(region__code="330000")
    return Notice.objects.create(
        authority=authority,
        title=title,
        body="第一段\n\n<b>第二段</b>",
        state=state,
        published_at=timezone.now(),
        **fields,
    )


def test_the_home_page_shows_the_doors_the_steps_and_the_notices(client, django_assert_max_num_queries):
    """ACC-01 and the guide's eleven steps, in the guide's order."""
    notice()
    client.get("/")
    with django_assert_max_num_queries(6):
        page = client.get("/").content.decode()
    for portal in ("enterprise", "institution", "authority", "learner"):
        assert f'href="/sign-in/{portal}/"' in page
    assert 'href="/register/"' in page and "关于考核的通知" in page
    places = [page.index(f">{step.short}<") for step in STEPS]
    assert len(places) == 11 and places == sorted(places)


def test_somebody_signed_in_goes_on_from_the_home_page(world):
    """No second sign-in."""
    page = world.client(world.organization()).get("/").content.decode()
    assert 'href="/enterprise/"' in page and 'type="password"' not in page


def test_drafts_and_withdrawn_notices_are_not_public(client):
    """SEC-01: published ones only, on all three pages."""
    draft = notice("还没发布", NoticeState.DRAFT)
    gone = notice("已撤下的", NoticeState.WITHDRAWN)
    public = notice()
    for path in ("/", "/notices/"):
        page = client.get(path).content.decode()
        assert public.title in page and draft.title not in page and gone.title not in page
    for row in (draft, gone):
        assert client.get(f"/notices/{row.pk}/").status_code == 404
    page = client.get(f"/notices/{public.pk}/").content.decode()
    assert "浙江省住房和城乡建设厅" in page and "&lt;b&gt;第二段" in page


def test_institutions_are_listed_by_city_and_word(world, client, django_assert_max_num_queries):
    """ORG-13: public, with occupations; closed ones don't show."""
    province, ningbo = (Authority.objects.get(region__code=code) for code in ("330000", "330200"))
    first = world.institution(supervisor=province, name="浙江样本学院", introduction="介绍的话")
    second = world.institution(supervisor=ningbo, name="宁波样本学校")
    closed = world.institution(supervisor=ningbo, name="停办学校", is_active=False)
    world.offer(first, occupation=world.occupation("资料员", "office"))
    client.get("/institutions/")
    with django_assert_max_num_queries(8):
        page = client.get("/institutions/").content.decode()
    assert first.name in page and second.name in page and closed.name not in page and "资料员" in page
    page = client.get("/institutions/?city=330200").content.decode()
    assert second.name in page and first.name not in page
    page = client.get("/institutions/?q=资料员").content.decode()
    assert first.name in page and second.name not in page
    assert "没有符合条件" in client.get("/institutions/?q=没有这家").content.decode()
    page = client.get(f"/institutions/{first.pk}/").content.decode()
    assert "介绍的话" in page and "¥480.00" in page and first.account_number not in page
    assert client.get(f"/institutions/{closed.pk}/").status_code == 404


def test_every_form_of_the_guide_can_be_downloaded(client):
    """Attachments 1–5 as Word and PDF, and the roster's spreadsheet."""
    page = client.get("/downloads/").content.decode()
    for title in ("企业承诺书", "职业培训报名表", "工作年限证明", "报名人员信息汇总表", "对应表"):
        assert title in page
    for key in ("commitment-letter", "application-form", "work-years", "roster-summary", "majors"):
        assert client.get(f"/downloads/{key}.docx").content.startswith(b"PK")
        assert client.get(f"/downloads/{key}.pdf").content.startswith(b"%PDF-")
    roster = client.get("/downloads/roster-template.xlsx")
    assert "attachment" in roster["Content-Disposition"]
    heads = [
        cell.value for row in openpyxl.load_workbook(io.BytesIO(roster.content)).worksheets[0] for cell in row
    ]
    assert {"姓名", "性别", "身份证号", "手机号", "学历", "工作单位"} <= set(heads)
    for path in ("commitment-letter.exe", "roster-template.pdf", "nothing.pdf"):
        assert client.get(f"/downloads/{path}").status_code == 404


def test_the_help_explains_every_step_and_every_complaint(client):
    """The guide's words; every link of the line has its place."""
    page = client.get("/help/").content.decode()
    for number, step in enumerate(STEPS, 1):
        assert f'id="step-{number}"' in page and step.title in page
    assert "获取验证码" in page and "头像" in page


def test_the_development_inbox_shows_the_newest_message_first(client):
    """ACC-05: a development inbox page by default."""
    send_sms("13857100001", "t", "第一条")
    send_sms("13857100002", "t", "第二条")
    page = client.get("/dev/sms/").content.decode()
    assert page.index("第二条") < page.index("第一条") and 'hx-trigger="every 2s"' in page
    assert "第二条" not in client.get("/dev/sms/?phone=138 5710 0001").content.decode()
    part = client.get("/dev/sms/", headers={"HX-Request": "true"}).content.decode()
    assert "第一条" in part and "<html" not in part


class RealGateway:
    """A provider: messages leave the house."""

    shows_inbox = False

    def send(self, phone: str, text: str) -> str:
        return "ok"


def test_with_a_real_provider_there_is_no_inbox(client, settings):
    """Codes are not to be read by anybody on the web."""
    settings.SMS_GATEWAY = "tests.portals.public.test_pages.RealGateway"
    assert client.get("/dev/sms/").status_code == 404
