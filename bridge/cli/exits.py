"""How a command ends (contracts/cli.md, exit codes)."""

from __future__ import annotations

from enum import IntEnum

__all__ = ["CommandFault", "ExitCode", "worst"]


class ExitCode(IntEnum):
    """What a script reads of a command's end."""

    DONE = 0
    """Done, and nothing is left to do."""
    ATTENTION = 1
    """Done, and something needs a person."""
    WRONG = 2
    """The command or the configuration is wrong."""
    UNREACHABLE = 3
    """A system or database could not be reached."""
    INTERRUPTED = 130
    """Somebody stopped it (Ctrl-C)."""


class CommandFault(Exception):  # noqa: N818 - said to the user, not raised at a programmer
    """A command can't go on: ``text`` for the reader in their language, ``code`` for the script."""

    def __init__(self, text: str, code: ExitCode = ExitCode.WRONG) -> None:
        super().__init__(text)
        self.text = text
        self.code = code


def worst(*codes: ExitCode) -> ExitCode:
    """Return the code that weighs most; what could not be reached outweighs what was found."""
    return max(codes, default=ExitCode.DONE)
