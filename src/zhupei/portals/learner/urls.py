"""The menu of the learner's portal."""

from django.urls import path

from zhupei.portals.learner.views import exams, home, plans, practice, results

app_name = "learner"
urlpatterns = [
    path("", home.home, name="home"),
    path("enrollments/<int:pk>/", home.enrollment, name="enrollment"),
    path("messages/", home.messages, name="messages"),
    path("me/", home.me, name="me"),
    *plans.urlpatterns,
    *exams.urlpatterns,
    *results.urlpatterns,
    *practice.urlpatterns,
]
