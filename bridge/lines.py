"""Lines for whoever reads stderr: a reader that is gone, or a disk that is full, changes nothing else.

What can't be written is let go: no line is worth a delivery, a signal obeyed or an exit code.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TextIO

__all__ = ["Lines", "ensure_stderr", "let_stderr_go"]

_LOST = (OSError, ValueError)
"""What a stream raises that can't be written: a pipe without a reader, a full disk; closed."""


class Lines:
    """A text stream that is written if it can be; none of its methods raises for that."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write a text, or let it go; returns its length."""
        with suppress(*_LOST):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Write out what is held back, or let it go."""
        with suppress(*_LOST):
            self._stream.flush()


def ensure_stderr() -> None:
    """See to it that there is a stderr: a process may be started without (``2>&-``)."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - until the end


def let_stderr_go() -> None:
    """Write out what stderr holds back. What can't be written goes nowhere from now on.

    Else the interpreter tries once more at its end, and ends with 120.
    """
    try:
        sys.stderr.flush()
    except _LOST:
        with suppress(*_LOST):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
