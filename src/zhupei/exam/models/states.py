"""Exam attempt (states.md)."""

from django.db import models


class AttemptState(models.TextChoices):
    ADMITTED = "admitted", "已签到"
    IN_PROGRESS = "in_progress", "答题中"
    SUBMITTED = "submitted", "已交卷"
    AUTO_SUBMITTED = "auto_submitted", "自动交卷"
    VOIDED = "voided", "作废"
