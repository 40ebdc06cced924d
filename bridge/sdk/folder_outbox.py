"""What goes out as files: written and synced under a temporary name, renamed, answered by name.

A file name is the key: the same dossier version is always the same file, so laying it down again
is safe, and only the ministry's receipt, a file of the same name, proves that it was taken.
"""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from bridge.domain.said import Said
from bridge.sdk.documents import DocumentFault
from bridge.sdk.errors import AdapterError, InDoubt, Rejected
from bridge.sdk.folder_faults import ConnectionLost, NotReached, failed
from bridge.sdk.folder_names import dossier_file
from bridge.sdk.folders import Folders, Layout, temporary
from bridge.sdk.records import Answer, Applied, Command, Confirmation, Probe, Receipt, Undecided

__all__ = ["Outbox", "Reading", "Writing"]

Writing: TypeAlias = Callable[[Command], Iterable[bytes]]
"""Returns the blocks of a command's file; raises Rejected before the first, or DocumentFault."""

Reading: TypeAlias = Callable[[bytes, str, Command], Confirmation]
"""Reads a whole receipt, given the name of its file; may raise AdapterError."""


_Thing = TypeVar("_Thing")
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class _Laid:
    """A file ready for its name; ``note`` says why there is nothing to rename."""

    name: str
    note: str | None = None


class Outbox:
    """The outgoing folder and the receipts to it. Keeps no state; safe to share by threads.

    ``write`` makes a command's file, ``read`` reads a receipt whose root element is ``receipt``.
    ``name`` names the file of a dossier code and a version: always the same for the same.
    """

    def __init__(  # noqa: PLR0913 - what there is to tell of files that go out
        self,
        folders: Folders,
        layout: Layout,
        write: Writing,
        read: Reading,
        *,
        receipt: str,
        name: Callable[[str, int], str] = dossier_file,
    ) -> None:
        self._folders = folders
        self._out, self._receipts = layout.outgoing, layout.receipts
        self._write = write
        self._read = read
        self._closed = re.compile(rb"</(?:[\w.-]+:)?" + re.escape(receipt.encode()) + rb"\s*>")
        self._name = name

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """See ``Adapter``: all files written and synced, then renamed, then the folder synced.

        A file that breaks the connection stops none of its neighbours; once no connection can be
        made, the rest is not tried.
        """
        laid = _each(self._lay, commands, self._out)
        answers: list[Answer] = list(_each(self._reveal, list(laid), self._out))
        if not any(isinstance(answer, Receipt) for answer in answers):
            return answers
        try:
            self._folders.sync(self._out)
        except OSError as error:
            reason = failed(error, self._out).reason
            doubt = Said("{reason}; the file may be there, or not", reason=reason)
            return [InDoubt(doubt) if isinstance(a, Receipt) else a for a in answers]
        return answers

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """See ``Adapter``: one look-up by name for each, for the folder keeps every receipt."""
        try:
            if not self._folders.present(self._receipts):
                raise FileNotFoundError(errno.ENOENT, "")
        except OSError as error:
            return [failed(error, self._receipts) for _ in commands]
        return list(_each(self._confirmation, commands, self._receipts))

    def probe(self, command: Command) -> Probe:
        """Look for the file and its receipt.

        That neither is there proves nothing (a ministry moves a file away before it writes the
        receipt), so the answer is never ``Absent``, and ``probes`` is not to be declared.

        Raises:
            AdapterError: the folders can't be read now.
        """
        name = self._name(command.code, command.version)
        try:
            if any(self._folders.stamp(folder, name) for folder in (self._receipts, self._out)):
                return Applied(command.ref)
        except OSError as error:
            raise failed(error, self._out) from error
        return Undecided(
            Said("neither the file nor its receipt is there; laying it down again is safe")
        )

    def _lay(self, command: Command) -> _Laid | AdapterError:
        """Write a command's file; raises ``NotReached`` when there is nobody to write to."""
        try:
            name = self._name(command.code, command.version)
            again = command.sent_before or command.attempt > 1
            if again and self._folders.stamp(self._receipts, name):
                return _Laid(name, "its receipt is there already")
            self._folders.write(self._out, name, self._write(command))
            if again and self._folders.unchanged(self._out, name):
                self._folders.remove(self._out, temporary(name))
                return _Laid(name, "the same file lies there already")
            return _Laid(name)
        except Rejected as refusal:
            return refusal
        except DocumentFault as fault:
            return Rejected("DOCUMENT", "documents", str(fault))
        except NotReached:
            raise
        except OSError as error:
            return failed(error, self._out)

    def _reveal(self, laid: _Laid | AdapterError) -> Answer:
        """Give a written file its name; raises ``NotReached`` when there is nobody to ask."""
        if isinstance(laid, AdapterError):
            return laid
        if laid.note is None:
            try:
                self._folders.reveal(self._out, laid.name)
            except NotReached:
                raise
            except ConnectionLost as error:
                return failed(error, self._out)
            except OSError as error:
                with suppress(OSError):
                    self._folders.remove(self._out, temporary(laid.name))
                return failed(error, self._out)
        return Receipt(proves=False, note=laid.note)

    def _confirmation(self, command: Command) -> Confirmation:
        """Return what the receipt of a command says; None while it is absent or half written."""
        try:
            name = self._name(command.code, command.version)
            with self._folders.open(self._receipts, name) as file:
                content = file.read()
            return self._read(content, name, command) if self._closed.search(content) else None
        except FileNotFoundError:
            return None
        except NotReached:
            raise
        except OSError as error:
            return failed(error, self._receipts)
        except AdapterError as error:
            return error


def _each(
    act: Callable[[_Thing], _Made], things: Sequence[_Thing], folder: str
) -> Iterator[_Made | AdapterError]:
    """Yield what ``act`` makes of each thing; once nobody is reached, the rest is not tried."""
    away: AdapterError | None = None
    for thing in things:
        if away is None:
            try:
                yield act(thing)
                continue
            except NotReached as error:
                away = failed(error, folder)
        yield thing if isinstance(thing, AdapterError) else away
