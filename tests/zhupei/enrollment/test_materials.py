"""Images of a person, one by one and by the ZIP: kept, replaced, private."""

from __future__ import annotations

import io

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile, TemporaryUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from foundation.errors import DomainError, WrongStateError
from foundation.files.archives import ArchiveRefusedError
from foundation.files.images import ImageRefusedError
from foundation.files.models import Document
from foundation.jobs import services as jobs
from foundation.jobs.models import JobState
from tests.world import jpeg
from zhupei.enrollment import services, tasks
from zhupei.enrollment.models import ArchiveUpload, Material

pytestmark = pytest.mark.django_db


def archive(entries):
    from tests.rosters import archive as build

    return build(entries)


def noisy(width, height):
    """A picture that does not compress."""
    image = Image.effect_noise((width, height), 90).convert("RGB")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue()


def upload(content, name="资料.zip"):
    return SimpleUploadedFile(name, content, content_type="application/zip")


@pytest.fixture
def batch(applicant):
    return applicant.batch(3)


@pytest.fixture
def person(batch):
    return batch.enrollments.order_by("pk").first()


class TestOneImage:
    def test_it_is_kept_anew_and_private(self, applicant, person):
        """MAT-01, MAT-03, MAT-05: re-encoded, metadata stripped."""
        original = Image.new("RGB", (600, 400), "white")
        exif = Image.Exif()
        exif[0x010E] = "secret place"
        out = io.BytesIO()
        original.save(out, "JPEG", exif=exif)
        material = services.put_material(applicant.actor, person, "education", out.getvalue())
        kept = material.document.file.read()
        assert b"secret place" in out.getvalue() and b"secret place" not in kept
        assert material.document.content_type == "image/jpeg"
        assert material.document.kind == "enrollment.education"
        assert (
            person.id_number not in material.document.name
        )  # names of files are seen in more places than numbers

    def test_a_heavy_portrait_is_compressed(self, applicant, person):
        """MAT-01: at most 80 KB."""
        heavy = noisy(900, 1260)
        assert len(heavy) > 80 * 1024
        material = services.put_material(applicant.actor, person, "portrait", heavy)
        assert material.document.size <= 80 * 1024

    def test_the_next_one_replaces(self, applicant, person, django_capture_on_commit_callbacks):
        """MAT-02: uploading again replaces, the old file is gone."""
        first = services.put_material(applicant.actor, person, "portrait", jpeg()).document
        with django_capture_on_commit_callbacks(execute=True):
            second = services.put_material(applicant.actor, person, "portrait", jpeg(color="blue")).document
        assert Material.objects.get().document == second
        assert not Document.objects.filter(pk=first.pk).exists()
        assert not first.file.storage.exists(first.file.name) and second.file.storage.exists(second.file.name)

    def test_taking_it_away(self, applicant, person):
        """MAT-02; twice does no harm."""
        services.put_material(applicant.actor, person, "portrait", jpeg())
        services.remove_material(applicant.actor, person, "portrait")
        services.remove_material(applicant.actor, person, "portrait")
        assert not Material.objects.exists() and not Document.objects.exists()

    def test_what_is_no_picture_is_refused(self, applicant, person):
        """MAT-02."""
        with pytest.raises(ImageRefusedError):
            services.put_material(applicant.actor, person, "portrait", b"%PDF-1.4 not a picture")
        with pytest.raises(DomainError, match="没有这种资料"):
            services.put_material(applicant.actor, person, "selfie", jpeg())

    def test_not_after_it_was_handed_in(self, applicant):
        """ENR-08."""
        person = applicant.batch(1, state="submitted").enrollments.get()
        with pytest.raises(WrongStateError, match="撤回修改"):
            services.put_material(applicant.actor, person, "portrait", jpeg())
        with pytest.raises(WrongStateError):
            services.remove_material(applicant.actor, person, "portrait")

    def test_only_those_who_may_see_the_enrollment(self, applicant, world, person):
        """MAT-05, SEC-01."""
        document = services.put_material(applicant.actor, person, "portrait", jpeg()).document
        institution = world.actor(applicant.institution)

        def seen_by(actor):
            return Document.objects.visible_to(actor).filter(pk=document.pk).exists()

        assert seen_by(applicant.actor)
        assert not seen_by(institution)  # not handed in yet
        person.state = "submitted"
        person.save()
        assert seen_by(institution)
        assert not seen_by(world.actor(world.institution()))
        assert not seen_by(world.actor(world.organization()))
        assert not seen_by(world.actor(world.authority("330200", "宁波市")))
        assert seen_by(world.actor(world.authority()))


class TestArchive:
    def start(self, applicant, batch, entries):
        return services.start_archive(applicant.actor, batch, upload(archive(entries)))

    def run(self, archive_upload):
        jobs.run_pending()
        archive_upload.refresh_from_db()
        archive_upload.job.refresh_from_db()
        return archive_upload

    def test_good_ones_are_kept_bad_ones_named(self, applicant, batch):
        """MAT-02: every cause, in one archive."""
        first, second, third = batch.enrollments.order_by("pk")
        number = {row: row.id_number for row in (first, second, third)}
        done = self.run(
            self.start(
                applicant,
                batch,
                {
                    f"一组/{number[first]}$头像.jpg": jpeg(),
                    f"一组/{number[first]}＄身份证正面.JPG": jpeg(),
                    f"{number[second].lower()}$学历证书.jpeg": jpeg(),
                    f"{number[second]}$学历证书.jpg": jpeg(),
                    f"{number[third]}$自拍.jpg": jpeg(),
                    "110101199003070038$头像.jpg": jpeg(),
                    f"{number[third]}$头像.jpg": b"GIF89a broken",
                    "__MACOSX/._x.jpg": b"litter",
                    "../越界.jpg": jpeg(),
                },
            )
        )
        assert done.job.state == JobState.SUCCEEDED and done.job.result == {"matched": 3, "problems": 5}
        assert done.result["matched"] == 3 and done.result["people"] == 2
        assert {item["code"] for item in done.result["problems"]} == {
            "duplicate",
            "unknown_kind",
            "unknown_person",
            "unreadable_image",
            "unsafe_path",
        }
        assert all(item["entry"] and item["message"].endswith("。") for item in done.result["problems"])
        assert set(Material.objects.values_list("enrollment", "kind")) == {
            (first.pk, "portrait"),
            (first.pk, "id_front"),
            (second.pk, "education"),
        }

    def test_the_archive_is_removed_afterwards(self, applicant, batch, django_capture_on_commit_callbacks):
        """MAT-05: no second copy of everybody's papers."""
        person = batch.enrollments.first()
        started = self.start(applicant, batch, {f"{person.id_number}$头像.jpg": jpeg()})
        assert started.file.storage.exists(started.file.name)
        with django_capture_on_commit_callbacks(execute=True):
            self.run(started)
        assert not started.file.storage.exists(started.file.name)

    def test_a_worker_that_died_leaves_no_harm(self, applicant, batch, monkeypatch):
        """MAT-02: run again from the start, then again after the end: the same result."""
        entries = {
            f"{row.id_number}${label}.jpg": jpeg()
            for row in batch.enrollments.all()
            for label in ("头像", "学历证书")
        }
        started = self.start(applicant, batch, entries)
        monkeypatch.setattr(tasks, "KEEP_AT_ONCE", 2)
        kept, calls = tasks.put_many, []

        def dies(actor, images):
            calls.append(1)
            if len(calls) == 2:
                raise KeyboardInterrupt
            return kept(actor, images)

        monkeypatch.setattr(tasks, "put_many", dies)
        with pytest.raises(KeyboardInterrupt):
            jobs.run(str(started.job.pk))
        assert Material.objects.count() == 2
        jobs.run(str(started.job.pk))  # what the rescue does
        assert Material.objects.count() == 6 and Document.objects.count() == 6
        first = tasks.judge_archive(lambda done, total: None, started.pk)
        assert first == {"matched": 6, "problems": 0}
        assert Document.objects.count() == 6

    def test_uploading_again_replaces(self, applicant, batch):
        """MAT-02."""
        person = batch.enrollments.first()
        self.run(self.start(applicant, batch, {f"{person.id_number}$头像.jpg": jpeg(color="white")}))
        first = Material.objects.get().document_id
        self.run(self.start(applicant, batch, {f"{person.id_number}$头像.jpg": jpeg(color="red")}))
        assert Material.objects.get().document_id != first and Document.objects.count() == 1

    def test_those_handed_in_keep_theirs(self, applicant, batch):
        """ENR-08, MAT-02: the others are still taken, these are named."""
        first, second, _ = batch.enrollments.order_by("pk")
        first.state = "submitted"
        first.save()
        done = self.run(
            self.start(
                applicant,
                batch,
                {f"{first.id_number}$头像.jpg": jpeg(), f"{second.id_number}$头像.jpg": jpeg()},
            )
        )
        assert done.result["matched"] == 1
        [problem] = done.result["problems"]
        assert problem["code"] == "not_editable" and "撤回修改" in problem["message"]
        assert Material.objects.get().enrollment == second

    def test_no_statement_per_image(self, applicant, monkeypatch):
        """3 000 images: a constant number of statements a block of images."""
        monkeypatch.setattr(tasks, "KEEP_AT_ONCE", 1000)

        def statements(people):
            batch = applicant.batch(people)
            entries = {f"{row.id_number}$头像.jpg": jpeg(20, 28) for row in batch.enrollments.all()}
            started = self.start(applicant, batch, entries)
            with CaptureQueriesContext(connection) as captured:
                tasks.judge_archive(lambda done, total: None, started.pk)
            return len(captured)

        assert statements(2) == statements(30)

    def test_progress_is_written(self, applicant, batch):
        """MAT-02: progress bar."""
        person = batch.enrollments.first()
        started = self.start(applicant, batch, {f"{person.id_number}$头像.jpg": jpeg()})
        done = self.run(started)
        assert (done.job.done, done.job.total) == (1, 1)

    def test_a_big_upload_is_taken_from_its_file(self, applicant, batch):
        """MAT-03: what the server has on disk is not read into memory to be kept."""
        person = batch.enrollments.first()
        content = archive({f"{person.id_number}$头像.jpg": jpeg()})
        file = TemporaryUploadedFile("资料.zip", "application/zip", len(content), None)
        file.write(content)
        file.seek(0)
        self.run(services.start_archive(applicant.actor, batch, file))
        file.close()
        assert Material.objects.count() == 1

    @pytest.mark.parametrize("content", [b"", b"Rar!\x1a\x07\x00 x", b"plain text", b"PK\x03\x04 cut off"])
    def test_what_is_no_zip_is_refused_at_once(self, applicant, batch, content):
        """MAT-02, MAT-03."""
        with pytest.raises(ArchiveRefusedError):
            services.start_archive(applicant.actor, batch, ContentFile(content, "x.zip"))
        assert not ArchiveUpload.objects.exists()

    def test_too_large_is_refused_at_once(self, applicant, batch, settings):
        """MAT-03."""
        settings.MAX_ARCHIVE_BYTES = 100
        with pytest.raises(ArchiveRefusedError, match="上限"):
            self.start(applicant, batch, {"x.jpg": noisy(50, 50)})

    def test_nobody_to_bring_materials_for(self, applicant):
        """ENR-08."""
        with pytest.raises(DomainError, match="没有可以上传资料的人员"):
            self.start(applicant, applicant.batch(1, state="submitted"), {"x.jpg": jpeg()})
