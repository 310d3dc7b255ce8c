"""The map of the platform: one prefix a portal."""

from django.conf import settings
from django.urls import include, path

from zhupei.portals.shared.views import health

urlpatterns = [
    path("healthz", health.alive),
    path("readyz", health.ready),
    path("", include("zhupei.portals.public.urls")),
    path("", include("zhupei.portals.shared.urls")),
    path("enterprise/", include("zhupei.portals.enterprise.urls")),
    path("institution/", include("zhupei.portals.institution.urls")),
    path("authority/", include("zhupei.portals.authority.urls")),
    path("learner/", include("zhupei.portals.learner.urls")),
    path("exam/", include("zhupei.portals.exam.urls")),
]

if settings.DEBUG or settings.TESTING:
    urlpatterns.append(path("dev/components/", include("foundation.ui.gallery.urls")))

handler400 = "zhupei.portals.shared.views.errors.bad_request"
handler403 = "zhupei.portals.shared.views.errors.forbidden"
handler404 = "zhupei.portals.shared.views.errors.not_found"
handler500 = "zhupei.portals.shared.views.errors.server_error"
