"""How fast dossiers go from captured to confirmed, beside bare loops that keep no state at all.

For each of the three protocols: a one-stop database (SQLite) full of new dossiers, the bridge's
daemon in one process, the rehearsal ministry in another. The clock runs from the daemon's start
until the last dossier is confirmed: reading the rows, deciding, translating, the journal, every
commit (``synchronous=FULL``), the calls, and the proof that they were applied. Beside it a bare
loop sends the very same bodies to a fresh ministry: ``httpx.Client`` (dvcqg), zeep as it comes
(gplx), or write, fsync and rename (yte); it remembers nothing and asks nothing.

Everything is configured as it comes, so the feed, which confirms nothing, is read every 30 seconds;
but yte's folder is looked at every second, for its receipts are files.

Run: ``python benchmarks/journey.py [--dossiers 2000] [--rounds 3] [dvcqg gplx yte]``, or
``python benchmarks/journey.py --memory`` for the peak memory of 20,000 dossiers.
Loopback and a fast disk: the ratios carry over to other machines, the figures do not.
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from importlib import resources
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import zeep.wsse
from sqlalchemy import func, select

from adapters.dvcqg.client import DvcqgClient
from adapters.gplx.client import GplxClient
from bridge.bootstrap import clock, open_house
from bridge.daemon import Daemon
from bridge.domain.delivery import State
from bridge.domain.journal import Event
from bridge.engine.house import House
from bridge.sdk.folders import LocalFolders
from bridge.sdk.onestop import OneStopContext
from bridge.sdk.registry import Registry
from bridge.sdk.rehearsal_alone import Alone, alone
from bridge.settings import load
from bridge.store import tables

PROCEDURES: Mapping[str, Sequence[str]] = {
    "dvcqg": ("1.002835", "1.003709", "2.001610", "1.001193"),
    "gplx": ("1.002835", "1.002809"),
    "yte": ("1.003709",),
}
GOALS = {"dvcqg": 0.5, "gplx": 0.5}
BARE = {"dvcqg": "httpx.Client", "gplx": "zeep", "yte": "write, fsync, rename"}
MEMORY_GOAL_MB = 300
MEMORY_DOSSIERS = 20_000
SEED = 2026
Recorded = list[Any]


# -- an office in a folder


def furnish(folder: Path, ministries: Mapping[str, Alone], dossiers: int) -> None:
    """Write the configuration and fill the one-stop database."""
    (folder / "systems").mkdir()
    (folder / "bridge.toml").write_text('[console]\nlisten = "127.0.0.1:0"\n', encoding="utf-8")
    for name, ministry in ministries.items():
        lines = [f'name = "{name}"', f'adapter = "{name}"', "[options]"]
        procedures = ["*"] if name == "dvcqg" else list(PROCEDURES[name])
        lines.insert(2, f"procedures = {json.dumps(procedures)}")
        if name == "yte":
            lines.insert(3, "poll_seconds = 1")
        lines += [f"{key} = {json.dumps(value)}" for key, value in ministry.options.items()]
        for key, secret in ministry.secrets.items():
            (folder / f".{name}.{key}").write_text(secret, encoding="utf-8")
            (folder / f".{name}.{key}").chmod(0o600)
            lines.append(f'{key} = {{ file = ".{name}.{key}" }}')
        (folder / "systems" / f"{name}.toml").write_text("\n".join(lines), encoding="utf-8")
    settings = load(folder / "bridge.toml", {})
    plugin = Registry.load().onestop(settings.onestop.adapter)
    options = settings.onestop.options_for(plugin)
    context = OneStopContext(folder, clock)
    procedures = [code for name in ministries for code in PROCEDURES[name]]
    if plugin.create is None or plugin.invent is None:
        raise RuntimeError("the one-stop adapter can't invent dossiers")
    plugin.create(options, context)
    plugin.invent(options, context, dossiers, SEED, tuple(dict.fromkeys(procedures)))


# -- the bridge


def bridge(folder: Path, dossiers: int) -> dict[str, float]:
    """Run the daemon until every dossier is confirmed; the seconds, and the peak memory in MB."""
    opened = open_house(load(folder / "bridge.toml", {}))
    daemon = Daemon(opened.house)
    pause = threading.Event()
    started = clock()
    daemon.start()
    while not all_confirmed(opened.house, dossiers):
        pause.wait(1)
    ended = last_confirmed(opened.house)
    daemon.stop()
    opened.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": (ended - started).total_seconds(), "peak_mb": peak}


def all_confirmed(house: House, dossiers: int) -> bool:
    """Tell whether each system has every dossier that goes to it, and nothing is on its way."""
    with house.store.read() as unit:
        counts = unit.outbox.counts()
        waiting = unit.inbox.counts()
        known = unit.connection.execute(select(func.count()).select_from(tables.dossier)).scalar()
    refused = sum(n for (_, state), n in counts.items() if state is State.DEAD)
    if refused:
        raise RuntimeError(f"{refused} deliveries were refused")
    captured = known == dossiers and not waiting
    return captured and all(state is State.CONFIRMED for _, state in counts)


def last_confirmed(house: House) -> datetime:
    """Return when the journal says the last delivery was confirmed."""
    journal = tables.journal
    query = select(func.max(journal.c.at)).where(journal.c.event == Event.CONFIRMED.value)
    with house.store.read() as unit:
        return datetime.fromisoformat(str(unit.connection.execute(query).scalar()))


# -- the bare loops: what the bridge sent, sent again by hand


@contextmanager
def recording(sent: Recorded) -> Iterator[None]:
    """Note what the adapters send while the block runs."""
    post, submit, write = DvcqgClient._post, GplxClient.submit, LocalFolders.write  # noqa: SLF001

    def noted_post(self: DvcqgClient, path: str, body: Mapping[str, Any], *, write: bool) -> Any:
        sent.append((path, dict(body)))
        return post(self, path, body, write=write)

    def noted_submit(self: GplxClient, dossier: Mapping[str, Any]) -> str:
        sent.append(dossier)
        return submit(self, dossier)

    def noted_write(self: LocalFolders, folder: str, name: str, content: Iterable[bytes]) -> None:
        blocks = list(content)
        sent.append((name, b"".join(blocks)))
        write(self, folder, name, blocks)

    with ExitStack() as stack:
        stack.enter_context(patch.object(DvcqgClient, "_post", noted_post))
        stack.enter_context(patch.object(GplxClient, "submit", noted_submit))
        stack.enter_context(patch.object(LocalFolders, "write", noted_write))
        yield


def bare_dvcqg(ministry: Alone, sent: Recorded) -> None:
    """Log in, and post each batch of dossiers and of steps."""
    with httpx.Client(base_url=ministry.options["base_url"], trust_env=False) as client:
        session = None
        for path, body in sent:
            ours = body if session is None else {**body, "session": session}
            answer = client.post(path, json=ours).raise_for_status().json()
            session = answer.get("session", session)
            if str(answer["error_code"]) != "0":
                raise RuntimeError(answer)


def bare_gplx(ministry: Alone, sent: Recorded) -> None:
    """File each dossier."""
    options = ministry.options
    untyped: Any = zeep
    token: Any = untyped.wsse.UsernameToken(options["username"], ministry.secrets["password"])
    client = untyped.Client(str(resources.files("adapters.gplx") / "gplx.wsdl"), wsse=token)
    service = client.create_service(next(iter(client.wsdl.bindings)), options["address"])
    for dossier in sent:
        service.NopHoSo(HoSo=dossier)


def bare_yte(ministry: Alone, sent: Recorded) -> None:
    """Write, sync and rename each file."""
    folder = Path(ministry.options["root"]) / "den"
    for name, content in sent:
        temporary = folder / f".{name}.tmp"
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(folder / name)


LOOPS: Mapping[str, Callable[[Alone, Recorded], None]] = {
    "dvcqg": bare_dvcqg,
    "gplx": bare_gplx,
    "yte": bare_yte,
}


# -- processes: each run in a fresh one


def apart(*words: object) -> dict[str, float]:
    """Run a part of this file in a process of its own and return what it measured."""
    done = subprocess.run(
        [sys.executable, __file__, *map(str, words)], stdout=subprocess.PIPE, check=True
    )
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


@contextmanager
def office(names: Sequence[str], dossiers: int) -> Iterator[tuple[Path, dict[str, Alone]]]:
    """Open a fresh folder with a full one-stop database, and fresh ministries."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bridge-bench-")))
        ministries = {name: stack.enter_context(alone(name)) for name in names}
        furnish(folder, ministries, dossiers)
        yield folder, ministries


def over_the_bridge(names: Sequence[str], dossiers: int, record: Path | None) -> dict[str, float]:
    """Measure the bridge once; every dossier must be there once."""
    with office(names, dossiers) as (folder, ministries):
        measured = apart("--inside", folder, dossiers, *([record] if record else []))
        for ministry in ministries.values():
            if ministry.tell("duplicates"):
                raise RuntimeError("a ministry holds a dossier twice")
    return measured


def by_hand(name: str, record: Path) -> float:
    """Measure the bare loop once, in seconds."""
    with alone(name) as ministry:
        reached = {"options": ministry.options, "secrets": ministry.secrets}
        return apart("--bare", name, record, json.dumps(reached))["seconds"]


def inside(folder: Path, dossiers: int, record: Path | None) -> None:
    """Be the bridge's process."""
    sent: Recorded = []
    with recording(sent) if record else ExitStack():
        measured = bridge(folder, dossiers)
    if record:
        record.write_bytes(pickle.dumps(sent))
    print(json.dumps(measured))


def bare(name: str, record: Path, reached: dict[str, Any]) -> None:
    """Be the bare loop's process."""
    sent = pickle.loads(record.read_bytes())
    ministry = Alone.__new__(Alone)
    ministry.options, ministry.secrets = reached["options"], reached["secrets"]
    started = time.perf_counter()
    LOOPS[name](ministry, sent)
    print(json.dumps({"seconds": time.perf_counter() - started}))


# -- the report


def compare(names: Sequence[str], dossiers: int, rounds: int) -> bool:
    """Print a line for each system; tell whether every goal is met."""
    print(f"{dossiers} dossiers each, SQLite synchronous=FULL, medians of {rounds}")
    print(f"{'system':<8}{'bridge /s':>12}{'bare /s':>12}{'ratio':>8}{'goal':>7}  bare loop")
    good = True
    with tempfile.TemporaryDirectory(prefix="bridge-bench-") as place:
        for name in names:
            record = Path(place) / name
            over_the_bridge([name], dossiers, record)
            ours, theirs = [], []
            for _ in range(rounds):
                ours.append(over_the_bridge([name], dossiers, None)["seconds"])
                theirs.append(by_hand(name, record))
            speed = dossiers / statistics.median(ours)
            bare_speed = dossiers / statistics.median(theirs)
            goal = GOALS.get(name)
            good = good and (goal is None or speed / bare_speed >= goal)
            print(
                f"{name:<8}{speed:>12,.0f}{bare_speed:>12,.0f}{speed / bare_speed:>8.2f}"
                f"{goal or '':>7}  {BARE[name]}",
                flush=True,
            )
    return good


def memory(names: Sequence[str], dossiers: int) -> bool:
    """Print the bridge's peak memory; tell whether the goal is met."""
    measured = over_the_bridge(names, dossiers, None)
    print(
        f"{dossiers} dossiers over {', '.join(names)}: peak {measured['peak_mb']:.0f} MB "
        f"(goal {MEMORY_GOAL_MB}), {measured['seconds']:.1f} s"
    )
    return measured["peak_mb"] <= MEMORY_GOAL_MB


def main() -> None:
    """Compare, or measure memory; ends with 1 when a goal is missed."""
    if sys.argv[1:2] == ["--inside"]:
        folder, dossiers, *record = sys.argv[2:]
        return inside(Path(folder), int(dossiers), Path(record[0]) if record else None)
    if sys.argv[1:2] == ["--bare"]:
        name, record_file, reached = sys.argv[2:]
        return bare(name, Path(record_file), json.loads(reached))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("systems", nargs="*", help="dvcqg, gplx, yte; all unless given")
    parser.add_argument("--dossiers", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true", help="the peak of 20,000 dossiers")
    given = parser.parse_args()
    names = given.systems or list(PROCEDURES)
    if given.memory:
        good = memory(names, given.dossiers or MEMORY_DOSSIERS)
    else:
        good = compare(names, given.dossiers or 2000, given.rounds)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
