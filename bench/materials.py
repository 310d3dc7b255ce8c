"""3 000 images in one ZIP, judged and re-encoded (MAT-02), against Pillow alone on the same pixels.

    .venv/bin/python bench/materials.py [IMAGES]

The limit is Pillow's plain decode and encode of the same files, measured in the same run. Processor
seconds are counted, as both run on one core; exits 1 when the judge needs more than twice the limit.
"""

from __future__ import annotations

import io
import random
import resource
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

sys.path.insert(0, str(Path(__file__).parents[1] / "src"))

from foundation.identifiers.id_number import check_character
from zhupei.enrollment.materials_archive import judge_archive
from zhupei.enrollment.materials_naming import KIND_LABELS, PORTRAIT

SIZES = {"portrait": (295, 413), "id_front": (1011, 638), "id_back": (1011, 638)}
SCAN = (1000, 1414)
VARIANTS = 8
FACTOR = 2.0


def draw(size: tuple[int, int], seed: int) -> bytes:
    """Something like a scan: paper with grain, lines of writing, a stamp. About 80 KB at 1000 × 1414."""
    source = random.Random(seed)
    image = Image.effect_noise(size, 3).convert("RGB").filter(ImageFilter.GaussianBlur(1.2))
    image = image.point(lambda value: min(255, value + 110))
    canvas = ImageDraw.Draw(image)
    for row in range(size[1] // 48):
        for column in range(source.randint(4, size[0] // 40)):
            left, top = 20 + column * 34, 20 + row * 48
            canvas.line((left, top, left + source.randint(4, 24), top + source.randint(0, 20)), "black", 2)
    canvas.ellipse((size[0] // 2, size[1] // 2, size[0] - 30, size[1] // 2 + 180), outline="red", width=5)
    output = io.BytesIO()
    image.save(output, "JPEG", quality=80)
    return output.getvalue()


def build(path: Path, count: int) -> tuple[list[str], list[bytes]]:
    """Write the archive as Windows does; returns the ID numbers and the images in their order."""
    drawings = {kind: [draw(SIZES.get(kind, SCAN), seed) for seed in range(VARIANTS)] for kind in KIND_LABELS}
    numbers: list[str] = []
    images: list[bytes] = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for person in range(-(-count // len(KIND_LABELS))):
            first = f"330106{19600101 + person // 900 * 10000}{person % 900:03d}"
            numbers.append(first + check_character(first))
            for kind, label in KIND_LABELS.items():
                if len(images) == count:
                    break
                image = drawings[kind][person % VARIANTS]
                archive.writestr(f"报名资料/{numbers[-1]}${label}.jpg", image)
                images.append(image)
    return numbers, images


def plain(images: list[bytes]) -> float:
    """Processor seconds that Pillow needs to decode and encode the images, nothing else."""
    started = time.process_time()
    for data in images:
        image = Image.open(io.BytesIO(data))
        image.load()
        image.save(io.BytesIO(), "JPEG")
    return time.process_time() - started


def main(count: int) -> int:
    """Build, measure, print; the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "materials.zip"
        numbers, images = build(path, count)
        megabytes = path.stat().st_size / 2**20
        plain(images[:60])  # warm up
        limit = plain(images[::2]) * 2
        started, clock = time.process_time(), time.perf_counter()
        verdict = judge_archive(path, numbers)
        ours, waited = time.process_time() - started, time.perf_counter() - clock
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert len(verdict.matched) == count, verdict.problems[:3]
    assert not verdict.problems
    portraits = sum(item.kind == PORTRAIT for item in verdict.matched)
    print(f"{count} images ({portraits} portraits), archive {megabytes:.0f} MB")
    print(f"Pillow decode and encode:    {count / limit:6.0f} images/s ({limit:.1f} s)")
    print(
        f"judge_archive:               {count / ours:6.0f} images/s ({ours:.1f} s, by the clock {waited:.1f})"
    )
    print(f"ratio to the limit: {ours / limit:.2f} (at most {FACTOR}), peak memory {peak:.0f} MB")
    return 0 if ours <= limit * FACTOR else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000))
