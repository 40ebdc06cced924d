"""A small town to tell stories in: a one-stop office, rehearsal ministries, the engine between.

Everything is real (files, sockets, databases) but the clock, which a story may move on, and the
threads: a story runs the rooms in turn, so that it is told the same way each time.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any, Self
from uuid import uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url

from bridge.bootstrap import Opened, open_house
from bridge.domain import journal
from bridge.engine import backlog, clerk, deliver, doubt, feed, receive, survey
from bridge.engine import round as rounds
from bridge.engine.house import House
from bridge.sdk.errors import AdapterError
from bridge.sdk.onestop import OneStopContext
from bridge.sdk.registry import Registry
from bridge.settings import load
from bridge.store import Conflict, JournalRow, Link, tables
from tests.ready import upgraded

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
GPLX, YTE, LLTP = "1.002835", "1.003709", "2.000488"
HOTICH, DKKD = "1.001193", "2.001610"
PROCEDURES = {
    "dvcqg": ["*"],
    "gplx": [GPLX, "1.002809"],
    "yte": [YTE],
    "lltp": [LLTP],
    "hotich": [HOTICH],
    "dkkd": [DKKD],
}


class PowerCutError(BaseException):
    """The process dies here."""


class Clock:
    """The engine's clock: the world's, and as far ahead of it as the story says."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def __call__(self) -> datetime:
        """Return the moment it shows, aware."""
        return datetime.now(UTC) + self._ahead

    def forward(self, seconds: float) -> None:
        """Move the clock on."""
        self._ahead += timedelta(seconds=seconds)


class Town:
    """The world of one story."""

    def __init__(
        self,
        folder: Path,
        systems: Sequence[str] = ("dvcqg", "gplx", "yte"),
        *,
        onestop_url: str | None = None,
        store_url: str | None = None,
        timeout_seconds: float = 2.0,
        extra: Mapping[str, str] | None = None,
        rehearsals: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self.folder = folder
        self.clock = Clock()
        self.registry = Registry.load()
        self.onestop_url = onestop_url or f"sqlite:///{folder}/onestop.db"
        self.store_url = store_url or f"sqlite:///{folder}/bridge.db"
        self.ministries: dict[str, Any] = {}
        for name in systems:
            make = self.registry.ministry(name).rehearsal
            assert make is not None
            given = dict((rehearsals or {}).get(name, {}))
            if name != "dvcqg":
                given = {"now": self.clock} | given
            if name == "yte":
                given = {"root": folder / "yte", "interval": None} | given
            self.ministries[name] = make(**given)
            self.ministries[name].start()
        self._write(timeout_seconds, extra or {})
        if store_url is None:
            upgraded(self.store_url)
        self.opened: Opened = self._open()
        self._sql = create_engine(make_url(self.onestop_url))
        self._create()

    # -- the office

    def key(self, procedure: str = GPLX, n: int = 1, **columns: Any) -> str:
        """Let the clerk key ``n`` dossiers; returns the code of the last."""
        codes = self._invention.dossiers_in(self._sql, n, procedure)
        for code in codes[:-1]:
            self.edit(code)
        self.edit(codes[-1], **columns)
        return codes[-1]

    def edit(self, code: str, *, at: datetime | None = None, **columns: Any) -> None:
        """Let the clerk change columns of a dossier; the row is stamped as software stamps it."""
        values = {
            key: json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value
            for key, value in columns.items()
        }
        stamp = (at or self.clock()).astimezone(VIETNAM)
        values["updated_at"] = stamp.isoformat(timespec="milliseconds") if self.on_sqlite else stamp
        sets = ", ".join(f"{key} = :{key}" for key in values)
        self.execute(f"UPDATE dossier SET {sets} WHERE code = :the_code", **values, the_code=code)

    def step(self, code: str, status: int, **columns: Any) -> None:
        """Let the clerk add a progress row and move the dossier's status."""
        at: Any = self.clock().astimezone(VIETNAM)
        if self.on_sqlite:
            at = at.isoformat(timespec="milliseconds")
        row = {"id": str(uuid4()), "dossier_code": code, "at": at, "status": status} | columns
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        self.execute(f"INSERT INTO dossier_progress ({names}) VALUES ({marks})", **row)
        self.edit(code, status=status)

    def paper(self, code: str, name: str, content: bytes, kind: str = "supplement") -> str:
        """Let the clerk scan a paper into a dossier; returns its id."""
        paper, path = str(uuid4()), f"{code}-{name}"
        (self.folder / "documents" / path).write_bytes(content)
        row = {
            "id": paper,
            "dossier_code": code,
            "kind": kind,
            "component_code": "BS01",
            "name": name,
            "file_name": name,
            "media_type": "application/pdf",
            "size": len(content),
            "sha256": sha256(content).hexdigest(),
            "path": path,
        }
        names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
        self.execute(f"INSERT INTO dossier_document ({names}) VALUES ({marks})", **row)
        self.edit(code)
        return paper

    def bring(self, code: str) -> None:
        """Let the clerk note that what was asked for has been brought."""
        at: Any = self.clock().astimezone(VIETNAM)
        if self.on_sqlite:
            at = at.isoformat(timespec="milliseconds")
        self.execute(
            "UPDATE dossier_supplement SET completed_at = :at"
            " WHERE dossier_code = :code AND completed_at IS NULL",
            at=at,
            code=code,
        )
        self.edit(code)

    def execute(self, sql: str, **values: Any) -> None:
        """Run a statement of the office's own software on the one-stop database."""
        with self._sql.begin() as connection:
            connection.execute(text(sql), values)

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """Read from the one-stop database."""
        with self._sql.connect() as connection:
            return [dict(row) for row in connection.execute(text(sql), values).mappings()]

    def dossier(self, code: str) -> dict[str, Any]:
        """Return the dossier's row; ``details`` read."""
        (row,) = self.rows("SELECT * FROM dossier WHERE code = :code", code=code)
        return row | {"details": json.loads(row["details"])}

    def progress(self, code: str) -> list[tuple[int, str]]:
        """Return (status, source) of the dossier's progress rows, in order."""
        query = (
            "SELECT status, source FROM dossier_progress WHERE dossier_code = :code ORDER BY at, id"
        )
        return [(row["status"], row["source"]) for row in self.rows(query, code=code)]

    def notices(self, code: str, *, standing: bool = True) -> list[dict[str, Any]]:
        """Return the clerk's notices of a dossier."""
        query = "SELECT * FROM dossier_notice WHERE dossier_code = :code ORDER BY at, id"
        return [
            row for row in self.rows(query, code=code) if not standing or row["resolved_at"] is None
        ]

    # -- the engine

    @property
    def house(self) -> House:
        """The engine's house."""
        return self.opened.house

    @property
    def on_sqlite(self) -> bool:
        """Whether the one-stop database is SQLite."""
        return self.onestop_url.startswith("sqlite")

    def front(self) -> None:
        """Capture and post."""
        rounds.front(self.house)

    def deliver(self, name: str) -> int:
        """Send what is due to one system."""
        ministry, pace = self.house.ministries[name], self.opened.paces[name]
        sent = sum(
            deliver.drain(self.house, ministry, shard, pace)
            for shard in range(ministry.max_in_flight)
        )
        if name == "yte":
            self.ministries[name].work()
        doubt.confirm(self.house, ministry)
        return sent

    def receive(self, name: str) -> None:
        """Read a system's feed (if it can be read) and take its records in."""
        ministry = self.house.ministries[name]
        try:
            feed.poll_open(self.house, ministry)
        except AdapterError:
            return
        finally:
            receive.work(self.house, ministry)

    def ask(self, name: str) -> int:
        """Ask about the doubts of a system that are due."""
        return doubt.ask_due(self.house, self.house.ministries[name])

    def round(self) -> None:
        """Let every room have its turn once."""
        self.front()
        for name in self.ministries:
            self.ask(name)
            self.deliver(name)
            self.receive(name)
            backlog.work(self.house, self.house.ministries[name])
        clerk.tell(self.house)

    def settle(self, rounds: int = 6) -> None:
        """Let rounds pass, and the backoffs in them."""
        for _ in range(rounds):
            self.round()
            self.clock.forward(3)

    # -- the ministries

    def move(self, name: str, code: str, status: str, note: str | None = None) -> None:
        """Let a sector ministry give a dossier one of its own statuses."""
        self.ministries[name].move(self.record(name, code)["ref"], status, note)

    def ministry_edits(self, code: str, **fields: Any) -> None:
        """Let an officer of gplx change fields of a record (those of NguoiNop by their names)."""
        ref, register = self.record("gplx", code)["ref"], self.ministries["gplx"]._register
        body = register.entry(ref).body
        person = {key: fields.pop(key) for key in list(fields) if key in body["NguoiNop"]}
        register.replace(ref, {**body, **fields, "NguoiNop": {**body["NguoiNop"], **person}})

    # -- what can be seen

    def events(self, code: str, system: str | None = None) -> list[str]:
        """Return the journal's events of a dossier."""
        return [
            row.event
            for row in survey.story(self.house, code).journal
            if system is None or row.system == system
        ]

    def states(self, code: str, system: str) -> list[str]:
        """Return the states of a dossier's deliveries to one system, in line."""
        return [
            one.state.value
            for one in survey.story(self.house, code).deliveries
            if one.system == system
        ]

    def record(self, name: str, code: str) -> dict[str, Any]:
        """Return the one record a ministry holds for a dossier."""
        (record,) = [one for one in self.ministries[name].records() if one["code"] == code]
        return dict(record)

    def journal(self, event: str, code: str | None = None) -> list[JournalRow]:
        """Return the journal's entries of one event (about one dossier), in order."""
        with self.house.store.read() as unit:
            return [
                row for row in unit.journal.all() if row.event == event and code in (None, row.code)
            ]

    def conflicts(self, code: str, system: str) -> dict[str, Conflict]:
        """Return the open conflicts of a dossier with one system, by field."""
        found = survey.story(self.house, code).conflicts
        return {one.field: one for one in found if one.system == system}

    def link(self, code: str, system: str) -> Link:
        """Return the link of a dossier to one system."""
        (link,) = [one for one in survey.story(self.house, code).links if one.system == system]
        return link

    def shown(self, code: str) -> list[int]:
        """Return the statuses of the steps the portal shows of a dossier, in its order."""
        return [int(step["TrangThai"]) for step in self.record("dvcqg", code)["steps"]]

    def quarantined(self) -> list[tuple[str, str, str | None]]:
        """Return (ref, reason, rule) of every record that was set aside, in order of arrival."""
        query = select(tables.inbox).where(tables.inbox.c.state == "quarantined")
        with self.house.store.read() as unit:
            rows = unit.connection.execute(query.order_by(tables.inbox.c.id))
            return [(row.ref, row.reason, row.rule) for row in rows]

    def moved(self) -> tuple[int, int]:
        """Return how many deliveries and journal entries there ever were."""
        posted = sum(one.posted for one in survey.standings(self.house))
        return posted, survey.last_entry(self.house)

    def ends_well(self) -> None:
        """Prove what every story ends with: nothing twice, and the journal whole."""
        self.nothing_twice()
        with self.house.store.read() as unit:
            assert journal.verify(unit.journal.all()) is None

    def nothing_twice(self) -> None:
        """Prove that no ministry holds anything twice."""
        for ministry in self.ministries.values():
            assert ministry.duplicates() == []

    # -- beginning and end

    def restart(self, **handed_in: Any) -> None:
        """Open the house anew, as after a crash."""
        self.opened.close()
        self.opened = self._open(**handed_in)

    def close(self) -> None:
        """Let go of everything."""
        self.opened.close()
        self._sql.dispose()
        for ministry in self.ministries.values():
            ministry.stop()

    def __enter__(self) -> Self:
        """Enter the town."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the town."""
        self.close()

    def _open(self, **handed_in: Any) -> Opened:
        settings = load(self.folder / "bridge.toml", {})
        given: dict[str, Any] = {
            "now": self.clock,
            "sleep": self.clock.forward,
            "chance": Random(7),
        }
        given |= handed_in
        return open_house(settings, registry=self.registry, **given)

    def _create(self) -> None:
        settings = self.opened.settings
        plugin = self.registry.onestop("onestop_sql")
        options = settings.onestop.options_for(plugin)
        assert plugin.create is not None
        plugin.create(options, OneStopContext(self.folder, self.clock))
        from tests.journey.invention import Office

        self._invention = Office(self.folder / "documents")
        self._invention.open(self._sql)

    def _write(self, timeout_seconds: float, extra: Mapping[str, str]) -> None:
        (self.folder / "systems").mkdir()
        (self.folder / "bridge.toml").write_text(
            f'[store]\nurl = "{self.store_url}"\n'
            f'[onestop]\nurl = "{self.onestop_url}"\ndocuments = "documents"\n'
            f"{extra.get('onestop', '')}\n{extra.get('console', '')}\n{extra.get('alerts', '')}\n",
            encoding="utf-8",
        )
        for name, ministry in self.ministries.items():
            lines = [f'name = "{name}"', f'adapter = "{name}"']
            lines.append(f"procedures = {json.dumps(PROCEDURES[name])}")
            lines.append(f"timeout_seconds = {timeout_seconds}")
            lines += ["poll_seconds = 1", extra.get(name, ""), "[options]"]
            for key, value in ministry.options().items():
                plain = value if isinstance(value, (bool, int, float, str)) else str(value)
                lines.append(f"{key} = {json.dumps(plain)}")
            for key, secret in ministry.secrets().items():
                place = self.folder / f"{name}.{key}"
                place.write_text(secret, encoding="utf-8")
                lines.append(f'{key} = {{ file = "{place}" }}')
            path = self.folder / "systems" / f"{name}.toml"
            path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def in_background(call: Any) -> threading.Thread:
    """Run a call beside the story; join it before the story ends."""
    thread = threading.Thread(target=call, daemon=True)
    thread.start()
    return thread
