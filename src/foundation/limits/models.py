"""What was done how often of late."""

from __future__ import annotations

from django.db import models


class Use(models.Model):
    """One use of something that is limited. `key` is a digest: neither phone nor address nor ticket stands here."""

    key = models.CharField(max_length=32)
    at = models.DateTimeField()
    counts_until = models.DateTimeField()

    class Meta:
        verbose_name = verbose_name_plural = "次数"
        indexes = [models.Index(fields=["key", "-at"], name="uses_of_late")]
