"""What the assessment stage registers with the mechanisms."""

from __future__ import annotations


def register() -> None:
    from foundation.messages.templates import register_template
    from foundation.review import kinds
    from foundation.ui.states import register_state_styles
    from zhupei.assessment import machine, reviewing
    from zhupei.assessment.models import AssessmentStage
    from zhupei.assessment.plan_states import AssessmentState
    from zhupei.assessment.services.seats import bookings
    from zhupei.training.services.plan_checks import register_bookings

    assert machine.ASSESSMENT  # the table is known once its module is there
    kinds.register(reviewing.ASSESSMENT_KIND)
    register_bookings(bookings)
    after_approval = {
        "reviewed": "info",
        "online_confirmed": "info",
        "running": "wait",
        "completed": "ok",
    }
    register_state_styles(AssessmentStage, {"not_reported": "mute", "not_reviewed": "wait"} | after_approval)
    register_state_styles(
        AssessmentState,
        {"draft": "mute", "submitted": "wait", "accepted": "info", "rejected": "bad"} | after_approval,
    )
    register_template(
        "assessment.submitted",
        label="考核计划待审核",
        title="{institution}提交了考核计划 {name}",
        body="考生 {count} 人，请在 {due} 前办理。",
    )
    register_template(
        "assessment.decided",
        label="考核计划审核结果",
        title="考核计划 {name} {result}",
        body="{authority}：{result}。{reasons}",
    )
    register_template(
        "assessment.published",
        label="考核安排通知",
        title="{count} 人已安排考核 {name}",
        body="首场 {time} 开考，地点：{place}。准考证可在考核计划页面下载。",
        sms="【筑培】{person}，您的考核时间为 {time}，地点：{place}，考场座位 {seat}，准考证号 {ticket}。{practical}请带身份证准时参加。",
    )
    register_template(
        "assessment.called_off",
        label="考核取消通知",
        title="考核计划 {name} 取消",
        body="{institution}取消了原定 {time} 开考的考核，{count} 人的准考证作废，请等候新的通知。原因：{reason}",
        sms="【筑培】{person}，原定 {time} 的 {name} 考核取消，准考证作废，请等候新的通知。",
    )
