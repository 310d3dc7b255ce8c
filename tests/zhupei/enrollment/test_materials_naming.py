"""Whose image and of which kind, read from the path (MAT-01, MAT-02)."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhupei.enrollment.materials_naming import KIND_LABELS, KINDS, kind_of, normalize_id, parse_path
from zhupei.enrollment.models import MaterialKind

ID = "33042119720103041X"
OTHER = "330106197402050425"
KNOWN = frozenset({ID, OTHER})


def test_kinds_are_those_of_the_stored_materials() -> None:
    """MAT-01: one list of kinds, the same in files and database."""
    assert dict(MaterialKind.choices) == KIND_LABELS


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "pattern",
    [
        "{id}${kind}.jpg",
        "{id}＄{kind}.JPG",
        "{id}￥{kind}.jpeg",
        "{id}¥{kind}.png",
        "{id}﹩{kind}.png",
        "{id}{kind}.jpg",
        "{id}_{kind}.jpg",
        "{id}-{kind}.jpg",
        "{id}—{kind}.jpg",
        "{id} $ {kind} .jpg",
        "{id}${kind}.jpg.jpg",
        "{id}${kind}",
        "{id}$$ {kind}.jpg",
        "{id}（{kind}）.jpg",
        "{id}${kind}(1).jpg",
        "{id}${kind} - 副本.jpg",
        "{id}${kind}扫描件.jpg",
        "{kind}_{id}.jpg",
        "{kind}${id}.jpg",
        "张三{id}{kind}.jpg",
        "张三_{id}_{kind}.jpg",
        "{id}张三{kind}.jpg",
        "\u202a{id}\u200b${kind}.jpg",
    ],
)
def test_the_rule_and_what_people_make_of_it(pattern: str, kind: str) -> None:
    """MAT-01, MAT-02: half and full width, separators, suffixes, copies."""
    spellings = (ID, ID.lower(), ID[:6] + " " + ID[6:], ID.translate(WIDE), ID[:17] + "×")
    for spelling in spellings:
        name = pattern.format(id=spelling, kind=KIND_LABELS[kind])
        parsed = parse_path(("报名资料", name), KNOWN)
        assert (parsed.id_number, parsed.kind) == (ID, kind), name


WIDE = {ord(char): ord(char) + 0xFEE0 for char in "0123456789X"}


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        ("照片", "portrait"),
        ("一寸照片", "portrait"),
        ("1寸照", "portrait"),
        ("证件照", "portrait"),
        ("白底免冠照片", "portrait"),
        ("头像照片", "portrait"),
        ("头象", "portrait"),
        ("身份证人像面", "id_front"),
        ("身份证头像面", "id_front"),
        ("二代居民身份证正面", "id_front"),
        ("身份证（正面）", "id_front"),
        ("身份证正面照片", "id_front"),
        ("正面身份证", "id_front"),
        ("身份证正", "id_front"),
        ("人像面", "id_front"),
        ("身份证国徽面", "id_back"),
        ("身份证背面", "id_back"),
        ("身份证反", "id_back"),
        ("反面", "id_back"),
        ("学历证", "education"),
        ("毕业证", "education"),
        ("毕业证书照片", "education"),
        ("最高学历证明", "education"),
        ("报名申请表", "application_form"),
        ("培训报名表", "application_form"),
        ("年限证明", "work_years"),
        ("岗位工作年限证明", "work_years"),
        ("工作证明", "work_years"),
        ("工作年限证明图片", "work_years"),
    ],
)
def test_everyday_words(word: str, kind: str) -> None:
    """MAT-02: synonyms that people use."""
    assert kind_of(word) == kind
    assert parse_path((f"{ID}${word}.jpg",), KNOWN).kind == kind


@pytest.mark.parametrize(
    "word",
    [
        "简历", "合同", "护照", "照明图", "其他", "1", "身份证", "身份证正反面", "报名表和学历证", "学位",
        "社保", "体检表", "身份证正面报名表", "",
    ],
)  # fmt: skip
def test_words_that_name_no_single_kind(word: str) -> None:
    """MAT-02: unknown kind."""
    parsed = parse_path(("资料", f"{ID}${word}.jpg"), KNOWN)
    assert parsed.id_number == ID
    assert parsed.kind is None


def test_an_id_card_without_side_is_told_apart() -> None:
    assert parse_path((f"{ID}$身份证.jpg",), KNOWN).lacks_side
    assert not parse_path((f"{ID}$简历.jpg",), KNOWN).lacks_side


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("张三", f"{ID}$头像.jpg"), "portrait"),
        ((ID, "头像.jpg"), "portrait"),
        ((f"张三{ID}", "身份证正面.jpg"), "id_front"),
        ((f"{ID.lower()} 张三", "资料", "国徽面.png"), "id_back"),
        (("头像", f"{ID}.jpg"), "portrait"),
        (("照片", f"张三{ID}.jpg"), "portrait"),
        (("学历证书", "二班", f"张三-{ID}.jpg"), "education"),
        ((f"{ID}张三", "报名表", "IMG_2024.jpg"), "application_form"),
        (("头像", f"{ID}$学历证书.jpg"), "education"),
        ((OTHER, f"{ID}$头像.jpg"), "portrait"),
    ],
)
def test_folders_may_carry_number_or_kind(path: tuple[str, ...], kind: str) -> None:
    """MAT-02: any folder depth; the file name counts first."""
    parsed = parse_path(path, KNOWN)
    assert (parsed.id_number, parsed.kind) == (ID, kind)


def test_a_word_after_the_dollar_is_not_overruled_by_a_folder() -> None:
    assert parse_path(("头像", f"{ID}$简历.jpg"), KNOWN).kind is None


def test_a_known_number_is_found_among_digits() -> None:
    """Stray digits beside the number; a number not on the roster."""
    assert parse_path((f"1{OTHER}$头像.jpg",), KNOWN).id_number == OTHER
    assert parse_path((f"20261121{OTHER}头像.jpg",), KNOWN).id_number == OTHER
    assert parse_path((f"{OTHER}1头像.jpg",), KNOWN).id_number == OTHER
    assert parse_path(("110101198001010010$头像.jpg",), KNOWN).id_number == "110101198001010010"


def test_a_digit_too_many_before_the_dollar_is_no_other_number() -> None:
    """MAT-01: the number stands whole before the $; one digit more behind it is a slip, not a page number."""
    parsed = parse_path((f"{OTHER}1$头像.jpg",), KNOWN)
    assert (parsed.id_number, parsed.misshapen_id) == (None, f"{OTHER}1")


@pytest.mark.parametrize("kind", KINDS)
def test_the_names_of_the_contract_are_kinds_too(kind: str) -> None:
    """Interfaces 1: portrait, id_front … as another program writes them."""
    assert parse_path((f"{ID}${kind}.jpg",), KNOWN).kind == kind
    assert parse_path((kind, f"{ID}.jpg"), KNOWN).kind == kind


def test_misshapen_numbers_are_told() -> None:
    parsed = parse_path(("33010619740205042$头像.jpg",), KNOWN)
    assert parsed.id_number is None
    assert parsed.misshapen_id == "33010619740205042"
    assert parse_path(("头像.jpg",), KNOWN).misshapen_id == ""


def test_other_documents_that_the_roster_knows() -> None:
    """Known numbers need not be ID numbers of 18 places."""
    assert parse_path(("H1234567$头像.jpg",), {"H1234567"}).id_number == "H1234567"


@pytest.mark.parametrize("filling", ["1", "副本", "电子", ".a", "身份证", "最终版1"])
def test_endless_names_cost_no_time(filling: str) -> None:
    """MAT-03: archives may claim names of thousands of characters and folders; reading them stays cheap."""
    started = time.process_time()
    for _ in range(20):
        parse_path((f"{ID}${filling * 2000}x.jpg",), KNOWN)
        parse_path((*[filling * 5] * 2000, "x.jpg"), KNOWN)
    assert time.process_time() - started < 1


@given(st.lists(st.text(min_size=1, max_size=40), max_size=4))
def test_any_path_is_read_without_raising(parts: list[str]) -> None:
    parse_path(tuple(parts), KNOWN)


@given(st.from_regex(r"[0-9]{17}[0-9Xx]", fullmatch=True))
def test_normalizing_is_idempotent(number: str) -> None:
    assert normalize_id(normalize_id(number)) == normalize_id(number) == number.upper()
