"""What every room of the engine works with: the store, the two sides, the clock, chance.

Everything that differs between a test, the simulation and the daemon is handed in here; no
room reads a clock, sleeps, or makes a thread of its own.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, tzinfo
from random import Random

from bridge.domain.delivery import Policy
from bridge.domain.dossier import Fields
from bridge.domain.file_addresses import FileAddresses
from bridge.engine.leases import Leases
from bridge.engine.marks import Marks
from bridge.engine.moments import Moments
from bridge.engine.payloads import Safe
from bridge.engine.shelf import Shelf
from bridge.engine.tally import Tally
from bridge.mapping import Lens
from bridge.sdk.adapter import Adapter
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.onestop import OneStop
from bridge.sdk.records import DOSSIER
from bridge.store import Store

ONESTOP = "onestop"
"""The source name of the one-stop database in the inbox and the journal."""


@dataclass(frozen=True)
class Ministry:
    """One connected system: how it is spoken to, what it is sent, how it is spared.

    ``lenses`` holds its mappings by the kind of record (see ``Plugin.mappings``).

    ``procedures`` are the codes it handles, ``("*",)`` for all. ``mirror`` marks a system that
    shows the one-stop's dossiers and owns nothing. ``lease_seconds`` outlives its longest call.
    ``open_hours`` is local; ``None`` means always open. ``onboard`` says whether it begins with
    reading only, ``None``: as ``engine.admission`` sees fit; ``successor`` names the system that takes
    its procedures over once it is retired. ``options`` is a hash of the adapter's options as they are
    configured (no secret is in them, only where it lies): another address is another world.
    ``max_document_mb`` is the largest file it
    is sent, ``max_result_mb`` the largest it issues that is taken in, both in MB of 1,048,576 bytes.
    """

    name: str
    title: str
    adapter: Adapter
    lenses: Mapping[str, Lens]
    procedures: tuple[str, ...]
    policy: Policy
    poll_seconds: float = 30.0
    max_in_flight: int = 4
    rate_per_second: float | None = None
    lease_seconds: float = 120.0
    open_hours: tuple[time, time] | None = None
    import_procedure: str | None = None
    max_document_mb: float = 20.0
    max_result_mb: float = 50.0
    onboard: bool | None = None
    successor: str | None = None
    options: str = ""

    @property
    def lens(self) -> Lens:
        """The mapping of a dossier as a whole."""
        return self.lenses[DOSSIER]

    @property
    def step_lens(self) -> Lens | None:
        """The mapping of a progress step, where the system takes steps."""
        return self.lenses.get("step")

    @property
    def lists(self) -> frozenset[str]:
        """The code lists its mappings look into."""
        return frozenset(name for one in self.lenses.values() for name in one.lists)

    @property
    def needed(self) -> frozenset[str]:
        """Those of them without which something can't be translated."""
        return frozenset(name for one in self.lenses.values() for name in one.needed)

    @property
    def needed_outward(self) -> frozenset[str]:
        """Those of them without which nothing is sent."""
        steps = self.step_lens
        return self.lens.needed | (steps.needed if steps else frozenset())

    @property
    def capabilities(self) -> Capabilities:
        """What the adapter declares."""
        return self.adapter.capabilities

    @property
    def mirror(self) -> bool:
        """Whether the system owns nothing: it takes every procedure and gives no feed."""
        return self.capabilities.mirrors

    @property
    def takes_the_first_only(self) -> bool:
        """Whether it takes no corrections: what it is sent must find nothing agreed yet.

        A part of a dossier that comes before our first word (others had filed it under its code)
        waits for it, and for the answer that it is there already.
        """
        return self.capabilities.writes and not self.capabilities.updates

    def takes(self, procedure: str | None) -> bool:
        """Tell whether dossiers of this procedure go to this system."""
        return "*" in self.procedures or procedure in self.procedures

    def shard_of(self, code: str) -> int:
        """Return the shard that works this dossier's deliveries, the same for ever."""
        return zlib.crc32(code.encode()) % self.max_in_flight

    def carried(self, fields: Fields) -> Fields:
        """Return the part of a dossier that goes out to this system."""
        outgoing = self.lens.outgoing
        return {path: value for path, value in fields.items() if path in outgoing}


@dataclass(frozen=True)
class House:
    """Everything a room needs.

    ``owner`` names this process in leases. ``alive`` tells whether the process an owner names
    still lives (``True`` when it can't be known). ``wake`` is called with a system's name when
    there is something for it to do, ``aloud`` with a system's name and what people must know of
    its feed now, ``weather`` with a system's name, the state it is in from now on, and why.
    Of a source that has ``waiting_most`` records waiting to be worked no more are read.
    ``addresses`` makes addresses of files, ``None`` while nobody can fetch any. ``safe`` keeps what
    is sent and answered. ``marks`` are what records without a dossier are found by.
    """

    store: Store
    onestop: OneStop
    ministries: Mapping[str, Ministry]
    now: Callable[[], datetime]
    sleep: Callable[[float], None]
    chance: Random
    owner: str
    zone: tzinfo
    marks: Marks
    alive: Callable[[str], bool] = lambda _owner: True
    wake: Callable[[str], None] = lambda _name: None
    aloud: Callable[[str, str], None] = lambda _name, _text: None
    weather: Callable[[str, str, str | None], None] = lambda _name, _state, _reason: None
    page: int = 200
    waiting_most: int = 10_000
    addresses: FileAddresses | None = None
    safe: Safe = field(default_factory=Safe)
    leases: Leases = field(default_factory=Leases)
    shelf: Shelf = field(default_factory=Shelf)
    tally: Tally = field(default_factory=Tally)
    moments: Moments = field(default_factory=Moments)

    def routed(self, procedure: str | None) -> list[Ministry]:
        """Return the systems that dossiers of this procedure go to."""
        return [one for one in self.ministries.values() if one.takes(procedure)]

    def sector(self, procedure: str | None) -> Ministry | None:
        """Return the one system among them that does not mirror."""
        return next((one for one in self.routed(procedure) if not one.mirror), None)
