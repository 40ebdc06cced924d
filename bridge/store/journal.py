"""The journal: appended in the transaction it speaks of, chained by hash, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import Connection, func, select

from bridge.domain.dossier import Json
from bridge.domain.journal import GENESIS, Event, entry_hash, entry_words
from bridge.domain.said import Both, Said, as_json
from bridge.store import tables
from bridge.store.chunks import execute_all, insert_many
from bridge.store.entries import JournalRow

Noted = tuple[str | None, str | None, Event, Mapping[str, Json]]
"""What was noted: code, system, event and detail."""

_journal = tables.journal
_HEAD = select(_journal.c.n, _journal.c.hash).order_by(_journal.c.n.desc()).limit(1)
_LAST = select(func.max(_journal.c.n))
_APPEND = """
    SELECT pg_advisory_xact_lock(x'0D0551E4'::bigint);
    WITH RECURSIVE chain(i, previous, hash) AS (
        SELECT 0::bigint, '', coalesce(
            (SELECT hash::text FROM journal ORDER BY n DESC LIMIT 1), %(genesis)s
        )
        UNION ALL
        SELECT i + 1, hash, encode(
            sha256(convert_to('["' || hash || '",' || told[i + 1], 'UTF8')), 'hex'
        ) FROM chain, (SELECT %(told)s::text[] AS told) AS given WHERE i < cardinality(told)
    )
    INSERT INTO journal (n, at, code, system, event, detail, previous, hash)
    SELECT (SELECT coalesce(max(n), 0) FROM journal) + i, %(at)s, code, system, event, detail, previous, hash
    FROM chain JOIN unnest(
        %(codes)s::text[], %(systems)s::text[], %(events)s::text[], %(details)s::text[]
    ) WITH ORDINALITY AS entry(code, system, event, detail, i) USING (i);
    COMMIT
"""
"""Takes the turn on the end of the chain, by a lock of PostgreSQL's under a number of our own, appends,
and ends the transaction.

All in one message, the hashes with it: everybody waits while the lock is held, and it is not to be held
until a thread of ours gets its turn to say the next word. The second statement sees what was committed
before the lock was had: it has a snapshot of its own.
"""


class Journal:
    """Collects the entries of one transaction; the chain is locked only to append them."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now
        self._entries: list[Noted] = []
        self.written: list[Noted] = []

    def add(
        self, event: Event, *, code: str | None = None, system: str | None = None, **detail: Json
    ) -> None:
        """Note ``event``; ``detail`` holds field names, counts and references, never a value.

        A sentence in it stands there in English, and under ``said`` as it can be said again.
        """
        said = {
            name: as_json(text) for name, text in detail.items() if isinstance(text, (Said, Both))
        }
        self._entries.append((code, system, event, {**detail, "said": said} if said else detail))

    def flush(self) -> None:
        """Append what was noted to the end of the chain, as the last word of a transaction.

        PostgreSQL commits with it; where nothing was noted, and on SQLite, that is still to be done.
        """
        if not self._entries:
            return
        at = self._now.astimezone().isoformat(timespec="milliseconds")
        if self._connection.dialect.name == "postgresql":
            execute_all(self._connection, _APPEND, self._spoken(at))
        else:
            insert_many(self._connection, _journal, self._chained(at))
        self.written += self._entries
        self._entries.clear()

    def _chained(self, at: str) -> list[dict[str, Any]]:
        """Return the rows; nobody else appends meanwhile, for SQLite has one writer."""
        row = self._connection.execute(_HEAD).first()
        n, previous = (0, GENESIS) if row is None else (row.n, row.hash)
        rows: list[dict[str, Any]] = []
        for code, system, event, detail in self._entries:
            n += 1
            digest = entry_hash(previous, at, code, system, event.value, detail)
            rows.append(
                {
                    "n": n,
                    "at": at,
                    "code": code,
                    "system": system,
                    "event": event.value,
                    "detail": _text(detail),
                    "previous": previous,
                    "hash": digest,
                }
            )
            previous = digest
        return rows

    def _spoken(self, at: str) -> dict[str, Any]:
        """Return the values that PostgreSQL appends; ``told`` is what is hashed behind the hash before."""
        return {
            "genesis": GENESIS,
            "told": [
                entry_words(at, code, system, event.value, detail)
                for code, system, event, detail in self._entries
            ],
            "at": at,
            "codes": [code for code, _, _, _ in self._entries],
            "systems": [system for _, system, _, _ in self._entries],
            "events": [event.value for _, _, event, _ in self._entries],
            "details": [_text(detail) for _, _, _, detail in self._entries],
        }

    def last(self) -> int:
        """Return the number of the last entry; 0 in an empty journal."""
        return self._connection.execute(_LAST).scalar() or 0

    def counts(self, since: int) -> dict[tuple[str, str], int]:
        """Return how often each (system, event) stands after entry ``since``."""
        query = (
            select(_journal.c.system, _journal.c.event, func.count())
            .where(_journal.c.n > since, _journal.c.system.is_not(None))
            .group_by(_journal.c.system, _journal.c.event)
        )
        return {(system, event): n for system, event, n in self._connection.execute(query)}

    def of(self, code: str) -> list[JournalRow]:
        """Return every entry about the dossier ``code``, oldest first."""
        query = select(_journal).where(_journal.c.code == code)
        return [_row(row) for row in self._connection.execute(query.order_by(_journal.c.n))]

    def all(self) -> Iterator[JournalRow]:
        """Yield the whole chain in order, in bounded memory."""
        query = select(_journal).order_by(_journal.c.n)
        portions = query.execution_options(yield_per=1000)
        with self._connection.execute(portions) as rows:
            for row in rows:
                yield _row(row)


def _text(detail: Mapping[str, Json]) -> str:
    return orjson.dumps(detail, option=orjson.OPT_SORT_KEYS).decode()


def _row(row: Any) -> JournalRow:
    return JournalRow(
        row.n,
        row.at,
        row.code,
        row.system,
        row.event,
        orjson.loads(row.detail),
        row.previous,
        row.hash,
    )
