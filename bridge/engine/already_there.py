"""Whether a system has a dossier already that the bridge never sent: keyed there by hand.

Asked before a dossier of the past goes out as new to a system that would make a second record of it.
A question that fails, and fails again however often it is put, is that dossier's own trouble.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bridge.domain.dossier import Snapshot
from bridge.domain.said import Said
from bridge.engine import ask, brake
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile.asking import Desk
from bridge.engine.settle import without_people
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.records import Record


@dataclass(frozen=True, slots=True)
class Answers:
    """What a system says of dossiers: its records, by code; of two, one.

    ``unanswered`` are those of which nothing was learnt, though the system could be called, and why.
    ``stopped`` is why the rest was not asked about, where it was not.
    """

    there: Mapping[str, Record] = field(default_factory=dict)
    unanswered: Mapping[str, AdapterError] = field(default_factory=dict)
    stopped: AdapterError | None = None

    def new(self, ours: Sequence[Snapshot]) -> list[Snapshot]:
        """Return those of the dossiers asked about that the system does not have."""
        return [one for one in ours if one.code not in {*self.there, *self.unanswered}]


def asks(ministry: Ministry) -> bool:
    """Tell whether a system is asked: what is sent twice is there twice, and it can tell."""
    can = ministry.capabilities
    return (
        can.writes
        and can.submit == "not_idempotent"
        and can.probes
        and can.fetches
        and not ministry.mirror
    )


def already_there(
    house: House, ministry: Ministry, ours: Sequence[Snapshot], *, trying: bool = False
) -> Answers:
    """Ask which of these dossiers a system has, as long as it takes calls.

    ``trying``: a person asks, and a system that is held or was not reached is tried.
    """
    there: dict[str, Record] = {}
    unanswered: dict[str, AdapterError] = {}
    if not ours or not asks(ministry):
        return Answers()
    desk = Desk(house, ministry)
    for one in ours:
        if (shut := _shut(house, ministry, trying=trying)) is not None:
            return Answers(there, unanswered, shut)
        try:
            record = _record(desk, one.code)
        except AdapterError as error:
            if not _is_of_system(error):
                unanswered[one.code] = error
            if not is_its_own(error):
                return Answers(there, unanswered, error)
        else:
            there |= {} if record is None else {one.code: record}
    shut = _shut(house, ministry, trying=trying) if unanswered else None
    return Answers(there, unanswered, shut)


def is_its_own(error: AdapterError) -> bool:
    """Tell whether an error is of the dossier asked about: the system can be asked about the next."""
    return isinstance(error, (ContractBroken, Rejected, ask.Unsure, ask.Unexpected))


def why(house: House, ministry: Ministry, ours: Snapshot, error: AdapterError) -> str:
    """Return why nothing was learnt of a dossier, without what it says of people."""
    lists = house.shelf.last(ministry.name)
    return without_people(error.reason, ministry, ours.fields, lists)


def _shut(house: House, ministry: Ministry, *, trying: bool) -> Retryable | None:
    """Return why the system is not called for what nobody waits for; ``None`` where it is."""
    if trying or brake.look(house, ministry).takes_any:
        return None
    return Retryable(Said("the system may not be called now"))


def _record(desk: Desk, code: str) -> Record | None:
    """Ask for the record of a dossier; ``None``: the system has none.

    Raises:
        AdapterError: nothing was learnt of it.
    """
    applied = desk.found(code)
    if applied is None:
        return None
    record = None if applied.ref is None else desk.record(applied.ref)
    if record is None:
        raise ContractBroken(Said("it says that it has the dossier, and shows no record of it"))
    return record


def _is_of_system(error: AdapterError) -> bool:
    """Tell whether an error says that the system takes no calls now, whatever they are about."""
    if isinstance(error, Retryable):
        return error.unreachable or error.after is not None
    return isinstance(error, (AuthFailed, Maintenance))
