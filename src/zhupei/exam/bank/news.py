"""What authors of questions are told (NTF-01). No stem and no key: messages are read on phones, too."""

from __future__ import annotations

from foundation.messages.services import notify
from foundation.messages.templates import register_template
from zhupei.exam.bank.models import QuestionVersion

RETURNED = register_template(
    "bank.returned",
    label="试题被退回",
    title="试题 {code} 被退回",
    body="“{bank}”题库的试题 {code} 复核时被退回：{remark}。请修改后再提交复核。",
)


def question_returned(version: QuestionVersion) -> None:
    """Tell whoever wrote it."""
    if version.author_id is None:
        return
    question = version.question
    notify(
        RETURNED,
        recipients=[f"user:{version.author_id}"],
        subject=question,
        portal="authority",
        context={"code": question.code, "bank": question.occupation, "remark": version.remark.rstrip("。")},
    )
