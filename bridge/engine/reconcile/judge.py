"""What one page of dossiers and records comes to: each is looked at on both sides, and judged.

What can be asked of one dossier by itself is asked here: a record by its number, whether a dossier
is there by its code, whether a step is shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bridge.domain.comparison import Place, Placed
from bridge.domain.delivery import State
from bridge.domain.dossier import Fields, Snapshot
from bridge.domain.reconcile import (
    ENDED,
    KEPT_BACK,
    Action,
    Different,
    Duplicates,
    Finding,
    InStep,
    Lacks,
    Mark,
    MissingAtMinistry,
    MissingAtOneStop,
    NotSeen,
    OnItsWay,
    Origin,
    OrphanLink,
    Waits,
    Withdrawn,
    when_lacking,
)
from bridge.domain.said import Said
from bridge.domain.supplements import ready
from bridge.engine import withdraw
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile.agreed import Agreed
from bridge.engine.reconcile.asking import Desk, Reach, powers, reach
from bridge.engine.reconcile.known import Known, known, mark_of
from bridge.engine.reconcile.sides import compare, lost_steps, went_back
from bridge.engine.reconcile.terms import Terms
from bridge.engine.seen import Seen
from bridge.engine.settle import without_people
from bridge.engine.versions import as_received
from bridge.engine.weighing import procedure_of
from bridge.mapping import LiftError, ListUnread
from bridge.sdk.errors import ContractBroken, Rejected
from bridge.sdk.records import Record
from bridge.store import Link
from bridge.store.links import ORPHAN, WITHDRAWN


@dataclass(frozen=True, slots=True)
class Judge:
    """Judges pages of one comparison.

    What has changed since ``still_since``, the beginning of the comparison less the age, is young:
    so is what is sent while it runs.
    """

    desk: Desk
    terms: Terms
    still_since: datetime
    agreed: Agreed | None = None

    @property
    def house(self) -> House:
        """See ``Desk``."""
        return self.desk.house

    @property
    def ministry(self) -> Ministry:
        """See ``Desk``."""
        return self.desk.ministry

    def page(
        self, rows: Mapping[str, Snapshot], listed: Mapping[str, Sequence[Record]]
    ) -> Iterator[Placed]:
        """Yield a finding for each code of either side."""
        codes = list(dict.fromkeys([*rows, *listed]))
        refs = {one.ref for records in listed.values() for one in records}
        with self.house.store.read() as unit:
            know = known(unit, self.ministry, codes, refs)
            ours = {one.code: one for one in as_received(unit, list(rows.values()))}
        in_step: list[tuple[Link, Place]] = []
        for code in codes:
            row, records = ours.get(code), listed.get(code, ())
            place = self._shown_in(records) if row is None else place_of(row.fields)
            finding = self._finding(code, row, records, know)
            if isinstance(finding, InStep):
                if code in know.held:
                    finding = OnItsWay(code, finding.ref, Waits.CONFLICT)
                elif finding.compared:
                    in_step.append((know.links[code], place))
            yield Placed(finding, place)
        if self.agreed is not None:
            self.agreed.keep(in_step)

    def _finding(
        self, code: str, ours: Snapshot | None, records: Sequence[Record], know: Known
    ) -> Finding:
        """Judge a dossier; what can't be asked or read of it is not seen.

        What a person has left to the ministry is not looked at; but while it is there nothing is
        sent anew unasked.
        """
        own = know.own(code, records)
        try:
            finding = self._judge(code, ours, own, know)
        except (ContractBroken, Rejected) as error:
            said, lists = error.reason, self.desk.lists
            fields = {} if ours is None else ours.fields
            return NotSeen(code, without_people(said, self.ministry, fields, lists))
        except (LiftError, ListUnread) as error:
            return NotSeen(code, str(error))
        if len(own) < len(records) and isinstance(finding, MissingAtMinistry):
            return replace(finding, action=Action.PERSON)
        return finding

    def _shown_in(self, records: Sequence[Record]) -> Place:
        """Return the place that the first of these records shows, as far as it can be read."""
        try:
            return place_of(self.desk.seen(records[0]).fields) if records else Place()
        except (LiftError, ListUnread):
            return Place()

    def unnamed(self, records: Sequence[Record]) -> Iterator[Placed]:
        """Yield a finding for each record that is of no dossier."""
        with self.house.store.read() as unit:
            know = known(unit, self.ministry, [], {one.ref for one in records})
        for one in records:
            waits, place = know.waits(None, one.ref), self._shown_in([one])
            if waits is not None:
                yield Placed(OnItsWay(None, one.ref, waits), place)
            else:
                yield Placed(self._only_there(None, one), place)

    def _judge(
        self, code: str, ours: Snapshot | None, records: Sequence[Record], know: Known
    ) -> Finding:
        link = know.links.get(code)
        ref = records[0].ref if records else link.ref if link is not None else None
        if len(records) > 1:
            return Duplicates(code, tuple(sorted(one.ref for one in records)))
        waits = know.waits(code, ref)
        if waits is not None and waits is not Waits.DEAD_LETTER:
            return OnItsWay(code, ref, waits)
        if ours is None:
            gone = link is not None
            return OrphanLink(code, ref) if gone else self._only_there(code, records[0])
        if know.is_young(code, ours, self.still_since):
            return OnItsWay(code, ref, Waits.YOUNG)
        return self._here(ours, link, records[0] if records else None, know)

    def _here(
        self, ours: Snapshot, link: Link | None, found: Record | None, know: Known
    ) -> Finding:
        """Judge a dossier that the one-stop has."""
        if not self.ministry.takes(procedure_of(ours.fields)):
            return self._not_for(ours, link, found, know)
        if found is None and (link is None or (link.base is None and link.ref is None)):
            return self._never_there(ours, link, know)
        return self._there_or_lost(ours, link, found, know)

    def _not_for(
        self, ours: Snapshot, link: Link | None, found: Record | None, know: Known
    ) -> Finding:
        """Judge a dossier that is not for this system: what was withdrawn there must not live on."""
        held = "procedure.code" in know.held.get(ours.code, ())
        if link is not None and link.state == WITHDRAWN and found is not None and not held:
            seen = self.desk.seen(found)
            if seen.status not in (None, withdraw.STATUS):
                mark = Mark(ours.content_hash, mark_of(link), seen.hash)
                return Different(ours.code, seen.ref, (), (), Action.TAKE_IN, mark, _day(seen))
        return NotSeen(ours.code, Said("its procedure is not for this system"))

    def _there_or_lost(
        self, ours: Snapshot, link: Link | None, found: Record | None, know: Known
    ) -> Finding:
        """Judge a dossier that the ministry shows, or has had."""
        waits = know.waits(ours.code, None)
        if found is None and link is not None:
            if link.state == ORPHAN:
                return OrphanLink(ours.code, link.ref)
            match self._sought(ours, link, know):
                case Record() as record:
                    found = record
                case finding:
                    return finding
        if found is None:
            return self._never_there(ours, link, know)
        if waits is not None:
            return OnItsWay(ours.code, found.ref, waits)
        return self._both(ours, link, found, know)

    def _sought(self, ours: Snapshot, link: Link, know: Known) -> Record | Finding:
        """Look for a dossier that was sent and is not listed; its record, or what it comes to."""
        if self._is_kept_back(ours):
            return Withdrawn(ours.code, link.ref)
        asked = reach(self.ministry)
        if asked is Reach.NOTHING:
            return self._unasked(ours, link, know)
        if self.ministry.capabilities.fetches and link.ref is not None:
            found = self.desk.of_link(link)
            if found is not None:
                return found
        elif link.imported or not self.ministry.capabilities.probes:
            # what was keyed there does not bear our code: that the code is unknown proves nothing
            words = Said("it can't be asked for by its number, nor by its code")
            return self._heard(ours, link) or NotSeen(ours.code, words)
        elif not self.desk.lacks(link):
            return self._by_code(ours, link, know)
        return self._lacking(ours, link, Lacks.LOST)

    def _by_code(self, ours: Snapshot, link: Link, know: Known) -> Finding:
        waits = know.waits(ours.code, None)
        if waits is not None:
            return OnItsWay(ours.code, link.ref, waits)
        return self._heard(ours, link) or InStep(ours.code, link.ref, compared=False)

    def _heard(self, ours: Snapshot, link: Link) -> Different | None:
        """Say that versions heard of are counted anew, at a ministry a person says was set back."""
        if self.terms.restored_to is None or link.theirs_version is None or link.ref is None:
            return None
        mark = Mark(ours.content_hash, mark_of(link))
        return Different(ours.code, link.ref, (), (), Action.LISTEN_ANEW, mark)

    def _unasked(self, ours: Snapshot, link: Link, know: Known) -> Finding:
        """Judge a dossier of a ministry that can't be asked: by what a person says of it."""
        restored, sent = self.terms.restored_to, know.spoken.get(link.id)
        if restored is not None and sent is not None and sent > restored:
            return self._lacking(ours, link, Lacks.UNPROVED)
        words = Said("the ministry can't be asked about a dossier")
        return self._heard(ours, link) or NotSeen(ours.code, words)

    def _never_there(self, ours: Snapshot, link: Link | None, know: Known) -> Finding:
        """Judge a dossier that the ministry does not have, and never had as far as is known."""
        ended = ours.get("status") in ENDED and not self.ministry.mirror
        if self._is_kept_back(ours) or ended:
            return Withdrawn(ours.code, None)
        if any(one.state is State.DEAD for one in know.line(ours.code)):
            return OnItsWay(ours.code, None, Waits.DEAD_LETTER)
        if ours.code in know.held:
            return OnItsWay(ours.code, None, Waits.CONFLICT)
        captured = know.is_captured(ours)
        return self._lacking(ours, link, Lacks.NEVER_SENT if captured else Lacks.UNCAPTURED)

    def _lacking(self, ours: Snapshot, link: Link | None, why: Lacks) -> MissingAtMinistry:
        action = when_lacking(
            why,
            ours.get("status"),
            powers(self.ministry),
            Origin() if link is None else Origin(link.imported, numbered=link.ref is not None),
            also_decided=self.terms.also_decided,
        )
        ref = None if link is None else link.ref
        mark = Mark(ours.content_hash, mark_of(link))
        return MissingAtMinistry(ours.code, ref, why, action, mark)

    def _only_there(self, code: str | None, record: Record) -> Finding:
        """Judge a record of which the one-stop has no dossier."""
        if self.ministry.mirror:
            return MissingAtOneStop(code, record.ref, Action.PERSON, Mark(), None)
        try:
            seen = self.desk.seen(record)
        except (LiftError, ListUnread) as error:
            return NotSeen(record.ref, str(error))
        mark = Mark(theirs=seen.hash)
        return MissingAtOneStop(code, record.ref, Action.TAKE_IN, mark, _day(seen))

    def _both(self, ours: Snapshot, link: Link | None, found: Record, know: Known) -> Finding:
        """Compare a dossier with its record."""
        seen = self.desk.seen(found)
        held = know.held.get(ours.code, frozenset())
        sides = compare(self.ministry, ours, link, seen, held)
        steps: tuple[str, ...] = ()
        if link is not None and self.ministry.capabilities.steps:
            with self.house.store.read() as unit:
                sent = unit.outbox.sent_steps(link.id)
            steps = lost_steps(self.desk, ours, sent, every=self.terms.thorough)
        renumbered = link is None or (link.ref is not None and link.ref != found.ref)
        if not (sides.fields or steps or renumbered):
            return self._thorough(ours, link, seen, held) or InStep(ours.code, found.ref)
        person = not (steps or renumbered) and all(one.to == "person" for one in sides.fields)
        look = Action.SEND_AGAIN if self.ministry.mirror else Action.TAKE_IN
        mark = Mark(ours.content_hash, mark_of(link), seen.hash)
        action = Action.PERSON if person else look
        return Different(ours.code, found.ref, sides.fields, steps, action, mark, _day(seen))

    def _thorough(
        self, ours: Snapshot, link: Link | None, seen: Seen, held: frozenset[str]
    ) -> Different | None:
        """Ask what no list shows: whether the record is an older version, and holds what was sent."""
        if not self.terms.thorough or held or link is None or link.base is None:
            return None
        mark, can = Mark(ours.content_hash, mark_of(link), seen.hash), self.ministry.capabilities
        asks = can.writes and can.probes and can.updates
        if asks and self.desk.lacks_content(link, ready(ours.fields, link.base)):
            return Different(ours.code, seen.ref, (), (), Action.SEND_AGAIN, mark, _day(seen))
        now = self.desk.record(seen.ref) if seen.version is None and can.fetches else None
        if now is not None and went_back(link, now):
            return Different(ours.code, seen.ref, (), (), Action.TAKE_IN, mark, _day(seen))
        return None

    def _is_kept_back(self, ours: Snapshot) -> bool:
        return ours.get("received_at") is None or ours.get("status") in KEPT_BACK


def _day(seen: Seen) -> str | None:
    """Return the day of reception that a record shows, as ``YYYY-MM-DD``."""
    return place_of(seen.fields).day


def place_of(fields: Fields) -> Place:
    """Return the place of a dossier, as its fields show it."""
    received, unit = fields.get("received_at"), fields.get("agency.code")
    return Place(
        received[:10] if isinstance(received, str) else None,
        unit if isinstance(unit, str) else None,
        procedure_of(fields),
    )
