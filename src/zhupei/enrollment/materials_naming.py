"""Whose image is it and of which kind: read from the path inside an archive (MAT-01, MAT-02).

The rule is `<ID number>$<kind>`; people also write a full-width $, a dash or nothing, lower-case x,
full-width digits, the everyday word for a paper, or put the number or the kind on the folder. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from foundation.identifiers.text import squeeze

PORTRAIT = "portrait"
ID_FRONT = "id_front"
ID_BACK = "id_back"
EDUCATION = "education"
APPLICATION_FORM = "application_form"
WORK_YEARS = "work_years"

KIND_LABELS: dict[str, str] = {
    PORTRAIT: "头像",
    ID_FRONT: "身份证正面",
    ID_BACK: "身份证反面",
    EDUCATION: "学历证书",
    APPLICATION_FORM: "报名表",
    WORK_YEARS: "工作年限证明",
}
"""The six kinds in the order of the guide, with the word that belongs into the file name."""

KINDS: tuple[str, ...] = tuple(KIND_LABELS)

# What a file system holds; archives can claim more, and reading it would cost time.
_LONGEST_NAME = 255
_FOLDERS_READ = 20

_ID_WINDOW = re.compile(r"(?=([0-9]{17}[0-9X]))", re.ASCII)
_DIGITS = re.compile(r"[0-9]{15,}X?", re.ASCII)
_TOO_LONG = re.compile(r"[0-9]{18}[0-9X]$", re.ASCII)
_SUFFIX = re.compile(r"(?:\.[A-Za-z][A-Za-z0-9]{1,4}|\.7z)+$", re.ASCII)
_DOLLAR = re.compile(r"[$¥￥]")
_LOOKALIKES = str.maketrans({"×": "X", "✕": "X", "Х": "X", "х": "X", "Ⅹ": "X", "ⅹ": "X", "﹩": "$"})
_NOT_WORDS = re.compile(r"[\W_]+")
_COPY_MARKS = re.compile(
    r"(?:副本|复件|拷贝|copy|备份|扫描件|扫描|复印件|原件|图片|最新|最终|最终版|[0-9])+$", re.IGNORECASE
)

# The names of the contract, as `_word` leaves them: some people's programs write them.
_KIND_CODES = {kind.replace("_", "").upper(): kind for kind in KINDS}

_ID_CARD = re.compile(r"身份证|二代证|居民证")
_ID_CARD_FRONT = re.compile(r"正|人像|头像|照片面|信息面")
_ID_CARD_BACK = re.compile(r"反|背|国徽")
_SIDE_ALONE = {
    "正面": ID_FRONT,
    "人像面": ID_FRONT,
    "人像": ID_FRONT,
    "头像面": ID_FRONT,
    "反面": ID_BACK,
    "背面": ID_BACK,
    "国徽面": ID_BACK,
    "国徽": ID_BACK,
}
_PAPERS = (
    (re.compile(r"学历|毕业证|文凭|学信网"), EDUCATION),
    (re.compile(r"报名申请表|报名表|报名登记表|申请表|登记表"), APPLICATION_FORM),
    (re.compile(r"年限|工龄|工作证明|从业证明|工作经历"), WORK_YEARS),
)
_PORTRAIT = re.compile(r"头[像象]")
_PHOTO = re.compile(
    r"(?:电子|证件|个人|本人|学员|免冠|白底|一寸|1寸|壹寸|大头|登记|标准|近期|寸)*(?:照片|相片|照|寸)"
)
_PHOTO_AT_END = re.compile(r"(?:照片|相片|证件照|寸照|免冠照|大头照|登记照)$")


@dataclass(frozen=True, slots=True)
class ParsedName:
    """What a path says. `kind_text` is what stood where the kind should stand (for the message).

    `misshapen_id` is a run of digits that was meant as an ID number but is too short or too long.
    """

    id_number: str | None
    kind: str | None
    kind_text: str = ""
    misshapen_id: str = ""

    @property
    def lacks_side(self) -> bool:
        """Whether it is an ID card without a word on which side (or with both)."""
        return self.kind is None and _ID_CARD.search(self.kind_text) is not None


def normalize_id(text: str) -> str:
    """The form in which ID numbers are compared: half-width, no spaces, upper-case X."""
    return squeeze(text).translate(_LOOKALIKES).upper()


def parse_path(parts: Sequence[str], known_ids: Collection[str] = frozenset()) -> ParsedName:
    """Read person and kind from folders and file name; `known_ids` are normalized and break ties.

    The file name counts first, then the nearest folder. A word after `$` is never overruled by a folder.
    """
    if not parts:
        return ParsedName(None, None)
    stem = _stem(parts[-1][:_LONGEST_NAME])
    nearest = parts[-2 : -2 - _FOLDERS_READ : -1]
    folders = [normalize_id(part[:_LONGEST_NAME]) for part in nearest]
    id_number = _find_id(stem, known_ids)
    rest = stem.replace(id_number, "$", 1) if id_number else stem
    kind_text = _DOLLAR.split(rest)[-1] or rest
    explicit = _DOLLAR.search(stem) is not None and _word(kind_text) != ""
    kind = kind_of(kind_text, explicit=explicit) or (None if explicit else kind_of(rest, explicit=False))
    if kind is None and not explicit and not _ID_CARD.search(kind_text):
        kind = next(filter(None, (kind_of(folder, explicit=False) for folder in folders)), None)
    if id_number is None:
        id_number = next(filter(None, (_find_id(folder, known_ids) for folder in folders)), None)
    misshapen = "" if id_number else next((m.group() for m in _DIGITS.finditer(stem)), "")
    return ParsedName(id_number, kind, _NOT_WORDS.sub("", kind_text), misshapen)


def kind_of(text: str, *, explicit: bool = True) -> str | None:
    """The kind that a word names, or None when it names none or more than one.

    `explicit`: the text is nothing but the kind; otherwise a person's name may stand in it, too.
    """
    word = _word(text)
    if not word:
        return None
    if code := _KIND_CODES.get(word.upper()):
        return code
    found = {kind for pattern, kind in _PAPERS if pattern.search(word)}
    card = _ID_CARD.search(word)
    if card:
        sides = word[: card.start()] + word[card.end() :]
        front, back = _ID_CARD_FRONT.search(sides), _ID_CARD_BACK.search(sides)
        if found or bool(front) == bool(back):
            return None
        return ID_FRONT if front else ID_BACK
    if found:
        return found.pop() if len(found) == 1 else None
    if word in _SIDE_ALONE:
        return _SIDE_ALONE[word]
    if _PORTRAIT.search(word) or _PHOTO.fullmatch(word) or (not explicit and _PHOTO_AT_END.search(word)):
        return PORTRAIT
    return None


def _stem(file_name: str) -> str:
    return _SUFFIX.sub("", squeeze(file_name)).translate(_LOOKALIKES).upper()


def _word(text: str) -> str:
    """Letters, digits and Han characters only, without what copying and scanning appends."""
    return _COPY_MARKS.sub("", _NOT_WORDS.sub("", squeeze(text)))


def _find_id(text: str, known_ids: Collection[str]) -> str | None:
    """The ID number in a text: a known one if there is any, else the first that looks like one."""
    head, *more = _DOLLAR.split(text)
    head = head.strip("_-—·.")
    if head and head in known_ids:
        return head
    if more and _TOO_LONG.search(
        head
    ):  # one digit too many before the $: the number is whole at the end, or nowhere
        return head[-18:] if head[-18:] in known_ids else None
    windows = [match[1] for match in _ID_WINDOW.finditer(text)]
    for window in windows:
        if window in known_ids:
            return window
    exact = [run for run in _DIGITS.findall(text) if len(run) == 18]
    return exact[0] if exact else None
