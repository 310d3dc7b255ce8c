"""Invented people and values that strain a form's layout."""

from __future__ import annotations

import io
from datetime import date

from PIL import Image

from zhupei.enrollment.forms import ApplicationForm, WorkPeriod, WorkYearsCertificate

LONG_UNIT = "浙江省某某某某某某建筑工程技术开发集团股份有限公司杭州钱塘新区分公司第三工程处" * 2
LONG_MAIL = (
    "a.very.long.mail.address.of.somebody.with.a.long.name@subdomain.department.example-company.com.cn"
)
INJECTION = '#read("/etc/passwd")*b*'


def jpeg(width: int = 295, height: int = 413) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), "lightblue").save(buffer, "JPEG")
    return buffer.getvalue()


def application(**changes: object) -> ApplicationForm:
    values: dict[str, object] = {
        "name": "张晨光",
        "gender": "男",
        "birth_month": "1988年5月",
        "id_number": "33010619880501123X",
        "major": "土木工程",
        "education": "本科",
        "graduated": "2010年6月",
        "occupation": "施工员（土建）",
        "years_of_practice": "8年",
        "work_unit": "浙江晨光建设有限公司",
        "address": "浙江省杭州市西湖区文三路100号",
        "phone": "13800000000",
        "email": "zhang@example.com",
        "filled_on": date(2026, 11, 2),
    }
    return ApplicationForm(**{**values, **changes})  # type: ignore[arg-type]


def straining_application() -> ApplicationForm:
    return application(
        name="买买提江·阿卜杜热西提·䶮㛃",
        major="建筑工程技术与给水排水工程及建筑环境设备工程",
        education="硕士研究生",
        occupation="施工员（设备安装）、质量员（装饰装修）、标准员",
        years_of_practice="12年零11个月（含实习）",
        work_unit=LONG_UNIT,
        address="浙江省杭州市钱塘新区" * 10,
        email=LONG_MAIL,
        portrait=b"not an image",
    )


def certificate(periods: int = 2) -> WorkYearsCertificate:
    return WorkYearsCertificate(
        name="张晨光",
        years="8",
        work_unit="浙江晨光建设有限公司",
        periods=[
            WorkPeriod(date(2005 + n, 7, 1), None if n == periods - 1 else date(2006 + n, 6, 1), f"岗位{n}")
            for n in range(periods)
        ],
    )
