"""Days on which neither side has changed are told as one: what was agreed of them is agreed still.

An *imprint* of some days (``store/imprints``) is taken while they are compared: a hash of the marks of all
their dossiers, one of all that the ministry lists of them, and which dossiers and records were not
agreed. When the same days are compared again, both sides are read and hashed as ever, for no stamp is
believed; where both hashes are the same, no link has moved and nothing is under way, only what was not
agreed is looked at, and the rest is counted. Otherwise each dossier is looked at by itself (``agreed``).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson

from bridge.domain.comparison import Place
from bridge.engine.house import ONESTOP
from bridge.engine.reconcile.asking import Desk
from bridge.engine.reconcile.in_step import SIGN, sign_of
from bridge.engine.seen import UNNUMBERED
from bridge.sdk.records import Record
from bridge.store import Imprint, Unit

WORTH = 500
"""Dossiers of which an imprint is taken, at least: fewer are soon looked at, and their days do not stay
apart for it."""


class Packed(NamedTuple):
    """The records of a page as JSON: what they show, and apart from that versions and times.

    A ministry that says the time of its answer with each record does not show another record.
    """

    shown: bytes
    stamps: bytes


def packed(records: Sequence[Record]) -> Packed:
    """Return the records of a page, all of each."""
    return Packed(
        orjson.dumps([(one.ref, one.kind, one.body) for one in records]),
        orjson.dumps([(one.version, one.at) for one in records]),
    )


def unpacked(shown: bytes, stamps: bytes) -> list[Record]:
    """Return the records of a page that was ``packed``."""
    both = zip(orjson.loads(shown), orjson.loads(stamps), strict=True)
    return [
        Record(ref, body, version, None if at is None else datetime.fromisoformat(at), kind)
        for (ref, kind, body), (version, at) in both
    ]


@dataclass(slots=True)
class _Taken:
    """One side of an imprint while it is taken: what it showed, and which of it was agreed."""

    hashed: Any
    agreed: bytearray = field(default_factory=bytearray)

    def others(self) -> list[int]:
        """Return the positions of what was not agreed."""
        return [at for at, agreed in enumerate(self.agreed) if not agreed]


class Imprinted:
    """The imprints that there are of a period when its comparison begins."""

    def __init__(self, desk: Desk, since: date, until: date) -> None:
        self._desk = desk
        self._until = until
        name = desk.ministry.name
        with desk.house.store.read() as unit:
            self._days = unit.imprints.days(name, since, until)
            self._may_stand = not unit.imprints.is_much_under_way(name, ONESTOP)

    def portion(self, begin: date, length: int) -> Imprinting:
        """Return what takes the imprint of the next portion, of about so many days."""
        end = min(portion_end(begin, length, self._days), self._until)
        return Imprinting(self._desk, begin, end, may_stand=self._may_stand)


def portion_end(begin: date, length: int, imprinted: Sequence[tuple[date, date]]) -> date:
    """Return the last day of a portion: that of an imprint, or so that the next one stays whole."""
    end = begin + timedelta(days=length - 1)
    for since, until in imprinted:
        if since == begin:
            return until
        if since > begin:
            return min(end, since - timedelta(days=1))
    return end


class Imprinting:
    """Takes the imprint of some days while they are compared; ``before`` is the one there was.

    ``stands`` once both sides were seen to be as they were at that one; where none ``may_stand`` none is taken.
    """

    def __init__(self, desk: Desk, since: date, until: date, *, may_stand: bool = True) -> None:
        self.since, self.until = since, until
        self._desk = desk
        self.may_stand = may_stand
        self._in_step: Counter[Place] = Counter()
        self._signs = bytearray()
        self._rules = b""
        self._spoilt = False
        self._here = self._there = _Taken(blake2b())
        self.before: Imprint | None = None
        self.stands = False

    def begin(self, rules: bytes) -> None:
        """Begin to take it, by these rules of the comparison."""
        self._rules = rules
        self._here, self._there = _Taken(self._hash()), _Taken(self._hash())
        with self._desk.house.store.read() as unit:
            self.before = unit.imprints.of(*self._where)

    def spoil(self) -> None:
        """Take none: something of these days can't be told by a hash."""
        self._spoilt = True

    # -- whether the one before holds

    def ours_hold(self, pages: Iterable[Sequence[str]], paths: frozenset[str]) -> list[str] | None:
        """Return those of the dossiers in ``pages`` that were not agreed; ``None`` where any is another."""
        if self.before is None:
            return None
        with self._desk.house.store.read() as unit:
            if not self._are_all_agreed(unit, self.before):
                return None
        hashed, others = self._hash(), set(self.before.here)
        left: list[str] = []
        at = 0
        for codes in pages:
            marks = self._desk.house.onestop.marks(codes, paths)
            hashed.update(_told(codes, marks))
            left += [code for n, code in enumerate(codes, at) if n in others]
            at += len(codes)
            self._desk.heed()
        return left if hashed.hexdigest() == self.before.ours else None

    def others_of(self, records: Sequence[Record]) -> list[Record]:
        """Return those of a page of the list that were not agreed; it is the next to be ``listed``."""
        if self.before is None:
            return []
        others, begin = self.before.there, self.records
        first, last = (bisect_left(others, at) for at in (begin, begin + len(records)))
        return [records[at - begin] for at in others[first:last]]

    def theirs_hold(self) -> bool:
        """Tell whether all that was listed is as it was too, and nothing has moved or is under way."""
        before = self.before
        if before is None or self._spoilt or self._there.hashed.hexdigest() != before.theirs:
            return False
        with self._desk.house.store.read() as unit:
            self.stands = (
                unit.imprints.of(*self._where) == before
                and self._are_all_agreed(unit, before)
                and not unit.imprints.stirred(*self._where, onestop=ONESTOP, unnumbered=UNNUMBERED)
            )
        return self.stands

    def _are_all_agreed(self, unit: Unit, before: Imprint) -> bool:
        """Tell whether all that was agreed is: of none of these dossiers has the link moved."""
        return unit.agreements.count(*self._where) * SIGN == len(before.signs)

    # -- the one that is taken

    def listed(self, page: bytes, count: int) -> None:
        """Hear of a page of the list: its records as they are ``packed``, and how many they are."""
        self._there.hashed.update(page)
        self._there.agreed.extend(bytes(count))

    @property
    def records(self) -> int:
        """How many records were ``listed``."""
        return len(self._there.agreed)

    def walked(
        self,
        codes: Sequence[str],
        marks: Mapping[str, str],
        settled: Mapping[str, tuple[int, Place]],
    ) -> None:
        """Hear of a page of dossiers: their marks, and of those agreed the record's position and the place."""
        self._here.hashed.update(_told(codes, marks))
        self._spoilt |= any(code not in marks for code in codes)
        for code in codes:
            found = settled.get(code)
            self._here.agreed.append(found is not None)
            if found is not None:
                position, place = found
                self._there.agreed[position] = True
                self._in_step[place] += 1
                self._signs += sign_of(code)

    def write(self, unit: Unit) -> None:
        """Keep what was taken, in the transaction that keeps what these days came to."""
        if not self._rules:
            return
        if self.stands:
            unit.imprints.use(self._name, self.since)
            return
        unit.imprints.alone()
        if (taken := self._imprint(unit)) is not None:
            unit.imprints.keep(self._name, taken)
        elif self.before is not None:
            unit.imprints.end(*self._where)

    def _imprint(self, unit: Unit) -> Imprint | None:
        """Return the imprint, and let go of all other agreements of its days.

        ``None`` where most of it is no use to anybody, and where a link has no number: what waits of its
        record waits under one that only the list shows.
        """
        count, agreed = len(self._here.agreed), len(self._signs) // SIGN
        if self._spoilt or count < WORTH or agreed * 2 < count:
            return None
        mine = {bytes(self._signs[at : at + SIGN]) for at in range(0, len(self._signs), SIGN)}
        codes = unit.agreements.of_days(*self._where)
        others = [code for code in codes if sign_of(code) not in mine]
        unit.agreements.forget(self._name, others)
        there = unit.agreements.count(*self._where)
        if there != agreed or unit.agreements.is_any_unnumbered(*self._where):
            return None
        return Imprint(
            self.since,
            self.until,
            self._here.hashed.hexdigest(),
            self._there.hashed.hexdigest(),
            self._in_step,
            bytes(self._signs),
            self._here.others(),
            self._there.others(),
        )

    @property
    def _name(self) -> str:
        return self._desk.ministry.name

    @property
    def _where(self) -> tuple[str, date, date]:
        return self._name, self.since, self.until

    def _hash(self) -> Any:
        return blake2b(key=self._rules, digest_size=16)


def _told(codes: Sequence[str], marks: Mapping[str, str]) -> bytes:
    """Return what goes into the hash of a page of dossiers."""
    return "".join(f"{code}\0{marks.get(code, '')}\0" for code in codes).encode()
