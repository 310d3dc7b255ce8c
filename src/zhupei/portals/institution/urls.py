"""The menu of this portal; every entry keeps its own addresses beside its views."""

from zhupei.portals.institution.views import eligibility_case, home, offers, payments, people, profile

app_name = "institution"
urlpatterns = [
    *home.urlpatterns,
    *eligibility_case.urlpatterns,
    *offers.urlpatterns,
    *payments.urlpatterns,
    *people.urlpatterns,
    *profile.urlpatterns,
]
