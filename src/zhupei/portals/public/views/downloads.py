"""下载中心: the blank forms, and the roster's spreadsheet."""

from __future__ import annotations

import io

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from foundation.documents.blanks import BlankForm
from zhupei.enrollment.forms import BLANK_FORMS
from zhupei.enrollment.roster_files import write_template
from zhupei.portals.shared.downloads import file_response

FORMAT_LABELS = {"docx": "Word", "pdf": "PDF", "xlsx": "Excel"}


def _roster_template() -> bytes:
    target = io.BytesIO()
    write_template(target)
    return target.getvalue()


ROSTER_TEMPLATE = BlankForm(
    key="roster-template",
    title="报名汇总表（导入模板）",
    purpose="填写名单后在学员报名页面导入；性别、学历从列表中选择",
    renderers={"xlsx": _roster_template},
)
FORMS = (ROSTER_TEMPLATE, *BLANK_FORMS)


@require_safe
def downloads(request: HttpRequest) -> HttpResponse:
    """What there is to download."""
    rows = [
        {
            "form": form,
            "formats": [(FORMAT_LABELS.get(each, each.upper()), each) for each in form.formats],
        }
        for form in FORMS
    ]
    return render(request, "public/downloads.html", {"rows": rows})


@require_safe
def download(request: HttpRequest, key: str, ext: str) -> HttpResponse:
    """One blank form in one format."""
    form = next((each for each in FORMS if each.key == key), None)
    if form is None or ext not in form.formats:
        raise Http404
    return file_response(form.content(ext), form.file_name(ext), private=False)
