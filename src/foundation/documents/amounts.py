"""Amounts of money in the capital figures (大写) that Chinese payment papers use."""

from __future__ import annotations

from decimal import Decimal

DIGITS = "零壹贰叁肆伍陆柒捌玖"
PLACES = ("", "拾", "佰", "仟")
GROUPS = ("", "万", "亿", "万亿")
LIMIT = Decimal(10) ** 16


def amount_in_words(amount: Decimal) -> str:
    """`1005.30` → `壹仟零伍元叁角整`.

    `amount` is in yuan, at most two decimal places, 0 ≤ amount < 10^16; otherwise ValueError.
    Rules: 支付结算办法 (People's Bank of China, 1997), appendix 1.
    """
    cents = _cents(amount)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    words = f"{_integer(yuan)}元" if yuan else ""
    if not jiao and not fen:
        return (words or "零元") + "整"
    if jiao:
        words += f"{DIGITS[jiao]}角"
    elif words:
        words += "零"
    return words + (f"{DIGITS[fen]}分" if fen else "整")


def _cents(amount: Decimal) -> int:
    if not amount.is_finite() or amount < 0 or amount >= LIMIT:
        raise ValueError(f"amount out of range: {amount}")
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"amount finer than one fen: {amount}")
    return int(cents)


def _integer(number: int) -> str:
    """A positive whole number; groups of four digits from the highest, one 零 for any run of zeros inside."""
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    words, gap = "", False
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            gap = True
            continue
        if words and (gap or group < 1000):
            words += "零"
        # 万亿 followed by 亿: the 亿 is said once, as in 壹万零伍佰亿
        unit = "万" if index == 3 and groups[2] else GROUPS[index]
        words += _group(group) + unit
        gap = False
    return words


def _group(group: int) -> str:
    """1 to 9999 without a leading 零."""
    words, gap = "", False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + DIGITS[digit] + PLACES[place]
            gap = False
        else:
            gap = True
    return words
