"""Files a ministry issues, on their way in: read once more, piece by piece, when they are wanted.

A record names its files by their sha256 and never carries their contents: so no inbox, no journal
and no memory holds them. Which are wanted the engine knows; their bytes it takes from the adapter
and hands straight on to the one-stop's documents folder.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from bridge.sdk.records import Record

__all__ = ["ResultFault", "ResultFile", "ResultSource", "Trouble"]

Trouble = Literal["wrong", "large"]
"""What a file may be: another than its record claims (or none at all), or too large."""


class ResultFault(Exception):  # noqa: N818 - a fault of the file, not of the program
    """An issued file can't be taken in; its record can. ``reason`` is for an engineer."""

    def __init__(self, trouble: Trouble, reason: str) -> None:
        super().__init__(reason)
        self.trouble = trouble
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A ``dossier_document`` row of kind ``result``; its file lies at ``path`` already.

    ``size`` is in bytes, ``sha256`` lower-case hex, ``path`` relative to the documents folder.
    """

    id: str
    name: str
    file_name: str
    media_type: str
    size: int
    sha256: str
    path: str
    result_code: str | None = None


@runtime_checkable
class ResultSource(Protocol):
    """What an adapter also offers that declares ``results``."""

    def result(self, record: Record, sha256: str) -> Iterator[bytes]:
        """Yield the bytes of the file with this sha256 (as claimed) that ``record`` shows.

        They are proved by whoever takes them. ``record`` may be weeks old.

        Raises:
            ContractBroken: it is not there, or its content can't be read; asking again won't help.
            Rejected: the ministry won't give it; asking again won't help either.
            AdapterError: it could not be had now; it is asked for again.
        """
        ...
