"""The batches, and one batch with its ZIP of materials, its people and its printed forms."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from foundation.jobs import services as jobs
from tests.world import jpeg
from zhupei.enrollment import printing
from zhupei.enrollment.models import ArchiveUpload, Enrollment, Material
from zhupei.people.models import PersonBar

pytestmark = pytest.mark.django_db


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def batch_url(batch):
    return reverse("enterprise:batch", args=[batch.pk])


def upload(applicant, batch, entries):
    from tests.rosters import archive

    content = entries if isinstance(entries, bytes) else archive(entries)
    file = SimpleUploadedFile("资料.zip", content, content_type="application/zip")
    return applicant.client.post(reverse("enterprise:batch_archive", args=[batch.pk]), {"file": file})


class TestList:
    def test_each_batch_with_its_step_and_what_is_next(self, applicant):
        """ENR-01, QRY-04."""
        applicant.batch(3)
        applicant.batch(2, state="submitted")
        page = html(applicant.client.get(reverse("enterprise:batches")))
        assert "还有 3 人缺 18 项资料" in page and "已审 0 / 2" in page

    def test_an_empty_list_says_how_to_begin(self, applicant):
        """QRY-04."""
        page = html(applicant.client.get(reverse("enterprise:batches")))
        assert "还没有报名" in page and reverse("enterprise:enroll") in page

    def test_few_queries_whatever_the_rows(self, applicant):
        """At most 12 queries."""
        for _ in range(8):
            applicant.batch(3)
        with CaptureQueriesContext(connection) as captured:
            applicant.client.get(reverse("enterprise:batches"))
        assert len(captured) <= 12

    def test_only_one_s_own(self, applicant, world):
        """SEC-01."""
        other = world.batch(1)
        assert other.number not in html(applicant.client.get(reverse("enterprise:batches")))


class TestBatch:
    def test_who_is_in_it_and_what_lacks(self, applicant):
        """MAT-01, SEC-02."""
        batch = applicant.batch(2, materials=True)
        first = batch.enrollments.order_by("pk").first()
        first.materials.filter(kind="portrait").delete()
        page = html(applicant.client.get(batch_url(batch)))
        assert "缺头像" in page and "已齐" in page and first.name in page
        assert first.id_number not in page
        assert "提交资格审核（1 人）" in page

    def test_handing_in(self, applicant):
        """ELI-01: the complete ones go, the others are named."""
        batch = applicant.batch(3, materials=True)
        first = batch.enrollments.order_by("pk").first()
        first.materials.filter(kind="portrait").delete()
        url = reverse("enterprise:batch_submit", args=[batch.pk])
        page = html(applicant.client.post(url, follow=True))
        assert "已提交 2 人" in page and f"{first.name}：还缺资料：头像" in page
        page = html(applicant.client.post(url, follow=True))  # a double click
        assert "没有人可以提交" in page and batch.enrollments.filter(state="submitted").count() == 2

    def test_somebody_barred_meanwhile(self, applicant, world):
        """ORG-15: refused at submission, told why."""
        batch = applicant.batch(1, materials=True)
        person = batch.enrollments.get()
        PersonBar.objects.create(
            id_number=person.id_number, name=person.name, authority=world.authority(), reason="作弊"
        )
        page = html(applicant.client.post(reverse("enterprise:batch_submit", args=[batch.pk]), follow=True))
        assert "黑名单" in page and "作弊" in page

    def test_returned_ones_stand_on_top_with_every_reason(self, applicant):
        """ELI-03."""
        batch = applicant.batch(7, state="returned")
        batch.enrollments.update(reasons={"portrait": "头像不是白底", "work_years": "没有盖章"})
        page = html(applicant.client.get(batch_url(batch)))
        assert "退回修改的人员" in page and "头像：头像不是白底；工作年限证明：没有盖章" in page
        assert "另有 2 人" in page and "portrait：" not in page

    def test_acts_on_picked_people(self, applicant):
        """ENR-08: hand in, take back to change, give up; each says what it did."""
        batch = applicant.batch(3, materials=True)
        keys = [str(row.pk) for row in batch.enrollments.order_by("pk")]

        def act(name, ids, **more):
            return html(
                applicant.client.post(batch_url(batch), {"_action": name, "ids": ids, **more}, follow=True)
            )

        assert "已提交 2 人" in act("submit", keys[:2])
        assert "已撤回 1 人，可以修改" in act("recall", keys[:1])
        assert "已撤回 1 人的报名" in act("withdraw", keys[2:], reason="离职")
        assert list(batch.enrollments.order_by("pk").values_list("state", flat=True)) == [
            "draft", "submitted", "withdrawn"
        ]  # fmt: skip

    def test_not_what_is_ordered(self, applicant):
        """ENR-08: refused with what to do instead."""
        batch = applicant.batch(1, state="ordered")
        ids = [str(row.pk) for row in batch.enrollments.all()]
        page = html(applicant.client.post(batch_url(batch), {"_action": "withdraw", "ids": ids}, follow=True))
        assert "取消订单" in page

    def test_somebody_else_s_people_cannot_be_picked(self, applicant, world):
        """SEC-01."""
        other = world.batch(1, materials=True).enrollments.get()
        batch = applicant.batch(1)
        applicant.client.post(batch_url(batch), {"_action": "submit", "ids": [str(other.pk)]})
        other.refresh_from_db()
        assert other.state == "draft"

    def test_queries_do_not_grow_with_the_people(self, applicant):
        """The same number of queries for 3 and for 40 people."""

        def queries(people):
            batch = applicant.batch(people)
            with CaptureQueriesContext(connection) as captured:
                applicant.client.get(batch_url(batch))
            return len(captured)

        assert queries(25) == queries(3) <= 16

    def test_found_by_name_or_number(self, applicant):
        """QRY-01."""
        batch = applicant.batch(3)
        first, second, _ = batch.enrollments.order_by("pk")
        page = html(applicant.client.get(batch_url(batch), {"q": first.id_number.lower()}))
        assert first.name in page and reverse("enterprise:person", args=[second.pk]) not in page


class TestArchive:
    def test_from_the_upload_to_the_result(self, applicant):
        """MAT-02: progress while it is judged, then what was taken and what was not, by cause."""
        batch = applicant.batch(2)
        first, second = batch.enrollments.order_by("pk")
        entries = {
            f"{first.id_number}$头像.jpg": jpeg(),
            f"{first.id_number}$头像2.jpg": jpeg(),
            f"{second.id_number}$身份证正面.jpg": jpeg(),
            f"{second.id_number}$自拍.jpg": jpeg(),
            f"{second.id_number}$学历证书.jpg": b"broken",
            "330106199003070217$头像.jpg": jpeg(),
            "../x.jpg": jpeg(),
        }
        assert upload(applicant, batch, entries).json()["ok"]
        page = html(applicant.client.get(batch_url(batch)))
        job_url = reverse("enterprise:archive_job", args=[ArchiveUpload.objects.get().pk])
        assert job_url in page  # survives a reload
        assert 'hx-trigger="every 1s"' in html(applicant.client.get(job_url))
        jobs.run_pending()
        assert "data-reload-page" in html(applicant.client.get(job_url))
        page = html(applicant.client.get(batch_url(batch)))
        assert "收下 2 张（2 人）" in page and "没有收下 5 个" in page
        for cause in (
            "名单里没有这个人 1 个",
            "看不出是哪种资料 1 个",
            "图片打不开 1 个",
            "重复 1 个",
            "文件路径不安全 1 个",
        ):
            assert cause in page
        assert "330106199003070217$头像.jpg" in page and "请核对文件名里的号码" in page
        assert Material.objects.count() == 2

    @pytest.mark.parametrize(
        ("content", "words"),
        [(b"", "空"), (b"Rar!\x1a\x07\x00", "RAR"), (b"hello", "压缩包"), (b"PK\x03\x04 cut", "压缩包")],
    )
    def test_what_is_no_zip(self, applicant, content, words):
        """MAT-02, MAT-03: one sentence at once."""
        batch = applicant.batch(1)
        response = upload(applicant, batch, content)
        assert response.status_code == 422 and words.lower() in response.json()["message"].lower()

    def test_too_large(self, applicant, settings):
        """MAT-03."""
        settings.MAX_ARCHIVE_BYTES = 64
        assert "上限" in upload(applicant, applicant.batch(1), {"a.jpg": jpeg()}).json()["message"]

    def test_nobody_open(self, applicant):
        """ENR-08."""
        batch = applicant.batch(1, state="submitted")
        assert "撤回修改" in upload(applicant, batch, {"a.jpg": jpeg()}).json()["message"]
        assert "上传资料压缩包" not in html(applicant.client.get(batch_url(batch)))

    def test_no_file(self, applicant):
        batch = applicant.batch(1)
        response = applicant.client.post(reverse("enterprise:batch_archive", args=[batch.pk]))
        assert "请选择" in response.json()["message"]

    def test_a_failed_job_says_so(self, applicant):
        """MAT-02: never an endless bar."""
        batch = applicant.batch(1)
        upload(applicant, batch, {"a.jpg": jpeg()})
        archive = ArchiveUpload.objects.get()
        archive.job.state, archive.job.error = "failed", "处理时出现意外，请再试一次。"
        archive.job.save()
        page = html(applicant.client.get(reverse("enterprise:archive_job", args=[archive.pk])))
        assert "没有处理完" in page and "请再试一次" in page


class TestPapers:
    @pytest.mark.parametrize("kind", ["application_form", "work_years", "roster_summary"])
    def test_the_whole_batch(self, applicant, kind):
        """ENR-06: one PDF to print, sign and seal."""
        batch = applicant.batch(3, materials=True)
        response = applicant.client.get(reverse(f"enterprise:batch_{kind}", args=[batch.pk]))
        assert response["Content-Type"] == "application/pdf" and response.content.startswith(b"%PDF")

    def test_too_many_at_once(self, applicant, monkeypatch):
        """ENR-06."""
        monkeypatch.setattr(printing, "MOST_AT_ONCE", 2)
        batch = applicant.batch(3)
        url = reverse("enterprise:batch_application_form", args=[batch.pk])
        assert "一次最多打印 2 人" in html(applicant.client.get(url, follow=True))

    def test_of_picked_people(self, applicant):
        """ENR-06."""
        batch = applicant.batch(3)
        ids = [str(row.pk) for row in batch.enrollments.all()[:2]]
        response = applicant.client.post(batch_url(batch), {"_action": "work_years", "ids": ids})
        assert response.content.startswith(b"%PDF")


def test_strangers_find_nothing(applicant, stranger):
    """SEC-01: 404 on every object of somebody else."""
    batch = applicant.batch(1, materials=True)
    upload(applicant, batch, {"a.jpg": jpeg()})
    archive = ArchiveUpload.objects.get()
    for name in ("batch", "batch_application_form", "batch_work_years", "batch_roster_summary"):
        assert stranger.get(reverse(f"enterprise:{name}", args=[batch.pk])).status_code == 404, name
    assert stranger.get(reverse("enterprise:archive_job", args=[archive.pk])).status_code == 404
    for name in ("batch", "batch_archive", "batch_submit"):
        assert stranger.post(reverse(f"enterprise:{name}", args=[batch.pk])).status_code == 404, name
    assert Enrollment.objects.get().state == "draft"
