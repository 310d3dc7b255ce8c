"""What every portal uses."""

from django.urls import path

from zhupei.portals.shared.views import (
    codes,
    documents,
    jobs,
    messages,
    password,
    second_factor,
    session,
    staff,
)

app_name = "shared"
urlpatterns = [
    path("password/", password.change_password, name="change_password"),
    path("second-factor/", second_factor.second_factor, name="second_factor"),
    path("sign-out/", session.sign_out, name="sign_out"),
    path("messages/", messages.Inbox.as_view(), name="messages"),
    path("messages/<int:pk>/", messages.message, name="message"),
    path("files/<uuid:pk>/", documents.document, name="document"),
    path("jobs/<uuid:pk>/", jobs.job, name="job"),
    path("codes/", codes.send_code, name="send_code"),
    *staff.urlpatterns,
]
