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

Looking at 50,000 its memory was 30 MB higher: answers of ministries, with their bodies, are held by circles."""

ALL_EVERY = 20
"""Seconds from one look at all to the next. Left to itself Python waits until a quarter more is there than
the last time: two or three minutes at 20 dossiers a second, and longer the more it keeps."""

OLDER = 1
"""The generation from which on a look is one at what is older: one every seven seconds at that pace."""

TUNABLES = "GLIBC_TUNABLES"
TOLD: Mapping[str, int] = {
    "glibc.malloc.arena_max": 1,
    "glibc.malloc.mmap_threshold": 64 * 1024,
    "glibc.malloc.tcache_count": 0,
}
"""What glibc is told when a daemon begins, for some of it can't be said later.

One heap for all threads: with one each, what a thread gave back serves only that thread (after 4,000
dossiers 218 MB and growing, shared 179), and of two heaps each has holes of its own. Most of what they
allocate is Python's, one thread at a time anyway. What is larger than so many bytes (a page of a list, a
file) is no part of the heap, and is given back at once: left to itself glibc raises that to the largest it
has seen, and the heap grows by holes. No thread keeps for itself what it gave back: sixty of them fill their
caches over hours, to 236 kB each; at 20 dossiers a second that was half a megabyte a minute, 12 MB by the
end of half an hour."""

BEGAN_ANEW = "_DOSSIER_BRIDGE_BEGAN_ANEW"
"""Set where that was done: of a process that may do more than its user glibc takes what it was told away."""


def begin_anew() -> None:
    """Begin this process once more, in its own place, with what glibc reads only when one begins.

    Returns where that was done before, where somebody has said all of it otherwise, or where it is another
    C library.
    """
    said = os.environ.get(TUNABLES, "")
    ours = [f"{name}={value}" for name, value in TOLD.items() if name not in said]
    if BEGAN_ANEW in os.environ or not ours or not (sys.executable and _is_glibc()):
        return
    os.environ[TUNABLES] = ":".join(filter(None, [said, *ours]))
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


def look_at_all() -> None:
    """Look for rubbish among everything that came since; takes some hundredths of a second."""
    gc.collect()


def _give_back(phase: str, info: Mapping[str, int]) -> None:
    """After a look at what is older give what is free to the system: glibc keeps it, whatever it was.

    Done only every half minute, holes grew in the heaps from each height to the next.
    """
    if phase == "stop" and info["generation"] >= OLDER:
        with suppress(AttributeError, OSError, TypeError):
            ctypes.CDLL(None).malloc_trim(0)
