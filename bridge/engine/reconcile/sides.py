"""One dossier on both sides: what its fields come to, and which steps the ministry lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bridge.domain.authority import Owner
from bridge.domain.decide import Decision
from bridge.domain.dossier import Fields, Json, Snapshot
from bridge.domain.reconcile import Compared, FieldDifference, differences
from bridge.domain.supplements import ready
from bridge.engine.house import Ministry
from bridge.engine.reconcile.asking import Desk
from bridge.engine.seen import Seen
from bridge.engine.weighing import rulings, weigh
from bridge.mapping import Lens
from bridge.mapping.spec import READ_BACK
from bridge.sdk.records import Record
from bridge.store import Link


@dataclass(frozen=True, slots=True)
class Sides:
    """What a comparison of fields comes to; ``base`` is what both agree on by what is shown."""

    fields: tuple[FieldDifference, ...]
    base: Mapping[str, Json]


def compare(
    ministry: Ministry, ours: Snapshot, link: Link | None, seen: Seen, held: frozenset[str]
) -> Sides:
    """Compare a dossier with its record, field by field, as far as the ministry can know it."""
    if ministry.mirror:
        return _mirrored(ministry, ours, link, seen, held)
    lens, base = ministry.lens, None if link is None else link.base
    remembered = None if link is None else link.theirs
    ruled = None if link is None else rulings(link)
    shown = lens.project(seen.fields)
    mine = lens.project(ready(ours.fields, base))
    theirs = {**(remembered or {}), **shown}
    same = base is not None and all(mine.get(path) == value for path, value in shown.items())
    same = same and all(mine.get(path) == (base or {}).get(path) for path in lens.outgoing)
    heard = remembered is None or all(remembered.get(path) == one for path, one in shown.items())
    if same and heard:
        return Sides((), base or {})  # both say what was agreed, and what was heard last
    decision = Decision() if same else weigh(ministry, base, mine, theirs, ruled)
    owners = {path: lens.owner(path) for path in shown}
    compared = Compared(mine, theirs, remembered, decision, owners, held, _forms(lens))
    return Sides(differences(compared), base or {})


def _mirrored(
    ministry: Ministry, ours: Snapshot, link: Link | None, seen: Seen, held: frozenset[str]
) -> Sides:
    """Compare with a mirror: what it shows is as if that had been agreed last, whatever the link says.

    What it does not show (the files of a dossier) is taken to be as it was sent; so is a list of which
    it shows a part, where that part is the same.
    """
    lens = ministry.lens
    fields = ready(ours.fields, None if link is None else link.base)
    mine, told = lens.project(fields), lens.shown(fields)
    agreed = {**mine, **((link.base if link is not None else None) or {})}
    shown = {
        path: seen.fields.get(path)
        for path in told
        if told[path] != seen.fields.get(path) or told[path] == mine.get(path)
    }
    base = {**agreed, **shown}
    decision = weigh(ministry, base, mine, None, None if link is None else rulings(link))
    theirs = {**{path: mine.get(path) for path in told}, **shown}
    compared = Compared(mine, theirs, None, decision, {}, held, _forms(lens))
    return Sides(differences(compared), base)


def went_back(link: Link, record: Record) -> bool:
    """Tell whether a record bears an older version than was seen of it."""
    if record.version is None or link.theirs_version is None:
        return False
    return record.version < link.theirs_version


def unshown(lens: Lens, base: Mapping[str, Json]) -> dict[str, Json]:
    """Return what is agreed on with all forgotten that goes out and that no record shows."""
    forgotten = lens.outgoing - lens.incoming - {"code"}
    return {path: None if path in forgotten else value for path, value in base.items()}


@lru_cache
def _forms(lens: Lens) -> Mapping[str, tuple[str, ...]]:
    """Return the names of the transforms by which each path is made comparable."""
    readers = [rule for rule in lens.rules if rule.way in READ_BACK and rule.via]
    return {rule.ours: tuple(step.name for step in rule.via) for rule in readers}


def vanished(ministry: Ministry, ours: Fields, seen: Seen) -> dict[str, Json]:
    """Return what only the ministry says, the one-stop has, and the ministry shows no more."""
    lens = ministry.lens
    return {
        path: ours[path]
        for path, value in lens.project(seen.fields).items()
        if value is None and ours.get(path) is not None and lens.owner(path) is Owner.MINISTRY
    }


def lost_steps(desk: Desk, ours: Snapshot, sent: Sequence[str], *, every: bool) -> tuple[str, ...]:
    """Return the ids of the steps in the ledger that the ministry does not show.

    ``sent`` is the ledger: the ids of the steps that were applied, in the order they were sent.

    It shows steps in the order they came in, and a backup holds a beginning of them: so the last
    is asked about, then those before it until one is there. ``every``: all are, for one may have
    been sent since the backup was restored.

    Raises:
        AdapterError: one could not be asked about.
    """
    rows: Any = ours.get("progress") or []
    by_id = {str(row["id"]): row for row in rows}
    missing: list[str] = []
    for step in reversed(sent):
        row = by_id.get(step)
        if row is None:
            continue
        if desk.lacks_step(ours.code, row):
            missing.append(step)
        elif not every:
            break
    return tuple(reversed(missing))
