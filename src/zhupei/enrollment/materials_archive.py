"""The one judge of an archive of materials: the upload screen and `zhupei check-materials` share it.

Streams entry by entry, holds one image at a time, keeps what is good and names what is bad (MAT-02, MAT-03).
Pure: no Django, no database; storing is the caller's `on_good`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO

from foundation.files.archives import (
    Archive,
    ArchiveEntry,
    ArchiveLimits,
    ArchiveRefusedError,
    EntryRefusedError,
    open_archive,
)
from foundation.files.images import (
    PORTRAIT_MAX_BYTES,
    CleanImage,
    ImageLimits,
    ImageRefusedError,
    check_pixels,
    fit_portrait,
    reencode,
)
from zhupei.enrollment.materials_naming import (
    KIND_LABELS,
    KINDS,
    PORTRAIT,
    ParsedName,
    normalize_id,
    parse_path,
)

OnGood = Callable[[str, str, str, CleanImage], None]
"""Called with entry name, ID number, kind and the re-encoded image, once for each that is matched."""
OnProgress = Callable[[int, int], None]
"""Called with the number of entries done and of all entries, about two hundred times."""

_ARCHIVE_SUFFIXES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zipx")
_SWELLING_CODES = frozenset({"compression_ratio", "entry_too_large"})
_WHOLE_ARCHIVE_CODES = frozenset({"archive_too_large", "too_many_entries"})
_EXAMPLE = "110101198001010010$头像.jpg"
_KIND_WORDS = "、".join(KIND_LABELS.values())
_NAMING_HINT = f"请按“身份证号$资料名称”命名，例如 {_EXAMPLE}。"
_SIMILAR_LOOKUPS = 200


@dataclass(frozen=True, slots=True)
class MaterialsLimits:
    """What an archive of materials and each of its images may cost."""

    archive: ArchiveLimits = field(default_factory=ArchiveLimits)
    image: ImageLimits = field(default_factory=ImageLimits)
    portrait_bytes: int = PORTRAIT_MAX_BYTES


@dataclass(frozen=True, slots=True)
class Matched:
    """An entry that was taken."""

    entry: str
    id_number: str
    kind: str


@dataclass(frozen=True, slots=True)
class EntryProblem:
    """An entry that was not taken: code of interfaces.md, sentence with cause and mend."""

    entry: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A person of the roster for whom the archive brought no good image of these kinds."""

    id_number: str
    kinds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EntryNote:
    """Something to know about an entry that was taken."""

    entry: str
    message: str


@dataclass(frozen=True, slots=True)
class MaterialsVerdict:
    """The result. `notes` are for the screen only; the rest is the contract of `check-materials`."""

    matched: list[Matched]
    problems: list[EntryProblem]
    missing: list[Missing]
    notes: list[EntryNote]

    def as_json(self) -> dict[str, Any]:
        """The document that `zhupei check-materials` prints."""
        return {
            "matched": [
                {"entry": item.entry, "id_number": item.id_number, "kind": item.kind} for item in self.matched
            ],
            "problems": [
                {"entry": item.entry, "code": item.code, "message": item.message} for item in self.problems
            ],
            "missing": [{"id_number": item.id_number, "kinds": list(item.kinds)} for item in self.missing],
        }


def judge_archive(
    source: str | PathLike[str] | BinaryIO,
    known_ids: Iterable[str],
    *,
    on_good: OnGood | None = None,
    on_progress: OnProgress | None = None,
    limits: MaterialsLimits | None = None,
) -> MaterialsVerdict:
    """Judge every entry of a ZIP against the people of a batch.

    `known_ids` in the order in which `missing` shall name them. A second good entry of the same person
    and kind is a `duplicate`; after a bad one the next is still taken. Too heavy portraits are compressed.
    Raises ArchiveRefusedError when the file is no usable ZIP, and whatever `on_good` raises.
    """
    limits = limits or MaterialsLimits()
    judge = _Judge(list(dict.fromkeys(normalize_id(number) for number in known_ids)), limits, on_good)
    try:
        with open_archive(source, limits.archive) as archive:
            judge.judge_all(archive, on_progress)
    except ArchiveRefusedError as error:
        if error.code not in _WHOLE_ARCHIVE_CODES:
            raise
        judge.problems.append(EntryProblem(_name_of(source), error.code, error.message))
    return judge.verdict()


class _Judge:
    """The state of one pass over an archive."""

    def __init__(self, known_ids: list[str], limits: MaterialsLimits, on_good: OnGood | None) -> None:
        self._order = known_ids
        self._known = frozenset(known_ids)
        self._limits = limits
        self._on_good = on_good
        self._taken: set[tuple[str, str]] = set()
        self._similar_left = _SIMILAR_LOOKUPS
        self.matched: list[Matched] = []
        self.problems: list[EntryProblem] = []
        self.notes: list[EntryNote] = []

    def judge_all(self, archive: Archive, on_progress: OnProgress | None) -> None:
        total = len(archive.entries)
        step = max(1, total // 200)
        for done, entry in enumerate(archive.entries, start=1):
            problem = self._judge(entry)
            if problem is not None:
                self.problems.append(problem)
                if problem.code in _WHOLE_ARCHIVE_CODES:
                    break
            if on_progress is not None and done % step == 0 and done < total:
                on_progress(done, total)
        if on_progress is not None:
            on_progress(total, total)

    def verdict(self) -> MaterialsVerdict:
        missing = []
        for number in self._order:
            kinds = tuple(kind for kind in KINDS if (number, kind) not in self._taken)
            if kinds:
                missing.append(Missing(number, kinds))
        return MaterialsVerdict(self.matched, self.problems, missing, self.notes)

    def _judge(self, entry: ArchiveEntry) -> EntryProblem | None:
        """Take one entry, or say why not. Cheap reasons first: the image is unpacked last."""
        if entry.problem is not None:
            return self._refused(entry, entry.problem)
        if entry.parts[-1].lower().endswith(_ARCHIVE_SUFFIXES):
            return EntryProblem(
                entry.name,
                "unreadable_image",
                "压缩包里不能再套压缩包。请先解压，把里面的图片直接放进文件夹后重新压缩。",
            )
        parsed = parse_path(entry.parts, self._known)
        number, kind = parsed.id_number, parsed.kind
        if number is None or number not in self._known:
            return EntryProblem(entry.name, "unknown_person", self._unknown_person(parsed))
        if kind is None:
            return EntryProblem(entry.name, "unknown_kind", _unknown_kind(parsed))
        if (number, kind) in self._taken:
            return EntryProblem(
                entry.name,
                "duplicate",
                f"同一人的“{KIND_LABELS[kind]}”在压缩包里不止一个，已采用前面的一个，请删去多余的文件。",
            )
        return self._take(entry, number, kind)

    def _refused(self, entry: ArchiveEntry, problem: EntryRefusedError) -> EntryProblem:
        """A picture of one color packs like a bomb; when it has too many pixels, that is what has to be mended."""
        if problem.code in _SWELLING_CODES:
            try:
                check_pixels(entry.head(), self._limits.image)
            except ImageRefusedError as error:
                return EntryProblem(entry.name, error.code, error.message)
        return _from_archive(entry, problem)

    def _take(self, entry: ArchiveEntry, number: str, kind: str) -> EntryProblem | None:
        try:
            image = self._draw(entry, kind)
        except EntryRefusedError as error:
            return self._refused(entry, error)
        except ImageRefusedError as error:
            return EntryProblem(entry.name, error.code, error.message)
        if self._on_good is not None:
            self._on_good(entry.name, number, kind, image)
        self._taken.add((number, kind))
        self.matched.append(Matched(entry.name, number, kind))
        return None

    def _draw(self, entry: ArchiveEntry, kind: str) -> CleanImage:
        data = entry.read()
        if kind != PORTRAIT:
            return reencode(data, self._limits.image)
        image = fit_portrait(data, self._limits.portrait_bytes, limits=self._limits.image)
        if len(data) > self._limits.portrait_bytes:
            limit = self._limits.portrait_bytes // 1024
            self.notes.append(
                EntryNote(
                    entry.name,
                    f"头像原为 {-(-len(data) // 1024)} KB，已自动压缩到 {limit} KB 以内，请查看是否清晰。",
                )
            )
        return image

    def _unknown_person(self, parsed: ParsedName) -> str:
        number = parsed.id_number
        if number is None:
            if parsed.misshapen_id:
                return (
                    f"文件名里的身份证号 {parsed.misshapen_id} 是 {len(parsed.misshapen_id)} 位，应为 18 位，"
                    "请对照身份证改正文件名后再上传。"
                )
            return f"文件名里没有身份证号，不知道是谁的资料。{_NAMING_HINT}"
        similar = self._similar(number)
        if similar is not None:
            return f"名单里没有身份证号 {number} 的人员，但有很接近的 {similar}，请核对后改正文件名或名单。"
        return f"名单里没有身份证号 {number} 的人员，请核对文件名里的号码；要报名的，请先把此人加入名单。"

    def _similar(self, number: str) -> str | None:
        """A known number that differs in one character or by two swapped ones; looked up a few times only."""
        if self._similar_left <= 0:
            return None
        self._similar_left -= 1
        return next((known for known in self._order if _differs_little(known, number)), None)


def _differs_little(known: str, number: str) -> bool:
    if len(known) != len(number):
        return False
    places = [at for at, (a, b) in enumerate(zip(known, number, strict=True)) if a != b]
    if len(places) == 1:
        return True
    if len(places) != 2:
        return False
    first, second = places
    return known[first] == number[second] and known[second] == number[first]


def _from_archive(entry: ArchiveEntry, error: EntryRefusedError) -> EntryProblem:
    code = "unreadable_image" if error.code == "unreadable" else error.code
    return EntryProblem(entry.name, code, error.message)


def _unknown_kind(parsed: ParsedName) -> str:
    if parsed.lacks_side:
        return (
            "没有写明是身份证的哪一面，请在文件名里写成“身份证正面”（有照片的一面）或“身份证反面”（国徽面）。"
        )
    said = f"“{parsed.kind_text[:20]}”" if parsed.kind_text else "文件名里没有写"
    return f"看不出是哪种资料（{said}）。请在身份证号和 $ 之后写明：{_KIND_WORDS}。"


def _name_of(source: str | PathLike[str] | BinaryIO) -> str:
    name = source if isinstance(source, str | PathLike) else getattr(source, "name", "")
    return Path(str(name)).name or "压缩包"
