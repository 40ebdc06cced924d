"""SFTP version 3 over one channel: paramiko's client, where it is too easy-going for us.

What is other here: the extensions a server offers are kept; an answer that is a refusal is a
``Refusal`` with its status, so that it is never taken for a broken connection; many writes are
under way at once *and* each of their answers is read (paramiko's pipelined writes drop refusals).
The protocol is draft-ietf-secsh-filexfer-02, the extensions are OpenSSH's (its file PROTOCOL).
"""

from __future__ import annotations

import errno
import stat
import struct
from collections.abc import Iterable, Iterator
from typing import Any

import paramiko
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from paramiko import sftp
from paramiko.message import Message

from bridge.sdk import Said
from bridge.sdk.documents import DocumentFault

__all__ = ["BROKEN", "FSYNC", "POSIX_RENAME", "STATVFS", "Refusal", "Wire", "plain"]

FSYNC = "fsync@openssh.com"
POSIX_RENAME = "posix-rename@openssh.com"
STATVFS = "statvfs@openssh.com"
BROKEN = (
    OSError, EOFError, paramiko.SSHException, paramiko.SFTPError,
    struct.error, ValueError, TypeError, LookupError, ArithmeticError, AssertionError,
    InvalidSignature, UnsupportedAlgorithm,
)  # fmt: skip
"""What says that a connection is of no use any more: it ended, or what came over it is nonsense.

paramiko checks little of what it reads, so nonsense comes out of it as whatever it breaks.
"""

VERSION = 3
BLOCK = 32_768
"""Bytes a request: what every server takes."""

UNDER_WAY = 32
"""Requests that wait for their answer at once; no more than a megabyte, half a channel's window."""

_NUMBERS = {
    sftp.SFTP_NO_SUCH_FILE: errno.ENOENT,
    sftp.SFTP_PERMISSION_DENIED: errno.EACCES,
    sftp.SFTP_OP_UNSUPPORTED: errno.ENOSYS,
    10: errno.ENOENT,  # no such path, and so on to 15: of later versions, and some servers' 3
    12: errno.EROFS,
    14: errno.ENOSPC,
    15: errno.EDQUOT,
}


class Refusal(Exception):  # noqa: N818 - an answer, not an error
    """The server answered, and the answer is no.

    ``code`` is its SFTP status, ``number`` the errno it means, 0 where it tells none, and
    ``reason`` what is said where the errno says nothing.
    """

    def __init__(self, code: int, number: int | None = None, reason: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.number = _NUMBERS.get(code, 0) if number is None else number
        self.reason = reason or Said("the server refuses it (SFTP status {code})", code=code)

    def as_error(self) -> OSError:
        """Return what a file system would raise."""
        return OSError(self.number, self.reason)


class _Answers:
    """The answers to requests that are under way, in whatever order they come."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._waiting: set[int] = set()
        self.refusal: Refusal | None = None
        self.data: dict[int, bytes] = {}

    def ask(self, kind: int, *parts: object) -> int:
        """Send a request."""
        number: int = self._wire._async_request(self, kind, *parts)  # noqa: SLF001 - our own base
        self._waiting.add(number)
        return number

    def settle(self, most: int = 0) -> None:
        """Read answers until at most so many are missing."""
        while len(self._waiting) > most:
            self._wire._read_response()  # noqa: SLF001 - our own base

    def _async_response(self, kind: int, message: Message, number: int) -> None:
        self._waiting.discard(number)
        if kind == sftp.CMD_DATA:
            self.data[number] = message.get_string()
            return
        if kind != sftp.CMD_STATUS:
            raise paramiko.SFTPError("neither data nor a status")
        try:
            self._wire._convert_status(message)  # noqa: SLF001 - our own base
        except EOFError:
            self.data[number] = b""
        except Refusal as refusal:
            self.refusal = self.refusal or refusal


class Wire(paramiko.SFTPClient):  # type: ignore[misc]  # paramiko ships no types
    """The requests that the folders need. Of one thread at a time.

    Every method may raise ``Refusal``; what else is raised says that the connection is of no use.
    """

    offers: frozenset[str]

    def _send_version(self) -> int:
        hello = Message()
        hello.add_int(VERSION)
        self._send_packet(sftp.CMD_INIT, hello)
        kind, data = self._read_packet()
        if kind != sftp.CMD_VERSION:
            raise paramiko.SFTPError("no SFTP server")
        told = Message(data)
        version: int = told.get_int()
        offers = []
        while told.get_remainder():
            offers.append(told.get_string().decode(errors="replace"))
            told.get_string()
        self.offers = frozenset(offers)
        return version

    def _convert_status(self, message: Message) -> None:
        code = message.get_int()
        if code == sftp.SFTP_EOF:
            raise EOFError
        if code != sftp.SFTP_OK:
            raise Refusal(code)

    def opened(self, path: str, flags: int) -> bytes:
        """Open a file and return its handle."""
        attributes = paramiko.SFTPAttributes()
        kind, message = self._request(sftp.CMD_OPEN, path.encode(), flags, attributes)
        return _handle(kind, message)

    def created(self, path: str) -> bytes:
        """Make a new file, in the place of one that was left behind, and return its handle.

        Never opened: what lies there may be a link, or be written by a request of a connection
        that broke.
        """
        flags = sftp.SFTP_FLAG_WRITE | sftp.SFTP_FLAG_CREATE | sftp.SFTP_FLAG_EXCL
        try:
            return self.opened(path, flags)
        except Refusal as refusal:
            if refusal.number:
                raise
        self.gone(path)
        return self.opened(path, flags)

    def gone(self, path: str) -> None:
        """Remove a file unless it is not there."""
        try:
            self.remove(path)
        except Refusal as refusal:
            if refusal.number != errno.ENOENT:
                raise

    def upload(self, handle: bytes, blocks: Iterable[bytes]) -> int:
        """Write a file from its beginning and return its size in bytes; every answer is read."""
        answers, size = _Answers(self), 0
        try:
            for block in _of_one_size(blocks):
                answers.ask(sftp.CMD_WRITE, handle, sftp.int64(size), block)
                size += len(block)
                answers.settle(UNDER_WAY)
                if answers.refusal is not None:
                    break
        except DocumentFault:  # the connection is well
            answers.settle()
            raise
        answers.settle()
        if answers.refusal is not None:
            raise answers.refusal
        return size

    def piece(self, handle: bytes, offset: int, size: int) -> bytes:
        """Return up to ``size`` bytes, none at the end of the file."""
        answers = _Answers(self)
        asked = []
        for start in range(offset, offset + size, BLOCK):
            length = min(BLOCK, offset + size - start)
            number = answers.ask(sftp.CMD_READ, handle, sftp.int64(start), length)
            asked.append((number, length))
        answers.settle()
        whole = bytearray()
        for number, length in asked:
            block = answers.data.get(number, b"")
            whole += block
            if len(block) < length:
                break
        if answers.refusal is not None and not whole:
            raise answers.refusal
        return bytes(whole)

    def settled(self, handle: bytes) -> int:
        """Let a file be on the server's disk, where it offers that; return its size there."""
        if FSYNC in self.offers:
            self._request(sftp.CMD_EXTENDED, FSYNC, handle)
        return self.size(handle)

    def size(self, handle: bytes) -> int:
        """Return the size of an open file in bytes."""
        kind, message = self._request(sftp.CMD_FSTAT, handle)
        if kind != sftp.CMD_ATTRS:
            raise paramiko.SFTPError("no attributes")
        return paramiko.SFTPAttributes._from_msg(message).st_size or 0  # noqa: SLF001 - no other way

    def let_go(self, handle: bytes) -> None:
        """Close an open file."""
        self._request(sftp.CMD_CLOSE, handle)

    def look(self, path: str) -> bytes:
        """Begin to list a folder and return the handle of the list."""
        return _handle(*self._request(sftp.CMD_OPENDIR, path.encode()))

    def entries(self, path: str) -> Iterator[tuple[bytes, bool]]:
        """Yield the names in a folder, as the server writes them, and whether each is a file."""
        handle = self.look(path)
        try:
            while True:
                kind, message = self._request(sftp.CMD_READDIR, handle)
                if kind != sftp.CMD_NAME:
                    raise paramiko.SFTPError("no names")
                for _ in range(message.get_int()):
                    name, long = message.get_string(), message.get_string()
                    yield name, plain(paramiko.SFTPAttributes._from_msg(message), long)  # noqa: SLF001 - as above
        except EOFError:
            self.let_go(handle)

    def space(self, path: str) -> tuple[int, bool] | None:
        """Return the bytes that can be written below a folder, and whether it is read-only.

        None where the server does not tell.
        """
        if STATVFS not in self.offers:
            return None
        kind, message = self._request(sftp.CMD_EXTENDED, STATVFS, path.encode())
        if kind != sftp.CMD_EXTENDED_REPLY:
            raise paramiko.SFTPError("no extended reply")
        told = [message.get_int64() for _ in range(11)]
        return told[1] * told[4], bool(told[9] & 1)


def plain(attributes: Any, long: bytes = b"-") -> bool:
    """Tell whether attributes are those of a file, not of a link or folder.

    ``long`` is the line of a list, for servers whose attributes do not tell.
    """
    kind = stat.S_IFMT(attributes.st_mode or 0)
    return kind == stat.S_IFREG if kind else long.startswith(b"-")


def _handle(kind: int, message: Message) -> bytes:
    if kind != sftp.CMD_HANDLE:
        raise paramiko.SFTPError("no handle")
    return bytes(message.get_string())


def _of_one_size(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the same bytes in blocks that fill a request."""
    rest = bytearray()
    for block in blocks:
        rest += block
        while len(rest) >= BLOCK:
            yield bytes(rest[:BLOCK])
            del rest[:BLOCK]
    if rest:
        yield bytes(rest)
