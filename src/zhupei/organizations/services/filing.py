"""An institution hands in its file (机构备案) and takes it back while nobody has accepted it (ORG-12)."""

from __future__ import annotations

from django.db import transaction

from foundation.errors import DomainError, NotAllowedError
from foundation.review import services as reviews
from foundation.review.models import Review
from foundation.scoping import Actor
from zhupei.organizations.models import FileSlot, Institution, TeacherKind
from zhupei.organizations.review_items import INSTITUTION


def new_file_review(actor: Actor, institution: Institution) -> Review:
    """The review that an institution's file begins with: not handed in yet."""
    return reviews.begin(
        actor,
        INSTITUTION,
        label=institution.name,
        reviewer_key=f"authority:{institution.supervisor_id}",
        submitter_key=institution.key,
    )


def file_gaps(institution: Institution) -> dict[str, str]:
    """Everything that is missing before the file can be handed in: item → sentence."""
    there = set(institution.documents.values_list("slot", flat=True))
    gaps = {slot.value: f"请上传{slot.label}。" for slot in FileSlot if slot.value not in there}
    active = institution.teachers.filter(is_active=True)
    if not active.filter(kind=TeacherKind.OWN).exists():
        gaps["teachers"] = "请至少登记一名本机构的师资。"
    if not institution.sites.exists():
        gaps["sites"] = "请至少登记一处培训地点和教室。"
    elif not institution.sites.filter(rooms__is_active=True).exists():
        gaps["sites"] = "请在培训地点下至少登记一间教室或机房。"
    if not all((institution.account_name, institution.account_number, institution.account_bank)):
        gaps["account"] = "请填写收款账户的户名、账号和开户行。"
    if not institution.introduction.strip():
        gaps["introduction"] = "请填写机构介绍。"
    return gaps


def refuse_incomplete(institution: Institution) -> None:
    """Raise DomainError `file_incomplete` with everything that is missing."""
    if gaps := file_gaps(institution):
        raise DomainError("file_incomplete", "备案资料还不完整：" + "".join(gaps.values()), items=gaps)


def submit_institution_file(actor: Actor, institution: Institution) -> Review:
    """Hand the file in to the authority that set the institution up.

    Raises NotAllowedError, what `refuse_incomplete` raises, WrongStateError.
    """
    if actor.key != institution.key:
        raise NotAllowedError("只能提交本机构的备案。")
    with transaction.atomic():
        row = Institution.objects.select_for_update(of=("self",), no_key=True).get(pk=institution.pk)
        if row.review is None:
            row.review = new_file_review(actor, row)
            row.save(update_fields=["review"])
        reviews.submit(actor, row.review)
        institution.review = row.review
        return row.review


def withdraw_institution_file(actor: Actor, institution: Institution) -> None:
    """Take the file back, to go on with it, while nobody has accepted it."""
    if institution.review is None:
        raise DomainError("not_filed", "备案还没有提交，不需要撤回。")
    reviews.withdraw(actor, institution.review)


def refuse_unfiled(institution: Institution) -> None:
    """Raise DomainError `not_filed` while the institution's file is not approved."""
    if not institution.is_filed:
        raise DomainError(
            "not_filed",
            "机构备案还没有审核通过，不能提交培训计划；请先在“机构备案”里补齐资料并提交，审核通过后再提交计划。",
        )
