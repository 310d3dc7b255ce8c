"""What somebody fills in and uploads when registering; shared by the tests of this stage and its pages."""

from __future__ import annotations

import io
import itertools
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from foundation.files.models import Document
from foundation.scoping import Actor
from zhupei.organizations import services
from zhupei.organizations.data import RegistrationData
from zhupei.organizations.models import Organization, Slot
from zhupei.regions.models import Region

PASSWORD = "Chenguang-2026"
_shades = itertools.count(1)


def visitor(token: str = "visitor-1") -> Actor:
    return Actor(portal="visitor", visitor=token, address="127.0.0.1")


def picture(name: str = "yyzz.jpg") -> SimpleUploadedFile:
    """A picture unlike every other one."""
    number = next(_shades)
    out = io.BytesIO()
    image = Image.new("RGB", (400, 300), "white")
    for bit in range(16):
        if number >> bit & 1:
            image.paste((20, 40, 120), (bit * 25, 0, bit * 25 + 25, 300))
    image.save(out, "JPEG")
    return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")


def paper(actor: Actor, slot: Slot = Slot.LICENSE) -> Document:
    return services.upload_paper(actor, slot.value, picture(f"{slot.value}.jpg"))


def papers(actor: Actor, *slots: Slot) -> dict[Slot, Document]:
    return {slot: paper(actor, slot) for slot in slots or (Slot.LICENSE, Slot.LETTER)}


def filled(world: Any, **changed: Any) -> RegistrationData:
    """A complete registration of a firm in 杭州市西湖区 that chose the city's review."""
    code = changed.pop("region_code", "330106")
    values: dict[str, Any] = {
        "name": "浙江晨光建设有限公司",
        "uscc": world.invent.credit_code(),
        "region": Region.objects.select_related("parent__parent").get(code=code),
        "address": "浙江省杭州市西湖区样本路 1 号",
        "contact_name": "周敏",
        "contact_phone": "13857100001",
        "responsible_name": "陈立新",
        "responsible_phone": "13857100002",
        "scope": "房屋建筑工程施工；市政工程施工",
        "review_choice": "city",
    } | changed
    return RegistrationData(**values)


def registered(world: Any, *, who: Actor | None = None, **changed: Any) -> Organization:
    """A registration as the page makes it."""
    who = who or visitor(f"visitor-{next(_shades)}")
    organization, _ = services.register_organization(filled(world, **changed), papers(who), PASSWORD, who)
    return organization
