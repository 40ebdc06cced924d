"""Files of a dossier on their way to a ministry: opened late, proved by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from bridge.domain.said import Said
from bridge.sdk.errors import Rejected

__all__ = ["CHUNK", "MB", "Document", "DocumentFault", "DocumentTooLarge", "content_of", "once"]

CHUNK = 64 * 1024
MB = 1024 * 1024


class DocumentFault(Exception):  # noqa: N818 - a fault of the document, not of the program
    """A document can't be sent as the one-stop database describes it.

    ``document_id`` names the row, ``reason`` says what is wrong in words for an engineer, ``said``
    both.
    """

    def __init__(self, document_id: str, reason: str) -> None:
        self.said = Said("document {id}: {reason}", id=document_id, reason=reason)
        super().__init__(str(self.said))
        self.document_id = document_id
        self.reason = reason


class DocumentTooLarge(DocumentFault):
    """A file is larger than its receiver takes; ``said`` is the whole reason."""

    def __init__(self, document_id: str, size: int, most_mb: float) -> None:
        super().__init__(document_id, f"{size} bytes, more than {most_mb:g} MB")
        self.said = Said(
            "document {id}: {size} bytes, and at most {most} MB are taken (max_document_mb)",
            id=document_id,
            size=size,
            most=f"{most_mb:g}",
        )


@dataclass(frozen=True, slots=True)
class Document:
    """One file: what the one-stop says of it, and where it lies.

    ``size`` is in bytes, ``sha256`` lower-case hex.
    """

    id: str
    name: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    path: Path

    def weigh(self, most_mb: float) -> None:
        """See that the file is there and no larger than ``most_mb``; nothing of it is read.

        Raises:
            DocumentTooLarge: by what the one-stop tells of it, or by what lies there.
            DocumentFault: it is not there.
        """
        size = max(self.size, self._stat_size())
        if size > most_mb * MB:
            raise DocumentTooLarge(self.id, size, most_mb)

    def chunks(self) -> Iterator[bytes]:
        """Yield the file's bytes, then prove them.

        Raises:
            DocumentFault: the file is missing, unreadable, or not the one whose hash is known.
        """
        with self.opened() as file:
            yield from self.proved(file)

    @contextmanager
    def opened(self) -> Iterator[BinaryIO]:
        """Open the file; a failure is a ``DocumentFault``."""
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise self._unreadable(error) from error
        with file:
            yield file

    def proved(self, file: BinaryIO) -> Iterator[bytes]:
        """Yield what an opened file holds from where it stands, then prove it, like ``chunks``."""
        digest, length = hashlib.sha256(), 0
        while block := self._block(file):
            digest.update(block)
            length += len(block)
            yield block
        if length != self.size:
            reason = Said(
                "{length} bytes on disk, {size} in the database", length=length, size=self.size
            )
            raise DocumentFault(self.id, reason)
        if digest.hexdigest() != self.sha256.lower():
            reason = Said("the sha256 of the file is not the one in the database")
            raise DocumentFault(self.id, reason)

    def _block(self, file: BinaryIO) -> bytes:
        try:
            return file.read(CHUNK)
        except OSError as error:
            raise self._unreadable(error) from error

    def _stat_size(self) -> int:
        try:
            return self.path.stat().st_size
        except OSError as error:
            raise self._unreadable(error) from error

    def _unreadable(self, error: OSError) -> DocumentFault:
        detail = error.strerror or type(error).__name__
        return DocumentFault(self.id, Said("the file can't be read: {detail}", detail=detail))

    def verify(self) -> None:
        """Read the whole file once; raises ``DocumentFault`` like ``chunks``."""
        for _ in self.chunks():
            pass

    def read(self) -> bytes:
        """Return the proved bytes of the file; raises ``DocumentFault`` like ``chunks``."""
        return b"".join(self.chunks())


def once(items: Iterable[Mapping[str, Any]], content: str) -> list[Mapping[str, Any]]:
    """Return the items of a record, the same paper once however often it was scanned in.

    Two items are the same paper when all they say is the same, the hash among it; ``content`` is
    the key of the file itself, which is not looked at.
    """
    kept: dict[frozenset[tuple[str, str]], Mapping[str, Any]] = {}
    for item in items:
        said = frozenset((key, str(value)) for key, value in item.items() if key != content)
        kept.setdefault(said, item)
    return list(kept.values())


def content_of(reference: Any, documents: Mapping[str, Document]) -> bytes:
    """Return the proved bytes of the file that a body names as ``{"document": id}``.

    Raises:
        Rejected: (code ``DOCUMENT``) there is none, or not the one that the one-stop describes.
    """
    if not isinstance(reference, Mapping):
        raise Rejected("DOCUMENT", "documents", "a file without a document in the one-stop")
    name = str(reference.get("document"))
    document = documents.get(name)
    if document is None:
        raise Rejected("DOCUMENT", "documents", f"document {name}: is not in the one-stop")
    try:
        return document.read()
    except DocumentFault as fault:
        raise Rejected("DOCUMENT", "documents", fault.said) from fault
