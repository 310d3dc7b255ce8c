"""Images for tests, good and hostile."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw


def picture(width: int = 400, height: int = 560, mode: str = "RGB") -> Image.Image:
    """A drawing with a dark left upper corner, so that turning shows."""
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((width // 4, height // 4, width * 3 // 4, height * 3 // 4), fill=(200, 150, 120))
    draw.rectangle((0, 0, width // 5, height // 5), fill=(20, 30, 90))
    return image.convert(mode)


def noise(width: int, height: int) -> Image.Image:
    """The worst case for compression."""
    return Image.effect_noise((width, height), 90).convert("RGB")


def encode(image: Image.Image, file_format: str = "JPEG", **options: Any) -> bytes:
    """The file's bytes."""
    output = io.BytesIO()
    image.save(output, file_format, **options)
    return output.getvalue()


def jpeg(width: int = 400, height: int = 560, **options: Any) -> bytes:
    """A JPEG of `picture`."""
    return encode(picture(width, height), **options)


def png(width: int = 400, height: int = 560, mode: str = "RGB", **options: Any) -> bytes:
    """A PNG of `picture`."""
    return encode(picture(width, height, mode), "PNG", **options)


def decoded(data: bytes) -> Image.Image:
    """The image in a file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


def png_bomb(width: int, height: int) -> bytes:
    """A few hundred bytes that claim to be width × height pixels."""
    header = struct.pack(">2L5B", width, height, 8, 2, 0, 0, 0)
    body = png_chunk(b"IDAT", zlib.compress(bytes(100_000)))
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + body + png_chunk(b"IEND", b"")


def jpeg_claiming(width: int, height: int) -> bytes:
    """A small JPEG whose header claims to be width × height pixels."""
    data = bytearray(jpeg(16, 16))
    frame = data.index(b"\xff\xc0")
    data[frame + 5 : frame + 9] = struct.pack(">2H", height, width)
    return bytes(data)


def jpeg_of_many_scans(scans: int) -> bytes:
    """A progressive JPEG with its last scan repeated again and again, each nearly empty."""
    data = encode(picture(64, 64), progressive=True)
    last = data.rindex(b"\xff\xda")
    length = int.from_bytes(data[last + 2 : last + 4])
    empty_scan = data[last : last + 2 + length] + b"\x00"
    return data[:-2] + empty_scan * scans + b"\xff\xd9"
