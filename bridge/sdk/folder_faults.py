"""What the file system says, and what it means: nothing is sent before the rename.

A file that could not be written, synced or renamed never had its name, so every error up to the
rename proves that the command was not applied.
"""

from __future__ import annotations

import errno
from collections.abc import Mapping

from bridge.domain.said import Said
from bridge.sdk.errors import Retryable

__all__ = ["SAFE_FAULTS", "retryable"]

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

#: ``Plugin.safe_faults`` of an exchange of files: what proves that a file was not handed over.
SAFE_FAULTS: Mapping[str, str] = {
    errno.errorcode[number]: f"{words}: the file never had its name"
    for number, (words, _) in _FAULTS.items()
}


def retryable(error: OSError, folder: str) -> Retryable:
    """Return the error of a read, or of a write before its rename, naming ``folder``."""
    words, unreachable = _FAULTS.get(
        error.errno or 0, (error.strerror or Said("input error"), False)
    )
    said = Said("{place}: {reason}", place=folder, reason=words)
    return Retryable(said, unreachable=unreachable)
