"""The examinee's page: one document for all screens, the same for everybody; what it shows comes from the API."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template
from django.views.decorators.http import require_safe


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """/exam/: no session, no query, so that a full hall may open it in one minute."""
    response = HttpResponse(get_template("exam/page.html").render())
    response["Cache-Control"] = "no-cache"
    return response
