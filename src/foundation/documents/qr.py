"""QR codes as SVG: for pages (inline) and for printed documents."""

from __future__ import annotations

import io

import segno
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from foundation.documents.pictures import Picture

QUIET_ZONE = 2


def _draw(text: str, *, inline: bool, border: int, error: str) -> bytes:
    code = segno.make(text, error=error, micro=False, boost_error=False)
    buffer = io.BytesIO()
    code.save(
        buffer,
        kind="svg",
        border=border,
        xmldecl=not inline,
        svgns=True,
        omitsize=True,
        svgclass="qr" if inline else None,
        lineclass=None,
        nl=False,
    )
    return buffer.getvalue()


def qr_svg(text: str, *, label: str = "二维码", border: int = QUIET_ZONE, error: str = "m") -> SafeString:
    """An inline `<svg class="qr">` of `text`; its size is left to the style sheet.

    `label` is what a screen reader says. `error` is the correction level (l, m, q, h).
    Raises `segno.DataOverflowError` when `text` is too long.
    """
    drawn = _draw(text, inline=True, border=border, error=error).decode()
    opened = drawn.replace("<svg ", f'<svg role="img" aria-label="{escape(label)}" ', 1)
    return mark_safe(opened)  # noqa: S308 - drawn by segno, holds no text of anybody


def qr_picture(text: str, *, border: int = QUIET_ZONE, error: str = "m") -> Picture:
    """The same code as a picture for a printed document."""
    return Picture(_draw(text, inline=False, border=border, error=error), "svg")
