"""The three folders on an SFTP server.

What holds there, and what a local path has more of:

- A file is written under its temporary name, each block answered by the server, synced where the
  server offers ``fsync@openssh.com``, its size compared, and renamed in one step by
  ``posix-rename@openssh.com``. Its hash is not read back: on the way SSH itself proves every byte,
  and the server would read from its memory what it has just written there, not from its disk.
- Without fsync a file may be lost, or be short, when the *server* loses power just after. A folder
  can't be synced at all, so a rename may be lost likewise: then no receipt comes, and a person is
  told (``answer_deadline_hours``).
- Without posix-rename a name that is taken must be freed first. A reader never sees half a file
  all the same, but for a moment none; and when the connection breaks in that moment, the older
  file is gone and the newer not there yet: it is not sent, and sent again.
- A connection that breaks before the rename leaves nothing sent; at the rename, doubt: the file is
  laid down again under the same name, after a look at what lies there.
- Times are told in seconds: a file that is replaced by another of the same size within the second
  in which it was read is taken for the one that was read.
"""

from __future__ import annotations

import errno
import heapq
import io
import posixpath
import stat
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import PurePosixPath
from typing import BinaryIO, cast

from paramiko import sftp

from bridge.sdk import Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.connections import Connections
from bridge.sdk.documents import DocumentFault
from bridge.sdk.folder_faults import ConnectionLost, RenameUnanswered
from bridge.sdk.folder_names import arrival, numbered, of_the_exchange
from bridge.sdk.folders import temporary

from .options import YteOptions, server_address
from .sftp_reading import AT_ONCE, Reading
from .sftp_session import Server, Session, broke
from .sftp_wire import BROKEN, POSIX_RENAME, Refusal, Wire, plain

__all__ = ["SftpFolders"]

CONNECTIONS = 5
"""The most sessions at one server; OpenSSH lets ten be begun at once."""

MOST_NAMES = 10_000
"""Names of a folder that are kept, the first in their order: many pages of the feed."""

MOST_ENTRIES = 1_000_000
"""Entries of a folder that are looked through; a list that is longer has no end."""

LEAST_FREE = 1024 * 1024
"""Bytes: with less, a refusal without a reason is taken for a full disk."""


class SftpFolders:
    """The folders below the path of ``[options] sftp``; safe to use from several threads."""

    def __init__(self, options: YteOptions, context: AdapterContext) -> None:
        if options.sftp is None or options.key is None or options.known_hosts is None:
            raise ValueError("sftp needs its address, a key and known_hosts")
        self._address = server_address(options.sftp)
        passphrase = options.passphrase.get_secret_value() if options.passphrase else None
        self._server = Server(
            self._address,
            context.folder / options.known_hosts,
            options.key.get_secret_value(),
            passphrase,
            context.timeout_seconds,
        )
        self._sessions: Connections[Session] = Connections(
            self._server.session,
            CONNECTIONS,
            context.timeout_seconds,
            crowded=lambda: OSError(errno.EAGAIN, Said("all connections are in use")),
            sound=lambda session: session.sound,
        )

    def place(self, folder: str) -> str:
        """See ``Folders``."""
        return f"{self._address.place}{self._path(folder)}"

    def reach(self) -> frozenset[str] | None:
        """See ``Folders``."""
        with self._speaking() as wire:
            return wire.offers

    def present(self, folder: str) -> bool:
        """See ``Folders``."""
        try:
            with self._speaking() as wire:
                return stat.S_ISDIR(wire.stat(self._path(folder)).st_mode or 0)
        except FileNotFoundError:
            return False

    def names(self, folder: str) -> list[str]:
        """See ``Folders``; of the exchange's, the first ``MOST_NAMES`` in their order.

        A name that is not UTF-8, or that could lead out of the folder, is none of them.
        """
        with self._speaking() as wire:
            found = _sane(_no_more_than(MOST_ENTRIES, wire.entries(self._path(folder))))
            return heapq.nsmallest(MOST_NAMES, found, key=arrival)

    def look(self, folder: str) -> None:
        """See ``Folders``."""
        with self._speaking() as wire:
            wire.let_go(wire.look(self._path(folder)))

    def stamp(self, folder: str, name: str) -> str | None:
        """See ``Folders``; size and time of change in seconds. A link is no file."""
        try:
            with self._speaking() as wire:
                found = wire.lstat(self._path(folder, name))
        except FileNotFoundError:
            return None
        return f"{found.st_size}-{found.st_mtime}" if plain(found) else None

    def open(self, folder: str, name: str) -> BinaryIO:
        """See ``Folders``; the file has a session to itself until it is closed."""
        with ExitStack() as stack:
            session = stack.enter_context(self._sessions.lent())
            with self._told(session) as wire:
                handle = wire.opened(self._path(folder, name), sftp.SFTP_FLAG_READ)
                size = wire.size(handle)
            stack.callback(self._let_go, session, handle)

            def piece(offset: int, length: int) -> bytes:
                with self._told(session) as wire:
                    return wire.piece(handle, offset, length)

            raw = Reading(piece, size, stack.pop_all().close)
            return cast("BinaryIO", io.BufferedReader(raw, max(1, min(size, AT_ONCE))))

    def write(self, folder: str, name: str, content: Iterable[bytes]) -> None:
        """See ``Folders``; the size is compared."""
        with self._speaking() as wire:
            try:
                _upload(wire, self._path(folder, temporary(name)), content)
            except Refusal as refusal:
                raise _reason(wire, refusal, self._path(folder)) from None

    def remove(self, folder: str, name: str) -> None:
        """See ``Folders``."""
        with self._speaking() as wire:
            wire.gone(self._path(folder, name))

    def unchanged(self, folder: str, name: str) -> bool:
        """See ``Folders``; both are read where their sizes are the same."""
        paths = self._path(folder, name), self._path(folder, temporary(name))
        with self._speaking() as wire:
            try:
                sizes = [wire.lstat(path).st_size for path in paths]
                return sizes[0] == sizes[1] and _equal(wire, *paths)
            except Refusal as refusal:
                if refusal.number != errno.ENOENT:
                    raise
                return False

    def reveal(self, folder: str, name: str) -> None:
        """See ``Folders``; ``RenameUnanswered`` when the connection breaks meanwhile."""
        old, new = self._path(folder, temporary(name)), self._path(folder, name)
        with self._speaking(ConnectionLost) as wire:
            if POSIX_RENAME not in wire.offers:
                wire.gone(new)
        with self._speaking(RenameUnanswered) as wire:
            rename = wire.posix_rename if POSIX_RENAME in wire.offers else wire.rename
            rename(old, new)

    def move(self, name: str, source: str, target: str) -> None:
        """See ``Folders``; a name that is taken gets a number: ``x.xml``, ``x~2.xml``."""
        with self._speaking() as wire:
            goal, number = PurePosixPath(self._path(target, name)), 1
            while _there(wire, str(goal)):
                number += 1
                goal = goal.with_name(numbered(name, number))
            origin = self._path(source, name)
            try:
                wire.rename(origin, str(goal))
            except Refusal:
                if _there(wire, origin):
                    raise

    def create(self, folder: str) -> None:
        """See ``Folders``."""
        if not self.present(folder):
            with self._speaking() as wire:
                wire.mkdir(self._path(folder))

    def sync(self, folder: str) -> None:
        """See ``Folders``; SFTP has no word for it."""

    def free(self) -> int | None:
        """See ``Folders``."""
        with self._speaking() as wire:
            told = wire.space(self._path(""))
        return told[0] if told else None

    def close(self) -> None:
        """See ``Folders``."""
        self._sessions.close()

    def _path(self, folder: str, name: str = "") -> str:
        return posixpath.join(self._address.path, folder, name).rstrip("/") or "/"

    @contextmanager
    def _speaking(self, lost: type[ConnectionLost] = ConnectionLost) -> Iterator[Wire]:
        with self._sessions.lent() as session, self._told(session, lost) as wire:
            yield wire

    @contextmanager
    def _told(
        self, session: Session, lost: type[ConnectionLost] = ConnectionLost
    ) -> Iterator[Wire]:
        """Say what goes wrong in the words of a file system, and leave a connection that broke."""
        try:
            yield session.wire
        except Refusal as refusal:
            raise refusal.as_error() from None
        except DocumentFault:
            raise
        except BROKEN as error:
            session.close()
            raise lost(broke(self._address.place, error)) from error
        except BaseException:
            session.close()
            raise

    def _let_go(self, session: Session, handle: bytes) -> None:
        if session.sound:
            with suppress(OSError), self._told(session) as wire:
                wire.let_go(handle)


def _no_more_than(most: int, entries: Iterator[tuple[bytes, bool]]) -> Iterator[tuple[bytes, bool]]:
    for number, entry in enumerate(entries):
        if number >= most:
            raise ValueError("the list of a folder does not end")
        yield entry


def _sane(entries: Iterable[tuple[bytes, bool]]) -> Iterator[str]:
    """Yield the names that files of the exchange may have in this folder."""
    for name, is_file in entries:
        if not is_file or b"/" in name or b"\0" in name or name in {b"", b".", b".."}:
            continue
        with suppress(UnicodeDecodeError):
            if of_the_exchange(text := name.decode()):
                yield text


def _there(wire: Wire, path: str) -> bool:
    try:
        wire.lstat(path)
    except Refusal as refusal:
        if refusal.number != errno.ENOENT:
            raise
        return False
    return True


def _equal(wire: Wire, first: str, second: str) -> bool:
    handles = [wire.opened(path, sftp.SFTP_FLAG_READ) for path in (first, second)]
    offset, blocks = 0, [b"", b""]
    while blocks[0] == blocks[1] and (blocks[0] or not offset):
        blocks = [wire.piece(handle, offset, AT_ONCE) for handle in handles]
        offset += len(blocks[0]) or 1
    for handle in handles:
        wire.let_go(handle)
    return blocks[0] == blocks[1]


def _upload(wire: Wire, path: str, content: Iterable[bytes]) -> None:
    """Write a new file; what is refused on the way leaves none behind."""
    handle = wire.created(path)
    try:
        size = wire.upload(handle, content)
        there = wire.settled(handle)
        wire.let_go(handle)
    except (Refusal, DocumentFault):
        with suppress(Refusal):
            wire.let_go(handle)
        wire.gone(path)
        raise
    if there != size:
        wire.gone(path)
        words = Said("{size} bytes were sent, and {there} are there", size=size, there=there)
        raise Refusal(sftp.SFTP_FAILURE, errno.EPROTO, words)


def _reason(wire: Wire, refusal: Refusal, folder: str) -> Refusal:
    """Look why a write was refused, where the server's word is no more than "failure"."""
    told = None if refusal.number else wire.space(folder)
    if told is None:
        return refusal
    free, read_only = told
    if read_only:
        return Refusal(refusal.code, errno.EROFS)
    return Refusal(refusal.code, errno.ENOSPC) if free < LEAST_FREE else refusal
