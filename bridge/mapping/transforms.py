"""The transforms a rule may name in ``via``: one value each way.

A transform gets one value that is not nothing and gives one back. ``lower`` goes outward (our
value to the system's), ``lift`` inward. ``sample`` makes a value of ours for the laws. Those of
times are in ``dated``, those that take several values or whole rows in ``gathers``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

from bridge.mapping.errors import Reason, Unfit

Step = Callable[[Any], Any]
Sample = Callable[[Random], Any]

CONTENT = "content"
"""The transform that names a file for the adapter to put its bytes there."""

ADDRESS = "address"
"""The transform that names a file for the engine to put its address there."""

_DIGITS = 30
"""More digits than any amount or number has: a longer one is a fault or an attack."""
_WHOLE = re.compile(rf"-?[0-9]{{1,{_DIGITS}}}").fullmatch


@dataclass(frozen=True, slots=True)
class Codes:
    """A code table as each way reads it; ``partial``: a value without a word is not sent."""

    inward: Mapping[str, Any]
    outward: Mapping[Any, Any]
    partial: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """What a transform looks up in a code list, by the day at the path ``on`` of the dossier.

    ``lower`` and ``lift`` take a value and the ``lists.View`` of the dossier. ``sample`` makes a
    value of ours out of a list's names by code. Not ``needed``: without the list it goes as it is.
    """

    list: str
    on: str
    lower: Callable[[Any, Any], Any]
    lift: Callable[[Any, Any], Any]
    sample: Callable[[Random, Mapping[str, str]], Any]
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Transform:
    """One compiled transform; a way that is ``None`` does not exist.

    ``gathers``: outward it takes the list of values of ``from``; ``keys`` are what it reads of
    their rows, where they are rows. ``cuts``: a longer text is shortened, and that is reported.
    ``keeps``: what of a value the wire has room for, where that is not all of it; a mapping's
    law holds it to that. ``table``: the code table it looks into. ``listing``: the code list it
    looks into, instead of ``lower`` and ``lift``.
    """

    name: str
    lower: Step | None
    lift: Step | None
    sample: Sample | None = None
    gathers: bool = False
    keys: tuple[str, ...] = ()
    cuts: int | None = None
    keeps: Step | None = None
    table: str | None = None
    listing: Listing | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A transform that can be named: how it is made, what it takes and what it is for.

    ``make`` raises ``ValueError`` with what is wrong with the argument.
    """

    make: Callable[[Any, Mapping[str, Codes]], Transform]
    argument: str
    text: str


def same(value: Any) -> Any:
    """Return the value: what a way that changes nothing does."""
    return value


def fresh(value: Any) -> Any:
    """Return a value that is the receiver's own: no two records share a list."""
    if not isinstance(value, (list, dict)):
        return value
    return deepcopy(value) if value else type(value)()


def _trim(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    return Transform("trim", same, same)


def _nfc(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    return Transform("nfc", same, same)


def _code(argument: Any, codes: Mapping[str, Codes]) -> Transform:
    table = codes[argument]
    inward, outward, partial = table.inward, table.outward, table.partial
    strange = Reason(f"not in the code table {argument}", f"có mã ngoài bảng mã {argument}")
    wordless = Reason(
        f"the system has no word for this value (code table {argument})",
        "có giá trị mà hệ thống của bộ không nhận",
    )

    def lift(value: Any) -> Any:
        try:
            return inward[str(value)]
        except KeyError:
            raise Unfit(strange) from None

    def lower(value: Any) -> Any:
        if isinstance(value, (str, int)) and value in outward:
            return outward[value]
        if partial:
            return None
        raise Unfit(wordless)

    both = sorted(set(outward) & set(inward.values()), key=str)
    sample = (lambda random: random.choice(both)) if both else None
    return Transform(f"code {argument}", lower, lift, sample, table=argument)


def _number(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    wrong = Reason("not a whole number", "không phải là số nguyên")

    def whole(value: Any) -> int:
        text = str(value)
        if isinstance(value, bool) or not _WHOLE(text):
            raise Unfit(wrong)
        return int(text)

    return Transform(
        "number", lambda value: str(whole(value)), whole, lambda random: random.randrange(1, 10)
    )


def _flag(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    words = {"1": True, "0": False, "true": True, "false": False}
    wrong = Reason("neither 0 nor 1", "không phải 0 hoặc 1")

    def read(value: Any) -> bool:
        try:
            return words[str(value).casefold()]
        except KeyError:
            raise Unfit(wrong) from None

    def lower(value: Any) -> str:
        return "1" if read(value) else "0"

    return Transform("flag", lower, read, lambda random: random.choice((True, False)))


def _amount(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    wrong = Reason("not an amount of VND", "không phải là số tiền")

    def amount(value: Any) -> Decimal:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise Unfit(wrong) from None
        if not number.is_finite() or abs(number.adjusted()) > _DIGITS:
            raise Unfit(wrong)
        return number

    def lift(value: Any) -> int | str:
        number = amount(value)
        return int(number) if number == int(number) else f"{number.normalize():f}"

    return Transform(
        "amount",
        lambda value: f"{amount(value):f}",
        lift,
        lambda random: random.randrange(500) * 1000,
    )


def _max_length(limit: Any, _codes: Mapping[str, Codes]) -> Transform:
    most = _characters(limit)
    wrong = Reason(f"longer than {most} characters", f"dài quá {most} ký tự")

    def lower(value: Any) -> Any:
        if len(str(value)) > most:
            raise Unfit(wrong)
        return value

    return Transform(f"max_length {most}", lower, same)


def _cut(limit: Any, _codes: Mapping[str, Codes]) -> Transform:
    most = _characters(limit)

    def shorten(value: Any) -> str:
        return str(value)[:most].rstrip()

    return Transform(f"cut {most}", shorten, same, cuts=most, keeps=shorten)


def _characters(limit: Any) -> int:
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError("expected a number of characters")
    return limit


def _content(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    return Transform(CONTENT, lambda value: {"document": value}, None)


def _address(_argument: Any, _codes: Mapping[str, Codes]) -> Transform:
    return Transform(ADDRESS, lambda value: {"address": value}, None)


SINGLE: Mapping[str, Kind] = {
    "trim": Kind(_trim, "", "blanks around it go (true of every text, named or not)"),
    "nfc": Kind(_nfc, "", "letters with their marks in one piece (true of every text too)"),
    "code": Kind(_code, "table", "a word of the code table, and back"),
    "number": Kind(_number, "", "a whole number; text outward"),
    "flag": Kind(_flag, "", "yes or no; `1` or `0` outward"),
    "amount": Kind(_amount, "", "an amount of VND; text outward"),
    "max_length": Kind(_max_length, "characters", "a longer text is refused, by the field's name"),
    "cut": Kind(_cut, "characters", "a longer text is shortened, and the journal says so"),
    CONTENT: Kind(_content, "", "the file of a document: the adapter puts its bytes there"),
    ADDRESS: Kind(_address, "", "the file of a document: the address the system fetches it from"),
}
