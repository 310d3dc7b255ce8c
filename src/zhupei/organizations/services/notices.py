"""An authority writes, publishes and takes back notices (通知公告)."""

from __future__ import annotations

from django.db import transaction

from foundation.audit import services as audit
from foundation.errors import DomainError, NotAllowedError, WrongStateError
from foundation.scoping import Actor
from foundation.workflow.machine import Machine, Transition
from foundation.workflow.models import TransitionLog
from zhupei.accounts.models import Portal
from zhupei.organizations.models import Notice, NoticeState
from zhupei.organizations.roles import Capability, holder, require

LONGEST_BODY = 20_000
S = NoticeState


_is_author = holder(Portal.AUTHORITY, "authority_id", Capability.NOTICE)


def _stamp(actor: Actor, notice: Notice, log: TransitionLog) -> None:
    notice.published_at = log.at
    notice.save(update_fields=["published_at"])


NOTICE = Machine(
    "notice",
    NoticeState,
    [
        Transition("publish", "发布", (S.DRAFT, S.WITHDRAWN), S.PUBLISHED, may=_is_author, effect=_stamp),
        Transition("withdraw", "撤下", (S.PUBLISHED,), S.WITHDRAWN, may=_is_author),
    ],
)


def _checked(title: str, body: str) -> tuple[str, str]:
    title, body = " ".join(title.split()), body.replace("\r\n", "\n").strip()
    items: dict[str, str] = {}
    if not title:
        items["title"] = "请填写标题。"
    elif len(title) > 120:
        items["title"] = f"标题最多 120 个字，现在有 {len(title)} 个，请写短一些。"
    if not body:
        items["body"] = "请填写正文。"
    elif len(body) > LONGEST_BODY:
        items["body"] = f"正文最多 {LONGEST_BODY} 个字，现在有 {len(body)} 个，请写短一些。"
    if items:
        raise DomainError("invalid_notice", "填写的内容有误，请改正后再提交。", items=items)
    return title, body


def write_notice(actor: Actor, title: str, body: str) -> Notice:
    """A draft of the actor's authority; raises DomainError `invalid_notice` by field."""
    require(actor, Capability.NOTICE)
    title, body = _checked(title, body)
    with transaction.atomic():
        notice = Notice.objects.create(authority=actor.body, title=title, body=body, created_by=actor.user)
        NOTICE.record_start(actor, [notice])
    return notice


def edit_notice(actor: Actor, notice: Notice, title: str, body: str) -> Notice:
    """Change a draft or a withdrawn notice; a published one is taken back first."""
    require(actor, Capability.NOTICE, notice)
    title, body = _checked(title, body)
    with transaction.atomic():
        row = Notice.objects.select_for_update(no_key=True).get(pk=notice.pk)
        if not _is_author(actor, row):
            raise NotAllowedError()
        if row.state == NoticeState.PUBLISHED:
            raise WrongStateError("公告已发布，请先撤下再修改。")
        row.title, row.body = title, body
        row.save(update_fields=["title", "body", "updated_at"])
        audit.record(actor, "notice.edit", row)
    return row


def publish_notice(actor: Actor, notice: Notice) -> Notice:
    """Show it to everybody, from now on."""
    require(actor, Capability.NOTICE, notice)
    NOTICE.perform(actor, notice, "publish")
    notice.refresh_from_db()
    return notice


def withdraw_notice(actor: Actor, notice: Notice, reason: str = "") -> Notice:
    """Take it off the public pages; it can be changed and published again."""
    require(actor, Capability.NOTICE, notice)
    NOTICE.perform(actor, notice, "withdraw", remark=reason)
    return notice
