"""Downloadable blank forms."""

from __future__ import annotations

import pytest

from foundation.documents.blanks import BlankForm


def test_a_blank_is_made_once_and_named_by_its_title() -> None:
    """ORG-03: the download page serves each file from memory."""
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b"file"

    form = BlankForm("letter", "承诺书", "签字盖章后上传", {"pdf": make})
    assert form.content("pdf") == form.content("pdf") == b"file"
    assert made == [1]
    assert form.file_name("pdf") == "承诺书.pdf"
    with pytest.raises(KeyError):
        form.content("exe")
    with pytest.raises(KeyError):
        form.file_name("exe")
