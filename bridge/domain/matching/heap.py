"""The collector of garbage, while a million objects are made that all stay.

By itself Python looks through all of them whenever there are a quarter more, for cycles that are not
there: a third of the time of a matching. Meanwhile only what is young is looked through, which
is where the pages of a database leave their cycles.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

_EVERY = 10_000
_YOUNG = 1
One = TypeVar("One")


@contextmanager
def growing() -> Iterator[None]:
    """Leave what is old alone until the end."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def swept(entries: Iterable[One]) -> Iterator[One]:
    """Yield the entries, and now and then let go of what their making left behind."""
    for count, entry in enumerate(entries, 1):
        yield entry
        if not count % _EVERY:
            gc.collect(_YOUNG)
