"""The transforms a rule may name in ``via``: each goes both ways, or says that it does not.

A transform gets one value that is not nothing and gives one back. ``lower`` goes outward (our
value to the system's), ``lift`` inward. ``sample`` makes a value of ours for the laws.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from random import Random
from typing import Any

from bridge.domain.status import NAMES
from bridge.mapping.errors import Unfit
from bridge.mapping.texts import VIETNAM, clean, instant, read_partial, reader, write_partial

Step = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Transform:
    """One compiled transform; a way that is ``None`` does not exist.

    ``gathers``: outward it takes the list of values of ``from``. ``limit`` and ``cuts``: a text
    longer than that is refused, or shortened and reported. ``empty``: what nothing lowers to.
    """

    name: str
    lower: Step | None
    lift: Step | None
    sample: Callable[[Random], Any] | None = None
    gathers: bool = False
    cuts: int | None = None
    empty: Any = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A transform that can be named: how it is made, what it is for, and an example of each way."""

    make: Callable[[Any, Mapping[str, Any]], Transform]
    argument: str
    text: str


def _same(value: Any) -> Any:
    return value


def _plain(name: str, codes: Mapping[str, Any]) -> Transform:
    del codes
    return Transform(str(name), _same, _same)


def _trim(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    return Transform("trim", clean, clean)


def _code(argument: Any, codes: Mapping[str, Any]) -> Transform:
    table = codes[argument]
    inward, outward = table.inward, table.outward

    def lift(value: Any) -> Any:
        if value not in inward:
            raise Unfit(
                f"not in the code table {argument}",
                f"có mã không nằm trong bảng mã {argument}",
            )
        return inward[value]

    def lower(value: Any) -> Any:
        if value in outward:
            return outward[value]
        if table.partial:
            return None
        raise Unfit(
            f"the system has no word for this value (code table {argument})",
            "có giá trị mà hệ thống của bộ không nhận",
        )

    both = sorted(set(outward) & set(inward.values()), key=str)
    sample = (lambda random: random.choice(both)) if both else None
    return Transform(f"code {argument}", lower, lift, sample)


def _partial_date(form: Any, _codes: Mapping[str, Any]) -> Transform:
    shown = str(form).replace("%d", "dd").replace("%m", "MM").replace("%Y", "yyyy")
    wrong = Unfit(
        f"not a date of the form {shown} (or without the day, or the year alone)",
        f"không đúng dạng ngày {shown}",
    )

    def lift(value: Any) -> Any:
        read = read_partial(str(value), form)
        if read is None:
            raise wrong
        return read

    def lower(value: Any) -> Any:
        written = write_partial(str(value), form)
        if written is None:
            raise wrong
        return written

    def sample(random: Random) -> str:
        day = date(1940, 1, 1) + timedelta(days=random.randrange(30000))
        return day.isoformat()[: random.choice((4, 7, 10))]

    return Transform(f"partial_date {form}", lower, lift, sample)


def _datetime(form: Any, _codes: Mapping[str, Any]) -> Transform:
    read = reader(form)
    wrong = Unfit(f"not a time of the form {form}", "không đúng dạng thời gian")

    def lift(value: Any) -> Any:
        try:
            return instant(read(str(value)))
        except ValueError:
            raise wrong from None

    def lower(value: Any) -> Any:
        try:
            moment = datetime.fromisoformat(str(value)).astimezone(VIETNAM)
        except ValueError:
            raise wrong from None
        if form == "iso":
            return moment.isoformat(timespec="milliseconds")
        return moment.strftime(form)

    def sample(random: Random) -> str:
        start = datetime(2020, 1, 1, tzinfo=VIETNAM)
        return instant(start + timedelta(seconds=random.randrange(200_000_000)))

    return Transform(f"datetime {form}", lower, lift, sample)


def _number(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    def lift(value: Any) -> Any:
        try:
            return int(value)
        except ValueError:
            raise Unfit("not a whole number", "không phải là số") from None

    return Transform("number", str, lift, lambda random: random.randrange(1, 10))


def _flag(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    words = {"1": True, "0": False, "true": True, "false": False}

    def lift(value: Any) -> Any:
        word = str(value).casefold()
        if word not in words:
            raise Unfit("neither 0 nor 1", "không phải 0 hoặc 1")
        return words[word]

    return Transform(
        "flag", lambda value: "1" if value else "0", lift, lambda random: random.random() < 0.5
    )


def _amount(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    def lift(value: Any) -> Any:
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise Unfit("not an amount", "không phải là số tiền") from None
        return int(number) if number == int(number) else str(number)

    return Transform("amount", str, lift, lambda random: random.randrange(0, 500) * 1000)


def _max_length(limit: Any, _codes: Mapping[str, Any]) -> Transform:
    def lower(value: Any) -> Any:
        if len(str(value)) > limit:
            raise Unfit(f"longer than {limit} characters", f"dài quá {limit} ký tự")
        return value

    return Transform(f"max_length {limit}", lower, _same)


def _cut(limit: Any, _codes: Mapping[str, Any]) -> Transform:
    return Transform(f"cut {limit}", lambda value: str(value)[:limit], _same, cuts=limit)


def _empty(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    return Transform("empty", _same, _same, empty="")


def _const(value: Any, _codes: Mapping[str, Any]) -> Transform:
    return Transform(f"const {value!r}", lambda _values: value, None, gathers=True)


def _first_of(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    def lower(values: list[Any]) -> Any:
        return next((value for value in values if value is not None), None)

    return Transform("first_of", lower, None, gathers=True)


def _or_status_name(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    def lower(values: list[Any]) -> Any:
        note, status = values
        return note if note is not None else NAMES.get(status)

    return Transform("or_status_name", lower, None, gathers=True)


def _total(key: Any, _codes: Mapping[str, Any]) -> Transform:
    def lower(values: list[Any]) -> Any:
        rows = values[0]
        if not rows:
            return None
        return str(sum((Decimal(str(row.get(key) or 0)) for row in rows), Decimal(0)))

    return Transform(f"total {key}", lower, None, gathers=True)


def _any_of(key: Any, _codes: Mapping[str, Any]) -> Transform:
    def lower(values: list[Any]) -> Any:
        rows = values[0] or []
        return "1" if any(row.get(key) and not row.get("deleted") for row in rows) else "0"

    return Transform(f"any_of {key}", lower, None, gathers=True)


def _paid_gateway(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    def lower(values: list[Any]) -> Any:
        rows = values[0] or []
        paid = (row["gateway"] for row in rows if row.get("paid_at") and row.get("gateway"))
        return str(next(paid, 0))

    return Transform("paid_gateway", lower, None, gathers=True)


def _identity(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    kinds = {"cccd": "1", "cmnd": "2"}

    def lower(values: list[Any]) -> Any:
        kind, number = values
        if kind not in kinds or not number:
            return []
        return [{"LoaiDinhDanh": kinds[kind], "SoDinhDanh": number}]

    return Transform("identity", lower, None, gathers=True)


def _content(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    return Transform("content", lambda value: {"document": value}, None)


def _present(_argument: Any, _codes: Mapping[str, Any]) -> Transform:
    return Transform("present", lambda values: "1" if values[0] else "0", None, gathers=True)


KINDS: Mapping[str, Kind] = {
    "trim": Kind(_trim, "", "NFC, trimmed, empty is nothing (every text is, named or not)"),
    "nfc": Kind(_trim, "", "the same as trim"),
    "code": Kind(_code, "table", "a word of the code table"),
    "partial_date": Kind(_partial_date, "form", "a date, a month, or a year: as much as is known"),
    "datetime": Kind(_datetime, "form or iso", "a time; one without an offset is local to Vietnam"),
    "number": Kind(_number, "", "a whole number, text outward"),
    "flag": Kind(_flag, "", "yes or no as 1 or 0"),
    "amount": Kind(_amount, "", "an amount of VND, text outward"),
    "max_length": Kind(_max_length, "characters", "a longer text is refused by name"),
    "cut": Kind(_cut, "characters", "a longer text is shortened, and the journal says so"),
    "empty": Kind(_empty, "", 'nothing goes out as ""'),
    "const": Kind(_const, "value", "a value the contract fixes"),
    "first_of": Kind(_first_of, "", "the first of `from` that is known"),
    "or_status_name": Kind(_or_status_name, "", "the note, else the national name of the status"),
    "total": Kind(_total, "key", "the sum of one key over the rows"),
    "any_of": Kind(_any_of, "key", "1 when any row that is not deleted has it"),
    "paid_gateway": Kind(_paid_gateway, "", "the gateway of a paid fee, else 0"),
    "identity": Kind(_identity, "", "CCCD or CMND as dvcqg lists it; other papers are left out"),
    "content": Kind(_content, "", "the file of a document, put in place by the adapter"),
    "present": Kind(_present, "", "1 when the value is known, else 0"),
}
