"""A file that a view has just made, as the browser is given it."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from foundation.documents.blanks import MEDIA_TYPES


def file_response(content: bytes, name: str, *, inline: bool = False, private: bool = True) -> HttpResponse:
    """`content` as a file called `name`, whose ending says what it is.

    `inline`: shown in the browser, to print; otherwise kept. `private`: nothing on the way may keep a copy.
    """
    response = HttpResponse(content, content_type=MEDIA_TYPES[name.rpartition(".")[2]])
    response["Content-Disposition"] = content_disposition_header(not inline, name) or "attachment"
    if private:
        response["Cache-Control"] = "private, no-store"
    return response
