"""Typst templates to PDF: `render_pdf(template, context)`.

What users typed reaches a template only as JSON strings, never as Typst source, so `#read(…)` or `*bold*`
in a name is printed as it stands. Templates are handed to the compiler in memory; its root directory is a
temporary one that holds this document's pictures and nothing else. Compiling is serialized by a lock: a
Typst compiler belongs to one thread at a time, and a page takes about a millisecond.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst

from foundation.documents.fonts import load_fonts, unprintable
from foundation.documents.pictures import Picture
from foundation.documents.text import clean

TEMPLATES_DIR = Path(__file__).parent / "templates"
SHARED_PREFIX = "foundation/"

_lock = Lock()


@lru_cache(maxsize=1)
def _compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=load_fonts(), root=tempfile.gettempdir())


def render_pdf(template: Path, context: Mapping[str, Any] | Any) -> bytes:
    """The PDF of `template` (a `.typ` file) filled with `context` (a mapping or a dataclass instance).

    The template imports the shared look by `#import "/foundation/form.typ": *`, which also gives it `data`;
    it may import `.typ` files beside it by name. Values may be str, int, float, bool, None, Decimal, date,
    Enum, Picture, dataclasses, lists and mappings. A Picture arrives as a path for `image(…)`. Raises
    TypeError for any other value and `typst.TypstError` for a faulty template.
    """
    pictures: list[Picture] = []
    data = _plain(context, pictures)
    if not isinstance(data, dict):
        raise TypeError("a document's context is a mapping or a dataclass")
    serialized = json.dumps(data, ensure_ascii=False)
    sources = _sources(template)
    with tempfile.TemporaryDirectory(prefix="document-") as root:
        for number, picture in enumerate(pictures):
            Path(root, _picture_name(number, picture)).write_bytes(picture.data)
        inputs = {"data": serialized, "unprintable": unprintable(serialized)}
        with _lock:
            pdf = _compiler().compile(input=sources, root=root, sys_inputs=inputs)  # type: ignore[type-var]
    if not isinstance(pdf, bytes):
        raise TypeError(f"{template.name} did not compile to one PDF")
    return pdf


def _sources(template: Path) -> dict[str, bytes]:
    """The project in memory: the template as main file, its neighbors, the shared files."""
    sources = {
        neighbor.name: neighbor.read_bytes()
        for neighbor in template.parent.glob("*.typ")
        if neighbor != template
    }
    sources["main.typ"] = template.read_bytes()
    for shared in TEMPLATES_DIR.glob("*.typ"):
        sources[SHARED_PREFIX + shared.name] = shared.read_bytes()
    return sources


def _picture_name(number: int, picture: Picture) -> str:
    return f"{number}.{picture.kind}"


def _plain(value: Any, pictures: list[Picture]) -> Any:
    """`value` as JSON can hold it; pictures are collected and replaced by their path."""
    match value:
        case Picture():
            pictures.append(value)
            return "/" + _picture_name(len(pictures) - 1, value)
        case Enum():
            return _plain(value.value, pictures)
        case None | bool() | int() | float():
            return value
        case str():
            return clean(value)
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case Mapping():
            return {str(key): _plain(item, pictures) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item, pictures) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name), pictures) for field in fields(value)}
    raise TypeError(f"a document cannot hold a {type(value).__name__}")
