"""Seating (ASM-02): rooms by occupation, neighbors from different organizations, reproducible."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from foundation.errors import DomainError
from zhupei.assessment.seating import (
    Examinee,
    SeatedRoom,
    arrange,
    evenly,
    plan_rooms,
    seat_people,
    share_out,
)


def people_of(group: str, organizations: Sequence[int]) -> list[Examinee]:
    """As many people of each organization as the list says."""
    return [
        Examinee(f"{group}-{place}-{number}", group, f"单位{place}")
        for place, count in enumerate(organizations)
        for number in range(count)
    ]


def pairs(line: Iterable[object]) -> int:
    """How many neighbors are alike."""
    return sum(left == right for left, right in pairwise(line))


def organizations_in(room: SeatedRoom, people: Iterable[Examinee]) -> list[str]:
    by_key = {person.key: person.organization for person in people}
    return [by_key[key] for key in room.keys]


@cache
def fewest_pairs(left: tuple[int, ...], sizes: tuple[int, ...], seat: int = 0, last: int = -1) -> int:
    """By trying everything: the least number of like neighbors in rooms of these sizes."""
    if not sizes:
        return 0
    if seat == sizes[0]:
        return fewest_pairs(left, sizes[1:])
    return min(
        (own == last) + fewest_pairs((*left[:own], left[own] - 1, *left[own + 1 :]), sizes, seat + 1, own)
        for own, count in enumerate(left)
        if count
    )


@st.composite
def shared_rooms(draw: st.DrawFn, most: int = 60) -> tuple[list[int], list[int]]:
    """People by organization, and sizes of rooms that they fill."""
    organizations = draw(st.lists(st.integers(1, most), min_size=1, max_size=8))
    left, sizes = sum(organizations), []
    while left:
        sizes.append(draw(st.integers(1, min(left, 30))))
        left -= sizes[-1]
    return organizations, sizes


crowds = st.lists(
    st.builds(
        Examinee,
        st.uuids().map(str),
        st.sampled_from(["砌筑工", "钢筋工", "架子工", "A", "B"]),
        st.sampled_from([f"单位{number}" for number in range(6)]),
    ),
    max_size=150,
    unique_by=lambda person: person.key,
)
rooms_given = st.lists(st.integers(1, 45), min_size=1, max_size=5)


def test_to_the_letter() -> None:
    """ASM-02: 100 people, 50 of A, 30 of B, 20 of C in rooms of 30 → A30, A20, B30, C20."""
    people = people_of("C", [20]) + people_of("A", [25, 25]) + people_of("B", [10, 10, 10])
    rooms = seat_people(people, [30], as_many_as_needed=True)
    assert [(room.number, room.session, room.place, room.group, len(room.keys)) for room in rooms] == [
        (1, 1, 1, "A", 30),
        (2, 1, 2, "A", 20),
        (3, 1, 3, "B", 30),
        (4, 1, 4, "C", 20),
    ]


def test_a_large_room_takes_thirty() -> None:
    """ASM-02: each room ≤ 30, unless another limit is said."""
    people = people_of("A", [20, 20])
    assert [len(room.keys) for room in seat_people(people, [40], as_many_as_needed=True)] == [30, 10]
    assert [len(room.keys) for room in seat_people(people, [40], limit=40)] == [40]
    assert [len(room.keys) for room in seat_people(people, [40], limit=15)] == [15, 15, 10]


def test_groups_of_one_size_come_by_name() -> None:
    """Interfaces 1: largest first, then by name."""
    people = people_of("B", [2]) + people_of("C", [3]) + people_of("A", [2])
    assert [room.group for room in seat_people(people, [30])] == ["C", "A", "B"]


def test_a_new_session_begins_with_the_first_room() -> None:
    """ASM-02: several sessions when the rooms do not suffice."""
    people = people_of("A", [20, 20]) + people_of("B", [5, 5])
    rooms = seat_people(people, [12, 20])
    assert [(room.number, room.session, room.place, room.group, len(room.keys)) for room in rooms] == [
        (1, 1, 1, "A", 12),
        (2, 1, 2, "A", 20),
        (3, 2, 1, "A", 8),
        (4, 2, 2, "B", 10),
    ]
    rooms = seat_people(people, [12, 20], limit=10)
    assert (rooms[-1].session, max(len(room.keys) for room in rooms)) == (3, 10)


def test_nobody_is_no_room() -> None:
    assert seat_people([], [30]) == []


def test_an_organization_is_dealt_to_all_rooms() -> None:
    """ASM-02: forty people of one organization among ninety sit apart in all three rooms, none side by side."""
    people = people_of("A", [45, 20, 15, 10])
    for room in seat_people(people, [30], as_many_as_needed=True):
        names = organizations_in(room, people)
        assert names.count("单位0") == 15
        assert pairs(names) == 0


def test_two_odd_rooms_hold_more_than_half() -> None:
    """ASM-02: four of six in rooms of three is possible in each room, though not in one row of six."""
    rooms = seat_people(people_of("A", [4, 1, 1]), [3])
    assert [[key[2] for key in room.keys][::2] for room in rooms] == [["0", "0"], ["0", "0"]]


def test_the_seed_changes_the_arrangement() -> None:
    people = people_of("A", [10, 10, 10])
    assert len({tuple(seat_people(people, [30], seed=seed)) for seed in range(5)}) == 5


@given(crowds, rooms_given, st.integers(1, 40), st.integers(), st.booleans(), st.randoms())
def test_everybody_once_and_reproducible(
    people: list[Examinee], sizes: list[int], limit: int, seed: int, endless: bool, chance: object
) -> None:
    """ASM-02: nobody is left out or seated twice, no room overflows, groups stay apart, row order is nothing."""
    rooms = seat_people(people, sizes, limit=limit, seed=seed, as_many_as_needed=endless)
    seated = [key for room in rooms for key in room.keys]
    assert sorted(seated) == sorted(person.key for person in people)
    groups = {person.key: person.group for person in people}
    used = [(room.session, room.place) for room in rooms]
    assert len(set(used)) == len(used)
    assert used == sorted(used)
    for number, room in enumerate(rooms, start=1):
        assert room.number == number
        assert 1 <= len(room.keys) <= min(limit, sizes[(room.place - 1) % len(sizes)])
        assert {groups[key] for key in room.keys} == {room.group}
        assert room.session == 1 or not endless
    count = Counter(groups.values())
    assert list(dict.fromkeys(room.group for room in rooms)) == sorted(count, key=lambda g: (-count[g], g))
    # Full rooms come first: only the last of a group may have seats to spare.
    for room, following in pairwise(rooms):
        if room.group == following.group:
            assert len(room.keys) == min(limit, sizes[(room.place - 1) % len(sizes)])
    shuffled = list(people)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert seat_people(shuffled, sizes, limit=limit, seed=seed, as_many_as_needed=endless) == rooms


@given(crowds, rooms_given)
def test_no_neighbors_of_one_organization(people: list[Examinee], sizes: list[int]) -> None:
    """ASM-02: a room where none has more than ⌈n/2⌉ has no such pair; a group none if its rooms allow it."""
    by_group: defaultdict[str, list[list[str]]] = defaultdict(list)
    for room in seat_people(people, sizes):
        by_group[room.group].append(organizations_in(room, people))
    for rooms in by_group.values():
        for names in rooms:
            largest = max(Counter(names).values())
            assert pairs(names) == max(0, 2 * largest - len(names) - 1)
        total = Counter(name for names in rooms for name in names)
        if max(total.values()) <= sum((len(names) + 1) // 2 for names in rooms):
            assert not any(map(pairs, rooms))


@given(shared_rooms())
@example(([7, 2], [1, 1, 1, 1, 1, 4]))
@example(([61, 1], [1, 30, 1, 30]))
def test_sharing_out(case: tuple[list[int], list[int]]) -> None:
    """ASM-02: the largest organization has in every room what costs least, whatever the sizes."""
    organizations, sizes = case
    shares = share_out(organizations, sizes)
    assert [sum(room.values()) for room in shares] == sizes
    assert [
        sum(room.get(place, 0) for room in shares) for place in range(len(organizations))
    ] == organizations
    assert all(count > 0 for room in shares for count in room.values())

    def cost(count: int, size: int) -> int:
        return max(0, 2 * count - size - 1)

    # The pairs that the largest organization alone must make: its people go one by one where it costs least.
    counts = [0] * len(sizes)
    least = 0
    for _ in range(max(organizations)):
        added, room = min(
            (cost(count + 1, size) - cost(count, size), room)
            for room, (count, size) in enumerate(zip(counts, sizes, strict=True))
            if count < size
        )
        counts[room] += 1
        least += added
    assert sum(cost(max(room.values()), size) for room, size in zip(shares, sizes, strict=True)) == least


@given(shared_rooms(most=4).filter(lambda case: sum(case[0]) <= 9))
def test_no_arrangement_has_fewer_pairs(case: tuple[list[int], list[int]]) -> None:
    """ASM-02: compared with every possible arrangement of small groups."""
    organizations, sizes = case
    lines = [
        [present[seat] for seat in arrange([room[place] for place in present])]
        for room in share_out(organizations, sizes)
        if (present := sorted(room))
    ]
    assert sum(map(pairs, lines)) == fewest_pairs(tuple(organizations), tuple(sizes))


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(1, 6))
def test_rooms_of_one_size_share_evenly(organizations: list[int], rooms: int) -> None:
    """ASM-02: of an organization's c people each of k equal rooms gets ⌊c/k⌋ or ⌈c/k⌉, if half of a room allows."""
    size, rest = divmod(sum(organizations), rooms)
    organizations = [*organizations, rooms - rest] if rest else organizations
    size += bool(rest)
    for room in share_out(organizations, [size] * rooms):
        for place, people in enumerate(organizations):
            assert room.get(place, 0) in {people // rooms, -(-people // rooms)}


@given(st.lists(st.integers(1, 30), min_size=2, max_size=9))
def test_equal_distances(counts: list[int]) -> None:
    """ASM-02: between two turns of an organization lie not much more or less than n/c seats."""
    line = evenly(counts)
    assert Counter(line) == dict(enumerate(counts))
    for index, count in enumerate(counts):
        seats = [seat for seat, own in enumerate(line) if own == index]
        for left, right in pairwise(seats):
            assert abs((right - left) - len(line) / count) <= len(counts)


def test_a_room_of_equal_organizations() -> None:
    """ASM-02: ten organizations of three: each has one in every ten seats."""
    line = arrange([3] * 10)
    assert all(len(set(line[start : start + 10])) == 10 for start in range(21))


def test_a_majority_sits_around_the_others() -> None:
    """ASM-02: what cannot be kept apart is spread as well: nobody else sits side by side or in a corner."""
    line = arrange([20, 2, 2])
    assert [own for own in line if own] == [1, 2, 1, 2]
    assert "".join(str(own) for own in line).replace("2", "1") == "000010000100001000010000"


def refused(people: list[Examinee], rooms: list[int], **options: int) -> DomainError:
    with pytest.raises(DomainError) as caught:
        seat_people(people, rooms, **options)  # type: ignore[arg-type]
    assert caught.value.message.endswith("。")
    return caught.value


def wrong_calls() -> Iterator[tuple[str, list[Examinee], list[int], dict[str, int]]]:
    people = people_of("A", [2])
    yield "no_rooms", people, [], {}
    yield "room_size", people, [30, 0], {}
    yield "room_size", people, [-3], {}
    yield "room_limit", people, [30], {"limit": 0}
    yield "examinee_twice", [*people, people[0]], [30], {}
    yield "examinee_twice", [people[0], Examinee(people[0].key, "B", "别的单位")], [30], {}
    for key, group, organization in (("", "A", "甲"), ("1", " ", "甲"), ("1", "A", "\u3000")):
        yield "examinee_incomplete", [Examinee(key, group, organization)], [30], {}


@pytest.mark.parametrize(("code", "people", "rooms", "options"), list(wrong_calls()))
def test_refusals(code: str, people: list[Examinee], rooms: list[int], options: dict[str, int]) -> None:
    """ASM-02: what cannot be seated is refused with a sentence."""
    assert refused(people, rooms, **options).code == code


def test_plan_rooms_needs_no_people() -> None:
    """The page asks how many rooms and sessions there will be before anybody is seated."""
    planned = plan_rooms({"甲": 31, "乙": 0}, [30, 30])
    assert [(room.group, room.people, room.session, room.place) for room in planned] == [
        ("甲", 30, 1, 1),
        ("甲", 1, 1, 2),
    ]


@pytest.mark.parametrize(
    ("organizations", "rooms"),
    [
        ([1] * 100_000, [30]),
        ([50_000, 50_000], [100_000]),
        ([90_000, 10_000], [29, 31, 7, 1]),
        ([100_000], [1]),
        ([50_001, 30_000, 19_999], [3, 3, 5]),
        ([40] * 2_500, [100_000]),
    ],
)
def test_no_list_takes_long(organizations: list[int], rooms: list[int]) -> None:
    """ASM-02: 100 000 people in seconds, also where one organization or one room has them all."""
    people = people_of("A", organizations)
    start = time.process_time()
    seated = seat_people(people, rooms, limit=100_000)
    assert time.process_time() - start < 5
    assert sum(len(room.keys) for room in seated) == 100_000
