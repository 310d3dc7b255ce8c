"""报名资料: who lacks what, and the six images of one person."""

from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from tests.world import jpeg
from zhupei.enrollment.models import Material, MaterialKind

pytestmark = pytest.mark.django_db


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def put(client, person, kind, content, name="x.jpg"):
    url = reverse("enterprise:material", args=[person.pk, kind])
    return client.post(url, {"file": SimpleUploadedFile(name, content)})


class TestList:
    def test_those_not_handed_in_with_what_they_lack(self, applicant):
        """MAT-01."""
        batch = applicant.batch(2, materials=True)
        first = batch.enrollments.order_by("pk").first()
        first.materials.filter(kind__in=["portrait", "id_back"]).delete()
        late = applicant.batch(1, state="submitted").enrollments.get()
        page = html(applicant.client.get(reverse("enterprise:materials")))
        assert "缺头像、身份证反面" in page and "已齐" in page
        assert reverse("enterprise:person", args=[late.pk]) not in page
        assert f"{reverse('enterprise:batch', args=[batch.pk])}#upload" in page

    def test_filtered_by_what_lacks(self, applicant):
        """MAT-01."""
        batch = applicant.batch(2, materials=True)
        first, second = batch.enrollments.order_by("pk")
        first.materials.filter(kind="portrait").delete()
        url = reverse("enterprise:materials")
        lacking = html(applicant.client.get(url, {"lack": "yes"}))
        complete = html(applicant.client.get(url, {"lack": "no"}))
        assert reverse("enterprise:person", args=[first.pk]) in lacking
        assert reverse("enterprise:person", args=[second.pk]) not in lacking
        assert reverse("enterprise:person", args=[second.pk]) in complete

    def test_few_queries_whatever_the_rows(self, applicant):
        """At most 12 queries."""
        applicant.batch(40)
        with CaptureQueriesContext(connection) as captured:
            applicant.client.get(reverse("enterprise:materials"))
        assert len(captured) <= 12

    def test_nothing_to_do(self, applicant):
        assert "没有要补资料的人" in html(applicant.client.get(reverse("enterprise:materials")))


class TestSlots:
    @pytest.fixture
    def person(self, applicant):
        return applicant.batch(1).enrollments.get()

    def test_six_places(self, applicant, person):
        """MAT-01: names, what belongs there, files find their place by name."""
        page = html(applicant.client.get(reverse("enterprise:person", args=[person.pk])))
        for kind in MaterialKind:
            assert kind.label in page
            assert reverse("enterprise:material", args=[person.pk, kind.value]) in page
        assert "data-portrait" in page and "身份证正面,正面" in page
        assert "还缺：头像、身份证正面、身份证反面、学历证书、报名表、工作年限证明" in page

    def test_put_replace_and_remove(self, applicant, person):
        """MAT-02: answers what the upload component shows."""
        answer = put(applicant.client, person, "portrait", jpeg()).json()
        assert answer["ok"] and answer["url"] == reverse("shared:document", args=[answer["id"]])
        assert applicant.client.get(answer["url"]).status_code == 200
        again = put(applicant.client, person, "portrait", jpeg(color="blue")).json()
        assert again["id"] != answer["id"] and applicant.client.get(answer["url"]).status_code == 404
        remove = reverse("enterprise:material_remove", args=[person.pk, "portrait"])
        assert applicant.client.post(remove).json()["ok"] and not Material.objects.exists()

    def test_a_png_in_capital_letters(self, applicant, person):
        """MAT-02: told by content."""
        out = io.BytesIO()
        Image.new("RGBA", (300, 420), (255, 255, 255, 0)).save(out, "PNG")
        assert put(applicant.client, person, "portrait", out.getvalue(), "照片.JPG").json()["ok"]

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"", "空"),
            (b"%PDF-1.4", "不是图片"),
            (b"\xff\xd8\xff\xe0 cut", "打不开"),
            (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
        ],
    )
    def test_what_is_no_image(self, applicant, person, content, words):
        """MAT-02, MAT-03: refused with cause and mend."""
        response = put(applicant.client, person, "id_front", content)
        assert response.status_code == 422 and words.lower() in response.json()["message"].lower()
        assert not Material.objects.exists()

    def test_too_many_pixels(self, applicant, person):
        """MAT-03: a small file that unpacks to a huge picture."""
        out = io.BytesIO()
        Image.new("L", (9000, 9000)).save(out, "PNG")
        response = put(applicant.client, person, "education", out.getvalue())
        assert response.status_code == 422 and "像素" in response.json()["message"]

    def test_too_large(self, applicant, person, monkeypatch):
        """MAT-03."""
        from foundation.files.images import ImageLimits
        from zhupei.portals.enterprise.views import people

        monkeypatch.setattr(people, "ImageLimits", lambda: ImageLimits(max_bytes=10))
        assert "超过" in put(applicant.client, person, "education", jpeg()).json()["message"]

    def test_no_file_and_unknown_kind(self, applicant, person):
        url = reverse("enterprise:material", args=[person.pk, "portrait"])
        assert "请选择" in applicant.client.post(url).json()["message"]
        assert "没有这种资料" in put(applicant.client, person, "selfie", jpeg()).json()["message"]

    def test_not_after_it_was_handed_in(self, applicant):
        """ENR-08: shown, not changed."""
        person = applicant.batch(1, state="submitted", materials=True).enrollments.get()
        assert "撤回修改" in put(applicant.client, person, "portrait", jpeg()).json()["message"]
        page = html(applicant.client.get(reverse("enterprise:person", args=[person.pk])))
        assert reverse("enterprise:material", args=[person.pk, "portrait"]) not in page
        assert "data-readonly" in page

    def test_reasons_stand_at_their_images(self, applicant):
        """ELI-03: returned ones with the reason per item."""
        person = applicant.batch(1, state="returned", materials=True).enrollments.get()
        person.reasons = {"portrait": "头像不是白底"}
        person.save()
        page = html(applicant.client.get(reverse("enterprise:person", args=[person.pk])))
        assert "培训机构退回的原因" in page and page.count("头像不是白底") >= 2

    def test_the_next_one_who_lacks_something(self, applicant):
        """MAT-01: from person to person."""
        batch = applicant.batch(3, materials=True)
        first, second, third = batch.enrollments.order_by("pk")
        for row in (first, third):
            row.materials.filter(kind="portrait").delete()
        page = html(applicant.client.get(reverse("enterprise:person", args=[first.pk])))
        assert f"下一人：{third.name}" in page and second.name not in page

    def test_strangers_find_nothing(self, applicant, stranger, person):
        """SEC-01, MAT-05: neither the slots nor the images."""
        answer = put(applicant.client, person, "portrait", jpeg()).json()
        assert put(stranger, person, "portrait", jpeg()).status_code == 404
        remove = reverse("enterprise:material_remove", args=[person.pk, "portrait"])
        assert stranger.post(remove).status_code == 404
        assert stranger.get(answer["url"]).status_code == 404
        assert Material.objects.count() == 1
