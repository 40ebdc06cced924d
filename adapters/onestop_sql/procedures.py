"""The one-stop's list of procedures: read whole, and brought up to date with what is published."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from adapters.onestop_sql import canonical
from adapters.onestop_sql.schema import COLUMNS, Kind, Schema
from adapters.onestop_sql.writer import if_absent
from bridge.sdk import Json, Said
from bridge.sdk.catalogue import Procedure, Withdrawn
from bridge.sdk.records import Unreadable

_NAMES = [name for name in COLUMNS["procedure"] if name not in {"code", "updated_at"}]
_SAID = (
    "local_code", "name", "sector_code", "sector_name", "processing_time", "processing_unit", "fee",
)  # fmt: skip
"""The columns a published procedure may fill as it says them."""


class Procedures:
    """The ``procedure`` table of one one-stop database; the caller holds the transaction."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema

    def all(self, connection: Connection) -> dict[str, dict[str, Json]]:
        """Return every procedure by code, in canonical form; ``None`` where there is none."""
        table = self._schema.procedure
        query = select(table.c.code, *(table.c[name].label(name) for name in _NAMES))
        return {
            row[0]: {name: _value(name, value) for name, value in zip(_NAMES, row[1:], strict=True)}
            for row in connection.execute(query.order_by(table.c.code))
        }

    def publish(
        self, connection: Connection, procedures: Sequence[Procedure | Withdrawn], now: datetime
    ) -> list[Unreadable]:
        """Write what differs; see ``OneStop.publish``. Of two of one code the later counts."""
        agencies, there = self._known_as(connection), self.all(connection)
        left: list[Unreadable] = []
        for one in {each.code: each for each in procedures}.values():
            before = there.get(one.code)
            if isinstance(one, Withdrawn):
                self._write(connection, one.code, before or {}, {"active": False}, now)
                continue
            agency = agencies.get(one.agency) or agencies.get(folded(one.agency))
            if agency is None:
                left.append(self._no_agency(one))
                continue
            said = {name: getattr(one, name) for name in _SAID}
            values = {name: value for name, value in said.items() if value is not None}
            values |= {"agency_code": agency, "active": True}
            if before is None:
                self._add(connection, one.code, values, now)
            else:
                self._write(connection, one.code, before, values, now)
        return left

    def agencies(self, connection: Connection) -> dict[str, str]:
        """Return the name of every agency by code, in canonical form."""
        table = self._schema.agency
        rows = connection.execute(select(table.c.code, table.c.name).order_by(table.c.code))
        return {code: canonical.text(name) or "" for code, name in rows}

    def _known_as(self, connection: Connection) -> dict[str, str | None]:
        """Return the agencies by code and by folded name; ``None`` where several bear a name."""
        found: dict[str, str | None] = {}
        agencies = self.agencies(connection)
        for code, name in agencies.items():
            key = folded(name)
            found[key] = None if key in found else code
        return found | {code: code for code in agencies}

    def _add(
        self, connection: Connection, code: str, values: Mapping[str, Any], now: datetime
    ) -> None:
        row = {"code": code, "updated_at": now, **values, "active": 1}
        connection.execute(if_absent(connection, self._schema.procedure), row)

    def _write(
        self,
        connection: Connection,
        code: str,
        before: Mapping[str, Json],
        values: Mapping[str, Any],
        now: datetime,
    ) -> None:
        """Write the columns that differ from a row; nothing where there is no row."""
        table = self._schema.procedure
        changed = {name: value for name, value in values.items() if before.get(name) != value}
        if not before or not changed:
            return
        if "active" in changed:
            changed["active"] = int(changed["active"])
        here = update(table).where(table.c.code == bindparam("of"))
        columns = {name: bindparam(f"to_{name}", type_=table.c[name].type) for name in changed}
        columns["updated_at"] = bindparam("to_updated_at", type_=table.c.updated_at.type)
        given = {f"to_{name}": value for name, value in changed.items()}
        connection.execute(here.values(columns), {"of": code, "to_updated_at": now, **given})

    def _no_agency(self, one: Procedure) -> Unreadable:
        reason = Said(
            "procedure {code} was left out: {table} has no agency, or several, called {agency}",
            code=one.code,
            table=self._schema.agency.fullname,
            agency=one.agency,
        )
        return Unreadable(one.code, reason, "agency_code")


def folded(name: Any) -> str:
    """Return a name as two clerks would both have meant it."""
    return " ".join(unicodedata.normalize("NFC", str(name or "")).casefold().split())


def _value(name: str, value: Any) -> Json:
    try:
        if name == "active":
            return canonical.flag(value)
        if COLUMNS["procedure"][name] is Kind.NUMERIC:
            return canonical.money(value)
        return canonical.text(value)
    except canonical.Unfit:
        return None
