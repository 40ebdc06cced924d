"""Does several things at once, each in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from typing import TypeVar

T = TypeVar("T")


def side_by_side(calls: Sequence[Callable[[], T]], name: str) -> list[T]:
    """Return what these calls return, in their order; the first is made by the caller's own thread.

    ``name`` is the threads'. Each call is made to its end, whatever becomes of the others, Ctrl-C too.

    Raises:
        BaseException: what the first that failed raised.
    """
    returned: dict[int, T] = {}
    failed: dict[int, BaseException] = {}

    def make(n: int) -> None:
        try:
            returned[n] = calls[n]()
        except BaseException as error:  # noqa: BLE001 - raised once all have ended
            failed[n] = error

    threads = [
        threading.Thread(target=partial(make, n), name=f"{name}-{n}", daemon=True)
        for n in range(1, len(calls))
    ]
    with ExitStack() as joined:
        for thread in threads:
            thread.start()
            joined.callback(thread.join)
        if calls:
            make(0)
    if failed:
        raise failed[min(failed)]
    return [returned[n] for n in range(len(calls))]
