"""Which printouts there are, under which names, and how many people make long work of them (ASM-04)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from foundation.documents.blanks import MEDIA_TYPES
from zhupei.assessment.documents.facts import ExamFacts
from zhupei.assessment.documents.pdf import labels_pdf, sign_in_pdf, summary_pdf, tickets_pdf
from zhupei.assessment.documents.workbooks import sign_in_xlsx, summary_xlsx, tickets_xlsx

# More people than this with photos are made in the background.
MOST_AT_ONCE = 300


@dataclass(frozen=True)
class Printout:
    """One printout in its formats; `portraits`: whether its PDF shows photos."""

    key: str
    title: str
    purpose: str
    renderers: dict[str, Callable[[ExamFacts], bytes]]
    portraits: bool = False

    @property
    def formats(self) -> list[tuple[str, str]]:
        """(extension, word) in the order to show them."""
        return [(ext, "PDF" if ext == "pdf" else "表格") for ext in self.renderers]

    def shows_photos(self, ext: str) -> bool:
        """Whether photos must be read for this format."""
        return self.portraits and ext == "pdf"

    def is_long(self, ext: str, people: int) -> bool:
        """Whether so many people are made in the background."""
        return self.shows_photos(ext) and people > MOST_AT_ONCE


PRINTOUTS = {
    printout.key: printout
    for printout in (
        Printout(
            "tickets",
            "准考证",
            "A4 每页两张，裁开发给考生",
            {"pdf": tickets_pdf, "xlsx": tickets_xlsx},
            portraits=True,
        ),
        Printout(
            "sign-in",
            "签到表",
            "每个考场一份，带照片，考生签名",
            {"pdf": sign_in_pdf, "xlsx": sign_in_xlsx},
            portraits=True,
        ),
        Printout(
            "summary", "汇总表", "各考场、各岗位人数和各企业考生", {"pdf": summary_pdf, "xlsx": summary_xlsx}
        ),
        Printout("labels", "门贴", "每个考场一张，贴在门口", {"pdf": labels_pdf}),
    )
}


def media_type(ext: str) -> str:
    """The media type of a format of the printouts."""
    return MEDIA_TYPES[ext]


def file_name(plan_name: str, printout: Printout, ext: str) -> str:
    """准考证-浙示范培20270103考01.pdf."""
    return f"{printout.title}-{plan_name}.{ext}"
