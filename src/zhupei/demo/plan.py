"""What the demonstration world consists of: tables to read, nothing else."""

from __future__ import annotations

PASSWORD = "Zhupei-demo-2026"  # noqa: S105  a demonstration password, printed at start
SEED = 20261121

CITIES = {
    "330100": ("杭州", "330106"),
    "330200": ("宁波", "330203"),
    "330300": ("温州", "330302"),
    "330400": ("嘉兴", "330402"),
    "330500": ("湖州", "330502"),
    "330600": ("绍兴", "330602"),
    "330700": ("金华", "330702"),
    "330800": ("衢州", "330802"),
    "330900": ("舟山", "330902"),
    "331000": ("台州", "331002"),
    "331100": ("丽水", "331102"),
}

# city code ("330000": provincial), name, short name, strengths
INSTITUTIONS = [
    ("330000", "浙江示范建设职业学院", "浙示范", "实训基地 6000 平方米；讲师均有现场十年以上经历"),
    ("330100", "杭州样本职业技能学校", "杭样本", "地铁站旁机房；周末班"),
    ("330100", "杭州筑才培训学院", "杭筑才", "线上课程齐全，错题逐题讲解"),
    ("330100", "杭州钱塘建筑培训中心", "钱塘培", "小班授课，每班不超过 40 人"),
    ("330100", "杭州良匠培训学校", "杭良匠", "送教上门，满 30 人可到企业开班"),
    ("330100", "杭州城建专修学院", "杭城建", "自有考场，当月培训当月考核"),
    ("330200", "宁波甬建培训学校", "甬建培", "市政专业师资强"),
    ("330300", "温州瓯越建设培训中心", "瓯越培", "设备安装实训车间"),
    ("330400", "嘉兴南湖建筑培训学校", "南湖培", "接送学员；食宿便利"),
    ("330500", "湖州苕溪城建技能学校", "苕溪培", "装饰装修样板间实训"),
    ("330600", "绍兴鉴湖建设培训学校", "鉴湖培", "建筑之乡，企业导师授课"),
    ("330700", "金华婺江培训学院", "婺江培", "线上线下同步，缺课可补"),
    ("330800", "衢州信安建设培训学校", "信安培", "每月固定开班"),
    ("330900", "舟山海山培训学校", "海山培", "港口与市政方向"),
    ("331000", "台州椒江建设培训中心", "椒江培", "夜间班，不误工期"),
    ("331100", "丽水瓯江培训学校", "瓯江培", "山区学员交通补贴"),
]

# occupation, delivery, fee in yuan, start pattern
OFFERS = [
    ("土建施工员", "onsite", "520", "每月 10 日开班"),
    ("土建施工员", "online", "480", "随报随学"),
    ("土建质量员", "onsite", "520", "每月 10 日开班"),
    ("土建质量员", "online", "480", "随报随学"),
    ("市政质量员", "online", "480", "随报随学"),
    ("市政施工员", "onsite", "540", "每月 20 日开班"),
    ("资料员", "online", "460", "随报随学"),
    ("材料员", "online", "460", "随报随学"),
    ("劳务员", "onsite", "450", "满 20 人开班"),
    ("机械员", "onsite", "560", "满 20 人开班"),
]

# city code → registration states of the organizations made there; the first of 杭州 and 宁波 are the demo accounts
ORGANIZATIONS = {
    "330100": ["approved"] * 11 + ["submitted"] * 3 + ["rejected"] * 2 + ["accepted", "draft"],
    "330200": ["approved"] * 4 + ["submitted", "rejected"],
    "330300": ["approved"] * 3 + ["submitted"],
    "330400": ["approved"] * 2 + ["rejected"],
    "330500": ["approved"] * 2 + ["submitted"],
    "330600": ["approved"] * 3 + ["accepted"],
    "330700": ["approved"] * 2 + ["submitted"],
    "330800": ["approved", "draft"],
    "330900": ["approved"],
    "331000": ["approved", "submitted"],
    "331100": ["approved"],
}

# (organization index among the approved, offer's occupation, delivery, {state: head-count}) for the two demo accounts
SHOWCASE = [
    ("土建施工员", "onsite", {"draft": 26}),
    ("资料员", "online", {"ordered": 12}),
    ("市政质量员", "online", {"submitted": 5, "eligible": 3}),
    ("土建质量员", "onsite", {"returned": 2, "submitted": 6}),
    ("材料员", "online", {"eligible": 9}),
    ("土建施工员", "online", {"paid": 10}),
    ("劳务员", "onsite", {"enrolled": 14}),
    ("机械员", "onsite", {"enrolled": 6, "withdrawn": 1, "ineligible": 1}),
    ("市政施工员", "onsite", {"enrolled": 7}),
]

# What the other approved organizations have, in turn.
ORDINARY = [
    {"draft": 9, "submitted": 6},
    {"submitted": 12},
    {"submitted": 6, "returned": 3},
    {"eligible": 10, "ineligible": 1},
    {"ordered": 12},
    {"paid": 12},
    {"enrolled": 16},
    {"enrolled": 11, "withdrawn": 1},
]

REASONS = {
    "portrait": "头像背景不是白色，请用近期白底一寸免冠照片",
    "work_years": "工作年限证明未盖公章",
    "education": "学历证书照片模糊，看不清专业",
    "application_form": "报名表缺本人签名",
}

MAJORS = [
    ("bachelor", "土木工程", "6"),
    ("bachelor", "工程管理", "3"),
    ("college", "建筑工程技术", "5"),
    ("college", "工程造价", "2"),
    ("secondary", "建筑工程施工", "8"),
    ("college", "道路桥梁工程技术", "4"),
    ("bachelor", "建筑学", "1"),
    ("college", "会计", "6"),
]

NOTICES = [
    (
        18,
        "关于 12 月考核计划安排的通知",
        "各培训机构、报名单位：\n12 月考核自 12 月 8 日起分批进行，请于 11 月 30 日前完成报名和资料上传。",
    ),
    (
        9,
        "报名资料拍摄要求",
        "头像须为近期白底一寸免冠照片，不超过 80 KB。身份证、学历证书请平放拍摄，四角完整，文字清晰。\n平台会自动压缩过大的头像，不需要另外处理。",
    ),
    (
        1,
        "关于规范汇款凭证上传的通知",
        "一张订单对应一笔汇款，付款单位必须是报名单位本身，附言请写订单号。个人代缴、他人代缴一律退回。",
    ),
]
