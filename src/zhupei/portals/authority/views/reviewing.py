"""What the review screens share: papers, what changed, the record, the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.review import services as reviews
from foundation.review.models import Review, ReviewState
from foundation.review.services import REVIEW
from foundation.scoping import Actor
from foundation.ui.given import number_in
from foundation.ui.parts import ViewerImage
from foundation.ui.reviews import read_reasons, read_verdict
from zhupei.organizations import services
from zhupei.organizations.models import Slot
from zhupei.organizations.queries import Place
from zhupei.organizations.roles import Capability, may
from zhupei.organizations.rules import Light, deadline_light

_TONES = {"approved": "ok", "rejected": "bad", "submitted": "wait", "accepted": "info"}


def light_of(review: Review) -> Light | None:
    """The deadline of what waits, as a traffic light; nothing once it is decided."""
    return deadline_light(review.due_on, timezone.localdate()) if review.is_waiting else None


def timeline(
    review: Review, items: Mapping[str, str], logs: Sequence[Any] | None = None
) -> list[dict[str, Any]]:
    """The review record, newest first; reasons under the names of their items. `logs`: its history, if known."""
    return [
        {
            "at": log.at,
            "actor": log.actor_label,
            "action": log.action_label,
            "remark": log.remark,
            "tone": _TONES.get(log.to_state, "mute"),
            "items": {items.get(key, key): text for key, text in log.reasons.items()},
        }
        for log in reversed(reviews.history(review) if logs is None else logs)
    ]


def last_rejection(
    review: Review, items: Mapping[str, str], logs: Sequence[Any] | None = None
) -> list[tuple[str, str]]:
    """Why the submission before was rejected, item by item; empty on the first one. `logs`: its history, if known."""
    logs = [
        log
        for log in (reviews.history(review) if logs is None else logs)
        if log.to_state == ReviewState.REJECTED
    ]
    if not logs:
        return []
    given = [(items.get(key, key), text) for key, text in logs[-1].reasons.items()]
    return [*given, *([("其他", logs[-1].remark)] if logs[-1].remark else [])]


def changed_since(review: Review) -> dict[str, dict[str, Any]]:
    """Item key → what differs from the submission before."""
    return {row["key"]: row for row in reviews.changes(review)}


def changed_lines(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change with both values as lists of lines."""

    def lines(value: Any) -> list[str]:
        return [str(line) for line in value] if isinstance(value, list) else [str(value or "（空）")]

    return {"label": change["label"], "before": lines(change["before"]), "after": lines(change["after"])}


def paper_images(papers: Mapping[str, Any], changed: Mapping[str, Mapping[str, Any]]) -> list[ViewerImage]:
    """Pictures of the viewer, slot by slot; a replaced one is followed by what was there before."""
    images: list[ViewerImage] = []
    for slot, label in Slot.choices:
        document, change = papers.get(slot), changed.get(slot)
        old = (change or {}).get("before")
        if document is None and not old:
            continue
        if document is not None:
            images.append(
                ViewerImage(
                    f"{label}（新）" if change else label,
                    reverse("shared:document", args=[document.pk]),
                    thumb=reverse("shared:document", args=[document.pk]) + "?thumb=1",
                    key=slot,
                    tone="wait" if change else "",
                    note="这次重新上传",
                )
            )
        if old:
            url = reverse("shared:document", args=[old["document"]])
            images.append(ViewerImage(f"{label}（上次）", url, thumb=f"{url}?thumb=1", key=f"{slot}-old"))
    return images


def may_decide(actor: Actor, review: Review) -> bool:
    """Whether the verdict is shown."""
    return REVIEW.can(actor, review, "approve")


def may_accept(actor: Actor, review: Review) -> bool:
    return review.state == ReviewState.SUBMITTED and REVIEW.can(actor, review, "accept")


def after_acceptance(actor: Actor) -> str:
    """What comes next, for whoever has just accepted: accepting and reviewing can be two people (ORG-14)."""
    return "请审核。" if may(actor, Capability.DECIDE_REVIEW) else "接下来由审核人员审核。"


def gathered_reasons(request: PortalRequest, items: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Reasons per item (several joined) and the remark made of those about the whole."""
    reasons: dict[str, list[str]] = {}
    for item, text in read_reasons(request.POST):
        reasons.setdefault(item if item in items else "", []).append(text)
    remark = "；".join(reasons.pop("", []))
    return {item: "；".join(texts) for item, texts in reasons.items()}, remark


def decide(request: PortalRequest, review: Review, items: Mapping[str, str]) -> str:
    """Do what was pressed; returns the sentence to show. Raises DomainError."""
    actor: Actor = request.actor
    seen_round = number_in(request.POST.get("round", ""))
    verdict = read_verdict(request.POST)
    if verdict == "approve":
        services.approve_review(actor, review, seen_round=seen_round)
        return f"{review.subject_label}：已审核通过，已通知对方。"
    if verdict == "reject":
        reasons, remark = gathered_reasons(request, items)
        services.reject_review(actor, review, reasons=reasons, remark=remark, seen_round=seen_round)
        return f"{review.subject_label}：审核不通过，原因已通知对方。"
    raise DomainError("no_verdict", "请选择通过或不通过。")


def accept_and_return(
    request: PortalRequest, review: Review, name: str, *, page: str, pk: int
) -> HttpResponse:
    """受理 what `name` says, then back to its `page`; a refusal is told there."""
    actor: Actor = request.actor
    try:
        services.accept_review(actor, review)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, f"已受理{name}，机构不能再撤回。{after_acceptance(actor)}")
    return redirect(page, pk=pk)


def decide_and_go_on(
    request: PortalRequest,
    review: Review,
    items: Mapping[str, str],
    place: Place,
    *,
    page: str,
    pk: int,
    queue: str,
) -> HttpResponse:
    """The verdict, then the next one that waits (`place` was taken before), or the `queue` when it was the last."""
    try:
        messages.success(request, decide(request, review, items))
    except DomainError as refusal:
        messages.error(request, refusal.message)
        return redirect(page, pk=pk)
    following = place.next or place.previous
    return redirect(page, pk=following) if following else redirect(queue)
