"""The WSGI entry: Django alone, for servers that know nothing else. `zhupei serve` runs zhupei.config.rsgi."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhupei.config.settings")

application = get_wsgi_application()
