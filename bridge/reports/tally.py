"""What one reading of a comparison's rows leaves: the first of each kind, and what all come to.

A comparison may have a hundred thousand rows; here are a few hundred of them and some counters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from bridge.domain.comparison import Kind, Placed, kind_of
from bridge.domain.reconcile import Different, OnItsWay, Waits
from bridge.domain.unlike import Unlike
from bridge.reports.words import NO_DEED, OPEN, Deed, deed_of


@dataclass(slots=True)
class Tally:
    """The first ``most`` rows of each kind, and counters of all rows."""

    most: int
    first: dict[Kind, list[Placed]] = field(default_factory=lambda: defaultdict(list))
    seen: Counter[Kind] = field(default_factory=Counter)
    deeds: Counter[tuple[Kind, Deed]] = field(default_factory=Counter)
    waits: Counter[Waits] = field(default_factory=Counter)
    paths: Counter[str] = field(default_factory=Counter)
    unlike: Counter[Unlike] = field(default_factory=Counter)

    def add(self, row: Placed) -> None:
        """Count a row, and keep it while there is room for its kind."""
        kind = kind_of(row.finding)
        if kind not in OPEN:
            return
        self.seen[kind] += 1
        self.deeds[kind, deed_of(row.finding)] += 1
        if isinstance(row.finding, OnItsWay):
            self.waits[row.finding.why] += 1
        if isinstance(row.finding, Different):
            self.paths.update(one.path for one in row.finding.fields)
            self.unlike.update(one.unlike for one in row.finding.fields)
        if len(self.first[kind]) < self.most:
            self.first[kind].append(row)

    def work(self) -> list[tuple[Kind, Deed, int]]:
        """Return what is done about which kind and how often, kind by kind, the most often first."""
        done = [(kind, deed, n) for (kind, deed), n in self.deeds.items() if deed != NO_DEED]
        return sorted(done, key=lambda one: (OPEN.index(one[0]), -one[2], one[1].what))


def tally(rows: Iterable[Placed], most: int) -> Tally:
    """Read all rows once."""
    gathered = Tally(most)
    for row in rows:
        gathered.add(row)
    return gathered
