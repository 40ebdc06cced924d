"""Imports what an entry point names, in silence: what a plug-in prints would spoil ``--json``."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from importlib.metadata import EntryPoint
from io import TextIOBase
from typing import TextIO

from bridge.i18n import _

__all__ = ["imported", "talks"]

_talking: set[str] = set()
"""Places of plug-ins that printed when this process imported them, which happens once."""


class _Muted(TextIOBase):
    """The standard output while a plug-in is imported: silent, and open again to who kept it.

    A handler of logs that is made at import, say, holds on to it.
    """

    def __init__(self, real: TextIO) -> None:
        self._real = real
        self.muted = True
        self.printed = False

    def write(self, text: str, /) -> int:
        """Notice what is printed, or let it pass."""
        if not self.muted:
            return self._real.write(text)
        self.printed = self.printed or bool(text)
        return len(text)

    def flush(self) -> None:
        """Let through what has passed."""
        self._real.flush()

    def fileno(self) -> int:
        """Return the file's own number."""
        return self._real.fileno()

    def isatty(self) -> bool:
        """Tell what the file is."""
        return self._real.isatty()

    def close(self) -> None:
        """Leave the file open: it is not ours."""


def imported(point: EntryPoint) -> object:
    """Return the object that an entry point names; raises whatever its module does."""
    heard = _Muted(sys.stdout)
    try:
        with redirect_stdout(heard):
            plugin: object = point.load()
    finally:
        heard.muted = False
    if heard.printed:
        _talking.add(point.value)
    return plugin


def talks(point: EntryPoint) -> str:
    """Return why a plug-in that printed is refused, empty for one that kept quiet."""
    if point.value not in _talking:
        return ""
    return _("it prints to the standard output while it is imported; that is the commands' own")
