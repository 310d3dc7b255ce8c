"""What scripts add to the public pages, in a real browser; and whether everybody can use them."""

from __future__ import annotations

import base64
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.world import jpeg
from tests.zhupei.accounts.test_codes import sent_code
from zhupei.organizations.models import Organization

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DROP = """(names) => {
  const transfer = new DataTransfer();
  for (const [name, data] of names) {
    const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
    transfer.items.add(new File([bytes], name, { type: 'image/jpeg' }));
  }
  document.querySelector('[data-upload-group]').dispatchEvent(
    new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


@pytest.fixture
def regions(transactional_db):
    """Cities and authorities: flushing the tables between tests brings them back by post_migrate."""
    from zhupei.organizations.setup import load_basics

    load_basics()


def test_a_firm_registers_with_three_files_dropped_at_once(page: Page, live_server, regions):
    """ORG-03, ORG-06: files find their slots by name; the code button works while everything else is empty."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto(f"{live_server.url}/register/")
    content = base64.b64encode(jpeg(900, 700)).decode()
    page.evaluate(DROP, [[name, content] for name in ("CNS.jpg", "扫描 yyzz.jpg", "zzzs(1).jpg", "其他.jpg")])
    for slot, name in (("yyzz", "营业执照"), ("cns", "企业承诺书"), ("zzzs", "资质证书")):
        expect(page.locator(f"#slot-{slot} .upload-message")).to_have_text(f"{name}已上传")
    expect(page.locator("[data-upload-unmatched]")).to_contain_text("其他.jpg")

    code = page.locator("button[data-send-code]")
    code.click()
    expect(page.locator(".code-message")).to_have_text("请填写手机号。")
    page.fill("#id_responsible_phone", "13857100002")
    code.click()
    expect(page.locator(".code-message")).to_contain_text("验证码已发到 138****0002")
    expect(code).to_be_disabled()
    expect(code).to_have_text(re.compile(r"获取验证码（\d+）"))

    fill_in(page)
    page.fill("#id_code", sent_code())
    page.reload()
    expect(page.locator("#id_name")).to_have_value("浙江晨光建设有限公司")
    expect(page.locator("#slot-cns .upload-name")).to_contain_text("CNS.jpg")
    page.fill("#id_password", "Zhupei-2026-word")
    page.fill("#id_repeat_password", "Zhupei-2026-word")
    page.get_by_role("button", name="提交审核").click()
    page.wait_for_url("**/enterprise/registration/**")
    assert Organization.objects.get().supervisor.region.code == "330100"
    assert not faults


def fill_in(page: Page) -> None:
    """The texts of the form, the county through the city."""
    for name, value in {
        "name": "浙江晨光建设有限公司",
        "uscc": "91330106MA2B1QWE3P",
        "address": "浙江省杭州市西湖区样本路 1 号",
        "scope": "房屋建筑工程施工",
        "contact_name": "周敏",
        "contact_phone": "13857100001",
        "responsible_name": "陈立新",
    }.items():
        page.fill(f"#id_{name}", value)
    choice = page.locator('[data-field="review_choice"]')
    page.select_option("#id_city", "330200")
    expect(choice).to_be_hidden()
    assert page.locator("#id_region option[value='330106']").count() == 0
    page.select_option("#id_city", "330100")
    page.select_option("#id_region", "330106")
    expect(choice).to_be_visible()
    page.check("#id_is_provincial")
    expect(choice).to_be_hidden()
    page.uncheck("#id_is_provincial")
    page.check("input[name=review_choice][value=city]")
    page.check("#id_agree")


def test_the_code_button_says_so_when_the_network_is_gone(page: Page, live_server, regions):
    """Every button answers, whatever happens."""
    page.goto(f"{live_server.url}/forgot-password/enterprise/")
    page.fill("#id_phone", "13857100002")
    page.context.set_offline(True)
    button = page.locator("button[data-send-code]")
    button.click()
    expect(page.locator(".code-message")).to_contain_text("网络不通")
    expect(button).to_be_enabled()


@pytest.mark.parametrize("width", [1366, 390])
def test_the_public_pages_are_accessible_and_fit(page: Page, live_server, regions, width):
    """WCAG 2.2 AA by axe; nothing to scroll sideways."""
    page.set_viewport_size({"width": width, "height": 844})
    for path in (
        "/", "/sign-in/", "/register/", "/forgot-password/learner/", "/institutions/", "/notices/",
        "/downloads/", "/help/", "/agreement/", "/dev/sms/",
    ):  # fmt: skip
        page.goto(live_server.url + path)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
