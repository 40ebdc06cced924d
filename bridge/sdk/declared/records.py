"""One row of an answer, as the engine takes it: a record, or unreadable."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from bridge.domain.said import Said
from bridge.sdk.declared.forms import plain_word
from bridge.sdk.declared.paths import text_at, value_at
from bridge.sdk.declared.tables import Operation, Recorded
from bridge.sdk.hashing import content_hash
from bridge.sdk.records import Record, Unreadable
from bridge.sdk.times import VIETNAM, moment

__all__ = ["is_number", "name_of", "read_row", "received_on", "row_hash", "version_of"]

NUMBER = re.compile(r"[\w./-]{1,64}")
VERSION = re.compile(r"[+-]?[0-9]{1,19}")
HASH_LENGTH = 16


def row_hash(row: Any) -> str:
    """Return what tells one content of a row from another."""
    return content_hash({"row": row})[:HASH_LENGTH]


def name_of(row: Any, operation: Operation, table: Recorded) -> str:
    """Return the number of a row; one without a proper number is named by its content."""
    ref = text_at(value_at(row, operation.body), table.ref)
    return ref if ref and is_number(ref) else f"row {row_hash(row)}"


def is_number(name: str) -> bool:
    """Tell whether a name is a proper number of the ministry's."""
    return NUMBER.fullmatch(name) is not None


def version_of(row: Any, operation: Operation) -> int | None:
    """Return the version of a row, ``None`` where it says none."""
    text = text_at(row, operation.version)
    return int(text) if text and VERSION.fullmatch(text) else None


def read_row(row: Any, name: str, operation: Operation, table: Recorded) -> Record | Unreadable:
    """Return a row of this name (see ``name_of``) as its mapping lifts it."""
    body = value_at(row, operation.body)
    if not isinstance(body, Mapping):
        return Unreadable(name, Said("it is no record"))
    if not is_number(name):
        return _unfit(name, table.ref, Said("expected a number of at most 64 signs"))
    version = version_of(row, operation)
    if operation.version is not None and version is None:
        return _unfit(name, operation.version, Said("expected a whole number"))
    said = text_at(row, operation.at)
    try:
        at = moment(said, table.form) if said else None
    except ValueError:
        return _unfit(name, operation.at or "", Said("expected a time as {form}", form=table.form))
    return Record(name, body, version, at, operation.kind)


def received_on(row: Any, operation: Operation, table: Recorded, first: date, last: date) -> bool:
    """Tell whether a row was received on these days; one that does not say so is kept."""
    said = text_at(value_at(row, operation.body), table.received)
    try:
        received = _day(said, table.form) if said else None
    except ValueError:
        return True
    return received is None or first <= received <= last


@lru_cache(maxsize=4096)
def _day(said: str, form: str) -> date:
    """Return the day of a time; where a list says days alone it says the same few again and again."""
    return moment(said, form).astimezone(VIETNAM).date()


def _unfit(name: str, field: str, reason: Said) -> Unreadable:
    field = field.rpartition(".")[2]
    words = Said("{field}: {reason}", field=field, reason=reason)
    return Unreadable(name, words, plain_word(field))
