"""Scores as pages show them."""

from __future__ import annotations

from django import template
from django.utils.safestring import SafeString

from foundation.ui.templatetags.ui import badge_html
from zhupei.exam.scores.models import ScoreLine
from zhupei.portals.shared import score_pages

register = template.Library()
register.filter("points", score_pages.points)


@register.simple_tag
def result_badge(line: ScoreLine) -> SafeString:
    """合格, 不合格, 缺考, 作弊 or 作废 of a line."""
    return badge_html(score_pages.result_badge(line))
