"""A file on an SFTP server as Python's own ``io`` reads files: some at a time, from anywhere."""

from __future__ import annotations

import io
from collections.abc import Callable

__all__ = ["AT_ONCE", "Reading"]

AT_ONCE = 1024 * 1024
"""Bytes asked for at once while a file is read."""


class Reading(io.RawIOBase):
    """A file of ``size`` bytes; ``piece`` gives what is at an offset, ``let_go`` ends it."""

    def __init__(
        self, piece: Callable[[int, int], bytes], size: int, let_go: Callable[[], None]
    ) -> None:
        super().__init__()
        self._piece = piece
        self._size = size
        self._let_go = let_go
        self._at = 0

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read from anywhere."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]  # as io calls it
        """Read on into ``buffer``; see ``io.RawIOBase``."""
        wanted = min(len(buffer), self._size - self._at)
        data = self._piece(self._at, wanted) if wanted > 0 else b""
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def readall(self) -> bytes:
        """Read on to the end, in pieces as large as they may be."""
        whole = bytearray()
        while block := self._piece(self._at, min(AT_ONCE, self._size - self._at)):
            whole += block
            self._at += len(block)
        return bytes(whole)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go elsewhere; see ``io.RawIOBase``."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = start + offset
        return self._at

    def close(self) -> None:
        """Close the file and give the session back; harmless when called twice."""
        if not self.closed:
            super().close()
            self._let_go()
