"""Images that strangers upload: what is taken, what comes out, every refusal (MAT-01, MAT-03)."""

from __future__ import annotations

import hashlib
import io
import random
import tracemalloc
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from foundation.files import sniff
from foundation.files.images import (
    ONE_INCH,
    PORTRAIT_MAX_BYTES,
    CleanImage,
    ImageLimits,
    ImageRefusedError,
    check_pixels,
    fit_portrait,
    reencode,
    thumbnail,
)
from tests.foundation.files.image_making import (
    decoded,
    encode,
    jpeg,
    jpeg_claiming,
    jpeg_of_many_scans,
    noise,
    picture,
    png,
    png_bomb,
)

pytestmark = pytest.mark.filterwarnings("ignore:Corrupt EXIF data", "ignore:Tag data larger than file")


def refusal_of(data: bytes, limits: ImageLimits | None = None) -> ImageRefusedError:
    with pytest.raises(ImageRefusedError) as caught:
        reencode(data, limits)
    assert caught.value.message.endswith("。")
    return caught.value


def near(pixel: tuple[int, ...], wanted: tuple[int, int, int], slack: int = 14) -> bool:
    return all(abs(a - b) <= slack for a, b in zip(pixel, wanted, strict=True))


class TestTaken:
    """MAT-03: images are re-encoded."""

    def test_result_describes_the_file(self) -> None:
        clean = reencode(jpeg())
        assert (clean.width, clean.height, clean.format, clean.source_format) == (400, 560, "JPEG", "JPEG")
        assert clean.size == len(clean.data)
        assert clean.sha256 == hashlib.sha256(clean.data).hexdigest()
        assert decoded(clean.data).size == (400, 560)

    def test_quality_and_size_of_a_usual_jpeg_are_kept(self) -> None:
        data = encode(noise(300, 300), quality=85, subsampling=0)
        clean = reencode(data)
        assert abs(clean.size - len(data)) < len(data) * 0.05
        before, after = decoded(data), decoded(clean.data)
        assert before.quantization == after.quantization  # type: ignore[attr-defined]

    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
    def test_every_png_mode_becomes_a_jpeg_of_the_same_picture(self, mode: str) -> None:
        if mode == "I;16":
            image = picture().convert("L").convert("I").point(lambda value: value * 257).convert(mode)
        else:
            image = picture().convert(mode)
        clean = reencode(encode(image, "PNG"))
        out = decoded(clean.data).convert("RGB")
        assert out.size == (400, 560)
        assert near(out.getpixel((390, 10)), (255, 255, 255))  # type: ignore[arg-type]
        assert sum(out.getpixel((20, 20))) < 300  # type: ignore[arg-type]

    def test_transparency_is_flattened_on_white(self) -> None:
        image = Image.new("RGBA", (60, 60), (0, 0, 0, 0))
        image.paste((200, 0, 0, 255), (0, 0, 30, 60))
        out = decoded(reencode(encode(image, "PNG")).data)
        assert near(out.getpixel((50, 30)), (255, 255, 255))  # type: ignore[arg-type]
        assert near(out.getpixel((5, 30)), (200, 0, 0))  # type: ignore[arg-type]

    def test_palette_with_transparency(self) -> None:
        image = picture().quantize(8)
        corner = image.getpixel((399, 0))
        out = decoded(reencode(encode(image, "PNG", transparency=corner)).data)
        assert near(out.getpixel((399, 0)), (255, 255, 255))  # type: ignore[arg-type]

    def test_cmyk_jpeg(self) -> None:
        out = decoded(reencode(encode(picture(mode="CMYK"))).data)
        assert out.mode == "RGB"
        assert near(out.getpixel((20, 20)), (20, 30, 90), slack=30)  # type: ignore[arg-type]
        assert near(out.getpixel((390, 10)), (255, 255, 255), slack=30)  # type: ignore[arg-type]

    def test_progressive_and_gray_jpeg(self) -> None:
        assert reencode(jpeg(progressive=True)).width == 400
        assert decoded(reencode(encode(picture(mode="L"))).data).mode == "L"

    @pytest.mark.parametrize("orientation", range(1, 9))
    def test_orientation_is_applied(self, orientation: int) -> None:
        upright = picture(300, 200)
        undo = {
            2: Image.Transpose.FLIP_LEFT_RIGHT,
            3: Image.Transpose.ROTATE_180,
            4: Image.Transpose.FLIP_TOP_BOTTOM,
            5: Image.Transpose.TRANSPOSE,
            6: Image.Transpose.ROTATE_90,
            7: Image.Transpose.TRANSVERSE,
            8: Image.Transpose.ROTATE_270,
        }
        stored = upright.transpose(undo[orientation]) if orientation in undo else upright
        exif = Image.Exif()
        exif[0x0112] = orientation
        for file_format in ("JPEG", "PNG"):
            clean = reencode(encode(stored, file_format, exif=exif.tobytes()))
            assert (clean.width, clean.height) == (300, 200)
            out = decoded(clean.data)
            assert sum(out.getpixel((10, 10))) < 250  # type: ignore[arg-type]
            assert sum(out.getpixel((290, 190))) > 600  # type: ignore[arg-type]

    def test_damaged_exif_is_no_reason_to_refuse(self) -> None:
        data = jpeg(exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\x01\x12\0\x03")
        assert reencode(data).width == 400

    def test_metadata_is_gone(self) -> None:
        exif = Image.Exif()
        exif[0x010F] = "SecretCamera"
        exif.get_ifd(0x8825)[1] = "N"
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", "SecretAuthor")
        sources = [
            jpeg(exif=exif.tobytes(), comment=b"SecretComment", icc_profile=b"SecretProfile" * 20),
            jpeg() + b"SecretTail<?php ?>",
            png(pnginfo=text),
            jpeg(xmp=b"<x>SecretXmp</x>", dpi=(300, 300)),
        ]
        for data in sources:
            assert b"Secret" in data
            clean = reencode(data)
            assert b"Secret" not in clean.data
            assert not {"exif", "comment", "icc_profile", "xmp"} & decoded(clean.data).info.keys()

    def test_polyglots_lose_their_second_nature(self) -> None:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("evil.html", "<script>alert(1)</script>")
        clean = reencode(jpeg() + archive.getvalue())
        assert not zipfile.is_zipfile(io.BytesIO(clean.data))

    def test_first_frame_of_animations_and_of_phone_pictures(self) -> None:
        frames = [Image.new("RGB", (50, 40), color) for color in ("red", "blue")]
        for file_format in ("PNG", "MPO"):
            data = encode(frames[0], file_format, save_all=True, append_images=frames[1:])
            out = decoded(reencode(data).data)
            assert near(out.getpixel((25, 20)), (255, 0, 0))  # type: ignore[arg-type]
            assert out.format == "JPEG"

    def test_large_photographs_are_shrunk_to_the_longest_side(self) -> None:
        clean = reencode(jpeg(4032, 3024))
        assert max(clean.width, clean.height) <= 2100
        assert abs(clean.width / clean.height - 4 / 3) < 0.01
        assert reencode(png(2600, 1000)).width == 2000

    def test_thin_images_survive_shrinking(self) -> None:
        assert reencode(encode(Image.new("RGB", (9000, 1)), "PNG")).height == 1
        assert reencode(encode(Image.new("RGB", (1, 9000)))).width == 1

    def test_colors_of_a_wide_profile_are_moved_to_srgb(self) -> None:
        # A profile in which green stands where sRGB has red shows plainly whether it was applied.
        profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
        swapped = profile.replace(b"sRGB", b"wide").replace(
            "sRGB".encode("utf-16-be"), "wide".encode("utf-16-be")
        )
        swapped = swapped.replace(b"rXYZ", b"tXYZ").replace(b"gXYZ", b"rXYZ").replace(b"tXYZ", b"gXYZ")
        data = encode(Image.new("RGB", (40, 40), (250, 0, 0)), icc_profile=swapped)
        red, green, _ = decoded(reencode(data).data).getpixel((20, 20))  # type: ignore[misc]
        assert green > 200 > red
        odd = encode(Image.new("RGB", (40, 40), (250, 0, 0)), icc_profile=b"\0" * 500)
        assert near(decoded(reencode(odd).data).getpixel((20, 20)), (250, 0, 0))  # type: ignore[arg-type]

    def test_name_does_not_matter_only_content(self) -> None:
        assert reencode(png()).source_format == "PNG"
        assert reencode(png()).content_type == "image/jpeg"


class TestRefused:
    """MAT-02, MAT-03: unreadable_image, image_too_large, entry_too_large, each with cause and mend."""

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            (b"", "空文件"),
            ("这不是图片".encode(), "文本文件"),
            ("这不是图片".encode("gbk"), "文本文件"),
            (b"<html><body>404</body></html>", "网页文件"),
            (b"%PDF-1.4\n%...", "PDF"),
            (b"PK\x03\x04" + bytes(60), "不能再套压缩包"),
            (b"Rar!\x1a\x07\x00" + bytes(60), "不能再套压缩包"),
            (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC"),
            (b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00", "AVIF"),
            (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "WEBP"),
            (b"\x00\x01\x02\x03" * 20, "打不开"),
            (encode(picture(50, 50), "GIF"), "GIF"),
            (encode(picture(50, 50), "BMP"), "BMP"),
            (encode(picture(50, 50), "TIFF"), "TIFF"),
            (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Word"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "SVG"),
        ],
    )
    def test_other_content_is_named(self, data: bytes, words: str) -> None:
        error = refusal_of(data)
        assert error.code == "unreadable_image"
        assert words in error.message

    def test_truncated_files(self) -> None:
        for data in (encode(noise(200, 200)), encode(noise(200, 200), "PNG"), jpeg(progressive=True)):
            for share in (0.02, 0.3, 0.6, 0.9):
                assert refusal_of(data[: int(len(data) * share)]).code == "unreadable_image"

    @pytest.mark.parametrize("data", [png_bomb(30_000, 30_000), jpeg_claiming(60_000, 60_000)])
    def test_pixel_count_is_judged_before_decoding(self, data: bytes) -> None:
        tracemalloc.start()
        error = refusal_of(data)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert error.code == "image_too_large"
        assert "5200 万像素" in error.message
        assert peak < 2_000_000

    @pytest.mark.parametrize("size", [(50_000_000, 1), (1, 50_000_000)])
    def test_an_endless_strip_is_too_large(self, size: tuple[int, int]) -> None:
        """MAT-03: few pixels, but memory for each of its lines."""
        error = refusal_of(png_bomb(*size))
        assert (error.code, "每边" in error.message) == ("image_too_large", True)

    def test_head_alone_tells_of_too_many_pixels_and_of_nothing_else(self) -> None:
        """MAT-03."""
        with pytest.raises(ImageRefusedError):
            check_pixels(png_bomb(30_000, 30_000)[:200])
        for head in (b"", b"text", jpeg()[:30], png()[:20], png()):
            check_pixels(head)

    def test_pixel_limit_can_be_set(self) -> None:
        assert refusal_of(jpeg(300, 300), ImageLimits(max_pixels=80_000)).code == "image_too_large"

    def test_png_that_claims_more_than_it_has(self) -> None:
        assert refusal_of(png_bomb(3000, 3000)).code == "unreadable_image"

    def test_file_too_large(self) -> None:
        error = refusal_of(jpeg(), ImageLimits(max_bytes=1000))
        assert error.code == "entry_too_large"

    def test_jpeg_of_endless_scans_is_not_decoded(self) -> None:
        assert refusal_of(jpeg_of_many_scans(500)).code == "unreadable_image"

    def test_scan_marks_behind_the_picture_do_not_count(self) -> None:
        # Phones append videos to their pictures.
        assert reencode(jpeg() + b"\xff\xda" * 500).width == 400
        assert reencode(jpeg(comment=b"\xff\xda" * 500)).width == 400

    def test_png_text_bomb(self) -> None:
        text = PngImagePlugin.PngInfo()
        text.add_text("bomb", "0" * 50_000_000, zip=True)
        tracemalloc.start()
        try:
            reencode(png(pnginfo=text))
        except ImageRefusedError as error:
            assert error.code == "unreadable_image"
        tracemalloc.stop()

    @settings(max_examples=300, deadline=None)  # the machine may be busy
    @given(st.data())
    def test_mutated_images_raise_nothing_else(self, data: st.DataObject) -> None:
        image = bytearray(data.draw(st.sampled_from(MUTATED)))
        for _ in range(data.draw(st.integers(1, 8))):
            place = data.draw(st.integers(0, min(len(image) - 1, 400)) | st.integers(0, len(image) - 1))
            image[place] = data.draw(st.integers(0, 255))
        self.survive(bytes(image))

    @given(st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b""]), st.binary(max_size=300))
    def test_any_bytes(self, head: bytes, rest: bytes) -> None:
        self.survive(head + rest)

    @staticmethod
    def survive(data: bytes) -> None:
        for act in (reencode, fit_portrait, lambda data: thumbnail(data, (30, 30))):
            try:
                clean = act(data)
            except ImageRefusedError as error:
                assert error.code in ("unreadable_image", "image_too_large", "entry_too_large")
            else:
                assert isinstance(clean, CleanImage)
                assert decoded(clean.data).size == (clean.width, clean.height)


class TestPortrait:
    """MAT-01: one inch, at most 80 KB; ui.md: compressed by us."""

    def test_small_portrait_is_left_in_its_size(self) -> None:
        clean = fit_portrait(jpeg(*ONE_INCH))
        assert (clean.width, clean.height) == ONE_INCH

    @pytest.mark.parametrize("size", [(295, 413), (1200, 1680), (3000, 4200), (900, 600)])
    def test_worst_case_fits_and_keeps_proportions(self, size: tuple[int, int]) -> None:
        clean = fit_portrait(encode(noise(*size), quality=98))
        assert clean.size <= PORTRAIT_MAX_BYTES
        assert abs(clean.width / clean.height - size[0] / size[1]) < 0.01

    def test_an_ordinary_photograph_stays_sharp(self) -> None:
        random.seed(3)
        image = picture(3000, 4200)
        clean = fit_portrait(encode(image, quality=97))
        assert clean.size <= PORTRAIT_MAX_BYTES
        assert clean.width >= ONE_INCH[0] * 2

    def test_cropped_only_when_asked(self) -> None:
        clean = fit_portrait(jpeg(1000, 1000), crop=True)
        assert abs(clean.width / clean.height - 25 / 35) < 0.01
        assert fit_portrait(jpeg(1000, 1000)).width == 1000
        tall = fit_portrait(jpeg(500, 2000), crop=True)
        assert abs(tall.width / tall.height - 25 / 35) < 0.01
        assert sum(decoded(tall.data).getpixel((10, 10))) < 300  # type: ignore[arg-type]

    def test_impossible_limit_is_a_refusal(self) -> None:
        with pytest.raises(ImageRefusedError) as caught:
            fit_portrait(encode(noise(500, 700)), max_bytes=300)
        assert caught.value.code == "entry_too_large"

    def test_broken_portrait_is_a_refusal(self) -> None:
        with pytest.raises(ImageRefusedError):
            fit_portrait(encode(noise(500, 700))[:5000], crop=True)


class TestThumbnail:
    """Lists show small pictures."""

    def test_fits_the_box(self) -> None:
        for data in (jpeg(4000, 3000), png(1000, 300), jpeg(301, 299)):
            clean = thumbnail(data, (160, 120))
            assert clean.width <= 160
            assert clean.height <= 120
            assert clean.width == 160 or clean.height == 120

    def test_is_never_enlarged(self) -> None:
        assert thumbnail(jpeg(50, 40), (160, 120)).width == 50

    def test_turned_pictures_fit_after_turning(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6
        clean = thumbnail(jpeg(800, 400, exif=exif.tobytes()), (100, 300))
        assert (clean.width, clean.height) == (100, 200)


class TestSniff:
    """What a file is comes from its bytes."""

    @given(st.binary(max_size=5000))
    def test_never_raises(self, data: bytes) -> None:
        assert sniff.sniff(data).label

    @pytest.mark.parametrize(
        ("data", "key"),
        [
            (jpeg(), "jpeg"),
            (png(), "png"),
            (b"", "empty"),
            (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml" + b"xl/workbook.xml", "xlsx"),
            (b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml" + b"word/document.xml", "docx"),
            (b"PK\x03\x04" + bytes(26) + b"a.jpg", "zip"),
            (bytes(257) + b"ustar\x0000", "tar"),
            (b"MZ\x90\x00\x03\x00", "program"),
            (b"\xef\xbb\xbfname,id", "text"),
            (b"\x00\x00\x00\x20ftypisom", "mp4"),
            ("姓名".encode("gbk") * 2000, "text"),
        ],
    )
    def test_knows(self, data: bytes, key: str) -> None:
        assert sniff.sniff(data).key == key


MUTATED = [
    encode(picture(60, 80)),
    encode(
        picture(60, 80),
        progressive=True,
        exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0",
    ),
    encode(picture(60, 80), "PNG"),
    encode(picture(60, 80).quantize(16), "PNG", transparency=3),
    encode(picture(60, 80, "CMYK")),
]
