"""The daemon as a process of its own, killed at random moments while everybody works."""

from __future__ import annotations

import subprocess
import sys
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bridge.engine import survey
from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, YTE, Town

KILLS = 20
LONGEST_LIFE = 1.2
"""Seconds from the daemon's start to the latest moment it is killed."""

PATIENCE = 90.0
PROCEDURES = (GPLX, YTE, "2.000488")
NAMES = {"gplx": ("NguoiNop", "HoTen"), "yte": ("NguoiHanhNghe", "HoTen"), "dvcqg": ("ChuHoSo",)}


class Bridge:
    """The daemon's process. ``started`` is set when it says so."""

    def __init__(self, town: Town) -> None:
        command = [sys.executable, "-m", "bridge.cli", "run"]
        config = ["--config", str(town.folder / "bridge.toml")]
        self.process = subprocess.Popen([*command, *config], stderr=subprocess.PIPE, text=True)
        self.started = threading.Event()
        self.said: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def kill(self) -> None:
        self.process.kill()
        self.end()

    def end(self) -> int:
        code = self.process.wait(15)
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return code

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said.append(line)
            if '"started"' in line:
                self.started.set()
        self.started.set()


@contextmanager
def daemon(town: Town) -> Iterator[Bridge]:
    """Start the bridge; whatever happens, it does not outlive the block."""
    bridge = Bridge(town)
    try:
        yield bridge
    finally:
        bridge.kill()


def everybody_works(town: Town, chance: Random) -> None:
    """The clerk keys, corrects and adds steps; the ministries move, file, and answer badly."""
    for procedure in PROCEDURES:
        code = town.key(procedure, chance.randint(1, 4))
        town.edit(code, applicant_name=f"Nguyễn Thị Mẫu {chance.randint(1, 999)}")
    if chance.random() < 0.5:
        for name in ("gplx", "yte"):
            town.ministries[name].file_own(1, Random(chance.random()))
            town.ministries[name].advance()


def trouble(town: Town, chance: Random) -> None:
    """Let some answers come late, and one be lost."""
    for name in ("dvcqg", "gplx"):
        town.ministries[name].faults.next(Fault.SLOW, delay=0.2, count=3)
        if chance.random() < 0.3:
            town.ministries[name].faults.next(Fault.LOST_ANSWER)


def differences(town: Town) -> list[str]:
    """Return where the two sides do not show the same, each dossier once at each of its targets."""
    found = []
    held: dict[str, dict[str, list[dict[str, Any]]]] = {name: {} for name in town.ministries}
    rows = {row["code"]: row for row in town.rows("SELECT * FROM dossier")}
    taken_over = {row["ministry_ref"]: code for code, row in rows.items()}
    for name, ministry in town.ministries.items():
        for record in ministry.records():
            code = record["code"] or taken_over.get(record["ref"], record["ref"])
            held[name].setdefault(code, []).append(record)
    for name, codes in held.items():
        found += [f"{name}: {code} is not in the one-stop" for code in codes.keys() - rows.keys()]
    for code, row in rows.items():
        sector = {GPLX: ["gplx"], YTE: ["yte"]}.get(row["procedure_code"], [])
        for name in ["dvcqg", *sector]:
            records = held[name].get(code, [])
            if len(records) != 1:
                found.append(f"{name}: {code} is there {len(records)} times")
                continue
            (record,) = records
            if record["status"] != row["status"]:
                found.append(f"{name}: {code} status {record['status']}, ours {row['status']}")
            if _name(record["body"], NAMES[name]) != _plain(row["applicant_name"]):
                found.append(f"{name}: {code} has another applicant")
        steps = [status for status, _ in town.progress(code)]
        if len(held["dvcqg"].get(code, [])) == 1 and town.shown(code) != steps:
            found.append(f"dvcqg: {code} shows {town.shown(code)}, ours {steps}")
    return found


def _name(body: Any, path: tuple[str, ...]) -> str:
    for part in path:
        body = body[part]
    return _plain(str(body))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


@pytest.mark.timeout(400)
@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(n, marks=pytest.mark.verify) for n in range(2, 8))]
)
def test_twenty_kills_lose_nothing_and_do_nothing_twice(tmp_path: Path, seed: int) -> None:
    """Killed while starting, reading, sending, settling: in the end both sides show the same."""
    chance = Random(seed)
    alarm = threading.Event()
    extra = {"onestop": 'poll_seconds = 0.2\n[console]\nlisten = "127.0.0.1:0"'}
    rehearsals = {"yte": {"interval": 0.05}}
    with Town(tmp_path, timeout_seconds=1.0, extra=extra, rehearsals=rehearsals) as town:
        for life in range(KILLS):
            trouble(town, chance)
            with daemon(town) as bridge:
                if life % 5:
                    bridge.started.wait(30)
                everybody_works(town, chance)
                alarm.wait(chance.uniform(0, LONGEST_LIFE))
                assert bridge.process.poll() is None, bridge.said
        for ministry in town.ministries.values():
            ministry.faults.clear()
        with daemon(town) as bridge:
            for _ in range(int(PATIENCE / 0.5)):
                balance = survey.balance(town.house)
                at_rest = not balance.waiting and not balance.in_doubt
                if at_rest and not differences(town):
                    break
                alarm.wait(0.5)
            assert not (found := differences(town)), "\n".join(found)
            assert survey.balance(town.house).in_doubt == 0
            bridge.process.terminate()
            assert bridge.end() == 0
        assert len(town.rows("SELECT code FROM dossier")) > KILLS * len(PROCEDURES)
        town.ends_well()
