"""Pure rules of enrollment: what may still be changed, and how far a batch has come (no ORM)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from zhupei.enrollment.models import FINISHED_STATES, NOT_YET_SUBMITTED, EnrollmentState, MaterialKind

S = EnrollmentState

# The journey of a batch as the guide tells it (seeds/000), shown on every card.
STEPS = ("提交名单", "上传资料", "资格审核", "生成订单", "缴费", "上传凭证", "缴费确认", "已报名")
STEP_MATERIALS, STEP_REVIEW, STEP_ORDER, STEP_PAYMENT, STEP_CONFIRMATION, STEPS_DONE = 1, 2, 3, 4, 6, 8

# A programme whose people are enrolled into plans knows no review: who is handed in is approved by the system.
STEPS_INTO_PLAN = tuple(label for label in STEPS if label != STEPS[STEP_REVIEW])

_STEP_OF = {
    S.DRAFT: STEP_MATERIALS,
    S.RETURNED: STEP_MATERIALS,
    S.SUBMITTED: STEP_REVIEW,
    S.ELIGIBLE: STEP_ORDER,
    S.ORDERED: STEP_PAYMENT,
    S.PAID: STEP_CONFIRMATION,
}

# Where the organization itself has something to do.
OURS = (S.DRAFT, S.RETURNED, S.ELIGIBLE, S.ORDERED)

# What a reason can be about: an image, or something of the form.
ITEM_LABELS: dict[str, str] = {str(kind.value): str(kind.label) for kind in MaterialKind} | {
    "name": "姓名",
    "gender": "性别",
    "id_number": "身份证号",
    "phone": "手机号",
    "major": "所学专业",
    "graduated_on": "毕业时间",
    "practice_years": "岗位工作年限",
    "work_unit": "工作单位",
    "eligibility": "报考条件",
}


def worded(reasons: Mapping[str, object]) -> list[tuple[str, str]]:
    """Per-item reasons as (label, sentence); an item without a label of its own stands without one."""
    lines = []
    for item, given in reasons.items():
        label = ITEM_LABELS.get(item, "" if item.isascii() else item)
        texts = given if isinstance(given, list | tuple) else [given]
        lines += [(label, str(text)) for text in texts if text]
    return lines


def step_of(state: str) -> int | None:
    """Where a person stands in STEPS: an index, STEPS_DONE from 已报名 on, None when the enrollment is over."""
    if state in FINISHED_STATES and state not in {S.FAILED, S.MISSED, S.CERTIFIED}:
        return None
    return _STEP_OF.get(S(state), STEPS_DONE)


def journey(step: int, *, into_plan: bool = False) -> tuple[tuple[str, ...], int]:
    """The labels of the journey and the index of the present one; `step` is an index in STEPS."""
    if not into_plan:
        return STEPS, step
    return STEPS_INTO_PLAN, step - 1 if step > STEP_REVIEW else step


def why_not_editable(state: str) -> str:
    """The sentence that says why data and materials cannot be changed now and what to do; empty when they can."""
    if state in NOT_YET_SUBMITTED:
        return ""
    label = S(state).label
    if state in {S.SUBMITTED, S.ELIGIBLE}:
        return f"该人员当前为“{label}”，请先点“撤回修改”，改好后再提交审核。"
    if state in {S.ORDERED, S.PAID}:
        return f"该人员当前为“{label}”，不能修改。还没有缴费的，请先取消订单，再点“撤回修改”；已缴费的，请联系培训机构退回。"
    if state in {S.WITHDRAWN, S.REFUNDED, S.INELIGIBLE}:
        return f"这次报名已结束（{label}），不能修改；需要报名的请重新录入。"
    return f"该人员当前为“{label}”，需要更正信息的，请联系培训机构退回修改。"


def why_not_withdrawable(state: str) -> str:
    """The sentence for an enrollment that cannot be taken back now; empty when it can (ENR-08)."""
    if state in {S.DRAFT, S.RETURNED, S.SUBMITTED, S.ELIGIBLE}:
        return ""
    label = S(state).label
    if state == S.ORDERED:
        return "已生成订单，请先在“订单缴费”里取消订单，再撤回报名。"
    if state == S.PAID:
        return "已上传汇款凭证，正等待培训机构确认缴费，不能撤回；需要退费的请联系培训机构。"
    if state in FINISHED_STATES:
        return f"这次报名已结束（{label}），不需要撤回。"
    return f"当前为“{label}”，已缴费的报名不能撤回；需要退费的请联系培训机构。"


@dataclass(frozen=True)
class Progress:
    """How a batch stands: people per state, and of those not handed in how many lack images and how many images lack."""

    states: Mapping[str, int] = field(default_factory=dict)
    incomplete: int = 0
    missing: int = 0

    def count(self, *states: str) -> int:
        """People in any of `states`."""
        return sum(self.states.get(state, 0) for state in states)

    @property
    def total(self) -> int:
        """Everybody of the batch, also those whose enrollment is over."""
        return sum(self.states.values())

    @property
    def over(self) -> int:
        """Taken back, refused or refunded."""
        return sum(number for state, number in self.states.items() if step_of(state) is None)

    @property
    def underway(self) -> int:
        """Everybody whose enrollment is not over."""
        return self.total - self.over

    @property
    def done(self) -> int:
        """已报名 or beyond."""
        return sum(number for state, number in self.states.items() if step_of(state) == STEPS_DONE)

    @property
    def ready(self) -> int:
        """Not handed in yet, all images there."""
        return self.count(S.DRAFT, S.RETURNED) - self.incomplete

    @property
    def step(self) -> int:
        """Index in STEPS: where the least advanced person stands who waits for somebody; STEPS_DONE when nobody waits."""
        places = [step_of(state) for state, number in self.states.items() if number]
        return min((place for place in places if place is not None), default=STEPS_DONE)

    @property
    def is_sent_back(self) -> bool:
        """Somebody was returned for correction."""
        return self.count(S.RETURNED) > 0

    @property
    def waits_for_us(self) -> bool:
        """Whether the organization has to do something."""
        return self.count(*OURS) > 0

    @property
    def act(self) -> str:
        """The one thing to do next: correct, materials, submit, order, pay; or review, confirmation, done, over."""
        if not self.underway:
            return "over"
        for act, applies in (
            ("correct", self.is_sent_back),
            ("materials", self.count(S.DRAFT) > 0 and self.incomplete > 0),
            ("submit", self.count(S.DRAFT) > 0),
            ("order", self.count(S.ELIGIBLE) > 0),
            ("pay", self.count(S.ORDERED) > 0),
            ("review", self.count(S.SUBMITTED) > 0),
            ("confirmation", self.count(S.PAID) > 0),
        ):
            if applies:
                return act
        return "done"
