"""Beside whom a pair is weighed once more, right before it is linked: nobody else may be either of the two.

What was looked at is old at once: a dossier or a record of the same person may have been keyed
meanwhile. So a pair is weighed beside the records of the look, those that have come since, and the
dossiers of now.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from bridge.domain import matching
from bridge.domain.matching.entry import Entry, Pair, Sureness
from bridge.engine import twins, unpaired
from bridge.engine.apart import told_apart
from bridge.engine.house import House, Ministry
from bridge.engine.match.sides import Period
from bridge.store.links import PARTED


class Beside:
    """The records of some days that belong to no dossier, as they were looked at: each once, by number.

    ``seen_to`` is the last of the inbox that is among them. Nothing of other ``days`` is a rival, and no
    dossier that a record bears the code of: ``named``.
    """

    def __init__(self, days: Period, records: Iterable[Entry]) -> None:
        self.index = matching.Index()
        self.seen_to = 0
        self.named: Collection[str] = ()
        self._days = days
        self._records: dict[str, Entry] = {}
        for one in records:
            self._put(one)

    def still_sure(
        self,
        house: House,
        ministry: Ministry,
        ours: Mapping[Pair, Entry],
        theirs: Mapping[Pair, Entry],
    ) -> set[Pair]:
        """Return those of some pairs that are sure beside all that is known now.

        ``ours`` and ``theirs`` are the two sides of each as they were read just now.

        Raises:
            OneStopFault: the one-stop database can't be read now.
        """
        self._come_up_to_date(house, ministry, theirs.values())
        refs = self._near(ours.values()) | {one.theirs for one in theirs}
        self._let_go_of_linked(house, ministry, refs)
        near = [self._records[ref] for ref in sorted(refs & self._records.keys())]
        like = twins.like_free(house, ministry, near)
        rivals = [one for one in like if one.key not in self.named]
        mine = {one.key: one for one in rivals if self._days.has(one.received)}
        mine |= {one.key: one for one in ours.values()}
        with house.store.read() as unit:
            apart = told_apart(unit, ministry, mine) - {(one.ours, one.theirs) for one in ours}
        own = matching.Index(mine.values())
        return {
            pair
            for pair, entry in ours.items()
            for found in matching.near(entry, self.index, own, apart)
            if found.theirs == pair.theirs and found.sureness is Sureness.SURE
        }

    def _come_up_to_date(self, house: House, ministry: Ministry, read: Iterable[Entry]) -> None:
        """Take in what has come since, and what was ``read`` just now."""
        self.seen_to, fresh = unpaired.come_since(house, ministry, self.seen_to)
        for one in (*(one for one in fresh if self._days.has(one.received)), *read):
            self._put(one)

    def _near(self, ours: Iterable[Entry]) -> set[str]:
        """Return the numbers of the records that these dossiers may be, whatever else may be one."""
        return {found.theirs for one in ours for found in matching.near(one, self.index)}

    def _let_go_of_linked(self, house: House, ministry: Ministry, refs: Collection[str]) -> None:
        """Let go of what somebody has linked meanwhile: it stands in nobody's way any more."""
        with house.store.read() as unit:
            links = unit.links.of_refs(ministry.name, refs)
        for ref, link in links.items():
            if link.state != PARTED:
                self._drop(ref)

    def _put(self, one: Entry) -> None:
        self._drop(one.key)
        self.index.add(one)
        self._records[one.key] = one

    def _drop(self, ref: str) -> None:
        before = self._records.pop(ref, None)
        if before is not None:
            self.index.remove(before)
