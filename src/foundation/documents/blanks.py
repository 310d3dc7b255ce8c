"""Forms that anybody may download empty: what a download page lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class BlankForm:
    """One downloadable form. `key` is for addresses, `title` and `purpose` are shown to people.

    `renderers` maps a file extension of MEDIA_TYPES to the function that makes the file, in the order to
    show them.
    """

    key: str
    title: str
    purpose: str
    renderers: Mapping[str, Callable[[], bytes]]

    def __hash__(self) -> int:
        return hash(self.key)

    @property
    def formats(self) -> tuple[str, ...]:
        return tuple(self.renderers)

    def file_name(self, extension: str) -> str:
        """`企业承诺书.docx`; KeyError for a format this form has not."""
        if extension not in self.renderers:
            raise KeyError(extension)
        return f"{self.title}.{extension}"

    def content(self, extension: str) -> bytes:
        """The file, made once a process; KeyError for a format this form has not."""
        return _rendered(self, extension)


@lru_cache(maxsize=64)
def _rendered(form: BlankForm, extension: str) -> bytes:
    return form.renderers[extension]()
