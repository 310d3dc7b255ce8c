"""Users of the portals and the SMS codes that verify their phones."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from foundation.crypto import BlindIndexField, EncryptedTextField


class Portal(models.TextChoices):
    ENTERPRISE = "enterprise", "企业"
    INSTITUTION = "institution", "培训机构"
    AUTHORITY = "authority", "主管部门"
    LEARNER = "learner", "学员"
    PERSON = "person", "个人办事"


class UserManager(BaseUserManager["User"]):
    def create_user(self, portal: str, account: str, password: str | None = None, **fields: Any) -> User:
        """A user of one portal; without a password nobody can sign in until one is set."""
        user = self.model(portal=portal, account=account, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """An account at one portal. For an organization's owner the account is its credit code (ORG-06)."""

    portal = models.CharField("入口", max_length=12, choices=Portal)
    account = models.CharField("账号", max_length=64)
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
        return self.name or self.account


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
    address = models.CharField("网络地址", max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now, db_index=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "短信验证码"
        indexes = [models.Index(fields=["address", "created_at"], name="code_by_address")]
