"""How a process of the bridge keeps its memory."""

from __future__ import annotations

import ctypes
import gc
from contextlib import suppress

YOUNG = 50_000
"""How many objects are made before rubbish is looked for: a page of dossiers is no rubbish, and
neither is what is imported, nor a mapping. Left as it is, Python looks at 700, and spends two
fifths of a command's start on it: 3.1 s of processor, so 1.8."""

ARENAS = -8, 2
"""``M_ARENA_MAX`` of glibc's ``mallopt``: its threads share two heaps. With one each, what a
thread gave back serves only that thread: after 4,000 dossiers 218 MB and growing, shared 179."""


def look_seldom() -> None:
    """Look for rubbish seldom."""
    gc.set_threshold(YOUNG)


def share() -> None:
    """Let all threads allocate from few heaps, where the C library is one that has many."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).mallopt(*ARENAS)
