"""Field by field: what was filled in about a body is tidied and judged; every refusal names its field."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeVar

from django.db import models

from foundation.errors import DomainError
from foundation.identifiers import names, phone, uscc
from foundation.identifiers.problems import Problem
from foundation.identifiers.text import squeeze, tidy
from zhupei.organizations.data import ChangeData, ContactData, InstitutionData, RegistrationData
from zhupei.organizations.models import Institution, Organization, OrganizationKind
from zhupei.organizations.rules import reviewing_level
from zhupei.regions.models import Region, RegionLevel

_LANDLINE = re.compile(r"[0-9+()（）\-－— 转,，]{7,30}")
_ACCOUNT_NUMBER = re.compile(r"[0-9]{8,30}")
_LABELS = {
    "name": "单位名称",
    "address": "地址",
    "scope": "经营范围",
    "contact_name": "联系人",
    "contact_phone": "联系人手机",
    "responsible_name": "负责人",
    "responsible_phone": "负责人手机",
    "reason": "变更原因",
    "short_name": "简称",
    "account_name": "户名",
    "account_number": "账号",
    "account_bank": "开户行",
}
# Only letters, digits and spaces: Chinese punctuation belongs to names and sentences.
_HALF_WIDTH = {
    full: full - 0xFEE0
    for first, last in ((0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    for full in range(first, last + 1)
}
_SPACES = re.compile(r"[ \t\r\f\v\u3000\xa0]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\x00-\x08]")
_NUMBERS = frozenset({"contact_phone", "responsible_phone", "office_phone", "account_number"})
Data = TypeVar("Data", RegistrationData, ContactData, ChangeData, InstitutionData)


class Findings:
    """What is wrong, by field; the first thing found about a field counts."""

    def __init__(self) -> None:
        self.items: dict[str, str] = {}

    def add(self, field: str, sentence: str) -> None:
        self.items.setdefault(field, sentence)

    def required(self, data: Any, *names_: str) -> None:
        for name in names_:
            if not getattr(data, name):
                self.add(name, f"请填写{_LABELS[name]}。")

    def judged(self, data: Any, field: str, problem: Callable[[str], Problem | None]) -> None:
        """Judge a filled-in value by a function of `foundation.identifiers`."""
        value = getattr(data, field)
        if value and (wrong := problem(value)):
            self.add(field, wrong.message)

    def too_long(self, data: Any, model: type[models.Model]) -> None:
        """Compare with the columns, so that the database never has to refuse."""
        for field in fields(data):
            value = getattr(data, field.name)
            column = next((c for c in model._meta.concrete_fields if c.name == field.name), None)
            limit = getattr(column, "max_length", None)
            if isinstance(value, str) and limit and len(value) > limit:
                self.add(field.name, f"最多 {limit} 个字，现在有 {len(value)} 个，请写短一些。")

    def raise_if_any(self, code: str) -> None:
        if self.items:
            raise DomainError(code, "填写的内容有误，请改正后再提交。", items=self.items)


def tidy_text(text: str) -> str:
    """Without stray spaces, invisible characters and full-width letters and digits; lines stay lines."""
    text = _INVISIBLE.sub("", text).translate(_HALF_WIDTH)
    lines = [_SPACES.sub(" ", line).strip() for line in text.strip().splitlines()]
    return "\n".join(lines)


def _tidied(data: Data) -> Data:
    """A copy as it is to be stored; only `scope` and `introduction` may have several lines."""
    values: dict[str, Any] = {}
    for field in fields(data):
        value = getattr(data, field.name)
        if isinstance(value, str):
            text = tidy(value) if field.name in _NUMBERS else tidy_text(value)
            values[field.name] = (
                text if field.name in {"scope", "introduction"} else " ".join(text.split("\n"))
            )
    if "uscc" in values:
        values["uscc"] = uscc.normalize(values["uscc"])
    for name in ("contact_name", "responsible_name"):
        if name in values:
            values[name] = squeeze(values[name])
    return replace(data, **values)


def _check_phones(data: Any, found: Findings) -> None:
    for field in ("contact_phone", "responsible_phone"):
        if hasattr(data, field) and getattr(data, field):
            setattr(data, field, phone.normalize(getattr(data, field)))
            found.judged(data, field, phone.problem)
    if data.office_phone and not _LANDLINE.fullmatch(data.office_phone):
        found.add("office_phone", "办公电话格式不对，请写成区号加号码，例如 0571-87654321。")


def _check_region(data: RegistrationData | ChangeData, found: Findings) -> None:
    region: Region | None = data.region
    if region is None or region.level == RegionLevel.PROVINCE:
        found.add("region", "请选择单位所在的市或县（市、区）。")
        return
    if level_of(region, data.is_provincial, data.review_choice) is None:
        found.add("review_choice", f"{region.city}的单位可选省级或市级审核，请选择审核部门。")


def level_of(region: Region, is_provincial: bool, choice: str) -> str | None:
    """`rules.reviewing_level` of a region; a county follows its city."""
    city = region.city
    return reviewing_level(
        is_provincial=is_provincial,
        in_a_city=city is not None,
        offers_choice=city is not None and city.offers_review_choice,
        choice=choice,
    )


def checked_registration(data: RegistrationData, missing: dict[str, str]) -> RegistrationData:
    """Tidied data; raises DomainError `invalid_registration`. `missing`: what is wrong with the documents."""
    data, found = _tidied(data), Findings()
    found.required(
        data, "name", "address", "contact_name", "contact_phone", "responsible_name", "responsible_phone"
    )
    if wrong := uscc.problem(data.uscc):
        found.add("uscc", wrong.message)
    if data.kind not in OrganizationKind.values:
        found.add("kind", "请选择单位类型。")
    if data.kind != OrganizationKind.SCHOOL:
        found.required(data, "scope")
    for field in ("contact_name", "responsible_name"):
        found.judged(data, field, names.problem)
    _check_phones(data, found)
    _check_region(data, found)
    found.too_long(data, Organization)
    for slot, sentence in missing.items():
        found.add(slot, sentence)
    found.raise_if_any("invalid_registration")
    return data


def checked_contact(data: ContactData) -> ContactData:
    """Tidied data; raises DomainError `invalid_contact`."""
    data, found = _tidied(data), Findings()
    found.required(data, "address", "contact_name", "contact_phone", "responsible_phone")
    found.judged(data, "contact_name", names.problem)
    _check_phones(data, found)
    found.too_long(data, Organization)
    found.raise_if_any("invalid_contact")
    return data


def checked_change(data: ChangeData, missing: dict[str, str]) -> ChangeData:
    """Tidied data; raises DomainError `invalid_change`."""
    data, found = _tidied(data), Findings()
    found.required(data, "name", "reason")
    if wrong := uscc.problem(data.uscc):
        found.add("uscc", wrong.message)
    _check_region(data, found)
    found.too_long(data, Organization)
    if len(data.reason) > 200:
        found.add("reason", f"变更原因最多 200 个字，现在有 {len(data.reason)} 个，请写短一些。")
    for slot, sentence in missing.items():
        found.add(slot, sentence)
    found.raise_if_any("invalid_change")
    return data


def checked_institution(data: InstitutionData) -> InstitutionData:
    """Tidied data; raises DomainError `invalid_institution`."""
    data, found = _tidied(data), Findings()
    if not data.name:
        found.add("name", "请填写机构名称。")
    found.required(data, "short_name", "address", "account_name", "account_number", "account_bank")
    if data.short_name and len(data.short_name) > 5:
        found.add("short_name", "简称最多 5 个字。")
    data.account_number = data.account_number.replace(" ", "").replace("-", "")
    if data.account_number and not _ACCOUNT_NUMBER.fullmatch(data.account_number):
        found.add("account_number", "银行账号应为 8 至 30 位数字，请核对。")
    if data.contact_phone and not (
        _LANDLINE.fullmatch(data.contact_phone) or phone.is_valid(data.contact_phone)
    ):
        found.add("contact_phone", "电话格式不对，请写手机号，或区号加号码，例如 0571-87654321。")
    if data.region is None:
        found.add("region", "请选择机构所在地区。")
    found.too_long(data, Institution)
    found.raise_if_any("invalid_institution")
    return data
