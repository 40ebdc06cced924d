"""Records whose dossiers were received on other days than they are listed on: judged at the end.

Each was found already, by its number; or it is one more of its dossier; or its dossier was missed
on its own day (it came after the keys of that day were read), or is of none of the days that are
compared: then it is judged with what was set aside of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.domain.comparison import Place, Placed
from bridge.domain.dossier import Snapshot
from bridge.domain.finding_record import from_record, refs_of
from bridge.domain.reconcile import Duplicates, Finding, MissingAtMinistry, NotSeen
from bridge.engine import apart
from bridge.engine.reconcile.asking import Desk
from bridge.engine.reconcile.in_step import InStepCodes
from bridge.engine.reconcile.judge import Judge, place_of
from bridge.engine.reconcile.known import settled_before
from bridge.engine.reconcile.portion import Gathering
from bridge.engine.reconcile.spill import Laid, by_code
from bridge.engine.reconcile.sweep import list_again
from bridge.engine.reconcile.terms import Terms
from bridge.sdk.records import Record, Unreadable
from bridge.store import Conflict, Link


def judge_aside(desk: Desk, terms: Terms, late: Gathering) -> None:
    """Judge what was set aside of a comparison; what it comes to is gathered in ``late``.

    Its ``strays`` are the records that this process has set aside; those of a process before it are
    listed again.

    Raises:
        AdapterError: the ministry can't be asked now.
        OneStopFault: the one-stop database can't be read.
    """
    house, strays = desk.house, late.strays
    with house.store.read() as unit:
        days = unit.comparisons.days(late.comparison)
    for since, until in days:
        with house.store.read() as unit:
            wanted = unit.comparisons.aside(late.comparison, since)
        if wanted - strays.holds(wanted):
            list_again(desk, replace(terms, since=since, until=until), strays, wanted)
    judge = Judge(desk, terms, settled_before(house.now(), terms.age, desk.ministry))
    with InStepCodes(house, late.comparison) as in_step:
        bench = _Bench(desk, judge, late, in_step)
        for page in strays.rest(house.page):
            bench.page(page)


@dataclass(frozen=True, slots=True)
class _Before:
    """What was found of a dossier on its own day, and what is known of its records.

    ``finding`` is ``None`` where it was in step.
    """

    finding: Finding | None
    link: Link | None
    conflicts: Sequence[Conflict]

    @property
    def refs(self) -> frozenset[str]:
        """The records that were found of it: in step, that is the one the link names."""
        if self.finding is None:
            named = None if self.link is None else self.link.ref
            return frozenset() if named is None else frozenset({named})
        if isinstance(self.finding, MissingAtMinistry):
            return frozenset()
        return frozenset(refs_of(self.finding))


@dataclass(frozen=True, slots=True)
class _Bench:
    desk: Desk
    judge: Judge
    late: Gathering
    in_step: InStepCodes

    def page(self, laid: Sequence[Laid]) -> None:
        listed = by_code(laid)
        rows = self.desk.house.onestop.fetch(list(listed))
        ours = {code: row for code, row in rows.items() if isinstance(row, Snapshot)}
        for read in rows.values():
            if isinstance(read, Unreadable):
                listed.pop(read.name)
                self.late.amend(Placed(NotSeen(read.name, read.reason), Place()))
        with self.desk.house.store.read() as unit:
            links = unit.links.of_codes(list(listed))
            kept = unit.comparisons.of_keys(self.late.comparison, list(listed))
            conflicts = unit.conflicts.of_codes(self.desk.ministry.name, list(listed))
        anew: dict[str, Sequence[Record]] = {}
        for code, records in listed.items():
            row = ours.get(code)
            if row is None or not (code in kept or self.in_step.has(code)):
                anew[code] = records
                continue
            finding = from_record(kept[code].finding) if code in kept else None
            link = links.get((code, self.desk.ministry.name))
            before = _Before(finding, link, conflicts.get(code, ()))
            anew |= self._weighed(row, records, before)
        mine = {code: ours[code] for code in anew if code in ours}
        for one in self.judge.page(mine, anew):
            self.late.amend(one)

    def _weighed(
        self, row: Snapshot, records: Sequence[Record], before: _Before
    ) -> dict[str, Sequence[Record]]:
        """Lay records beside what was found of their dossier; returns them where it is judged anew."""
        shown = {one.ref for one in records}
        refs = before.refs | shown
        left = apart.left(before.link, before.conflicts, refs)
        news = shown - before.refs - left
        if not news:
            return {}
        place = place_of(row.fields)
        if before.finding is None:
            self.late.in_step[place] -= 1
        if len(refs - left) > 1:
            several = Duplicates(row.code, tuple(sorted(refs - left)))
            self.late.amend(Placed(several, place))
            return {}
        return {row.code: records}
