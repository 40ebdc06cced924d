"""One key of a person at a terminal, without Enter; where a line is typed, its first letter."""

from __future__ import annotations

import sys
import unicodedata

__all__ = ["INTERRUPT", "one_key"]

INTERRUPT = "\x03"
"""What Ctrl-C sends to a terminal that hands keys on as they are."""


def one_key() -> str:
    """Return the next key in lower case, ``""`` at the end of what is typed.

    Raises:
        KeyboardInterrupt: it was Ctrl-C.
    """
    try:
        import termios
        import tty

        number = sys.stdin.fileno()
        before = termios.tcgetattr(number)
    except (ImportError, OSError, ValueError, termios.error):  # no terminal of this machine
        return unicodedata.normalize("NFC", sys.stdin.readline()).strip().casefold()[:1]
    try:
        tty.setcbreak(number)
        key = sys.stdin.read(1)
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)
    if key == INTERRUPT:
        raise KeyboardInterrupt
    return key.casefold()
