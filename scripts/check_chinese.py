"""Finds English words that users would see: in templates, and in the strings that code and scripts show.

It renders nothing. Of a template it reads the text between the tags and the attributes that browsers and
components show; of Python code the places that hold labels and messages, and any string in which Chinese and
English words are mixed; of scripts likewise. The browser tests read whole pages by the same `english_words`.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Words that Chinese clerks read as such: formats, sizes, keys, programs, and the file names that the rules for
# registration prescribe (yyzz, cns, zzzs), the industry's standards (JGJ). Keep it short.
ALLOWED_WORDS = frozenset(
    "pdf ofd xml zip rar gz xz tar cab xlsx xls csv docx doc jpg jpeg png gif heic webp bmp tiff avif ico "
    "psd svg kb mb gb utf gbk ctrl enter esc tab shift alt word excel wps ps windows chrome chromium edge "
    "qq yyzz cns zzzs jgj".split()
)

ADDRESS = re.compile(
    r"https?://\S+|\b[\w.+-]+@[\w-]+\.[\w.]+|(?:\b[\w-]+\.)+(?:cn|com|org|net|xlsx|zip|pdf|jpg|png)\b"
)
# Numbers of orders, plans, certificates, requirements.
CODE = re.compile(r"\b(?=[\w-]*\d)[A-Za-z\d]+(?:-[A-Za-z\d]+)*\b", re.ASCII)
WORD = re.compile(r"[A-Za-z]{2,}")
HAN = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = re.compile("[，。；：？（）“”、]")

# ruff: noqa: SIM905 (a long list of words reads better as words)
VISIBLE_ATTRIBUTES = frozenset(
    "title placeholder aria-label alt label text help hint subtitle caption heading description message note "
    "empty submit confirm confirm_label reason_label unit badge meta shown first data-confirm "
    "aria-description aria-roledescription aria-valuetext".split()
)
VISIBLE_KEYWORDS = frozenset(
    "label help_text verbose_name verbose_name_plural title message placeholder empty_label text heading "
    "subtitle hint help caption empty submit confirm unit sentence remark".split()
)
VISIBLE_CALLS = {
    # function or class → index of the argument that users read
    "DomainError": 1,
    "NotAllowedError": 0,
    "WrongStateError": 0,
    "ValidationError": 0,
    "add_error": 1,
    "success": 1,
    "info": 1,
    "warning": 1,
    "error": 1,
}
MESSAGE_CALLS = frozenset({"success", "info", "warning", "error"})  # of django.contrib.messages only
OPERATOR_FOLDERS = ("zhupei/cli", "zhupei/config", "foundation/database")  # for terminals, not for pages


@dataclass(frozen=True)
class Finding:
    """An English word that users would see."""

    path: Path
    line: int
    text: str
    words: tuple[str, ...]

    def __str__(self) -> str:
        shown = " ".join(self.text.split())[:80]
        return f"{self.path}:{self.line}: {', '.join(self.words)} in “{shown}”"


def english_words(text: str) -> list[str]:
    """The English words of a visible text: not addresses, file names, codes with digits, single letters
    (keys, options) and the allowed words."""
    text = CODE.sub(" ", ADDRESS.sub(" ", text))
    return [word for word in WORD.findall(text) if word.lower() not in ALLOWED_WORDS]


# Templates

TEMPLATE_PART = re.compile(
    r"{%\s*comment\b.*?endcomment\s*%}|{#.*?#}|<!--.*?-->|{%\s*verbatim.*?endverbatim\s*%}"
    r"|(?P<tag>{%.*?%})|(?P<variable>{{.*?}})",
    re.DOTALL,
)
FILTER_TEXT = re.compile(r"""\|(?:default|default_if_none|yesno|add|join):\s*(["'])(?P<text>.*?)\1""")
TAG_TEXT = re.compile(r"""\b(?P<name>\w+)\s*=\s*(["'])(?P<text>.*?)\2""")
TRANSLATED = re.compile(r"""{%\s*(?:trans|translate)\s+(["'])(?P<text>.*?)\1""")


class _TemplateReader(HTMLParser):
    """Collects what a page shows of a template whose template tags have been blanked."""

    SILENT = frozenset({"script", "style", "kbd", "code"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[tuple[int, str]] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag in self.SILENT:
            self.silent.append(tag)
        line = self.getpos()[0]
        given = dict(attributes)
        is_button = tag == "input" and given.get("type") in {"submit", "button", "reset"}
        for name, value in attributes:
            if value and (name in VISIBLE_ATTRIBUTES or (name == "value" and is_button)):
                self.texts.append((line, re.sub(r"<[^>]*>", " ", value)))  # some hold markup

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self.silent:
            self.silent.remove(tag)

    def handle_data(self, data: str) -> None:
        if not self.silent:
            line = self.getpos()[0]
            for offset, text in enumerate(data.split("\n")):
                self.texts.append((line + offset, text))


def template_texts(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of everything that a template shows by itself."""
    plain = TEMPLATE_PART.sub(_blank, source)
    for part in TEMPLATE_PART.finditer(source):
        line = source.count("\n", 0, part.start()) + 1
        if not _is_shown(plain[: part.start()]):
            continue
        if part["variable"]:
            yield from ((line, found["text"]) for found in FILTER_TEXT.finditer(part[0]))
        elif part["tag"]:
            yield from ((line, found["text"]) for found in TRANSLATED.finditer(part[0]))
            for found in TAG_TEXT.finditer(part[0]):
                if found["name"] in VISIBLE_ATTRIBUTES:
                    yield line, found["text"]
    reader = _TemplateReader()
    reader.feed(re.sub(r"(</?)\x01+", r"\1", plain).replace("\x01", " "))
    reader.close()
    yield from reader.texts


def _blank(part: re.Match[str]) -> str:
    """As many characters as before, so that positions and lines stay what they are."""
    return re.sub(r"[^\n]", "\x01", part[0])


def _is_shown(before: str) -> bool:
    """Does what comes after `before` show: between tags, or in an attribute that is shown?"""
    inside = before[max(before.rfind("<"), 0) :]
    if ">" in inside or not inside.startswith("<"):
        return True
    attribute = re.search(r"""([\w:-]+)=(?:"[^"]*|'[^']*)$""", inside)
    return bool(attribute and attribute[1] in VISIBLE_ATTRIBUTES)


# Python


class _CodeReader(ast.NodeVisitor):
    """Collects the strings of a module that users read."""

    def __init__(self) -> None:
        self.texts: list[tuple[int, str]] = []
        self.docstrings: set[int] = set()

    def _take(self, node: ast.AST | None) -> None:
        """Note the strings that the expression can become; conditions are not shown."""
        match node:
            case ast.Constant(value=str() as text, lineno=line):
                self.texts.append((line, text))
            case ast.IfExp(body=left, orelse=right) | ast.BinOp(left=left, right=right):
                self._take(left)
                self._take(right)
            case ast.JoinedStr(values=parts) | ast.BoolOp(values=parts):
                for part in parts:
                    self._take(part)
            case ast.FormattedValue(value=inner):
                self._take(inner)

    def _skip_docstring(
        self, node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    ) -> None:
        for statement in node.body:  # attribute docstrings too
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                self.docstrings.add(id(statement.value))
        self.generic_visit(node)

    def visit_Module(self, node: ast.Module) -> None:
        self._skip_docstring(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._skip_docstring(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._skip_docstring(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        bases = {
            base.attr if isinstance(base, ast.Attribute) else getattr(base, "id", "") for base in node.bases
        }
        if bases & {"TextChoices", "IntegerChoices"}:
            for statement in node.body:
                if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Tuple):
                    self._take(statement.value.elts[-1])
        self._skip_docstring(node)

    def visit_Call(self, node: ast.Call) -> None:
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
        owner = getattr(function.value, "id", "") if isinstance(function, ast.Attribute) else ""
        position = VISIBLE_CALLS.get(name)
        if position is not None and (name not in MESSAGE_CALLS or owner == "messages"):
            self._take(node.args[position] if len(node.args) > position else None)
        if owner == "models" and name.endswith("Field") and node.args:
            self._take(node.args[0])
        for keyword in node.keywords:
            if keyword.arg in VISIBLE_KEYWORDS:
                self._take(keyword.value)
        is_word_list = name == "split" and isinstance(function, ast.Attribute)
        if owner in {"logger", "log", "logging", "re"} or is_word_list:
            return
        self.generic_visit(node)

    def visit_Assign(self, node: ast.Assign) -> None:
        names = {getattr(target, "id", "") for target in node.targets}
        if names & {"verbose_name", "verbose_name_plural"}:
            self._take(node.value)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        text = node.value
        if not isinstance(text, str) or not HAN.search(text) or id(node) in self.docstrings:
            return
        is_list_of_synonyms = len(text.split()) >= 5 and not SENTENCE.search(text)
        if not is_list_of_synonyms:
            self.texts.append((node.lineno, text))


MARKUP = re.compile(r"<[^>]*>|%\(\w+\)[sd]|\{\w*\}|\[[^\]]*[A-Za-z\\][^\]]*\]|\\[a-z]")


def python_texts(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of the strings that users read; placeholders, markup and patterns are taken out."""
    reader = _CodeReader()
    reader.visit(ast.parse(source))
    for line, text in dict.fromkeys(reader.texts):
        yield line, MARKUP.sub(" ", text)


# Scripts

SCRIPT_COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$|\s//\s.*?$", re.DOTALL | re.MULTILINE)
SCRIPT_TEXT = re.compile(
    r"""(?P<shown>(?:textContent|innerText|title|placeholder|ariaLabel|alt)\s*=\s*)?"""
    r"""(?P<quote>["'`])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)"""
)
SCRIPT_MARKUP = re.compile(r"\$\{[^}]*\}|<[^>]*>")


def script_texts(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of a script's strings that are shown: assigned to a visible property, or in Chinese."""
    source = SCRIPT_COMMENT.sub(lambda part: "\n" * part[0].count("\n"), source)
    for number, line in enumerate(source.split("\n"), 1):
        for found in SCRIPT_TEXT.finditer(line):
            if found["shown"] or HAN.search(found["text"]):
                yield number, SCRIPT_MARKUP.sub(" ", found["text"])


READERS = {".html": template_texts, ".txt": template_texts, ".py": python_texts, ".js": script_texts}


def findings_in(folder: Path) -> Iterator[Finding]:
    """Every English word that the files below `folder` would show to users."""
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).as_posix()
        if path.suffix not in READERS or "/vendor/" in parts or "/migrations/" in parts:
            continue
        if path.suffix == ".txt" and "/templates/" not in f"/{parts}":
            continue
        if parts.startswith(OPERATOR_FOLDERS) or "/management/" in parts:
            continue
        for line, text in READERS[path.suffix](path.read_text(encoding="utf-8")):
            words = english_words(unescape(text))
            if words:
                yield Finding(path, line, text, tuple(words))


def main(folders: Iterable[str]) -> int:
    """Print every finding; 1 if there is one."""
    found = [finding for folder in folders for finding in findings_in(Path(folder))]
    for finding in found:
        print(finding)
    if found:
        print(
            f"{len(found)} English texts on Chinese pages. See scripts/check_chinese.py for what is allowed."
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [str(ROOT / "src")]))
