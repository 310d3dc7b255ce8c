"""What people bring along: drawn papers, a roster written by openpyxl, a ZIP as Chinese Windows writes it, a voucher."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

from openpyxl import load_workbook

from foundation.identifiers.id_number import check_character
from tests.foundation.files.zip_making import gbk, make_zip
from zhupei.demo import pictures
from zhupei.demo.invented import InventedPerson

MATERIALS = ("头像", "身份证正面", "身份证反面", "学历证书", "报名表", "工作年限证明")


class FilePayload(TypedDict):
    """A file as Playwright puts it into an input."""

    name: str
    mimeType: str
    buffer: bytes


def image(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def license_of(name: str, uscc: str) -> bytes:
    return pictures.license_picture(
        "营业执照", [("统一社会信用代码", uscc), ("名称", name), ("类型", "有限责任公司")]
    )


def letter_of(name: str, *, signed: bool) -> bytes:
    last = ("签字", "陈立新") if signed else ("签字", "")
    return pictures.license_picture("企业承诺书", [("单位", name), last])


def qualification_of(name: str) -> bytes:
    return pictures.license_picture(
        "建筑业企业资质证书", [("企业名称", name), ("资质", "建筑工程施工总承包三级")]
    )


def voucher_of(payer: str, amount: str) -> bytes:
    return pictures.license_picture("银行电子回单", [("付款人", payer), ("金额", amount), ("用途", "培训费")])


def materials_of(person: InventedPerson) -> dict[str, bytes]:
    """The six images of one person by their kinds' names."""
    seed, female = int(person.id_number[6:14]), person.gender == "female"
    gender = "女" if female else "男"
    front = pictures.id_front(
        seed, person.name, gender, f"{person.birth_date:%Y-%m-%d}", "浙江省杭州市西湖区", person.id_number
    )
    papers = {name: pictures.paper(name) for name in MATERIALS[2:]}
    return {"头像": pictures.portrait(seed, female), "身份证正面": front} | papers


def archive_of(people: Sequence[InventedPerson], *, broken: InventedPerson, stranger: str) -> bytes:
    """Names in GBK without the flag, in a folder, with Windows' litter; one portrait is broken off in the middle and
    one image is of somebody who is not on the roster."""
    members = [gbk("报名资料/Thumbs.db", b"litter")]
    for person in people:
        for kind, content in materials_of(person).items():
            bad = person is broken and kind == "头像"
            members.append(gbk(f"报名资料/{person.id_number}${kind}.jpg", content[:900] if bad else content))
    members.append(gbk(f"报名资料/{stranger}$头像.jpg", pictures.portrait(1, False)))
    return make_zip(*members)


def fill_template(
    template: bytes, people: Sequence[InventedPerson], unit: str, wrong: Mapping[tuple[int, str], str]
) -> bytes:
    """The downloaded template filled in by openpyxl as a clerk would; `wrong` spoils cells by (person, column)."""
    book = load_workbook(io.BytesIO(template))
    sheet = book.worksheets[0]
    head = next(row for row in sheet.iter_rows(max_row=10) if "姓名" in [cell.value for cell in row])
    columns = {str(cell.value): cell.column for cell in head if cell.value}
    for place, person in enumerate(people):
        values: dict[str, Any] = {
            "姓名": person.name,
            "性别": {"male": "男", "female": "女"}[person.gender],
            "身份证号": person.id_number,
            "手机号": person.phone,
            "学历": "大专",
            "工作单位": unit,
            "所学专业": "建筑工程技术",
            "毕业时间": "2015-06",
            "岗位工作年限": 6,
        }
        values |= {column: text for (row, column), text in wrong.items() if row == place}
        for column, value in values.items():
            sheet.cell(head[0].row + 1 + place, columns[column], value)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def misread(id_number: str) -> str:
    """The number with two digits swapped by a tired clerk: its check digit no longer fits."""
    for place in range(14, 16):
        text = id_number[:place] + id_number[place + 1] + id_number[place] + id_number[place + 2 :]
        if check_character(text[:17]) != text[17]:
            return text
    return id_number[:-1] + ("1" if id_number[-1] != "1" else "2")
