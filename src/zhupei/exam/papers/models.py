"""Papers: one a candidate, drawn by a stored seed, prepared before the exam starts (EXM-02)."""

from __future__ import annotations

from django.db import models

from foundation.crypto import EncryptedJSONField
from foundation.scoping import ScopedQuerySet
from zhupei.assessment.models import AssessmentPlan, Candidate
from zhupei.catalog.models import OfTrade


class PaperSet(OfTrade):
    """What the papers of one trade in one plan are drawn from, frozen.

    `blueprint` = [{"chapter": id|null, "type", "difficulty"|null, "count", "points": "1.0"}], `pool` = primary keys
    of the question versions in their order, `seed` the plan's; together they rebuild every paper exactly.
    """

    plan = models.ForeignKey(AssessmentPlan, on_delete=models.CASCADE, related_name="paper_sets")
    blueprint_version = models.PositiveSmallIntegerField("组卷方案版本")
    blueprint = models.JSONField("组卷方案")
    pool = models.JSONField("题目范围")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "试卷集"
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "occupation", "level"], nulls_distinct=False, name="one_paper_set_a_kind"
            )
        ]


class Paper(models.Model):
    """试卷. `body` is what the examinee's browser gets: zlib-compressed JSON of the list of questions, without the key.

    Its questions are numbered "1", "2", … in the order shown; that number is the question's id in the API.
    `key` (sealed) = [{"version": id, "part": 0…|null, "type", "answer": ["B"], "points": "1.0", "options": [2, 0, 1, 3]}],
    one entry a question in the same order; `answer` in the letters as shown, `options` the original position of each
    option shown. `digest` = SHA-256 of the uncompressed body.
    """

    candidate = models.OneToOneField(Candidate, on_delete=models.CASCADE, related_name="paper")
    paper_set = models.ForeignKey(PaperSet, on_delete=models.PROTECT, related_name="papers")
    seed = models.BigIntegerField("种子")
    body = models.BinaryField("试卷内容")
    key = EncryptedJSONField("答案")
    question_count = models.PositiveSmallIntegerField("题数")
    digest = models.CharField("摘要", max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    # No `seen_by`: a paper is shown through the exam API or rebuilt for an appeal; no list of papers exists (EXM-07).
    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "试卷"
