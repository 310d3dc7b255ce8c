"""Drawn placeholder pictures for the demonstration: no real faces, no real papers."""

from __future__ import annotations

import io
import random
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

import foundation.documents

FONTS = Path(foundation.documents.__file__).parent / "fonts"
SKIN = ["#e6c3a5", "#dfb795", "#efd0b5", "#d6a985"]
HAIR = ["#231a17", "#3b2a22", "#1a1a1e", "#4a3a30"]
COAT = ["#2f4a73", "#374151", "#5b3a4b", "#2f5d50", "#6b4f2f"]


@lru_cache(maxsize=16)
def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    path = FONTS / f"NotoSansSC_{'700Bold' if bold else '400Regular'}.ttf"
    return ImageFont.truetype(str(path), size) if path.exists() else ImageFont.load_default(size)


def _jpeg(image: Image.Image, quality: int = 82) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


def draw_portrait(seed: int, female: bool, size: tuple[int, int] = (295, 413)) -> Image.Image:
    """A figure on white, one inch in proportion."""
    rng = random.Random(seed)
    image = Image.new("RGB", (295, 413), "white")
    pen = ImageDraw.Draw(image)
    skin, hair, coat = rng.choice(SKIN), rng.choice(HAIR), rng.choice(COAT)
    wide = rng.randint(-6, 6)
    if female:
        pen.ellipse((72 - wide, 78, 223 + wide, 318), fill=hair)
    pen.rectangle((125, 255, 170, 330), fill=skin)
    pen.pieslice((30, 300, 265, 560), 180, 360, fill=coat)
    pen.polygon([(118, 306), (148, 352), (177, 306)], fill="#f4f4f2")
    pen.ellipse((90 - wide, 100, 205 + wide, 275), fill=skin)
    pen.pieslice((84 - wide, 80, 211 + wide, 236), 180, 360, fill=hair)
    for x in (124, 171):
        pen.ellipse((x - 6, 186, x + 6, 196), fill="#1d1d1f")
    pen.line((148, 200, 145, 222, 152, 223), fill="#b98d6d", width=2)
    pen.arc((130, 226, 166, 246), 20, 160, fill="#a8483f", width=3)
    return image if size == (295, 413) else image.resize(size)


def portrait(seed: int, female: bool) -> bytes:
    return _jpeg(draw_portrait(seed, female))


def id_front(seed: int, name: str, gender: str, birth: str, address: str, number: str) -> bytes:
    """The side with the picture; it says 演示图片 so that nobody takes it for real."""
    image = _blank_id_front().copy()
    pen = ImageDraw.Draw(image)
    for row, text in enumerate((name, gender, birth, address)):
        pen.text((100, 44 + row * 56), text, font=_font(24), fill="#161616")
    pen.text((190, 328), number, font=_font(28), fill="#161616")
    image.paste(draw_portrait(seed, gender == "女", (150, 210)), (450, 60))
    return _jpeg(image)


@lru_cache(maxsize=1)
def _blank_id_front() -> Image.Image:
    image = Image.new("RGB", (640, 404), "#e2ecf0")
    pen = ImageDraw.Draw(image)
    for row, label in enumerate(("姓名", "性别", "出生", "住址")):
        pen.text((36, 48 + row * 56), label, font=_font(20), fill="#4d7fa3")
    pen.text((36, 334), "公民身份号码", font=_font(20), fill="#4d7fa3")
    pen.text((250, 372), "演示图片", font=_font(16), fill="#9fb3bd")
    return image


@lru_cache(maxsize=8)
def paper(title: str, color: str = "#faf6ec") -> bytes:
    """A sheet with a heading and lines; the same for everybody, enough to look at."""
    image = Image.new("RGB", (620, 877), color)
    pen = ImageDraw.Draw(image)
    pen.rectangle((24, 24, 596, 853), outline="#b9ad8a", width=3)
    pen.text((310, 110), title, font=_font(40, bold=True), fill="#3a3a38", anchor="mm")
    for row in range(9):
        pen.line((80, 220 + row * 56, 540, 220 + row * 56), fill="#cfc7ae", width=2)
    pen.ellipse((400, 660, 540, 800), outline="#c23a32", width=6)
    pen.text((470, 730), "演示", font=_font(34, bold=True), fill="#c23a32", anchor="mm")
    return _jpeg(image)


def license_picture(title: str, rows: list[tuple[str, str]]) -> bytes:
    """A license, letter or voucher with the facts written on it."""
    image = Image.new("RGB", (1000, 707), "#fdfaf1")
    pen = ImageDraw.Draw(image)
    pen.rectangle((20, 20, 980, 687), outline="#a98a4b", width=6)
    pen.text((500, 100), title, font=_font(56, bold=True), fill="#2d2a24", anchor="mm")
    for row, (label, text) in enumerate(rows):
        pen.text((90, 190 + row * 62), label, font=_font(24), fill="#7a6a45")
        pen.text((330, 187 + row * 62), text[:24], font=_font(27), fill="#1d1c1a")
    pen.ellipse((770, 500, 920, 650), outline="#c23a32", width=6)
    pen.text((845, 575), "演示章", font=_font(30, bold=True), fill="#c23a32", anchor="mm")
    return _jpeg(image)
