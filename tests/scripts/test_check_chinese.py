"""The check for English words on Chinese pages (make check): it finds what users would see, and only that."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.check_chinese import english_words, findings_in, main, python_texts, script_texts, template_texts


def words(texts: list[tuple[int, str]]) -> list[str]:
    return [word for _, text in texts for word in english_words(text)]


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("<p>请 Submit 报名表</p>", ["Submit"]),
        ('<button title="Delete">删除</button>', ["Delete"]),
        ('<input placeholder="Phone number">', ["Phone", "number"]),
        ('<input type="submit" value="Send">', ["Send"]),
        ('<img alt="portrait">', ["portrait"]),
        ('<a aria-label="close"></a>', ["close"]),
        ('<c-card title="Orders"></c-card>', ["Orders"]),
        ('<p>{{ name|default:"None" }}</p>', ["None"]),
        ('<c-fact label="姓名" value="x" hint="{{ a|default:"missing" }}" />', ["missing"]),
        ('{% include "ui/x.html" with title="Hello" %}', ["Hello"]),
        ('<option {% if x < 3 %}selected{% endif %} value="all">All</option>', ["All"]),
        ("<p>&lt;Done&gt;</p>", ["Done"]),
    ],
)
def test_visible_english_in_a_template_is_found(template: str, expected: list[str]) -> None:
    """No English word on a Chinese page (ui.md): text, visible attributes, literals of template tags."""
    assert words(list(template_texts(template))) == expected


@pytest.mark.parametrize(
    "template",
    [
        '<p class="card">请上传 PDF 或 XLSX 文件，不超过 80 KB</p>',
        "<p>按 <kbd>Ctrl</kbd> 和 <kbd>Backspace</kbd></p>",
        '<input type="text" name="phone" value="{{ form.phone.value|default:"" }}">',
        '<div class="badge {{ tone|default:"mute" }}">待审核</div>',
        '{# a comment #}{% comment %}another one{% endcomment %}<!-- a third -->{% url "people:list" %}',
        "<script>const note = 'Hello';</script><style>.a { color: red }</style>",
        '<{% if url %}a href="{{ url }}"{% else %}div{% endif %} class="card stat">统计</div>',
        "<p>{% if a < b and c > d %}是{% else %}否{% endif %}</p>",
        "<p>网址 http://zhejiang.zhujianpeixun.com/help 邮箱 a.b@example.cn 文件 yyzz.jpg</p>",
        '<c-section help="模板：<a href=&quot;{% url "x" %}&quot;>文档</a>"></c-section>',
        "<p>订单号 DD-20261121-0001，选项 A、B、C</p>",
    ],
)
def test_what_users_do_not_read_is_left_alone(template: str) -> None:
    """A check that cries at class names would be switched off."""
    assert words(list(template_texts(template))) == []


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('raise DomainError("not_found", "Not found.")', ["Not", "found"]),
        ('raise DomainError("full", f"还剩 {n} seats")', ["seats"]),
        ('messages.success(request, "Saved")', ["Saved"]),
        ('messages.info(request, "已发布。" if act == "publish" else f"{n or \'None\'}件")', ["None"]),
        ('forms.CharField(label="Name", help_text="如 name@example.cn")', ["Name"]),
        ('name = models.CharField("Name", max_length=3)', ["Name"]),
        ('class S(models.TextChoices):\n    A = "a", "Open"\n    B = "b", "关闭"', ["Open"]),
        ('class M:\n    class Meta:\n        verbose_name = "order"', ["order"]),
        ('SENTENCE = "请联系 administrator 处理"', ["administrator"]),
    ],
)
def test_visible_english_in_code_is_found(code: str, expected: list[str]) -> None:
    """Labels, messages, choices and any sentence that mixes both languages."""
    found = [(line, text) for line, text in python_texts(code)]
    assert sorted(set(words(found)), key=words(found).index) == expected


@pytest.mark.parametrize(
    "code",
    [
        '"""A module about 报名 in English."""\nx = "plain_identifier"',
        'def f():\n    """Reads the 报名表 of a person."""\n    return get("people")',
        'logger.info("imported 报名表 for person")',
        'raise DomainError("wrong_state", "状态已经变化，请刷新页面后再操作。")',
        'state = Enrollment.objects.filter(state="submitted")',
        'PATTERN = re.compile("身份证号(front|back)")',
        'SYNONYMS = {"email": "电子邮箱 邮箱地址 电子邮件 邮件 email e-mail"}',
        'text = format_html("<strong class=\\"mute\\">{name}</strong>已提交")',
    ],
)
def test_code_that_users_do_not_read_is_left_alone(code: str) -> None:
    """Identifiers, docstrings, log lines, patterns and lists of synonyms."""
    assert words(list(python_texts(code))) == []


def test_scripts_are_read_too() -> None:
    """What our ES modules write on the page is Chinese as well."""
    source = (
        'el.textContent = "Loading"; el.className = "mute"; // Hello\nsay(`第 ${page.number} 页 of all`);'
    )
    assert words(list(script_texts(source))) == ["Loading", "of", "all"]


def test_the_command_fails_with_place_and_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`make check` stops, and the person sees where to look."""
    page = tmp_path / "zhupei/portals/public/templates/public/home.html"
    page.parent.mkdir(parents=True)
    page.write_text("<h1>首页</h1>\n<p>Welcome</p>\n", encoding="utf-8")
    assert main([str(tmp_path)]) == 1
    assert f"{page}:2: Welcome" in capsys.readouterr().out
    page.write_text("<h1>首页</h1>\n", encoding="utf-8")
    assert main([str(tmp_path)]) == 0


def test_operators_tools_and_third_party_files_are_not_pages(tmp_path: Path) -> None:
    """Commands speak to a terminal, vendor files are not ours."""
    for name in ("zhupei/cli/a.py", "zhupei/x/management/commands/a.py", "foundation/ui/static/vendor/a.js"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            'x.textContent = "Loading 中"' if name.endswith("js") else 'X = "用法 usage"', "utf-8"
        )
    assert list(findings_in(tmp_path)) == []
