"""What the file system or the server says, and what it means: nothing is sent before the rename.

A file that could not be written, synced or renamed was never in ``den/``, so every error up to
the rename proves that the command was not applied. Only a connection that breaks *at* the rename
leaves doubt.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

from bridge.sdk import Said
from bridge.sdk.errors import AdapterError, AuthFailed, InDoubt, Retryable

__all__ = [
    "SAFE_FAULTS",
    "ConnectionLost",
    "LoginRefused",
    "NotReached",
    "NotTrusted",
    "RenameUnanswered",
    "failed",
]

_FAULTS: Mapping[int, tuple[str, bool]] = {
    errno.ENOSPC: (Said("the disk is full"), False),
    errno.EDQUOT: (Said("the quota of the disk is used up"), False),
    errno.EROFS: (Said("the folder is read-only"), False),
    errno.EACCES: (Said("the bridge may not read or write here"), False),
    errno.EPERM: (Said("the bridge may not read or write here"), False),
    errno.ENOENT: (Said("the folder is not there (is the share mounted?)"), True),
    errno.ENOTDIR: (Said("this is not a folder"), True),
    errno.EIO: (Said("the disk or the share does not answer"), True),
    errno.ESTALE: (Said("the share was unmounted"), True),
    errno.ENOTCONN: (Said("the share is not connected"), True),
    errno.EHOSTDOWN: (Said("the share does not answer"), True),
    errno.ETIMEDOUT: (Said("the share does not answer"), True),
}

#: For the documents: what proves that a file was not handed over.
SAFE_FAULTS: Mapping[str, str] = {
    errno.errorcode[number]: f"{words}: the file was never in den/"
    for number, (words, _) in _FAULTS.items()
}


class ConnectionLost(OSError):  # noqa: N818 - an event, not an error
    """The connection to the server broke, or nothing came over it in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class RenameUnanswered(ConnectionLost):
    """It broke at a rename: nobody knows whether it was made."""


class NotReached(ConnectionLost):
    """No connection could be made: another try at once would meet the same."""


class NotTrusted(NotReached):
    """The server is not the one that ``known_hosts`` tells."""


class LoginRefused(NotReached):
    """The server does not let us in."""


def failed(error: OSError, folder: str) -> AdapterError:
    """Return the error of a read, or of a write up to its rename, naming ``folder`` or server."""
    match error:
        case LoginRefused():
            return AuthFailed(error.reason)
        case RenameUnanswered():
            return InDoubt(error.reason)
        case ConnectionLost():
            return Retryable(error.reason, unreachable=True)
    words, unreachable = _FAULTS.get(
        error.errno or 0, (error.strerror or Said("input error"), False)
    )
    said = Said("{place}: {reason}", place=folder, reason=words)
    return Retryable(said, unreachable=unreachable)
