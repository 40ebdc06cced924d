"""What was found in step stays so while nothing of it has changed: that is looked at, and no more.

A dossier is *agreed* while four things are as they were when both sides were last found in step: what
the one-stop's rows hold of what the system can know, the ministry's record as it was listed, the link,
and the rules of the comparison. All of that, and of the record, goes into a hash each time; no stamp is
believed, neither theirs nor the one-stop's. That a link has not moved the store's own database sees to
(``Agreements``).
So such a dossier is neither translated nor weighed, and whatever has changed in silence on either side
is still found. What has anything in line, in the inbox or before a person is judged as ever.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from importlib.metadata import version

import orjson

from bridge.domain.comparison import Place
from bridge.engine.house import ONESTOP
from bridge.engine.reconcile.asking import Desk, Reach, reach
from bridge.engine.reconcile.spill import Laid, Shown, Spill
from bridge.engine.reconcile.terms import Terms
from bridge.engine.seen import UNNUMBERED
from bridge.mapping import Span
from bridge.mapping.times import VIETNAM
from bridge.store import Agreement, Link, Unit

NOBODY: Collection[str] = frozenset()
_ALWAYS = frozenset({"received_at", "agency.code", "procedure.code", "status", "supplements"})
"""What a dossier is placed and judged by, whatever the system knows of it."""


@dataclass(slots=True)
class Agreed:
    """What is agreed of the dossiers of a comparison, a page at a time.

    ``paths`` are those of a dossier that may make a difference to this system. What is told as agreed was so
    when its record was laid down. ``marks`` are those of the page's dossiers; ``settled`` tells of those
    that are agreed the position of their record in the list, and the place.
    """

    desk: Desk
    spill: Spill
    rules: bytes
    paths: frozenset[str]
    marks: dict[str, str] = field(default_factory=dict)
    settled: dict[str, tuple[int, Place]] = field(default_factory=dict)
    _shown: dict[str, Shown] = field(default_factory=dict)

    def recognised(self, laid: Sequence[Laid]) -> list[Laid]:
        """Return the same records with their marks, and the agreements that have these."""
        marks = [self._mark(one) for one in laid]
        codes = [one.code for one in laid if one.code is not None]
        with self.desk.house.store.read() as unit:
            kept = unit.agreements.of_codes(self.desk.ministry.name, codes)
        found = []
        for one, mark in zip(laid, marks, strict=True):
            agreement = None if one.code is None else kept.get(one.code)
            if agreement is None or agreement.theirs != mark:
                ours, link = None, None
            else:
                ours, link = agreement.ours, agreement.link_id
            found.append(Laid(one.code, one.record, one.body, mark, ours, link, one.n))
        return found

    def turn_page(self) -> None:
        """Forget the page before."""
        self.marks, self.settled, self._shown = {}, {}, {}

    def known(self, marks: Mapping[str, str]) -> Collection[str]:
        """Return those of these dossiers that are agreed, by the marks of their rows."""
        shown = self.spill.shown(marks)
        self.marks |= marks
        self._shown |= shown
        alike = {code: one for code, one in shown.items() if one.ours == marks[code]}
        if not alike:
            return NOBODY
        with self.desk.house.store.read() as unit:
            return alike.keys() - self._busy(unit, alike)

    def ref(self, code: str) -> str:
        """Return the number of the record of an agreed dossier."""
        return self._shown[code].ref

    def settle(self, code: str, place: Place) -> None:
        """Note that a dossier is agreed."""
        self.settled[code] = (self._shown[code].n, place)

    def keep(self, links: Iterable[tuple[Link, Place]]) -> None:
        """Keep that the dossiers of these links are in step, where a link is still as it was.

        Not of one of which something is under way, though it is judged: it would be judged again.
        """
        shown = {code: one for code, one in self._shown.items() if one.mark and code in self.marks}
        stood = {
            link.code: (link, place) for link, place in links if link.code in shown and place.day
        }
        if not stood:
            return
        with self.desk.house.store.write("agree") as unit:
            linked = {code: shown[code]._replace(link=link.id) for code, (link, _) in stood.items()}
            busy = self._busy(unit, linked)
            still = [link for code, (link, _place) in stood.items() if code not in busy]
            kept = unit.links.unmoved(still)
            places = [stood[one.code][1] for one in kept]
            unit.agreements.keep(
                self.desk.ministry.name,
                [self._agreement(one, place) for one, place in zip(kept, places, strict=True)],
            )
        for one, place in zip(kept, places, strict=True):
            self.settle(one.code, place)

    def _agreement(self, link: Link, place: Place) -> Agreement:
        code, day = link.code, date.fromisoformat(str(place.day))
        return Agreement(code, link.id, day, self.marks[code], self._shown[code].mark)

    def _busy(self, unit: Unit, agreed: Mapping[str, Shown]) -> set[str]:
        """Return those of which something is in line, in the inbox or before a person."""
        name = self.desk.ministry.name
        waiting = set(unit.inbox.states(ONESTOP, agreed))
        waiting |= {code for code, system in unit.conflicts.open_of(list(agreed)) if system == name}
        by_name = {one.ref: code for code, one in agreed.items()}
        for code in agreed:
            by_name[code] = by_name[f"{UNNUMBERED}{code}"] = code
        waiting |= {by_name[name] for name in unit.inbox.states(name, by_name)}
        by_link = {one.link: code for code, one in agreed.items() if one.link is not None}
        return waiting | {by_link[link] for link in unit.agreements.in_line(by_link)}

    def _mark(self, laid: Laid) -> str:
        """Return a hash of all that a record shows, under the rules of the comparison."""
        record = laid.record
        shown = laid.body + f"\0{record.kind}\0{record.ref}".encode()
        return blake2b(shown, key=self.rules, digest_size=16).hexdigest()


def agreed(desk: Desk, terms: Terms, spill: Spill) -> Agreed | None:
    """Return what is agreed, ``None`` where a comparison asks for more than a list shows."""
    asks_more = terms.thorough or terms.restored_to is not None or desk.ministry.capabilities.steps
    if asks_more or reach(desk.ministry) is not Reach.LIST:
        return None
    lens = desk.ministry.lens
    return Agreed(desk, spill, rules_of(desk), lens.outgoing | lens.incoming | _ALWAYS)


def rules_of(desk: Desk) -> bytes:
    """Return a hash of all that a judgement rests on beside both sides and the link.

    Of code lists, those that come with a mapping too, also which days are still to come on which a
    code begins or ends.
    """
    ministry, lists = desk.ministry, desk.lists
    with desk.house.store.read() as unit:
        past = unit.procedures.ended()
    today = desk.house.now().astimezone(VIETNAM).date()
    shipped = {
        f"{kind}/{name}": table
        for kind, lens in sorted(ministry.lenses.items())
        for name, table in sorted(lens.shipped.items())
    }
    tables = {name: one.spans for name, one in [*sorted(lists.tables.items()), *shipped.items()]}
    rests_on = {
        "release": version("dossier-bridge"),
        "mappings": {kind: lens.fingerprint for kind, lens in sorted(ministry.lenses.items())},
        "procedures": sorted(ministry.procedures),
        "options": ministry.options,
        "can": repr(ministry.capabilities),
        "past": past,
        "lists": [[name, *_told(spans)] for name, spans in tables.items()],
        "to come": sorted({day for spans in tables.values() for day in _to_come(spans, today)}),
    }
    return blake2b(orjson.dumps(rests_on), digest_size=32).digest()


def _told(spans: Iterable[Span]) -> list[tuple[str, str, date | None, date | None]]:
    return [(one.code, one.name, one.valid_from, one.valid_until) for one in spans]


def _to_come(spans: Iterable[Span], today: date) -> set[date]:
    days = {day for one in spans for day in (one.valid_from, one.valid_until) if day is not None}
    return {day for day in days if day >= today}
