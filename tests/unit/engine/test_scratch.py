"""What is laid down for a comparison is filled once, when it is first asked, and let go whole."""

from __future__ import annotations

import sqlite3

import pytest

from bridge.engine.reconcile.scratch import LateScratch, scratch


class _Streets(LateScratch):
    TABLES = "CREATE TABLE street (name TEXT PRIMARY KEY) WITHOUT ROWID"
    MEMORY_MB = 1

    def __init__(self, *faults: Exception) -> None:
        self.faults = list(faults)
        self.filled: list[sqlite3.Connection] = []

    def has(self, name: str) -> bool:
        return self._ask("SELECT 1 FROM street WHERE name = ?", [name]).fetchone() is not None

    def _fill(self, sql: sqlite3.Connection) -> None:
        self.filled.append(sql)
        sql.execute("INSERT INTO street VALUES ('Phố Thử')")
        if self.faults:
            raise self.faults.pop()


def test_it_is_filled_once_and_only_if_it_is_asked() -> None:
    """Who never asks pays nothing; who asks often has it filled once."""
    with _Streets() as streets:
        assert streets.filled == []
        assert [streets.has("Phố Thử"), streets.has("Phố Khác")] == [True, False]
        assert len(streets.filled) == 1
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        streets.filled[0].execute("SELECT 1")


def test_what_was_filled_by_halves_is_let_go_and_filled_anew() -> None:
    """A source that breaks off leaves nothing behind: the next question begins with it again."""
    with _Streets(OSError("away")) as streets:
        with pytest.raises(OSError, match="away"):
            streets.has("Phố Thử")
        assert streets.has("Phố Thử")
        assert len(streets.filled) == 2
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            streets.filled[0].execute("SELECT 1")


def test_it_lies_in_a_file_without_a_name() -> None:
    """It has no path, is on no journal, and has pages of the size that was asked for."""
    sql = scratch("CREATE TABLE a (b TEXT)", memory_mb=3, page_bytes=16_384)
    try:
        assert [row[2] for row in sql.execute("PRAGMA database_list")] == [""]
        asked = [sql.execute(f"PRAGMA {one}").fetchone()[0] for one in ("page_size", "cache_size")]
        assert asked == [16_384, -3000]
    finally:
        sql.close()
