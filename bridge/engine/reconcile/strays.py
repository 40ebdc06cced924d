"""Records whose dossiers were received on other days than they are listed on: judged at the end.

Each was found already, by its number; or it is one more of its dossier; or its dossier was missed
on its own day, or is of none of the days that are compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from bridge.domain.comparison import Place, Placed
from bridge.domain.dossier import Snapshot
from bridge.domain.finding_record import from_record, refs_of
from bridge.domain.reconcile import Duplicates, Finding, MissingAtMinistry, NotSeen
from bridge.domain.said import Said
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile.asking import Desk
from bridge.engine.reconcile.judge import Judge, place_of
from bridge.engine.reconcile.known import settled_before
from bridge.engine.reconcile.portion import Gathering
from bridge.engine.reconcile.spill import Laid
from bridge.engine.reconcile.sweep import list_again
from bridge.engine.reconcile.terms import Terms
from bridge.sdk.records import Record
from bridge.store import Link


def judge_aside(house: House, ministry: Ministry, terms: Terms, late: Gathering) -> None:
    """Judge what was set aside of a comparison; what it comes to is gathered in ``late``.

    Its ``strays`` are the records that this process has set aside; those of a process before it are
    listed again.

    Raises:
        AdapterError: the ministry can't be asked now.
        OneStopFault: the one-stop database can't be read.
    """
    desk, strays = Desk(house, ministry), late.strays
    with house.store.read() as unit:
        days = unit.comparisons.days(late.comparison)
    for since, until in days:
        with house.store.read() as unit:
            wanted = unit.comparisons.aside(late.comparison, since)
        if wanted - strays.holds(wanted):
            list_again(desk, replace(terms, since=since, until=until), strays, wanted)
    judge = Judge(desk, terms, settled_before(house.now(), terms.age, ministry))
    bench = _Bench(house, ministry, terms, judge, late)
    for page in strays.rest(house.page):
        bench.page(page)


@dataclass(frozen=True, slots=True)
class _Bench:
    house: House
    ministry: Ministry
    terms: Terms
    judge: Judge
    late: Gathering

    def page(self, laid: Sequence[Laid]) -> None:
        listed = {
            code: [one.record for one in group]
            for code, group in groupby(laid, lambda one: one.code)
            if code is not None
        }
        rows = self.house.onestop.fetch(list(listed))
        ours = {code: row for code, row in rows.items() if isinstance(row, Snapshot)}
        for code in rows.keys() - ours.keys():
            listed.pop(code)
            unread = NotSeen(code, Said("the dossier can't be read in the one-stop"))
            self.late.amend(Placed(unread, Place()))
        with self.house.store.read() as unit:
            links = unit.links.of_codes(list(listed))
            kept = unit.comparisons.of_keys(self.late.comparison, list(listed))
        before = {code: from_record(row.finding) for code, row in kept.items()}
        anew: dict[str, Sequence[Record]] = {}
        for code, records in listed.items():
            row = ours.get(code)
            if row is None or not self._was_looked_at(row):
                anew[code] = records
                continue
            link = links.get((code, self.ministry.name))
            self._weigh(row, records, before.get(code), link, anew)
        mine = {code: ours[code] for code in anew if code in ours}
        for one in self.judge.page(mine, anew):
            self.late.amend(one)

    def _was_looked_at(self, row: Snapshot) -> bool:
        """Tell whether a dossier was walked by on a day of its own."""
        place = place_of(row.fields)
        since, until = self.terms.since.isoformat(), self.terms.until.isoformat()
        inside = place.day is not None and since <= place.day <= until
        return inside and self.ministry.takes(place.procedure)

    def _weigh(
        self,
        row: Snapshot,
        records: Sequence[Record],
        before: Finding | None,
        link: Link | None,
        anew: dict[str, Sequence[Record]],
    ) -> None:
        """Lay records beside what was found of their dossier on its own day."""
        shown = {one.ref for one in records}
        if before is None:  # in step, with the record that the link names
            known = {link.ref} if link is not None and link.ref else set()
        else:
            known = set() if isinstance(before, MissingAtMinistry) else set(refs_of(before))
        if shown <= known:
            return
        if known:
            place = place_of(row.fields)
            if before is None:
                self.late.in_step[place] -= 1
            refs = tuple(sorted(known | shown))
            self.late.amend(Placed(Duplicates(row.code, refs), place))
        elif before is not None:
            anew[row.code] = records
