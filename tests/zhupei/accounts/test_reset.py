"""Forgotten passwords and a learner's first sign-in (ACC-02, ACC-03)."""

from __future__ import annotations

import pytest
from axes.models import AccessAttempt

from foundation.errors import DomainError
from foundation.messages.models import Sms
from tests.zhupei.accounts.test_codes import age, sent_code
from tests.zhupei.accounts.test_sign_in import CODE, PASSWORD, request
from zhupei.accounts import services
from zhupei.accounts.models import Portal, User, account_key

PHONE = "13857100001"
NEW = "Another-2026-word"
ID_NUMBER = "330106199003071239"

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return User.objects.create_user(Portal.ENTERPRISE, CODE, PASSWORD, name="周敏", phone=PHONE)


@pytest.fixture
def learner():
    return User.objects.create_user(Portal.LEARNER, ID_NUMBER, name="陆一鸣", phone=PHONE)


def ask(account: str = CODE, phone: str = PHONE, portal: str = "enterprise") -> None:
    services.request_reset_code(portal, account, phone, "10.0.0.1")


def reset(code: str, account: str = CODE, phone: str = PHONE, password: str = NEW) -> User:
    return services.reset_password(request(), "enterprise", account, phone, code, password)


def test_a_forgotten_password_is_set_anew_and_the_lock_is_lifted(user):
    """ACC-02: phone + code, then a new one; the way out of a lockout."""
    for _ in range(5):
        with pytest.raises(DomainError):
            services.sign_in(request(), "enterprise", CODE, "wrong")
    ask(account=CODE.lower())

    assert reset(sent_code()) == user
    assert services.sign_in(request(), "enterprise", CODE, NEW) == user
    assert not AccessAttempt.objects.exists()
    assert Sms.objects.filter(code="accounts.password_changed").count() == 1


def test_the_code_is_sent_only_if_account_and_phone_belong_together(user):
    """ACC-05: the asker can't tell; nobody gets a message he didn't ask for."""
    ask(account="91330106MA2B1QWE4X")
    age(2)
    ask(phone="13857100009")
    age(2)
    ask(portal="institution")
    assert not Sms.objects.exists()


def test_without_an_account_the_phone_is_enough_unless_it_has_several(user):
    """ACC-02: people forget the account too."""
    ask(account="")
    assert reset(sent_code(), account="") == user
    other = User.objects.create_user(Portal.ENTERPRISE, "91330000XX", PASSWORD, phone=PHONE)
    age(2)
    ask(account="")
    with pytest.raises(DomainError, match="多个账号") as refusal:
        reset(sent_code(), account="")
    assert "account" in refusal.value.items
    assert reset(sent_code(), account="91330000XX") == other


def test_a_code_does_not_open_somebody_else_s_account(user):
    """ACC-02: a code for one's own phone resets no stranger's account."""
    User.objects.create_user(Portal.ENTERPRISE, "mine", PASSWORD, phone="13857100002")
    ask(account="mine", phone="13857100002")
    with pytest.raises(DomainError) as refusal:
        reset(sent_code(), account=CODE, phone="13857100002")
    assert refusal.value.code == "code_wrong"
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_a_refused_password_leaves_the_code_usable(user):
    """Nothing is lost by an error."""
    ask()
    with pytest.raises(DomainError, match="密码太简单"):
        reset(sent_code(), password="short")
    assert reset(sent_code()) == user


def test_an_empty_phone_matches_nobody(user):
    """An account without a phone can't be taken over by leaving the field empty."""
    User.objects.create_user(Portal.ENTERPRISE, "nophone", PASSWORD)
    with pytest.raises(DomainError):
        ask(account="nophone", phone="")
    with pytest.raises(DomainError):
        reset("000000", account="nophone", phone="")


def test_a_learner_s_id_number_is_not_readable_in_the_database(learner):
    """SEC-02: the account is looked up by its blind index."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM accounts_user WHERE id = %s", [learner.pk])
        assert ID_NUMBER not in str(cursor.fetchone())
    assert User.objects.of_account("learner", "33010619900307 1239") == learner
    assert User.objects.get(pk=learner.pk).shown_account == ID_NUMBER


def ask_first(account: str = ID_NUMBER) -> None:
    services.request_first_code(account_key("learner", account), "10.0.0.1")


def test_the_initial_password_alone_opens_nothing(learner, settings):
    """ACC-03: 111111 without the SMS code is refused, also when somebody set it as the password."""
    settings.INITIAL_LEARNER_PASSWORD = "111111"
    assert services.is_initial_password("learner", "111111")
    assert not services.is_initial_password("enterprise", "111111")
    learner.set_password("111111")
    learner.must_change_password = True
    learner.save()
    with pytest.raises(DomainError):
        services.sign_in(request(), "learner", ID_NUMBER, "111111")


def test_the_first_sign_in_takes_code_and_new_password_once(learner):
    """ACC-03: initial password accepted once, together with a code to the phone on file."""
    ask_first()
    assert Sms.objects.get().phone == PHONE
    made = request()
    signed = services.verify_first_sign_in(made, learner.account, sent_code(), NEW)
    assert made.user == signed == learner
    assert services.sign_in(request(), "learner", ID_NUMBER, NEW) == learner
    age(2)
    ask_first()
    assert Sms.objects.filter(code="accounts.code").count() == 1
    with pytest.raises(DomainError):
        services.verify_first_sign_in(request(), learner.account, "000000", NEW)


def test_an_unknown_learner_gets_the_same_answers(db):
    """ACC-05: nobody learns who is enrolled."""
    ask_first()
    assert not Sms.objects.exists()
    with pytest.raises(DomainError, match="秒后再获取"):
        ask_first()
    with pytest.raises(DomainError) as refusal:
        services.verify_first_sign_in(request(), account_key("learner", ID_NUMBER), "000000", NEW)
    assert refusal.value.code == "code_wrong"


def test_the_new_password_is_not_the_initial_one(learner, settings):
    """ACC-03, SEC-04."""
    settings.INITIAL_LEARNER_PASSWORD = "Start-2026"
    ask_first()
    with pytest.raises(DomainError, match="初始密码"):
        services.verify_first_sign_in(request(), learner.account, sent_code(), "Start-2026!")
