"""Files of a dossier on their way to a ministry: opened late, proved by their hash."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.sdk.errors import Rejected

__all__ = ["CHUNK", "Document", "DocumentFault", "content_of"]

CHUNK = 64 * 1024


class DocumentFault(Exception):  # noqa: N818 - a fault of the document, not of the program
    """A document can't be sent as the one-stop database describes it.

    ``document_id`` names the row, ``reason`` says what is wrong in words for an engineer.
    """

    def __init__(self, document_id: str, reason: str) -> None:
        super().__init__(f"document {document_id}: {reason}")
        self.document_id = document_id
        self.reason = reason


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

    def chunks(self) -> Iterator[bytes]:
        """Yield the file's bytes, then prove them.

        Raises:
            DocumentFault: the file is missing, unreadable, or not the one whose hash is known.
        """
        digest, length = hashlib.sha256(), 0
        try:
            with self.path.open("rb") as file:
                while block := file.read(CHUNK):
                    digest.update(block)
                    length += len(block)
                    yield block
        except OSError as error:
            detail = error.strerror or type(error).__name__
            raise DocumentFault(self.id, f"the file can't be read: {detail}") from error
        if length != self.size:
            raise DocumentFault(self.id, f"{length} bytes on disk, {self.size} in the database")
        if digest.hexdigest() != self.sha256.lower():
            raise DocumentFault(self.id, "the sha256 of the file is not the one in the database")

    def verify(self) -> None:
        """Read the whole file once; raises ``DocumentFault`` like ``chunks``."""
        for _ in self.chunks():
            pass

    def read(self) -> bytes:
        """Return the proved bytes of the file; raises ``DocumentFault`` like ``chunks``."""
        return b"".join(self.chunks())


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
        raise Rejected("DOCUMENT", "documents", str(fault)) from fault
