"""Whether education, major and years of practice suffice for an occupation, and why (CAT-02, CAT-03).

Pure: a table of majors goes in, a verdict in words comes out. No row of the table is known here.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

TIERS = ("graduate", "bachelor", "college", "secondary")  # from the highest to the lowest
RELATIONS = ("matching", "related")
TIER_LABELS = {"graduate": "研究生", "bachelor": "本科", "college": "专科", "secondary": "中职"}
RELATION_LABELS = {"matching": "本专业", "related": "相关专业"}
BELOW = "below"
_EDUCATION = {
    "graduate": "graduate", "研究生": "graduate", "硕士": "graduate", "博士": "graduate",
    "bachelor": "bachelor", "本科": "bachelor", "大学本科": "bachelor",
    "college": "college", "大专": "college", "专科": "college",
    "secondary": "secondary", "中专": "secondary", "中职": "secondary", "职高": "secondary",
    "技校": "secondary",
    "high_school": BELOW, "高中": BELOW, "middle_school": BELOW, "初中": BELOW,
}  # fmt: skip
_EDUCATION_LABELS = {"high_school": "高中", "middle_school": "初中"}

_BRACKETS = re.compile(r"[(\[【〔].*?(?:[)\]】〕]|$)")
_NOISE = re.compile(r"[\s\"'“”‘’《》「」·.,，。、;；:：_-]+")
_ENDINGS = re.compile(r"(专业|方向|学科|领域)+$")


def normalize_major(text: str) -> str:
    """The comparable form of a major: half-width, no blanks or quotes, no 专业 / 方向 at the end."""
    plain = unicodedata.normalize("NFC", _NOISE.sub("", unicodedata.normalize("NFKC", text or "")))
    return _ENDINGS.sub("", plain) or plain


def major_forms(text: str) -> tuple[str, ...]:
    """Comparable forms of a major, the most exact first: with what stands in brackets, then without."""
    whole = normalize_major(text)
    bare = normalize_major(_BRACKETS.sub("", unicodedata.normalize("NFKC", text or "")))
    return tuple(dict.fromkeys(form for form in (whole, bare) if form))


@dataclass(frozen=True)
class Listing:
    """One major as the table lists it: where, under which entry (itself or the class that contains it)."""

    tier: str
    relation: str
    number: int
    entry: str
    through: str = ""


@dataclass(frozen=True)
class Knowledge:
    """What is known beside the table: members of classes (tier → entry → majors), and other majors."""

    members: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    other: frozenset[str] = frozenset()
    other_parts: tuple[str, ...] = ()

    def is_other(self, form: str) -> bool:
        """Whether a comparable form is plainly a major outside construction."""
        return form in self.other or any(part in form for part in self.other_parts)


@dataclass(frozen=True)
class Cell:
    """One cell of the table: a numbered row (tier and relation) in the column of one group of occupations."""

    number: int
    tier: str
    relation: str
    group: str
    majors: tuple[str, ...]


@dataclass(frozen=True)
class EligibilityRules:
    """One version of the table of majors with its years of practice, ready to be asked.

    `practice` maps (tier, relation) to years; `groups` maps a group's key to the words of its column;
    `accept_lower_tier`: a major not listed in the person's own tier but in a lower one counts as related.
    """

    cells: tuple[Cell, ...]
    practice: Mapping[tuple[str, str], Decimal]
    groups: Mapping[str, str] = field(default_factory=dict)
    accept_lower_tier: bool = False
    source: str = ""
    knowledge: Knowledge = field(default_factory=Knowledge)
    key: int = 0

    @cached_property
    def index(self) -> dict[tuple[str, str], dict[str, Listing]]:
        """(group, tier) → comparable form of a major → where it is listed.

        What the table names itself goes before what a class contains, matching before related.
        """
        found: dict[tuple[str, str], dict[str, Listing]] = {}
        for through_class in (False, True):
            for cell in sorted(self.cells, key=lambda cell: (RELATIONS.index(cell.relation), cell.number)):
                listed = found.setdefault((cell.group, cell.tier), {})
                for entry in cell.majors:
                    for name in self._members(cell.tier, entry) if through_class else (entry,):
                        through = entry if through_class else ""
                        listing = Listing(cell.tier, cell.relation, cell.number, name, through)
                        for form in major_forms(name):
                            listed.setdefault(form, listing)
        return found

    def _members(self, tier: str, entry: str) -> tuple[str, ...]:
        return self.knowledge.members.get(tier, {}).get(entry, ())

    def look_up(self, group: str, tier: str, major: str) -> Listing | None:
        """Where a major is listed for a group and a tier; none when it is not."""
        listed = self.index.get((group, tier), {})
        return next((listed[form] for form in major_forms(major) if form in listed), None)

    def repeated(self) -> list[str]:
        """Sentences on majors that stand in the matching and in the related row of one tier: matching goes first."""
        notes = []
        for key in self.groups or dict.fromkeys(cell.group for cell in self.cells):
            for tier in TIERS:
                first, second = (self._cell(key, tier, relation) for relation in RELATIONS)
                if first is None or second is None:
                    continue
                named = {normalize_major(major) for major in first.majors}
                both = [major for major in second.majors if normalize_major(major) in named]
                if both:
                    notes.append(
                        f"{self.groups.get(key, key)}：“{'、'.join(both)}”同时列在第 {first.number} 行和"
                        f"第 {second.number} 行，按{RELATION_LABELS['matching']}认定。"
                    )
        return notes

    def _cell(self, group: str, tier: str, relation: str) -> Cell | None:
        wanted = (group, tier, relation)
        return next((cell for cell in self.cells if (cell.group, cell.tier, cell.relation) == wanted), None)

    def similar(self, group: str, tier: str, major: str) -> str:
        """The listed major whose name is nearest to a misspelled one; empty when none is near."""
        listed = self.index.get((group, tier), {})
        form = normalize_major(major)
        near = difflib.get_close_matches(form, listed, n=1, cutoff=0.7) if len(form) > 2 else []
        return listed[near[0]].entry if near else ""


@dataclass(frozen=True)
class Verdict:
    """The answer and its reasons. `eligible` is None when a person has to judge.

    `code` is stable: eligible, practice_short, practice_missing, major_other, major_unknown, major_missing,
    education_low, education_unknown, group_missing, school, no_rule. `sentence` says which row fits, how many
    years are needed and shown; `advice` what to do (empty when nothing is to be done).
    """

    eligible: bool | None
    code: str
    sentence: str
    advice: str = ""
    tier: str = ""
    relation: str = ""
    row_number: int | None = None
    years_needed: Decimal | None = None
    years_shown: Decimal | None = None
    source: str = ""

    @property
    def title(self) -> str:
        """符合 / 不符合 / 需人工判断."""
        return {True: "符合", False: "不符合", None: "需人工判断"}[self.eligible]

    @property
    def tone(self) -> str:
        """The tone of badges and checks: ok, bad, wait."""
        return {True: "ok", False: "bad", None: "wait"}[self.eligible]

    @property
    def text(self) -> str:
        """Sentence and advice together."""
        return self.sentence + self.advice


def years_words(years: Decimal) -> str:
    """2, 1.5: without trailing zeros."""
    text = f"{years:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tier_of(education: str) -> str:
    """The tier of an education level (identifier or word); `below` for 高中 and 初中, empty when unknown."""
    return _EDUCATION.get((education or "").strip(), "")


def judge_eligibility(
    table: EligibilityRules | None,
    group: str,
    education: str,
    major: str,
    practice_years: Decimal | float | None,
    *,
    occupation: str = "",
    by_school: bool = False,
) -> Verdict:
    """Judge one person for an occupation of `group` by a table (CAT-02) and say why (CAT-03).

    `education` is an identifier such as `bachelor` or its word, `practice_years` what the work-years certificate
    says, `occupation` the word to use in the sentence. `by_school`: enrolled by their school, as students and this
    year's graduates are; then missing years are for a person to judge. Without a table nothing is checked.
    """
    if table is None:
        return Verdict(True, "no_rule", "本培训类别没有设置专业和工作年限条件。")
    shown = None if practice_years is None else Decimal(str(practice_years))
    tier = tier_of(education)
    refusal = _check_question(table, group, education, tier, occupation)
    if refusal is not None:
        return refusal
    if not normalize_major(major):
        return Verdict(
            None,
            "major_missing",
            "没有填写所学专业，不能对照专业对应表。",
            "请补填所学专业，或按学历证书人工核对。",
            tier=tier,
            years_shown=shown,
            source=table.source,
        )
    listing = table.look_up(group, tier, major)
    if listing is None and table.accept_lower_tier:
        listing = _in_lower_tier(table, group, tier, major)
    if listing is None:
        return _judge_unlisted(table, group, tier, major, shown)
    return _judge_years(table, listing, tier, major, shown, occupation or "本岗位", by_school)


def _check_question(
    table: EligibilityRules, group: str, education: str, tier: str, occupation: str
) -> Verdict | None:
    """Whether the table can be asked at all: a known group, a known education that it covers."""
    if group not in {cell.group for cell in table.cells}:
        return Verdict(
            None,
            "group_missing",
            f"{occupation or '本岗位'}没有列入专业对应表的任何一列。",
            "请人工核对；主管部门可在目录管理中设置岗位组。",
            source=table.source,
        )
    if not tier:
        return Verdict(
            None,
            "education_unknown",
            "学历没有填写或不能识别。",
            "请按学历证书核对学历。",
            source=table.source,
        )
    if tier == BELOW:
        label = _EDUCATION_LABELS.get(education, education)
        return Verdict(
            False,
            "education_low",
            f"学历为{label}，低于专业对应表要求的中职。",
            "取得土建类中职及以上学历后再报名。",
            source=table.source,
        )
    return None


def _in_lower_tier(table: EligibilityRules, group: str, tier: str, major: str) -> Listing | None:
    for lower in TIERS[TIERS.index(tier) + 1 :]:
        listing = table.look_up(group, lower, major)
        if listing is not None:
            return listing
    return None


def _judge_years(
    table: EligibilityRules,
    listing: Listing,
    tier: str,
    major: str,
    shown: Decimal | None,
    occupation: str,
    by_school: bool,
) -> Verdict:
    """The major is listed: are the years enough?"""
    relation = listing.relation if listing.tier == tier else "related"
    needed = table.practice.get((tier, relation), Decimal(0))
    belongs = _belongs(listing, tier, relation, major)
    rule = f"{occupation}须从业满 {years_words(needed)} 年" if needed else f"{occupation}不要求从业年限"

    def verdict(eligible: bool | None, code: str, rest: str, advice: str = "") -> Verdict:
        return Verdict(
            eligible,
            code,
            f"{belongs}，{rule}{rest}。",
            advice,
            tier=tier,
            relation=relation,
            row_number=listing.number,
            years_needed=needed,
            years_shown=shown,
            source=table.source,
        )

    if shown is not None and shown >= needed:
        return verdict(True, "eligible", f"，证明 {years_words(shown)} 年")
    if not needed:
        return verdict(True, "eligible", "")
    if by_school:
        return verdict(None, "school", "；由学校统一报名", "在校生、当年度毕业生的年限请人工判断。")
    if shown is None:
        return verdict(
            None, "practice_missing", "，没有填写岗位工作年限", "请补填岗位工作年限，或按工作年限证明核对。"
        )
    short = years_words(needed - shown)
    return verdict(
        False,
        "practice_short",
        f"，证明 {years_words(shown)} 年，还差 {short} 年",
        "请补充其他单位的工作年限证明，或满年限后再报名。",
    )


def _belongs(listing: Listing, tier: str, relation: str, major: str) -> str:
    """E.g. 本科“工程造价”属土建类相关专业（第 5 行）, and why when the name itself is not in the row."""
    where = f"第 {listing.number} 行"
    if listing.through:
        where += f"“{listing.through}”"
    elif normalize_major(listing.entry) != normalize_major(major):
        where += f"“{listing.entry}”"
    words = f"{TIER_LABELS[tier]}“{major.strip()}”属土建类{RELATION_LABELS[relation]}"
    if listing.tier == tier:
        return f"{words}（{where}）"
    return f"{words}（本层次未列，{TIER_LABELS[listing.tier]}列在{where}，按相关专业认定）"


def _judge_unlisted(
    table: EligibilityRules, group: str, tier: str, major: str, shown: Decimal | None
) -> Verdict:
    """The major is not in the person's tier: plainly another one, listed elsewhere, or unknown."""
    name = f"{TIER_LABELS[tier]}“{major.strip()}”"
    column = table.groups.get(group, "本岗位")

    def verdict(eligible: bool | None, code: str, sentence: str, advice: str) -> Verdict:
        return Verdict(eligible, code, sentence, advice, tier=tier, years_shown=shown, source=table.source)

    others = [key for key in dict.fromkeys(cell.group for cell in table.cells) if key != group]
    elsewhere = next((key for key in others if table.look_up(key, tier, major)), None)
    if elsewhere is not None:
        return verdict(
            False,
            "major_other",
            f"{name}在专业对应表中只列于{table.groups.get(elsewhere, '其他岗位')}，没有列于{column}。",
            "可改报该专业对应的岗位。",
        )
    for higher in reversed(TIERS[: TIERS.index(tier)]):
        if table.look_up(group, higher, major):
            return verdict(
                None,
                "major_unknown",
                f"{name}在专业对应表中列于{TIER_LABELS[higher]}，{TIER_LABELS[tier]}没有这一专业名称。",
                "请按学历证书核对学历和专业。",
            )
    if any(table.knowledge.is_other(form) for form in major_forms(major)):
        return verdict(
            False,
            "major_other",
            f"{name}不在土建类本专业、相关专业之列。",
            "按专业对应表不能报考，请核对学历证书上的专业名称。",
        )
    near = table.similar(group, tier, major)
    hint = f"名称相近的有“{near}”。" if near else ""
    return verdict(
        None,
        "major_unknown",
        f"专业对应表中没有找到{name}。{hint}",
        "请按学历证书核对专业名称，再人工判断属于本专业、相关专业还是其他专业。",
    )
