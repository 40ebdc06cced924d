"""What the ministry lists, row by row: records in an order that is sound, or unreadable.

``version`` counts what is known of a dossier's course: its DEC_STATUS_ID, which only grows, and
within one status the dates that are told. So a row that knows less never comes after one that
knows more, however the ministry sorts them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.sdk import Said
from bridge.sdk.records import DOSSIER, Record, Unreadable

__all__ = ["STATUS", "Listing", "filed", "has_code", "is_last", "shown", "statuses"]

STATUS = "status"
"""The kind of a record that shows the status of a dossier, and nothing else of it."""

LAST = 5
"""The last DEC_STATUS_ID there is: the certificate is issued."""

STEP = 10
"""How far apart the versions of two statuses are: more than there are dates."""

_DATES = ("APPROVE_DATE", "ISSUE_DATE")
_FORMS = {"declarationTraHoSoForm": "declarationWSForm"}
"""Forms by the name of the form whose fields they have, and add to."""


@dataclass(frozen=True)
class Listing:
    """One answer of a list: what can be read of it, in order, and what can't."""

    records: tuple[Record, ...] = ()
    unreadable: tuple[Unreadable, ...] = ()
    full: bool = False

    @property
    def greatest(self) -> dict[str, Record]:
        """The record of each dossier that knows most of its course."""
        return {one.ref: one for one in self.records}

    @property
    def stored(self) -> set[str]:
        """The numbers of dossiers of which all that is listed can be stored."""
        return {one.ref for one in self.records} - {one.name for one in self.unreadable}


def statuses(rows: Sequence[Any], most: int) -> Listing:
    """Return the status changes of ``traDsTrangThaiHs``; of each dossier the oldest first."""
    return _listing([_status(row, n) for n, row in enumerate(rows, 1)], full=len(rows) >= most)


def filed(rows: Sequence[Any], most: int) -> Listing:
    """Return the dossiers of ``traHoSo``, each whole."""
    return _listing([_dossier(row, n) for n, row in enumerate(rows, 1)], full=len(rows) >= most)


def shown(ref: str, code: str, answer: Mapping[str, Any]) -> Record | Unreadable:
    """Return the answer of ``traTrangThaiHs`` as if it had been listed."""
    return _status({**answer, "DECLARATION_ID": ref, "RECEIVE_NO": code}, 1)


def has_code(record: Record) -> str:
    """Return the dossier code a status carries, "" where the dossier was filed without us."""
    return _text(record.body.get("RECEIVE_NO"))


def is_last(record: Record) -> bool:
    """Tell whether nothing can come after a record."""
    return (record.version or 0) >= LAST * STEP


def _listing(read: Iterable[Record | Unreadable], *, full: bool) -> Listing:
    records: list[Record] = []
    unreadable: list[Unreadable] = []
    for one in read:
        if isinstance(one, Unreadable):
            unreadable.append(one)
        else:
            records.append(one)
    records.sort(key=lambda one: one.version or 0)
    return Listing(tuple(records), tuple(unreadable), full)


def _status(row: Any, position: int) -> Record | Unreadable:
    if not isinstance(row, Mapping):
        return Unreadable(f"traDsTrangThaiHs, row {position}", Said("expected an object"))
    return _record(row, row, ("DECLARATION_ID", "DEC_STATUS_ID"), f"row {position}", STATUS)


def _dossier(row: Any, position: int) -> Record | Unreadable:
    if not isinstance(row, Mapping) or not isinstance(row.get("declarationTraHoSoForm"), Mapping):
        reason = Said("expected an object with a declarationTraHoSoForm")
        return Unreadable(f"traHoSo, row {position}", reason)
    body = {_FORMS.get(str(name), str(name)): value for name, value in row.items()}
    form = row["declarationTraHoSoForm"]
    return _record(form, body, ("declarationId", "decStatusId"), f"dossier {position}", DOSSIER)


def _record(
    fields: Mapping[str, Any],
    body: Mapping[str, Any],
    names: tuple[str, str],
    position: str,
    kind: str,
) -> Record | Unreadable:
    ref, status = (_text(fields.get(name)) for name in names)
    if not ref or ";" in ref:
        reason = Said("{field}: expected a number without a semicolon", field=names[0])
        return Unreadable(position, reason, names[0])
    if not (status.isascii() and status.isdecimal()):
        reason = Said("{field}: expected a whole number", field=names[1])
        return Unreadable(ref, reason, names[1])
    dates = sum(bool(_text(fields.get(name))) for name in (*_DATES, "issueDate"))
    return Record(ref, dict(body), int(status[:4]) * STEP + dates, kind=kind)


def _text(value: Any) -> str:
    """Return a scalar as trimmed text; nothing else has any."""
    plain = isinstance(value, (str, int)) and not isinstance(value, bool)
    return str(value).strip().strip("\ufeff") if plain else ""
