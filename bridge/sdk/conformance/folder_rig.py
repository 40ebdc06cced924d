"""The rig of an adapter whose ministry exchanges files."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from bridge.sdk.adapter import Adapter
from bridge.sdk.conformance.rehearsal_rig import RehearsalRig
from bridge.sdk.folders import LocalFolders
from bridge.sdk.rehearsal_folders import FolderRehearsal

__all__ = ["FolderRig"]


class FolderRig(RehearsalRig):
    """A ``RehearsalRig`` over a ``FolderRehearsal`` that is built with ``interval=None``.

    The ministry works when a claim lets it. The codes of ``bridge.sdk.folder_faults`` need no
    ``answers``: the file system fails with them when a file gets its name.
    """

    def settle(self) -> None:
        """Let the ministry take what lies there."""
        if not isinstance(self.ministry, FolderRehearsal):
            raise TypeError(f"{self.plugin.name}: its rehearsal is no FolderRehearsal")
        self.ministry.work()

    @contextmanager
    def answering(self, code: str) -> Iterator[Adapter]:
        """See ``Rig``; ``code`` is a name of ``errno``."""
        number = getattr(errno, code, None)
        if number is None:
            raise LookupError(f"{code} is no error of a file system")
        with patch.object(LocalFolders, "reveal", side_effect=OSError(number, "no")):
            yield self.adapter()
