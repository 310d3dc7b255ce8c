"""SMS codes (ACC-05, SEC-05)."""

from __future__ import annotations

import datetime as dt
import re
import threading

import pytest
from django.db import connection
from django.db.models import F

from foundation.errors import DomainError
from foundation.limits.models import Use
from foundation.messages.models import Sms
from zhupei.accounts import codes, rules
from zhupei.accounts.models import CodePurpose, VerificationCode

PHONE = "13857100001"
REGISTER = CodePurpose.REGISTER


def sent_code() -> str:
    """The six digits of the newest message."""
    return re.search(r"\d{6}", Sms.objects.first().text).group()


def age(minutes: float) -> None:
    """Let all codes be so much older, and all counted requests."""
    Use.objects.update(at=F("at") - dt.timedelta(minutes=minutes))
    for row in VerificationCode.objects.all():
        row.created_at -= dt.timedelta(minutes=minutes)
        row.expires_at -= dt.timedelta(minutes=minutes)
        row.save()


def ask(phone: str = PHONE, purpose: str = REGISTER, address: str = "10.0.0.1", **more) -> None:
    codes.request_code(phone, purpose, address, **more)


pytestmark = pytest.mark.django_db


def test_a_code_has_six_digits_and_says_in_chinese_what_it_is_for():
    """ACC-05: the message; only a digest is kept."""
    ask()

    sms = Sms.objects.get()
    assert sms.phone == PHONE
    assert re.match(r"【筑培】您的验证码是 \d{6}，5 分钟内有效，用于注册。", sms.text)
    assert sent_code() not in VerificationCode.objects.get().digest


def test_a_code_is_good_once():
    """ACC-05: one use."""
    ask()
    checked = codes.check_code("138 5710 0001", REGISTER, f" {sent_code()} ")
    codes.use_code(checked)

    with pytest.raises(DomainError, match="重新获取"):
        codes.check_code(PHONE, REGISTER, sent_code())
    with pytest.raises(DomainError, match="重新获取"):
        codes.use_code(checked)


def test_checking_alone_does_not_use_a_code_up():
    """A form that fails for another reason keeps its code."""
    ask()
    first = codes.check_code(PHONE, REGISTER, sent_code())
    assert codes.check_code(PHONE, REGISTER, sent_code()) == first


def test_a_code_dies_after_five_minutes():
    """ACC-05: 5 minutes."""
    ask()
    age(4.9)
    codes.check_code(PHONE, REGISTER, sent_code())
    age(0.2)
    with pytest.raises(DomainError):
        codes.check_code(PHONE, REGISTER, sent_code())


def test_after_five_wrong_attempts_the_right_code_is_refused_too():
    """ACC-05: guessing ends after five attempts, without telling."""
    ask()
    wrong = f"{(int(sent_code()) + 1) % 1_000_000:06d}"
    for _ in range(rules.CODE_ATTEMPTS):
        with pytest.raises(DomainError) as refusal:
            codes.check_code(PHONE, REGISTER, wrong)
        assert refusal.value.code == "code_wrong"
    with pytest.raises(DomainError) as refusal:
        codes.check_code(PHONE, REGISTER, sent_code())
    assert refusal.value.message == codes.WRONG


def test_a_new_code_makes_the_old_one_void():
    """Only the latest message counts, also when the latest has been used."""
    ask()
    old = sent_code()
    age(2)
    ask()
    with pytest.raises(DomainError):
        codes.check_code(PHONE, REGISTER, old if old != sent_code() else "x")
    codes.use_code(codes.check_code(PHONE, REGISTER, sent_code()))
    with pytest.raises(DomainError):
        codes.check_code(PHONE, REGISTER, old)


def test_a_code_is_for_one_purpose_and_one_phone():
    """ACC-05: a registration's code resets no password."""
    ask()
    for phone, purpose in ((PHONE, CodePurpose.RESET_PASSWORD), ("13857100002", REGISTER)):
        with pytest.raises(DomainError):
            codes.check_code(phone, purpose, sent_code())


def test_one_code_a_minute_for_a_phone_and_a_purpose():
    """ACC-05: rate limit; another purpose is not hindered."""
    ask()
    with pytest.raises(DomainError, match=r"\d+ 秒后再获取") as refusal:
        ask()
    assert 1 <= refusal.value.items["retry_after"] <= 60
    ask(purpose=CodePurpose.RESET_PASSWORD)
    age(1.1)
    ask()


def test_five_codes_an_hour_and_ten_a_day_for_a_phone():
    """ACC-05: rate limit per phone over all purposes."""
    for number in range(10):
        ask(purpose=[REGISTER, CodePurpose.RESET_PASSWORD][number % 2])
        age(12.1)
    with pytest.raises(DomainError, match="手机号获取验证码的次数过多，请 22 小时后再试"):
        ask()
    age(24 * 60)
    for _ in range(5):
        ask()
        age(1.1)
    with pytest.raises(DomainError, match=r"\d+ 分钟后再试"):
        ask()


def test_thirty_codes_an_hour_from_one_address():
    """ACC-05, SEC-05: nobody sends messages to half the province."""
    for number in range(30):
        ask(phone=f"138571{number:05d}")
    with pytest.raises(DomainError, match="您所在的网络"):
        ask(phone="13857199999")
    ask(phone="13857199999", address="10.0.0.2")


def test_an_undelivered_code_counts_like_a_delivered_one():
    """ACC-05: the same answer whether or not the phone is known."""
    ask(deliver=False)
    assert not Sms.objects.exists()
    with pytest.raises(DomainError, match="秒后"):
        ask(deliver=False)


def test_a_wrong_number_is_named():
    """The button always answers."""
    with pytest.raises(DomainError) as refusal:
        ask(phone="1385710")
    assert refusal.value.code == "phone_invalid"


@pytest.mark.django_db(transaction=True)
def test_two_requests_at_once_send_one_message():
    """SEC-05: the limit holds under concurrency."""
    barrier = threading.Barrier(6)

    def run() -> None:
        barrier.wait()
        try:
            ask()
        except DomainError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Sms.objects.count() == VerificationCode.objects.count() == 1
