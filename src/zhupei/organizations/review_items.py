"""What is reviewed, the items a reason can be given for, and the most frequent reasons (ORG-10)."""

from __future__ import annotations

REGISTRATION = "organization"
CHANGE = "organization_change"
INSTITUTION = "institution"

REGISTRATION_ITEMS = {
    "local": "属地",
    "scope": "施工企业（经营范围）",
    "basic": "基本信息",
    "contact": "联系人和负责人",
    "yyzz": "营业执照",
    "cns": "企业承诺书（格式、签字盖章）",
    "zzzs": "资质证书",
}
CHANGE_ITEMS = {
    "name": "单位名称",
    "uscc": "统一社会信用代码",
    "region": "所属地区",
    "affiliation": "审核部门",
    "yyzz": "营业执照",
    "cns": "企业承诺书（格式、签字盖章）",
    "reason": "变更原因",
}
FILE_ITEMS = {
    "license": "营业执照",
    "letter": "承诺书",
    "teachers": "师资",
    "external": "外聘师资",
    "sites": "场地与机房",
    "account": "收款账户",
    "introduction": "机构介绍",
}

# (item, sentence) pairs offered as chips; a reviewer may always write something else.
REGISTRATION_REASONS = (
    ("local", "不是本地企业，请核对所属地区"),
    ("scope", "经营范围不含施工经营活动"),
    ("basic", "单位信息与营业执照不一致"),
    ("contact", "联系人或负责人信息有误"),
    ("yyzz", "营业执照不清晰，请重新上传"),
    ("yyzz", "上传的不是营业执照"),
    ("cns", "承诺书未盖章"),
    ("cns", "承诺书未签字"),
    ("cns", "承诺书格式不对，请用本站模板"),
    ("zzzs", "资质证书不清晰，请重新上传"),
)
CHANGE_REASONS = (
    ("name", "名称与营业执照不一致"),
    ("uscc", "信用代码与营业执照不一致"),
    ("region", "不是本地企业，请核对所属地区"),
    ("affiliation", "审核部门选择不对"),
    ("yyzz", "营业执照不清晰，请重新上传"),
    ("cns", "承诺书未签字或未盖章"),
    ("reason", "请把变更原因写清楚"),
)
FILE_REASONS = (
    ("license", "营业执照不清晰，请重新上传"),
    ("license", "营业执照与机构名称不一致"),
    ("letter", "承诺书未签字或未盖章"),
    ("teachers", "师资证书与任教科目不符"),
    ("teachers", "师资人数不够，请补充"),
    ("external", "外聘师资请写明所在单位"),
    ("sites", "场地地址不详，请写到门牌号"),
    ("sites", "机房座位数与实际不符"),
    ("account", "户名与机构名称不一致"),
    ("introduction", "机构介绍请补充办学资质和经验"),
)
