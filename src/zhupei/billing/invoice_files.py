"""Judging the file of an electronic invoice by its content: PDF, OFD or XML (BIL-06)."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from foundation.errors import DomainError
from foundation.files import pdf, sniff
from zhupei.billing import rules

MAX_BYTES = 5 * 1024 * 1024
# What the tax platforms call the same thing; the first that is there counts.
TAGS: dict[str, tuple[str, ...]] = {
    "title": ("BuyerName", "GMF_MC", "GMFMC"),
    "tax_number": ("BuyerIdNum", "BuyerTaxID", "GMF_NSRSBH", "GMFNSRSBH"),
    "total": ("TotalTax-includedAmount", "TotalTaxIncludedAmount", "JSHJ"),
    "number": ("InvoiceNumber", "EIid", "FPHM"),
}
LABELS = {
    "title": "购买方名称",
    "tax_number": "购买方纳税人识别号",
    "total": "价税合计",
    "number": "发票号码",
}


@dataclass(frozen=True)
class Expected:
    """What the invoice must say; `total` in yuan."""

    title: str
    tax_number: str
    total: Decimal
    number: str


def content_type(content: bytes, expected: Expected) -> str:
    """The media type of a usable file. Raises DomainError, an XML that disagrees with `expected` included."""
    if not content:
        raise DomainError("empty", "发票文件是空的，请重新选择。")
    if len(content) > MAX_BYTES:
        raise DomainError("entry_too_large", "发票文件超过 5 MB，请重新下载后再上传。")
    kind = sniff.sniff(content)
    if kind is sniff.PDF:
        pdf.check(content)
        return "application/pdf"
    if kind in {sniff.ZIP, sniff.OFD}:
        _check_ofd(content)
        return "application/ofd"
    if content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
        _check_xml(content, expected)
        return "application/xml"
    raise DomainError("unknown_kind", f"这个文件是{kind.label}，请上传 PDF、OFD 或 XML 格式的发票。")


def _check_ofd(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        names = []
    if "OFD.xml" not in names:
        raise DomainError("not_ofd", "这个文件不是完整的 OFD 发票，请重新下载后再上传。")


def _check_xml(content: bytes, expected: Expected) -> None:
    try:
        root = ElementTree.fromstring(content, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        raise DomainError("damaged_xml", "XML 发票打不开，文件可能已损坏，请重新下载后再上传。") from None
    found: dict[str, str] = {}
    for element in root.iter():
        name = str(element.tag).rpartition("}")[2]
        text = (element.text or "").strip()
        if text:
            found.setdefault(name, text)
    said = {key: next((found[tag] for tag in tags if tag in found), "") for key, tags in TAGS.items()}
    wrong = [_difference(key, said[key], expected) for key in TAGS]
    if sentences := [sentence for sentence in wrong if sentence]:
        raise DomainError("invoice_differs", "".join(sentences) + "请核对后重新上传。")


def _difference(key: str, said: str, expected: Expected) -> str:
    label, wanted = LABELS[key], getattr(expected, key)
    if not said:
        return f"发票文件里没有找到{label}。"
    if key == "total":
        same = _amount(said) == wanted
    elif key == "title":
        same = rules.same_name(said, wanted)
    else:
        same = re.sub(r"\s", "", said).upper() == wanted.upper()
    return "" if same else f"发票文件里的{label}是“{said[:60]}”，应为“{wanted}”。"


def _amount(text: str) -> Decimal | None:
    try:
        return Decimal(text.replace(",", "").lstrip("¥￥"))
    except InvalidOperation:
        return None
