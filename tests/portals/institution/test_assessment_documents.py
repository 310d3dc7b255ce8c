"""考务资料 of the institution's portal: downloads, many people in the background, the audit log (ASM-04)."""

from __future__ import annotations

import pytest
from django.test import Client

from foundation.audit.models import AuditEntry
from foundation.files.models import Document
from foundation.jobs import services as jobs
from foundation.jobs.models import Job
from tests.foundation.documents.reading import pdf_pages
from tests.zhupei.assessment.halls import Hall, make_hall
from zhupei.assessment.documents import files

pytestmark = pytest.mark.django_db


@pytest.fixture
def hall(world) -> Hall:
    return make_hall(world)


@pytest.fixture
def client(hall) -> Client:
    return hall.world.client(hall.actor.user)


def base(plan) -> str:
    return f"/institution/assessments/{plan.pk}/"


def approved(hall: Hall, count: int = 3):
    hall.people(count)
    return hall.approve(hall.plan())


def test_papers_are_there_once_the_plan_is_approved(client, hall):
    """ASM-04: before there are no tickets and no links."""
    hall.people(2)
    plan = hall.plan()
    assert "考务资料" not in client.get(base(plan)).content.decode()
    assert client.get(f"{base(plan)}papers/").status_code == 404
    assert client.get(f"{base(plan)}papers/tickets.pdf").status_code == 404
    hall.approve(plan)
    assert f"{base(plan)}papers/tickets.pdf" in client.get(base(plan)).content.decode()
    page = client.get(f"{base(plan)}papers/").content.decode()
    for name in ("tickets.pdf", "tickets.xlsx", "sign-in.pdf", "sign-in.xlsx", "summary.xlsx", "labels.pdf"):
        assert f"papers/{name}" in page


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("tickets.pdf", "准考证"),
        ("sign-in.pdf", "签到表"),
        ("summary.pdf", "考核汇总表"),
        ("labels.pdf", "第01考场"),
    ],
)
def test_every_paper_is_a_pdf_and_its_download_is_recorded(client, hall, name, shown):
    """ASM-04, SEC-06: personal data leave with a line in the audit log."""
    plan = approved(hall)
    answer = client.get(f"{base(plan)}papers/{name}")
    assert answer["Content-Type"] == "application/pdf" and "no-store" in answer["Cache-Control"]
    assert shown in pdf_pages(answer.content)[0]
    entry = AuditEntry.objects.filter(act="assessment_papers.download").get()
    assert entry.detail["people"] == 3


@pytest.mark.parametrize("name", ["tickets.xlsx", "sign-in.xlsx", "summary.xlsx"])
def test_workbooks(client, hall, name):
    """ASM-04."""
    plan = approved(hall)
    answer = client.get(f"{base(plan)}papers/{name}")
    assert answer.status_code == 200 and answer.content[:2] == b"PK"
    assert "attachment" in answer["Content-Disposition"]


@pytest.mark.parametrize("name", ["labels.xlsx", "tickets.docx", "others.pdf"])
def test_papers_that_do_not_exist(client, hall, name):
    assert client.get(f"{base(approved(hall))}papers/{name}").status_code == 404


def test_many_people_are_made_in_the_background(client, hall, monkeypatch):
    """ASM-04: beyond the limit the page makes the file, shows how far it is and then offers it; strangers get none."""
    monkeypatch.setattr(files, "MOST_AT_ONCE", 2)
    monkeypatch.setattr("zhupei.portals.institution.views.assessment_documents.MOST_AT_ONCE", 2)
    plan = approved(hall)
    assert client.get(f"{base(plan)}papers/tickets.pdf")["Location"] == f"{base(plan)}papers/"
    assert client.get(f"{base(plan)}papers/summary.pdf").status_code == 200
    for _ in range(2):
        client.post(f"{base(plan)}papers/tickets/make/")
    job = Job.objects.get(task="assessment.make_papers")
    assert f"/jobs/{job.pk}/" in client.get(f"{base(plan)}papers/").content.decode()
    jobs.run(str(job.pk))
    job.refresh_from_db()
    assert job.state == "succeeded", job.error
    url = job.result["url"]
    answer = client.get(url)
    assert b"".join(answer.streaming_content)[:5] == b"%PDF-"
    other = hall.world.client(hall.world.institution())
    assert other.get(url).status_code == 404
    # made anew, the former one is gone
    client.post(f"{base(plan)}papers/tickets/make/")
    jobs.run(str(Job.objects.filter(state="queued").get().pk))
    assert Document.objects.filter(kind="assessment.papers").count() == 1


def test_strangers_find_nothing(hall):
    """SEC-01."""
    plan = approved(hall)
    other = hall.world.client(hall.world.institution())
    for name in ("", "tickets.pdf", "summary.xlsx"):
        assert other.get(f"{base(plan)}papers/{name}").status_code == 404
    assert other.post(f"{base(plan)}papers/tickets/make/").status_code == 404


def test_the_page_takes_few_queries(client, hall, django_assert_max_num_queries):
    plan = approved(hall)
    with django_assert_max_num_queries(18):
        client.get(f"{base(plan)}papers/")
