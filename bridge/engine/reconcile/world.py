"""Whether the world is as a finding was made in: asked again right before a repair."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from bridge.domain.dossier import Snapshot
from bridge.domain.reconcile import (
    Different,
    MissingAtOneStop,
    Waits,
)
from bridge.domain.said import Said
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile.asking import Desk, Reach, reach
from bridge.engine.reconcile.known import known, mark_of, settled_before
from bridge.engine.reconcile.terms import Terms
from bridge.sdk.records import DOSSIER, Record
from bridge.store import Link, Unit


class Moved(Exception):  # noqa: N818 - an event, not an error
    """The world is not as it was found; the text says in what."""

    def __init__(self, reason: Said) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(slots=True)
class World:
    """Both sides and the link, as they are now. ``_day`` is what was listed last, and of which day."""

    desk: Desk
    terms: Terms
    _day: tuple[str, dict[str, Record]] = field(default_factory=lambda: ("", {}))

    @property
    def house(self) -> House:
        """See ``Desk``."""
        return self.desk.house

    @property
    def ministry(self) -> Ministry:
        """See ``Desk``."""
        return self.desk.ministry

    def row(self, code: str, mark: str) -> Snapshot:
        """Return the one-stop's dossier, if it is as it was found."""
        row = self.house.onestop.fetch([code]).get(code)
        if not isinstance(row, Snapshot) or row.content_hash != mark:
            raise Moved(Said("the dossier has changed in the one-stop"))
        return row

    def link(self, code: str) -> Link | None:
        """Return the link of a dossier to this ministry."""
        with self.house.store.read() as unit:
            return unit.links.of_codes([code]).get((code, self.ministry.name))

    def prove_absent(self, link: Link) -> None:
        """Ask once more, by every question there is, whether the ministry has no trace of a dossier.

        The comparison asked already, so these are a second proof, and often a third.
        """
        can = self.ministry.capabilities
        asked = False
        if can.fetches and link.ref is not None:
            asked = True
            if self.desk.of_link(link) is not None:
                raise Moved(Said("the ministry shows it again"))
        if can.probes and not link.imported:
            asked = True
            if not self.desk.lacks(link):
                raise Moved(Said("the ministry has it by its code"))
        if not asked:
            raise Moved(Said("nobody can be asked whether it is there"))

    def again(self, finding: Different | MissingAtOneStop) -> Record:
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
            raise Moved(Said("the record has changed at the ministry"))
        return found

    def _listed(self, day: str) -> dict[str, Record]:
        if self._day[0] != day:
            on = date.fromisoformat(day)
            pages = self.desk.listed(on, on)
            found = [one for page in pages for one in page.records if isinstance(one, Record)]
            self._day = (day, {one.ref: one for one in found})
        return self._day[1]

    def still(self, unit: Unit, code: str, mark: str, but: Iterable[Waits] = ()) -> Link | None:
        """Lock a link and make sure that it stands as it stood, and nothing is on its way."""
        link = unit.links.of_codes([code], lock=True).get((code, self.ministry.name))
        if mark_of(link) != mark:
            raise Moved(Said("the link has moved"))
        now = known(unit, self.ministry, [code], [])
        waits = now.waits(code, None if link is None else link.ref)
        if waits is not None and waits not in but:
            raise Moved(meanwhile(waits))
        since = settled_before(unit.now, self.terms.age, self.ministry)
        if link is not None and (sent := now.spoken.get(link.id)) is not None and sent > since:
            raise Moved(Said("it was sent just now"))
        return link


def meanwhile(waits: Waits) -> Said:
    """Say what has come in the way since the finding was made."""
    return Said("something is on its way by now ({what})", what=waits.value)
