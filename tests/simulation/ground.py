"""What every seed stands on, made once a process: settings, compiled mappings, empty databases."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import NullPool, create_engine

from adapters.onestop_sql.invented import Invention
from bridge.bootstrap import open_ministry, open_onestop
from bridge.engine.house import Ministry
from bridge.sdk.adapter import Adapter, AdapterContext
from bridge.sdk.onestop import OneStopContext
from bridge.sdk.registry import Registry
from bridge.sdk.soap import SoapClient
from bridge.sdk.soap_contract import Wire
from bridge.settings import Settings, load
from bridge.store import Store, upgrade
from tests.simulation.kernel import BEGINNING

SYSTEMS = ("dvcqg", "gplx", "hotich", "lltp")
GPLX, HOTICH, LLTP, PORTAL_ONLY = "1.002835", "1.001193", "2.000488", "1.003709"
"""Procedures: PORTAL_ONLY goes to the portal and to no sector ministry of the simulation."""

PROCEDURES = {"dvcqg": ["*"], "gplx": [GPLX], "hotich": [HOTICH], "lltp": [LLTP]}
PORTS = {name: 9100 + n for n, name in enumerate(SYSTEMS)}

TIMEOUT = 2.0
"""Seconds; doubt's grace is twice that, as the settings have it."""

SHARDS = 2
MEMORY = Path("/dev/shm")
"""A disk in memory, where the machine has one."""


def beginning() -> datetime:
    """Return the moment every seed begins at."""
    return BEGINNING


class Machine:
    """A machine the bridge runs on: its way to both databases, and its clock.

    Both are kept from seed to seed, for what they compiled; ``now`` is set by each.
    """

    def __init__(
        self, ground: Ground, store: Callable[[str, Callable[[], datetime]], Store]
    ) -> None:
        self.clock: Callable[[], datetime] = beginning
        self.store = store(ground.settings.store.url, self.now)
        self.onestop = open_onestop(ground.settings, ground.registry, self.now)

    def now(self) -> datetime:
        """Return what its clock shows."""
        return self.clock()

    def boot(self) -> None:
        """Know no more than a new process: when it last read the whole overlap is kept in memory."""
        cast("Any", self.onestop)._capture._whole_at = None

    def let_go(self) -> None:
        """Close every connection."""
        self.store.close()
        self.onestop.close()


@dataclass(frozen=True)
class _Model:
    """A system as it is configured, to make the same again with an adapter of its own."""

    ministry: Ministry
    build: Callable[[Callable[[], datetime]], Adapter]


class Ground:
    """The folder of a simulation, its settings and what is made from them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.registry = Registry.load()
        self.rehearse(beginning)
        self._write()
        self.office = create_engine(f"sqlite:///{folder}/onestop.db", poolclass=NullPool)
        """The clerk's way to the one-stop database; kept, for the statements it compiled."""
        self.settings: Settings = load(folder / "bridge.toml", {})
        self._empty()
        self._models = {one.name: self._model(one) for one in self.settings.enabled}
        self.machines: list[Machine] = []

    def machine(self, n: int, store: Callable[[str, Callable[[], datetime]], Store]) -> Machine:
        """Return the ``n``-th machine."""
        while len(self.machines) <= n:
            self.machines.append(Machine(self, store))
        return self.machines[n]

    def rehearse(self, now: Callable[[], datetime]) -> dict[str, Any]:
        """Return new ministries, which nobody serves: they are spoken to in process."""
        self.rehearsals: dict[str, Any] = {}
        for name in SYSTEMS:
            make = self.registry.ministry(name).rehearsal
            assert make is not None
            made: Any = make() if name == "dvcqg" else make(now=now)
            made._port = PORTS[name]
            self.rehearsals[name] = made
        return self.rehearsals

    def ministry(self, name: str, now: Callable[[], datetime]) -> Ministry:
        """Return a system as one process speaks to it."""
        model = self._models[name]
        return replace(model.ministry, adapter=model.build(now))

    def clear(self) -> None:
        """Put both databases back to where every seed begins."""
        for machine in self.machines:
            machine.let_go()
        for name in ("bridge.db", "onestop.db"):
            for ending in ("-wal", "-shm"):
                (self.folder / f"{name}{ending}").unlink(missing_ok=True)
            shutil.copyfile(self.folder / f"empty-{name}", self.folder / name)
        shutil.rmtree(self.folder / "documents")
        (self.folder / "documents").mkdir()

    def _model(self, one: Any) -> _Model:
        ministry = open_ministry(self.settings, one, self.registry, beginning)
        plugin = self.registry.ministry(one.adapter)
        options = one.options_for(plugin)
        read: Any = getattr(getattr(ministry.adapter, "_client", None), "_soap", None)
        contract = read._contract() if isinstance(read, SoapClient) else None

        def build(now: Callable[[], datetime]) -> Adapter:
            context = AdapterContext(
                name=one.name,
                folder=self.folder,
                timeout_seconds=TIMEOUT,
                max_in_flight=SHARDS,
                now=now,
            )
            adapter = plugin.build(options, context)
            if contract is not None:
                _share(contract, adapter)
            return adapter

        return _Model(replace(ministry, max_in_flight=SHARDS), build)

    def _write(self) -> None:
        (self.folder / "systems").mkdir()
        (self.folder / "documents").mkdir()
        (self.folder / "bridge.toml").write_text(
            f'[store]\nurl = "sqlite:///{self.folder}/bridge.db"\n'
            f'[onestop]\nurl = "sqlite:///{self.folder}/onestop.db"\ndocuments = "documents"\n',
            encoding="utf-8",
        )
        for name, ministry in self.rehearsals.items():
            lines = [f'name = "{name}"', f'adapter = "{name}"', f"timeout_seconds = {TIMEOUT}"]
            lines += [f"procedures = {json.dumps(PROCEDURES[name])}", "[options]"]
            lines += [f"{key} = {json.dumps(value)}" for key, value in ministry.options().items()]
            for key, secret in ministry.secrets().items():
                place = self.folder / f"{name}.{key}"
                place.write_text(secret, encoding="utf-8")
                lines.append(f'{key} = {{ file = "{place}" }}')
            file = self.folder / "systems" / f"{name}.toml"
            file.write_text("\n".join(lines) + "\n", encoding="utf-8")

    def _empty(self) -> None:
        """Make the databases every seed begins with."""
        upgrade(self.settings.store.url)
        plugin = self.registry.onestop("onestop_sql")
        assert plugin.create is not None
        options = self.settings.onestop.options_for(plugin)
        plugin.create(options, OneStopContext(self.folder, beginning))
        with self.office.begin() as connection:
            Invention(0).seed_catalogue(connection)
        for name in ("bridge.db", "onestop.db"):
            shutil.copyfile(self.folder / name, self.folder / f"empty-{name}")


def _share(contract: Any, adapter: Adapter) -> None:
    """Give an adapter the WSDL that was read before: zeep takes a tenth of a second for it."""
    import copy

    soap: Any = cast("Any", adapter)._client._soap
    client = copy.copy(contract.client)
    writes = {contract.operations[name].action for name in soap._writes}
    client.transport = Wire(soap._http, writes)
    soap._read = replace(contract, client=client)
