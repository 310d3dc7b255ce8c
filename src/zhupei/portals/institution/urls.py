"""The menu of this portal; every entry keeps its own addresses beside its views."""

from zhupei.portals.institution.views import (
    appeals,
    assessment_form,
    assessments,
    eligibility_case,
    exam_record,
    facilities,
    home,
    invigilation,
    invoices,
    offers,
    payments,
    people,
    plan_attendance,
    plan_people,
    plans,
    practical,
    profile,
    scores,
)

app_name = "institution"
urlpatterns = [
    *home.urlpatterns,
    *eligibility_case.urlpatterns,
    *offers.urlpatterns,
    *payments.urlpatterns,
    *invoices.urlpatterns,
    *plans.urlpatterns,
    *plan_people.urlpatterns,
    *plan_attendance.urlpatterns,
    *assessments.urlpatterns,
    *assessment_form.urlpatterns,
    *invigilation.urlpatterns,
    *exam_record.urlpatterns,
    *practical.urlpatterns,
    *scores.urlpatterns,
    *appeals.urlpatterns,
    *people.urlpatterns,
    *profile.urlpatterns,
    *facilities.urlpatterns,
]
