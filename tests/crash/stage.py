"""A town with a process in it that can be killed at any commit, and what one sees afterwards."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bridge.engine import capture, deliver, doubt, mark_key, receive, serve, survey
from bridge.sdk.rehearsal import Fault
from bridge.store.inbox import WAITING
from bridge.store.systems import RUNNING
from tests.journey.town import Town
from tests.receivers import Hook
from tools.chaos.comparison import Comparison, compare, look_at

SYSTEMS = ("dvcqg", "gplx", "yte", "lltp")
ROOT = Path(__file__).parents[2]
KILLED = -9
WAITS = (1, 3, 3, 3, 5, 5, 10, 10, 30, 30, 60, 60, 120, 300, 300, 300)
"""Seconds between the rounds of the process that takes over."""

WATCHED = """
[alerts.receivers.chat]
webhook = "{hook}"
[mail]
host = "127.0.0.1"
port = 9
security = "none"
sender = "caunoi@example.vn"
digest_at = "00:00"
other = "motcua@example.vn"
[payloads]
key = {{ file = "payloads.secret" }}
"""
"""Who is told of what waits too long (nobody takes mails), and that what is sent is kept."""


class Stage:
    """Where a scene is played. ``commits`` are all that any life has seen."""

    def __init__(self, town: Town, hook: Hook, victim: subprocess.Popen[str]) -> None:
        self.town = town
        self.hook = hook
        self.commits: set[str] = set()
        self._victim = victim

    def live(self, *errands: str, dies_at: str | None = None) -> int:
        """Let a process live and do errands; returns how it ended: 0, or less when it was killed."""
        ahead = (self.town.clock() - datetime.now(UTC)).total_seconds()
        order = {"errands": errands, "dies_at": dies_at, "ahead": ahead}
        assert self._victim.stdin is not None
        assert self._victim.stdout is not None
        self._victim.stdin.write(json.dumps(order) + "\n")
        self._victim.stdin.flush()
        said = json.loads(self._victim.stdout.readline())
        self.commits |= set(said["commits"])
        return int(said["ended"])

    def rest(self) -> None:
        """Let another process take over, without anybody's help, until nothing is on its way."""
        town = self.town
        for ministry in town.ministries.values():
            ministry.faults.clear()
            ministry.up()
        doubt.bury(town.house)
        mark_key.go_on(town.house)
        deliver.reshard(town.house)
        capture.capture_unrouted(town.house)
        serve.look_for_mended(town.house)
        for one in town.house.ministries.values():
            receive.work(town.house, one)  # what the dead had read goes first
        for wait in WAITS:
            town.round()
            if self.at_rest():
                return
            town.clock.forward(wait)
        raise AssertionError(f"never at rest: {self._waiting()}")

    def at_rest(self) -> bool:
        """Tell whether nothing is on its way, out or in, and no system is left alone."""
        balance = survey.balance(self.town.house)
        with self.town.house.store.read() as unit:
            read = [n for (_, state), n in unit.inbox.counts().items() if state == WAITING]
            braked = [one for one in SYSTEMS if unit.systems.of(one).state != RUNNING]
        return not (balance.waiting or balance.in_doubt or any(read) or braked)

    def _waiting(self) -> list[object]:
        """Return what is on its way, for whoever must find out why."""
        with self.town.house.store.read() as unit:
            read = unit.inbox.counts()
            open_ = unit.outbox.worst_by_code()
        return [read, {code: one for code, one in open_.items() if "dead" not in str(one)}]

    def fault(self, name: str, fault: Fault, operation: str) -> None:
        """Let every call of an operation go wrong until the next rest."""
        self.town.ministries[name].faults.always(fault, operation)

    def compare(self) -> Comparison:
        """Lay both sides beside each other."""
        held = {name: one.records() for name, one in self.town.ministries.items()}
        return compare(look_at(self.town.onestop_url), held)

    def words(self, subject: str | None) -> dict[str, object]:
        """Return what an errand may name about a dossier: what is open of it, by its number."""
        code = str(subject)
        line = [one.id for one in self._line(code) if one.system == "gplx"]
        clashes = [one.id for one in survey.story(self.town.house, code).conflicts]
        records = self.town.ministries["gplx"].records()
        return {
            "delivery": line[-1] if line else 0,
            "conflict": clashes[-1] if clashes else 0,
            "own": records[-1]["ref"] if records else "",
            "ref": next((one["ref"] for one in records if one["code"] == code), ""),
        }

    def seen(self, subject: str | None) -> dict[str, Any]:
        """Return all that can be seen of a dossier (by its code, or a ministry's number for it)."""
        town = self.town
        code, ref = subject, subject
        for row in town.rows("SELECT code, ministry_ref FROM dossier"):
            if subject in (row["code"], row["ministry_ref"]):
                code, ref = row["code"], row["ministry_ref"]
        if code is None:
            return {}
        found = [
            one.replace(code, "CODE").replace(str(ref), "REF")
            for one in self.compare().findings
            if code in one or str(ref) in one
        ]
        rows = town.rows("SELECT status FROM dossier WHERE code = :code", code=code)
        return {
            "rows": [row["status"] for row in rows],
            "steps": town.progress(code),
            "lines": sorted((one.system, one.kind, one.state.value) for one in self._line(code)),
            "notices": sorted((one["system"], one["field"]) for one in town.notices(code)),
            "conflicts": sorted(
                re.sub("link:.*", "link:REF", one.field).replace(str(ref), "REF")
                for one in survey.story(town.house, code).conflicts
            ),
            "findings": found,
        }

    def _line(self, code: str) -> list[Any]:
        """Return what the ministries were sent or owe, without what a newer state replaced."""
        line = survey.story(self.town.house, code).deliveries
        return [one for one in line if one.state.value != "superseded"]


@contextmanager
def stage(folder: Path, **urls: Any) -> Iterator[Stage]:
    """Open a town with a victim beside it; both end with the block."""
    with ExitStack() as stack:
        hook = stack.enter_context(Hook())
        (folder / "payloads.secret").write_text("an invented secret of 32 letters")
        extra = dict.fromkeys(SYSTEMS, "max_in_flight = 1") | {
            "lltp": "max_in_flight = 1\nrate_per_second = 1000",
            "console": '[console]\npublic_url = "http://127.0.0.1:9"',
            "alerts": WATCHED.format(hook=hook.address),
        }
        town = stack.enter_context(Town(folder, SYSTEMS, extra=extra, timeout_seconds=1.0, **urls))
        command = [sys.executable, "-m", "tests.crash.victim", str(folder)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
        ) as victim:
            try:
                yield Stage(town, hook, victim)
            finally:
                assert victim.stdin is not None
                victim.stdin.close()
                victim.wait(30)
