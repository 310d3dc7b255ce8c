"""The app that brings templates, tags and static files."""

from __future__ import annotations

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "foundation.ui"
    label = "ui"
