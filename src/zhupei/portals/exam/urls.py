"""/exam/: the examinee's page and its API."""

from django.urls import path

from zhupei.portals.exam import api, views

app_name = "exam"
urlpatterns = [
    path("", views.page, name="page"),
    path("api/session", api.session, name="api_session"),
    path("api/sign-in", api.sign_in, name="api_sign_in"),
    path("api/face", api.face, name="api_face"),
    path("api/start", api.start, name="api_start"),
    path("api/answers", api.answers, name="api_answers"),
    path("api/submit", api.submit, name="api_submit"),
    path("api/presence", api.presence, name="api_presence"),
    path("api/<path:rest>", api.unknown),
]
