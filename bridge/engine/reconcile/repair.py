"""Repairs what a comparison found, through the ordinary rooms: there is no second way to write.

A repair puts something where a room finds it: the one-stop's dossier or the ministry's record into
the inbox, with the link told what is true now. *Post*, *deliver* and *receive* do the rest. Right
before, the world is asked again: a repair is refused where a side is not as it was, where something
is on its way by now, and where the ministry is not twice shown not to have what it would be sent.
Each is one transaction, with its entry in the journal, so a crash leaves it done or not begun, and
done once it is refused the second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import TypeAlias

from bridge.domain.decide import TAKEN_BACK, Clash
from bridge.domain.dossier import Json, Snapshot
from bridge.domain.journal import Event
from bridge.domain.reconcile import (
    Action,
    Different,
    Finding,
    Lacks,
    MissingAtMinistry,
    MissingAtOneStop,
    Waits,
)
from bridge.domain.said import Said
from bridge.engine import capture, clerk
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.receive import as_arrival
from bridge.engine.reconcile.asking import Desk, Reach, reach
from bridge.engine.reconcile.known import known, mark_of, settled_before
from bridge.engine.reconcile.sides import compare, lost_steps, vanished
from bridge.engine.reconcile.sweep import Terms
from bridge.engine.seen import Seen
from bridge.engine.versions import as_received
from bridge.mapping import LiftError, ListUnread
from bridge.sdk.errors import ContractBroken, Rejected
from bridge.sdk.records import DOSSIER, Record
from bridge.store import Link, Unit


@dataclass(frozen=True, slots=True)
class Mended:
    """The repair stands where a room finds it."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class Refused:
    """Nothing was done: the world is not as it was found, or not proved to be; ``reason`` says how."""

    finding: Finding
    reason: str


@dataclass(frozen=True, slots=True)
class Left:
    """There is nothing to do, or nothing that is safe unasked."""

    finding: Finding


Repair: TypeAlias = Mended | Refused | Left


class _Moved(Exception):  # noqa: N818 - an event, not an error
    """The world is not as it was found; the text says in what."""

    def __init__(self, reason: Said) -> None:
        super().__init__(reason)
        self.reason = reason


def apply(
    house: House, ministry: Ministry, terms: Terms, findings: Iterable[Finding]
) -> Iterator[Repair]:
    """Repair what can be repaired of these findings, one after the other; yields each outcome.

    ``terms`` are those of the comparison: how long a side must have been still.

    Raises:
        AdapterError: the ministry can't be asked now; what was mended stays.
        OneStopFault: the one-stop database can't be used.
    """
    bench = _Bench(Desk(house, ministry), terms)
    bench.desk.open()
    for finding in findings:
        try:
            yield Mended(finding) if bench.mend(finding) else Left(finding)
        except _Moved as moved:
            yield Refused(finding, moved.reason)
        except (ContractBroken, Rejected) as error:
            yield Refused(finding, error.reason)
        except (LiftError, ListUnread) as error:
            yield Refused(finding, str(error))


@dataclass(slots=True)
class _Bench:
    """One run of repairs. ``_day`` is the day of a list that was read last, and its records."""

    desk: Desk
    terms: Terms
    _day: tuple[str, dict[str, Record]] = field(default_factory=lambda: ("", {}))

    @property
    def house(self) -> House:
        return self.desk.house

    @property
    def ministry(self) -> Ministry:
        return self.desk.ministry

    def mend(self, finding: Finding) -> bool:
        """Repair a finding; False where nothing is to be done about it."""
        match finding:
            case MissingAtMinistry(action=Action.SEND_ANEW):
                self._send_anew(finding)
            case MissingAtMinistry(action=Action.CAPTURE):
                self._capture(finding)
            case Different(action=Action.SEND_AGAIN):
                self._send_again(finding)
            case Different(action=Action.TAKE_IN):
                self._look_at(finding)
            case MissingAtOneStop(action=Action.TAKE_IN):
                self._take_in(finding)
            case _:
                return False
        return True

    # -- the repairs

    def _send_anew(self, finding: MissingAtMinistry) -> None:
        """Take back what was agreed, so that the dossier is posted as if for the first time."""
        row, link = self._row(finding.code, finding.mark.ours), self._link(finding.code)
        if link is None:
            raise _Moved(Said("the link is not there any more"))
        if finding.why is Lacks.LOST:
            self._prove_absent(link)
        with self.house.store.write("reconcile") as unit:
            self._still(unit, finding.code, finding.mark.link, {Waits.DEAD_LETTER})
            blank = {"base": None, "ref": None, "theirs_hash": None, "theirs_version": None}
            unit.links.change(link.id, **blank, stubborn={})
            steps = unit.outbox.forget_steps(link.id)
            if link.ref is not None:
                unit.inbox.release_ref(self.ministry.name, link.ref)
            unit.inbox.add([capture.as_arrival(row)])
            self._note(unit, finding.code, Action.SEND_ANEW, ref=link.ref, steps=steps)
            if finding.why is Lacks.LOST:
                self._move_feed_back(unit)
        self.house.wake(ONESTOP)
        self.house.wake(self.ministry.name)

    def _capture(self, finding: MissingAtMinistry) -> None:
        """Post a dossier that the bridge has not read as it is now."""
        row = self._row(finding.code, finding.mark.ours)
        with self.house.store.write("reconcile") as unit:
            self._still(unit, finding.code, finding.mark.link)
            unit.inbox.add([capture.as_arrival(row)])
            capture.remember(unit, [row])
            self._note(unit, finding.code, Action.CAPTURE)
        self.house.wake(ONESTOP)

    def _send_again(self, finding: Different) -> None:
        """Take what a mirror shows for what was agreed last, and post the dossier."""
        row, link = self._row(finding.code, finding.mark.ours), self._link(finding.code)
        seen = self.desk.seen(self._again(finding))
        with self.house.store.read() as unit:
            (ours,) = as_received(unit, [row])
            held = known(unit, self.ministry, [row.code], []).held.get(row.code, frozenset())
            sent = [] if link is None else unit.outbox.sent_steps(link.id)
        sides = compare(self.ministry, ours, link, seen, held)
        steps = lost_steps(self.desk, ours, sent) if sent else ()
        with self.house.store.write("reconcile") as unit:
            self._still(unit, finding.code, finding.mark.link)
            now = link or self._linked(unit, finding.code)
            unit.links.change(now.id, base=sides.base, ref=now.ref or seen.ref)
            unit.outbox.forget_steps(now.id, steps)
            unit.inbox.add([capture.as_arrival(row)])
            fields: list[Json] = [one.path for one in sides.fields]
            self._note(unit, finding.code, Action.SEND_AGAIN, fields=fields, steps=len(steps))
        self.house.wake(ONESTOP)
        self.house.wake(self.ministry.name)

    def _look_at(self, finding: Different) -> None:
        """Have a record worked as if the feed had shown it just now.

        Where its version went back, later versions bear numbers that are known already: the link
        forgets them. What the ministry alone had said and shows no more is not wiped out in the
        one-stop: a person decides.
        """
        row, link = self._row(finding.code, finding.mark.ours), self._link(finding.code)
        record = self._again(finding)
        seen = self.desk.seen(record)
        renumbered = link is not None and link.ref not in (None, record.ref)
        if renumbered and link is not None and self.desk.of_link(link) is not None:
            raise _Moved(Said("the ministry has two records of it"))
        with self.house.store.write("reconcile") as unit:
            self._still(unit, finding.code, finding.mark.link)
            back = link is not None and _went_back(link, record)
            if link is not None:
                before = None if record.version is None else record.version - 1
                known_now = {"theirs_hash": None, "theirs_version": before}
                unit.links.change(link.id, **known_now, ref=None if renumbered else link.ref)
            if back and link is not None:
                self._protect(unit, link, row, seen)
            if back or renumbered:
                self._move_feed_back(unit)
            unit.inbox.add([as_arrival(self.ministry, record)])
            fields: list[Json] = [one.path for one in finding.fields]
            self._note(unit, finding.code, Action.TAKE_IN, fields=fields, back=back)
        self.house.wake(self.ministry.name)

    def _take_in(self, finding: MissingAtOneStop) -> None:
        """Have a record that has no dossier worked as if the feed had shown it."""
        record = self._again(finding)
        with self.house.store.write("reconcile") as unit:
            now = known(unit, self.ministry, [finding.code] if finding.code else [], [record.ref])
            if record.ref in unit.links.of_refs(self.ministry.name, [record.ref]):
                raise _Moved(Said("it has been linked meanwhile"))
            if (waits := now.waits(finding.code, record.ref)) is not None:
                raise _Moved(_meanwhile(waits))
            unit.inbox.add([as_arrival(self.ministry, record)])
            self._note(unit, finding.code, Action.TAKE_IN, ref=record.ref)
        self.house.wake(self.ministry.name)

    # -- what must hold before them

    def _row(self, code: str, mark: str) -> Snapshot:
        """Return the one-stop's dossier, if it is as it was found."""
        row = self.house.onestop.fetch([code]).get(code)
        if not isinstance(row, Snapshot) or row.content_hash != mark:
            raise _Moved(Said("the dossier has changed in the one-stop"))
        return row

    def _link(self, code: str) -> Link | None:
        with self.house.store.read() as unit:
            return unit.links.of_codes([code]).get((code, self.ministry.name))

    def _linked(self, unit: Unit, code: str) -> Link:
        """Link a dossier that a mirror shows and nobody has linked yet."""
        pair = (code, self.ministry.name)
        shards = {pair: self.ministry.shard_of(code)}
        unit.journal.add(Event.LINKED, code=code, system=self.ministry.name, why="it shows it")
        return unit.links.open([pair], shards)[pair]

    def _prove_absent(self, link: Link) -> None:
        """Ask once more, by every question there is, whether the ministry has no trace of a dossier.

        The comparison asked already, so these are a second proof, and often a third.
        """
        can = self.ministry.capabilities
        asked = False
        if can.fetches and link.ref is not None:
            asked = True
            if self.desk.of_link(link) is not None:
                raise _Moved(Said("the ministry shows it again"))
        if can.probes:
            asked = True
            if not self.desk.lacks(link):
                raise _Moved(Said("the ministry has it by its code"))
        if not asked:
            raise _Moved(Said("nobody can be asked whether it is there"))

    def _again(self, finding: Different | MissingAtOneStop) -> Record:
        """Return the record as it is now, if it is as it was found.

        Read by its number, or in the list of its day where that shows only a part of it.
        """
        found: Record | None = None
        if self.ministry.capabilities.fetches:
            found = self.desk.record(finding.ref)
        partly = found is not None and found.kind != DOSSIER
        if reach(self.ministry) is Reach.LIST and (found is None or partly) and finding.day:
            found = self._listed(finding.day).get(finding.ref)
        if found is None or self.desk.seen(found).hash != finding.mark.theirs:
            raise _Moved(Said("the record has changed at the ministry"))
        return found

    def _listed(self, day: str) -> dict[str, Record]:
        if self._day[0] != day:
            on = date.fromisoformat(day)
            pages = self.desk.listed(on, on)
            found = [one for page in pages for one in page.records if isinstance(one, Record)]
            self._day = (day, {one.ref: one for one in found})
        return self._day[1]

    def _still(self, unit: Unit, code: str, mark: str, but: Iterable[Waits] = ()) -> None:
        """Lock a link and make sure that it stands as it stood, and nothing is on its way."""
        link = unit.links.of_codes([code], lock=True).get((code, self.ministry.name))
        if mark_of(link) != mark:
            raise _Moved(Said("the link has moved"))
        now = known(unit, self.ministry, [code], [])
        waits = now.waits(code, None if link is None else link.ref)
        if waits is not None and waits not in but:
            raise _Moved(_meanwhile(waits))
        since = settled_before(unit.now, self.terms.age, self.ministry)
        if link is not None and (sent := now.spoken.get(link.id)) is not None and sent > since:
            raise _Moved(Said("it was sent just now"))

    # -- what is written beside them

    def _protect(self, unit: Unit, link: Link, row: Snapshot, seen: Seen) -> None:
        for path, ours in vanished(self.ministry, row.fields, seen).items():
            base = (link.base or {}).get(path)
            clerk.clash(unit, self.ministry, link, Clash(path, ours, None, base, TAKEN_BACK))

    def _move_feed_back(self, unit: Unit) -> None:
        """Read a feed that counts from its beginning again: its numbers are given anew.

        What it shows once more is known by its version, and dropped.
        """
        name = self.ministry.name
        if self.ministry.capabilities.feed != "cursor":
            return
        if unit.inbox.cursor(name, lock=True) is not None:
            unit.inbox.move_cursor(name, None)
            unit.journal.add(Event.FEED_MOVED_BACK, system=name)

    def _note(self, unit: Unit, code: str | None, what: Action, **detail: Json) -> None:
        unit.journal.add(
            Event.RECONCILED, code=code, system=self.ministry.name, what=what.value, **detail
        )


def _went_back(link: Link, record: Record) -> bool:
    """Tell whether a record bears an older version than was seen of it."""
    if record.version is None or link.theirs_version is None:
        return False
    return record.version < link.theirs_version


def _meanwhile(waits: Waits) -> Said:
    return Said("something is on its way by now ({what})", what=waits.value)
