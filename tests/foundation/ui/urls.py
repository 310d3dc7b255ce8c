"""Only the gallery: foundation's tests need no portal."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("dev/components/", include("foundation.ui.gallery.urls"))]
