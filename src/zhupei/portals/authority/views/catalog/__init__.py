"""目录管理: programmes, their figures, occupations, levels and tables of majors; the province edits, cities read."""

from zhupei.portals.authority.views.catalog import eligibility, occupations, programmes

urlpatterns = [*programmes.urlpatterns, *occupations.urlpatterns, *eligibility.urlpatterns]
