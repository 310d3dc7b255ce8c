"""QR codes for pages and papers (BIL-02, CER-02)."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from django.template import Context, Template

from foundation.documents.qr import qr_svg

SVG = "{http://www.w3.org/2000/svg}"


def test_inline_code_is_safe_svg_without_styles_or_scripts() -> None:
    """SEC-05: the drawing obeys the content security policy."""
    drawn = ET.fromstring(qr_svg("https://example.com/?a=1&b=<script>"))
    assert drawn.tag == f"{SVG}svg"
    assert drawn.get("role") == "img"
    assert drawn.get("viewBox")
    names = {element.tag.removeprefix(SVG) for element in drawn.iter()}
    assert names <= {"svg", "path", "g"}
    assert not [element for element in drawn.iter() if element.get("style") or element.get("onload")]


def test_code_goes_into_a_template_as_it_is() -> None:
    """The drawing is markup, its label is text."""
    page = Template("{{ code }}").render(Context({"code": qr_svg("a", label='查询"><script>')}))
    assert page.startswith("<svg")
    assert "<script>" not in page
