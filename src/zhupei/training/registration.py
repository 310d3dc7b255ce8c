"""What the training stage registers with the mechanisms and with earlier stages."""

from __future__ import annotations


def register() -> None:
    from foundation.messages.templates import register_template
    from foundation.review import kinds
    from foundation.ui.states import register_state_styles
    from zhupei.training import reviewing
    from zhupei.training.models import PlanStage
    from zhupei.training.plan_states import PlanState

    kinds.register(reviewing.PLAN_KIND)
    register_state_styles(
        PlanStage,
        {
            "pending": "mute",
            "upcoming": "info",
            "enrolling": "wait",
            "enrolment_closed": "mute",
            "in_session": "info",
            "attendance_confirmed": "ok",
            "finished": "mute",
        },
    )
    register_state_styles(
        PlanState,
        {
            "draft": "mute",
            "submitted": "wait",
            "accepted": "info",
            "rejected": "bad",
            "upcoming": "info",
            "enrolling": "wait",
            "enrolment_closed": "mute",
            "in_session": "info",
            "attendance_confirmed": "ok",
            "finished": "mute",
        },
    )
    register_template(
        "training.plan_decided",
        label="培训计划审核结果",
        title="培训计划 {name} {result}",
        body="{authority}：{result}。{reasons}",
    )
    register_template(
        "training.plan_submitted",
        label="培训计划待审核",
        title="{institution}提交了培训计划 {name}",
        body="计划 {count} 人，请在 {due} 前办理。",
    )
    register_template(
        "training.placed",
        label="学员编入培训计划",
        title="{count} 人已编入培训计划 {name}",
        body="培训时间 {days}，地点：{place}。",
        sms="【筑培】{person}，您已编入培训计划 {name}，{days} 在{place}上课，请准时参加。",
    )
    register_template(
        "training.removed",
        label="学员移出培训计划",
        title="{count} 人已移出培训计划 {name}",
        body="{institution}已将 {people} 移出，名额已退回。请与培训机构联系，或改报其他计划。",
    )
    register_template(
        "training.absent",
        label="学员缺勤",
        title="培训计划 {name}：{count} 人缺勤",
        body="缺勤人员：{people}。可由培训机构转入下一期，不用再缴费。",
    )
