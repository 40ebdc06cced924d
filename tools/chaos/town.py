"""The town of a run: ministries in processes of their own, a proxy before each, the office's folder."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.bootstrap import clock
from bridge.sdk.onestop import OneStopContext
from bridge.sdk.registry import Registry
from bridge.sdk.rehearsal_alone import Alone, alone
from bridge.settings import Settings, load
from tools.chaos.databases import Databases
from tools.chaos.proxy import FaultProxy

PROCEDURES: Mapping[str, Sequence[str]] = {
    "dvcqg": ("*",),
    "lltp": ("2.000488",),
    "hotich": ("1.001193",),
    "dkkd": ("2.001610",),
    "gplx": ("1.002835", "1.002809"),
    "yte": ("1.003709",),
}
SECTORS = tuple(name for name in PROCEDURES if name != "dvcqg")
POLL_SECONDS = 5
TIMEOUT_SECONDS = 2.0
"""With 30 seconds, as they come, a doubt would be asked about for the first time after a minute."""

_LOOPBACK = re.compile(r"http://127\.0\.0\.1:(\d+)")


@dataclass(frozen=True)
class Ministry:
    """A ministry in a process of its own. ``proxy`` is ``None`` where files are exchanged."""

    name: str
    process: Alone
    proxy: FaultProxy | None
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, call: str, *args: object, **kwargs: object) -> Any:
        """Let it do something; safe from several threads."""
        with self._turn:
            return self.process.tell(call, *args, **kwargs)

    def options(self) -> dict[str, Any]:
        """Return ``[options]``, with the proxy's address where the ministry's own was."""
        return {
            key: _LOOPBACK.sub(f"http://127.0.0.1:{self.proxy.port}", value)
            if self.proxy and isinstance(value, str)
            else value
            for key, value in self.process.options.items()
        }


@dataclass(frozen=True)
class Town:
    """Everything but the bridge: ``folder`` holds what it reads and writes."""

    folder: Path
    databases: Databases
    ministries: Mapping[str, Ministry]
    settings: Settings
    """As the bridge's, but with the databases' direct addresses."""

    @property
    def proxies(self) -> dict[str, FaultProxy]:
        """Return every proxy by the side it stands before."""
        ministries = {one.name: one.proxy for one in self.ministries.values() if one.proxy}
        return ministries | dict(self.databases.proxies)


@contextmanager
def town(folder: Path, databases: Databases, port: int) -> Iterator[Town]:
    """Found a town in ``folder``; the daemon is to serve at ``port``. Ministries end with it."""
    with ExitStack() as stack:
        ministries = {name: _ministry(name, stack) for name in PROCEDURES}
        _write(folder, databases, ministries, port)
        direct = {
            "DOSSIER_BRIDGE__STORE__URL": databases.direct["store"],
            "DOSSIER_BRIDGE__ONESTOP__URL": databases.direct["onestop"],
        }
        settings = load(folder / "bridge.toml", direct)
        plugin = Registry.load().onestop(settings.onestop.adapter)
        if plugin.create is None:
            raise RuntimeError("the one-stop adapter can't create a database")
        options = settings.onestop.options_for(plugin)
        plugin.create(options, OneStopContext(folder, clock))
        yield Town(folder, databases, ministries, settings)


def _ministry(name: str, stack: ExitStack) -> Ministry:
    process = stack.enter_context(alone(name))
    ports = {port for value in process.options.values() for port in _LOOPBACK.findall(str(value))}
    if not ports:
        return Ministry(name, process, None)
    proxy = FaultProxy(name, ("127.0.0.1", int(ports.pop())))
    proxy.start()
    stack.callback(proxy.stop)
    return Ministry(name, process, proxy)


def _write(
    folder: Path, databases: Databases, ministries: Mapping[str, Ministry], port: int
) -> None:
    (folder / "systems").mkdir(parents=True)
    (folder / "documents").mkdir()
    urls = databases.through
    (folder / "bridge.toml").write_text(
        f'[store]\nurl = "{urls["store"]}"\n'
        f'[onestop]\nurl = "{urls["onestop"]}"\ndocuments = "documents"\npoll_seconds = 0.5\n'
        f'[console]\nlisten = "127.0.0.1:{port}"\n',
        encoding="utf-8",
    )
    for name, ministry in ministries.items():
        lines = [
            f'name = "{name}"',
            f'adapter = "{name}"',
            f"procedures = {json.dumps(list(PROCEDURES[name]))}",
            f"poll_seconds = {POLL_SECONDS}",
            f"timeout_seconds = {TIMEOUT_SECONDS}",
            "[options]",
        ]
        lines += [f"{key} = {json.dumps(value)}" for key, value in ministry.options().items()]
        for key, secret in ministry.process.secrets.items():
            place = folder / f".{name}.{key}"
            place.write_text(secret, encoding="utf-8")
            place.chmod(0o600)
            lines.append(f'{key} = {{ file = "{place.name}" }}')
        text = "\n".join(lines) + "\n"
        (folder / "systems" / f"{name}.toml").write_text(text, encoding="utf-8")
