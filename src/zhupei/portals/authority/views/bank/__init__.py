"""题库: questions, chapters, blueprints, import and review; there for the bank keepers of the province alone."""

from zhupei.portals.authority.views.bank import (
    blueprints,
    chapters,
    editing,
    imports,
    overview,
    questions,
    reviews,
)

# The addresses of one bank come last: what stands in them could be any word.
urlpatterns = [
    *overview.urlpatterns,
    *reviews.urlpatterns,
    *imports.urlpatterns,
    *editing.urlpatterns,
    *chapters.urlpatterns,
    *blueprints.urlpatterns,
    *questions.urlpatterns,
]
