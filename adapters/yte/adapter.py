"""The yte adapter: dossiers laid down as files, receipts looked up, the ministry's files read.

A file name is the key: the same dossier version is always the same file, so laying it down again
is safe, and only the ministry's receipt proves that it was taken (contracts/systems.md, yte).
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import TypeVar, cast

from bridge.sdk import Json
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.documents import DocumentFault
from bridge.sdk.errors import AdapterError, InDoubt, Rejected, Retryable
from bridge.sdk.records import (
    Answer,
    Applied,
    Check,
    Command,
    Confirmation,
    Page,
    Probe,
    Receipt,
    Record,
    Undecided,
)

from .checks import checks
from .faults import ConnectionLost, NotReached, failed
from .feed import Feed, Handled
from .folder import DEN, XACNHAN, Folders, LocalFolders, temporary
from .incoming import FILE
from .naming import dossier_file
from .options import YteOptions
from .outgoing import outgoing
from .receipts import confirmation

__all__ = ["CAPABILITIES", "YteAdapter"]

CAPABILITIES = Capabilities(
    feed="files",
    submit="idempotent",
    confirms="by_file",
    batch=50,
    supplements=True,
    results=True,
)

_Thing = TypeVar("_Thing")
_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True)
class _Laid:
    """A file ready for its name; ``note`` says why there is nothing to rename."""

    name: str
    note: str | None = None


class YteAdapter:
    """The exchange of one system; safe to use from several threads."""

    capabilities = CAPABILITIES

    def __init__(self, options: YteOptions, context: AdapterContext) -> None:
        self._agency = options.agency
        self._folders = _folders(options, context)
        self._feed = Feed(
            self._folders,
            context.now,
            patience=options.half_written_seconds,
            page_size=options.page_size,
        )

    def check(self) -> Iterable[Check]:
        """See ``Adapter``."""
        return checks(self._folders)

    def changes(self, cursor: Json) -> Page:
        """See ``Adapter``; the token names the files of the page."""
        return self._feed.page(cursor)

    def acknowledge(self, token: object) -> None:
        """See ``Adapter``."""
        self._feed.acknowledge(cast("Iterable[Handled]", token or ()))

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """See ``Adapter``: all files written and synced, then renamed, then the folder synced.

        A file that breaks the connection stops none of its neighbours; once no connection can be
        made, the rest is not tried.
        """
        laid = _each(self._lay, commands, DEN)
        answers: list[Answer] = list(_each(self._reveal, list(laid), DEN))
        if not any(isinstance(answer, Receipt) for answer in answers):
            return answers
        try:
            self._folders.sync(DEN)
        except OSError as error:
            doubt = f"{failed(error, DEN).reason}; the file may be there, or not"
            return [InDoubt(doubt) if isinstance(a, Receipt) else a for a in answers]
        return answers

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """See ``Adapter``: one look-up by name for each command."""
        try:
            if not self._folders.present(XACNHAN):
                raise FileNotFoundError(errno.ENOENT, "")
        except OSError as error:
            return [failed(error, XACNHAN) for _ in commands]
        return list(_each(lambda one: confirmation(self._folders, one), commands, XACNHAN))

    def probe(self, command: Command) -> Probe:
        """Look for the file and its receipt.

        That neither is there proves nothing (the ministry moves a file away before it writes the
        receipt), so the answer is never ``Absent`` and ``probes`` is not declared.
        """
        name = dossier_file(command.code, command.version)
        try:
            if self._folders.stamp(XACNHAN, name):
                return Applied(command.ref)
            if self._folders.stamp(DEN, name):
                return Applied(command.ref)
        except OSError as error:
            raise failed(error, DEN) from error
        return Undecided("neither the file nor its receipt is there; laying it down again is safe")

    def result(self, record: Record, sha256: str) -> Iterator[bytes]:
        """Yield the content of a file that a record shows; see ``ResultSource``."""
        return self._feed.attachment(str(record.body.get(FILE) or ""), sha256)

    def fetch(self, ref: str) -> Record | None:  # noqa: ARG002 - the exchange has no such question
        """Return None: a record can't be asked for."""
        return None

    def list(self, since: date, until: date, cursor: Json) -> Page:  # noqa: ARG002 - the exchange has no such question
        """Raise ``Retryable``: the exchange has no list (``lists`` is not declared)."""
        raise Retryable("the exchange of files has no list of dossiers")

    def close(self) -> None:
        """See ``Adapter``."""
        self._folders.close()

    def _lay(self, command: Command) -> _Laid | AdapterError:
        """Write a command's file; raises ``NotReached`` when there is nobody to write to."""
        try:
            name = dossier_file(command.code, command.version)
            again = command.sent_before or command.attempt > 1
            if again and self._folders.stamp(XACNHAN, name):
                return _Laid(name, "its receipt is there already")
            self._folders.write(DEN, name, outgoing(command, self._agency).blocks())
            if again and self._folders.unchanged(DEN, name):
                self._folders.remove(DEN, temporary(name))
                return _Laid(name, "the same file lies there already")
            return _Laid(name)
        except Rejected as refusal:
            return refusal
        except DocumentFault as fault:
            return Rejected("DOCUMENT", "documents", str(fault))
        except NotReached:
            raise
        except OSError as error:
            return failed(error, DEN)

    def _reveal(self, laid: _Laid | AdapterError) -> Answer:
        """Give a written file its name; raises ``NotReached`` when there is nobody to ask."""
        if isinstance(laid, AdapterError):
            return laid
        if laid.note is None:
            try:
                self._folders.reveal(DEN, laid.name)
            except NotReached:
                raise
            except ConnectionLost as error:
                return failed(error, DEN)
            except OSError as error:
                with suppress(OSError):
                    self._folders.remove(DEN, temporary(laid.name))
                return failed(error, DEN)
        return Receipt(proves=False, note=laid.note)


def _folders(options: YteOptions, context: AdapterContext) -> Folders:
    """Return the folders that the options name; nothing is opened."""
    if options.root is not None:
        return LocalFolders(context.folder / options.root)
    from .sftp import SftpFolders  # its library takes a quarter of a second to import

    return SftpFolders(options, context)


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
