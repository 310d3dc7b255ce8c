"""Brings the database up to date before the services start; run by `zhupei serve` in a process of its own."""

from __future__ import annotations

import os
import sys

import django
from django.core.management import call_command


def main() -> None:
    """Migrate; outside production also load the demonstration data once and print their accounts."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhupei.config.settings")
    django.setup()
    call_command("migrate", interactive=False, verbosity=0, stdout=sys.stderr)
    if os.environ.get("ZHUPEI_ENV") != "production":
        call_command("demo")


if __name__ == "__main__":
    main()
