"""A rehearsal in a process of its own, as benchmarks use it."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from bridge.sdk.rehearsal_alone import alone


def test_it_says_how_it_is_reached_and_does_as_told() -> None:
    """The first line holds options and secrets; then it is asked, armed, and ends with stdin."""
    with alone("dvcqg") as portal:
        account = {"username": portal.options["username"], **portal.secrets}
        login = f"{portal.options['base_url']}/login"
        portal.tell("faults.next", "error_502", operation="login")
        statuses = [httpx.post(login, json=account, trust_env=False).status_code for _ in range(2)]
        assert statuses == [502, 200]
        assert portal.tell("calls") == {"login": 2}
        assert portal.tell("duplicates") == []
        with pytest.raises(RuntimeError, match="AttributeError: "):
            portal.tell("no_such_thing")
        with pytest.raises(RuntimeError, match="TypeError: "):
            portal.tell("advance", "x", "y", "z")


def test_an_unknown_name_is_told_with_the_known_ones() -> None:
    """A slip of the pen ends at once and names what there is."""
    command = [sys.executable, "-m", "bridge.sdk.rehearsal", "gplxx"]
    ended = subprocess.run(command, capture_output=True, check=False)
    assert ended.returncode != 0
    assert b"gplx" in ended.stderr.replace(b"gplxx", b"")
    assert b"Traceback" not in ended.stderr
