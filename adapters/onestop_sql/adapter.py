"""The one-stop database behind the engine's ``OneStop`` interface."""

from __future__ import annotations

import os
import stat
import threading
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, TypeVar

from sqlalchemy import Connection

from adapters.onestop_sql.alike import alike
from adapters.onestop_sql.capture import Capture, Key, Walk
from adapters.onestop_sql.examine import Examination
from adapters.onestop_sql.faults import UnreadableValue, naming_faults
from adapters.onestop_sql.opening import WRITES, open_engine
from adapters.onestop_sql.options import OneStopOptions
from adapters.onestop_sql.placing import place
from adapters.onestop_sql.procedures import Procedures
from adapters.onestop_sql.reader import Reader
from adapters.onestop_sql.reception import reception
from adapters.onestop_sql.schema import build_schema
from adapters.onestop_sql.writer import Writer
from bridge.sdk import Json, Said, Snapshot
from bridge.sdk.catalogue import Procedure, Withdrawn
from bridge.sdk.documents import Document, DocumentFault
from bridge.sdk.onestop import (
    Amended,
    Amendment,
    Captured,
    Known,
    Likeness,
    NewDossier,
    Notice,
    OneStopContext,
    OneStopFault,
    Paper,
    Received,
    Reception,
    Seen,
    Unchanged,
)
from bridge.sdk.records import Check, Unreadable

T = TypeVar("T")
Written = TypeVar("Written", bound=Amendment | NewDossier)

FEWEST_KEYS = 200
"""The fewest rows one query of the walk looks at."""

KEYS_A_PAGE = 2000
"""How many rows one page looks at; ten for each dossier it may return, if that is more."""


NOT_RESOLVED = "\0"
"""Begins no path: where the documents folder really is is looked up with the first document."""


class SqlOneStop:
    """A one-stop database on SQLite or PostgreSQL. Nothing is opened before the first call."""

    def __init__(self, options: OneStopOptions, context: OneStopContext) -> None:
        self._now = context.now
        self._schema = build_schema(options.tables, options.columns)
        self._engine = open_engine(options, context.folder)
        self._documents = (context.folder / options.documents).absolute()
        self._root = NOT_RESOLVED
        self._reader = Reader(self._schema)
        self._writer = Writer(self._schema, self._reader)
        self._procedures = Procedures(self._schema)
        self._capture = Capture(
            self._schema,
            timedelta(seconds=options.overlap_seconds),
            timedelta(seconds=options.overlap_every_seconds),
        )
        self._takes_results = options.results
        self._examination = Examination(
            self._engine, self._schema, self._documents, self._now, results=options.results
        )
        self._turn: AbstractContextManager[Any] = nullcontext()
        if self._engine.dialect.name == "sqlite":
            self._turn = threading.Lock()

    def check(self) -> Iterator[Check]:
        """Look at the connection, each table, the right to write, the clock and the folder."""
        yield from self._examination.findings()

    def changes(self, cursor: Json, seen: Seen, limit: int) -> Captured:
        """Return a page of the walk (see ``capture``); see ``OneStop.changes``."""
        now = self._now()
        walk = Walk.resume(cursor)
        piece, left = max(limit, FEWEST_KEYS), max(limit * 10, KEYS_A_PAGE)
        fresh: list[Key] = []
        ended = False
        while not ended and len(fresh) < limit and left > 0:
            with self._reading() as connection:
                walk = self._capture.begin(connection, walk, now)
                keys = self._capture.keys(connection, walk, piece, now)
            unknown = _fresh(keys, seen)
            walk = replace(walk, late=self._capture.is_late(walk, unknown))
            fresh += unknown
            if len(fresh) > limit:  # the next page begins with the first one left out
                keys = keys[: keys.index(fresh[limit])]
                del fresh[limit:]
            else:
                ended = len(keys) < piece
            walk = walk.ended() if ended else replace(walk, at=keys[-1].place)
            left -= piece
        found = self._read([key.code for key in fresh], now)
        snapshots = tuple(found[key.code] for key in fresh if key.code in found)
        return Captured(snapshots, walk.cursor(), more=not ended)

    def fetch(self, codes: Sequence[str]) -> Mapping[str, Snapshot | Unreadable]:
        """Return the dossiers with these codes as they are now; absent codes are left out."""
        return self._read(list(dict.fromkeys(codes)), self._now())

    def marks(self, codes: Sequence[str], paths: frozenset[str]) -> Mapping[str, str]:
        """Return the marks of dossiers; see ``OneStop.marks``."""
        found = self._each(
            codes, lambda connection, some: self._reader.marks(connection, some, paths)
        )
        return {code: one for code, one in found.items() if isinstance(one, str)}

    def present(self, codes: Collection[str]) -> set[str]:
        """Return those of these codes that are in the database."""
        with self._reading() as connection:
            return self._reader.present(connection, list(codes))

    def fetch_unknown(
        self, codes: Sequence[str], known: Known, paths: frozenset[str]
    ) -> Mapping[str, Snapshot | Unreadable | Unchanged]:
        """Return the ``paths`` of dossiers as far as they are not known; see ``OneStop``."""
        now = self._now()
        return self._each(
            codes,
            lambda connection, some: self._reader.read_unknown(connection, some, now, known, paths),
        )

    def received(
        self,
        since: date,
        until: date,
        procedures: Collection[str] | None,
        after: str | None,
        limit: int,
    ) -> Received:
        """Return a page of the dossiers received on these days; see ``OneStop.received``."""
        page = self.reception(since, until, procedures, after, limit)
        rows = self._read([code for code, _day in page.days], self._now())
        return Received(tuple(rows[code] for code, _day in page.days if code in rows), page.after)

    def reception(
        self,
        since: date,
        until: date,
        procedures: Collection[str] | None,
        after: str | None,
        limit: int,
    ) -> Reception:
        """Return a page of the days of reception; see ``OneStop.reception``."""
        with self._reading() as connection:
            return reception(connection, self._schema, since, until, procedures, after, limit)

    def apply(self, amendments: Sequence[Amendment]) -> Sequence[Amended]:
        """Write changes in one transaction, taken apart when one is refused; see ``OneStop``."""
        return self._each_whole(amendments, self._writer.apply)

    def insert(self, dossiers: Sequence[NewDossier]) -> Sequence[Snapshot | OneStopFault]:
        """Insert dossiers in one transaction, taken apart when one is refused; see ``OneStop``."""
        return self._each_whole(dossiers, self._writer.insert)

    def alike(self, people: Likeness) -> Mapping[str, Mapping[str, Json]]:
        """Return what dossiers are paired by that may be of one of them; see ``OneStop.alike``."""
        with self._reading() as connection:
            return alike(connection, self._schema, people)

    def procedures(self) -> Mapping[str, Mapping[str, Json]]:
        """Return the procedures by code: the columns of ``procedure`` less code and time."""
        with self._reading() as connection:
            return self._procedures.all(connection)

    def agencies(self) -> Mapping[str, str]:
        """Return the names of agencies by code; see ``OneStop.agencies``."""
        with self._reading() as connection:
            return self._procedures.agencies(connection)

    def publish(self, procedures: Sequence[Procedure | Withdrawn]) -> Sequence[Unreadable]:
        """Bring the list of procedures up to date in one transaction; see ``OneStop.publish``."""
        if not procedures:
            return []
        with self._writing() as connection:
            return self._procedures.publish(connection, procedures, self._now())

    def paper(self, document_id: str) -> Paper | None:
        """Return the document with this id as it is now; see ``OneStop.paper``."""
        try:
            with self._reading() as connection:
                return self._reader.paper(connection, document_id)
        except UnreadableValue:
            return None

    def document(self, row: Mapping[str, Json]) -> Document:
        """Return the file of a row of ``documents``.

        Raises:
            DocumentFault: the path leads out of the documents folder.

        """
        document_id, size = str(row.get("id")), row.get("size")
        return Document(
            id=document_id,
            name=str(row.get("name") or ""),
            file_name=str(row.get("file_name") or ""),
            media_type=str(row.get("media_type") or ""),
            size=size if isinstance(size, int) else -1,
            sha256=str(row.get("sha256") or ""),
            path=self._inside(document_id, str(row.get("path") or "")),
        )

    @property
    def takes_results(self) -> bool:
        """Whether files that ministries issue are written here (``results`` in the options)."""
        return self._takes_results

    def place(self, path: str, sha256: str, most: int, blocks: Iterable[bytes]) -> int:
        """Put an issued file into the documents folder; see ``OneStop.place``."""
        try:
            target = self._inside(path, path)
        except DocumentFault as fault:
            raise OneStopFault(fault.reason, transient=False) from fault
        return place(self._documents, target, sha256, most, blocks)

    def notify(self, notices: Sequence[Notice]) -> None:
        """Write notices; one that is there already is left as it is."""
        if notices:
            with self._writing() as connection:
                self._writer.notify(connection, notices)

    def resolve(self, notice_ids: Sequence[str], at: datetime) -> None:
        """Mark notices as resolved; unknown ids, and those resolved before, stay as they are."""
        if notice_ids:
            with self._writing() as connection:
                self._writer.resolve(connection, notice_ids, at)

    def close(self) -> None:
        """Let go of connections; the next call opens new ones."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        """Look at one state of the database."""
        with naming_faults(self._examination.mismatches), self._engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
            with connection.begin():
                yield connection

    @contextmanager
    def _writing(self, code: str | None = None) -> Iterator[Connection]:
        """Write in one transaction; threads of this process queue instead of spinning.

        ``code`` is a dossier that is written: without it every refusal concerns the database.
        """
        options = {WRITES: True}
        with (
            naming_faults(self._examination.mismatches, code),
            self._turn,
            self._engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection

    def _each_whole(
        self,
        wanted: Sequence[Written],
        write: Callable[[Connection, Sequence[Written], datetime], Sequence[T]],
    ) -> list[T | OneStopFault]:
        """Write all in one transaction; where the database refuses one, each half in its own."""
        if not wanted:
            return []
        try:
            with self._writing(wanted[0].code) as connection:
                return [*write(connection, wanted, self._now())]
        except OneStopFault as fault:
            if fault.code is None:
                raise
            if len(wanted) == 1:
                return [fault]
        half = len(wanted) // 2
        return [*self._each_whole(wanted[:half], write), *self._each_whole(wanted[half:], write)]

    def _read(self, codes: Sequence[str], now: datetime) -> dict[str, Snapshot | Unreadable]:
        """Read dossiers; see ``_each``."""
        return self._each(codes, lambda connection, some: self._reader.read(connection, some, now))

    def _each(
        self, codes: Sequence[str], read: Callable[[Connection, Sequence[str]], dict[str, T]]
    ) -> dict[str, T | Unreadable]:
        """Read dossiers; a value the driver itself chokes on spoils only its own dossier."""
        if not codes:
            return {}
        try:
            with self._reading() as connection:
                return {**read(connection, codes)}
        except UnreadableValue:
            if len(codes) == 1:
                reason = Said("a value of this dossier is no valid text, number or time")
                return {codes[0]: Unreadable(codes[0], reason)}
        half = len(codes) // 2
        return self._each(codes[:half], read) | self._each(codes[half:], read)

    def _inside(self, document_id: str, path: str) -> Path:
        windows = PureWindowsPath(path)
        outside = windows.is_absolute() or windows.drive or windows.root
        if not path or outside or ".." in windows.parts or PurePosixPath(path).is_absolute():
            reason = Said("its path is not inside the documents folder")
            raise DocumentFault(document_id, reason)
        file = self._documents / path
        try:
            if (found := self._as_it_lies(path)) is not None:
                return found
            real = os.path.realpath(file)
            if not real.startswith(self._root):  # perhaps the folder itself has moved since
                self._root = os.path.realpath(self._documents) + os.sep
        except (OSError, ValueError):  # a loop of links, a NUL in the name
            real = ""
        if not real.startswith(self._root):
            reason = Said("its path leads out of the documents folder")
            raise DocumentFault(document_id, reason)
        return file

    def _as_it_lies(self, path: str) -> Path | None:
        """Return where a path is that no part of which is a link: then it leads nowhere else.

        Each of its names is in NFC, and may be decomposed on the disk, as some scanners' machines
        name files.
        """
        place: Path | None = self._documents
        for name in PurePosixPath(path).parts:
            place = None if place is None else _no_link(place, name)
        return place


def _no_link(folder: Path, name: str) -> Path | None:
    """Return the entry of this name, composed or decomposed; ``None``: there is none, or a link."""
    for form in dict.fromkeys((name, unicodedata.normalize("NFD", name))):
        place = folder / form
        with suppress(OSError):
            return None if stat.S_ISLNK(os.lstat(place).st_mode) else place
    return None


def _fresh(keys: Sequence[Key], seen: Seen) -> list[Key]:
    """Return the rows whose content the caller does not know; one without a time is read."""
    pairs = [(key.code, key.changed_at) for key in keys if key.changed_at is not None]
    known = set(seen(pairs)) if pairs else set()
    return [key for key in keys if key.changed_at is None or key.code not in known]
