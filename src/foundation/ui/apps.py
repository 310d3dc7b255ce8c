"""The app that brings templates, tags and static files."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "foundation.ui"
    label = "ui"

    def ready(self) -> None:
        """Plain words for an empty field, in every form."""
        from django.forms import Field

        Field.default_error_messages["required"] = "请填写这一项。"
