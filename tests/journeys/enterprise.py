"""What the clerk of a construction firm does, from registering to paying."""

from __future__ import annotations

import base64
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.journeys.papers import FilePayload
from tests.journeys.stage import Stage, confirm, field, fill, follow, told

DROP = """([selector, files]) => {
    const data = new DataTransfer();
    for (const { name, type, content } of files)
        data.items.add(new File([Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0))], name, { type }));
    document.querySelector(selector).dispatchEvent(
        new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


def drop(page: Page, selector: str, files: list[FilePayload]) -> None:
    """Drag several files onto a place at once."""
    given = [
        {"name": file["name"], "type": file["mimeType"], "content": base64.b64encode(file["buffer"]).decode()}
        for file in files
    ]
    page.evaluate(DROP, [selector, given])


def put(page: Page, slot: str, file: FilePayload) -> None:
    """Choose a file for the slot of that label, and wait until it is there."""
    place = page.locator(f"zp-upload[data-label='{slot}']")
    place.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(place.locator(".upload-message")).to_contain_text("已上传")


def register(stage: Stage, page: Page, firm: dict[str, str], password: str, files: list[FilePayload]) -> None:
    """企业注册: the three papers find their slots by name, the phone is verified by SMS (ORG-02, ORG-03, ORG-06, ORG-08)."""
    page.goto("/")
    stage.shot(page, "公众-首页", phone=True)
    page.get_by_role("link", name=re.compile("注册")).first.click()
    expect(page.get_by_role("heading", name="企业注册")).to_be_visible()
    stage.shot(page, "企业-注册页（空）", phone=True)
    page.wait_for_load_state(
        "networkidle"
    )  # a file dropped before the page's modules are there would be lost
    drop(page, "[data-upload-group]", files)
    for label in ("营业执照", "企业承诺书", "资质证书"):
        expect(page.locator(f"zp-upload[data-label='{label}'] .upload-message")).to_contain_text("已上传")
    fill(
        page,
        {label: firm[label] for label in ("单位名称", "统一社会信用代码", "法定代表人", "地址", "经营范围")},
    )
    field(page, "所在市").select_option(label="杭州市")
    field(page, "所在县（市、区）").select_option(label=firm["所在县（市、区）"])
    page.get_by_label(re.compile("市级审核")).check()
    fill(page, {label: firm[label] for label in ("联系人", "联系人手机", "负责人", "负责人手机")})
    page.get_by_role("button", name="获取验证码").click()
    expect(page.locator(".code-message")).to_contain_text("验证码已发到")
    code = re.search(r"\d{6}", stage.sms(firm["负责人手机"], "验证码"))
    assert code
    page.locator("[name=code]").fill(code[0])
    page.locator("[name=password]").fill(password)
    page.locator("[name=repeat_password]").fill(password)
    page.locator("[name=agree]").check()
    stage.shot(page, "企业-注册页（填好）", phone=True)
    page.get_by_role("button", name="提交审核").click()
    told(page, "注册资料已提交，请等待主管部门审核")
    stage.shot(page, "企业-等待审核", phone=True)


def is_kept_out(page: Page) -> None:
    """Not approved yet: every page leads back to the registration (ORG-10)."""
    page.goto("/enterprise/enroll/new/")
    page.wait_for_url("**/enterprise/registration/")


def correct_registration(
    stage: Stage, page: Page, reasons: list[str], values: dict[str, str], letter: FilePayload
) -> None:
    """See the reasons item by item, mend what they name, hand in again (ORG-10)."""
    page.goto("/enterprise/")
    for reason in reasons:
        told(page, reason)
    stage.shot(page, "企业-审核不通过", phone=True)
    put(page, "企业承诺书", letter)
    fill(page, values)
    page.get_by_role("button", name="重新提交").click()
    confirm(page, "确定")
    told(page, "已重新提交，请等待主管部门审核")
    stage.shot(page, "企业-重新提交", phone=True)


def compare_and_choose(stage: Stage, page: Page, occupation: str, names: list[str], chosen: str) -> None:
    """From the approval to one offer: the list, two institutions side by side, 选择报名 (ORG-09, ORG-13, ENR-01)."""
    page.goto("/enterprise/")
    stage.shot(page, "企业-首页（已审核）", phone=True)
    follow(page, "培训机构")
    stage.shot(page, "企业-培训机构", phone=True)
    for name in names:
        row = page.get_by_role("row").filter(has_text=name).filter(has_text=occupation)
        row.get_by_role("checkbox").check()
    page.get_by_role("button", name="并排比较所选机构").click()
    table = page.get_by_role("region", name="机构比较")
    for name in names:
        expect(table).to_contain_text(name)
    stage.shot(page, "企业-机构比较", phone=True)
    heads = table.get_by_role("columnheader").all_inner_texts()
    place = next(index for index, text in enumerate(heads) if chosen in text)
    row = table.get_by_role("row").filter(has_text=occupation)
    row.locator("th, td").nth(place).get_by_role("link", name="选择报名").click()
    expect(page.get_by_role("heading", name=re.compile("新建报名"))).to_be_visible()
    told(page, chosen)
    stage.shot(page, "企业-提交名单", phone=True)


def template(page: Page) -> bytes:
    """下载模板 (ENR-02)."""
    with page.expect_download() as download:
        page.get_by_role("link", name="下载模板").click()
    assert download.value.suggested_filename == "报名人员信息汇总表.xlsx"
    return Path(download.value.path()).read_bytes()


def submit_roster(stage: Stage, page: Page, roster: bytes, corrections: dict[str, str], people: int) -> None:
    """Upload, correct the wrong cells in the page, confirm (ENR-03 … ENR-05). `corrections`: sentence → right value."""
    page.locator("zp-upload input[type=file]").set_input_files(
        {"name": "六月报名.xlsx", "mimeType": "application/octet-stream", "buffer": roster}
    )
    expect(page.get_by_role("button", name="重新核对")).to_be_visible()
    stage.shot(page, "企业-核对名单（有错）", phone=True)
    for sentence, value in corrections.items():
        cell = page.locator("td.err").filter(has_text=sentence)
        control = cell.locator("input, select")
        if control.evaluate("node => node.tagName") == "SELECT":
            control.select_option(value)
        else:
            control.fill(value)
    page.get_by_role("button", name="重新核对").click()
    told(page, "已重新核对，全部可以导入")
    stage.shot(page, "企业-核对名单（改好）", phone=True)
    page.get_by_role("button", name=f"确认导入 {people} 人").click()
    confirm(page, f"导入 {people} 人")
    told(page, f"已导入 {people} 人")
    stage.shot(page, "企业-批次", phone=True)


def upload_archive(stage: Stage, page: Page, archive: bytes, taken: int, broken: str) -> None:
    """The ZIP in the background with its progress panel; the bad ones by name and cause (MAT-02, MAT-03)."""
    page.locator("#upload input[type=file]").set_input_files(
        {"name": "报名资料.zip", "mimeType": "application/zip", "buffer": archive}
    )
    expect(page.locator(".job-panel, #archive-result").first).to_be_visible()
    expect(page.locator("#archive-result")).to_contain_text(f"收下 {taken} 张", timeout=40_000)
    page.get_by_text("没有收下的文件和原因").click()
    row = page.get_by_role("row").filter(has_text=broken)
    expect(row).to_contain_text("图片打不开")
    expect(page.get_by_role("row").filter(has_text="名单里没有这个人")).to_be_visible()
    stage.shot(page, "企业-资料核对结果", phone=True)


def open_person(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()
    expect(page.locator("h1")).to_contain_text(name)


def mend_portrait(stage: Stage, page: Page, name: str, portrait: FilePayload) -> None:
    """The bad portrait by single upload, cropped in the page (MAT-01)."""
    open_person(page, name)
    told(page, "还缺：头像")
    stage.shot(page, "企业-人员（缺头像）", phone=True)
    place = page.locator("zp-upload[data-label='头像']")
    place.locator("input[type=file]").set_input_files(portrait)  # type: ignore[arg-type]
    stage.shot(page, "企业-裁剪头像", phone=True)
    page.get_by_role("button", name="用这张").click()
    expect(place.locator(".upload-message")).to_contain_text("已上传")
    told(page, "资料已齐，核对无误后提交")
    stage.shot(page, "企业-人员（资料已齐）", phone=True)


def hand_in(stage: Stage, page: Page, people: int) -> None:
    """The whole batch goes to the institution (ENR-06)."""
    follow(page, "学员报名")
    stage.shot(page, "企业-学员报名列表", phone=True)
    page.locator("table tbody a").first.click()
    page.get_by_role("button", name=f"提交资格审核（{people} 人）").click()
    confirm(page, f"提交 {people} 人")
    told(page, f"{people} 人")
    stage.shot(page, "企业-已提交资格审核", phone=True)


def correct_person(stage: Stage, page: Page, name: str, reason: str, file: FilePayload) -> None:
    """The one who was returned: the reason, the new image, in again (ELI-03)."""
    follow(page, "首页")
    stage.shot(page, "企业-首页（有退回）", phone=True)
    follow(page, "人员查询")
    stage.shot(page, "企业-人员查询", phone=True)
    open_person(page, name)
    told(page, reason)
    stage.shot(page, "企业-人员（退回修改）", phone=True)
    put(page, "工作年限证明", file)
    page.get_by_role("button", name="提交资格审核").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("h1")).to_contain_text("待资格审核")
    stage.shot(page, "企业-人员（再次提交）", phone=True)


def place_order(stage: Stage, page: Page, people: int, total: str) -> str:
    """订单缴费: everybody who is eligible in one order; returns its number (BIL-01)."""
    follow(page, "首页")
    stage.shot(page, "企业-首页（待下单）", phone=True)
    follow(page, "订单缴费")
    expect(page.locator("[data-pick-total]")).to_have_text(total)
    stage.shot(page, "企业-生成订单", phone=True)
    page.get_by_role("button", name="生成订单").click()
    asked = confirm(page, "生成订单", lambda: stage.shot(page, "企业-生成订单提问"))
    assert f"{people} 人" in asked
    assert total in asked
    heading = page.get_by_role("heading", name=re.compile(r"订单 \w+"))
    expect(heading).to_be_visible()
    stage.shot(page, "企业-订单", phone=True)
    found = re.search(r"订单 (\w+)", heading.inner_text())
    assert found
    return found[1]


def submit_voucher(
    stage: Stage, page: Page, file: FilePayload, *, wrong_payer: str, payer: str, day: str
) -> None:
    """Somebody else's account is refused at the field and nothing typed is lost; then the right one (BIL-02, BIL-03)."""
    put(page, "汇款凭证", file)
    fill(page, {"付款单位": wrong_payer, "汇款日期": day, "情况说明": "线下培训，请开数电票"})
    page.get_by_role("button", name="提交凭证").click()
    expect(page.locator("#id_payer_name_error")).to_contain_text("本单位")
    expect(field(page, "情况说明")).to_have_value("线下培训，请开数电票")
    expect(page.locator("zp-upload[data-label='汇款凭证'] .upload-name")).to_contain_text(
        file["name"].split(".")[0]
    )
    stage.shot(page, "企业-付款单位不符", phone=True)
    fill(page, {"付款单位": payer})
    page.get_by_role("button", name="提交凭证").click()
    told(page, "汇款凭证已提交，等待培训机构确认")
    stage.shot(page, "企业-凭证已提交", phone=True)


def replace_voucher(stage: Stage, page: Page, number: str, reason: str, file: FilePayload) -> None:
    """The voucher that came back is replaced (BIL-04)."""
    follow(page, "订单缴费")
    page.get_by_role("link", name=number).first.click()
    told(page, f"退回原因：{reason}")
    stage.shot(page, "企业-凭证被退回", phone=True)
    put(page, "汇款凭证", file)
    page.get_by_role("button", name="提交凭证").click()
    told(page, "汇款凭证已提交，等待培训机构确认")


def sees_enrolled(stage: Stage, page: Page, number: str, names: list[str]) -> None:
    """Everybody is 已报名 on the enterprise's side (QRY-01)."""
    follow(page, "人员查询")
    for name in names:
        expect(page.get_by_role("row").filter(has_text=name)).to_contain_text("已报名")
    stage.shot(page, "企业-全部已报名", phone=True)
    follow(page, "订单缴费")
    stage.shot(page, "企业-订单列表", phone=True)
    page.get_by_role("link", name=number).first.click()
    told(page, "缴费已确认")
    stage.shot(page, "企业-订单已确认", phone=True)
    follow(page, "首页")
    stage.shot(page, "企业-首页（已报名）", phone=True)
    follow(page, "消息")
    stage.shot(page, "企业-消息", phone=True)
