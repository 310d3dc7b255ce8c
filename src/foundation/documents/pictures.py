"""Pictures that go into documents: checked, and no larger than print needs."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageOps

MAX_PIXELS_A_SIDE = 1200
MAX_BYTES = 400_000
JPEG_QUALITY = 88
ORIENTATION = 0x0112

Kind = Literal["jpg", "png", "svg"]


@dataclass(frozen=True)
class Picture:
    """Picture data that every output format can embed."""

    data: bytes
    kind: Kind


def read_picture(data: bytes | None, *, max_side: int = MAX_PIXELS_A_SIDE) -> Picture | None:
    """A printable picture of an image file, or None when there is none or it cannot be read.

    JPEG and PNG within `max_side` pixels a side and MAX_BYTES are kept as they are; anything else is turned
    upright, made smaller and re-encoded, so that a document of hundreds of people stays small.
    """
    if not data:
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            return _printable(image, data, max_side)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _printable(image: Image.Image, data: bytes, max_side: int) -> Picture:
    if max(image.size) <= max_side and len(data) <= MAX_BYTES and image.getexif().get(ORIENTATION, 1) == 1:
        if image.format == "JPEG" and image.mode in {"RGB", "L"}:
            image.load()
            return Picture(data, "jpg")
        if image.format == "PNG":
            image.load()
            return Picture(data, "png")
    return _encoded(image, max_side, JPEG_QUALITY)


def _encoded(image: Image.Image, max_side: int, quality: int) -> Picture:
    image.thumbnail((max_side, max_side))
    turned = ImageOps.exif_transpose(image)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        white = Image.new("RGBA", turned.size, "white")
        turned = Image.alpha_composite(white, turned.convert("RGBA"))
    buffer = io.BytesIO()
    turned.convert("RGB").save(buffer, "JPEG", quality=quality)
    return Picture(buffer.getvalue(), "jpg")


def small_picture(data: bytes | None, *, max_side: int, quality: int = 80) -> Picture | None:
    """The picture as a JPEG no larger than `max_side` a side, upright, on white; None when it cannot be read.

    Always encoded anew, so that hundreds of them make a document of a few megabytes.
    """
    if not data:
        return None
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.draft("RGB", (max_side, max_side))
            return _encoded(image, max_side, quality)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
