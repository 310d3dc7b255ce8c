"""Which color a state has: stages register it beside their choices, every page shows the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, cast

from django.db import models

TONES = frozenset({"ok", "wait", "bad", "info", "mute"})
DEFAULT_TONE = "mute"

_by_class: dict[type[models.Choices], dict[str, str]] = {}
_by_choices: dict[tuple[tuple[str, str], ...], type[models.Choices]] = {}


class Badge(NamedTuple):
    """A tone (`ok`, `wait`, `bad`, `info`, `mute`) and the words beside it."""

    tone: str
    label: str


def _key(choices: object) -> tuple[tuple[str, str], ...]:
    return tuple((str(value), str(label)) for value, label in cast("list[tuple[object, object]]", choices))


def register_state_styles(choices: type[models.Choices], styles: Mapping[str, str]) -> None:
    """Give the members of a `TextChoices` class their tones; a member that is not named is gray.

    Raises ValueError for a tone or a member that does not exist: a renamed state is noticed at start-up.
    """
    values = {str(value) for value in choices.values}
    for state, tone in styles.items():
        if str(state) not in values:
            raise ValueError(f"{choices.__name__} has no member {state!r}")
        if tone not in TONES:
            raise ValueError(f"{tone!r} is not a tone; use one of {sorted(TONES)}")
    _by_class[choices] = {str(state): tone for state, tone in styles.items()}
    _by_choices[_key(choices.choices)] = choices


def badge_of_choice(choice: models.Choices | object) -> Badge:
    """The badge of an enum member; a plain value is shown as it is, in gray."""
    if isinstance(choice, models.Choices):
        styles = _by_class.get(type(choice), {})
        return Badge(styles.get(str(choice.value), DEFAULT_TONE), str(choice.label))
    return Badge(DEFAULT_TONE, str(choice))


def badge_of_field(row: models.Model, field: str = "state") -> Badge:
    """The badge of a row's choice field: its label from the choices, its tone from the registry."""
    value = getattr(row, field)
    choices = list(row._meta.get_field(field).flatchoices)  # type: ignore[union-attr]
    label = next((str(text) for key, text in choices if str(key) == str(value)), str(value))
    registered = _by_choices.get(_key(choices))
    tone = _by_class[registered].get(str(value), DEFAULT_TONE) if registered else DEFAULT_TONE
    return Badge(tone, label)
