"""The paper forms of enrollments, filled with what is known: to print, sign and seal (ENR-06)."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from django.utils import timezone

from foundation.documents.text import year_month
from foundation.errors import DomainError
from zhupei.enrollment.forms import (
    ApplicationForm,
    RosterLine,
    RosterSummary,
    WorkPeriod,
    WorkYearsCertificate,
    application_form_pdf,
    roster_summary_pdf,
    work_years_pdf,
)
from zhupei.enrollment.models import Batch, Enrollment, Material, MaterialKind

MOST_AT_ONCE = 200
_PICTURES = (MaterialKind.PORTRAIT, MaterialKind.ID_FRONT, MaterialKind.ID_BACK)


def application_forms(enrollments: Sequence[Enrollment]) -> bytes:
    """报名表 as PDF, one page a person in the order given, with portrait and ID card where they are there."""
    _refuse_too_many(enrollments)
    pictures = _pictures(enrollments)
    return application_form_pdf([application_form(row, pictures.get(row.pk, {})) for row in enrollments])


def application_form(enrollment: Enrollment, pictures: Mapping[str, bytes]) -> ApplicationForm:
    """One person's form; `pictures`: kind of material → image file."""
    years = enrollment.practice_years
    return ApplicationForm(
        name=enrollment.name,
        gender=enrollment.get_gender_display(),
        birth_month=year_month(enrollment.birth_date),
        id_number=enrollment.id_number,
        major=enrollment.major,
        education=enrollment.get_education_display(),
        graduated=_month_in_words(enrollment.graduated_on),
        occupation=str(enrollment.trade),
        years_of_practice="" if years is None else f"{years.normalize():f}",
        work_unit=enrollment.work_unit,
        address=enrollment.address,
        phone=enrollment.phone,
        email=enrollment.email,
        filled_on=timezone.localdate(),
        portrait=pictures.get(MaterialKind.PORTRAIT),
        id_front=pictures.get(MaterialKind.ID_FRONT),
        id_back=pictures.get(MaterialKind.ID_BACK),
    )


def work_years_certificates(enrollments: Sequence[Enrollment]) -> bytes:
    """工作年限证明 as PDF, one page a person in the order given."""
    _refuse_too_many(enrollments)
    return work_years_pdf([work_years_certificate(row) for row in enrollments])


def work_years_certificate(enrollment: Enrollment) -> WorkYearsCertificate:
    """One person's certificate with the work history as entered."""
    years = enrollment.practice_years
    periods = [
        WorkPeriod(start, _first_of(period.get("end", "")), period.get("post", ""))
        for period in enrollment.practice_periods
        if (start := _first_of(period.get("start", "")))
    ]
    return WorkYearsCertificate(
        name=enrollment.name,
        years="" if years is None else f"{years.normalize():f}",
        periods=periods,
        work_unit=enrollment.work_unit,
    )


def roster_summary(batch: Batch) -> bytes:
    """报名人员信息汇总表 as PDF: everybody of the batch whose enrollment was not taken back."""
    people = [
        RosterLine(
            row.name,
            row.get_gender_display(),
            row.id_number,
            row.phone,
            row.get_education_display(),
            row.work_unit,
        )
        for row in batch.enrollments.exclude(state="withdrawn").order_by("pk")
    ]
    return roster_summary_pdf(
        RosterSummary(
            people,
            batch_number=batch.number,
            organization_name=batch.organization.name,
            institution_name=batch.institution.name,
            occupation=str(batch.trade),
            delivery=batch.get_delivery_display(),
        )
    )


def _refuse_too_many(enrollments: Sequence[Enrollment]) -> None:
    if not enrollments:
        raise DomainError("nobody", "没有可以打印的人员。")
    if len(enrollments) > MOST_AT_ONCE:
        raise DomainError(
            "too_many",
            f"一次最多打印 {MOST_AT_ONCE} 人，现在是 {len(enrollments)} 人，请在人员列表里勾选后分批打印。",
        )


def _pictures(enrollments: Sequence[Enrollment]) -> dict[int, dict[str, bytes]]:
    found: dict[int, dict[str, bytes]] = defaultdict(dict)
    rows = Material.objects.filter(enrollment__in=[row.pk for row in enrollments], kind__in=_PICTURES)
    for material in rows.select_related("document"):
        try:
            with material.document.file.open("rb") as file:
                found[material.enrollment_id][material.kind] = file.read()
        except FileNotFoundError:
            continue  # the form leaves the place empty
    return found


def _first_of(month: str) -> dt.date | None:
    """`2015-03` → the first of that month."""
    try:
        return dt.date.fromisoformat(f"{month}-01") if len(month) == 7 else None
    except ValueError:
        return None


def _month_in_words(month: str) -> str:
    """`2015-06` → 2015年6月, `2015` → 2015年, other text as it is."""
    day = _first_of(month)
    if day:
        return year_month(day)
    return f"{month}年" if len(month) == 4 and month.isdigit() else month
