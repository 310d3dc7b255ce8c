"""The gallery in a real browser: accessible, within the security policy, usable by keyboard."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, expect

from tests.keys import press

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.foundation.ui.urls"),
]
PAGES = [
    "enterprise-home",
    "roster-preview",
    "eligibility-review",
    "public-home",
    "learner-phone",
    "sign-in",
    "parts",
    "forms",
    "error/404",
    "error/500",
]
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture
def gallery(page: Page, live_server: Any) -> Iterator[Any]:
    """Opens a gallery page; fails the test on errors of scripts and on breaches of the security policy."""
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda entry: faults.append(entry.text) if "Content Security Policy" in entry.text else None,
    )

    def open_(name: str, width: int = 1440, height: int = 900) -> Page:
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{live_server.url}/dev/components/{name}/")
        page.wait_for_load_state("networkidle")
        return page

    yield open_
    assert faults == []


def picture(width: int = 900, height: int = 1200) -> bytes:
    """A JPEG too detailed to be small."""
    out = io.BytesIO()
    Image.effect_noise((width, height), 90).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


@pytest.mark.parametrize("width", [1440, 390])
@pytest.mark.parametrize("name", PAGES)
def test_every_sample_is_accessible_and_fits_its_width(gallery: Any, name: str, width: int) -> None:
    """ui.md: WCAG 2.2 AA, axe-core clean, works at 390 px."""
    page = gallery(name, width, 900 if width > 400 else 844)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}}).response["violations"]
    assert [(fault["id"], [node["html"] for node in fault["nodes"]]) for fault in found] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_is_sent_before_the_question_is_answered_and_then_once(gallery: Any) -> None:
    """ui.md: irreversible acts say what will happen and ask once; a POST is sent once."""
    page = gallery("parts")
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None
    )
    page.get_by_role("button", name="注销").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("证书作废，不能恢复")
    dialog.get_by_role("button", name="取消").click()
    expect(dialog).to_have_count(0)
    assert sent == []
    page.get_by_role("button", name="注销").click()
    dialog.get_by_label("注销原因").fill("证书系冒名取得")
    with page.expect_request(lambda request: request.method == "POST"):
        dialog.get_by_role("button", name="注销").click()
    page.wait_for_load_state("networkidle")
    assert len(sent) == 1
    assert "reason=" in sent[0]


def test_a_pressed_button_says_so_and_cannot_be_pressed_again(gallery: Any) -> None:
    """Double submits are stopped in the page (the server's idempotency is tested with the services)."""
    page = gallery("sign-in")
    page.route(
        "**/sign-in/",
        lambda route: route.fulfill(status=204) if route.request.method == "POST" else route.continue_(),
    )
    page.get_by_label("统一社会信用代码").fill("91330106MA2TESTX0A"[:18])
    page.get_by_label("密码").fill("x")
    page.evaluate("document.querySelector('#account').dataset.check = ''")
    page.get_by_role("button", name="登录").click()
    button = page.locator("main button[type=submit]")
    expect(button).to_have_text("正在提交…")
    expect(button).to_be_disabled()


def test_a_field_is_checked_as_one_leaves_it_and_the_draft_survives_a_reload(gallery: Any) -> None:
    """ui.md: checked as one leaves the field; nothing typed is lost."""
    page = gallery("forms")
    phone = page.locator("#id_new-phone")
    phone.fill("1385710")
    phone.blur()
    expect(page.locator("#id_new-phone_error")).to_have_text("手机号应为 11 位，以 1 开头。")
    phone.fill("13857100000")
    expect(page.locator("#id_new-phone_error")).to_have_text("")
    page.locator("#id_new-uscc").fill("91330106MA2TEST00")
    page.locator("#id_new-uscc").blur()
    expect(page.locator("#id_new-uscc_error")).to_contain_text("现在是 17 位")
    page.reload()
    expect(page.locator("#id_new-phone")).to_have_value("13857100000")


def test_an_incomplete_form_is_not_sent_and_the_first_gap_gets_the_focus(gallery: Any) -> None:
    """ui.md: errors at the field."""
    page = gallery("forms")
    page.get_by_role("button", name="提交审核").click()
    expect(page.locator("#id_new-name")).to_be_focused()
    expect(page.locator("#id_new-name_error")).to_have_text("请填写单位名称。")


def test_several_files_find_their_slots_by_name(gallery: Any) -> None:
    """ORG-03: the names yyzz, cns are recognized when several files are dropped at once; others are named."""
    page = gallery("forms")
    page.evaluate(
        """() => {
            const data = new DataTransfer();
            for (const [name, type] of [['yyzz.jpg', 'image/jpeg'], ['头像.txt', 'text/plain'], ['holiday.jpg', 'image/jpeg']])
                data.items.add(new File([new Uint8Array(2000)], name, { type }));
            document.querySelector('[data-upload-group]').dispatchEvent(
                new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
        }"""
    )
    license = page.locator("zp-upload[data-label=营业执照]")
    expect(license.locator(".upload-message")).to_have_text("已上传")
    expect(page.locator("[name=license]")).to_have_value("2000")
    expect(license.get_by_role("button", name="更换")).to_be_visible()
    expect(page.locator("zp-upload[data-label=头像] .upload-message")).to_contain_text(
        "请用 JPG、PNG 格式的文件"
    )
    expect(page.locator("[data-upload-unmatched]")).to_contain_text("holiday.jpg")


def test_a_refused_file_says_why_and_the_slot_stays_open(gallery: Any) -> None:
    """MAT-02: bad files are named; a file that is too large is not even sent."""
    page = gallery("forms")
    slot = page.locator("zp-upload[data-label=营业执照]")
    slot.locator("input[type=file]").set_input_files(
        {"name": "bad.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 100}
    )
    expect(slot.locator(".upload-message")).to_have_text("图片打不开，请换一张 JPG 或 PNG。")
    slot.locator("input[type=file]").set_input_files(
        {"name": "yyzz.jpg", "mimeType": "image/jpeg", "buffer": b"x" * 2_200_000}
    )
    expect(slot.locator(".upload-message")).to_contain_text("超过 2 MB")
    expect(slot.locator(".drop")).to_be_visible()


def test_a_portrait_is_cropped_and_compressed_in_the_page(gallery: Any) -> None:
    """MAT-01: one inch, at most 80 KB; done before the upload."""
    page = gallery("forms")
    page.evaluate(
        """() => {
            const send = XMLHttpRequest.prototype.send;
            XMLHttpRequest.prototype.send = function (body) {
                window.sent = body.get('file');
                return send.call(this, body);
            };
        }"""
    )
    slot = page.locator("zp-upload[data-label=头像]")
    source = picture()
    assert len(source) > 200_000
    slot.locator("input[type=file]").set_input_files(
        {"name": "me.png.jpg", "mimeType": "image/jpeg", "buffer": source}
    )
    page.get_by_role("dialog").get_by_label("放大缩小").fill("1.5")
    page.get_by_role("button", name="用这张").click()
    expect(slot.locator(".upload-message")).to_have_text("已上传")
    name, size, width, height = page.evaluate(
        """async () => {
            const picture = await createImageBitmap(window.sent);
            return [window.sent.name, window.sent.size, picture.width, picture.height];
        }"""
    )
    assert name == "me.png.jpg"
    assert (width, height) == (295, 413)
    assert size < 80 * 1024


def test_the_review_works_with_the_keyboard_alone(gallery: Any) -> None:
    """ELI-02: next one by keyboard; returning asks for a reason first."""
    page = gallery("eligibility-review")
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.post_data or "") if request.method == "POST" else None
    )
    caption = page.locator(".stage-caption")
    expect(caption).to_have_text("身份证正面")
    page.keyboard.press("ArrowRight")
    expect(caption).to_have_text("身份证反面")
    press(page, "j")
    assert page.url.endswith("#next")
    press(page, "r")
    expect(page.get_by_text("请先点选或写明原因")).to_be_visible()
    assert sent == []
    page.get_by_label("头像非白底").check()
    with page.expect_request(lambda request: request.method == "POST"):
        press(page, "r")
    assert len(sent) == 1
    assert "verdict=return" in sent[0]


def test_a_picture_zooms_turns_and_stands_beside_the_portrait(gallery: Any) -> None:
    """ELI-01: large with zoom and rotation."""
    page = gallery("eligibility-review")
    image = page.locator(".pane img")
    before = image.evaluate("node => node.style.transform")
    page.get_by_role("button", name="放大").click()
    zoomed = image.evaluate("node => node.style.transform")
    assert zoomed != before
    page.get_by_role("button", name="旋转").click()
    assert "rotate(90deg)" in image.evaluate("node => node.style.transform")
    page.get_by_role("button", name="与头像并排").click()
    expect(page.locator(".pane-face")).to_be_visible()


def test_a_masked_number_is_shown_on_request_only(gallery: Any) -> None:
    """SEC-02: masked on screen; the full view is a request of its own, which the server logs."""
    page = gallery("eligibility-review")
    expect(page.locator(".masked-text")).to_have_text("3304**********041X")
    page.get_by_role("button", name="查看完整身份证号").click()
    expect(page.locator(".masked-text")).to_have_text("33042119720103041X")


def test_a_long_job_is_polled_until_it_is_done(gallery: Any) -> None:
    """ui.md: a progress panel with result and a list of what failed."""
    page = gallery("parts")
    expect(page.get_by_text("导入完成：11 人成功，1 人没有成功")).to_be_visible(timeout=10_000)
    expect(page.get_by_text("第 3 行 沈若兰：身份证号变成了科学计数")).to_be_visible()


def test_the_menu_of_a_phone_opens_and_closes(gallery: Any) -> None:
    """ui.md: works at 390 px."""
    page = gallery("enterprise-home", 390, 844)
    link = page.get_by_role("link", name="人员查询")
    expect(link).not_to_be_in_viewport()
    page.get_by_role("button", name="打开菜单").click()
    expect(page.locator("#menu.show:not(.showing)")).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(link).not_to_be_in_viewport()


def test_ctrl_k_goes_to_the_search_box(gallery: Any) -> None:
    """The search slot of the shell."""
    page = gallery("enterprise-home")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("searchbox", name="搜索人员、订单")).to_be_focused()


def test_the_chart_is_drawn_and_has_a_table_behind(gallery: Any) -> None:
    """ui.md: a table behind each chart."""
    page = gallery("parts")
    expect(page.locator("zp-chart canvas")).to_be_visible()
    page.get_by_text("看数据表").click()
    expect(page.get_by_role("row", name="11 月 264")).to_be_visible()
