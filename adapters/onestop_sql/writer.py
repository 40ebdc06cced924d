"""Writes what ministries changed into the one-stop database; the caller holds the transaction."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.dialects import postgresql, sqlite

from adapters.onestop_sql import canonical
from adapters.onestop_sql.reader import Reader, path_of, pieces
from adapters.onestop_sql.schema import COLUMNS, Kind, Schema, where
from bridge.sdk import Json, Snapshot
from bridge.sdk.onestop import (
    Moved,
    NewDossier,
    Notice,
    OneStopChange,
    OneStopFault,
    Step,
    Supplement,
)
from bridge.sdk.records import Unreadable

MILLISECOND = timedelta(milliseconds=1)

_KEPT = {"code", "details", "updated_at"}

#: The columns of ``dossier`` a change may set, by canonical path.
_COLUMN_OF = {path_of(column): column for column in COLUMNS["dossier"] if column not in _KEPT}


class Writer:
    """The writes of one one-stop database."""

    def __init__(self, schema: Schema, reader: Reader) -> None:
        self._schema = schema
        self._reader = reader

    def lock(self, connection: Connection, code: str) -> None:
        """Keep others from changing the dossier (on SQLite the transaction does already)."""
        table = self._schema.dossier
        connection.execute(select(table.c.code).where(table.c.code == code).with_for_update())

    def apply(
        self, connection: Connection, code: str, change: OneStopChange, stamp: str, now: datetime
    ) -> Snapshot:
        """Write ``change`` if the dossier's stamp is still ``stamp``; see ``OneStop.apply``."""
        self.lock(connection, code)
        here = self._reader.read(connection, [code], now).get(code)
        if not isinstance(here, Snapshot) or here.stamp != stamp:
            raise Moved(code)
        values = self._changed_columns(connection, here, change.fields)
        steps = self._append_steps(connection, here, change.steps, now)
        asked = self._open_supplements(connection, code, change.supplements, now)
        if not (values or steps or asked):
            return here
        table = self._schema.dossier
        values["updated_at"] = self._next_stamp(connection, code, now)
        connection.execute(update(table).where(table.c.code == code).values(values))
        return self._read_back(connection, code, now)

    def insert(self, connection: Connection, dossier: NewDossier, now: datetime) -> Snapshot:
        """Insert the dossier with all that belongs to it; see ``OneStop.insert``."""
        code = dossier.code
        table = self._schema.dossier
        there = connection.execute(select(table.c.code).where(table.c.code == code)).first()
        if there is None:
            self._require_procedure(connection, dossier)
            values = self._new_row(dossier, now)
            written = connection.execute(self._if_absent(connection, table), values).rowcount
            if written:
                here = self._read_back(connection, code, now)
                self._append_steps(connection, here, dossier.steps, now)
                self._open_supplements(connection, code, dossier.supplements, now)
        return self._read_back(connection, code, now)

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
            connection.execute(self._if_absent(connection, table), list(rows.values()))

    def resolve(self, connection: Connection, ids: Sequence[str], at: datetime) -> None:
        """Mark open notices as resolved."""
        table = self._schema.notice
        for part in pieces(ids):
            still_open = table.c.id.in_(part) & table.c.resolved_at.is_(None)
            connection.execute(update(table).where(still_open).values(resolved_at=at))

    def _changed_columns(
        self, connection: Connection, here: Snapshot, fields: Mapping[str, Json]
    ) -> dict[str, Any]:
        changed = {path: value for path, value in fields.items() if here.get(path) != value}
        keys = {path: changed.pop(path) for path in list(changed) if path.startswith("details.")}
        values = {_column(path): _as_column(path, value) for path, value in changed.items()}
        if keys:
            table = self._schema.dossier
            query = select(table.c.details).where(table.c.code == here.code)
            details = _details(connection.execute(query).scalar())
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
        self, connection: Connection, here: Snapshot, steps: Sequence[Step], now: datetime
    ) -> int:
        """Append the steps that are not there, each behind the last row of the dossier."""
        table = self._schema.progress
        there = self._present(connection, table, "id", [step.id for step in steps])
        shown: Any = here.get("progress")
        times = (canonical.moment(row["at"]) for row in shown)
        last = max((at for at in times if at), default=None)
        rows = []
        for step in steps:
            if step.id in there:
                continue
            there.add(step.id)
            last = _behind(canonical.as_written(step.at or now), last)
            rows.append(
                {
                    "id": step.id,
                    "dossier_code": here.code,
                    "at": last,
                    "status": step.status,
                    "unit_name": step.unit_name,
                    "note": step.note,
                    "source": step.source,
                }
            )
        if rows:
            connection.execute(self._if_absent(connection, table), rows)
        return len(rows)

    def _open_supplements(
        self, connection: Connection, code: str, asked: Sequence[Supplement], now: datetime
    ) -> int:
        table = self._schema.supplement
        there = self._present(connection, table, "id", [one.id for one in asked])
        rows = {
            one.id: {
                "id": one.id,
                "dossier_code": code,
                "requested_at": one.requested_at or now,
                "requested_by": one.requested_by,
                "request": one.request,
            }
            for one in asked
            if one.id not in there
        }
        if rows:
            connection.execute(self._if_absent(connection, table), list(rows.values()))
        return len(rows)

    def _next_stamp(self, connection: Connection, code: str, now: datetime) -> datetime:
        table = self._schema.dossier
        query = select(table.c.updated_at).where(table.c.code == code)
        before = canonical.moment(connection.execute(query).scalar_one())
        return max(now, before + MILLISECOND) if before else now

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

    def _require_procedure(self, connection: Connection, dossier: NewDossier) -> None:
        table = self._schema.procedure
        wanted = str(dossier.fields.get("procedure.code"))
        if wanted not in self._present(connection, table, "code", [wanted]):
            reason = f"procedure {wanted} is not in {table.fullname}"
            raise OneStopFault(reason, transient=False, code=dossier.code)

    def _read_back(self, connection: Connection, code: str, now: datetime) -> Snapshot:
        match self._reader.read(connection, [code], now).get(code):
            case Snapshot() as snapshot:
                return snapshot
            case Unreadable(reason=reason):
                raise OneStopFault(reason, transient=False, code=code)
            case None:
                reason = "the dossier can't be read back after it was written"
                raise OneStopFault(reason, transient=False, code=code)

    def _present(
        self, connection: Connection, table: Table, column: str, values: Sequence[str]
    ) -> set[str]:
        found: set[str] = set()
        for part in pieces(values):
            query = select(table.c[column]).where(table.c[column].in_(part))
            found |= set(connection.execute(query).scalars())
        return found

    def _if_absent(self, connection: Connection, table: Table) -> Any:
        if connection.dialect.name == "sqlite":
            return sqlite.insert(table).on_conflict_do_nothing()
        return postgresql.insert(table).on_conflict_do_nothing()


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
