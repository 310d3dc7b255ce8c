"""Judging and re-encoding one uploaded image; portraits and thumbnails (MAT-01, MAT-03).

What comes out was drawn anew from the pixels: no metadata, no payload, upright, RGB or gray JPEG.
Only JPEG and PNG decoders are ever reached, and only after the pixel count was judged.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageCms
from PIL.JpegImagePlugin import JpegImageFile, get_sampling
from PIL.PngImagePlugin import PngImageFile

from foundation.errors import DomainError
from foundation.files import sniff

PORTRAIT_MAX_BYTES = 80 * 1024
ONE_INCH = (295, 413)
"""One-inch photograph, 25 × 35 mm at 300 dpi, in pixels."""

# What a JPEG can hold; a picture one pixel wide costs memory for each of its lines.
_LONGEST_SIDE = 65_500
_QUALITY = 90
_KEEP_TABLES_BELOW = 256 * 1024
_MAX_SCANS = 64
_MAX_PROFILE_BYTES = 16 * 1024
_PORTRAIT_SCALES = (2.0, 1.5, 1.25, 1.0, 0.8, 0.6, 0.4, 0.2)
_HOPEFUL = 2  # a file up to so many times too heavy may fit once its metadata is gone
_PORTRAIT_QUALITIES = (92, 86, 80, 72)
_WHITE = (255, 255, 255)
_SIDEWAYS = frozenset({5, 6, 7, 8})
_TOLERANCE = 1.05
_ORIENTATION_TAG = 0x0112
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_HOW_TO_CONVERT = {
    "heic": "（苹果手机常用）。请在手机“设置—相机—格式”里选“兼容性最佳”后重拍，或另存为 JPG 后再上传。",
    "pdf": "，不是图片。请把它另存为 JPG 图片，或重新扫描成 JPG 后再上传。",
    "zip": "，压缩包里不能再套压缩包。请先解压，把里面的图片直接放进文件夹后重新压缩。",
}
_HOW_TO_CONVERT.update(dict.fromkeys(("rar", "7z", "split_zip", "gzip", "tar"), _HOW_TO_CONVERT["zip"]))
_DAMAGED = "图片打不开：文件不完整或已损坏，请重新拍照或扫描后再上传。"


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What one image may cost: bytes of the file, pixels before decoding, longest side kept (pixels)."""

    max_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 52_000_000
    max_side: int = 2000


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A re-encoded image. `data` is a JPEG file; `source_format` is what was uploaded (JPEG or PNG)."""

    data: bytes
    width: int
    height: int
    sha256: str
    source_format: str
    format: str = "JPEG"
    content_type: str = "image/jpeg"

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return len(self.data)


@dataclass(frozen=True, slots=True)
class _Decoded:
    """Upright pixels, mode RGB or L. `tables`: how to save untouched JPEG pixels, or None."""

    pixels: Image.Image
    source_format: str
    tables: dict[str, Any] | None = None


class ImageRefusedError(DomainError):
    """The image cannot be used. Codes: unreadable_image, image_too_large, entry_too_large."""


def reencode(data: bytes, limits: ImageLimits | None = None) -> CleanImage:
    """Judge an image by its content and draw it anew: upright, on white, no metadata, longest side bounded.

    An image within `max_side` (5 % over is forgiven) keeps its size and, when its file is small, its own
    JPEG tables (no visible loss). Raises ImageRefusedError and nothing else.
    """
    limits = limits or ImageLimits()
    decoded = _decode(data, limits, (limits.max_side, limits.max_side))
    if decoded.tables is not None and len(data) <= _KEEP_TABLES_BELOW:
        try:
            return _clean(_encode(decoded.pixels, **decoded.tables), decoded.pixels, decoded.source_format)
        except ImageRefusedError:
            pass  # odd tables: ours will do
    return _clean(_encode(decoded.pixels, quality=_QUALITY), decoded.pixels, decoded.source_format)


def check_pixels(head: bytes, limits: ImageLimits | None = None) -> None:
    """Raise ImageRefusedError `image_too_large` when the first bytes of a file tell of too many pixels.

    Says nothing of anything else: bytes that are no image, or too few, are no reason to refuse here.
    """
    try:
        _open(head, limits or ImageLimits())
    except ImageRefusedError as error:
        if error.code == "image_too_large":
            raise
    except Exception:  # a header cut off
        return


def thumbnail(data: bytes, box: tuple[int, int], limits: ImageLimits | None = None) -> CleanImage:
    """A JPEG no larger than `box` (width, height in pixels), proportions kept, never enlarged.

    Raises ImageRefusedError and nothing else.
    """
    decoded = _decode(data, limits or ImageLimits(), box, tolerance=1.0)
    return _clean(_encode(decoded.pixels, quality=80, optimize=True), decoded.pixels, decoded.source_format)


def fit_portrait(
    data: bytes, max_bytes: int = PORTRAIT_MAX_BYTES, *, crop: bool = False, limits: ImageLimits | None = None
) -> CleanImage:
    """A portrait of at most `max_bytes`: as large and as good as fits, down from one inch at 600 dpi.

    Proportions are kept; with `crop` the middle is cut to 25:35 first. A portrait that is small enough
    already is only re-encoded. Raises ImageRefusedError and nothing else (also when `max_bytes` is
    too small for any picture).
    """
    limits = limits or ImageLimits()
    if not crop and len(data) <= max_bytes * _HOPEFUL:
        clean = reencode(data, limits)
        if clean.size <= max_bytes:
            return clean
    largest = tuple(round(side * _PORTRAIT_SCALES[0]) for side in ONE_INCH)
    box = (limits.max_side, limits.max_side) if crop else (largest[0], largest[1])
    decoded = _decode(data, limits, box)
    pixels = _crop_to_one_inch(decoded.pixels) if crop else decoded.pixels
    last_size = None
    for scale in _PORTRAIT_SCALES:
        smaller = _shrunk(pixels, (round(ONE_INCH[0] * scale), round(ONE_INCH[1] * scale)))
        if smaller.size == last_size:
            continue
        last_size = smaller.size
        for quality in _PORTRAIT_QUALITIES:
            encoded = _encode(smaller, quality=quality, optimize=True)
            if len(encoded) <= max_bytes:
                return _clean(encoded, smaller, decoded.source_format)
    raise ImageRefusedError("entry_too_large", "头像压缩后仍然过大，请换一张背景干净的一寸照。")


def _shrunk(image: Image.Image, box: tuple[int, int]) -> Image.Image:
    """A copy within `box`, proportions kept."""
    smaller = image.copy()
    smaller.thumbnail(box, Image.Resampling.LANCZOS)
    return smaller


def _decode(
    data: bytes, limits: ImageLimits, box: tuple[int, int], tolerance: float = _TOLERANCE
) -> _Decoded:
    """Judge, decode, bring within `box`, turn upright; raises ImageRefusedError only."""
    try:
        source = _open(data, limits)
        return _normalize(source, box, tolerance)
    except ImageRefusedError:
        raise
    except Exception as error:  # decoders raise anything, from SyntaxError to struct.error
        raise ImageRefusedError("unreadable_image", _DAMAGED) from error


def _open(data: bytes, limits: ImageLimits) -> JpegImageFile | PngImageFile:
    """Read the header only, judge format and size."""
    kind = sniff.sniff(data)
    if kind is sniff.EMPTY:
        raise ImageRefusedError("unreadable_image", "图片是空文件，请检查原文件后重新上传。")
    if kind not in (sniff.JPEG, sniff.PNG):
        raise ImageRefusedError("unreadable_image", _not_an_image(kind))
    if len(data) > limits.max_bytes:
        raise ImageRefusedError(
            "entry_too_large",
            f"图片文件超过 {limits.max_bytes / 1048576:.3g} MB，请压缩图片或降低扫描分辨率后再上传。",
        )
    if kind is sniff.JPEG and _too_many_scans(data):
        raise ImageRefusedError("unreadable_image", "图片的结构不正常，没有打开。请重新拍照或扫描后再上传。")
    file = io.BytesIO(data)
    source = JpegImageFile(file) if kind is sniff.JPEG else PngImageFile(file)
    width, height = source.size
    if width * height > limits.max_pixels:
        raise ImageRefusedError(
            "image_too_large",
            f"图片尺寸过大（{width}×{height} 像素），超过 {limits.max_pixels // 10_000} 万像素的上限，"
            "请缩小尺寸或降低扫描分辨率后再上传。",
        )
    if max(width, height) > _LONGEST_SIDE:
        raise ImageRefusedError(
            "image_too_large",
            f"图片尺寸过大（{width}×{height} 像素），每边不能超过 {_LONGEST_SIDE} 像素，请裁剪后再上传。",
        )
    return source


def _not_an_image(kind: sniff.FileType) -> str:
    if kind is sniff.UNKNOWN:
        return "图片打不开：内容不是图片或已损坏，请换成 JPG 或 PNG 格式的图片后再上传。"
    advice = _HOW_TO_CONVERT.get(kind.key)
    if advice is None:
        is_image = kind.family is sniff.Family.IMAGE
        advice = "。" if is_image else "，不是图片。"
        advice += "请另存为 JPG 或 PNG 格式后再上传（只改文件名的后缀不行）。"
    return f"文件内容是{kind.after_han}{advice}"


def _too_many_scans(data: bytes) -> bool:
    """Whether a JPEG has so many scans that decoding it is an attack on the processor.

    A progressive JPEG has about ten; each scan, even an empty one, costs a pass over all pixels.
    """
    if data.count(b"\xff\xda") <= _MAX_SCANS:
        return False
    scans, position = 0, 2
    while 0 <= position < len(data) - 3:
        position = data.find(b"\xff", position)
        if position < 0 or position + 3 >= len(data):
            break
        marker = data[position + 1]
        if marker == 0xD9:
            break
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:
            position += 1 if marker == 0xFF else 2
            continue
        if marker == 0xDA:
            scans += 1
        position += 2 + int.from_bytes(data[position + 2 : position + 4])
    return scans > _MAX_SCANS


def _normalize(source: JpegImageFile | PngImageFile, box: tuple[int, int], tolerance: float) -> _Decoded:
    """Decode, shrink into `box`, flatten on white, turn upright."""
    orientation = _orientation(source)
    profile = source.info.get("icc_profile")
    if orientation in _SIDEWAYS:
        box = (box[1], box[0])
    full_size = source.size
    image: Image.Image = source
    if isinstance(source, JpegImageFile):
        source.draft(None, _inside(full_size, box))  # the decoder itself shrinks to a half, quarter, eighth
        source.load()
    else:
        image = _plain_mode(source)
    if image.width > box[0] * tolerance or image.height > box[1] * tolerance:
        image.thumbnail(box, Image.Resampling.LANCZOS, reducing_gap=2.0)
    drawn = _flatten(image)
    drawn = _to_srgb(drawn, profile) if drawn.mode == "RGB" else drawn
    if orientation in _TURNS:
        drawn = drawn.transpose(_TURNS[orientation])
    if drawn is source and isinstance(source, JpegImageFile) and source.size == full_size:
        tables = {"qtables": source.quantization, "subsampling": get_sampling(source)}
        return _Decoded(drawn, "JPEG", tables)
    return _Decoded(drawn, "JPEG" if isinstance(source, JpegImageFile) else "PNG")


def _inside(size: tuple[int, int], box: tuple[int, int]) -> tuple[int, int]:
    """The size that `size` takes when it is brought within `box`, proportions kept, never enlarged."""
    scale = min(1.0, box[0] / size[0], box[1] / size[1])
    return max(1, int(size[0] * scale)), max(1, int(size[1] * scale))


def _orientation(source: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; 1 when it says nothing that can be read."""
    raw = source.info.get("exif")
    if not raw:
        return 1
    try:
        exif = Image.Exif()
        exif.load(raw)
        return int(exif.get(_ORIENTATION_TAG, 1))
    except Exception:
        return 1


def _plain_mode(image: Image.Image) -> Image.Image:
    """Any PNG mode as L, RGB or RGBA (8 bits), so that it can be shrunk properly."""
    image.load()
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if "transparency" in image.info or image.mode in ("LA", "PA"):
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "RGBA"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _flatten(image: Image.Image) -> Image.Image:
    if image.mode in ("L", "RGB"):
        return image
    if image.mode == "RGBA":
        ground = Image.new("RGB", image.size, _WHITE)
        ground.paste(image, mask=image.getchannel("A"))
        return ground
    return image.convert("RGB")


def _to_srgb(image: Image.Image, profile: Any) -> Image.Image:
    """Move the colors of a phone's wide profile (Display P3, Adobe RGB) to sRGB, as the profile is dropped.

    Only the small matrix profiles are looked at; anything odd leaves the pixels as they are.
    """
    if not isinstance(profile, bytes) or not 128 < len(profile) <= _MAX_PROFILE_BYTES:
        return image
    if b"sRGB" in profile or "sRGB".encode("utf-16-be") in profile:
        return image
    try:
        wide = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, wide, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except Exception:
        return image
    return converted if converted is not None else image


def _crop_to_one_inch(image: Image.Image) -> Image.Image:
    """The middle of the image in the proportion 25:35; a tall one is cut at the bottom, not at the head."""
    width, height = image.size
    wanted_width = min(width, max(1, round(height * ONE_INCH[0] / ONE_INCH[1])))
    wanted_height = min(height, max(1, round(width * ONE_INCH[1] / ONE_INCH[0])))
    left = (width - wanted_width) // 2
    return image.crop((left, 0, left + wanted_width, wanted_height))


def _encode(image: Image.Image, **options: Any) -> bytes:
    """JPEG bytes with nothing but pixels in them; raises ImageRefusedError when they cannot be written."""
    output = io.BytesIO()
    try:
        image.save(output, "JPEG", comment=b"", exif=b"", icc_profile=None, **options)
    except Exception as error:
        raise ImageRefusedError("unreadable_image", _DAMAGED) from error
    return output.getvalue()


def _clean(encoded: bytes, image: Image.Image, source_format: str) -> CleanImage:
    return CleanImage(
        data=encoded,
        width=image.width,
        height=image.height,
        sha256=hashlib.sha256(encoded).hexdigest(),
        source_format=source_format,
    )
