"""Imprints: what both sides of some days showed as a whole, and which of their dossiers were agreed.

Two hashes tell whether either side shows what it showed then. An imprint is kept where the agreements of
its days are exactly those of the dossiers it counts as agreed, while nobody else can keep one (``alone``).
Whoever keeps an agreement ends the imprints of its day, in the same transaction. So while an imprint is there the
agreements of its days only become fewer, and one whose link has moved is found by counting those that are left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from bridge.domain.comparison import Place
from bridge.domain.delivery import OPEN
from bridge.store import tables
from bridge.store.comparisons import counts_read, counts_written
from bridge.store.looks import each

_i = tables.imprint
_a = tables.agreement
_inbox = tables.inbox
_link = tables.link
_conflict = tables.conflict
_delivery = tables.delivery

_SYSTEM: BindParameter[Any] = bindparam("of")
_SINCE: BindParameter[Any] = bindparam("since")
_UNTIL: BindParameter[Any] = bindparam("until")
_OF_SYSTEM = _i.c.system == _SYSTEM
_ONE = select(_i).where(_OF_SYSTEM, _i.c.since == _SINCE, _i.c.until == _UNTIL)
_TOUCHES = (_OF_SYSTEM, _i.c.since <= _UNTIL, _i.c.until >= _SINCE)
_DAYS = select(_i.c.since, _i.c.until).where(*_TOUCHES).order_by(_i.c.since)
END = delete(_i).where(*_TOUCHES)


def _agreed(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return the condition that a dossier is agreed, and was received on the days asked about."""
    of_days = (_a.c.system == _SYSTEM, _a.c.day.between(_SINCE, _UNTIL))
    return exists().where(*of_days, *which)


_UNNUMBERED: BindParameter[Any] = bindparam("unnumbered")
_BARE = func.substr(_inbox.c.ref, func.length(_UNNUMBERED) + 1)
_OF_LINK = (_a.c.code == _link.c.code, _link.c.system == _SYSTEM, _link.c.ref == _inbox.c.ref)
_WAITS_HERE = select(_inbox.c.id).where(_inbox.c.source == bindparam("onestop"))
_WAITS_THERE = select(_inbox.c.id).where(_inbox.c.source == _SYSTEM)
_ASKED = (
    select(_conflict.c.id)
    .where(_conflict.c.resolved_at.is_(None), _conflict.c.system == _SYSTEM)
    .order_by(_conflict.c.resolved_at, _conflict.c.since)
)
_IN_LINE = (
    select(_delivery.c.id)
    .where(_delivery.c.system == _SYSTEM, _delivery.c.state.in_(each(map(str, OPEN))))
    .order_by(_delivery.c.system, _delivery.c.state, _delivery.c.id)
)
"""The order leads SQLite to an index: it knows what a state has on the average, and would go through
every delivery there was."""
_MUCH = tuple(
    one.offset(bindparam("most", type_=Integer())).limit(1)
    for one in (_WAITS_HERE, _WAITS_THERE, _ASKED, _IN_LINE)
)
STIRRED = (
    _WAITS_HERE.where(_agreed(_a.c.code == _inbox.c.ref)).limit(1),
    _WAITS_THERE.where(
        or_(_agreed(_a.c.code == _inbox.c.ref), _agreed(_a.c.code == _BARE), _agreed(*_OF_LINK))
    ).limit(1),
    _ASKED.where(_agreed(_a.c.code == _conflict.c.code)).limit(1),
    _IN_LINE.where(_agreed(_a.c.code == _delivery.c.code)).limit(1),
)
"""Each begins with what is under way, for that is little where there is not ``much``."""

MUCH = 2_000
"""Where more than so many records wait, or dossiers are before people or in line, each day that is told as one
would go through them all."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """Both sides of the days from ``since`` to ``until``, both included, as a whole.

    ``ours`` and ``theirs`` are hashes of all that either side showed. ``in_step`` counts the agreed
    dossiers by place, ``signs`` holds eight bytes of each. ``here`` and ``there`` are the positions of
    the dossiers, and of the records, that are none of these.
    """

    since: date
    until: date
    ours: str
    theirs: str
    in_step: Mapping[Place, int]
    signs: bytes
    here: Sequence[int]
    there: Sequence[int]


class Imprints:
    """The imprints of each system, no two of the same day."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def of(self, system: str, since: date, until: date) -> Imprint | None:
        """Return the imprint of exactly these days."""
        days = {"of": system, "since": since, "until": until}
        row = self._connection.execute(_ONE, days).first()
        return None if row is None else _as_imprint(row)

    def days(self, system: str, since: date, until: date) -> list[tuple[date, date]]:
        """Return the first and the last day of each imprint that touches these days, in order."""
        days = {"of": system, "since": since, "until": until}
        return [(row[0], row[1]) for row in self._connection.execute(_DAYS, days)]

    def is_much_under_way(self, system: str, onestop: str) -> bool:
        """Tell whether too much is in line, in the inbox or before people to be ``stirred`` day by day."""
        values = {"of": system, "onestop": onestop, "most": MUCH}
        return any(self._connection.execute(one, values).first() for one in _MUCH)

    def stirred(
        self, system: str, since: date, until: date, *, onestop: str, unnumbered: str
    ) -> bool:
        """Tell whether anything is in line, in the inbox or before a person of what is agreed of days.

        ``onestop`` is the source under which dossiers of the one-stop wait, ``unnumbered`` what stands
        before the code of a dossier whose record has no number.
        """
        days = {"of": system, "since": since, "until": until}
        names = {"onestop": onestop, "unnumbered": unnumbered}
        values = {**days, **names}
        return any(self._connection.execute(one, values).first() for one in STIRRED)

    def alone(self) -> None:
        """Let nobody keep an agreement until the transaction ends: on SQLite nobody can anyway."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text("LOCK TABLE imprint IN SHARE ROW EXCLUSIVE MODE"))

    def keep(self, system: str, imprint: Imprint) -> None:
        """Keep an imprint, in the place of those of its days."""
        self.end(system, imprint.since, imprint.until)
        row = {
            "system": system,
            "since": imprint.since,
            "until": imprint.until,
            "ours": imprint.ours,
            "theirs": imprint.theirs,
            "in_step": counts_written(imprint.in_step),
            "signs": imprint.signs,
            "here": list(imprint.here),
            "there": list(imprint.there),
            "used_at": self._now,
        }
        self._connection.execute(insert(_i).values(row))

    def end(self, system: str, since: date, until: date) -> None:
        """Let go of the imprints that touch these days."""
        self._connection.execute(END, {"of": system, "since": since, "until": until})

    def use(self, system: str, since: date) -> None:
        """Note that an imprint held."""
        here = update(_i).where(_i.c.system == system, _i.c.since == since)
        self._connection.execute(here.values(used_at=self._now))

    def purge(self, before: datetime) -> None:
        """Let go of those that have not held since a moment."""
        self._connection.execute(delete(_i).where(_i.c.used_at < before))


def _as_imprint(row: Any) -> Imprint:
    in_step = dict(counts_read(row.in_step))
    here, there = tuple(row.here), tuple(row.there)
    return Imprint(row.since, row.until, row.ours, row.theirs, in_step, row.signs, here, there)
