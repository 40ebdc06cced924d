"""The values of a finding that was kept without them, asked for once more where they are shown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.domain.reconcile import Different
from bridge.engine.reconcile.asking import Desk
from bridge.engine.reconcile.known import known
from bridge.engine.reconcile.sides import compare
from bridge.engine.reconcile.terms import Terms
from bridge.engine.reconcile.world import Moved, World
from bridge.engine.versions import as_received
from bridge.mapping import LiftError, ListUnread
from bridge.sdk.errors import AdapterError, ContractBroken, Rejected
from bridge.sdk.onestop import OneStopFault


@dataclass(slots=True)
class Again:
    """Asks both sides again; once one can't be asked, nothing more is (``away``)."""

    desk: Desk
    terms: Terms
    away: bool = False

    def asked(self, finding: Different) -> Different | None:
        """Return a finding with the values of its fields; ``None`` where a side has changed since."""
        if self.away:
            return None
        try:
            return self._asked(finding)
        except (Moved, LiftError, ListUnread, ContractBroken, Rejected):
            return None
        except (AdapterError, OneStopFault):
            self.away = True
            return None

    def _asked(self, finding: Different) -> Different:
        world, ministry = World(self.desk, self.terms), self.desk.ministry
        row, record = world.row(finding.code, finding.mark.ours), world.again(finding)
        with self.desk.house.store.read() as unit:
            (ours,) = as_received(unit, [row])
            know = known(unit, ministry, [row.code], [])
        held = know.held.get(row.code, frozenset())
        sides = compare(ministry, ours, know.links.get(row.code), self.desk.seen(record), held)
        return replace(finding, fields=sides.fields)
