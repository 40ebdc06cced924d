"""Looks once a day when the certificates end that each system, and each server of ours, depends on."""

from __future__ import annotations

from datetime import timedelta

from bridge.engine.house import House
from bridge.engine.watch.station import Watch
from bridge.store import Certificate

EVERY = timedelta(hours=24)
AGAIN = timedelta(hours=1)
"""When one that could not be read is looked at again."""


def look(house: House, watch: Watch) -> int:
    """Look at the certificates that were not looked at today; returns how many."""
    with house.store.read() as unit:
        known = unit.watched.certificates()
    now, looked = house.now(), 0
    for system, certificates_of in watch.certificates.items():
        mine = [one for one in known if one.system == system]
        if mine and not any(now - one.looked_at >= _patience(one) for one in mine):
            continue
        found = list(certificates_of())
        looked += len(found)
        with house.store.write("certificates") as unit:
            for one in found:
                unit.watched.looked_at(system, one.place, one.ends_at, one.trouble)
            unit.watched.keep_certificates(system, [one.place for one in found])
    return looked


def _patience(one: Certificate) -> timedelta:
    return AGAIN if one.trouble else EVERY
