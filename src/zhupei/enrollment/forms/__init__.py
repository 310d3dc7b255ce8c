"""Paper forms of enrollment, blank and filled, as PDF and Word, and the list of blanks to download."""

from zhupei.enrollment.forms.application_form import (
    ApplicationForm,
    application_form_docx,
    application_form_pdf,
)
from zhupei.enrollment.forms.blanks import BLANK_FORMS, blank_form
from zhupei.enrollment.forms.majors import GUIDE_ROWS, MajorsRow, majors_docx, majors_pdf
from zhupei.enrollment.forms.roster_summary import (
    RosterLine,
    RosterSummary,
    roster_summary_docx,
    roster_summary_pdf,
)
from zhupei.enrollment.forms.work_years import (
    WorkPeriod,
    WorkYearsCertificate,
    work_years_docx,
    work_years_pdf,
)

__all__ = [
    "BLANK_FORMS",
    "GUIDE_ROWS",
    "ApplicationForm",
    "MajorsRow",
    "RosterLine",
    "RosterSummary",
    "WorkPeriod",
    "WorkYearsCertificate",
    "application_form_docx",
    "application_form_pdf",
    "blank_form",
    "majors_docx",
    "majors_pdf",
    "roster_summary_docx",
    "roster_summary_pdf",
    "work_years_docx",
    "work_years_pdf",
]
