"""What goes out as files: written and synced under a temporary name, renamed, answered by name.

A file name is the key: the same dossier version is always the same file, so laying it down again
is safe, and only the ministry's receipt, a file of the same name, proves that it was taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeAlias

from bridge.domain.said import Said
from bridge.sdk.documents import DocumentFault
from bridge.sdk.errors import AdapterError, InDoubt, Rejected
from bridge.sdk.folder_faults import retryable
from bridge.sdk.folder_names import dossier_file
from bridge.sdk.folders import Folders, Layout
from bridge.sdk.records import Answer, Applied, Command, Confirmation, Probe, Receipt, Undecided

__all__ = ["Outbox", "Reading", "Writing"]

Writing: TypeAlias = Callable[[Command], Iterable[bytes]]
"""Returns the blocks of a command's file; raises Rejected before the first, or DocumentFault."""

Reading: TypeAlias = Callable[[bytes, str, Command], Confirmation]
"""Reads a whole receipt, given the name of its file; may raise AdapterError."""


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
        """See ``Adapter``: all files written and synced, then renamed, then the folder synced."""
        laid = [self._lay(command) for command in commands]
        answers = [self._reveal(each) if isinstance(each, _Laid) else each for each in laid]
        if not any(isinstance(answer, Receipt) for answer in answers):
            return answers
        try:
            self._folders.sync(self._out)
        except OSError as error:
            reason = retryable(error, self._out).reason
            doubt = Said("{reason}; the file may be there, or not", reason=reason)
            return [InDoubt(doubt) if isinstance(a, Receipt) else a for a in answers]
        return answers

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """See ``Adapter``: one look-up by name for each, for the folder keeps every receipt."""
        if not self._folders.present(self._receipts):
            return [retryable(FileNotFoundError(2, ""), self._receipts) for _ in commands]
        return [self._confirmation(command) for command in commands]

    def probe(self, command: Command) -> Probe:
        """Look for the file and its receipt.

        That neither is there proves nothing (a ministry moves a file away before it writes the
        receipt), so the answer is never ``Absent``, and ``probes`` is not to be declared.

        Raises:
            Retryable: the folders can't be read now.
        """
        name = self._name(command.code, command.version)
        try:
            if any(self._folders.stamp(folder, name) for folder in (self._receipts, self._out)):
                return Applied(command.ref)
        except OSError as error:
            raise retryable(error, self._out) from error
        return Undecided(
            Said("neither the file nor its receipt is there; laying it down again is safe")
        )

    def _lay(self, command: Command) -> _Laid | AdapterError:
        try:
            name = self._name(command.code, command.version)
            again = command.sent_before or command.attempt > 1
            if again and self._folders.stamp(self._receipts, name):
                return _Laid(name, "its receipt is there already")
            self._folders.write(self._out, name, self._write(command))
            if again and self._folders.unchanged(self._out, name):
                self._folders.discard(self._out, name)
                return _Laid(name, "the same file lies there already")
            return _Laid(name)
        except Rejected as refusal:
            return refusal
        except DocumentFault as fault:
            return Rejected("DOCUMENT", "documents", str(fault))
        except OSError as error:
            return retryable(error, self._out)

    def _reveal(self, laid: _Laid) -> Answer:
        if laid.note is None:
            try:
                self._folders.reveal(self._out, laid.name)
            except OSError as error:
                with suppress(OSError):
                    self._folders.discard(self._out, laid.name)
                return retryable(error, self._out)
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
        except OSError as error:
            return retryable(error, self._receipts)
        except AdapterError as error:
            return error
