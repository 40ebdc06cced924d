"""The daemon as a process, as an office runs it: started, watched, killed, started again."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

START_SECONDS = 60.0
END_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Weight:
    """What a process holds now: resident memory in kB, open files, threads, seconds computed."""

    rss_kb: int
    files: int
    threads: int
    cpu_seconds: float


class Bridge:
    """One life of the daemon. ``started`` is set when it says so, or has ended."""

    def __init__(self, folder: Path, log: Path) -> None:
        """Start it; what it says goes to the end of ``log``."""
        command = [sys.executable, "-m", "bridge.cli", "run", "--config", f"{folder}/bridge.toml"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE)
        self.started = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(log,), daemon=True)
        self._reader.start()

    @property
    def lives(self) -> bool:
        """Whether it has not ended by itself."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End it by SIGKILL, wherever it is."""
        self.process.kill()
        self._end()

    def stop(self) -> int:
        """Ask it to end; returns its exit code."""
        self.process.terminate()
        return self._end()

    def weight(self) -> Weight:
        """Read what it holds."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        lines = dict(line.split(":", 1) for line in status.splitlines())
        files = sum(1 for _ in Path(f"/proc/{self.process.pid}/fd").iterdir())
        counts = (
            Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        )
        computed = (int(counts[11]) + int(counts[12])) / os.sysconf("SC_CLK_TCK")
        return Weight(int(lines["VmRSS"].split()[0]), files, int(lines["Threads"]), computed)

    def _end(self) -> int:
        code = self.process.wait(END_SECONDS)
        self._reader.join(END_SECONDS)
        return code

    def _read(self, log: Path) -> None:
        if self.process.stderr is None:
            raise RuntimeError("the process has no pipe")
        with self.process.stderr as said, log.open("ab") as kept:
            for line in said:
                kept.write(line)
                kept.flush()
                if b'"started"' in line:
                    self.started.set()
        self.started.set()


@contextlib.contextmanager
def running(folder: Path, log: Path) -> Iterator[Bridge]:
    """Have the daemon run while the block does; it does not outlive it."""
    bridge = Bridge(folder, log)
    try:
        bridge.started.wait(START_SECONDS)
        yield bridge
    finally:
        bridge.kill()


def free_port() -> int:
    """Return a port nobody listens at; each life of the daemon listens at the same."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def scrape(port: int, into: Path) -> None:
    """Keep what the daemon's ``/metrics`` says now, if it answers."""
    address = f"http://127.0.0.1:{port}/metrics"
    with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2) as answer:
        into.write_bytes(answer.read())
