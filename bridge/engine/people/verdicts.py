"""What a decision on a conflict of a field comes to: pure, from both sides as they are now.

A status is moved only as the law allows; a reopening when a person confirms it.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.domain.decide import Ruling, Take
from bridge.domain.dossier import Fields, Json, Snapshot
from bridge.domain.said import Said
from bridge.domain.status import MOVES, legal, reopening
from bridge.engine.house import Ministry
from bridge.engine.people.keyed import read_value
from bridge.engine.people.refusal import Refusal
from bridge.engine.weighing import weigh
from bridge.store import Conflict, Link
from bridge.store.conflicts import BY_PERSON

STATUS = "status"

_OURS, _THEIRS, _KEYED = BY_PERSON


@dataclass(frozen=True, slots=True)
class Table:
    """A conflict with both sides as they are now, before a decision."""

    ministry: Ministry
    conflict: Conflict
    link: Link
    row: Snapshot
    base: Fields | None
    theirs: Fields | None
    here: Json
    there: Json

    @property
    def path(self) -> str:
        """The field."""
        return self.conflict.field


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to keep and to do: ``ruling`` (``None``: the rules decide), ``does`` in words.

    ``how`` is how the conflict ended. ``keyed``: ``value`` is written into the one-stop.
    """

    ruling: Ruling | None
    does: Said
    how: str
    keyed: bool = False
    value: Json = None


def verdict(table: Table, take: str) -> Verdict:
    """Return what taking ``onestop``, ``ministry`` or a value comes to.

    Raises:
        Refusal: it can't be decided so; what to do instead is said.
    """
    match take:
        case "onestop":
            return _take_ours(table)
        case "ministry":
            return _take_theirs(table)
        case "none":
            said = Said(
                "none is said of records that look like a dossier, and this conflict is about "
                "{field}: take onestop, ministry or a value",
                field=table.path,
            )
            raise Refusal(said)
        case _:
            return _take_value(table, take)


def _take_ours(table: Table) -> Verdict:
    ministry, system = table.ministry, table.ministry.name
    sends = table.path in ministry.lens.outgoing and table.conflict.why != "never_equal"
    if table.path == STATUS:
        sends = _may_be_told(table)
    if sends:
        does = Said("the one-stop's value goes to {system}", system=system)
        return Verdict(_ruling(table, Take.ONESTOP), does, _OURS)
    does = Said(
        "each side keeps its own: nothing is sent to {system} on that account, until one changes it",
        system=system,
    )
    return Verdict(_ruling(table, Take.NEITHER), does, _OURS)


def _may_be_told(table: Table) -> bool:
    """Tell whether a status of the one-stop may be sent: by the law, or reopened by a person."""
    here, there = table.here, table.there
    if not isinstance(here, int) or not (isinstance(there, int) or there is None):
        return False
    if table.ministry.mirror:
        return legal(there, here) or reopening(there, here)
    return here in table.ministry.lens.status_out and legal(there, here)


def _take_theirs(table: Table) -> Verdict:
    here, there = table.here, table.there
    if table.ministry.mirror:
        said = Said(
            "{system} only shows what the one-stop says: correct it in the one-stop, or take "
            "onestop",
            system=table.ministry.name,
        )
        raise Refusal(said)
    if table.path == STATUS:
        _may_become(here, there)
    does = Said("the ministry's value is written into the one-stop")
    return Verdict(_ruling(table, Take.MINISTRY), does, _THEIRS)


def _may_become(here: Json, there: Json) -> None:
    """Refuse a move of the one-stop's status that the law does not know."""
    old = here if isinstance(here, int) else None
    if isinstance(there, int) and (legal(old, there) or reopening(old, there)):
        return
    moves = sorted(MOVES.get(old, frozenset())) if old is not None else []
    said = Said(
        "a dossier of status {old} can't become {new} (from {old} it may become: {moves}); correct "
        "the status in the one-stop and the conflict ends by itself, or take onestop and each side "
        "keeps its own",
        old=str(old),
        new=str(there),
        moves=", ".join(map(str, moves)) or "-",
    )
    raise Refusal(said)


def _take_value(table: Table, text: str) -> Verdict:
    path, lens = table.path, table.ministry.lens
    value = read_value(path, text, table.here, table.there)
    if path not in lens.outgoing:
        said = Said(
            "{field} is not sent to {system}: key it in the one-stop, and take onestop",
            field=path,
            system=table.ministry.name,
        )
        raise Refusal(said)
    does = Said(
        "the value is written into the one-stop, and goes to {system}", system=table.ministry.name
    )
    if path == STATUS:
        _status_keyed(table, value)
        return Verdict(None, does, _KEYED, keyed=True, value=value)
    ruling = None if value == table.there else Ruling(value, table.there, Take.ONESTOP)
    return Verdict(ruling, does, _KEYED, keyed=True, value=value)


def _status_keyed(table: Table, value: Json) -> None:
    """Refuse a status that can't be keyed, or would be a conflict (or wait) again."""
    _may_become(table.here, value)
    ours = {**table.ministry.lens.project(table.row.fields), STATUS: value}
    decision = weigh(table.ministry, table.base, ours, table.theirs)
    if STATUS in decision.waits or any(one.path == STATUS for one in decision.clashes):
        said = Said(
            "{system} can't be told of status {new}: it shows {there}, and only the ministry may "
            "move it there",
            system=table.ministry.name,
            new=str(value),
            there=str(table.there),
        )
        raise Refusal(said)


def _ruling(table: Table, take: Take) -> Ruling:
    return Ruling(table.here, table.there, take)
