"""A process of the bridge that dies where it is told to: ``python -m tests.crash.victim FOLDER``.

It reads one JSON line an order, forks a life that opens the house of that folder and does the
errands of the order, and says how the life ended. A life that is told so ends by SIGKILL just
before or just after a commit. Forking spares each life the second that imports and the
configuration take; the process it is forked from connects to nothing and starts no thread.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from bridge.bootstrap import Opened, open_house
from bridge.cli.main import main as command_line
from bridge.daemon import Daemon
from bridge.domain.matching import Pair, Sureness
from bridge.domain.reconcile import Action
from bridge.engine import capture, deliver, match, reconcile, serve
from bridge.engine.pace import Pace
from bridge.engine.people.decision import Decision
from bridge.engine.reconcile import nightly
from bridge.identity import this_process
from bridge.logs import configure_daemon
from bridge.sdk.registry import Registry
from bridge.settings import load


@dataclass
class _Order:
    """What the life that is forked next is told; the house it inherits asks here."""

    errands: Sequence[str] = ()
    dies_at: str | None = None
    ahead: timedelta = timedelta()
    commits: int = -1

    def now(self) -> datetime:
        """Return the moment of the story."""
        return datetime.now(UTC) + self.ahead

    def on_commit(self, name: str, phase: str) -> None:
        """Note a commit, and die where it was ordered."""
        os.write(self.commits, f"{name}:{phase}\n".encode())
        if f"{name}:{phase}" == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)


class _Zygote:
    """What every life is forked from: a house with its configuration read and nothing connected."""

    def __init__(self, folder: Path) -> None:
        self.order = _Order()
        self._folder = folder
        self._registry = Registry.load()
        self._known: Sequence[str] = ()
        self._opened: Opened | None = None

    def opened(self) -> Opened:
        """Return the house, opened anew where its configuration has changed."""
        known = [one.read_text("utf-8") for one in sorted(self._folder.glob("**/*.toml"))]
        if self._opened is None or known != self._known:
            self._known = known
            self._opened = open_house(
                load(self._folder / "bridge.toml", {}),
                registry=self._registry,
                now=self.order.now,
                sleep=lambda _seconds: None,
                chance=Random(7),
                on_commit=self.order.on_commit,
            )
        return self._opened

    def fork(self, order: Mapping[str, Any]) -> Mapping[str, Any]:
        """Let a life do an order; returns how it ended and what it committed."""
        seen = self._folder / "commits"
        seen.write_bytes(b"")
        self.order.errands, self.order.dies_at = order["errands"], order["dies_at"]
        self.order.ahead = timedelta(seconds=order["ahead"])
        opened = self.opened()
        child = os.fork()
        if child == 0:
            self.order.commits = os.open(seen, os.O_WRONLY | os.O_APPEND)
            _live(opened, self._folder, self.order)
        _, status = os.waitpid(child, 0)
        commits = seen.read_text("utf-8").splitlines()
        return {"ended": os.waitstatus_to_exitcode(status), "commits": commits}


def main() -> None:
    """Serve orders until stdin ends."""
    configure_daemon()
    zygote = _Zygote(Path(sys.argv[1]))
    for line in sys.stdin:
        sys.stdout.write(json.dumps(zygote.fork(json.loads(line))) + "\n")
        sys.stdout.flush()


def _live(opened: Opened, folder: Path, order: _Order) -> None:
    """Do the errands of an order and end; never returns."""
    code = 1
    try:
        house = replace(opened.house, owner=this_process())
        watch = replace(opened.watch, folders={})  # how full this machine's disk is, is no story
        for errand in order.errands:
            verb, *words = shlex.split(errand)
            if verb == "command":
                _command(folder, order, words)
            else:
                ERRANDS[verb](Daemon(house, watch=watch), *words)
        code = 0
    except BaseException:  # noqa: BLE001 - the fork must not go on as its parent
        traceback.print_exc()
    finally:
        os._exit(code)


def _command(folder: Path, order: _Order, words: Sequence[str]) -> None:
    """Be a person at the command line."""
    opening = partial(open_house, now=order.now, on_commit=order.on_commit)
    sys.stdout = sys.stderr
    with patch("bridge.cli.house.open_house", opening):
        command_line(["--config", str(folder / "bridge.toml"), *words])


# -- errands: the rounds of the daemon, each once


def _start(daemon: Daemon) -> None:
    daemon.guarded("reshard", lambda: deliver.reshard(daemon.house))
    daemon.guarded("capture unrouted", lambda: capture.capture_unrouted(daemon.house))
    daemon.recover()


def _deliver(daemon: Daemon, system: str) -> None:
    ministry = daemon.house.ministries[system]
    pace = Pace()
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


def _reconcile(daemon: Daemon, system: str) -> None:
    """Have everything repaired that differs between both sides."""
    house, ministry = daemon.house, daemon.house.ministries[system]
    today = reconcile.today(house)
    terms = reconcile.Terms(today - timedelta(days=40), today, age=timedelta())
    with reconcile.course(house, ministry, terms) as under_way:
        under_way.run()
        findings = (one.finding for one in under_way.rows())
        list(reconcile.apply(house, ministry, terms, findings))


def _night(daemon: Daemon, system: str) -> None:
    """Be the night: whatever may be repaired at all is, unasked."""
    house = daemon.house
    nights = reconcile.Nights(days=40, actions=frozenset(Action))
    nightly.compare(house, house.ministries[system], nights, house.now() - timedelta(days=9))


def _tell_apart(daemon: Daemon, code: str, ref: str) -> None:
    """Be the person who is asked whether a record is a dossier, and says that it is not."""
    house = daemon.house
    pair = Pair(code, ref, Sureness.LIKELY, 0.0, ())
    match.apart(house, house.ministries["gplx"], pair, Decision("truc", "đã đối chiếu"))


ERRANDS: Mapping[str, Callable[..., object]] = {
    "start": _start,
    "front": lambda daemon: daemon.front(),
    "deliver": _deliver,
    "deliver-kept": _deliver_kept,
    "poll": lambda daemon, system: daemon.poll(system),
    "take-in": lambda daemon, system: daemon.take_in(system),
    "questions": lambda daemon, system: daemon.questions(system),
    "let-in": lambda daemon, system: daemon.let_in(system),
    "confirm": lambda daemon, system: daemon.confirm(system),
    "ask": lambda daemon, system: daemon.doubt(system),
    "notices": lambda daemon: daemon.notices(),
    "procedures": lambda daemon: daemon.procedures(),
    "files": lambda daemon: daemon.files(),
    "watch": lambda daemon: daemon.watch(),
    "tell": lambda daemon: daemon.tell(),
    "certificates": lambda daemon: daemon.certificates(),
    "purge": lambda daemon: daemon.purge(),
    "digest": lambda daemon: daemon.digest(),
    "reconcile": _reconcile,
    "night": _night,
    "tell-apart": _tell_apart,
    "fetch": _fetch,
    "stumble": _stumble,
}

if __name__ == "__main__":
    main()
