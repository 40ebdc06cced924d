"""Writes what ministries changed into the one-stop database; the caller holds the transaction."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, Table, bindparam, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adapters.onestop_sql import canonical
from adapters.onestop_sql.reader import Reader, pieces
from adapters.onestop_sql.schema import COLUMNS, Kind, Schema, where
from adapters.onestop_sql.view import path_of
from bridge.sdk import Json, Snapshot
from bridge.sdk.onestop import (
    Amended,
    Amendment,
    Moved,
    NewDossier,
    Notice,
    OneStopChange,
    OneStopFault,
)
from bridge.sdk.records import Unreadable

MILLISECOND = timedelta(milliseconds=1)

NO_MARKS = {"digitised": 0, "reused": 0, "from_store": 0, "deleted": 0}
"""What is true of no issued file (a province's view may have no defaults)."""

_KEPT = {"code", "details", "updated_at"}

#: The columns of ``dossier`` a change may set, by canonical path.
_COLUMN_OF = {path_of(column): column for column in COLUMNS["dossier"] if column not in _KEPT}


class Writer:
    """The writes of one one-stop database."""

    def __init__(self, schema: Schema, reader: Reader) -> None:
        self._schema = schema
        self._reader = reader

    def lock(self, connection: Connection, codes: Sequence[str]) -> None:
        """Keep others from changing dossiers (on SQLite the transaction does already)."""
        code = self._schema.dossier.c.code
        for part in pieces(sorted(codes)):
            connection.execute(select(code).where(code.in_(part)).order_by(code).with_for_update())

    def apply(
        self, connection: Connection, amendments: Sequence[Amendment], now: datetime
    ) -> list[Amended]:
        """Write the changes whose rows bear their stamps still; see ``OneStop.apply``."""
        codes = [one.code for one in amendments]
        self.lock(connection, codes)
        found = self._reader.read(connection, codes, now)
        rows = self._rows(connection, codes)
        here: dict[str, Snapshot] = {}
        changes: dict[str, OneStopChange] = {}
        for one in amendments:
            row = found.get(one.code)
            if isinstance(row, Snapshot) and row.stamp == one.stamp:
                here[one.code], changes[one.code] = row, one.change
        grown = self._append_steps(connection, changes, here, now)
        grown |= self._open_supplements(connection, changes, now)
        grown |= self._add_results(connection, changes)
        written: dict[str, dict[str, Any]] = {}
        for code, change in changes.items():
            values = self._changed_columns(rows[code], here[code], change.fields)
            if values or code in grown:
                written[code] = values | {"updated_at": _next_stamp(rows[code].updated_at, now)}
        self._set(connection, written)
        here |= self._read_back(connection, list(written), now)
        return [here[code] if code in here else Moved(code) for code in codes]

    def insert(
        self, connection: Connection, dossiers: Sequence[NewDossier], now: datetime
    ) -> list[Snapshot]:
        """Insert dossiers with all that belongs to them; see ``OneStop.insert``."""
        table = self._schema.dossier
        codes = [one.code for one in dossiers]
        there = self._present(connection, table, "code", codes)
        absent = [one for one in dossiers if one.code not in there]
        self._require_procedures(connection, absent)
        new = {
            one.code: one
            for one in absent
            if connection.execute(if_absent(connection, table), self._new_row(one, now)).rowcount
        }
        here = self._read_back(connection, list(new), now)
        self._append_steps(connection, new, here, now)
        self._open_supplements(connection, new, now)
        self._add_results(connection, new)
        shown = self._read_back(connection, codes, now)
        return [shown[code] for code in codes]

    def notify(self, connection: Connection, notices: Sequence[Notice]) -> None:
        """Write notices that are not there; one about a dossier that is gone has no reader."""
        table = self._schema.notice
        here = self._present(connection, self._schema.dossier, "code", [n.code for n in notices])
        there = self._present(connection, table, "id", [one.id for one in notices])
        rows = {
            one.id: {
                "id": one.id,
                "dossier_code": one.code,
                "system": one.system,
                "severity": one.severity,
                "field": one.field,
                "text_vi": one.text_vi,
                "at": one.at,
            }
            for one in notices
            if one.code in here and one.id not in there
        }
        if rows:
            connection.execute(if_absent(connection, table), list(rows.values()))

    def resolve(self, connection: Connection, ids: Sequence[str], at: datetime) -> None:
        """Mark open notices as resolved."""
        table = self._schema.notice
        for part in pieces(ids):
            still_open = table.c.id.in_(part) & table.c.resolved_at.is_(None)
            connection.execute(update(table).where(still_open).values(resolved_at=at))

    def _rows(self, connection: Connection, codes: Sequence[str]) -> dict[str, Row[Any]]:
        """Return ``details`` and ``updated_at`` of dossiers as they are written."""
        table = self._schema.dossier
        query = select(*(table.c[name].label(name) for name in ("code", "details", "updated_at")))
        return {
            row.code: row
            for part in pieces(codes)
            for row in connection.execute(query.where(table.c.code.in_(part)))
        }

    def _set(self, connection: Connection, changed: Mapping[str, Mapping[str, Any]]) -> None:
        """Set columns of dossiers; those that set the same columns go in one execution."""
        table = self._schema.dossier
        shapes: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
        for code, values in changed.items():
            row = {f"to_{name}": value for name, value in values.items()}
            shapes[tuple(sorted(values))].append(row | {"of": code})
        for names, rows in shapes.items():
            statement = update(table).where(table.c.code == bindparam("of"))
            columns = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in names}
            connection.execute(statement.values(columns), rows)

    def _changed_columns(
        self, row: Row[Any], here: Snapshot, fields: Mapping[str, Json]
    ) -> dict[str, Any]:
        changed = {path: value for path, value in fields.items() if here.get(path) != value}
        keys = {path: changed.pop(path) for path in list(changed) if path.startswith("details.")}
        values = {_column(path): _as_column(path, value) for path, value in changed.items()}
        if keys:
            details = _details(row.details)
            if self._merge(details, keys, here.code):
                values["details"] = json.dumps(details, ensure_ascii=False)
        return values

    def _merge(self, details: dict[str, Any], keys: Mapping[str, Json], code: str) -> bool:
        """Set the given keys only; what else is in ``details`` stays as it was written."""
        before = json.dumps(details)
        for path, value in keys.items():
            *outer, last = path.removeprefix("details.").split(".")
            record = details
            for name in outer:
                if record.get(name) is None:
                    record[name] = {}
                record = record[name]
                if not isinstance(record, dict):
                    place = where(self._schema.dossier.c.details)
                    reason = f"{place}: {path} can't be set, {name} is no object"
                    raise OneStopFault(reason, transient=False, code=code)
            if value is None:
                record.pop(last, None)
            else:
                record[last] = value
        return json.dumps(details) != before

    def _append_steps(
        self,
        connection: Connection,
        told: Mapping[str, OneStopChange | NewDossier],
        here: Mapping[str, Snapshot],
        now: datetime,
    ) -> set[str]:
        """Append the steps that are not there, each behind the last row of its dossier.

        Returns the dossiers that got one.
        """
        table = self._schema.progress
        wanted = [step.id for one in told.values() for step in one.steps]
        there = self._present(connection, table, "id", wanted)
        rows: dict[str, dict[str, Any]] = {}
        for code, one in told.items():
            last = _last_step(here[code]) if one.steps else None
            for step in one.steps:
                if step.id in there or step.id in rows:
                    continue
                last = _behind(canonical.as_written(step.at or now), last)
                rows[step.id] = {
                    "id": step.id,
                    "dossier_code": code,
                    "at": last,
                    "status": step.status,
                    "unit_name": step.unit_name,
                    "note": step.note,
                    "source": step.source,
                }
        return self._add(connection, table, rows)

    def _open_supplements(
        self, connection: Connection, told: Mapping[str, OneStopChange | NewDossier], now: datetime
    ) -> set[str]:
        """Open the supplements that are not there; returns the dossiers that got one."""
        table = self._schema.supplement
        wanted = [each.id for one in told.values() for each in one.supplements]
        there = self._present(connection, table, "id", wanted)
        rows = {
            each.id: {
                "id": each.id,
                "dossier_code": code,
                "requested_at": each.requested_at or now,
                "requested_by": each.requested_by,
                "request": each.request,
            }
            for code, one in told.items()
            for each in one.supplements
            if each.id not in there
        }
        return self._add(connection, table, rows)

    def _add_results(
        self, connection: Connection, told: Mapping[str, OneStopChange | NewDossier]
    ) -> set[str]:
        """Add the rows of issued files that are not there; returns the dossiers that got one."""
        wanted = [each.id for one in told.values() for each in one.results]
        table = self._schema.document
        there = self._present(connection, table, "id", wanted)
        rows = {
            each.id: {**asdict(each), "dossier_code": code, "kind": "result", **NO_MARKS}
            for code, one in told.items()
            for each in one.results
            if each.id not in there
        }
        return self._add(connection, table, rows)

    def _add(
        self, connection: Connection, table: Table, rows: Mapping[str, Mapping[str, Any]]
    ) -> set[str]:
        """Insert rows by id; returns the dossiers they belong to."""
        if rows:
            connection.execute(if_absent(connection, table), list(rows.values()))
        return {str(row["dossier_code"]) for row in rows.values()}

    def _new_row(self, dossier: NewDossier, now: datetime) -> dict[str, Any]:
        details: dict[str, Any] = {}
        values: dict[str, Any] = {"code": dossier.code, "updated_at": now}
        for path, value in dossier.fields.items():
            if path == "code" or value is None or value == []:
                continue
            if path.startswith("details."):
                self._merge(details, {path: value}, dossier.code)
            else:
                values[_column(path)] = _as_column(path, value)
        return values | {"details": json.dumps(details, ensure_ascii=False)}

    def _require_procedures(self, connection: Connection, dossiers: Sequence[NewDossier]) -> None:
        table = self._schema.procedure
        wanted = {one.code: str(one.fields.get("procedure.code")) for one in dossiers}
        there = self._present(connection, table, "code", sorted(set(wanted.values())))
        for code, procedure in wanted.items():
            if procedure not in there:
                reason = f"procedure {procedure} is not in {table.fullname}"
                raise OneStopFault(reason, transient=False, code=code)

    def _read_back(
        self, connection: Connection, codes: Sequence[str], now: datetime
    ) -> dict[str, Snapshot]:
        """Return dossiers as they are once they are written; each must be there."""
        read = self._reader.read(connection, codes, now)
        found: dict[str, Snapshot] = {}
        for code in codes:
            match read.get(code):
                case Snapshot() as snapshot:
                    found[code] = snapshot
                case Unreadable(reason=reason):
                    raise OneStopFault(reason, transient=False, code=code)
                case None:
                    reason = "the dossier can't be read back after it was written"
                    raise OneStopFault(reason, transient=False, code=code)
        return found

    def _present(
        self, connection: Connection, table: Table, column: str, values: Sequence[str]
    ) -> set[str]:
        found: set[str] = set()
        for part in pieces(values):
            query = select(table.c[column]).where(table.c[column].in_(part))
            found |= set(connection.execute(query).scalars())
        return found


def if_absent(connection: Connection, table: Table) -> Any:
    """Return the statement that inserts a row unless one with its key stands."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table).on_conflict_do_nothing()
    return postgresql.insert(table).on_conflict_do_nothing()


def _next_stamp(before: Any, now: datetime) -> datetime:
    """Return the ``updated_at`` of a write at ``now``: never one that was there before."""
    last = canonical.moment(before)
    return max(now, last + MILLISECOND) if last else now


def _last_step(here: Snapshot) -> datetime | None:
    """Return the time of the last progress row of a dossier."""
    shown: Any = here.get("progress")
    times = (canonical.moment(row["at"]) for row in shown)
    return max((at for at in times if at), default=None)


def _behind(at: datetime, last: datetime | None) -> datetime:
    """Return ``at``, or just after the last row: two steps of one moment keep their order."""
    return at if last is None or at > last else last + MILLISECOND


def _column(path: str) -> str:
    if path not in _COLUMN_OF:
        raise ValueError(f"{path} is not a path that can be set in a one-stop database")
    return _COLUMN_OF[path]


def _as_column(path: str, value: Json) -> Any:
    kind = COLUMNS["dossier"][_COLUMN_OF[path]]
    if kind is Kind.TIMESTAMP:
        return canonical.moment(value)
    return int(value) if isinstance(value, bool) else value


def _details(value: Any) -> dict[str, Any]:
    """Return ``details`` as written; it was read as an object a moment ago."""
    if isinstance(value, dict):
        return value
    record: dict[str, Any] = json.loads(value) if value and value.strip() else {}
    return record
