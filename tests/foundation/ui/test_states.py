"""Badges: one color per state on every page."""

from __future__ import annotations

import pytest
from django.db import models

from foundation.jobs.models import Job, JobState
from foundation.ui.states import badge_of_choice, badge_of_field, register_state_styles


class Light(models.TextChoices):
    RED = "red", "停"
    GREEN = "green", "行"


def test_a_registered_state_has_its_color_and_the_label_of_its_choices() -> None:
    """ui.md: state colors are the same everywhere."""
    register_state_styles(Light, {"red": "bad"})
    assert badge_of_choice(Light.RED) == ("bad", "停")
    assert badge_of_choice(Light.GREEN) == ("mute", "行")


def test_a_row_finds_its_color_through_the_choices_of_its_field() -> None:
    """A state read from the database is plain text; the field's choices lead to the registered class."""
    register_state_styles(JobState, {JobState.FAILED: "bad", JobState.SUCCEEDED: "ok"})
    assert badge_of_field(Job(state="failed")) == ("bad", "未完成")
    assert badge_of_field(Job(state="queued")) == ("mute", "排队中")


@pytest.mark.parametrize("styles", [{"blue": "ok"}, {"red": "purple"}])
def test_a_state_or_color_that_does_not_exist_is_refused_at_start_up(styles: dict[str, str]) -> None:
    """A renamed state is noticed when the stage registers its colors."""
    with pytest.raises(ValueError):
        register_state_styles(Light, styles)
