"""Years of dossiers in minutes: a one-stop, a ministry's register, and a store as the bridge leaves it.

Some hundred dossiers are invented by the one-stop's adapter and translated by the engine's own parts;
of each, thousands of others are made by exchanging code, number, person and time of day in the finished
texts. Every link has the base and the record that both sides agreed on, so a comparison must find them
in step: that is checked, and not assumed. One in a thousand is then made to differ.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson
import psycopg
from sqlalchemy.engine import make_url

from adapters.onestop_sql.schema import COLUMNS
from benchmarks.register import INDEXES, SCHEMA
from bridge.bootstrap import open_house
from bridge.domain.dossier import Snapshot
from bridge.domain.supplements import ready
from bridge.engine.house import Ministry
from bridge.engine.reconcile.asking import Desk
from bridge.sdk.onestop import OneStopContext
from bridge.sdk.records import Record
from bridge.sdk.registry import Registry
from bridge.settings import load

PROCEDURE = "1.002835"
SYSTEM = "register"
A_DAY = 4000
"""Dossiers a day: a large province."""
TEMPLATES = 200
DIFFERENT_EACH = 1000
"""One in so many differs: a name at the ministry, or one side has none of it, in turn."""
OTHERWISE, NOT_HERE, NOT_THERE = range(3)
"""In what way one differs."""
LAST_DAY = date(2026, 10, 30)
SEED = 2026
TOGETHER = 5000
CHILDREN = ("dossier_progress", "dossier_document", "dossier_fee", "dossier_supplement")
Rows = list[tuple[Any, ...]]


# -- tables filled fast


class Filling:
    """Rows on their way into the tables of one database, a few thousand at a time."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url)
        self._rows: dict[tuple[str, tuple[str, ...]], Rows] = {}
        self._sql: Any
        if self._url.get_backend_name() == "sqlite":
            self._sql = sqlite3.connect(str(self._url.database), isolation_level=None)
            self._sql.executescript("PRAGMA synchronous=OFF; PRAGMA cache_size=-64000; BEGIN;")
            self._write: Callable[[str, Sequence[str], Rows], None] = self._many
        else:
            address = self._url.set(drivername="postgresql")
            self._sql = psycopg.connect(address.render_as_string(hide_password=False))
            self._write = self._copied

    def put(self, table: str, columns: tuple[str, ...], row: tuple[Any, ...]) -> None:
        """Put a row on its way."""
        rows = self._rows.setdefault((table, columns), [])
        rows.append(row)
        if len(rows) == TOGETHER:
            self._flush()

    def execute(self, statement: str) -> None:
        """Run a statement."""
        self._sql.execute(statement)

    def end(self) -> None:
        """Write the rest, and let the database count what it has."""
        self._flush()
        if self._url.get_backend_name() == "sqlite":
            self._sql.execute("COMMIT")
            self._sql.execute("ANALYZE")
        else:
            self._sql.commit()
            self._sql.autocommit = True
            self._sql.execute("VACUUM ANALYZE")
        self._sql.close()

    def _flush(self) -> None:
        """Write what is on its way, first the tables that were put to first: others refer to them."""
        for (table, columns), rows in self._rows.items():
            self._write(table, columns, rows)
            rows.clear()

    def _many(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        marks = ", ".join("?" * len(columns))
        self._sql.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    def _copied(self, table: str, columns: Sequence[str], rows: Rows) -> None:
        with self._sql.cursor() as cursor:
            copying = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
            with cursor.copy(copying) as copy:
                for row in rows:
                    copy.write_row(row)


# -- a dossier with holes in it


HOLES = ("code", "ref", "name", "id_number", "phone", "day", "id")
"""What each dossier has of its own; ``id`` begins the ids of the rows that belong to it."""
_ID = r"\b[0-9a-f]{8}(?=-[0-9a-f]{4}-)"
_BETWEEN = "\x1e"


@dataclass(frozen=True, slots=True)
class Template:
    """The finished texts of a dossier, in pieces; at a hole's number comes what a dossier has there."""

    name: str
    pieces: tuple[str | int, ...]

    @classmethod
    def cut(cls, texts: Sequence[bytes], own: Sequence[tuple[str, str]]) -> Template:
        """Cut texts where they hold what is the dossier's ``own``: holes, and what stands there."""
        known = {value: HOLES.index(hole) for hole, value in own}
        longest = sorted(known, key=len, reverse=True)
        holes = re.compile(f"({'|'.join([*map(re.escape, longest), _ID])})")
        parts = holes.split(_BETWEEN.join(one.decode() for one in texts))
        pieces = [
            known.get(one, HOLES.index("id")) if place % 2 else one
            for place, one in enumerate(parts)
        ]
        return cls(dict(own)["name"], tuple(pieces))

    def filled(self, values: Sequence[str]) -> list[str]:
        """Return the texts with these values, in the order of ``HOLES``."""
        said = [values[one] if isinstance(one, int) else one for one in self.pieces]
        return "".join(said).split(_BETWEEN)


def templates(folder: Path, ministry: Ministry, desk: Desk) -> list[Template]:
    """Invent dossiers in a one-stop of their own in ``folder``, and translate them as the engine does."""
    plugin = Registry.load().onestop("onestop_sql")
    options = plugin.options.model_validate({"url": "sqlite:///invented.db"})
    context = OneStopContext(folder, lambda: datetime.now(UTC))
    if plugin.create is None or plugin.invent is None:
        raise RuntimeError("the one-stop adapter can't invent dossiers")
    plugin.create(options, context)
    codes = plugin.invent(options, context, TEMPLATES, SEED, (PROCEDURE,))
    onestop = plugin.build(options, context)
    with closing(sqlite3.connect(folder / "invented.db")) as sql:
        sql.execute("UPDATE dossier SET ministry_ref = 'REG-' || rowid, status = 2")
        sql.commit()
        shown = onestop.fetch(codes)
        found = [one for code in codes if isinstance(one := shown[code], Snapshot)]
        made = [_template(sql, one, ministry, desk) for one in found]
    onestop.close()
    return made


def _template(sql: sqlite3.Connection, ours: Snapshot, ministry: Ministry, desk: Desk) -> Template:
    lens, fields = ministry.lens, ours.fields
    body = dict(lens.lower(fields, desk.lists).body)
    body |= {"SoTiepNhan": fields["ministry_ref"], "TrangThai": "TN"}
    seen = desk.seen(Record(str(fields["ministry_ref"]), body))
    theirs = lens.project(seen.fields)
    base = {**lens.project(ready(fields, None)), **theirs}
    own = sql.execute("SELECT * FROM dossier WHERE code = ?", (ours.code,)).fetchone()
    belonging = [
        sql.execute(f"SELECT * FROM {name} WHERE dossier_code = ?", (ours.code,)).fetchall()
        for name in CHILDREN
    ]
    flat = {path: base.get(path) for path in COMPARED}
    dumped = [orjson.dumps(one, option=orjson.OPT_SORT_KEYS) for one in (fields, seen.fields)]
    texts = [orjson.dumps(one) for one in (own, belonging, flat, base, theirs, body)]
    holes = [
        ("code", ours.code),
        ("ref", str(fields["ministry_ref"])),
        ("name", own[_columns("dossier").index("applicant_name")]),  # as keyed: perhaps decomposed
        ("name", str(fields["applicant.name"])),
        ("id_number", str(fields["applicant.id_number"])),
        ("phone", str(fields["applicant.phone"])),
        ("day", str(fields["received_at"])[:10]),
    ]
    return Template.cut([*texts, *dumped], holes)


# -- the town


COMPARED = (
    "procedure.code", "applicant.name", "applicant.birth_date", "applicant.sex", "applicant.id_type",
    "applicant.id_number", "applicant.phone", "applicant.email", "applicant.address",
    "applicant.commune_code", "details.licence_class", "details.old_licence_number",
    "details.reason", "received_at", "due_at", "status", "status_note", "finished_at",
    "ministry_ref", "details.new_licence_number",
)  # fmt: skip
"""What both sides show: the columns of the two tables that other tools compare."""
TABLE = tuple(path.replace(".", "_") for path in COMPARED)
TABLES = (
    "CREATE TABLE {} (n BIGINT PRIMARY KEY, code TEXT UNIQUE, "
    + ", ".join(f"{one} TEXT" for one in TABLE)
    + ")"
)
"""With a number for reladiff, which takes no dossier code for a key: it has dots."""
_KNOWN = ("code", "stamp", "changed_at", "content_hash", "procedure_code", "captured_at")
_LINK = (
    "id", "code", "system", "ref", "state", "imported", "shard", "base", "theirs", "known",
    "theirs_hash", "versions", "stubborn", "created_at",
)  # fmt: skip
_DELIVERY = (
    "id", "link_id", "code", "system", "shard", "seq", "kind", "state", "priority", "fields",
    "version", "attempts", "crashes", "absences", "asked", "failed_times", "created_at", "sent_at",
    "settled_at",
)  # fmt: skip
_RECORD = ("n", "day", "ref", "code", "body")


@dataclass(frozen=True)
class Town:
    """Where everything is: urls of SQLAlchemy, and the register's file."""

    onestop: str
    store: str
    tables: str
    register: Path


def configure(folder: Path, town: Town, base_url: str) -> None:
    """Write the configuration."""
    (folder / "systems").mkdir(exist_ok=True)
    here = Path(__file__).parent
    for name in ("register.toml", "register.yaml"):
        (folder / name).write_bytes((here / name).read_bytes())
    (folder / "bridge.toml").write_text(
        f'[store]\nurl = "{town.store}"\n[onestop]\nurl = "{town.onestop}"\n', encoding="utf-8"
    )
    (folder / "secret").write_text("invented", encoding="utf-8")
    (folder / "secret").chmod(0o600)
    (folder / "systems" / "register.toml").write_text(
        f'name = "{SYSTEM}"\nadapter = "rest"\nprocedures = ["{PROCEDURE}"]\n[options]\n'
        f'definition = "register.toml"\nbase_url = "{base_url}"\n'
        'client_secret = { file = "secret" }\n',
        encoding="utf-8",
    )


def fill(folder: Path, town: Town, dossiers: int) -> None:
    """Fill both sides, the store and the two tables; they differ in one of ``DIFFERENT_EACH``."""
    settings = load(folder / "bridge.toml", {})
    plugin = Registry.load().onestop(settings.onestop.adapter)
    options = settings.onestop.options_for(plugin)
    context = OneStopContext(settings.folder, lambda: datetime.now(UTC))
    if plugin.create is None or plugin.invent is None:
        raise RuntimeError("the one-stop adapter can't invent dossiers")
    plugin.create(options, context)
    plugin.invent(options, context, 0, SEED, (PROCEDURE,))
    opened = open_house(settings)
    ministry = opened.house.ministries[SYSTEM]
    made = templates(folder, ministry, Desk(opened.house, ministry))
    opened.close()
    onestop, store, tables = (Filling(one) for one in (town.onestop, town.store, town.tables))
    register = Filling(f"sqlite:///{town.register}")
    for statement in SCHEMA.split(";"):
        register.execute(statement)
    for name in ("ours", "theirs"):
        tables.execute(TABLES.format(name))
    into = _Into(onestop, store, tables, register)
    for number in range(1, dossiers + 1):
        _one(into, ministry, made, number)
    for statement in INDEXES.split(";"):
        register.execute(statement)
    for one in (onestop, store, tables, register):
        one.end()


def change_each_day(town: Town, dossiers: int) -> int:
    """Change a dossier of each day in the one-stop, and no stamp; returns how many that are."""
    numbers = range(A_DAY // 2 + 1, dossiers + 1, A_DAY)
    url = make_url(town.onestop)
    sql: Any
    if url.get_backend_name() == "sqlite":
        sql = sqlite3.connect(str(url.database))
    else:
        address = url.set(drivername="postgresql")
        sql = psycopg.connect(address.render_as_string(hide_password=False))
    with closing(sql):
        for number in numbers:
            sql.execute(
                f"UPDATE dossier SET applicant_phone = '0911111111' WHERE code = '{_code(number)}'"
            )
        sql.commit()
    return len(numbers)


@dataclass(frozen=True, slots=True)
class _Into:
    onestop: Filling
    store: Filling
    tables: Filling
    register: Filling


def _one(into: _Into, ministry: Ministry, made: Sequence[Template], number: int) -> None:
    """Put one dossier everywhere it is."""
    day = _day(number // A_DAY)
    template, named = made[number % len(made)], made[number * 7 % len(made)]
    code = _code(number)
    ref = f"REG-{number:08d}"
    id_number, phone = f"0{number:011d}", f"09{number % 10**8:08d}"
    values = [code, ref, named.name, id_number, phone, day.isoformat(), f"{number:08x}"]
    own, belonging, flat, base, theirs, body, fields, lifted = template.filled(values)
    way = number // DIFFERENT_EACH % 3 if number % DIFFERENT_EACH == 0 else None
    told = body if way != OTHERWISE else body.replace(named.name, f"{named.name} Khác", 1)
    at = 1_793_000_000_000
    if way != NOT_HERE:
        into.onestop.put("dossier", _columns("dossier"), tuple(orjson.loads(own)))
        for table, rows in zip(CHILDREN, orjson.loads(belonging), strict=True):
            for row in rows:
                into.onestop.put(table, _columns(table), tuple(row))
        hashed = sha256(fields.encode()).hexdigest()
        into.store.put("dossier", _KNOWN, (code, "", "", hashed, PROCEDURE, at))
        shard = ministry.shard_of(code)
        into.store.put("link", _LINK, (
            number, code, SYSTEM, ref, "open", False, shard, base, theirs, body,
            sha256(lifted.encode()).hexdigest(), 1, "{}", at,
        ))  # fmt: skip
        into.store.put("delivery", _DELIVERY, (
            number, number, code, SYSTEM, shard, 1, "state", "confirmed", 0, "{}", 1, 1, 0, 0, 0, 0,
            at, at, at,
        ))  # fmt: skip
        into.tables.put("ours", ("n", "code", *TABLE), (number, code, *_texts(flat)))
    if way != NOT_THERE:
        into.register.put("records", _RECORD, (number, day.isoformat(), ref, code, told))
        shown = flat if told is body else flat.replace(named.name, f"{named.name} Khác", 1)
        into.tables.put("theirs", ("n", "code", *TABLE), (number, code, *_texts(shown)))


def _texts(flat: str) -> list[str | None]:
    values = orjson.loads(flat).values()
    return [None if one is None else str(one) for one in values]


@cache
def _columns(table: str) -> tuple[str, ...]:
    return tuple(COLUMNS[table])


def _code(number: int) -> str:
    return f"H40.05-{_day(number // A_DAY):%y%m%d}-{number % A_DAY:04d}"


@cache
def _day(number: int) -> date:
    return LAST_DAY - timedelta(days=number)
