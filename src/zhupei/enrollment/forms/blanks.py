"""下载中心: the blank forms that anybody may download, in the order of the guide's attachments."""

from __future__ import annotations

from foundation.documents.blanks import BlankForm
from zhupei.enrollment.forms.application_form import (
    ApplicationForm,
    application_form_docx,
    application_form_pdf,
)
from zhupei.enrollment.forms.majors import majors_docx, majors_pdf
from zhupei.enrollment.forms.roster_summary import (
    RosterSummary,
    roster_summary_docx,
    roster_summary_pdf,
)
from zhupei.enrollment.forms.work_years import WorkYearsCertificate, work_years_docx, work_years_pdf
from zhupei.organizations.forms import COMMITMENT_LETTER_BLANK

BLANK_FORMS: tuple[BlankForm, ...] = (
    COMMITMENT_LETTER_BLANK,
    BlankForm(
        key="application-form",
        title="职业培训报名表",
        purpose="学员填写并签名，单位审核后盖章",
        renderers={
            "docx": lambda: application_form_docx(ApplicationForm()),
            "pdf": lambda: application_form_pdf([]),
        },
    ),
    BlankForm(
        key="work-years",
        title="工作年限证明",
        purpose="单位证明学员的岗位工作年限，签字盖章",
        renderers={
            "docx": lambda: work_years_docx(WorkYearsCertificate()),
            "pdf": lambda: work_years_pdf([]),
        },
    ),
    BlankForm(
        key="roster-summary",
        title="报名人员信息汇总表",
        purpose="打印存档用；导入报名请用学员报名页面的表格模板",
        renderers={
            "docx": lambda: roster_summary_docx(RosterSummary()),
            "pdf": lambda: roster_summary_pdf(RosterSummary()),
        },
    ),
    BlankForm(
        key="majors",
        title="土建类本专业、相关专业对应表",
        purpose="对照所学专业是本专业还是相关专业",
        renderers={"docx": majors_docx, "pdf": majors_pdf},
    ),
)


def blank_form(key: str) -> BlankForm | None:
    """The form of that key, if there is one."""
    return next((form for form in BLANK_FORMS if form.key == key), None)
