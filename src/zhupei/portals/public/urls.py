"""The public face: what anybody may open without signing in."""

from django.urls import path, register_converter

from zhupei.portals.public.views import (
    downloads,
    home,
    institutions,
    notices,
    passwords,
    registration,
    sign_in,
    sms_inbox,
)


class PortalConverter:
    """The portals that have a sign-in."""

    regex = "enterprise|institution|authority|learner"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        if value not in self.regex.split("|"):
            raise ValueError(value)
        return value


register_converter(PortalConverter, "portal")

app_name = "public"
urlpatterns = [
    path("", home.home, name="home"),
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/<portal:portal>/", sign_in.sign_in, name="sign_in"),
    path("second-step/", sign_in.second_step, name="second_step"),
    path("first-sign-in/", sign_in.first_sign_in, name="first_sign_in"),
    path("forgot-password/<portal:portal>/", passwords.forgot_password, name="forgot_password"),
    path("register/", registration.register, name="register"),
    path("register/code-taken/", registration.code_taken, name="code_taken"),
    path("register/letter.<str:ext>", registration.letter, name="letter"),
    path("register/documents/<str:slot>/", registration.document, name="register_document"),
    path("register/documents/<str:slot>/delete/", registration.delete_document, name="delete_document"),
    path("agreement/", home.agreement, name="agreement"),
    path("institutions/", institutions.institutions, name="institutions"),
    path("institutions/<int:pk>/", institutions.institution, name="institution"),
    path("notices/", notices.notices, name="notices"),
    path("notices/<int:pk>/", notices.notice, name="notice"),
    path("downloads/", downloads.downloads, name="downloads"),
    path("downloads/<slug:key>.<str:ext>", downloads.download, name="download"),
    path("help/", home.help_page, name="help"),
    path("dev/sms/", sms_inbox.sms_inbox, name="sms_inbox"),
]
