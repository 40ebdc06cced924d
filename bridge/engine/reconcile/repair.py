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
from dataclasses import dataclass
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
from bridge.engine import capture, clerk, withdraw
from bridge.engine.feed import as_arrival
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.engine.reconcile.asking import Desk
from bridge.engine.reconcile.known import known
from bridge.engine.reconcile.sides import compare, lost_steps, unshown, vanished, went_back
from bridge.engine.reconcile.terms import Terms
from bridge.engine.reconcile.world import Moved, World, meanwhile
from bridge.engine.seen import Seen
from bridge.engine.versions import as_received
from bridge.engine.weighing import procedure_of
from bridge.mapping import LiftError, ListUnread
from bridge.sdk.errors import ContractBroken, Rejected
from bridge.sdk.records import Record
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


def apply(
    house: House, ministry: Ministry, terms: Terms, findings: Iterable[Finding]
) -> Iterator[Repair]:
    """Repair what can be repaired of these findings, one after the other; yields each outcome.

    ``terms`` are those of the comparison: how long a side must have been still.

    Raises:
        AdapterError: the ministry can't be asked now; what was mended stays.
        OneStopFault: the one-stop database can't be used.
    """
    desk = Desk(house, ministry)
    bench = _Bench(desk, World(desk, terms))
    bench.desk.open()
    for finding in findings:
        try:
            yield Mended(finding) if bench.mend(finding) else Left(finding)
        except Moved as moved:
            yield Refused(finding, moved.reason)
        except (ContractBroken, Rejected) as error:
            yield Refused(finding, error.reason)
        except (LiftError, ListUnread) as error:
            yield Refused(finding, str(error))


@dataclass(frozen=True, slots=True)
class _Bench:
    """One run of repairs."""

    desk: Desk
    world: World

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
            case MissingAtMinistry(action=Action.AWAIT):
                self._await(finding)
            case Different(action=Action.LISTEN_ANEW):
                self._forget(finding)
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
        row, link = self.world.row(finding.code, finding.mark.ours), self.world.link(finding.code)
        if link is None:
            raise Moved(Said("the link is not there any more"))
        if finding.why is Lacks.LOST:
            self.world.prove_absent(link)
        with self.house.store.write("reconcile") as unit:
            self.world.still(unit, finding.code, finding.mark.link, {Waits.DEAD_LETTER})
            blank = {"base": None, "ref": None, "theirs_hash": None, "theirs_version": None}
            unit.links.change(link.id, **blank, stubborn={}, rulings=None)
            withdraw.lost(unit, link)
            steps = unit.outbox.forget_steps(link.id)
            if link.ref is not None:
                self._free(unit, link.ref)
            unit.inbox.add([capture.as_arrival(row)])
            self._note(unit, finding.code, Action.SEND_ANEW, ref=link.ref, steps=steps)
            if finding.why is Lacks.LOST:
                self._move_feed_back(unit)
        self.house.wake(ONESTOP)
        self.house.wake(self.ministry.name)

    def _await(self, finding: MissingAtMinistry) -> None:
        """Forget the number of what the ministry had keyed itself, so that it is met again."""
        link = self.world.link(finding.code)
        if link is not None:
            self.world.prove_absent(link)
        self._forget(finding, number=True)

    def _forget(self, finding: MissingAtMinistry | Different, *, number: bool = False) -> None:
        """Forget what was heard of a record's versions, or its number too: what comes is news."""
        with self.house.store.write("reconcile") as unit:
            link = self.world.still(unit, finding.code, finding.mark.link)
            if link is None:
                raise Moved(Said("the link is not there any more"))
            heard = {"theirs_hash": None, "theirs_version": None}
            unit.links.change(link.id, **heard, ref=None if number else link.ref)
            self._note(unit, finding.code, finding.action, ref=link.ref)
            if number and link.ref is not None:
                self._free(unit, link.ref)
                self._move_feed_back(unit)

    def _capture(self, finding: MissingAtMinistry) -> None:
        """Post a dossier that the bridge has not read as it is now."""
        row = self.world.row(finding.code, finding.mark.ours)
        with self.house.store.write("reconcile") as unit:
            self.world.still(unit, finding.code, finding.mark.link)
            unit.inbox.add([capture.as_arrival(row)])
            capture.remember(unit, [row])
            self._note(unit, finding.code, Action.CAPTURE)
        self.house.wake(ONESTOP)

    def _send_again(self, finding: Different) -> None:
        """Take what the ministry has for what was agreed last, and post the dossier."""
        row, link = self.world.row(finding.code, finding.mark.ours), self.world.link(finding.code)
        record = self.world.again(finding)
        seen = self.desk.seen(record)
        with self.house.store.read() as unit:
            (ours,) = as_received(unit, [row])
            held = known(unit, self.ministry, [row.code], []).held.get(row.code, frozenset())
            sent = [] if link is None else unit.outbox.sent_steps(link.id)
        sides = compare(self.ministry, ours, link, seen, held)
        steps = lost_steps(self.desk, ours, sent, every=self.world.terms.thorough)
        with self.house.store.write("reconcile") as unit:
            self.world.still(unit, finding.code, finding.mark.link)
            now = link or self._linked(unit, finding.code)
            base = sides.base
            if not (finding.fields or finding.steps):
                base = unshown(self.ministry.lens, base)
            unit.links.change(now.id, base=base, ref=now.ref or seen.ref, rulings=None)
            unit.outbox.forget_steps(now.id, steps)
            if went_back(now, record):
                unit.links.change(now.id, **_as_shown(record))
                self._move_feed_back(unit)
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
        row, link = self.world.row(finding.code, finding.mark.ours), self.world.link(finding.code)
        record = self.world.again(finding)
        seen = self.desk.seen(record)
        renumbered = link is not None and link.ref not in (None, record.ref)
        if renumbered and link is not None and self.desk.of_link(link) is not None:
            raise Moved(Said("the ministry has two records of it"))
        with self.house.store.write("reconcile") as unit:
            self.world.still(unit, finding.code, finding.mark.link)
            back = link is not None and went_back(link, record)
            if link is not None:
                ref = None if renumbered else link.ref
                unit.links.change(link.id, **_as_shown(record), ref=ref)
            if back and link is not None and self.ministry.takes(procedure_of(row.fields)):
                self._protect(unit, link, row, seen)
            if back or renumbered:
                self._move_feed_back(unit)
            unit.inbox.add([as_arrival(self.ministry, record)])
            fields: list[Json] = [one.path for one in finding.fields]
            self._note(unit, finding.code, Action.TAKE_IN, fields=fields, back=back)
        self.house.wake(self.ministry.name)

    def _take_in(self, finding: MissingAtOneStop) -> None:
        """Have a record that has no dossier worked as if the feed had shown it."""
        record = self.world.again(finding)
        with self.house.store.write("reconcile") as unit:
            now = known(unit, self.ministry, [finding.code] if finding.code else [], [record.ref])
            if record.ref in unit.links.of_refs(self.ministry.name, [record.ref]):
                raise Moved(Said("it has been linked meanwhile"))
            if (waits := now.waits(finding.code, record.ref)) is not None:
                raise Moved(meanwhile(waits))
            unit.inbox.add([as_arrival(self.ministry, record)])
            self._note(unit, finding.code, Action.TAKE_IN, ref=record.ref)
        self.house.wake(self.ministry.name)

    def _linked(self, unit: Unit, code: str) -> Link:
        """Link a dossier that a mirror shows and nobody has linked yet."""
        pair = (code, self.ministry.name)
        shards = {pair: self.ministry.shard_of(code)}
        unit.journal.add(Event.LINKED, code=code, system=self.ministry.name, why="it shows it")
        return unit.links.open([pair], shards)[pair]

    # -- what is written beside them

    def _protect(self, unit: Unit, link: Link, row: Snapshot, seen: Seen) -> None:
        for path, ours in vanished(self.ministry, row.fields, seen).items():
            base = (link.base or {}).get(path)
            clerk.clash(unit, self.ministry, link, Clash(path, ours, None, base, TAKEN_BACK))

    def _free(self, unit: Unit, number: str) -> None:
        """Let go of what a number stood in the way of: its record, and whom it was given anew."""
        name = self.ministry.name
        unit.inbox.release_ref(name, number)
        facts = (name, "shared", number)
        shared = [o for o in unit.conflicts.all_open() if (o.system, o.why, o.ministry) == facts]
        links = unit.links.of_codes([one.code for one in shared])
        for one in shared:
            if (link := links.get((one.code, name))) is not None:
                clerk.clash_over(unit, link, one.field, "no other dossier has its number now")

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


def _as_shown(record: Record) -> dict[str, int | None]:
    """Return what a link has heard of versions where the one that is shown is still to come."""
    before = None if record.version is None else record.version - 1
    return {"theirs_hash": None, "theirs_version": before}
