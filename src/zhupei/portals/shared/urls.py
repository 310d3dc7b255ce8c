"""The menu of this portal."""

from django.urls import path

app_name = "shared"
urlpatterns: list = []
