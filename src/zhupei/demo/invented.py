"""Invented people and firms with valid check digits; the same seed makes the same world."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass

from foundation.identifiers import id_number, uscc

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡林郭何高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严"
GIVEN_MALE = [
    "建国",
    "志强",
    "伟",
    "磊",
    "晓峰",
    "振华",
    "海涛",
    "文斌",
    "国庆",
    "俊杰",
    "立新",
    "永康",
    "明辉",
    "德胜",
    "新民",
    "少华",
    "鹏飞",
    "宏伟",
    "浩然",
    "建军",
]
GIVEN_FEMALE = [
    "丽",
    "秀英",
    "晓燕",
    "雪梅",
    "文静",
    "若兰",
    "佳怡",
    "小红",
    "美玲",
    "海霞",
    "春花",
    "雅琴",
    "思敏",
    "婷婷",
    "玉兰",
    "静",
    "燕萍",
    "晓雯",
    "慧",
    "芳",
]
FIRM_WORDS = [
    "晨曦",
    "宏远",
    "鼎盛",
    "华泰",
    "金石",
    "东阳",
    "天成",
    "中恒",
    "广厦达",
    "新安",
    "鸿基",
    "瑞丰",
    "博远",
    "恒信",
    "正兴",
    "长虹",
    "万里",
    "青山",
    "永固",
    "同创",
    "通达",
    "卓越",
    "江南",
    "百川",
    "开元",
    "振兴",
    "三联",
    "明珠",
    "大禹",
    "利民",
    "诚建",
    "方圆",
    "山水",
    "凯盛",
    "龙腾",
    "新宇",
    "汇丰源",
    "建安",
    "金桥",
    "海峰",
    "嘉业",
    "远洋城",
    "富强",
    "立信",
    "和盛",
    "银河",
    "泰山",
    "中天源",
]
FIRM_KINDS = ["建设有限公司", "建筑工程有限公司", "市政园林有限公司", "装饰工程有限公司", "安装工程有限公司"]


@dataclass(frozen=True)
class InventedPerson:
    name: str
    id_number: str
    gender: str
    birth_date: dt.date
    phone: str


class Inventor:
    """A source of invented identities; nothing it makes repeats within one inventor."""

    def __init__(self, seed: int = 1) -> None:
        self.random = random.Random(seed)
        self._serial = 0
        self._firms = 0

    def person(self, region_code: str = "330106", *, born: dt.date | None = None) -> InventedPerson:
        """Somebody between 22 and 55, with an ID number of that county."""
        self._serial += 1
        female = self.random.random() < 0.3
        day = born or dt.date(1971, 1, 1) + dt.timedelta(days=self.random.randrange(32 * 365))
        order = (self._serial * 2 + (0 if female else 1)) % 1000
        if self._serial >= 499:
            day -= dt.timedelta(days=self._serial // 499)
        first_17 = f"{region_code}{day:%Y%m%d}{order:03d}"
        given = self.random.choice(GIVEN_FEMALE if female else GIVEN_MALE)
        return InventedPerson(
            name=self.random.choice(SURNAMES) + given,
            id_number=first_17 + id_number.check_character(first_17),
            gender="female" if female else "male",
            birth_date=day,
            phone=f"1{self.random.choice('3578')}{self.random.randrange(10)}{self._serial % 10**8:08d}",
        )

    def credit_code(self, region_code: str = "330106") -> str:
        """A valid unified social credit code of an enterprise registered in that county."""
        self._firms += 1
        first_17 = f"91{region_code}MA2B{self._firms:05d}"
        return first_17 + uscc.check_character(first_17)

    def firm(self, place: str) -> str:
        """A firm's name, e.g. 杭州晨光建设有限公司."""
        number = self._firms
        word = FIRM_WORDS[number % len(FIRM_WORDS)]
        return f"{place}{word}{FIRM_KINDS[(number // len(FIRM_WORDS) + number) % len(FIRM_KINDS)]}"
