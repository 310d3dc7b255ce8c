"""Views of the gallery: its pages and the answers that components ask a server for."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import TemplateDoesNotExist
from django.urls import reverse
from django.views.decorators.http import require_POST

from foundation.ui import uploads
from foundation.ui.gallery import pictures, samples
from foundation.ui.progress import JobView, render_progress


def page(request: HttpRequest, name: str) -> HttpResponse:
    """One gallery page; its template has its name."""
    try:
        return render(request, f"gallery/{name}.html", samples.context(name))
    except TemplateDoesNotExist as missing:
        if missing.args == (f"gallery/{name}.html",):
            raise Http404 from missing
        raise


@require_POST
def upload(request: HttpRequest) -> JsonResponse:
    """Keeps nothing: a file called `bad…` is refused, everything else is accepted."""
    file = request.FILES.get("file")
    if file is None:
        return uploads.refused("没有收到文件，请重新选择。")
    if str(file.name).startswith("bad"):
        return uploads.refused("图片打不开，请换一张 JPG 或 PNG。")
    return uploads.accepted(
        "已上传",
        id=file.size,
        name=str(file.name),
        checks=[{"tone": "ok", "label": "清晰", "figure": f"{file.size} B"}],
    )


@require_POST
def reveal(request: HttpRequest) -> HttpResponse:
    """The full number behind a masked one."""
    return HttpResponse("33042119720103041X", content_type="text/plain; charset=utf-8")


def job(request: HttpRequest, done: int) -> HttpResponse:
    """A job of 12 that is 4 further at each poll."""
    if done < 12:
        view = JobView("running", done, 12, "正在导入名单")
        return render_progress(request, view, reverse("gallery:job", args=[done + 4]))
    problems = [{"label": "第 3 行 沈若兰", "message": "身份证号变成了科学计数"}]
    return render_progress(
        request, JobView("done", 12, 12, "导入完成：11 人成功，1 人没有成功", problems), ""
    )


def picture(request: HttpRequest, name: str) -> HttpResponse:
    """A drawn stand-in for a photographed document."""
    return HttpResponse(pictures.draw(name), content_type="image/svg+xml")


def error(request: HttpRequest, status: int) -> HttpResponse:
    """An error page as a visitor sees it."""
    if status not in {400, 403, 404, 500}:
        raise Http404
    return render(request, f"{status}.html", {"number": "7F3A92C1"}, status=status)
