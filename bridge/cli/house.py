"""The house as a command opens it: everything put together, and let go of at the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from bridge.bootstrap import Opened, open_house
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault
from bridge.engine import switched_off
from bridge.engine.brake import OUTSIDE_HOURS
from bridge.engine.house import Ministry
from bridge.engine.survey import Standing
from bridge.i18n import _
from bridge.settings import suggest
from bridge.store import FIRST_REVISION, Listener
from bridge.store.systems import HELD

__all__ = ["needs_a_person", "opened", "places_named", "systems_named"]


@contextmanager
def opened(
    desk: Desk, on_journal: Listener | None = None, *, accept_key: bool = False
) -> Iterator[Opened]:
    """Open the configured house; the store is brought up to date on the way.

    ``on_journal`` hears what is journalled, transaction by transaction; ``accept_key`` as in
    ``open_house``.
    """
    house = open_house(desk.settings(), on_journal=on_journal, accept_key=accept_key)
    if FIRST_REVISION in house.upgraded:
        desk.say(_("the bridge's tables were made"))
    elif house.upgraded:
        desk.say(_("the bridge's tables were upgraded: {list}", list=", ".join(house.upgraded)))
    try:
        yield house
    finally:
        house.close()


def systems_named(house: Opened, names: Sequence[str]) -> list[Ministry]:
    """Return the systems with these names, all of them without any; an unknown one is a fault."""
    known = house.house.ministries
    for name in names:
        if name not in known:
            raise CommandFault(
                _("there is no system {name}", name=name) + suggest(name, list(known))
            )
    return [one for one in known.values() if not names or one.name in names]


def places_named(house: Opened, names: Sequence[str]) -> list[str]:
    """Return these systems, all of them without any: those that are switched off too.

    Of those only where something is left; a name that is neither is a fault.
    """
    off = switched_off.names(house.house)
    systems_named(house, [name for name in names if name not in off])
    known = [*house.house.ministries, *off]
    return [name for name in known if not names or name in names]


def needs_a_person(one: Standing) -> bool:
    """Tell whether a system's line holds what only a person can decide or mend."""
    locked_out = one.state == HELD and OUTSIDE_HOURS not in one.reasons
    undecided = one.conflicts or one.quarantined or one.orphans or one.stale_lists
    unanswered = one.in_doubt or one.overdue or one.unanswered
    return bool(undecided or unanswered or one.dead or locked_out)
