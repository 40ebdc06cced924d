"""Brings what a column holds into canonical form, or says why it has none.

A one-stop database is written by other people's software: NFD text, ``""`` for null, times
with any offset or none, numbers as text. Every form here takes a driver's value and returns
the canonical one. ``Unfit`` says what was expected and never what was found.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

import orjson

from bridge.sdk import Json

#: Asia/Ho_Chi_Minh as it has been since 1975; canonical instants carry this offset always.
VIETNAM = timezone(timedelta(hours=7))

STATUSES = range(1, 11)

_A_TIME = "expected a time like 2026-11-20T09:15:00+07:00"

_CANONICAL = re.compile(r"\d{4}-\d\d-\d\dT(?!24)\d\d:\d\d:\d\d\.\d{3}\+07:00", re.ASCII).fullmatch

Form: TypeAlias = Callable[[Any], Json]


class Unfit(ValueError):  # noqa: N818 - a finding about a value, not an error of the program
    """A value has no canonical form; the message says what was expected, not the value.

    ``column`` is where it stands, once that is known.
    """

    column: str | None = None


def text(value: Any) -> str | None:
    """Return NFC text without blanks (or a BOM) around it; nothing is ``None``."""
    if value is None:
        return None
    if value.__class__ is not str:
        if isinstance(value, (bytes, memoryview)):
            raise Unfit("expected text, found bytes")
        value = str(value)
    if value.isascii():
        return value.strip() or None
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair
        raise Unfit("expected UTF-8 text") from None
    return unicodedata.normalize("NFC", value.strip().strip("\ufeff")).strip() or None


def number(value: Any) -> int | None:
    """Return a whole number."""
    if value is None or type(value) is int:
        return value
    try:
        exact = Decimal(str(int(value) if isinstance(value, bool) else value).strip())
        if exact == exact.to_integral_value():
            return int(exact)
    except (InvalidOperation, OverflowError, ValueError):
        pass
    raise Unfit("expected a whole number")


def status(value: Any) -> int:
    """Return a national status."""
    code = number(value)
    if code is None or code not in STATUSES:
        raise Unfit("expected a national status, 1 to 10")
    return code


def flag(value: Any) -> bool | None:
    """Return a flag kept as 0 or 1."""
    code = number(value)
    if code not in (None, 0, 1):
        raise Unfit("expected 0 or 1")
    return None if code is None else bool(code)


def money(value: Any) -> int | str | None:
    """Return VND: whole as ``int``, with a fraction as the text of the decimal."""
    if value is None or type(value) is int:
        return value
    try:
        exact = Decimal(str(value).strip())
    except InvalidOperation:
        exact = Decimal("NaN")
    if isinstance(value, bool) or not exact.is_finite():
        raise Unfit("expected an amount in VND")
    return int(exact) if exact == exact.to_integral_value() else f"{exact.normalize():f}"


def moment(value: Any) -> datetime | None:
    """Return an aware instant; one without an offset is meant in Vietnam."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            raise Unfit(_A_TIME) from None
    if not isinstance(value, datetime):
        raise Unfit(_A_TIME)
    if value.tzinfo is None:
        return value.replace(tzinfo=VIETNAM)
    try:
        return value.astimezone(VIETNAM)
    except OverflowError:
        raise Unfit("expected a time between the years 1 and 9999") from None


def instant(value: Any) -> str | None:
    """Return an instant as canonical text, to the millisecond."""
    if value.__class__ is str and _CANONICAL(value):
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise Unfit(_A_TIME) from None
        return value
    at = moment(value)
    return None if at is None else at.isoformat(timespec="milliseconds")


def day(value: Any) -> str | None:
    """Return a whole day as ``YYYY-MM-DD``."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    written = text(value)
    if written is None:
        return None
    try:
        return datetime.fromisoformat(written).date().isoformat()
    except ValueError:
        raise Unfit("expected a day, YYYY-MM-DD") from None


def partial_day(value: Any) -> str | None:
    """Return as much of a birth date as is known: a day, a month or a year."""
    if isinstance(value, date):
        return day(value)
    written = text(value)
    if written is None:
        return None
    rest = {10: "", 7: "-01", 4: "-01-01"}.get(len(written))
    try:
        if rest is not None and date.fromisoformat(written + rest).isoformat() == written + rest:
            return written
    except ValueError:
        pass
    raise Unfit("expected YYYY-MM-DD, YYYY-MM or YYYY")


def details(value: Any) -> dict[str, Json]:
    """Return the JSON object of ``details`` with its texts in canonical form.

    What is null is left out, so that a missing key and a null are the same fact.
    """
    if isinstance(value, (str, bytes)):
        try:
            value = orjson.loads(value) if value and value.strip() else {}
        except orjson.JSONDecodeError:
            raise Unfit("expected a JSON object, found no JSON") from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise Unfit("expected a JSON object")
    return _known(value)


def _known(record: dict[str, Any]) -> dict[str, Json]:
    kept: dict[str, Json] = {}
    for key, value in record.items():
        if "." in key or not key:
            raise Unfit("expected keys without a dot")
        if (plain := _plain(value)) is not None:
            kept[key] = plain
    return kept


def _plain(value: Any) -> Json:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, dict):
        return _known(value)
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value  # type: ignore[no-any-return]


def as_written(at: datetime) -> datetime:
    """Return ``at`` as the bridge writes it: Vietnam's offset, whole milliseconds."""
    local = at.astimezone(VIETNAM)
    return local.replace(microsecond=local.microsecond // 1000 * 1000)


def utc(at: datetime) -> datetime:
    """Return ``at`` on the clock of Greenwich."""
    return at.astimezone(UTC)
