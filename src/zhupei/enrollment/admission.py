"""Who may be enrolled, and what must be there before an enrollment is handed in to the institution.

Later stages add a condition by registering it (architecture.md, 'three knots'); nothing is imported upward. A check is
asked about many enrollments at once, so that handing in a whole batch costs no query per person.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from foundation.errors import DomainError
from foundation.naming import some_clauses, some_of
from foundation.scoping import Actor
from foundation.workflow.models import TransitionLog
from zhupei.catalog.models import Offer, ProgrammeRules
from zhupei.enrollment.models import Enrollment, EnrollmentState, Material, MaterialKind
from zhupei.organizations.models import Organization
from zhupei.organizations.queries import bar_in_force
from zhupei.organizations.roles import Capability, require
from zhupei.people import queries as people

Check = Callable[[Sequence[Enrollment]], Mapping[int, str]]
_CHECKS: list[Check] = []


def register(check: Check) -> Check:
    """`check(enrollments)` returns primary key → one Chinese sentence for those that must be refused."""
    _CHECKS.append(check)
    return check


# --- what must be there


def required_kinds(programme_ids: Iterable[int]) -> dict[int, list[str]]:
    """Programme → kinds of images it asks for today, in the order of MaterialKind; all six when no rules say otherwise."""
    wanted = set(programme_ids)
    found: dict[int, list[str]] = {}
    for rules in ProgrammeRules.objects.in_force().filter(programme_id__in=wanted):
        found.setdefault(rules.programme_id, list(rules.required_materials))
    every = list(MaterialKind.values)
    return {key: [kind for kind in every if kind in found.get(key, every)] for key in wanted}


def missing_kinds(
    enrollments: Sequence[Enrollment], required: Mapping[int, Sequence[str]] | None = None
) -> dict[int, list[str]]:
    """Primary key → kinds that are required and not there; complete ones are left out.

    Two queries, or one when the programmes' `required` kinds are known already.
    """
    required = required or required_kinds({row.programme_id for row in enrollments})
    present: dict[int, set[str]] = defaultdict(set)
    rows = Material.objects.filter(enrollment__in=[row.pk for row in enrollments])
    for key, kind in rows.values_list("enrollment_id", "kind"):
        present[key].add(kind)
    missing = {
        row.pk: [kind for kind in required[row.programme_id] if kind not in present[row.pk]]
        for row in enrollments
    }
    return {key: kinds for key, kinds in missing.items() if kinds}


def labels(kinds: Iterable[str]) -> list[str]:
    """The words for kinds of images."""
    return [str(MaterialKind(kind).label) for kind in kinds]


@register
def complete_materials(enrollments: Sequence[Enrollment]) -> dict[int, str]:
    """MAT-01: every required image is there."""
    return {
        key: f"还缺资料：{'、'.join(labels(kinds))}，请先上传。"
        for key, kinds in missing_kinds(enrollments).items()
    }


# --- who is barred (ORG-15)


def barred(id_number_indexes: Iterable[str]) -> dict[str, str]:
    """Blind index of the ID number → the sentence that refuses the person."""
    return {index: f"该人员{words}，不能报名。" for index, words in people.barred(id_number_indexes).items()}


@register
def not_barred(enrollments: Sequence[Enrollment]) -> dict[int, str]:
    """ORG-15: a barred person is refused and told why."""
    sentences = barred({row.id_number_index for row in enrollments})
    return {row.pk: sentences[row.id_number_index] for row in enrollments if row.id_number_index in sentences}


def check_offer(actor: Actor, offer: Offer, *, into_plan: bool = False) -> None:
    """Whether the actor's organization may enroll people for `offer` today; raises a DomainError that says why not.

    `into_plan`: the training stage asks, for a programme whose people are enrolled into plans.
    """
    organization = actor.body
    if actor.portal != "enterprise" or not isinstance(organization, Organization):
        raise DomainError("not_an_applicant", "请用报名单位的账号登录后再报名。")
    require(actor, Capability.ENROLL)
    if not organization.is_approved:
        raise DomainError("not_approved", "单位注册还没有通过审核，审核通过后才能报名。")
    if not Offer.objects.visible_to(actor).filter(pk=offer.pk).exists():
        raise DomainError("offer_not_on_offer", "这家培训机构不在本单位可选的范围内，请重新选择培训机构。")
    if not Offer.objects.open().filter(pk=offer.pk).exists():
        raise DomainError("offer_closed", "这个培训项目已停止报名，请选择其他培训机构或培训方式。")
    if not into_plan and offer.occupation.programme.is_plan_first:
        raise DomainError(
            "plan_first", f"{offer.occupation.programme}按培训计划报名，请等培训机构公布培训计划后再报名。"
        )
    for body, who in ((organization, "本单位"), (offer.institution, str(offer.institution))):
        if bar := bar_in_force(body):
            raise DomainError("body_barred", f"{who}{bar.in_words}，暂时不能报名。")


def taken(
    id_number_indexes: Iterable[str],
    offer: Offer,
    organization: Organization | None,
    *,
    besides: int | None = None,
) -> dict[str, str]:
    """Blind index → why the person cannot be enrolled again: the same occupation and level is unfinished (ENR-03).

    Another organization's name is not told. `besides` is an enrollment that does not count (the one being changed).
    """
    rows = Enrollment.objects.unfinished().filter(
        id_number_index__in=list(id_number_indexes), occupation=offer.occupation_id, level=offer.level_id
    )
    if besides is not None:
        rows = rows.exclude(pk=besides)
    found = {}
    for index, owner, state, number in rows.values_list(
        "id_number_index", "organization_id", "state", "batch__number"
    ):
        label = EnrollmentState(state).label
        if organization is not None and owner == organization.pk:
            found[index] = f"本单位已为该人员报名{offer.trade}（批次 {number}，{label}），不能重复报名。"
        else:
            found[index] = f"该人员已由其他单位报名{offer.trade}，结束之前不能重复报名，请与本人核实。"
    return found


# --- the machine's guards


def problems(enrollments: Sequence[Enrollment]) -> dict[int, list[str]]:
    """Primary key → everything that keeps an enrollment from being handed in; ready ones are left out."""
    found: dict[int, list[str]] = defaultdict(list)
    for check in _CHECKS:
        for key, sentence in check(enrollments).items():
            found[key].append(sentence)
    return dict(found)


def check_submissions(actor: Actor, enrollments: Sequence[Enrollment]) -> None:
    """The machine's guard: raises a DomainError naming everybody who is not ready and what is missing."""
    found = problems(enrollments)
    if not found:
        return
    held = [(row, found[row.pk]) for row in enrollments if row.pk in found]
    raise DomainError(
        "not_ready", f"{named(held)}。", items={str(key): value for key, value in found.items()}
    )


def named(held: Sequence[tuple[Enrollment, list[str]]]) -> str:
    """`陆一鸣：缺头像；沈若兰：…；等 7 人`, of people who cannot be handed in with what keeps each."""
    return some_clauses((f"{row.name}：{''.join(sentences)}" for row, sentences in held), 3)


def paid_once(enrollments: Sequence[Enrollment]) -> set[int]:
    """Which of the enrollments have been 已报名 before: their money is with the institution (ENR-08)."""
    logs = TransitionLog.objects.filter(
        subject_type=Enrollment._meta.label_lower,
        subject_id__in=[row.pk for row in enrollments],
        to_state=EnrollmentState.ENROLLED,
    )
    return set(logs.values_list("subject_id", flat=True))


def check_unpaid(actor: Actor, enrollments: Sequence[Enrollment]) -> None:
    """The guard of taking back: what has been paid is not taken back by the organization (ENR-08)."""
    paid = paid_once(enrollments)
    if paid:
        names = some_of(row.name for row in enrollments if row.pk in paid)
        raise DomainError(
            "already_paid", f"{names}已缴费，不能撤回；需要修改或退费的，请联系培训机构办理退回。"
        )
