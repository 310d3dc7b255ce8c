"""What the web processes run: saves of the exam are answered at once, everything else by Django in threads."""

import gc

from foundation.serving import Threaded
from zhupei.config.environment import env
from zhupei.config.wsgi import application as django
from zhupei.exam.front import Front  # needs Django to be set up

application = Front(Threaded(django, env("WEB_THREADS")))

# What is loaded now stays: the garbage collector need not walk through it again and again while people wait.
gc.collect()
gc.freeze()
gc.set_threshold(10_000, 20, 20)
