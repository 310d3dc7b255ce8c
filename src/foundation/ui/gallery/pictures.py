"""Drawn stand-ins for photographed documents, so that the viewer has something to show."""

from __future__ import annotations

SVG = 'xmlns="http://www.w3.org/2000/svg"'
FACE = (
    '<rect width="160" height="224" fill="#fff"/>'
    '<path d="M18 224c0-62 34-78 62-78s62 16 62 78z" fill="#31466f"/>'
    '<rect x="68" y="122" width="24" height="30" fill="#dcb79c"/>'
    '<ellipse cx="80" cy="92" rx="34" ry="44" fill="#dfbba2"/>'
    '<path d="M42 84c-2-62 78-62 76 0z" fill="#241b17"/>'
    '<circle cx="66" cy="94" r="4"/><circle cx="94" cy="94" r="4"/>'
    '<path d="M68 116q12 9 24 0" fill="none" stroke="#a33" stroke-width="2"/>'
)
FRONT = [
    "姓名　陆一鸣",
    "性别　男　　民族 汉",
    "出生　1972 年 1 月 3 日",
    "住址　浙江省杭州市西湖区样本路1号",
]
PAGES = {
    "id-back": (
        "#e6e4e8",
        ["中华人民共和国", "居民身份证", "签发机关　样本市公安局", "有效期限　2018.05.12-2038.05.12"],
    ),
    "education": ("#faf6ec", ["普通高等学校", "毕业证书", "学生 陆一鸣 工程造价专业", "四年制本科 准予毕业"]),
    "application": ("#ffffff", ["报名表", "姓名　陆一鸣　性别　男", "报考　土建施工员", "单位意见（盖章）"]),
}


def draw(name: str) -> str:
    """SVG of the document called `name`; an empty sheet for names that are not known."""
    if name == "portrait":
        return f'<svg {SVG} width="295" height="413" viewBox="0 0 160 224">{FACE}</svg>'
    if name == "id-front":
        lines = (
            _lines(FRONT, 40, 64, 54)
            + '<text x="40" y="384" fill="#3b6ea0">公民身份号码</text>'
            + ('<text x="208" y="386" font-size="30">33042119720103041X</text>')
        )
        face = f'<svg x="488" y="74" width="160" height="224" viewBox="0 0 160 224">{FACE}</svg>'
        return _sheet("#e2ecf0", lines + face)
    color, words = PAGES.get(name, ("#ffffff", []))
    return _sheet(color, _lines(words, 80, 120, 62))


def _lines(words: list[str], left: int, top: int, step: int) -> str:
    return "".join(
        f'<text x="{left}" y="{top + step * index}">{line}</text>' for index, line in enumerate(words)
    )


def _sheet(color: str, inner: str) -> str:
    return (
        f'<svg {SVG} width="700" height="440" viewBox="0 0 700 440" font-size="22" '
        f'font-family="sans-serif"><rect width="700" height="440" rx="10" fill="{color}"/>{inner}</svg>'
    )
