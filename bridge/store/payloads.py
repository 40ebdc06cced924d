"""What was sent and answered, sealed, until its time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, select

from bridge.store import tables
from bridge.store.chunks import insert_many
from bridge.store.entries import SealedPayload

_payload = tables.payload


class Payloads:
    """The sealed payloads of deliveries; only whoever holds the key can read them."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def keep(self, payloads: Sequence[SealedPayload]) -> None:
        """Keep payloads."""
        rows = [
            {
                "code": one.code,
                "system": one.system,
                "delivery": one.delivery,
                "attempt": one.attempt,
                "what": one.what,
                "at": one.at,
                "key": one.key,
                "sealed": one.sealed,
            }
            for one in payloads
        ]
        if rows:
            insert_many(self._connection, _payload, rows)

    def of_code(self, code: str) -> list[SealedPayload]:
        """Return every payload of a dossier that is kept, in order."""
        query = select(_payload).where(_payload.c.code == code).order_by(_payload.c.id)
        return [
            SealedPayload(
                row.code,
                row.system,
                row.delivery,
                row.attempt,
                row.what,
                row.at,
                row.key,
                bytes(row.sealed),
            )
            for row in self._connection.execute(query)
        ]

    def purge(self, before: datetime, most: int) -> int:
        """Delete up to ``most`` payloads that are older; returns how many there were."""
        old = select(_payload.c.id).where(_payload.c.at < before)
        oldest = old.order_by(_payload.c.at).limit(most)
        gone = delete(_payload).where(_payload.c.id.in_(oldest))
        return self._connection.execute(gone).rowcount
