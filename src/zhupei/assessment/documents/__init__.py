"""Printouts of an assessment plan: tickets, sign-in sheets, summary sheets, door labels (ASM-04).

PDF by Typst and XLSX come from the same facts (`facts.exam_facts`).
"""

from zhupei.assessment.documents.facts import ExamFacts, Examinee, RoomFacts, exam_facts
from zhupei.assessment.documents.pdf import labels_pdf, sign_in_pdf, summary_pdf, tickets_pdf
from zhupei.assessment.documents.workbooks import sign_in_xlsx, summary_xlsx, tickets_xlsx

__all__ = [
    "ExamFacts",
    "Examinee",
    "RoomFacts",
    "exam_facts",
    "labels_pdf",
    "sign_in_pdf",
    "sign_in_xlsx",
    "summary_pdf",
    "summary_xlsx",
    "tickets_pdf",
    "tickets_xlsx",
]
