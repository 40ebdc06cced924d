"""The ministry's files: a folder read in their order, each moved once it is safely stored.

What is in the folder is by definition not acknowledged, so the cursor only remembers which unfinished
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
from typing import Any, BinaryIO, TypeAlias, TypeGuard, cast

from bridge.domain.dossier import Json
from bridge.domain.said import Said
from bridge.sdk.errors import ContractBroken
from bridge.sdk.folder_faults import failed
from bridge.sdk.folder_names import arrival, being_written, numbered, of_the_exchange
from bridge.sdk.folder_notes import note
from bridge.sdk.folders import Folders, Layout
from bridge.sdk.records import Page, Record, Unreadable
from bridge.sdk.xml_content import blocks_of, shown_content
from bridge.sdk.xml_stream import closed

__all__ = ["Attachment", "FolderFeed", "Handled", "Reader"]

Reader: TypeAlias = Callable[[BinaryIO, str], list[Record | Unreadable]]
"""Reads a whole file, given its name: its records in order; raises ContractBroken."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """How files stand in an exchange's XML: the element of one, and the attribute of its hash."""

    element: str
    hash: str


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


class FolderFeed:
    """Reads the incoming folder page by page and clears what was stored.

    ``read`` reads one file. A file without the closing tag of its ``root`` is waited for
    ``patience`` seconds, then it counts as broken. ``page_size`` is the most records of a page,
    unless one file alone holds more. ``order`` is what the names are sorted by.
    """

    def __init__(  # noqa: PLR0913 - what there is to tell of a folder of files
        self,
        folders: Folders,
        layout: Layout,
        read: Reader,
        now: Callable[[], datetime],
        *,
        root: str,
        patience: float,
        page_size: int,
        order: Callable[[str], Any] = arrival,
    ) -> None:
        self._folders = folders
        self._layout = layout
        self._records = read
        self._now = now
        self._order = order
        self._root = root
        self._patience = patience
        self._page_size = page_size

    def page(self, cursor: Json) -> Page:
        """Return the next files; see ``Adapter.changes``."""
        gathered, folder = _gathering(cursor), self._layout.incoming
        try:
            for name in sorted(
                filter(of_the_exchange, self._folders.names(folder)), key=self._order
            ):
                if len(gathered.records) >= self._page_size or not self._add(name, gathered):
                    return gathered.page(more=True)
        except _Unfinished:
            pass
        except OSError as error:
            if not gathered.handled:
                raise failed(error, folder) from error
        return gathered.page(more=False)

    def attachment(self, name: str, of: Attachment, sha256: str) -> Iterator[bytes]:
        """Yield the content of an attachment out of the file of this name.

        It is where it was put when it was stored, or still where it came; where the name came
        twice, a later file has a number.

        Raises:
            ContractBroken: it is in none of them, or broken.
            Retryable: the folders can't be read now.
        """
        broken, begun = ContractBroken(Said("the file it came in is not there any more")), False
        try:
            for file in self._places(name):
                with file:
                    try:
                        for block in shown_content(blocks_of(file), of.element, of.hash, sha256):
                            begun = True
                            yield block
                    except ContractBroken as error:
                        broken = error
                    else:
                        return
                if begun:  # another one does not go on where this one broke
                    break
        except OSError as error:
            raise failed(error, self._layout.done) from error
        raise broken

    def _places(self, name: str) -> Iterator[BinaryIO]:
        """Open the files that one that was read may be now, the likeliest first."""
        if not name:
            return
        incoming, done = self._layout.incoming, self._layout.done
        if not self._folders.present(incoming):
            raise FileNotFoundError(errno.ENOENT, "")
        for folder in (done, incoming, done):  # it may be moved between the two looks
            with suppress(FileNotFoundError):
                yield self._folders.open(folder, name)
        with suppress(FileNotFoundError):
            for number in count(2):
                yield self._folders.open(done, numbered(name, number))

    def acknowledge(self, token: object) -> None:
        """Move the files of a stored page away; a file that changed since is read again.

        ``token`` is the page's.

        Raises:
            AdapterError: the folders can't be written now.
        """
        try:
            handled = cast("Iterable[Handled]", token or ())
            targets = {target for one in handled if (target := self._clear(one))}
            for folder in (*sorted(targets), *([self._layout.incoming] if targets else [])):
                self._folders.sync(folder)
        except OSError as error:
            raise failed(error, self._layout.incoming) from error

    def _add(self, name: str, gathered: _Gathering) -> bool:
        """Take ``name`` into the page; False when the page is full without it."""
        stamp = self._folders.stamp(self._layout.incoming, name)
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
            with self._folders.open(self._layout.incoming, name) as file:
                if closed(file, self._root):
                    return self._records(file, name)
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
        folders, layout, name = self._folders, self._layout, handled.name
        if folders.stamp(layout.incoming, name) != handled.stamp:
            return None
        target = layout.done if handled.reason is None else layout.broken
        folders.create(target)
        if handled.reason is not None:
            beside = f"{name.removesuffix('.xml')}.txt"
            folders.write(target, beside, [note(name, handled.reason).encode()])
            folders.reveal(target, beside)
        folders.move(name, layout.incoming, target)
        return target


def _gathering(cursor: Json) -> _Gathering:
    known = cursor if isinstance(cursor, dict) else {}
    return _Gathering(before=known.get("waiting") or {}, after=known.get("after"))


def _is_file(found: Record | Unreadable, name: str) -> TypeGuard[Unreadable]:
    return isinstance(found, Unreadable) and found.name == name
