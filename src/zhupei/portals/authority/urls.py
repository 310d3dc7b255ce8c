"""The menu of the authority's portal."""

from zhupei.portals.authority.views import (
    blacklist,
    catalog,
    changes,
    home,
    institutions,
    notices,
    organizations,
)

app_name = "authority"
urlpatterns = [
    *home.urlpatterns,
    *organizations.urlpatterns,
    *changes.urlpatterns,
    *institutions.urlpatterns,
    *catalog.urlpatterns,
    *blacklist.urlpatterns,
    *notices.urlpatterns,
]
