"""A daemon begins anew, once, with what the C library reads only when a process begins."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bridge import heap

COUNTS = """
import os, sys
from bridge import heap
print(os.environ.get(heap.TUNABLES), flush=True)
heap.begin_anew()
print("goes on", sys.argv[1:])
"""
GOES_ON = "goes on ['run', '--config', 'a b']"


def begun(**said: str) -> list[str]:
    """Return what a process says that begins anew where it should."""
    own = {heap.TUNABLES, heap.BEGAN_ANEW}
    kept = {name: value for name, value in os.environ.items() if name not in own}
    ended = subprocess.run(
        [sys.executable, "-c", COUNTS, "run", "--config", "a b"],
        env=kept | said,
        capture_output=True,
        text=True,
        check=True,
    )
    return ended.stdout.splitlines()


@pytest.mark.skipif(not heap._is_glibc(), reason="another C library than glibc")
def test_a_process_begins_anew_once_with_its_own_command_line() -> None:
    """What was set before stays; then it goes on."""
    ours = [f"{name}={value}" for name, value in heap.TOLD.items()]
    assert begun() == ["None", ":".join(ours), GOES_ON]
    other = "glibc.malloc.perturb=0"
    assert begun(GLIBC_TUNABLES=other) == [other, ":".join([other, *ours]), GOES_ON]


def test_what_somebody_has_said_holds() -> None:
    """Whoever sets one of them is obeyed, and told no more where all are set."""
    said = "glibc.malloc.tcache_count=3"
    first, told, *_ = begun(GLIBC_TUNABLES=said)
    assert first == said
    assert told.startswith(f"{said}:")
    assert told.count("tcache_count") == 1
    all_said = ":".join(f"{name}=2" for name in heap.TOLD)
    assert begun(GLIBC_TUNABLES=all_said) == [all_said, GOES_ON]


def test_a_process_that_has_begun_anew_does_not_so_again_whatever_it_was_told() -> None:
    """Its C library may have taken away what it was told."""
    assert begun(**{heap.BEGAN_ANEW: "1"}) == ["None", GOES_ON]


def test_another_c_library_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing begins anew where nobody reads it."""
    monkeypatch.delenv(heap.TUNABLES, raising=False)
    monkeypatch.setattr(heap, "_is_glibc", lambda: False)
    heap.begin_anew()
    assert heap.TUNABLES not in os.environ
