"""How a process of the bridge keeps its memory."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Mapping
from contextlib import suppress

YOUNG = 50_000
"""How many objects are made before rubbish is looked for: a page of dossiers is no rubbish, and
neither is what is imported, nor a mapping. Left as it is, Python looks at 700, and spends two
fifths of a command's start on it: 3.1 s of processor, so 1.8."""

AT_WORK = 5_000, 5, 3
"""The same for a daemon, and after how many looks at the young it looks at what is older, and at all.

At 20 dossiers a second it so looks at all every two or three minutes, and its memory is at its
height by then: looking at 50,000 it was after twenty, 30 MB higher (answers of ministries, with their
bodies, are held by circles)."""

OLDER = 1
"""The generation from which on a look is one at what is older: one every seven seconds at that pace."""

ARENAS = -8, 1
"""``M_ARENA_MAX`` of glibc's ``mallopt``: all threads share one heap. With one each, what a thread
gave back serves only that thread: after 4,000 dossiers 218 MB and growing, shared 179; and of two heaps
each has holes of its own. Most of what they allocate is Python's, one thread at a time anyway."""

LARGE = -3, 64 * 1024
"""``M_MMAP_THRESHOLD``: what is larger (a page of a list, a file) is no part of a heap, and is given back
at once. Left to itself glibc raises it to the largest it has seen, and the heaps grow by holes."""


TUNABLES = "GLIBC_TUNABLES"
NOTHING_KEPT = "glibc.malloc.tcache_count=0"
"""No thread keeps for itself what it gave back. Sixty of them fill their caches over hours, to 236 kB each:
at 20 dossiers a second that was half a megabyte a minute, 12 MB by the end of half an hour."""


BEGAN_ANEW = "_DOSSIER_BRIDGE_BEGAN_ANEW"
"""Set where that was done: of a process that may do more than its user glibc takes what it was told away."""


def begin_anew() -> None:
    """Begin this process once more, in its own place, with what glibc reads only when one begins.

    Returns where that was done before, where somebody has said otherwise, or where it is another C
    library.
    """
    said = os.environ.get(TUNABLES, "")
    done = BEGAN_ANEW in os.environ or "glibc.malloc.tcache_count" in said
    if done or not (sys.executable and _is_glibc()):
        return
    os.environ[TUNABLES] = ":".join(filter(None, [said, NOTHING_KEPT]))
    os.environ[BEGAN_ANEW] = "1"
    with suppress(OSError):
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - this very program


def _is_glibc() -> bool:
    with suppress(AttributeError, OSError, ValueError):
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc")
    return False


def look_seldom() -> None:
    """Look for rubbish seldom."""
    gc.set_threshold(YOUNG)


def look_often() -> None:
    """Look for rubbish as a process that works for years does; what is there now stays, unlooked at."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*AT_WORK)
    gc.callbacks.append(_give_back)


def _give_back(phase: str, info: Mapping[str, int]) -> None:
    """After a look at what is older give what is free to the system: glibc keeps it, whatever it was.

    Done only every half minute, holes grew in the heaps from each height to the next.
    """
    if phase == "stop" and info["generation"] >= OLDER:
        with suppress(AttributeError, OSError, TypeError):
            ctypes.CDLL(None).malloc_trim(0)


def share() -> None:
    """Let all threads allocate from one heap, where the C library is one that has many."""
    with suppress(AttributeError, OSError, TypeError):
        library = ctypes.CDLL(None)
        library.mallopt(*ARENAS)
        library.mallopt(*LARGE)
