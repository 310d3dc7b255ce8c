"""The roster's template (ENR-02) and the roster given back with its errors marked (ENR-04)."""

from __future__ import annotations

from typing import Final

from foundation.sheets.form import FormColumn, write_form
from foundation.sheets.marked import write_marked
from foundation.sheets.writer import Target
from zhupei.enrollment.roster import RosterVerdict
from zhupei.enrollment.roster_columns import COLUMNS, REQUIRED_COLUMNS, WORK_UNIT
from zhupei.enrollment.roster_values import EDUCATION_LEVELS, GENDERS

TITLE: Final = "报名人员信息汇总表"
TEMPLATE_FILE_NAME: Final = "报名人员信息汇总表.xlsx"
MARKED_FILE_NAME: Final = "报名人员信息汇总表（标红待改）.xlsx"
PREFILLED_ROWS: Final = 100

# The first line is the note below the form in the guide's attachment 4, word for word.
INSTRUCTIONS: Final = (
    "模板内容皆为必填，身份证号不可以是这种‘1.10101E+17’格式，性别、学历信息请从列表中选择，‘工作单位’填写工作单位的全称，请按要求填写。",
    f"必填的是前六列：{'、'.join(REQUIRED_COLUMNS)}；灰色表头的几列可以不填。",
    f"性别从列表选择：{'、'.join(GENDERS)}。",
    f"学历从列表选择：{'、'.join(EDUCATION_LEVELS)}。",
    "身份证号填 18 位，末位是 X 的填大写 X；从别处复制时请用“只粘贴文本”，不要改变单元格的文本格式。",
    "手机号填学员本人在用的 11 位手机号，用来接收短信和登录学习平台。",
    "工作单位与本单位营业执照上的全称一致；学校组织报名的填学校全称。",
    "毕业时间写成 2010-07，岗位工作年限写年数，例如 5。",
    "一行填一人，不要合并单元格，不要改表头；不同岗位、不同培训方式请分开填写。",
)

_FORM_COLUMNS: Final = tuple(
    FormColumn(
        column.label, column.width, column.choices, column.length, column.hint, required=column.required
    )
    for column in COLUMNS
)


def write_template(
    target: Target, *, organization_name: str | None = None, prefilled_rows: int = PREFILLED_ROWS
) -> None:
    """Write the empty roster to a path or binary file.

    With `organization_name` the work unit stands in the first `prefilled_rows` rows already; rows with
    nothing else are not counted when the roster comes back.
    """
    write_form(
        target,
        _FORM_COLUMNS,
        sheet_name=TITLE,
        instructions=INSTRUCTIONS,
        prefilled={WORK_UNIT: organization_name} if organization_name else None,
        prefilled_rows=prefilled_rows if organization_name else 0,
    )


def write_marked_roster(target: Target, verdict: RosterVerdict, *, only_wrong: bool = False) -> None:
    """Write the judged roster back with wrong cells red, a note at each and a last column 问题.

    Rows keep their numbers (with `only_wrong` the good rows are left out, the others move up). The file
    can be corrected and submitted as it is.
    """
    used = [
        column
        for column in _FORM_COLUMNS
        if column.required or any(row.raw.get(column.heading) for row in verdict.rows)
    ]
    places = {column.heading: place for place, column in enumerate(used)}
    header_row = verdict.file.header_row if verdict.file and not only_wrong else 1
    rows: list[tuple[int, list[str]]] = []
    marks: dict[tuple[int, int], str] = {}
    for row in verdict.rows:
        if only_wrong and row.good:
            continue
        number = len(rows) + 2 if only_wrong else row.number
        rows.append((number, [row.raw.get(column.heading, "") for column in used]))
        for error in row.errors:
            key = (number, places[error.column])
            marks[key] = f"{marks[key]}{error.message}" if key in marks else error.message
    write_marked(target, used, rows, marks, header_row=header_row, sheet_name=TITLE, title=TITLE)
