"""The tables of ``onestop.sql`` as SQLAlchemy Core sees them, under the names configured.

A column is known in the code by its contract name (its key), and in SQL by the name the
province gave it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Dialect, Integer, MetaData, Table, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import NullType, TypeDecorator, TypeEngine

from adapters.onestop_sql.canonical import VIETNAM


class Kind(StrEnum):
    """What a column holds, in the words of the contract."""

    TEXT = "TEXT"
    INTEGER = "INTEGER"
    NUMERIC = "NUMERIC"
    DATE = "DATE"
    TIMESTAMP = "TIMESTAMP"


def _columns(**groups: str) -> dict[Kind, set[str]]:
    return {Kind[kind]: set(names.split()) for kind, names in groups.items()}


_KINDS = {
    "procedure": _columns(
        NUMERIC="processing_time fee", INTEGER="active", TIMESTAMP="updated_at"
    ),
    "dossier": _columns(
        INTEGER="channel submitted_via applicant_kind applicant_vneid result_delivery status",
        DATE="applicant_id_issued_on",
        TIMESTAMP="submitted_at received_at due_at refused_at finished_at returned_at updated_at",
    ),
    "dossier_progress": _columns(INTEGER="status", TIMESTAMP="at"),
    "dossier_document": _columns(INTEGER="size digitised reused from_store deleted"),
    "dossier_fee": _columns(INTEGER="kind stage gateway", NUMERIC="amount", TIMESTAMP="paid_at"),
    "dossier_supplement": _columns(
        TIMESTAMP="requested_at completed_at old_due_at new_due_at"
    ),
    "dossier_notice": _columns(TIMESTAMP="at resolved_at"),
}  # fmt: skip

_NAMES = {
    "agency": "code name parent_code",
    "procedure": "code local_code name sector_code sector_name agency_code processing_time "
    "processing_unit fee active updated_at",
    "dossier": "code procedure_code agency_code reception_agency_code channel submitted_via "
    "applicant_kind applicant_name applicant_id_type applicant_id_number "
    "applicant_id_issued_on applicant_id_issued_by applicant_birth_date applicant_sex "
    "applicant_phone applicant_email applicant_vneid applicant_address "
    "applicant_commune_code summary submitted_at received_at due_at refused_at finished_at "
    "returned_at result_delivery status status_note ministry_ref details updated_at",
    "dossier_progress": "id dossier_code at status unit_name officer_name note source",
    "dossier_document": "id dossier_code kind component_code name file_name media_type size "
    "sha256 path digitised reused from_store result_code deleted",
    "dossier_fee": "id dossier_code code name kind stage amount gateway paid_at",
    "dossier_supplement": "id dossier_code requested_at requested_by request completed_at "
    "old_due_at new_due_at",
    "dossier_notice": "id dossier_code system severity field text_vi at resolved_at",
}


def _kind(table: str, column: str) -> Kind:
    groups = _KINDS.get(table, {})
    return next((kind for kind, names in groups.items() if column in names), Kind.TEXT)


#: Every table of the contract with its columns in order. A test holds it to ``onestop.sql``.
COLUMNS: Mapping[str, Mapping[str, Kind]] = {
    table: {column: _kind(table, column) for column in names.split()}
    for table, names in _NAMES.items()
}

LOOKED_UP_BY: Mapping[str, str] = {
    table: next(column for column in ("dossier_code", "updated_at") if column in COLUMNS[table])
    for table in COLUMNS
    if table.startswith("dossier")
}
"""The column by which the rows of a table are found, beside its key, many times a second."""


class Instant(TypeDecorator[Any]):
    """A time: ISO text on SQLite, TIMESTAMPTZ on PostgreSQL. Read as the driver gives it."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the database spoken to."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.TIMESTAMP(timezone=True))
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Write a time as the contract says; a text is a bound of a comparison."""
        if dialect.name == "postgresql" or not isinstance(value, datetime):
            return value
        return value.astimezone(VIETNAM).isoformat(timespec="milliseconds")


class Day(TypeDecorator[Any]):
    """A whole day: ISO text on SQLite, DATE on PostgreSQL. Read as the driver gives it."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Return the column type of the database spoken to."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.DATE())
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Write a canonical day."""
        if dialect.name == "postgresql" and isinstance(value, str):
            return date.fromisoformat(value)
        return value


def _type(kind: Kind) -> TypeEngine[Any]:
    """Return a type that gives back what the driver gave: the forms judge it, not SQLAlchemy."""
    match kind:
        case Kind.TEXT:
            return Text()
        case Kind.INTEGER:
            return Integer()
        case Kind.NUMERIC:
            return NullType()
        case Kind.DATE:
            return Day()
        case Kind.TIMESTAMP:
            return Instant()


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of one province's one-stop database."""

    agency: Table
    procedure: Table
    dossier: Table
    progress: Table
    document: Table
    fee: Table
    supplement: Table
    notice: Table


def build_schema(
    tables: Mapping[str, str] | None = None,
    columns: Mapping[str, Mapping[str, str]] | None = None,
) -> Schema:
    """Return the tables; ``tables`` and ``columns`` map contract names to other names."""
    metadata = MetaData()

    def table(contract_name: str) -> Table:
        schema, _, name = (tables or {}).get(contract_name, contract_name).rpartition(".")
        others = (columns or {}).get(contract_name, {})
        parts = [
            Column(others.get(column, column), _type(kind), key=column)
            for column, kind in COLUMNS[contract_name].items()
        ]
        return Table(name, metadata, *parts, schema=schema or None)

    return Schema(
        agency=table("agency"),
        procedure=table("procedure"),
        dossier=table("dossier"),
        progress=table("dossier_progress"),
        document=table("dossier_document"),
        fee=table("dossier_fee"),
        supplement=table("dossier_supplement"),
        notice=table("dossier_notice"),
    )


def where(column: Column[Any]) -> str:
    """Return ``table.column`` as the database calls it, for people."""
    return f"{column.table.fullname}.{column.name}"
