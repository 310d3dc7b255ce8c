"""The paper forms filled with what is known."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from foundation.errors import DomainError
from zhupei.enrollment import printing
from zhupei.enrollment.models import MaterialKind
from zhupei.enrollment.rules import worded

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(world):
    enrollment = world.batch(1, materials=True).enrollments.get()
    enrollment.practice_years = Decimal("5.5")
    enrollment.practice_periods = [
        {"start": "2015-07", "end": "2019-06", "post": "资料员"},
        {"start": "2019-07", "end": "", "post": "施工员"},
    ]
    enrollment.save()
    return enrollment


def test_the_application_form_says_what_was_entered(person):
    """ENR-06."""
    form = printing.application_form(person, {MaterialKind.PORTRAIT: b"x"})
    assert (form.name, form.id_number, form.phone) == (person.name, person.id_number, person.phone)
    assert (form.education, form.graduated, form.years_of_practice) == ("大专", "2015年6月", "5.5")
    assert form.birth_month == f"{person.birth_date.year}年{person.birth_date.month}月"
    assert form.occupation == "土建施工员" and form.portrait == b"x" and form.id_front is None


@pytest.mark.parametrize(
    ("typed", "shown"), [("2015", "2015年"), ("", ""), ("夏天", "夏天"), ("2015-13", "2015-13")]
)
def test_graduation_in_every_precision(person, typed, shown):
    """ENR-06."""
    person.graduated_on = typed
    assert printing.application_form(person, {}).graduated == shown


def test_the_certificate_lists_the_work_history(person):
    """ENR-06."""
    certificate = printing.work_years_certificate(person)
    assert certificate.years == "5.5" and certificate.work_unit == person.work_unit
    assert [(period.start, period.end, period.post) for period in certificate.periods] == [
        (dt.date(2015, 7, 1), dt.date(2019, 6, 1), "资料员"),
        (dt.date(2019, 7, 1), None, "施工员"),
    ]


def test_everybody_of_the_batch_but_those_taken_back(world):
    """ENR-02: the summary list to sign and keep; ENR-06: one PDF for all."""
    batch = world.batch(3)
    batch.enrollments.filter(pk=batch.enrollments.first().pk).update(state="withdrawn")
    assert printing.roster_summary(batch).startswith(b"%PDF")
    assert printing.application_forms(list(batch.enrollments.all())).startswith(b"%PDF")


def test_a_missing_file_leaves_its_place_empty(person):
    """ENR-06: a paper is printed even when an image is gone from the disk."""
    document = person.materials.get(kind="portrait").document
    document.file.storage.delete(document.file.name)
    assert printing.application_forms([person]).startswith(b"%PDF")


def test_nobody_and_too_many(person, monkeypatch):
    """ENR-06."""
    with pytest.raises(DomainError):
        printing.application_forms([])
    monkeypatch.setattr(printing, "MOST_AT_ONCE", 0)
    with pytest.raises(DomainError, match="分批打印"):
        printing.work_years_certificates([person])


def test_reasons_in_words():
    """ELI-03, QRY-03: never an identifier on a Chinese page."""
    assert worded(
        {"portrait": "不是白底", "major": ["甲", "乙"], "other": "其他原因", "学历": "不清", "name": ""}
    ) == [
        ("头像", "不是白底"),
        ("所学专业", "甲"),
        ("所学专业", "乙"),
        ("", "其他原因"),
        ("学历", "不清"),
    ]
