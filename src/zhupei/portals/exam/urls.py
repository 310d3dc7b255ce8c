"""/exam/: the examinee's page."""

from django.urls import path

from zhupei.portals.exam import views

app_name = "exam"
urlpatterns = [
    path("", views.page, name="page"),
]
