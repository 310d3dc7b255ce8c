"""The menu of the authority's portal."""

from zhupei.portals.authority.views import (
    assessments,
    bank,
    blacklist,
    catalog,
    changes,
    home,
    institution_files,
    institutions,
    notices,
    organizations,
    plans,
    score_analysis,
    scores,
)

app_name = "authority"
urlpatterns = [
    *home.urlpatterns,
    *organizations.urlpatterns,
    *changes.urlpatterns,
    *institutions.urlpatterns,
    *institution_files.urlpatterns,
    *plans.urlpatterns,
    *assessments.urlpatterns,
    *scores.urlpatterns,
    *score_analysis.urlpatterns,
    *catalog.urlpatterns,
    *bank.urlpatterns,
    *blacklist.urlpatterns,
    *notices.urlpatterns,
]
