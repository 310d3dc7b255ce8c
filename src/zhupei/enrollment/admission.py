"""Conditions for handing an enrollment in to the institution.

Later stages add a condition by registering it (architecture.md, 'three knots'); nothing is imported upward.
"""

from __future__ import annotations

from collections.abc import Callable

from foundation.errors import DomainError
from foundation.scoping import Actor
from zhupei.enrollment.models import Enrollment, MaterialKind
from zhupei.people.models import PersonBar

Check = Callable[[Enrollment], str | None]
_CHECKS: list[Check] = []


def register(check: Check) -> Check:
    """`check(enrollment)` returns one Chinese sentence when the enrollment must be refused, otherwise None."""
    _CHECKS.append(check)
    return check


def missing_materials(enrollment: Enrollment) -> list[str]:
    """Labels of the images the programme requires and that are not there yet."""
    rules = enrollment.programme.rules_on()
    required = rules.required_materials if rules else list(MaterialKind)
    present = set(enrollment.materials.values_list("kind", flat=True))
    return [str(MaterialKind(kind).label) for kind in required if kind not in present]


@register
def complete_materials(enrollment: Enrollment) -> str | None:
    missing = missing_materials(enrollment)
    return f"还缺资料：{'、'.join(missing)}，请先上传。" if missing else None


@register
def not_barred(enrollment: Enrollment) -> str | None:
    """ORG-15: a barred person is refused and told why."""
    bar = PersonBar.objects.in_force().filter(id_number_index=enrollment.id_number_index).first()
    if bar is None:
        return None
    until = f"至 {bar.ends_on}" if bar.ends_on else "未定解除日期"
    return f"该人员已被{bar.authority}列入黑名单（{bar.reason}，{until}），不能报名。"


def check_submission(actor: Actor, enrollment: Enrollment) -> None:
    """The machine's guard: raises a DomainError naming the person and everything that is missing."""
    problems = [sentence for check in _CHECKS if (sentence := check(enrollment))]
    if problems:
        raise DomainError(
            "not_ready", f"{enrollment.name}：{'；'.join(problems)}", items={str(enrollment.pk): problems}
        )
