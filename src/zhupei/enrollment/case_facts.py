"""Pure facts about one person's data and images that the platform knows without reading the images (no ORM).

What is inside the pictures is for the reviewer's eyes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from foundation.files.images import PORTRAIT_MAX_BYTES
from foundation.identifiers import id_number as id_numbers
from foundation.identifiers.problems import Problem
from foundation.review.findings import Finding
from zhupei.catalog.rules import years_words

PORTRAIT = "portrait"
LEAST_RATIO, MOST_RATIO = 0.64, 0.8  # one inch is 25 × 35 mm: 0.714
LEAST_PORTRAIT_HEIGHT = 300
LEAST_SIDE = 350  # a shorter side below this, and small print cannot be read


@dataclass(frozen=True)
class Picture:
    """What is known of an image without looking at it: bytes and pixels."""

    kind: str
    label: str
    size: int = 0
    width: int | None = None
    height: int | None = None
    is_there: bool = False


def judge_facts(
    *,
    id_number: str,
    gender: str,
    birth_date: dt.date,
    practice_years: Decimal | None,
    practice_periods: Sequence[Mapping[str, str]],
    pictures: Sequence[Picture],
    barred: str,
    today: dt.date,
) -> list[Finding]:
    """All facts in the order of the eye: images, portrait, number, work history, blacklist."""
    found: list[Finding | None] = [
        judge_completeness(pictures),
        judge_portrait(next((each for each in pictures if each.kind == PORTRAIT), None)),
        judge_resolution(pictures),
        judge_number(id_number, gender, birth_date),
        judge_history(practice_years, practice_periods, today),
        Finding("bad", "已列入黑名单", note=barred, blocks=True) if barred else Finding("ok", "未列入黑名单"),
    ]
    return [fact for fact in found if fact is not None]


def judge_completeness(pictures: Sequence[Picture]) -> Finding:
    """Are all images there?"""
    missing = [each.label for each in pictures if not each.is_there]
    figure = f"{len(pictures) - len(missing)}/{len(pictures)}"
    if missing:
        return Finding("bad", "资料不齐全", figure, f"还缺{'、'.join(missing)}，请退回补齐。", blocks=True)
    return Finding("ok", "资料齐全", figure)


def judge_portrait(picture: Picture | None) -> Finding | None:
    """Weight and proportions of the portrait (MAT-01: one inch, at most 80 KB)."""
    if picture is None or not picture.is_there:
        return None
    kilobytes = max(1, round(picture.size / 1024))
    if not picture.width or not picture.height:
        return Finding("ok", "头像", f"{kilobytes} KB")
    figure = f"{kilobytes} KB，{picture.width}×{picture.height}"
    if picture.size > PORTRAIT_MAX_BYTES:
        return Finding("wait", "头像超过 80 KB", figure)
    if not LEAST_RATIO <= picture.width / picture.height <= MOST_RATIO:
        return Finding("wait", "头像不是一寸的比例", figure, "一寸照宽高约为 5 比 7。")
    if picture.height < LEAST_PORTRAIT_HEIGHT:
        return Finding("wait", "头像尺寸偏小", figure, "放大看是否清晰。")
    return Finding("ok", "头像大小、比例合格", figure)


def judge_resolution(pictures: Sequence[Picture]) -> Finding | None:
    """Which of the papers were photographed too small to be read."""
    small = [
        f"{each.label} {each.width}×{each.height}"
        for each in pictures
        if each.is_there and each.kind != PORTRAIT and 0 < min(each.width or 0, each.height or 0) < LEAST_SIDE
    ]
    return Finding("wait", "图片偏小，可能看不清", note="、".join(small)) if small else None


def judge_number(id_number: str, gender: str, birth_date: dt.date) -> Finding:
    """Does the ID number hold together, and agree with gender and birth date?"""
    found = id_numbers.examine(id_number)
    if isinstance(found, Problem):
        return Finding("bad", "身份证号有误", note=found.message)
    if found.gender != gender or found.birth_date != birth_date:
        return Finding("wait", "证号与性别或出生日期不一致")
    return Finding("ok", "证号有效，与性别、出生日期一致")


def judge_history(
    practice_years: Decimal | None, periods: Sequence[Mapping[str, str]], today: dt.date
) -> Finding | None:
    """Do the periods of the work history add up to the years that are claimed? Nothing to say without periods."""
    if not periods or practice_years is None:
        return None
    months = sum(_months(period, today) for period in periods)
    figure = f"{years_words(Decimal(months * 10 // 12) / 10)} 年"
    if months + 1 < practice_years * 12:
        return Finding(
            "wait",
            "工作经历合计少于填报年限",
            figure,
            f"填报 {years_words(practice_years)} 年，请对照工作年限证明。",
        )
    return Finding("ok", "工作经历合计够填报年限", figure)


def _months(period: Mapping[str, str], today: dt.date) -> int:
    """Months from `start` to `end` (today when open), both of the form 2015-03; the last month counts."""
    start, end = _month(period.get("start", "")), _month(period.get("end", ""))
    if start is None:
        return 0
    return max(0, (end if end is not None else today.year * 12 + today.month) - start + 1)


def _month(text: str) -> int | None:
    year, _, month = text.partition("-")
    return int(year) * 12 + int(month) if year.isdecimal() and month.isdecimal() else None
