"""What the web processes run: saves of the exam are answered at once, everything else by Django in threads."""

import gc

from django.conf import settings

from foundation.serving import Threaded
from zhupei.config.environment import env
from zhupei.config.wsgi import application as django
from zhupei.exam.hall.front import Front  # needs Django to be set up

# Twice the longest that a form takes: it can say itself which file is too large.
application = Front(
    Threaded(
        django,
        env("WEB_THREADS"),
        longest=2 * env("MAX_ARCHIVE_BYTES"),
        folder=settings.FILE_UPLOAD_TEMP_DIR,
    )
)

# What is loaded now stays: the garbage collector need not walk through it again and again while people wait.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
