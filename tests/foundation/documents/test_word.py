"""Word forms: fonts that Word obeys, text that fits."""

from __future__ import annotations

import io

from docx import Document
from docx.oxml.ns import qn
from hypothesis import given
from hypothesis import strategies as st

from foundation.documents.text import width_in_ems
from foundation.documents.word import SMALLEST_POINTS, SONG, WordForm, fitting_size
from tests.foundation.documents.reading import docx_words


def test_east_asian_font_is_set_on_every_run() -> None:
    """ENR-06: without it Word shows Chinese in a font of its own choice."""
    form = WordForm("样张")
    form.headline("标题", "第二行")
    form.table([50, 50], [10]).write(0, 0, "张三")
    document = Document(io.BytesIO(form.save()))
    fonts = [run.find(f".//{qn('w:rFonts')}") for run in document.element.body.iter(qn("w:r"))]
    assert fonts
    assert all(font is not None and font.get(qn("w:eastAsia")) == SONG for font in fonts)


def test_control_characters_do_not_break_the_file() -> None:
    """ENR-06: XML cannot hold them."""
    form = WordForm("样\x00张")
    form.paragraph("张\x0b三\ud800\x00")
    assert docx_words(form.save()) == "张三"


@given(st.text(min_size=1, max_size=300), st.floats(10, 150), st.floats(8, 40))
def test_text_is_set_so_that_it_fits(value: str, width: float, height: float) -> None:
    """ENR-06: as large as asked for when it fits one line, never too small to read."""
    size = fitting_size(value, width, height, 10.5)
    assert SMALLEST_POINTS <= size <= 10.5
    if "\n" not in value and width_in_ems(value) * 10.5 * 25.4 / 72 <= width - 2:
        assert size == 10.5
