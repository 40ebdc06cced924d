"""The ministry's changes: ``di/`` read in name order, each file moved once it is safely stored.

What is in ``di/`` is by definition not acknowledged, so the cursor only remembers which unfinished
files were seen, and since when: their age is told by the engine's clock, never the file server's.
An unfinished file is waited for, and so is all behind it, because the order of versions matters;
one that does not grow any more is broken (or, still under a temporary name, passed over).
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from typing import BinaryIO, TypeGuard

from bridge.sdk import Json, Said
from bridge.sdk.errors import ContractBroken
from bridge.sdk.records import Page, Record, Unreadable
from bridge.sdk.xml_content import blocks_of, content_of

from .faults import failed
from .folder import BROKEN, DI, DONE, Folders
from .incoming import closed, records
from .naming import arrival, being_written, numbered, of_the_exchange
from .notes import note

__all__ = ["Feed", "Handled"]

ATTACHMENT, HASH = "TepDinhKem", "sha256"


@dataclass(frozen=True, slots=True)
class Handled:
    """A file of a page, as it was when it was read; ``reason`` says why it is broken."""

    name: str
    stamp: str
    reason: str | None = None


class _Unfinished(Exception):  # noqa: N818 - an event, not an error
    """The file, and all behind it, must wait."""


@dataclass(slots=True)
class _Gathering:
    """What one page holds so far. ``waiting`` maps a name to its stamp and when it was first so."""

    before: dict[str, list[str]]
    after: str | None
    records: list[Record | Unreadable] = field(default_factory=list)
    handled: list[Handled] = field(default_factory=list)
    waiting: dict[str, list[str]] = field(default_factory=dict)

    def page(self, *, more: bool) -> Page:
        cursor: Json = {"after": self.after, "waiting": dict(self.waiting)}
        return Page(tuple(self.records), cursor, more, tuple(self.handled))


class Feed:
    """Reads ``di/`` page by page and clears what was stored."""

    def __init__(
        self, folders: Folders, now: Callable[[], datetime], *, patience: float, page_size: int
    ) -> None:
        self._folders = folders
        self._now = now
        self._patience = patience
        self._page_size = page_size

    def page(self, cursor: Json) -> Page:
        """Return the next files; see ``Adapter.changes``."""
        gathered = _gathering(cursor)
        try:
            for name in sorted(filter(of_the_exchange, self._folders.names(DI)), key=arrival):
                if len(gathered.records) >= self._page_size or not self._add(name, gathered):
                    return gathered.page(more=True)
        except _Unfinished:
            pass
        except OSError as error:
            if not gathered.handled:
                raise failed(error, DI) from error
        return gathered.page(more=False)

    def attachment(self, name: str, sha256: str) -> Iterator[bytes]:
        """Yield the content of an attachment out of the file of this name.

        It is where it was put when it was stored, or still in ``di/``; where the name came twice,
        a later file has a number.

        Raises:
            ContractBroken: it is in none of them, or broken.
            Retryable: the folders can't be read now.
        """
        broken = ContractBroken(Said("the file it came in is not there any more"))
        try:
            for file in self._places(name):
                with file:
                    try:
                        yield from content_of(blocks_of(file), ATTACHMENT, HASH, sha256)
                    except ContractBroken as error:
                        broken = error
                    else:
                        return
        except OSError as error:
            raise failed(error, DONE) from error
        raise broken

    def _places(self, name: str) -> Iterator[BinaryIO]:
        """Open the files that one that was read may be now, the likeliest first."""
        if not name:
            return
        if not self._folders.present(DI):
            raise FileNotFoundError(errno.ENOENT, "")
        for folder in (DONE, DI):
            with suppress(FileNotFoundError):
                yield self._folders.open(folder, name)
        with suppress(FileNotFoundError):
            for number in count(2):
                yield self._folders.open(DONE, numbered(name, number))

    def acknowledge(self, token: Iterable[Handled]) -> None:
        """Move the files of a stored page away; a file that changed since is read again.

        Raises:
            AdapterError: the folders can't be written now.
        """
        try:
            targets = {target for handled in token if (target := self._clear(handled))}
            for folder in (*sorted(targets), *([DI] if targets else [])):
                self._folders.sync(folder)
        except OSError as error:
            raise failed(error, DI) from error

    def _add(self, name: str, gathered: _Gathering) -> bool:
        """Take ``name`` into the page; False when the page is full without it."""
        stamp = self._folders.stamp(DI, name)
        if stamp is None:
            return True  # it was renamed or moved since the folder was listed
        if being_written(name):
            self._must_wait(name, stamp, gathered)
            return True
        found = self._read(Handled(name, stamp), gathered)
        if gathered.records and len(gathered.records) + len(found) > self._page_size:
            return False
        broken = next((each.reason for each in found if _is_file(each, name)), None)
        gathered.records += found
        gathered.handled.append(Handled(name, stamp, broken))
        gathered.after = name
        return True

    def _read(self, handled: Handled, gathered: _Gathering) -> list[Record | Unreadable]:
        name = handled.name
        try:
            with self._folders.open(DI, name) as file:
                if closed(file):
                    return records(file, name)
            reason = f"no closing tag for {self._patience:.0f} seconds"
        except PermissionError:
            reason = "the bridge may not read this file"
        except ContractBroken as error:
            return [Unreadable(name, error.evidence)]
        self._must_wait(name, handled.stamp, gathered)
        return [Unreadable(name, reason)]

    def _must_wait(self, name: str, stamp: str, gathered: _Gathering) -> None:
        now = self._now()
        seen = gathered.before.get(name, [])
        since = datetime.fromisoformat(seen[1]) if seen[:1] == [stamp] else now
        gathered.waiting[name] = [stamp, since.isoformat()]
        if (now - since).total_seconds() < self._patience:
            raise _Unfinished

    def _clear(self, handled: Handled) -> str | None:
        """Move one file; return the folder it went to, None when there was nothing to move."""
        folders, name = self._folders, handled.name
        if folders.stamp(DI, name) != handled.stamp:
            return None
        target = DONE if handled.reason is None else BROKEN
        folders.create(target)
        if handled.reason is not None:
            beside = f"{name.removesuffix('.xml')}.txt"
            folders.write(target, beside, [note(name, handled.reason).encode()])
            folders.reveal(target, beside)
        folders.move(name, DI, target)
        return target


def _gathering(cursor: Json) -> _Gathering:
    known = cursor if isinstance(cursor, dict) else {}
    return _Gathering(before=known.get("waiting") or {}, after=known.get("after"))


def _is_file(found: Record | Unreadable, name: str) -> TypeGuard[Unreadable]:
    return isinstance(found, Unreadable) and found.name == name
