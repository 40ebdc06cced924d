"""What the file system says, and what it means: nothing is sent before the rename.

A file that could not be written, synced or renamed was never in ``den/``, so every error up to
the rename proves that the command was not applied.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

from bridge.sdk.errors import Retryable

__all__ = ["SAFE_FAULTS", "retryable"]

_FAULTS: Mapping[int, tuple[str, bool]] = {
    errno.ENOSPC: ("the disk is full", False),
    errno.EDQUOT: ("the quota of the disk is used up", False),
    errno.EROFS: ("the folder is read-only", False),
    errno.EACCES: ("the bridge may not read or write here", False),
    errno.EPERM: ("the bridge may not read or write here", False),
    errno.ENOENT: ("the folder is not there (is the share mounted?)", True),
    errno.ENOTDIR: ("this is not a folder", True),
    errno.EIO: ("the disk or the share does not answer", True),
    errno.ESTALE: ("the share was unmounted", True),
    errno.ENOTCONN: ("the share is not connected", True),
    errno.EHOSTDOWN: ("the share does not answer", True),
    errno.ETIMEDOUT: ("the share does not answer", True),
}

#: For the documents: what proves that a file was not handed over.
SAFE_FAULTS: Mapping[str, str] = {
    errno.errorcode[number]: f"{words}: the file was never in den/"
    for number, (words, _) in _FAULTS.items()
}


def retryable(error: OSError, folder: str) -> Retryable:
    """Return the error of a read, or of a write before its rename, naming ``folder``."""
    words, unreachable = _FAULTS.get(error.errno or 0, (error.strerror or "input error", False))
    return Retryable(f"{folder}: {words}", unreachable=unreachable)
