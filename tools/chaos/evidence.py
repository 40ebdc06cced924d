"""What a run leaves in its folder to be searched: logs, metrics, the journal, and who was in it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine, select

from bridge.domain import journal
from bridge.domain.delivery import TERMINAL, State
from bridge.engine.house import House
from bridge.store import JournalRow, tables
from tests.discretion import Sought, people_of
from tools.chaos.recovery import Move

JOURNAL = "journal.jsonl"


@dataclass(frozen=True)
class Account:
    """What the journal of a run says. ``broken`` is the entry that breaks the chain, if one does."""

    moves: Sequence[Move]
    entries: int
    broken: int | None


def keep_journal(house: House, folder: Path) -> Account:
    """Write the journal into the folder, and prove its chain on the way."""
    moves: list[Move] = []
    entries = 0

    def kept(rows: Iterable[JournalRow]) -> Iterator[JournalRow]:
        nonlocal entries
        for row in rows:
            entries += 1
            words = {"n": row.n, "at": row.at, "code": row.code, "system": row.system}
            line = words | {"event": row.event, "detail": row.detail}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            number = row.detail.get("delivery")
            if isinstance(number, int) and row.system is not None:
                at = datetime.fromisoformat(row.at)
                moves.append(Move(at, row.system, row.event, number))
            yield row

    with (folder / JOURNAL).open("w", encoding="utf-8") as file, house.store.read() as unit:
        broken = journal.verify(kept(unit.journal.all()))
    return Account(moves, entries, broken)


def work(house: House) -> dict[str, list[tuple[datetime, datetime | None]]]:
    """Return, by system, when each delivery was posted and when it was done with, if it was."""
    columns = tables.delivery.c
    query = select(columns.system, columns.state, columns.created_at, columns.settled_at)
    found: dict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    with house.store.read() as unit:
        for system, state, posted, settled in unit.connection.execute(query):
            done = settled or (posted if State(state) in TERMINAL else None)
            found[system].append((posted, done))
    return found


def people(url: str) -> set[str]:
    """Return every invented person's names, numbers and addresses in the one-stop database."""
    engine = create_engine(url)
    try:
        return people_of(engine)
    finally:
        engine.dispose()


def told(folder: Path, values: Collection[str]) -> list[str]:
    """Return where a personal value stands in what a run left: file and line, never the value.

    Every word of the logs, the metrics and the journal is looked at, in every form
    (``tests.discretion``).
    """
    sought = Sought(values)
    found = []
    for file in sorted(folder.glob("**/*")):
        if file.suffix not in {".jsonl", ".txt"}:
            continue
        with file.open(encoding="utf-8", errors="replace") as lines:
            for n, line in enumerate(lines, start=1):
                if any(sought.leaks(line)):
                    found.append(f"{file.relative_to(folder)}:{n}")
    return found
