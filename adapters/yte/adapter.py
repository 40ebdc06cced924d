"""The yte adapter: dossiers laid down as files, receipts looked up, the ministry's files read.

A file name is the key: the same dossier version is always the same file, so laying it down again
is safe, and only the ministry's receipt proves that it was taken (contracts/systems.md, yte).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from bridge.sdk import Json, Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.errors import Rejected, Retryable
from bridge.sdk.folder_feed import FolderFeed
from bridge.sdk.folder_findings import folder_findings
from bridge.sdk.folder_outbox import Outbox
from bridge.sdk.folders import Folders, LocalFolders
from bridge.sdk.records import Answer, Check, Command, Confirmation, Page, Probe, Record

from .incoming import ATTACHMENT, FILE, records
from .layout import LAYOUT
from .options import YteOptions
from .outgoing import outgoing
from .receipts import receipt

__all__ = ["CAPABILITIES", "YteAdapter"]

CAPABILITIES = Capabilities(
    feed="files",
    submit="idempotent",
    confirms="by_file",
    batch=50,
    supplements=True,
    results=True,
    fetches=False,
)


class YteAdapter:
    """The exchange of one system; safe to use from several threads."""

    capabilities = CAPABILITIES

    def __init__(self, options: YteOptions, context: AdapterContext) -> None:
        self._agency = options.agency
        self._folders = _folders(options, context)
        self._outbox = Outbox(self._folders, LAYOUT, self._blocks, receipt, receipt="XacNhan")
        self._feed = FolderFeed(
            self._folders,
            LAYOUT,
            records,
            context.now,
            root="DanhSachHoSo",
            patience=options.half_written_seconds,
            page_size=options.page_size,
        )

    def check(self) -> Iterable[Check]:
        """See ``Adapter``."""
        return folder_findings(self._folders, LAYOUT)

    def changes(self, cursor: Json) -> Page:
        """See ``Adapter``; the token names the files of the page."""
        return self._feed.page(cursor)

    def acknowledge(self, token: object) -> None:
        """See ``Adapter``."""
        self._feed.acknowledge(token)

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """See ``Outbox``."""
        return self._outbox.submit(commands)

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """See ``Outbox``."""
        return self._outbox.confirm(commands)

    def probe(self, command: Command) -> Probe:
        """See ``Outbox``: never ``Absent``, so ``probes`` is not declared."""
        return self._outbox.probe(command)

    def result(self, record: Record, sha256: str) -> Iterator[bytes]:
        """Yield the content of a file that a record shows; see ``ResultSource``."""
        return self._feed.attachment(str(record.body.get(FILE) or ""), ATTACHMENT, sha256)

    def fetch(self, ref: str) -> Record | None:
        """Raise: the exchange shows no record by its number."""
        del ref
        raise Rejected("FETCH", None, Said("the exchange shows no record by its number"))

    def list(self, since: date, until: date, cursor: Json) -> Page:  # noqa: ARG002 - the exchange has no such question
        """Raise ``Retryable``: the exchange has no list (``lists`` is not declared)."""
        raise Retryable("the exchange of files has no list of dossiers")

    def close(self) -> None:
        """See ``Adapter``."""
        self._folders.close()

    def _blocks(self, command: Command) -> Iterable[bytes]:
        return outgoing(command, self._agency).blocks()


def _folders(options: YteOptions, context: AdapterContext) -> Folders:
    """Return the folders that the options name; nothing is opened."""
    if options.root is not None:
        return LocalFolders(context.folder / options.root)
    from .sftp import SftpFolders  # its library takes a quarter of a second to import

    return SftpFolders(options, context)
