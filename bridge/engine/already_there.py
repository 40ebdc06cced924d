"""Whether a system has a dossier already that the bridge never sent: keyed there by hand.

Asked before a dossier of the past goes out as new to a system that would make a second record of it.
"""

from __future__ import annotations

from collections.abc import Collection

from bridge.domain.said import Said
from bridge.engine import brake
from bridge.engine.house import House, Ministry
from bridge.engine.reconcile.asking import Desk
from bridge.sdk.errors import Retryable
from bridge.sdk.records import Record


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
    house: House, ministry: Ministry, codes: Collection[str], *, trying: bool = False
) -> dict[str, Record]:
    """Return the records that a system has of these dossiers, by code; of two, one.

    ``trying``: a person asks, and a system that is held or was not reached is tried.

    Raises:
        AdapterError: it can't be asked now.
    """
    if not codes or not asks(ministry):
        return {}
    desk = Desk(house, ministry)
    found: dict[str, Record] = {}
    for code in codes:
        if not trying and not brake.look(house, ministry).takes_any:
            raise Retryable(Said("the system may not be called now"))
        applied = desk.found(code)
        record = None if applied is None or applied.ref is None else desk.record(applied.ref)
        if record is not None:
            found[code] = record
    return found
