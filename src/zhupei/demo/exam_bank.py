"""An invented question bank in the form of the bank files, for occupations nobody has written questions for yet."""

from __future__ import annotations

import random
from typing import Any

CHAPTERS = ["法律法规", "专业基础", "岗位技能", "质量与安全"]
# Type → how many are in the bank, how many in a paper, points each.
NUMBERS = {
    "single": (80, 40, 1),
    "true_false": (40, 20, 1),
    "multiple": (40, 15, 2),
    "case": (6, 2, 5),
}


def invented_bank(programme: str, occupation: str, seed: int = 1) -> dict[str, Any]:
    """A bank with arithmetic questions whose answers are certain; its papers have 100 points."""
    rng = random.Random(seed)
    questions: list[dict[str, Any]] = []
    for kind, (stock, _, _) in NUMBERS.items():
        for number in range(stock):
            row = _case(rng, number) if kind == "case" else _plain(rng, kind, number)
            questions.append({"chapter": number % len(CHAPTERS) + 1, "difficulty": number % 3 + 1, **row})
    return {
        "programme": programme,
        "occupation": occupation,
        "chapters": [{"number": n, "name": name} for n, name in enumerate(CHAPTERS, start=1)],
        "questions": questions,
        "blueprint": [
            {"type": kind, "count": count, "points": points} for kind, (_, count, points) in NUMBERS.items()
        ],
    }


def _plain(rng: random.Random, kind: str, number: int) -> dict[str, Any]:
    length, width = 100 + number, rng.randrange(3, 90)
    area = length * width
    if kind == "true_false":
        is_right = rng.random() < 0.5
        shown = area if is_right else area + rng.randrange(1, 50)
        return {
            "type": kind,
            "stem": f"长 {length} m、宽 {width} m 的矩形场地，面积是 {shown} m²。",
            "options": ["正确", "错误"],
            "answer": ["A" if is_right else "B"],
            "explanation": f"{length}×{width}＝{area}。",
        }
    if kind == "single":
        options = [str(area), str(area + 10), str(area + 20), str(area - 10)]
        rng.shuffle(options)
        return {
            "type": kind,
            "stem": f"长 {length} m、宽 {width} m 的矩形场地，面积是（　）m²。",
            "options": options,
            "answer": ["ABCD"[options.index(str(area))]],
            "explanation": f"{length}×{width}＝{area}。",
        }
    limit = 200 + number
    values = [limit + rng.choice([-1, 1]) * rng.randrange(1, 60) for _ in range(2)]
    values += [limit + 61, limit + 62, limit - 61]
    rng.shuffle(values)
    return {
        "type": kind,
        "stem": f"某项允许值不超过 {limit} 毫米。下列实测值中超过允许值的有（　）。",
        "options": [
            f"{value} 毫米" if values.index(value) == place else f"{value}.{place} 毫米"
            for place, value in enumerate(values)
        ],
        "answer": ["ABCDE"[place] for place, value in enumerate(values) if value > limit],
        "explanation": f"大于 {limit} 毫米 的都超过允许值。",
    }


def _case(rng: random.Random, number: int) -> dict[str, Any]:
    return {
        "type": "case",
        "stem": f"某工程第 {number + 1} 号场地按图施工，场地为矩形，各边尺寸见各小题，不计场地高差。",
        "parts": [_plain(rng, kind, 500 + number) for kind in ("single", "single", "true_false", "multiple")],
        "explanation": "",
    }
