"""Invented content of the gallery."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.db import models
from django.urls import reverse

from foundation.ui.parts import CompareRow, Tab, ViewerImage
from foundation.ui.shell import MenuItem, Shell
from foundation.ui.states import register_state_styles


class SampleState(models.TextChoices):
    DRAFT = "draft", "未提交"
    SUBMITTED = "submitted", "待资格审核"
    RETURNED = "returned", "退回修改"
    ELIGIBLE = "eligible", "资格审核通过"
    ENROLLED = "enrolled", "已报名"


register_state_styles(
    SampleState, {"submitted": "wait", "returned": "bad", "eligible": "info", "enrolled": "ok"}
)

ENTERPRISE = [
    ("首页", "enterprise-home", "home", 0),
    ("学员报名", "roster-preview", "clipboard-plus", 0),
    ("报名资料", "parts", "photo-up", 4),
    ("订单缴费", "orders", "receipt", 1),
    ("培训计划", "plans", "calendar-event", 0),
    ("继续教育", "continuing", "school", 0),
    ("人员查询", "people", "users", 0),
    ("证书", "certificates", "certificate", 0),
    ("单位信息", "forms", "building", 0),
]
INSTITUTION = [
    ("首页", "home", "home", 0),
    ("资格审核", "eligibility-review", "user-check", 26),
    ("缴费确认", "payments", "cash", 3),
    ("培训计划", "plans", "calendar", 0),
    ("考勤", "attendance", "checklist", 0),
    ("考核计划", "assessment", "clipboard-check", 0),
    ("成绩报审", "scores", "chart-bar", 0),
    ("证书", "certificates", "certificate", 0),
    ("报名人员", "people", "users", 0),
    ("题库", "questions", "book", 0),
    ("课程", "courses", "school", 0),
    ("机构备案", "file", "building", 0),
]
LEARNER = [
    ("首页", "learner-phone", "home", 0),
    ("学习", "learn", "book", 0),
    ("考试", "exam", "pencil", 0),
    ("证书", "certificates", "certificate", 0),
    ("我的", "me", "user", 0),
]


def shell(name: str) -> Shell:
    """The frame of a sample page."""
    rows = INSTITUTION if name == "eligibility-review" else LEARNER if name == "learner-phone" else ENTERPRISE
    here = reverse("gallery:index")
    body = "浙江示范培训学院" if rows is INSTITUTION else "浙江晨光建设有限公司"
    return Shell(
        home_url=here,
        menu=[MenuItem(label, f"{here}{slug}/", icon, count) for label, slug, icon, count in rows],
        path=f"{here}{name}/",
        body_name=body,
        body_badge=("ok", "备案有效" if rows is INSTITUTION else "已审核"),
        search_url=here,
        search_hint="搜索人员、订单",
        messages_url=here,
        message_count=3,
        password_url=here,
        sign_out_url=here,
        user_name="周敏",
    )


class SampleForm(forms.Form):
    name = forms.CharField(label="单位名称", help_text="与营业执照一致", max_length=60)
    uscc = forms.CharField(label="统一社会信用代码")
    kind = forms.ChoiceField(
        label="单位类型",
        choices=[("enterprise", "企业"), ("branch", "分公司"), ("school", "学校")],
        widget=forms.RadioSelect,
    )
    region = forms.ChoiceField(
        label="所在地区", choices=[("", "请选择"), ("3301", "杭州市"), ("3302", "宁波市")]
    )
    phone = forms.CharField(label="联系人手机号")
    founded = forms.DateField(
        label="成立日期", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    scope = forms.CharField(label="经营范围", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agree = forms.BooleanField(label="以上内容与营业执照一致")


def sample_forms() -> dict[str, Any]:
    """An untouched form and one with errors."""
    wrong = SampleForm(
        {"name": "晨光建设", "uscc": "9133", "kind": "enterprise", "phone": "1385710", "region": ""}
    )
    wrong.is_valid()
    wrong.add_error("uscc", "统一社会信用代码应为 18 位，现在是 4 位。")
    wrong.add_error("phone", "手机号应为 11 位。")
    return {"form": SampleForm(prefix="new"), "wrong_form": wrong}


ROSTER: list[tuple[int, list[str], tuple[int, str] | None]] = [
    (2, ["陆一鸣", "男", "3304**********041X", "13857100000", "本科", "浙江晨光建设有限公司"], None),
    (
        3,
        ["沈若兰", "女", "3.30106E+17", "13857101171", "大专", "浙江晨光建设有限公司"],
        (2, "变成了科学计数，已无法还原，请重填 18 位"),
    ),
    (4, ["欧阳振华", "男", "3301**********0432", "13857102342", "中专", "浙江晨光建设有限公司"], None),
    (
        5,
        ["许文静", "男", "3304**********0463", "13857103513", "本科", "浙江晨光建设有限公司"],
        (1, "与身份证号不符，应为女"),
    ),
    (
        7,
        ["何晓峰", "男", "3304**********0517", "1385710", "中专", "浙江晨光建设有限公司"],
        (3, "手机号应为 11 位"),
    ),
    (
        9,
        ["施建军", "男", "3301**********0552", "13857108197", "大学", "浙江晨光建设有限公司"],
        (4, "请选：本科 / 大专…"),
    ),
    (
        12,
        ["严雪梅", "女", "3301**********0622", "13857111710", "大专", "晨光建设"],
        (5, "与本单位全称不一致"),
    ),
]
ROSTER_HEADS = ["姓名", "性别", "身份证号", "手机号", "学历", "工作单位"]


def roster() -> dict[str, Any]:
    """Rows of an imported list with the wrong cells named."""
    rows = []
    for number, values, wrong in ROSTER:
        cells = [
            {
                "label": head,
                "value": value,
                "name": f"r{number}-{index}",
                "error": wrong[1] if wrong and wrong[0] == index else "",
                "choices": ["男", "女"] if index == 1 else ["本科", "大专", "中专"] if index == 4 else [],
            }
            for index, (head, value) in enumerate(zip(ROSTER_HEADS, values, strict=True))
        ]
        rows.append({"number": number, "cells": cells})
    return {"heads": ROSTER_HEADS, "rows": rows}


def images() -> list[ViewerImage]:
    """Six materials; one is missing, one deserves a look."""
    labels = ["头像", "身份证正面", "身份证反面", "学历证书", "报名表", "工作年限证明"]
    slugs = ["portrait", "id-front", "id-back", "education", "application", ""]
    tones = ["wait", "", "", "", "", "bad"]
    return [
        ViewerImage(
            label,
            reverse("gallery:picture", args=[slug]) if slug else "",
            key=slug or "work-years",
            portrait=slug == "portrait",
            tone=tone,
            note="背景偏灰" if tone == "wait" else "未上传",
        )
        for label, slug, tone in zip(labels, slugs, tones, strict=True)
    ]


CHECKS = [
    {"tone": "ok", "label": "证件号与名单一致", "figure": "99%"},
    {"tone": "ok", "label": "头像与证件为同一人", "figure": "相似 0.41 < 0.60"},
    {"tone": "ok", "label": "头像：单人、正面、清晰", "figure": "72 KB"},
    {"tone": "wait", "label": "头像背景偏灰", "figure": "白色占 81%"},
    {"tone": "ok", "label": "身份证有效期", "figure": "至 2038-05-12"},
]
JOURNEY = "提交名单,上传资料,资格审核,生成订单,缴费,上传凭证,缴费确认,已报名"


def context(name: str) -> dict[str, Any]:
    """What a gallery page shows."""
    at = dt.datetime(2026, 11, 18, 9, 30)
    return {
        "shell": shell(name),
        "journey": JOURNEY,
        "states": SampleState,
        "roster": roster(),
        "images": images(),
        "checks": CHECKS,
        "identity": [
            ("性别 / 年龄", "男 · 54 岁"),
            ("学历 / 专业", "本科 · 工程造价"),
            ("从业年限", "3 年（2023-03 起）"),
            ("报考", "土建施工员 · 线下"),
        ],
        "reasons": [
            ("portrait", "头像不清"),
            ("portrait", "头像非白底"),
            ("id", "证件缺页"),
            ("work-years", "年限未盖章"),
        ],
        "reason_items": [("portrait", "头像"), ("id", "身份证"), ("work-years", "工作年限证明")],
        "people_figures": [
            ("报名中", 46),
            ("培训中", 31),
            ("待考试", 12),
            ("持证", 208),
            ("90 天内到期", 7, "wait"),
        ],
        "public_links": [
            ("培训机构", "/dev/components/institutions/"),
            ("通知公告", "/dev/components/notices/"),
            ("下载中心", "/dev/components/downloads/"),
            ("帮助", "/dev/components/help/"),
        ],
        "notices": [
            ("11-20", "关于 12 月考核计划安排的通知"),
            ("11-12", "继续教育学时要求调整说明"),
            ("11-03", "人脸信息使用告知与同意书"),
        ],
        "roles": [
            ("企业 / 学校", "报名、缴费、查进度", "building"),
            ("培训机构", "审核、开班、组织考核", "school"),
            ("主管部门", "审核、监管、发证", "building-bank"),
            ("学员", "学习、考试、证书", "user"),
            ("个人办事", "二级建造师注册", "id-badge-2"),
            ("办事进度", "凭申报号查询", "search"),
        ],
        "timeline": [
            {"at": at, "actor": "浙江晨光建设有限公司 · 周敏", "action": "提交资格审核", "tone": "info"},
            {
                "at": at + dt.timedelta(hours=5),
                "actor": "浙江示范培训学院 · 王芳",
                "action": "退回",
                "tone": "bad",
                "items": {"头像": "不是白底", "身份证": "反面缺失"},
            },
            {
                "at": at + dt.timedelta(days=1),
                "actor": "浙江晨光建设有限公司 · 周敏",
                "action": "重新提交",
                "remark": "已更换头像，补传身份证反面。",
                "tone": "wait",
            },
        ],
        "tabs": [
            Tab("全部", "#all", 46, True),
            Tab("待资格审核", "#submitted", 26, tone="wait"),
            Tab("退回修改", "#returned", 4, tone="bad"),
            Tab("已报名", "#enrolled", 1608),
        ],
        "compare_heads": ["证照读出", "单位填写"],
        "compare_rows": [
            CompareRow("统一社会信用代码", ["91330106MA2TEST001", "91330106MA2TEST001"]),
            CompareRow("单位名称", ["浙江晨光建设有限公司", "浙江晨光建设工程有限公司"]),
            CompareRow("法定代表人", ["林志远", "林志远"]),
        ],
        "chart": {
            "xAxis": {"type": "category", "data": ["7 月", "8 月", "9 月", "10 月", "11 月"]},
            "yAxis": {"type": "value", "name": "人"},
            "grid": {"left": 48, "right": 12, "top": 32, "bottom": 28},
            "series": [
                {"type": "bar", "data": [120, 160, 208, 231, 264], "name": "报名人数", "barMaxWidth": 36}
            ],
        },
        "chart_head": ["月份", "报名人数"],
        "chart_rows": [("7 月", 120), ("8 月", 160), ("9 月", 208), ("10 月", 231), ("11 月", 264)],
    } | (sample_forms() if name in {"forms", "index"} else {})
