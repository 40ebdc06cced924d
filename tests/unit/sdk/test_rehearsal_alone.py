"""A rehearsal in a process of its own, as benchmarks use it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import orjson


class Alone:
    """A rehearsal's process, and how it is told what to do."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.reached = self._said()

    def tell(self, call: str, *args: object, **kwargs: object) -> Any:
        assert self._process.stdin is not None
        order = {"call": call, "args": args, "kwargs": kwargs}
        self._process.stdin.write(orjson.dumps(order) + b"\n")
        self._process.stdin.flush()
        return self._said()

    def _said(self) -> Any:
        assert self._process.stdout is not None
        return orjson.loads(self._process.stdout.readline())


@contextmanager
def alone(name: str) -> Iterator[Alone]:
    command = [sys.executable, "-m", "bridge.sdk.rehearsal", name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Alone(process)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0


def test_it_says_how_it_is_reached_and_does_as_told() -> None:
    """The first line holds options and secrets; then it is asked, armed, and ends with stdin."""
    with alone("dvcqg") as portal:
        options, secrets = portal.reached["options"], portal.reached["secrets"]
        account = {"username": options["username"], **secrets}
        login = f"{options['base_url']}/login"
        portal.tell("faults.next", "error_502", operation="login")
        statuses = [httpx.post(login, json=account, trust_env=False).status_code for _ in range(2)]
        assert statuses == [502, 200]
        assert portal.tell("calls") == {"result": {"login": 2}}
        assert portal.tell("duplicates") == {"result": []}
        assert portal.tell("no_such_thing")["error"].startswith("AttributeError: ")
        assert portal.tell("advance", "x", "y", "z")["error"].startswith("TypeError: ")


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    """A slip of the pen ends at once and names what there is."""
    command = [sys.executable, "-m", "bridge.sdk.rehearsal", "gplxx"]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode != 0
    assert b"gplx" in ended.stderr.replace(b"gplxx", b"")
    assert b"Traceback" not in ended.stderr
