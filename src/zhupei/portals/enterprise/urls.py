"""The menu of this portal; every entry keeps its own addresses beside its views."""

from zhupei.portals.enterprise.views import (
    assessments,
    batches,
    enroll,
    home,
    institutions,
    invoices,
    materials,
    orders,
    people,
    plan_rosters,
    plans,
    profile,
    registration,
    rosters,
    search,
    single,
)

app_name = "enterprise"
urlpatterns = [
    *home.urlpatterns,
    *search.urlpatterns,
    *enroll.urlpatterns,
    *rosters.urlpatterns,
    *single.urlpatterns,
    *batches.urlpatterns,
    *materials.urlpatterns,
    *orders.urlpatterns,
    *invoices.urlpatterns,
    *plans.urlpatterns,
    *plan_rosters.urlpatterns,
    *assessments.urlpatterns,
    *people.urlpatterns,
    *institutions.urlpatterns,
    *registration.urlpatterns,
    *profile.urlpatterns,
]
