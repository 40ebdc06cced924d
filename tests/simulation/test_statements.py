"""What the bridge does again and again is found by an index: its tables grow for years."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from bridge.store import upgrade
from tests.simulation.seed import run

GROW = ("conflict", "delivery", "dossier", "inbox", "journal", "link", "message", "notice")
"""The tables that have a row a dossier and more."""

READ_IN_ORDER = re.compile(r"FROM journal ORDER BY journal.n( DESC\s+LIMIT|\s*$)")
"""The journal's head, and the whole of it when it is verified: its rows lie in this order."""

MOVES = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b")
"""Statements that read or move rows, unlike those that make tables."""

STANDING = re.compile(r"FROM inbox GROUP BY inbox.source, inbox.state")
"""The inbox holds what waits or was set aside; it is counted along an index that has no content."""


@contextmanager
def noted() -> Iterator[set[str]]:
    """Yield the statements that are executed meanwhile."""
    said: set[str] = set()

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        said.add(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def of_the_store(connection: sqlite3.Connection, statement: str) -> list[str]:
    """Return how SQLite would execute a statement; nothing of one for another database."""
    try:
        blanks = (None,) * statement.count("?")
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", blanks)]
    except sqlite3.OperationalError as error:
        if re.search("no such|no column", str(error)):
            return []
        raise


def test_nothing_reads_a_whole_table_that_grows(tmp_path: Path) -> None:
    """Capture, deliver, doubt, receive, watch: the rows of every statement are found by an index."""
    with noted() as said:
        assert run(3).well
        assert run(18).well
    store = tmp_path / "store.db"
    with noted() as once:  # a migration goes through what is there, and never again
        upgrade(f"sqlite:///{store}")
    whole = re.compile(rf"SCAN ({'|'.join(GROW)})\b")
    with closing(sqlite3.connect(store)) as connection:
        plans = {one: of_the_store(connection, one) for one in said - once if MOVES.match(one)}
    assert sum(map(bool, plans.values())) > 60
    assert {
        one: plan
        for one, plan in plans.items()
        if any(map(whole.match, plan)) and not (READ_IN_ORDER.search(one) or STANDING.search(one))
    } == {}
