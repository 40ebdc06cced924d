"""Who holds a lease: a process, named so that another one can tell whether it still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def this_process() -> str:
    """Return the name of this process for leases: host, number, and when it started."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def alive(owner: str) -> bool:
    """Tell whether the process an owner names still lives; ``True`` when it can't be known.

    A number that was given to another process since is told apart by its start.
    """
    host, _, rest = owner.rpartition(":")[0].rpartition(":")
    started = owner.rpartition(":")[2]
    if host != socket.gethostname() or not rest.isdigit():
        return True
    try:
        os.kill(int(rest), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not started or _started(int(rest)) in ("", started)


def _started(pid: int) -> str:
    """Return when a process started, in the system's own count; empty where there is none."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return ""
    return line.rpartition(")")[2].split()[19]
