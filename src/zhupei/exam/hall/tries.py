"""A brake on guessing: wrong pairs are counted for a ticket and for an address (SEC-05).

A room full of examinees may come from one address, so right pairs are not counted there and the limit is wide. Ticket
numbers are easily guessed: whoever types somebody's ticket wrongly over and over locks out only the address that he
comes from, and the ticket everywhere only after so many tries that no slip explains them.
"""

from __future__ import annotations

import time

from django.core.cache import cache

from foundation.crypto import blind_index

SECONDS = 300
PER_TICKET_AND_ADDRESS = 10
PER_TICKET = 500
PER_ADDRESS = 1000


def _keys(ticket: str, address: str) -> dict[str, int]:
    window = int(time.time()) // SECONDS
    pair = f"{ticket}@{address}"
    return {
        f"exam-tries:pair:{window}:{blind_index(pair)}": PER_TICKET_AND_ADDRESS,
        f"exam-tries:ticket:{window}:{blind_index(ticket or '-')}": PER_TICKET,
        f"exam-tries:address:{window}:{blind_index(address or '-')}": PER_ADDRESS,
    }


def are_too_many(ticket: str, address: str) -> bool:
    """Whether nothing more may be tried for this ticket, or from this address, in these minutes."""
    limits = _keys(ticket, address)
    counts = cache.get_many(list(limits))
    return any(counts.get(key, 0) >= limit for key, limit in limits.items())


def count_wrong(ticket: str, address: str) -> None:
    """Remember one wrong pair."""
    for key in _keys(ticket, address):
        cache.add(key, 0, SECONDS * 2)
        try:
            cache.incr(key)
        except ValueError:  # dropped in between
            continue
