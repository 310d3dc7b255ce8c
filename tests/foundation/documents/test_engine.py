"""The PDF engine: data stays data, pictures are found, threads do not meet."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import typst
from PIL import Image

from foundation.documents.engine import render_pdf
from foundation.documents.pictures import Picture, read_picture
from foundation.documents.qr import qr_picture
from tests.foundation.documents.reading import pdf_pages, pdf_picture_count

NASTY = [
    '#read("/etc/passwd")',
    "*bold* _it_ $x$ `raw` <label> @ref [a] = h",
    '"quote" \\ {brace} // comment /* c */',
    "#import",
]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "sample.typ"
    path.write_text(
        '#import "/foundation/form.typ": *\n'
        '#show: sheet.with(title: "样张")\n'
        "#for line in data.lines [#line\\ ]\n"
        '#if data.at("picture", default: none) != none { image(data.picture, width: 2cm) }\n'
    )
    return path


def jpeg(width: int = 30, height: int = 42) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "navy").save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.mark.parametrize("text", NASTY)
def test_what_users_type_is_never_markup(template: Path, text: str) -> None:
    """ENR-06, SEC-05: a name is printed letter by letter, whatever it looks like."""
    (page,) = pdf_pages(render_pdf(template, {"lines": [text]}))
    assert text.replace(" ", "") in page
    assert "root:" not in page


def test_a_template_cannot_read_the_machine(tmp_path: Path) -> None:
    """SEC-05: even a template sees nothing but its own pictures."""
    path = tmp_path / "bad.typ"
    path.write_text('#import "/foundation/form.typ": *\n#read("/etc/passwd")')
    with pytest.raises(typst.TypstError):
        render_pdf(path, {})


def test_control_characters_are_dropped(template: Path) -> None:
    """ENR-06: characters pasted by accident do not stop the printer."""
    (page,) = pdf_pages(render_pdf(template, {"lines": ["张\x00三\ud800\x1b四"]}))
    assert "张三四" in page


def test_values_of_many_kinds(template: Path) -> None:
    """Dates, decimals and dataclasses travel; other things are refused by name."""

    @dataclass
    class Context:
        lines: list[object]

    (page,) = pdf_pages(render_pdf(template, Context([date(2026, 11, 2), Decimal("680.50"), 7])))
    assert "2026-11-02" in page
    assert "680.50" in page
    with pytest.raises(TypeError, match="set"):
        render_pdf(template, {"lines": [{1}]})


def test_pictures_are_embedded(template: Path) -> None:
    """ENR-06: a portrait and a QR code arrive in the document."""
    assert pdf_picture_count(render_pdf(template, {"lines": [], "picture": Picture(jpeg(), "jpg")})) == 1
    drawn = render_pdf(template, {"lines": [], "picture": qr_picture("https://example.com/orders/17")})
    assert len(drawn) > len(render_pdf(template, {"lines": []})) + 500


def test_a_character_without_a_font_becomes_a_square_with_a_note(template: Path) -> None:
    """ENR-06: rare characters are printed when a font has them, else there is room to write them by hand."""
    (page,) = pdf_pages(render_pdf(template, {"lines": ["龚䶮", "㛃"]}))
    assert "䶮" in page
    assert "㛃" in page
    assert "手写补全" not in page
    (page,) = pdf_pages(render_pdf(template, {"lines": ["\U00020bb7田"]}))
    assert "请手写补全" in page
    assert "\U00020bb7" not in page


def test_threads_may_print_at_the_same_time(template: Path) -> None:
    """OPS-03: a web process prints from several threads."""

    def printed(number: int) -> bool:
        return f"第{number}人" in pdf_pages(render_pdf(template, {"lines": [f"第{number}人"]}))[0]

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(printed, range(40)))


def test_unreadable_pictures_are_none() -> None:
    """ENR-06: a broken image leaves its place empty."""
    assert read_picture(None) is None
    assert read_picture(b"") is None
    assert read_picture(b"not an image") is None
    assert read_picture(jpeg(200, 200)[:300]) is None


def test_pictures_are_made_no_larger_than_print_needs() -> None:
    """ENR-06: small JPEGs are kept as they are, large and turned ones re-encoded upright."""
    small = jpeg()
    assert read_picture(small) == Picture(small, "jpg")
    large = read_picture(jpeg(3000, 1500))
    assert large is not None
    assert Image.open(io.BytesIO(large.data)).size == (1200, 600)
    buffer = io.BytesIO()
    turned = Image.new("RGB", (40, 20), "navy")
    exif = turned.getexif()
    exif[0x0112] = 6
    turned.save(buffer, "JPEG", exif=exif)
    upright = read_picture(buffer.getvalue())
    assert upright is not None
    assert Image.open(io.BytesIO(upright.data)).size == (20, 40)
    buffer = io.BytesIO()
    Image.new("RGBA", (2000, 10), (0, 0, 0, 0)).save(buffer, "PNG")
    white = read_picture(buffer.getvalue())
    assert white is not None
    assert Image.open(io.BytesIO(white.data)).getpixel((0, 0)) == (255, 255, 255)
