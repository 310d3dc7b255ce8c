"""Users of the portals and the SMS codes that verify their phones."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from foundation.crypto import BlindIndexField, EncryptedTextField, blind_index
from foundation.identifiers import id_number, uscc


class Portal(models.TextChoices):
    ENTERPRISE = "enterprise", "企业"
    INSTITUTION = "institution", "培训机构"
    AUTHORITY = "authority", "主管部门"
    LEARNER = "learner", "学员"
    PERSON = "person", "个人办事"


def account_key(portal: str, typed: str) -> str:
    """What the column `account` holds for an account as people type it.

    A credit code is one whatever the case and spaces, as is every other account whatever its case. A learner's is
    an ID number, of which only the blind index is stored in a column that can be looked up (SEC-02).
    """
    typed = typed.strip()
    if portal == Portal.LEARNER:
        return blind_index(id_number.normalize(typed))
    code = uscc.normalize(typed)
    if len(code) == 18 and code.isalnum():
        return code
    return typed if portal == Portal.ENTERPRISE else typed.lower()


class UserManager(BaseUserManager["User"]):
    def create_user(self, portal: str, account: str, password: str | None = None, **fields: Any) -> User:
        """A user of one portal; without a password nobody can sign in until one is set."""
        user = self.model(portal=portal, account=account_key(portal, account), **fields)
        if portal == Portal.LEARNER:
            user.account_text = id_number.normalize(account)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def of_account(self, portal: str, typed: str) -> User | None:
        """The user of an account as typed, or None."""
        return self.filter(portal=portal, account=account_key(portal, typed)).first()


class User(AbstractBaseUser):
    """An account at one portal. For an organization's owner the account is its credit code (ORG-06)."""

    portal = models.CharField("入口", max_length=12, choices=Portal)
    account = models.CharField("账号", max_length=64, help_text="学员账号只存检索摘要")
    account_text = EncryptedTextField("账号原文", blank=True, default="")
    name = models.CharField("姓名", max_length=60, blank=True)
    phone = EncryptedTextField("手机号", blank=True, default="")
    phone_index = BlindIndexField(source="phone", db_index=True)
    is_active = models.BooleanField("启用", default=True)
    must_change_password = models.BooleanField("须修改密码", default=False)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    objects = UserManager()

    USERNAME_FIELD = "account"
    REQUIRED_FIELDS = ["portal"]

    class Meta:
        verbose_name = verbose_name_plural = "账号"
        constraints = [models.UniqueConstraint(fields=["portal", "account"], name="account_once_per_portal")]

    def __str__(self) -> str:
        return self.name or ("学员" if self.account_text else "经办人")  # never the account: others read it

    @property
    def shown_account(self) -> str:
        """The account as its owner types it."""
        return self.account_text or self.account

    @property
    def awaits_first_sign_in(self) -> bool:
        """A learner who has not set a password of his own yet (ACC-03)."""
        return self.portal == Portal.LEARNER and (self.must_change_password or not self.has_usable_password())


class CodePurpose(models.TextChoices):
    REGISTER = "register", "注册"
    RESET_PASSWORD = "reset_password", "找回密码"
    CHANGE_PHONE = "change_phone", "更换手机号"
    FIRST_SIGN_IN = "first_sign_in", "首次登录"


class VerificationCode(models.Model):
    """One SMS code: 6 digits, 5 minutes, one use (ACC-05). Only its digest is kept."""

    phone_index = models.CharField(max_length=32, db_index=True)
    purpose = models.CharField("用途", max_length=20, choices=CodePurpose)
    digest = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "短信验证码"


class SecondFactor(models.Model):
    """两步验证 by an authenticator app (TOTP, RFC 6238) for institutions and authorities (SEC-04)."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="second_factor")
    secret = EncryptedTextField("密钥")
    confirmed_at = models.DateTimeField("启用时间", null=True)
    last_step = models.BigIntegerField("最近用过的时间步", default=0)
    failures = models.PositiveSmallIntegerField("连续失败次数", default=0)
    locked_until = models.DateTimeField("暂停到", null=True)
    spare_digests = models.JSONField("备用码摘要", default=list)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "两步验证"
