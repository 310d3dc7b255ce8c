"""A refusal by the business, shown at the fields of the form it is about."""

from __future__ import annotations

from collections.abc import Mapping

from django import forms

from foundation.errors import DomainError


def show_on(form: forms.BaseForm, refusal: DomainError, names: Mapping[str, str] | None = None) -> None:
    """Put every item at its field; what has no field of that name goes to the top.

    `names`: item key → field name where they differ. Without a matching item the sentence itself goes to the top.
    """
    placed = False
    for item, sentence in refusal.items.items():
        field = (names or {}).get(item, item)
        if field in form.fields:
            form.add_error(field, str(sentence))
            placed = True
        elif isinstance(sentence, str):
            form.add_error(None, sentence)
            placed = True
    if not placed:
        form.add_error(None, refusal.message)
