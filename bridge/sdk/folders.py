"""The folders of an exchange of files behind a small interface, and those on a local path.

``adapters.yte.sftp`` reaches the same folders on a server.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from bridge.sdk.documents import CHUNK
from bridge.sdk.folder_names import numbered

__all__ = ["Folders", "Layout", "LocalFolders", "temporary"]


@dataclass(frozen=True, slots=True)
class Layout:
    """What the folders of an exchange are called: paths below its root, with ``/``.

    ``outgoing`` is where we lay files down for the ministry, ``receipts`` where it answers under
    the same name, ``incoming`` where it lays down its own. ``done`` and ``broken`` are where we
    move those to once they are stored, or could not be read; they are made when they are needed.
    """

    outgoing: str
    receipts: str
    incoming: str
    done: str
    broken: str


class Folders(Protocol):
    """Named folders with named files. Every method may raise ``OSError`` (``folder_faults``).

    Safe to use from several threads; made without input or output.
    """

    def place(self, folder: str) -> str:
        """Return where the folder is, for people."""
        ...

    def reach(self) -> frozenset[str] | None:
        """Have a connection; return what the server offers, None where there is no server."""
        ...

    def present(self, folder: str) -> bool:
        """Tell whether the folder is there."""
        ...

    def names(self, folder: str) -> list[str]:
        """Return the names of the plain files in the folder, in no order; links are none.

        What is not the exchange's (``folder_names.of_the_exchange``) may be left out.
        """
        ...

    def look(self, folder: str) -> None:
        """Begin to list the folder, to see whether we may."""
        ...

    def stamp(self, folder: str, name: str) -> str | None:
        """Return what tells one content of a file from the next; None when it is not there."""
        ...

    def open(self, folder: str, name: str) -> BinaryIO:
        """Open a file for reading."""
        ...

    def write(self, folder: str, name: str, content: Iterable[bytes]) -> None:
        """Write ``.<name>.tmp`` and sync it; nothing is left behind when that fails."""
        ...

    def remove(self, folder: str, name: str) -> None:
        """Remove a file; absent: nothing to do."""
        ...

    def unchanged(self, folder: str, name: str) -> bool:
        """Tell whether ``<name>`` is there with the content of ``.<name>.tmp``."""
        ...

    def reveal(self, folder: str, name: str) -> None:
        """Rename ``.<name>.tmp`` to ``<name>`` in one step, over what is there."""
        ...

    def move(self, name: str, source: str, target: str) -> None:
        """Move a file, keeping what is in ``target`` under that name; absent: nothing to do."""
        ...

    def create(self, folder: str) -> None:
        """Make the folder unless it is there; its parent must be."""
        ...

    def sync(self, folder: str) -> None:
        """Make what was renamed in the folder survive a power cut."""
        ...

    def free(self) -> int | None:
        """Return how many bytes can still be written, None where nobody tells."""
        ...

    def close(self) -> None:
        """Let go of connections; harmless when called twice, and any of the others may follow."""
        ...


def temporary(name: str) -> str:
    """Return the name a file has while it is written: ``.<name>.tmp``."""
    return f".{name}.tmp"


class LocalFolders:
    """The folders under a local path, which may be a mounted share."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def place(self, folder: str) -> str:
        """See ``Folders``."""
        return str(self.root / folder)

    def reach(self) -> frozenset[str] | None:
        """See ``Folders``."""
        return None

    def present(self, folder: str) -> bool:
        """See ``Folders``."""
        return (self.root / folder).is_dir()

    def names(self, folder: str) -> list[str]:
        """See ``Folders``."""
        with os.scandir(self.root / folder) as entries:
            return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]

    def look(self, folder: str) -> None:
        """See ``Folders``."""
        with os.scandir(self.root / folder) as entries:
            next(entries, None)

    def stamp(self, folder: str, name: str) -> str | None:
        """See ``Folders``; size and time of change."""
        try:
            found = (self.root / folder / name).stat()
        except FileNotFoundError:
            return None
        return f"{found.st_size}-{found.st_mtime_ns}"

    def open(self, folder: str, name: str) -> BinaryIO:
        """See ``Folders``."""
        return (self.root / folder / name).open("rb")

    def write(self, folder: str, name: str, content: Iterable[bytes]) -> None:
        """See ``Folders``; what was left there is never opened, for it may be a link."""
        path = self.root / folder / temporary(name)
        try:
            path.unlink(missing_ok=True)
            with path.open("xb") as file:
                file.writelines(content)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            with suppress(OSError):
                path.unlink(missing_ok=True)
            raise

    def remove(self, folder: str, name: str) -> None:
        """See ``Folders``."""
        (self.root / folder / name).unlink(missing_ok=True)

    def unchanged(self, folder: str, name: str) -> bool:
        """See ``Folders``."""
        try:
            with (self.root / folder / name).open("rb") as there:
                return _equal(there, self.root / folder / temporary(name))
        except FileNotFoundError:
            return False

    def reveal(self, folder: str, name: str) -> None:
        """See ``Folders``."""
        place = self.root / folder
        (place / temporary(name)).replace(place / name)

    def move(self, name: str, source: str, target: str) -> None:
        """See ``Folders``; a name that is taken gets a number: ``x.xml``, ``x~2.xml``."""
        goal, number = self.root / target / name, 1
        while goal.exists():
            number += 1
            goal = goal.with_name(numbered(name, number))
        with suppress(FileNotFoundError):
            (self.root / source / name).rename(goal)

    def create(self, folder: str) -> None:
        """See ``Folders``."""
        (self.root / folder).mkdir(exist_ok=True)

    def sync(self, folder: str) -> None:
        """See ``Folders``."""
        handle = os.open(self.root / folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def free(self) -> int | None:
        """See ``Folders``."""
        return shutil.disk_usage(self.root).free

    def close(self) -> None:
        """See ``Folders``; nothing is held open."""


def _equal(there: BinaryIO, path: Path) -> bool:
    with path.open("rb") as ours:
        while block := ours.read(CHUNK):
            if there.read(CHUNK) != block:
                return False
        return not there.read(1)
