"""The app that brings templates, tags and static files."""

from __future__ import annotations

from django.apps import AppConfig
from django.http import HttpRequest


class UiConfig(AppConfig):
    name = "foundation.ui"
    label = "ui"

    def ready(self) -> None:
        """Plain words for an empty field in every form; every export of a list goes into the audit log."""
        from django.forms import Field

        from foundation.ui import pages

        Field.default_error_messages["required"] = "请填写这一项。"
        pages.on_export.append(record_export)


def record_export(request: HttpRequest, name: str, rows: int) -> None:
    """SEC-02: who exported which list, how many rows, by which filters (their names: values may be personal)."""
    from foundation.audit.services import record
    from foundation.scoping import ANONYMOUS

    filters = sorted(key for key in request.GET if request.GET[key] and key != "format")
    record(
        getattr(request, "actor", ANONYMOUS),
        "list.export",
        list=name,
        rows=rows,
        path=request.path,
        filters=filters,
    )
