"""The WSGI entry of the platform's web processes: saves of the exam are answered in front of Django."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhupei.config.settings")

_django = get_wsgi_application()

from zhupei.exam.wsgi import in_front_of  # noqa: E402 (Django has to be set up)

application = in_front_of(_django)

# What is loaded now stays: the garbage collector need not walk through it again and again while people wait.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
