"""The document of the exam page: one for everybody, light, nothing of anybody in it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

pytestmark = pytest.mark.django_db
SCRIPTS = Path(__file__).parents[3] / "src/zhupei/portals/exam/static/exam/js"


def test_a_full_hall_opens_the_page_without_a_query() -> None:
    """EXM-03: no session, no cookie, no question to the database."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = Client().get(reverse("exam:page"))
    assert answer.status_code == 200
    assert len(queries) == 0
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-cache"
    assert "default-src 'self'" in answer["Content-Security-Policy"]


def test_the_page_only_reads() -> None:
    """Nothing can be sent to the document itself."""
    assert Client(enforce_csrf_checks=True).post(reverse("exam:page")).status_code in {403, 405}


def test_nothing_stands_inline() -> None:
    """CSP 'self': no style and no script in the document; an old browser reads a sentence without any script."""
    page = Client().get(reverse("exam:page")).content.decode()
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    assert "浏览器版本过旧" in page
    assert "<noscript>" in page


def test_every_file_that_the_page_and_its_modules_name_is_there() -> None:
    """A full page needs all its modules at once: nothing is loaded later, when the network may be gone."""
    page = Client().get(reverse("exam:page")).content.decode()
    for name in re.findall(r'(?:src|href)="/static/([^"]+)"', page):
        assert finders.find(name), name
    for module in SCRIPTS.glob("*.js"):
        text = module.read_text()
        assert "import(" not in text, module
        for name in re.findall(r"from '\./([^']+)'", text):
            assert (SCRIPTS / name).exists(), (module, name)
