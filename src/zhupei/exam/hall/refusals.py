"""How the exam says no to an examinee: a status, a stable code and one Chinese sentence (EXM-03 … EXM-07)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from foundation.errors import DomainError


class ExamRefusalError(DomainError):
    """A refusal of the examinee's API; `status` is what HTTP says, `items` goes into the JSON as it is."""

    def __init__(self, status: int, code: str, message: str, **more: Any) -> None:
        super().__init__(code, message, items=more)
        self.status = status


def wrong_pair() -> ExamRefusalError:
    """The same whether the ticket or the ID number is wrong, or the exam is not held at the computer."""
    return ExamRefusalError(
        401, "wrong_pair", "准考证号或身份证号不正确，请对照准考证和身份证核对后重新输入。"
    )


def too_many_tries() -> ExamRefusalError:
    return ExamRefusalError(429, "too_many_tries", "输错的次数太多，请过几分钟再试，或举手请监考员协助。")


def sign_in_too_early(opens_at: dt.datetime) -> ExamRefusalError:
    sentence = f"还没有到签到时间，请在 {clock(opens_at)} 之后签到。"
    return ExamRefusalError(425, "too_early", sentence, opens_at=timezone.localtime(opens_at).isoformat())


def start_too_early(starts_at: dt.datetime) -> ExamRefusalError:
    sentence = f"考试 {clock(starts_at)} 开始，到时再开始答题。"
    return ExamRefusalError(425, "too_early", sentence, opens_at=timezone.localtime(starts_at).isoformat())


def submission_too_early(submit_from: dt.datetime) -> ExamRefusalError:
    sentence = f"{clock(submit_from)} 之后才可以交卷，请继续答题。"
    return ExamRefusalError(
        425, "too_early_to_submit", sentence, submit_from=timezone.localtime(submit_from).isoformat()
    )


def too_late(minutes: int) -> ExamRefusalError:
    return ExamRefusalError(403, "too_late", f"开考已超过 {minutes} 分钟，按规定不能入场，请联系监考员。")


def barred(words: str) -> ExamRefusalError:
    return ExamRefusalError(403, "barred", f"您{words}，不能参加考试。")


def voided(reason: str) -> ExamRefusalError:
    return ExamRefusalError(403, "voided", f"您的本次考试已作废。原因：{reason}")


def missed() -> ExamRefusalError:
    return ExamRefusalError(403, "missed", "考试已经结束，您没有开始答题，请联系监考员。")


def entry_refused() -> ExamRefusalError:
    return ExamRefusalError(403, "entry_refused", "监考员没有放行这次签到，请举手向监考员说明情况。")


def submitted() -> ExamRefusalError:
    return ExamRefusalError(409, "submitted", "您已经交卷，不能再答题。")


def face_unavailable() -> ExamRefusalError:
    return ExamRefusalError(409, "face_unavailable", "本考场暂不使用人脸核验，请举手由监考员核验放行。")


def clock(moment: dt.datetime) -> str:
    """09:30, or 11月28日 09:30 on another day."""
    local = timezone.localtime(moment)
    same_day = local.date() == timezone.localdate()
    return f"{local:%H:%M}" if same_day else f"{local.month}月{local.day}日 {local:%H:%M}"
