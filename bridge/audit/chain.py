"""What an entry's hash covers, and what is wrong where the chain breaks."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from json.encoder import encode_basestring
from typing import Any, NamedTuple

GENESIS = "0" * 64
"""The ``previous`` of the first entry."""


REMEMBERED = 1_000
"""How many hashes back it is known on which entry another one follows."""


class Row(NamedTuple):
    """A row of the table ``journal``, as it stands there; ``Any``, for it may have been forged."""

    n: int
    at: Any
    code: Any
    system: Any
    event: Any
    detail: Any
    previous: Any
    hash: Any


class Kind(StrEnum):
    """What was done to the journal, as far as the rows can tell."""

    CHANGED = "changed"
    """A word of the entry; the entries behind it still build on its hash."""
    HASH = "hash_changed"
    """Its ``hash`` alone: the entry behind it names the right one."""
    PREVIOUS = "previous_changed"
    """Its ``previous`` alone: its hash is that of the right one."""
    REMOVED = "removed"
    """Entries ``first`` to ``last`` are not there."""
    RENUMBERED = "renumbered"
    """A number is left out, and yet every entry follows on the one before it."""
    INSERTED = "inserted"
    """The entry behind ``first`` to ``last`` follows on the one before them."""
    SWAPPED = "swapped"
    """Entries ``first`` and ``last`` have changed places."""
    SEAM = "seam"
    """Two sound ends that don't meet: the entry before was written anew with its hash, or
    entries between the two are gone and those behind were numbered anew."""
    HEADLESS = "headless"
    """The first entry follows on one that is not there: the beginning is gone, or was put before
    it, and the rest was numbered anew."""
    REPLACED = "replaced"
    """It fits neither what is before it nor what is behind it."""
    CUT_OFF = "cut_off"
    """The journal ends before an anchor: entries ``first`` to ``last`` are gone."""
    OTHER = "not_as_anchored"
    """The hash kept of this entry is another: up to here the journal was written anew."""


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold.

    ``n`` is the first number at which it does not; ``first`` to ``last`` are the entries concerned.
    """

    n: int
    kind: Kind
    first: int
    last: int


def digest(previous: Any, row: Row) -> str:
    """Return the hash ``row`` must have behind ``previous``; ``""`` where it is no text at all.

    The words stand in one compact JSON list; ``detail`` as it is stored, to the byte.
    """
    try:
        words = (
            f"[{_word(previous)},{_word(row.at)},{_word(row.code)},{_word(row.system)},"
            f"{_word(row.event)},{_text(row.detail)}]"
        )
    except TypeError:  # a number or bytes where the table has text
        return ""
    return hashlib.sha256(words.encode("utf-8", "surrogateescape")).hexdigest()


def _word(text: Any) -> str:
    return "null" if text is None else encode_basestring(text)


def _text(detail: Any) -> str:
    if not isinstance(detail, str):
        raise TypeError
    return detail


def breaks(rows: Iterable[Row]) -> Iterator[Break | None]:
    """Yield for each row of a journal, in order of ``n``, what breaks there: mostly nothing.

    After a break the chain is taken up where the next row takes it up, so that one deed is one
    break. Holds three rows at a time, and some hashes.
    """
    end = _End()
    ahead = iter(rows)
    row = next(ahead, None)
    while row is not None:
        behind = next(ahead, None)
        said = digest(end.hash, row)
        if row.n == end.n + 1 and row.previous == end.hash and row.hash == said:
            yield None
            end.on(row.n, said)
        else:
            found = _broken(end, row, behind, said)
            yield found
            if found.kind is Kind.SWAPPED and behind is not None:
                yield None
                end.on(behind.n, row.hash)
                behind = next(ahead, None)
            else:
                end.on(max(end.n, row.n), _taken_up(end, row, behind, said))
        row = behind


@dataclass
class _End:
    """The end of the chain so far: the last entry's number, and hashes, the last one at the end."""

    n: int = 0
    hashes: deque[Any] = field(default_factory=lambda: deque([GENESIS], REMEMBERED))

    @property
    def hash(self) -> Any:
        """The last entry's hash."""
        return self.hashes[-1]

    def on(self, n: int, hash_: Any) -> None:
        """Go on to the next entry."""
        self.n = n
        self.hashes.append(hash_)

    def since(self, previous: Any) -> int | None:
        """Return how many entries stand behind the one with this hash, where it is known."""
        back = reversed(self.hashes)
        return next((far for far, one in enumerate(back) if one == previous), None)


def _taken_up(end: _End, row: Row, behind: Row | None, said: str) -> Any:
    """Return the hash the next row builds on, where it is one we know; else the row's own."""
    known = (row.hash, said, end.hash)
    return next((one for one in known if behind is not None and behind.previous == one), row.hash)


def _broken(end: _End, row: Row, behind: Row | None, said: str) -> Break:
    """Tell what happened at ``row``, which should be the next entry behind ``end``."""
    if row.n > end.n + 1:
        holds = row.previous == end.hash and row.hash == said
        kind = Kind.RENUMBERED if holds else Kind.REMOVED
        return Break(end.n + 1, kind, end.n + 1, row.n - 1)
    kind = _kind(end, row, behind, said)
    if kind is Kind.SWAPPED and behind is not None:
        return Break(row.n, kind, row.n, behind.n)
    if kind is not Kind.SEAM:
        return Break(row.n, kind, row.n, row.n)
    if inserted := end.since(row.previous):
        first = end.n - inserted + 1
        return Break(first, Kind.INSERTED, first, end.n)
    return Break(row.n, kind, end.n, row.n)


def _kind(end: _End, row: Row, behind: Row | None, said: str) -> Kind:
    after = None if behind is None else behind.previous
    if row.n <= end.n or end.since(row.hash) is not None:
        return Kind.INSERTED
    if behind is not None and after == end.hash != row.hash:
        return Kind.SWAPPED if row.previous == behind.hash else Kind.INSERTED
    if row.previous == end.hash:
        return Kind.HASH if after == said else Kind.CHANGED
    if row.hash == said:
        return Kind.PREVIOUS
    sound = row.hash == digest(row.previous, row)
    if not sound or after not in {None, row.hash}:
        return Kind.REPLACED
    return Kind.SEAM if end.n else Kind.HEADLESS
