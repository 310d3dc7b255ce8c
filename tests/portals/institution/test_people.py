"""报名人员: everybody by any of their data, the spreadsheet of the selection, one person's whole story (QRY-01, QRY-02)."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from zhupei.billing.models import OrderState
from zhupei.enrollment.models import Batch, Enrollment, EnrollmentState
from zhupei.enrollment.services import review

pytestmark = pytest.mark.django_db
S = EnrollmentState
LIST = "/institution/people/"


@pytest.fixture
def batch(world: Any) -> Batch:
    return world.batch(3, state=S.SUBMITTED, materials=True)


@pytest.fixture
def clerk(world: Any, batch: Batch) -> Client:
    return world.client(batch.institution)


def sheet_of(answer: Any) -> list[dict[str, Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    head, *lines = [[cell.value for cell in line] for line in sheet.iter_rows()]
    return [dict(zip(head, line, strict=True)) for line in lines]


@pytest.mark.parametrize("field", ["name", "id_number", "phone"])
def test_a_person_is_found_by_name_id_number_or_phone(clerk: Client, batch: Batch, field: str) -> None:
    """QRY-01; numbers are looked up by their blind index (SEC-02)."""
    row, other, _ = batch.enrollments.order_by("pk")
    Enrollment.objects.filter(pk=row.pk).update(name="司马独一")
    row.refresh_from_db()
    found = sheet_of(clerk.get(LIST, {"q": getattr(row, field), "format": "xlsx"}))
    assert [each["身份证号"] for each in found] == [row.id_number]
    assert other.name


def test_numbers_are_masked_on_the_page_and_whole_in_the_spreadsheet(clerk: Client, batch: Batch) -> None:
    """SEC-02: the export is logged (tested with the list page)."""
    row = batch.enrollments.first()
    assert row is not None
    page = clerk.get(LIST).content.decode()
    assert row.id_number not in page
    assert row.phone not in page
    found = {each["身份证号"]: each for each in sheet_of(clerk.get(LIST, {"format": "xlsx"}))}
    assert len(found) == 3
    line = found[row.id_number]
    assert line["手机号"] == row.phone
    assert line["报名状态"] == "待资格审核"
    assert line["学历 / 专业"] == "大专 建筑工程技术"


def test_the_selection_of_the_tab_and_filters_is_exported_and_nothing_else(
    world: Any, clerk: Client, batch: Batch
) -> None:
    """QRY-01: exactly what is filtered."""
    returned = world.batch(2, state=S.RETURNED, offer=batch.offer, organization=batch.organization)
    others = world.batch(1, state=S.RETURNED, offer=batch.offer)
    query = {"tab": "returned", "organization": batch.organization.name, "format": "xlsx"}
    found = {each["身份证号"] for each in sheet_of(clerk.get(LIST, query))}
    assert found == {row.id_number for row in returned.enrollments.all()}
    assert others.organization != batch.organization


def test_a_date_range_keeps_to_its_days(clerk: Client, batch: Batch) -> None:
    """QRY-01."""
    assert "没有符合条件的记录" in clerk.get(LIST, {"submitted_before": "2020-01-01"}).content.decode()
    assert "没有符合条件的记录" not in clerk.get(LIST, {"submitted_after": "2020-01-01"}).content.decode()


def test_the_list_takes_at_most_twelve_queries_whatever_the_rows(
    world: Any, clerk: Client, batch: Batch
) -> None:
    """Bar 4."""
    clerk.get(LIST)
    with CaptureQueriesContext(connection) as for_few:
        clerk.get(LIST)
    world.batch(20, state=S.ENROLLED, offer=batch.offer)
    with CaptureQueriesContext(connection) as for_many:
        clerk.get(LIST)
    assert len(for_many) == len(for_few) <= 12, [query["sql"][:100] for query in for_many]


def test_a_person_is_told_whole(world: Any, clerk: Client, batch: Batch) -> None:
    """QRY-02: data, images, reasons, timeline with who and when."""
    row = batch.enrollments.first()
    assert row is not None
    actor = world.actor(batch.institution)
    review.return_enrollment(actor, row, {"work_years": "没有盖章"}, "尽快补")
    page = clerk.get(reverse("institution:person", args=[row.pk])).content.decode()
    for words in (
        row.name,
        batch.organization.name,
        "退回修改",
        "工作年限证明：没有盖章",
        "尽快补",
        str(actor.user),
        "办理记录",
    ):
        assert words in page
    assert row.id_number not in page
    assert row.phone not in page


def test_a_person_shows_the_order(world: Any) -> None:
    """QRY-02."""
    order = world.order(1, state=OrderState.CONFIRMED)
    row = Enrollment.objects.get(order_lines__order=order)
    page = world.client(order.institution).get(reverse("institution:person", args=[row.pk])).content.decode()
    assert order.number in page
    assert "已报名" in page


def test_the_phone_is_shown_on_demand(clerk: Client, batch: Batch) -> None:
    """SEC-02."""
    row = batch.enrollments.first()
    assert row is not None
    assert clerk.post(reverse("institution:reveal", args=[row.pk, "phone"])).content.decode() == row.phone


def test_strangers_find_nothing(world: Any, batch: Batch) -> None:
    """SEC-01."""
    stranger, row = world.client(world.institution()), batch.enrollments.first()
    assert row is not None
    assert stranger.get(reverse("institution:person", args=[row.pk])).status_code == 404
    assert row.name not in stranger.get(LIST).content.decode()
