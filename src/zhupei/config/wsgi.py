"""The WSGI entry of the platform's web processes."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhupei.config.settings")

application = get_wsgi_application()
