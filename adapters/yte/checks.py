"""What ``check`` looks at: the server, the folders, the right to write and rename, the space left."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator, Iterator

from bridge.sdk import Said, joined
from bridge.sdk.records import Check

from .faults import LoginRefused, NotTrusted, failed
from .folder import BROKEN, DEN, DI, DONE, XACNHAN, Folders

__all__ = ["checks"]

PROBE = "dossier-bridge-check"
HOST_KEY = Said("host key")
SURE = {
    "posix-rename@openssh.com": Said("rename in one step"),
    "fsync@openssh.com": Said("sync of files"),
}
"""What a server should offer, and what it is for (``sftp.py`` tells what holds without it)."""

LEAST_FREE = 256 * 1024 * 1024
"""Bytes that must be free: a few hundred dossiers with their papers."""


def checks(folders: Folders) -> Iterator[Check]:
    """Yield the findings for the folders; never raises."""
    if not (yield from _reached(folders)):
        return
    at = DEN
    try:
        for at in (DEN, DI, XACNHAN):
            yield from _folder(folders, at)
        for at in (DEN, DI):
            if folders.present(at):
                yield _writable(folders, at)
        for at in (DONE, BROKEN):
            if folders.present(at):
                yield _writable(folders, at)
                yield _rename(folders, at)
        if folders.present(""):
            yield from _space(folders)
    except OSError as error:
        yield Check(Said("folder {folder}", folder=at), ok=False, detail=failed(error, at).reason)


def _reached(folders: Folders) -> Generator[Check, None, bool]:
    """Yield the findings of a server; return whether it let us in."""
    address = Check("address", ok=True, detail=folders.place(""))
    known = Check(HOST_KEY, ok=True, detail=Said("the one in known_hosts"))
    try:
        offers = folders.reach()
    except NotTrusted as error:
        yield Check(HOST_KEY, ok=False, detail=error.reason)
    except LoginRefused as error:
        yield from (address, known, Check("login", ok=False, detail=error.reason))
    except OSError as error:
        yield Check("address", ok=False, detail=failed(error, DEN).reason)
    else:
        if offers is not None:
            yield from (address, known, Check("login", ok=True, detail=Said("login accepted")))
            yield _offered(offers)
        return True
    return False


def _offered(offers: frozenset[str]) -> Check:
    lacking = [word for name, word in SURE.items() if name not in offers]
    words = Said("it has no {words}", words=joined(lacking, ", "))
    whole = Said("it renames in one step, and syncs files")
    return Check(Said("SFTP server"), ok=True, detail=words if lacking else whole)


def _folder(folders: Folders, folder: str) -> Iterator[Check]:
    there, place = folders.present(folder), folders.place(folder)
    lost = Said("{place}: {reason}", place=place, reason=Said("the folder is not there"))
    yield Check(Said("folder {folder}", folder=folder), there, place if there else lost)
    if there:
        yield _readable(folders, folder)


def _readable(folders: Folders, folder: str) -> Check:
    name = Said("read {folder}", folder=folder)
    try:
        folders.look(folder)
    except OSError as error:
        return Check(name, ok=False, detail=failed(error, folder).reason)
    return Check(name, ok=True, detail=Said("can be listed"))


def _writable(folders: Folders, folder: str) -> Check:
    name, trial = Said("write {folder}", folder=folder), _trial()
    try:
        _lay(folders, folder, trial)
        folders.sync(folder)
        folders.remove(folder, trial)
    except OSError as error:
        return Check(name, ok=False, detail=failed(error, folder).reason)
    return Check(name, ok=True, detail=Said("a file can be made, renamed and removed"))


def _rename(folders: Folders, folder: str) -> Check:
    name, trial = Said("rename into {folder}", folder=folder), _trial()
    try:
        _lay(folders, DI, trial)
        try:
            folders.move(trial, DI, folder)
        finally:
            folders.remove(DI, trial)
        folders.remove(folder, trial)
    except OSError as error:
        elsewhere = Said("on another file system than di: no rename")
        detail = elsewhere if error.errno == errno.EXDEV else failed(error, folder).reason
        return Check(name, ok=False, detail=detail)
    return Check(name, ok=True, detail=Said("a file of di can be moved there"))


def _lay(folders: Folders, folder: str, trial: str) -> None:
    folders.write(folder, trial, [b"check"])
    folders.reveal(folder, trial)


def _trial() -> str:
    return f".{PROBE}-{os.getpid()}"


def _space(folders: Folders) -> Iterator[Check]:
    free = folders.free()
    if free is not None:
        left = Said("{size} MiB free at {place}", size=free // 2**20, place=folders.place(""))
        yield Check("space", free >= LEAST_FREE, left)
