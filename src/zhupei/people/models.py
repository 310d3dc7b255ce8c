"""The human being behind enrollments, certificates and filings; and who is barred."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.utils import timezone

from foundation.crypto import BlindIndexField, EncryptedTextField
from foundation.scoping import Scope, ScopedQuerySet
from zhupei.organizations.models import Bar


class Gender(models.TextChoices):
    MALE = "male", "男"
    FEMALE = "female", "女"


class Person(models.Model):
    """Known by the ID number alone; names and phones on rosters are kept with the enrollment."""

    id_number = EncryptedTextField("身份证号")
    id_number_index = BlindIndexField(source="id_number", unique=True)
    name = models.CharField("姓名", max_length=60)
    gender = models.CharField("性别", max_length=6, choices=Gender)
    birth_date = models.DateField("出生日期")
    phone = EncryptedTextField("手机号", blank=True, default="")
    phone_index = BlindIndexField(source="phone", db_index=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="human"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedQuerySet.as_manager()
    seen_by = Scope(learner="user", person="user")

    class Meta:
        verbose_name = verbose_name_plural = "人员"

    def __str__(self) -> str:
        return self.name

    def age_on(self, day: dt.date) -> int:
        """Full years on `day`."""
        born = self.birth_date
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


class PersonBarQuerySet(ScopedQuerySet["PersonBar"]):
    def in_force(self) -> PersonBarQuerySet:
        """Bars that hold today."""
        today = timezone.localdate()
        return self.filter(starts_on__lte=today, lifted_at=None).filter(
            models.Q(ends_on=None) | models.Q(ends_on__gte=today)
        )


class PersonBar(Bar):
    """A person barred from exams (黑名单, ORG-15). Held by ID number: the person need not be enrolled yet."""

    id_number = EncryptedTextField("身份证号")
    id_number_index = BlindIndexField(source="id_number", db_index=True)
    name = models.CharField("姓名", max_length=60)

    objects = PersonBarQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "人员黑名单"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name
