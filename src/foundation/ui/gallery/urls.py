"""Addresses of the gallery."""

from __future__ import annotations

from django.urls import path

from foundation.ui.gallery import views

app_name = "gallery"
urlpatterns = [
    path("", views.page, {"name": "index"}, name="index"),
    path("upload/", views.upload, name="upload"),
    path("reveal/", views.reveal, name="reveal"),
    path("job/<int:done>/", views.job, name="job"),
    path("picture/<slug:name>.svg", views.picture, name="picture"),
    path("error/<int:status>/", views.error, name="error"),
    path("<slug:name>/", views.page, name="page"),
]
