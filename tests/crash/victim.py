"""A process of the bridge that dies where it is told to: ``python -m tests.crash.victim FOLDER``.

It reads one JSON line an order, forks a life that opens the house of that folder and does the
errands of the order, and says how the life ended. A life that is told so ends by SIGKILL just
before or just after a commit. Forking spares each life the second that imports take; what is
imported before connects to nothing and starts no thread.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import parse_qs, urlsplit

from bridge.bootstrap import open_house
from bridge.daemon import Daemon
from bridge.engine import capture, deliver, serve
from bridge.engine.pace import Pace
from bridge.logs import configure_daemon
from bridge.sdk.registry import Registry
from bridge.settings import load


def main() -> None:
    """Serve orders until stdin ends."""
    folder, registry = Path(sys.argv[1]), Registry.load()
    configure_daemon()
    for line in sys.stdin:
        order = json.loads(line)
        seen = folder / "commits"
        seen.write_bytes(b"")
        child = os.fork()
        if child == 0:
            _live(folder, registry, order, seen)
        _, status = os.waitpid(child, 0)
        names = seen.read_text("utf-8").splitlines()
        said = {"ended": os.waitstatus_to_exitcode(status), "commits": names}
        sys.stdout.write(json.dumps(said) + "\n")
        sys.stdout.flush()


def _live(folder: Path, registry: Registry, order: Mapping[str, Any], seen: Path) -> None:
    """Do the errands of an order and end; never returns."""
    code = 1
    try:
        _work(folder, registry, order, seen)
        code = 0
    except BaseException:  # noqa: BLE001 - the fork must not go on as its parent
        traceback.print_exc()
    finally:
        os._exit(code)


def _work(folder: Path, registry: Registry, order: Mapping[str, Any], seen: Path) -> None:
    ahead = timedelta(seconds=order["ahead"])
    dies_at = order["dies_at"]
    kept = os.open(seen, os.O_WRONLY | os.O_APPEND)

    def on_commit(name: str, phase: str) -> None:
        os.write(kept, f"{name}:{phase}\n".encode())
        if f"{name}:{phase}" == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    opened = open_house(
        load(folder / "bridge.toml", {}),
        registry=registry,
        now=lambda: datetime.now(UTC) + ahead,
        sleep=lambda _seconds: None,
        chance=Random(7),
        on_commit=on_commit,
    )
    daemon = Daemon(opened.house)
    for errand in order["errands"]:
        verb, *words = errand.split()
        ERRANDS[verb](daemon, *words)
    opened.close()


# -- errands: the rounds of the daemon, each once


def _start(daemon: Daemon) -> None:
    daemon.guarded("reshard", lambda: deliver.reshard(daemon.house))
    daemon.guarded("capture unrouted", lambda: capture.capture_unrouted(daemon.house))
    daemon.recover()


def _deliver(daemon: Daemon, system: str) -> None:
    ministry = daemon.house.ministries[system]
    pace = Pace(None)
    for shard in range(ministry.max_in_flight):
        deliver.drain(daemon.house, ministry, shard, pace)


def _deliver_kept(daemon: Daemon, system: str) -> None:
    """Deliver while the leases are renewed all the time, not only every ten seconds."""
    call = threading.Thread(target=_deliver, args=(daemon, system))
    call.start()
    while call.is_alive():
        daemon.keep()


def _fetch(daemon: Daemon, document: str, outcome: str, days_ago: str = "0") -> None:
    """Be the web's room: a ministry fetches a file at an address of some days ago."""
    house = daemon.house
    assert house.addresses is not None
    made = house.now() - timedelta(days=int(days_ago))
    query = parse_qs(urlsplit(house.addresses.address("dvcqg", document, made)).query)
    fetch = serve.admit(house, document, query["e"][0], query["s"][0])
    if isinstance(fetch, serve.Fetch):
        serve.ended(house, fetch, serve.Ended(outcome))


def _stumble(daemon: Daemon, code: str) -> None:
    """Let something unforeseen happen whenever one dossier is worked."""
    lens: Any = daemon.house.ministries["gplx"].lens
    project = lens.project

    def stumbling(fields: Mapping[str, Any], *rest: Any) -> Any:
        if fields["code"] == code:
            raise ZeroDivisionError
        return project(fields, *rest)

    lens.project = stumbling


ERRANDS: Mapping[str, Callable[..., object]] = {
    "start": _start,
    "front": lambda daemon: daemon.front(),
    "deliver": _deliver,
    "deliver-kept": _deliver_kept,
    "poll": lambda daemon, system: daemon.poll(system),
    "take-in": lambda daemon, system: daemon.take_in(system),
    "confirm": lambda daemon, system: daemon.confirm(system),
    "ask": lambda daemon, system: daemon.doubt(system),
    "notices": lambda daemon: daemon.notices(),
    "procedures": lambda daemon: daemon.procedures(),
    "files": lambda daemon: daemon.files(),
    "fetch": _fetch,
    "stumble": _stumble,
}

if __name__ == "__main__":
    main()
