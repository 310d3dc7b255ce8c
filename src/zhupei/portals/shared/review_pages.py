"""The pages of everything that is reviewed: the reviewer's list and case, the submitter's acts and record.

A kind says what is its own: what is listed and shown, in which words; docs/architecture.md, "A new reviewed kind".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.views import View

from foundation.audit import services as audit
from foundation.errors import DomainError
from foundation.requests import PortalRequest
from foundation.review import services as reviews
from foundation.review import words
from foundation.review.deadlines import light_of
from foundation.review.findings import Finding
from foundation.review.kinds import ReviewKind, kind_of
from foundation.review.models import WAITING, Review, ReviewedQuerySet, ReviewState
from foundation.review.services import REVIEW
from foundation.scoping import Actor
from foundation.ui import tables
from foundation.ui.given import number_in
from foundation.ui.pages import ListPage, Tabs
from foundation.ui.parts import ViewerImage
from foundation.ui.reviews import read_reasons, read_verdict
from foundation.ui.states import badge_of_choice
from zhupei.organizations.models import Institution
from zhupei.organizations.roles import Capability
from zhupei.portals.shared.access import portal_required

S = ReviewState


# --- the reviewer's list


class DueColumn(tables.BadgeColumn):
    """办理期限 of what waits, as a traffic light."""

    def __init__(self) -> None:
        super().__init__("办理期限", badge=lambda row: light_of(row.review))


def state_tabs(kind: ReviewKind) -> list[Tabs]:
    """The queue first, then one tab a state, in the kind's words."""

    def tab(state: ReviewState) -> Tabs:
        return Tabs(str(state), str(kind.states(state).label), [state])

    if kind.separate_acceptance:
        tabs = [Tabs("todo", "待办", sorted(WAITING), tone="wait"), tab(S.SUBMITTED), tab(S.ACCEPTED)]
    else:
        tabs = [Tabs("todo", "待审核", sorted(WAITING), tone="wait")]
    return [*tabs, tab(S.APPROVED), tab(S.REJECTED), tab(S.DRAFT)]


class ReviewList(ListPage):
    """What is reviewed of one kind: what waits first, the oldest on top."""

    kind: ReviewKind
    tabs_field = "review__state"
    default_tab = "todo"
    order_by = ("review__submitted_at",)

    @cached_property
    def tabs(self) -> list[Tabs]:  # type: ignore[override]
        return state_tabs(self.kind)


# --- the reviewer's case


def changed_lines(change: Mapping[str, Any]) -> dict[str, Any]:
    """A change with both values as lists of lines; of two lists only what differs, of a paper that it is a new one."""
    before, after = _lines(change["before"], "未填写"), _lines(change["after"], "（已清空）")
    if isinstance(change["after"], dict):
        before, after = [], ["重新上传"]
    elif set(before) != set(after):  # else they stand in another order
        before, after = (
            [line for line in before if line not in after],
            [line for line in after if line not in before],
        )
    return {"label": change["label"], "before": before, "after": after}


def _lines(value: Any, empty: str) -> list[str]:
    if isinstance(value, list):
        return [str(line) for line in value]
    return [str(value["name"] if isinstance(value, dict) else value or empty)]


def document_image(label: str, document: Any, key: str, tone: str = "", note: str = "") -> ViewerImage:
    """One paper in the viewer; `document`: its key."""
    url = reverse("shared:document", args=[document])
    return ViewerImage(label, url, thumb=f"{url}?thumb=1", key=key, tone=tone, note=note)


def paper_images(
    slots: Sequence[tuple[str, str]], now: Mapping[str, Any], changed: Mapping[str, Mapping[str, Any]]
) -> list[ViewerImage]:
    """The papers, slot by slot; a replaced one is followed by what was there before.

    `slots`: (key, label); `now`: the keys of the documents; `changed`: item key → what differs from the last time.
    """
    images: list[ViewerImage] = []
    for slot, label in slots:
        old = changed.get(slot, {}).get("before")
        if slot in now and slot in changed:
            images.append(document_image(f"{label}（新）", now[slot], slot, "wait", "这次重新上传"))
        elif slot in now:
            images.append(document_image(label, now[slot], slot))
        if old:
            images.append(document_image(f"{label}（上次）", old["document"], f"{slot}-old"))
    return images


class ReviewCase(View):
    """One case: look at it, accept it, decide on it, on to the next. Whoever looked is in the audit log.

    `page`, `page`_accept and `page`_decide are the names of its addresses, `queue` that of its list.
    """

    request: PortalRequest
    kind: ReviewKind
    template_name = "shared/review_case.html"
    page: str
    queue: str
    queue_title: str
    unit = "个"
    looked = ""
    accepted = "已受理：{row}"
    act = "look"

    # -- to override -------------------------------------------------------------------------------

    def rows(self) -> ReviewedQuerySet[Any]:
        """What this reviewer may see, with what the page shows of it."""
        raise TypeError(f"{type(self).__name__}.rows says what is reviewed")

    def shown(self, row: Any, changed: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """What is shown of a case besides its review. `changed`: item key → what differs from the last time."""
        return {}

    def reviewer_of(self, row: Any) -> str:
        """Whose decision it is, in words."""
        return str(row.supervisor)

    def title(self, row: Any) -> str:
        return str(row)

    def trail(self, row: Any) -> Sequence[tuple[str, str]]:
        """(label, address) after the list's in the crumbs."""
        return ()

    def badge(self, row: Any) -> tuple[str, str]:
        """(tone, word) beside the title."""
        return badge_of_choice(self.kind.states(row.review.state))

    def changed(self, row: Any) -> dict[str, dict[str, Any]]:
        """Item key → {label, before, after} of what differs from the submission before."""
        return {change["key"]: change for change in reviews.changes(row.review)}

    def findings(self, row: Any) -> Sequence[Finding]:
        return self.kind.findings(row)

    # -- parts -------------------------------------------------------------------------------------

    @classmethod
    def urls(cls, route: str) -> list[URLPattern]:
        """The three addresses of a case; `route` ends with a slash."""
        name = cls.page.partition(":")[2]
        look = cls.as_view(http_method_names=["get", "head"])
        acts = [
            path(f"{route}{act}/", cls.as_view(act=act, http_method_names=["post"]), name=f"{name}_{act}")
            for act in ("accept", "decide")
        ]
        return [path(route, look, name=name), *acts]

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        row = get_object_or_404(self.rows(), pk=pk)
        audit.record(request.actor, self.looked or f"{self.kind.key}.view", row)
        return render(request, self.template_name, self._context(row))

    def _context(self, row: Any) -> dict[str, Any]:
        actor, review = self.request.actor, row.review
        logs, changed = reviews.history(review), self.changed(row)
        place = self.rows().place_of(actor, row.pk)
        rejected = str(self.kind.states(S.REJECTED).label)
        return {
            "kind": self.kind,
            "review": review,
            "title": self.title(row),
            "crumbs": [(self.queue_title, reverse(self.queue)), *self.trail(row)],
            "badge": self.badge(row),
            "light": light_of(review),
            "reviewer": self.reviewer_of(row),
            "findings": self.findings(row),
            "changed": changed,
            "compared": [changed_lines(change) for change in changed.values()],
            "entries": words.timeline(review, logs),
            "given": words.last_rejection(review, logs),
            "given_title": f"上次{rejected.removeprefix('审核')}的原因",
            "items": list(self.kind.items.items()),
            "may_accept": review.state == S.SUBMITTED and REVIEW.can(actor, review, "accept"),
            "may_decide": REVIEW.can(actor, review, "approve"),
            "accept_url": reverse(f"{self.page}_accept", args=[row.pk]),
            "decide_url": reverse(f"{self.page}_decide", args=[row.pk]),
            "place": place,
            "unit": self.unit,
            **place.links(lambda pk: reverse(self.page, args=[pk])),
        } | self.shown(row, changed)

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        """受理, then back to the case; or the verdict, then the next one that waits, or the list after the last."""
        row = get_object_or_404(self.rows(), pk=pk)
        seen_round = number_in(request.POST.get("round", ""))
        if self.act == "accept":
            messages.success(request, self._accept(row, seen_round))
            return redirect(self.page, pk=pk)
        place = self.rows().place_of(request.actor, pk)
        messages.success(request, self._decide(row.review, seen_round))
        following = place.next or place.previous
        return redirect(self.page, pk=following) if following else redirect(self.queue)

    def _accept(self, row: Any, seen_round: int | None) -> str:
        """The sentence to show; accepting and reviewing can be two people (ORG-14)."""
        actor = self.request.actor
        reviews.accept(actor, row.review, seen_round=seen_round)
        then = "请审核。" if REVIEW.can(actor, row.review, "approve") else "接下来由审核人员审核。"
        return f"{self.accepted.format(row=row)}，{self.kind.submitter}不能再撤回。{then}"

    def _decide(self, review: Review, seen_round: int | None) -> str:
        """Do what was pressed; the sentence to show."""
        actor, verdict = self.request.actor, read_verdict(self.request.POST)
        if verdict == "approve":
            reviews.approve(actor, review, seen_round=seen_round)
            return f"{review.subject_label}：已审核通过，已通知对方。"
        if verdict == "reject":
            reasons, remark = self._reasons()
            reviews.reject(actor, review, reasons=reasons, remark=remark, seen_round=seen_round)
            return f"{review.subject_label}：审核不通过，原因已通知对方。"
        raise DomainError("no_verdict", "请选择通过或不通过。")

    def _reasons(self) -> tuple[dict[str, str], str]:
        """Reasons per item (several joined) and the remark made of those about the whole."""
        given: dict[str, list[str]] = {}
        for item, text in read_reasons(self.request.POST):
            given.setdefault(item if item in self.kind.items else "", []).append(text)
        remark = "；".join(given.pop("", []))
        return {item: "；".join(texts) for item, texts in given.items()}, remark


class InstitutionCase(ReviewCase):
    """A case that an institution has handed in to the authority that set it up."""

    def institution_of(self, row: Any) -> Institution:
        return row.institution

    def reviewer_of(self, row: Any) -> str:
        return str(self.institution_of(row).supervisor)

    def trail(self, row: Any) -> Sequence[tuple[str, str]]:
        return [(self.institution_of(row).name, "")]


# --- the submitter's side


def submitters_view(actor: Actor, review: Review, capability_held: bool) -> dict[str, Any]:
    """What a submitter's page says of a review: why it was rejected, what may be done now.

    `capability_held`: whether the role may change what is reviewed.
    """
    may_edit = capability_held and review.is_with_submitter
    return {
        "review": review,
        "reasons": words.reasons_given(review),
        "may_edit": may_edit,
        "may_withdraw": REVIEW.can(actor, review, "withdraw"),
        "may_discard": may_edit and review.may_be_discarded,
    }


def submitters_record(review: Review | None) -> list[dict[str, Any]]:
    """The record as outsiders see it: bodies, not persons' names; empty without a review."""
    return words.timeline(review, reviews.history(review), persons=False) if review is not None else []


@dataclass(frozen=True)
class Act:
    """One act of a submitter: the command, what is said afterwards (`{row}`, `{reviewer}`), whether the row is gone."""

    do: Callable[[Actor, Any], Any]
    done: str
    ends: bool = False


class Submitting(View):
    """The submitter's acts on one case, and its review record.

    `page` is the name of the case's page, `page`_record that of its record, `page`_… those of the acts.
    """

    request: PortalRequest
    acts: ClassVar[Mapping[str, Act]]
    needs: ClassVar[Capability]
    portal: ClassVar[str] = "institution"
    page: str
    queue: str
    record_template = "shared/review_record.html"
    act = "record"

    # -- to override -------------------------------------------------------------------------------

    def rows(self) -> QuerySet[Any]:
        """What this submitter may see, with what the record's frame shows of it."""
        raise TypeError(f"{type(self).__name__}.rows says what is handed in")

    def frame(self, row: Any) -> dict[str, Any]:
        """What stands around the record."""
        return {}

    def reviewer_of(self, row: Any) -> str:
        """To whom it is handed in, in words."""
        return str(row.institution.supervisor)

    # -- parts -------------------------------------------------------------------------------------

    @classmethod
    def urls(cls, route: str) -> list[URLPattern]:
        """The addresses of the record and of the acts; `route` ends with a slash."""
        name = cls.page.partition(":")[2]
        record = portal_required(cls.portal)(cls.as_view(http_method_names=["get", "head"]))
        door = portal_required(cls.portal, needs=cls.needs)
        return [
            path(f"{route}record/", record, name=f"{name}_record"),
            *(
                path(
                    f"{route}{act}/",
                    door(cls.as_view(act=act, http_method_names=["post"])),
                    name=f"{name}_{act}",
                )
                for act in cls.acts
            ),
        ]

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        """审核记录: accept time, review time, state, remark of every submission; in detail each act and its time."""
        row = get_object_or_404(self.rows(), pk=pk)
        context = {
            "title": "审核记录",
            "rounds": words.rounds(row.review, reviews.history(row.review)),
            "kind": kind_of(row.review),
            "page_url": reverse(self.page, args=[pk]),
        }
        return render(request, self.record_template, context | self.frame(row))

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        row, act = get_object_or_404(self.rows(), pk=pk), self.acts[self.act]
        done = act.done.format(row=row, reviewer=self.reviewer_of(row))
        act.do(request.actor, row)
        messages.success(request, done)
        return redirect(self.queue) if act.ends else redirect(self.page, pk=pk)
