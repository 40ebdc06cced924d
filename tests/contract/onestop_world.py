"""A one-stop database under test: its clerks write plain SQL, its engine remembers what it saw."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from adapters.onestop_sql import plugin
from adapters.onestop_sql.create import create_tables
from adapters.onestop_sql.options import OneStopOptions
from bridge.sdk import Snapshot
from bridge.sdk.onestop import Amendment, OneStop, OneStopChange, OneStopContext
from bridge.sdk.records import Unreadable

VIETNAM = timezone(timedelta(hours=7))
MORNING = datetime(2026, 11, 20, 9, 0, tzinfo=VIETNAM)
CODE = "H40.05-261120-0001"


class World:
    """A database with a small catalogue, its adapter, a clock, and the engine's memory."""

    def __init__(self, url: str, folder: Path, **options: Any) -> None:
        self.url = url
        self.folder = folder
        self.now = MORNING
        self.clerk = create_engine(url)
        self.sqlite = self.clerk.dialect.name == "sqlite"
        create_tables(OneStopOptions(url=url), folder)
        self.onestop = self.open(**{"overlap_every_seconds": 0} | options)
        self.known: dict[str, tuple[str, str]] = {}
        self.cursor: Any = None
        self.sql("INSERT INTO agency (code, name) VALUES ('H40.05', 'Sở Giao thông vận tải')")
        self.sql("INSERT INTO agency (code, name) VALUES ('H40.01', 'Trung tâm Một cửa')")
        self.sql(
            "INSERT INTO procedure (code, local_code, name, sector_code, sector_name, "
            "agency_code, processing_time, processing_unit, updated_at) VALUES ('1.002835', "
            "'1.002835.000.00.00.H40', 'Cấp giấy phép lái xe', 'G09', 'Đường bộ', 'H40.05', "
            "2.5, 'working_day', '2026-01-05T08:00:00+07:00')"
        )

    def open(self, **options: Any) -> OneStop:
        """Return another adapter over the same database."""
        values = {"url": self.url, "documents": "documents", "busy_timeout_seconds": 5} | options
        context = OneStopContext(self.folder, lambda: self.now)
        return plugin.build(plugin.options.model_validate(values), context)

    def write(
        self, code: str, change: OneStopChange, stamp: str, onestop: OneStop | None = None
    ) -> Snapshot:
        """Write one change and return the dossier; raises what the adapter answers otherwise."""
        [became] = (onestop or self.onestop).apply([Amendment(code, change, stamp)])
        if isinstance(became, Snapshot):
            return became
        raise became

    def sql(self, statement: str, **values: Any) -> None:
        """Do what the clerks' software does."""
        with self.clerk.begin() as connection:
            connection.execute(text(statement), values)

    def ask(self, query: str, **values: Any) -> list[Any]:
        """Return the rows of a query."""
        with self.clerk.begin() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]

    def file(self, code: str = CODE, **columns: Any) -> str:
        """Insert a dossier as the counter does."""
        row = {
            "code": code,
            "procedure_code": "1.002835",
            "agency_code": "H40.05",
            "applicant_name": "Trần Thị Mẫu",
            "status": 2,
            "received_at": "2026-11-20T08:30:00+07:00",
            "updated_at": "2026-11-20T08:30:00.000+07:00",
        } | columns
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        self.sql(f"INSERT INTO dossier ({names}) VALUES ({marks})", **row)
        return code

    def add(self, table: str, **columns: Any) -> None:
        """Insert a row that belongs to a dossier."""
        row = {"dossier_code": CODE} | columns
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        self.sql(f"INSERT INTO {table} ({names}) VALUES ({marks})", **row)

    def change(self, code: str = CODE, **columns: Any) -> None:
        """Update a dossier."""
        sets = ", ".join(f"{name} = :{name}" for name in columns)
        self.sql(f"UPDATE dossier SET {sets} WHERE code = :code_", code_=code, **columns)

    def look(self, code: str = CODE) -> Snapshot:
        """Return the dossier as the adapter sees it."""
        found = self.onestop.fetch([code])[code]
        assert isinstance(found, Snapshot), found
        return found

    def refused(self, code: str = CODE) -> str:
        """Return why the dossier can't be read."""
        found = self.onestop.fetch([code])[code]
        assert isinstance(found, Unreadable), found
        assert found.name == code
        return found.reason

    def seen(self, pairs: Collection[tuple[str, str]]) -> Collection[str]:
        """Answer as the engine does, from what it remembers."""
        return {code for code, stamp in pairs if self.known.get(code, ("", ""))[0] == stamp}

    def page(self, limit: int = 100) -> tuple[list[str], bool]:
        """Take one page as the engine does; returns the codes in it and whether more is there."""
        captured = self.onestop.changes(self.cursor, self.seen, limit)
        self.cursor = captured.cursor
        codes = []
        for one in captured.snapshots:
            assert isinstance(one, Snapshot), one
            self.known[one.code] = (str(one.extra["changed_at"]), one.content_hash)
            codes.append(one.code)
        assert len(codes) <= limit
        return codes, captured.more

    def round(self, limit: int = 100) -> list[str]:
        """Walk to the end; returns the codes captured."""
        codes, more = self.page(limit)
        while more:
            found, more = self.page(limit)
            codes += found
        return codes

    def close(self) -> None:
        """Let go of everything."""
        self.onestop.close()
        self.clerk.dispose()


def numbered(number: int) -> str:
    """Return a dossier code."""
    return f"H40.05-261120-{number:04d}"


def iso(at: datetime, *, offset: Mapping[str, int] | None = None) -> str:
    """Return a time as the clerks' software writes it, in Vietnam unless told otherwise."""
    zone = timezone(timedelta(**offset)) if offset is not None else VIETNAM
    return at.astimezone(zone).isoformat(timespec="milliseconds")
