"""How far each number series has come."""

from __future__ import annotations

from django.db import models


class Counter(models.Model):
    """The last number of one prefix of a kind; moved by foundation.numbers.series alone."""

    kind = models.CharField("类别", max_length=40)
    prefix = models.CharField("前缀", max_length=60)
    last = models.PositiveBigIntegerField("最后序号")

    class Meta:
        verbose_name = verbose_name_plural = "编号计数"
        constraints = [models.UniqueConstraint(fields=["kind", "prefix"], name="one_counter_a_prefix")]

    def __str__(self) -> str:
        return f"{self.kind} {self.prefix}{self.last}"
