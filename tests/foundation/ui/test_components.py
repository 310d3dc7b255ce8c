"""Components as templates: what they render, and what none of them may hold."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import engines
from django.test import Client, RequestFactory

import foundation.ui
from foundation.errors import DomainError
from foundation.ui.parts import ViewerImage

ROOT = Path(foundation.ui.__file__).parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


def rendered(source: str, **context: Any) -> str:
    """Compile a page's source as the loader does and render it."""
    from django_cotton.compiler_regex import CottonCompiler

    request = RequestFactory().get("/here/")
    html = (
        engines["django"]
        .from_string(CottonCompiler().process("{% load ui %}" + source))
        .render(context, request)
    )
    return re.sub(r"\s+", " ", html)


class PersonForm(forms.Form):
    name = forms.CharField(label="姓名", help_text="与身份证一致")
    phone = forms.CharField(label="手机号")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_holds_style_or_script_inline(path: Path) -> None:
    """SEC-05: the content security policy allows nothing inline."""
    text = path.read_text()
    assert not re.search(r"\sstyle=|<style|\son\w+=[\"']|javascript:", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize(
    "path", sorted((ROOT / "templates/cotton").glob("*.html")), ids=lambda path: path.stem
)
def test_every_component_says_what_it_is_and_the_guide_names_it(path: Path) -> None:
    """A colleague finds a component in docs/components.md and its attributes in its first line."""
    assert path.read_text().startswith("{% comment %}")
    internal = {"document", "steps_line", "messages", "crumb", "fact"}
    if path.stem not in internal:
        guide = (ROOT.parents[2] / "docs/components.md").read_text()
        assert path.stem.replace("_", "-") in guide


def test_what_users_typed_is_escaped_in_attributes_and_text() -> None:
    """SEC-05: a name is never markup."""
    evil = '<script>alert("x")</script>'
    html = rendered(
        '<c-card title="{{ name }}" :meta="name"><c-facts :rows="rows" />'
        '<c-badge tone="ok" label="{{ name }}" /></c-card>',
        name=evil,
        rows=[("姓名", evil)],
    )
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 4


def test_a_card_without_title_does_not_borrow_one_from_the_page() -> None:
    """Components declare all they show: a variable of the view does not leak into them."""
    html = rendered("<c-card>正文</c-card>", title="页面标题", actions="x", meta="y")
    assert "页面标题" not in html
    assert "card-head" not in html


def test_an_untouched_field_links_its_label_help_and_error_place() -> None:
    """ui.md: label above, help below, labels for screen readers."""
    html = rendered('<c-field :field="form.name" example="陆一鸣" check="phone" />', form=PersonForm())
    assert '<label for="id_name">姓名' in html
    assert 'aria-describedby="id_name_error id_name_helptext"' in html
    assert 'data-check="phone"' in html
    assert "例：陆一鸣" in html
    assert "is-invalid" not in html


def test_errors_are_at_the_field_and_summed_up_with_links() -> None:
    """ui.md: errors at the field and summarized at the top with links; what was typed stays."""
    form = PersonForm({"name": "陆一鸣", "phone": ""})
    form.is_valid()
    html = rendered('<c-form :form="form" action="/x/"><c-fields :form="form" /></c-form>', form=form)
    assert '<a href="#id_phone">手机号：请填写这一项。</a>' in html
    assert 'aria-invalid="true"' in html
    assert 'value="陆一鸣"' in html
    assert "csrfmiddlewaretoken" in html


def test_only_a_wrong_cell_can_be_edited() -> None:
    """ENR-04: wrong cells are corrected in the preview itself."""
    html = rendered(
        '<table><tr><c-cell name="a" value="男" label="性别" error="应为女" :choices="choices" />'
        '<c-cell name="b" value="陆" label="姓名" /></tr></table>',
        choices=["男", "女"],
    )
    assert html.count("<select") == 1
    assert 'id="a_error">应为女' in html
    assert "<input" not in html


def test_the_viewer_opens_with_a_document_beside_the_portrait() -> None:
    """ELI-01: images large, compared with the portrait; a missing one is named."""
    images = [
        ViewerImage("头像", "/1", portrait=True),
        ViewerImage("身份证正面", "/2"),
        ViewerImage("学历证书"),
    ]
    html = rendered('<c-image-viewer :images="images" />', images=images)
    assert 'stage-caption">身份证正面' in html
    assert 'pane-face" hidden><img src="/1"' in html
    assert "未上传" in html


def test_a_verdict_that_is_blocked_says_why_and_cannot_be_pressed() -> None:
    """A forbidden act is not a dead button without a reason."""
    html = rendered(
        '<c-verdict action="/x/" approve-blocked="还缺工作年限证明。" :reasons="reasons" />',
        reasons=[("id", "缺页")],
    )
    assert "还缺工作年限证明。" in html
    assert re.search(r'value="approve"[^>]* disabled', html)
    assert 'value="id|缺页"' in html


def test_a_link_in_a_timeline_shows_reasons_per_item() -> None:
    """ORG-10: the applicant sees the reason of each item."""
    html = rendered(
        '<c-timeline :entries="entries" />',
        entries=[{"at": None, "action": "退回", "actor": "王芳", "reasons": {"头像": "不清"}}],
    )
    assert "头像：不清" in html


@pytest.mark.django_db
@pytest.mark.urls("tests.foundation.ui.urls")
@pytest.mark.parametrize(
    ("status", "words"),
    [(400, "请求的内容不完整"), (403, "没有权限"), (404, "没有找到这个页面"), (500, "系统出错了")],
)
def test_error_pages_offer_a_way_out_and_a_number(client: Client, status: int, words: str) -> None:
    """ui.md: 404/403/500 pages with a way out and a number to quote."""
    answer = client.get(f"/dev/components/error/{status}/")
    html = answer.content.decode()
    assert answer.status_code == status
    assert words in html
    assert "7F3A92C1" in html
    assert 'href="/"' in html


def test_the_page_of_a_broken_server_asks_nothing_of_the_database() -> None:
    """A 500 page must come up when the database is down: no `db` fixture here."""
    from django.template.loader import render_to_string

    assert "这一步没有办成" in render_to_string("500.html", {"number": "1A2B"})


def test_a_refusal_outside_a_form_is_a_page_in_words() -> None:
    """Refusals say what to do."""
    from django.template.loader import render_to_string

    html = render_to_string(
        "ui/refused.html", {"refusal": DomainError("x", "订单已经取消，请重新下单。", {"a": "第 1 项"})}
    )
    assert "订单已经取消，请重新下单。" in html
    assert "第 1 项" in html
