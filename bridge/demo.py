"""A whole office on this machine: a one-stop database, rehearsal ministries, the daemon.

Builds the configuration a real office would have in a folder, starts the ministries, and plays a
script on top: a ministry goes down and comes back, an answer is lost, a dossier is refused, the
ministries move their dossiers on and file some of their own, the portal comes for papers.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any, cast

from bridge.bootstrap import Opened, clock, open_house
from bridge.daemon import Daemon
from bridge.domain.dossier import Snapshot
from bridge.engine import survey
from bridge.engine.survey import Balance
from bridge.sdk.onestop import Amendment, OneStopChange, OneStopContext
from bridge.sdk.registry import Registry
from bridge.sdk.rehearsal import Fault, Rehearsal
from bridge.settings import load
from bridge.web import Web

SYSTEMS: Mapping[str, Sequence[str]] = {
    "dvcqg": ("*",),
    "lltp": ("2.000488",),
    "hotich": ("1.001193",),
    "dkkd": ("2.001610",),
    "gplx": ("1.002835", "1.002809"),
    "yte": ("1.003709",),
}
SECTORS = tuple(name for name, codes in SYSTEMS.items() if codes != ("*",))
PROCEDURES = tuple(code for codes in SYSTEMS.values() for code in codes if code != "*")
OWN_EACH = 3
"""How many dossiers each sector ministry files by itself."""

FETCHED_MOST = 50
"""How many papers the portal comes for in the script."""

SEED = 20191213
TIMEOUT_SECONDS = 2.0
GRACE_SECONDS = 4.0


@dataclass(frozen=True)
class Event:
    """One thing that happens in the script, as the reader is told."""

    name: str
    detail: str = ""


class Town:
    """The office, its ministries, and the daemon between them, all in one folder."""

    def __init__(self, folder: Path, dossiers: int) -> None:
        self.folder = folder
        self.dossiers = dossiers
        self.registry = Registry.load()
        self.ministries: dict[str, Rehearsal] = {}
        self.refused: str | None = None
        self._port = _free_port()
        self._opened: Opened | None = None
        self._daemon: Daemon | None = None
        self._web: Web | None = None
        self._own = 0

    @property
    def opened(self) -> Opened:
        """The opened house."""
        if self._opened is None:
            raise RuntimeError("the town is not built yet")
        return self._opened

    @property
    def daemon(self) -> Daemon:
        """The running daemon."""
        if self._daemon is None:
            raise RuntimeError("the daemon is not started yet")
        return self._daemon

    def build(self) -> None:
        """Start the ministries, write the configuration, key the dossiers, spoil one of them."""
        for name in SYSTEMS:
            make = self.registry.ministry(name).rehearsal
            if make is None:
                raise RuntimeError(f"{name} has no rehearsal ministry")
            given = {"root": self.folder / "yte"} if name == "yte" else {}
            self.ministries[name] = cast("Rehearsal", make(**given))
            self.ministries[name].start()
        self._write()
        settings = load(self.folder / "bridge.toml", {})
        plugin = self.registry.onestop(settings.onestop.adapter)
        options = settings.onestop.options_for(plugin)
        context = OneStopContext(settings.folder, clock)
        if plugin.create is None or plugin.invent is None:
            raise RuntimeError("the one-stop adapter can't invent dossiers")
        plugin.create(options, context)
        codes = plugin.invent(options, context, self.dossiers, SEED, PROCEDURES)
        self._opened = open_house(settings, registry=self.registry)
        self.refused = self._spoil(codes)

    def _spoil(self, codes: Sequence[str]) -> str | None:
        """Let a clerk key a licence class that is in no catalogue: the ministry will refuse it."""
        onestop = self.opened.house.onestop
        for code, found in onestop.fetch(codes[: len(PROCEDURES) * 2]).items():
            if isinstance(found, Snapshot) and found.get("procedure.code") in SYSTEMS["gplx"]:
                wrong = OneStopChange({"details.licence_class": "Z9"})
                onestop.apply([Amendment(code, wrong, found.stamp)])
                return code
        return None

    def start(self) -> None:
        """Arm the faults of the script and start the daemon."""
        gplx = self.ministries["gplx"]
        gplx.faults.next(Fault.LOST_ANSWER, operation="NopHoSo")
        self._daemon = Daemon(self.opened.house, onestop_seconds=0.5)
        self._web = Web(self._daemon, "127.0.0.1", self._port)
        if not self._web.start():
            raise RuntimeError(f"port {self._port} was taken meanwhile")
        self._daemon.start()

    def file_own(self) -> int:
        """Let each sector ministry file dossiers of its own; returns how many there are then."""
        for name in SECTORS:
            self._own += len(self.ministries[name].file_own(OWN_EACH, Random(SEED)))  # noqa: S311
        return self._own

    def fetch_papers(self) -> int:
        """Let the portal fetch some of the papers it was told of; returns how many it has then."""
        portal: Any = self.ministries["dvcqg"]
        portal.files.fetch(FETCHED_MOST)
        return len(portal.files.held)

    def balance(self) -> Balance:
        """Count every dossier once."""
        return survey.balance(self.opened.house)

    def in_step(self) -> bool:
        """Tell whether nothing is on its way any more and every dossier is accounted for."""
        balance = self.balance()
        return (
            not balance.waiting
            and not balance.in_doubt
            and balance.dossiers >= self.dossiers + self._own
        )

    def duplicates(self) -> dict[str, list[str]]:
        """Return what any ministry holds twice."""
        held = {name: one.duplicates() for name, one in self.ministries.items()}
        return {name: codes for name, codes in held.items() if codes}

    def stop(self) -> None:
        """Stop everything and let go of it."""
        if self._web is not None:
            self._web.stop()
        if self._daemon is not None:
            self._daemon.stop()
        if self._opened is not None:
            self._opened.close()
        for one in self.ministries.values():
            one.stop()

    def _write(self) -> None:
        systems = self.folder / "systems"
        systems.mkdir(parents=True)
        (self.folder / "bridge.toml").write_text(
            '[store]\nurl = "sqlite:///var/bridge.db"\n'
            '[onestop]\nurl = "sqlite:///var/onestop.db"\ndocuments = "var/documents"\n'
            f'[console]\nlisten = "127.0.0.1:{self._port}"\n'
            f'public_url = "http://127.0.0.1:{self._port}"\n',
            encoding="utf-8",
        )
        for name, one in self.ministries.items():
            (systems / f"{name}.toml").write_text(self._system(name, one), encoding="utf-8")

    def _system(self, name: str, one: Rehearsal) -> str:
        lines = [
            f'name = "{name}"',
            f'adapter = "{name}"',
            f"procedures = {json.dumps(list(SYSTEMS[name]))}",
            "poll_seconds = 1",
            f"timeout_seconds = {TIMEOUT_SECONDS}",
            f"doubt_grace_seconds = {GRACE_SECONDS}",
            "[options]",
        ]
        lines += [f"{key} = {_toml(value)}" for key, value in one.options().items()]
        for key, secret in one.secrets().items():
            place = self.folder / f".{name}.{key}"
            place.write_text(secret, encoding="utf-8")
            place.chmod(0o600)
            lines.append(f'{key} = {{ file = "{place.name}" }}')
        return "\n".join(lines) + "\n"


def _free_port() -> int:
    """Return a port nobody listens on; the configuration must name one before anybody does."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _toml(value: Any) -> str:
    plain = value if isinstance(value, (bool, int, float, str)) else str(value)
    return json.dumps(plain, ensure_ascii=False)


class Script:
    """What happens in town, told to a listener; runs in a thread of its own."""

    def __init__(self, town: Town, listener: Callable[[Event], None], *, moves: int = 3) -> None:
        self._town = town
        self._say = listener
        self._moves = moves
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._play, name="script", daemon=True)
        self.over = False

    def start(self) -> None:
        """Begin to play."""
        self._thread.start()

    def stop(self) -> None:
        """End the play."""
        self._stop.set()
        self._thread.join(5)

    def _play(self) -> None:
        town = self._town
        self._say(Event("answer_lost", "gplx"))
        self._pause(2)
        town.ministries["yte"].down()
        self._say(Event("down", "yte"))
        town.file_own()
        self._say(Event("own", ", ".join(SECTORS)))
        self._pause(4)
        town.ministries["yte"].up()
        self._say(Event("up", "yte"))
        for _ in range(self._moves):
            self._pause(3)
            if self._stop.is_set():
                return
            moved = sum(one.advance() for one in town.ministries.values())
            self._say(Event("moved", str(moved)))
        self._say(Event("fetched", str(town.fetch_papers())))
        self._pause(2)
        self.over = True

    def _pause(self, seconds: float) -> None:
        self._stop.wait(seconds)
