"""Who sits where: rooms by occupation, neighbors from different organizations (ASM-02). Pure functions.

Groups (an occupation, or occupation and level) come by size, the largest first, then by name in the
order of the code points. Each begins a new room; a room takes as many as the limit and its seats allow.
Rooms are used in the order given; when they do not suffice, a new session begins with the first again.

Two people of one organization sit next to each other only where arithmetic leaves no other way: a room
of n people needs no such pair as long as no organization has more than ⌈n/2⌉ of them, and otherwise
2d - n - 1 pairs, d being the people of the largest. The people of a group are dealt to its rooms so that
the sum of these pairs is the least possible, none if possible at all.
"""

from __future__ import annotations

import heapq
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Final

from foundation.errors import DomainError

# 原则上每个考场最多 30 人.
MOST_IN_A_ROOM: Final = 30
# How many people of each organization (by its place in a list) sit in one room.
Shares = dict[int, int]


@dataclass(frozen=True, slots=True)
class Examinee:
    """Somebody to be seated: a key that is used once, the group, the organization."""

    key: str
    group: str
    organization: str


@dataclass(frozen=True, slots=True)
class PlannedRoom:
    """A room in use: running number over all sessions, session from 1, which of the given rooms (from 1)."""

    number: int
    session: int
    place: int
    group: str
    people: int


@dataclass(frozen=True, slots=True)
class SeatedRoom:
    """A room with its people's keys in the order of the seats, seat 1 first; the rest as in PlannedRoom."""

    number: int
    session: int
    place: int
    group: str
    keys: tuple[str, ...]


def seat_people(
    people: Iterable[Examinee],
    rooms: Sequence[int],
    *,
    limit: int = MOST_IN_A_ROOM,
    seed: int = 0,
    as_many_as_needed: bool = False,
) -> list[SeatedRoom]:
    """Seat everybody; `rooms` are the seats of the rooms in their order of use.

    With `as_many_as_needed` there are always further rooms of these sizes, so one session is enough.
    The result depends on the set of people, the rooms, the limit and the seed, not on the order of
    `people`. Raises DomainError: examinee_incomplete, examinee_twice, no_rooms, room_size, room_limit.
    """
    groups = _by_group_and_organization(people, seed)
    sizes = {group: sum(map(len, members)) for group, members in groups.items()}
    planned: defaultdict[str, list[PlannedRoom]] = defaultdict(list)
    for room in plan_rooms(sizes, rooms, limit=limit, as_many_as_needed=as_many_as_needed):
        planned[room.group].append(room)
    return [
        SeatedRoom(room.number, room.session, room.place, group, keys)
        for group, of_group in planned.items()
        for room, keys in zip(
            of_group, _seat_group(groups[group], [room.people for room in of_group]), strict=True
        )
    ]


def plan_rooms(
    sizes: Mapping[str, int],
    rooms: Sequence[int],
    *,
    limit: int = MOST_IN_A_ROOM,
    as_many_as_needed: bool = False,
) -> list[PlannedRoom]:
    """The rooms in use for groups of these sizes (name → people); the arguments are those of `seat_people`.

    Raises DomainError: no_rooms, room_size, room_limit.
    """
    _check_rooms(rooms, limit)
    planned: list[PlannedRoom] = []
    for group, size in sorted(sizes.items(), key=lambda item: (-item[1], item[0])):
        left = size
        while left > 0:
            used = len(planned)
            session, index = divmod(used, len(rooms))
            taken = min(left, limit, rooms[index])
            left -= taken
            planned.append(
                PlannedRoom(used + 1, 1, used + 1, group, taken)
                if as_many_as_needed
                else PlannedRoom(used + 1, session + 1, index + 1, group, taken)
            )
    return planned


def _check_rooms(rooms: Sequence[int], limit: int) -> None:
    if not rooms:
        raise DomainError("no_rooms", "还没有机房，请至少选择一个机房。")
    for place, seats in enumerate(rooms, start=1):
        if seats < 1:
            raise DomainError("room_size", f"第 {place} 个机房的座位数是 {seats}，至少应为 1，请改正。")
    if limit < 1:
        raise DomainError("room_limit", f"每个考场最多人数是 {limit}，至少应为 1，请改正。")


def _by_group_and_organization(people: Iterable[Examinee], seed: int) -> dict[str, list[list[str]]]:
    """Group → its organizations → the keys of their people.

    The order depends on nothing but who is in the group and the seed: everybody draws a lot from both.
    """
    start = f"{seed}:".encode()
    groups: dict[str, list[tuple[bytes, str, str]]] = {}
    seen: set[str] = set()
    for person in people:
        key, group, organization = person.key, person.group, person.organization
        if not (key.strip() and group.strip() and organization.strip()):
            raise DomainError(
                "examinee_incomplete", "有考生缺少身份证号、工种或所在单位，请补充完整后再编排座位。"
            )
        if key in seen:
            raise DomainError(
                "examinee_twice",
                f"考生 {key} 出现了两次，请删去重复的一条后再编排座位。",
                items={key: "重复"},
            )
        seen.add(key)
        lot = blake2b(start + key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
        groups.setdefault(group, []).append((lot, key, organization))
    members: dict[str, list[list[str]]] = {}
    for group, drawn in groups.items():
        organizations: dict[str, list[str]] = {}
        for _, key, organization in sorted(drawn):
            organizations.setdefault(organization, []).append(key)
        members[group] = list(organizations.values())
    return members


def _seat_group(organizations: Sequence[Sequence[str]], sizes: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """The keys of each room of a group in the order of its seats; `sizes` are the people of the rooms."""
    waiting = [iter(keys) for keys in organizations]
    for shares in share_out([len(keys) for keys in organizations], sizes):
        present = sorted(shares)
        seats = arrange([shares[place] for place in present])
        yield tuple(next(waiting[present[seat]]) for seat in seats)


def share_out(organizations: Sequence[int], sizes: Sequence[int]) -> list[Shares]:
    """How many people of each organization go into each room; both arguments add up to the same number.

    Rooms of one size get the same number of an organization's people, give or take one, unless pairs of
    neighbors can be saved otherwise.
    """
    shares: list[Shares] = [{} for _ in sizes]
    turns = evenly(sizes)
    dealt = 0
    for place, people in enumerate(organizations):
        for room in turns[dealt : dealt + people]:
            shares[room][place] = shares[room].get(place, 0) + 1
        dealt += people
    crowded = {
        place
        for room, size in zip(shares, sizes, strict=True)
        for place, count in room.items()
        if _pairs(count, size)
    }
    for place in sorted(crowded):
        _relieve(shares, sizes, place)
    return shares


def _pairs(count: int, size: int) -> int:
    """Neighbors of one organization that cannot be avoided when it has `count` of `size` people."""
    return max(0, 2 * count - size - 1)


def _relieve(shares: list[Shares], sizes: Sequence[int], place: int) -> None:
    """Swap people of the organization at `place` into other rooms for as long as that saves a pair.

    `_pairs` is convex, so when no single swap helps there is no better way. Whoever comes in exchange is
    of a minority in the new room and makes no pair there.
    """

    def added(room: int) -> int:
        count = shares[room].get(place, 0)
        return _pairs(count + 1, sizes[room]) - _pairs(count, sizes[room])

    def saved(room: int) -> int:
        count = shares[room].get(place, 0)
        return _pairs(count, sizes[room]) - _pairs(count - 1, sizes[room])

    givers = [(-saved(room), room) for room in range(len(sizes)) if saved(room)]
    takers = [(added(room), room) for room in range(len(sizes)) if shares[room].get(place, 0) < sizes[room]]
    heapq.heapify(givers)
    heapq.heapify(takers)
    while givers and takers and -givers[0][0] > takers[0][0]:
        giver, taker = givers[0][1], takers[0][1]
        others = [other for other in shares[taker] if other != place]
        other = max(others, key=lambda each: (shares[taker][each] - shares[giver].get(each, 0), -each))
        for organization, source, target in ((place, giver, taker), (other, taker, giver)):
            shares[target][organization] = shares[target].get(organization, 0) + 1
            shares[source][organization] -= 1
            if not shares[source][organization]:
                del shares[source][organization]
        heapq.heapreplace(givers, (-saved(giver), giver))
        if shares[taker].get(place, 0) < sizes[taker]:
            heapq.heapreplace(takers, (added(taker), taker))
        else:
            heapq.heappop(takers)


def evenly(counts: Sequence[int]) -> list[int]:
    """Each index as often as its count says, its turns at equal distances as nearly as possible."""
    alike = Counter(counts)
    rank: Counter[int] = Counter()
    turns: list[tuple[float, int]] = []
    for index, count in enumerate(counts):
        # Those that have the same number of turns take them one after another.
        phase = (rank[count] + 0.5) / alike[count]
        rank[count] += 1
        turns.extend([((turn + phase) / count, index) for turn in range(count)])
    turns.sort()
    return [index for _, index in turns]


def arrange(counts: Sequence[int]) -> list[int]:
    """The organizations (by index) along the seats of a room, `counts` people of each, spread evenly.

    No two neighbors are alike when no count is more than half of the sum, rounded up; otherwise as few
    as possible.
    """
    line = evenly(counts)
    if all(left != right for left, right in pairwise(line)):
        return line
    most = max(range(len(counts)), key=counts.__getitem__)
    if _pairs(counts[most], len(line)):
        return _around(most, counts[most], [index for index in line if index != most])
    return _apart(counts, line)


def _around(most: int, count: int, others: Sequence[int]) -> list[int]:
    """The one that has the majority in the gaps before, between and behind the others, evenly."""
    gaps = len(others) + 1
    line: list[int] = []
    for gap in range(gaps):
        line += [most] * (count * (gap + 1) // gaps - count * gap // gaps)
        line += others[gap : gap + 1]
    return line


def _apart(counts: Sequence[int], line: Sequence[int]) -> list[int]:
    """`line` changed so that no neighbors are alike; no count may be more than half, rounded up.

    The one whose turn comes first in `line` sits down unless it has just done so. But one that has more
    than half of all who are left must not wait, or it would be left among its own: there is never a
    second such, and it has not just sat down, because before that it would have had too many already.
    """
    turns: list[list[int]] = [[] for _ in counts]
    for turn in range(len(line) - 1, -1, -1):
        turns[line[turn]].append(turn)
    next_turn = [(own[-1], index) for index, own in enumerate(turns)]
    most_left = [(-count, index) for index, count in enumerate(counts)]
    heapq.heapify(next_turn)
    heapq.heapify(most_left)
    seats: list[int] = []
    for left in range(len(line), 0, -1):
        while -most_left[0][0] != len(turns[most_left[0][1]]):  # counts only fall, so the top is refreshed
            heapq.heapreplace(most_left, (-len(turns[most_left[0][1]]), most_left[0][1]))
        number, index = -most_left[0][0], most_left[0][1]
        if 2 * number <= left:
            index = _first_in_turn(next_turn, turns, seats[-1] if seats else None)
        turns[index].pop()
        if turns[index]:
            heapq.heappush(next_turn, (turns[index][-1], index))
        seats.append(index)
    return seats


def _first_in_turn(next_turn: list[tuple[int, int]], turns: Sequence[Sequence[int]], last: int | None) -> int:
    """Who comes first of all but `last`; turns that have been taken meanwhile are dropped."""
    own: tuple[int, int] | None = None
    while True:
        turn, index = heapq.heappop(next_turn)
        if not turns[index] or turns[index][-1] != turn:
            continue
        if index != last:
            break
        own = (turn, index)
    if own is not None:
        heapq.heappush(next_turn, own)
    return index
