"""The seam to procrastinate: enqueue in the caller's transaction."""

from __future__ import annotations

from typing import Any

from procrastinate.contrib.django import app


def defer(task: str, **arguments: Any) -> None:
    """Enqueue the task of that name; it exists for workers once the surrounding transaction has committed."""
    app.configure_task(task).defer(**arguments)


def on_app_ready(procrastinate_app: Any) -> None:
    """Settings' hook: nothing but the tasks modules needs loading."""
