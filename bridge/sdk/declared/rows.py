"""The rows of one answer with their names, each read when it is asked for."""

from __future__ import annotations

from bridge.sdk.declared.records import name_of, read_row, row_hash
from bridge.sdk.declared.service import Answered, rows_of
from bridge.sdk.declared.tables import Operation, Recorded
from bridge.sdk.records import Record, Unreadable

__all__ = ["Rows"]


class Rows:
    """The rows of an answer; of two with one name, the later.

    Raises:
        ContractBroken: the answer has no rows where they should stand.
    """

    def __init__(self, answered: Answered, operation: Operation, table: Recorded) -> None:
        self._operation = operation
        self._table = table
        self._broken = answered.broken
        self.plain = answered.plain
        self.rows = rows_of(answered, operation)
        self.names = [name_of(row, operation, table) for row in self.rows]
        self._places = {name: place for place, name in enumerate(self.names)}

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.rows)

    def hash(self, name: str) -> str:
        """Return what tells this content of a row from another."""
        return row_hash(self.rows[self._places[name]])

    def record(self, name: str) -> Record | Unreadable:
        """Return the row of a name as its mapping lifts it."""
        return self.at(self._places[name])

    def at(self, place: int) -> Record | Unreadable:
        """Return the row at a place as its mapping lifts it."""
        if place in self._broken:
            return Unreadable(self.names[place], self._broken[place])
        return read_row(self.rows[place], self.names[place], self._operation, self._table)
