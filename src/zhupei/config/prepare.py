"""Brings the database up to date before the services start; run by `zhupei serve` in a process of its own."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import django
from django.core.management import call_command


def main() -> None:
    """Migrate. In development also load the demonstration data once and print their accounts; in production
    collect the static files."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhupei.config.settings")
    django.setup()
    from django.conf import settings

    call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    if settings.ENVIRONMENT == "production":
        call_command("collectstatic", interactive=False, verbosity=0, stdout=sys.stderr)
    if settings.ENVIRONMENT == "development":
        call_command("demo")


if __name__ == "__main__":
    main()
