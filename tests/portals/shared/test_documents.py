"""Opening private files and the progress of jobs (MAT-05, SEC-01, SEC-05)."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from foundation.audit.models import AuditEntry
from foundation.files.models import Document
from foundation.jobs.models import Job, JobState
from tests.world import jpeg

pytestmark = pytest.mark.django_db


@pytest.fixture
def firm(world):
    return world.organization()


@pytest.fixture
def document(world, firm):
    return world.document(firm.key, kind="organization.yyzz", content=jpeg(800, 600))


def test_the_owner_opens_it_and_the_opening_is_logged(world, firm, document):
    """MAT-05: each opening logged; nothing is cached, nothing can run."""
    response = world.client(firm).get(f"/files/{document.pk}/")

    assert response.status_code == 200
    assert b"".join(response.streaming_content) == jpeg(800, 600)
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "default-src 'none'" in response["Content-Security-Policy"]
    assert response["Content-Disposition"].startswith("inline")
    entry = AuditEntry.objects.get(act="document.open")
    assert (entry.subject_id, entry.actor_key) == (str(document.pk), firm.key)
    assert "image.jpg" not in str(entry.detail)


def test_a_stranger_finds_nothing(world, document):
    """SEC-01, MAT-05: not another firm, not an institution, not another city's authority, not a visitor."""
    strangers = [
        world.organization(),
        world.institution(),
        world.authority("330200", "宁波市"),
    ]
    clients = [world.client(each) for each in strangers] + [Client()]
    for client in clients:
        for suffix in ("", "?thumb=1", "?download=1"):
            assert client.get(f"/files/{document.pk}/{suffix}").status_code == 404
    assert not AuditEntry.objects.filter(act="document.open").exists()


def test_a_thumbnail_is_small_and_not_logged_one_by_one(world, firm, document):
    """A list of a hundred pictures is no hundred openings."""
    response = world.client(firm).get(f"/files/{document.pk}/?thumb=1")
    assert response.status_code == 200 and response["Content-Type"] == "image/jpeg"
    assert len(response.content) < len(jpeg(800, 600))
    assert response["Cache-Control"] == "private, no-store"
    assert not AuditEntry.objects.filter(act="document.open").exists()


@pytest.mark.parametrize("content_type", ["text/html", "image/svg+xml", "application/zip"])
def test_what_could_run_in_a_browser_is_only_handed_out_as_a_file(world, firm, document, content_type):
    """SEC-05: an uploaded page never shows in our name."""
    document.content_type = content_type
    document.save()
    response = world.client(firm).get(f"/files/{document.pk}/")
    assert response["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response["Content-Security-Policy"]


@pytest.mark.parametrize("name", ['a"b.jpg', "营业执照.jpg", "x\r\nSet-Cookie: a=b.jpg"])
def test_a_file_name_cannot_break_the_header(world, firm, document, name):
    """SEC-05: names are quoted or encoded."""
    document.name = name
    document.save()
    header = world.client(firm).get(f"/files/{document.pk}/?download=1")["Content-Disposition"]
    assert header.startswith("attachment") and "\n" not in header


def test_a_missing_file_is_not_found(world, firm, document):
    """A lost file is a 404, not an error page with a trace."""
    document.file.storage.delete(document.file.name)
    assert world.client(firm).get(f"/files/{document.pk}/").status_code == 404
    assert world.client(firm).get(f"/files/{document.pk}/?thumb=1").status_code == 404


def test_the_front_server_can_send_it(world, firm, document, settings):
    """OPS-03: X-Accel-Redirect, with the same checks and headers."""
    settings.FILES_ACCEL_PREFIX = "/private-files/"
    response = world.client(firm).get(f"/files/{document.pk}/")
    assert response["X-Accel-Redirect"] == f"/private-files/{document.file.name}"
    assert response.content == b"" and response["Cache-Control"] == "private, no-store"


def test_a_visitor_sees_what_he_uploaded_himself(world):
    """ORG-03: files uploaded while registering belong to that browser."""
    client = Client()
    client.get("/register/")
    document = Document(
        kind="registration.yyzz",
        owner_key=f"visitor:{client.session['visitor']}",
        name="a.jpg",
        content_type="image/jpeg",
        size=3,
    )
    document.file.save("a.jpg", ContentFile(jpeg()), save=False)
    document.save()
    assert client.get(f"/files/{document.pk}/").status_code == 200
    other = Client()
    other.get("/register/")
    assert other.get(f"/files/{document.pk}/").status_code == 404


def job(owner_key: str, **fields) -> Job:
    return Job.objects.create(task="t", title="导入名单", owner_key=owner_key, **fields)


def test_a_job_shows_its_progress_and_its_result(world, firm):
    """Long work: progress, then the result with what failed."""
    client = world.client(firm)
    running = job(firm.key, state=JobState.RUNNING, done=3, total=12)
    page = client.get(f"/jobs/{running.pk}/").content.decode()
    assert "3 / 12" in page and 'hx-get="/jobs/' in page
    done = job(
        firm.key,
        state=JobState.SUCCEEDED,
        done=12,
        total=12,
        result={
            "message": "11 人成功",
            "problems": [{"label": "第 3 行", "message": "身份证号有误"}],
            "url": "/x/",
        },
    )
    page = client.get(f"/jobs/{done.pk}/").content.decode()
    assert "11 人成功" in page and "第 3 行：身份证号有误" in page and "hx-get" not in page
    failed = job(firm.key, state=JobState.FAILED, error="文件打不开")
    assert "文件打不开" in client.get(f"/jobs/{failed.pk}/").content.decode()


def test_a_job_of_somebody_else_is_not_found(world, firm):
    """SEC-01."""
    mine = job(firm.key)
    assert world.client(world.organization()).get(f"/jobs/{mine.pk}/").status_code == 404
    assert Client().get(f"/jobs/{mine.pk}/").status_code == 302


def test_a_poll_after_the_session_ended_leads_to_sign_in_as_a_whole_page(world, firm):
    """htmx would put the sign-in page into a corner of the page otherwise."""
    mine = job(firm.key)
    response = Client().get(
        f"/jobs/{mine.pk}/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/enterprise/"}
    )
    assert response.status_code == 204
    assert response["HX-Redirect"].startswith("/sign-in/?next=http%3A%2F%2Ftestserver%2Fenterprise%2F")
