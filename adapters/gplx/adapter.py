"""The ministry of transport's licence service, behind the one interface the engine knows.

``NopHoSo`` makes a second record when it is sent a second time, so a lost answer is asked about
(``TraCuuTheoMaMotCua``) and never sent again on silence. An update is a read and a write: the
read's failure leaves nothing behind and is Retryable, only the write can be in doubt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import assert_never

from bridge.sdk import Json, Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.errors import AdapterError, Rejected
from bridge.sdk.findings import server_findings, wsdl_findings
from bridge.sdk.records import (
    Absent,
    Action,
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
    Unreadable,
)
from bridge.sdk.times import instant
from bridge.sdk.unwritten import before_writing
from bridge.sdk.xml_content import pieces, shown_content

from .client import OPERATIONS, WRITES, Change, GplxClient, Held
from .faults import no_such_dossier
from .options import GplxOptions
from .record import agrees, has_issued, keeps_files, outgoing, replacement

__all__ = ["CAPABILITIES", "GplxAdapter"]

PAGE = 200
"""The most changes ``DanhSachThayDoi`` gives in one answer."""

CAPABILITIES = Capabilities(
    feed="cursor",
    submit="not_idempotent",
    confirms="in_reply",
    batch=1,
    probes=True,
    lists=True,
    supplements=True,
    results=True,
)


class GplxAdapter:
    """One ministry service at one address; shared by threads, keeps no state."""

    capabilities = CAPABILITIES

    def __init__(self, options: GplxOptions, context: AdapterContext) -> None:
        self._options = options
        self._context = context
        self._client = GplxClient(options.client(context, writes=WRITES))

    def check(self) -> Iterator[Check]:
        """Look at the WSDL, the address, the login and the clock."""
        client, options = self._client, self._options
        usable = yield from wsdl_findings(client.operations, OPERATIONS)
        if usable:
            yield from server_findings(client.greet, options.address, options, self._context)

    def changes(self, cursor: Json) -> Page:
        """Return up to 200 changes after version ``cursor``, in the order of their versions.

        A page without a newer version can't lead on: it ends the round, whatever it says of more.
        """
        after = int(cursor) if isinstance(cursor, int | str) else 0
        rows = self._client.changes(after, PAGE)
        last = max(after, rows.last)
        return Page(tuple(map(_record, rows.rows)), last, more=rows.more and last > after)

    def acknowledge(self, token: object) -> None:
        """Do nothing: the ministry keeps no account of what was read."""

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """Send each command; a refusal or a doubt is its answer, and the next is sent."""
        return [self._submit(command) for command in commands]

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """Do nothing: every receipt proves its command."""
        return [None for _ in commands]

    def probe(self, command: Command) -> Probe:
        """Ask whether a command was applied: a new dossier by our code, an update by its effect."""
        match command.action:
            case Action.CREATE:
                return self._probe_create(command)
            case Action.UPDATE:
                return self._probe_update(command)
            case Action.STEP:
                return Undecided(Said("gplx takes no steps"))
            case _:
                assert_never(command.action)

    def fetch(self, ref: str) -> Record | None:
        """Return the record with this SoTiepNhan, None when there is none."""
        held = self._client.get(ref)
        return None if held is None else Record(ref, held.body, held.version)

    def list(self, since: date, until: date, cursor: Json) -> Page:
        """Return a page of what was received on these days; ``cursor`` is the page, from 1."""
        page = int(cursor) if isinstance(cursor, int | str) else 1
        rows = self._client.by_day(since, until, page)
        return Page(tuple(map(_record, rows.rows)), page + 1, more=rows.more)

    def result(self, record: Record, sha256: str) -> Iterator[bytes]:
        """Yield the content of a file that a record shows; see ``ResultSource``.

        The change is read once more by its version, as it was then; the record as it is now where
        the version is not known, or not listed any more.
        """
        version = record.version
        answer = None if version is None else self._client.change_again(version)
        answer = answer or self._client.record_again(record.ref)
        yield from shown_content(pieces(answer), "NoiDung", "Sha256", sha256)

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._client.close()

    def _submit(self, command: Command) -> Answer:
        try:
            match command.action:
                case Action.CREATE:
                    sent = outgoing(command.body, command.code, command.documents)
                    return Receipt(self._client.submit(sent))
                case Action.UPDATE:
                    return self._update(command)
                case Action.STEP:
                    return Rejected("STEP", None, Said("gplx takes no steps"))
                case _:
                    assert_never(command.action)
        except AdapterError as error:
            return error

    def _update(self, command: Command) -> Receipt:
        if command.ref is None:
            words = Said("an update of a dossier without a number")
            raise Rejected("SoTiepNhan", "ministry_ref", words)
        sent = outgoing(command.body, command.code, command.documents)
        held = self._before(command.ref, files=keeps_files(sent, command.code))
        if has_issued(sent, held.body, command.code):
            held = self._before(command.ref, files=True)
        self._client.update(command.ref, replacement(sent, held.body, command.code))
        return Receipt(command.ref)

    def _before(self, ref: str, *, files: bool) -> Held:
        """Return the record that is to be replaced. Nothing is written yet, and we say so."""
        with before_writing():
            held = self._client.get(ref, files=files)
        if held is None:
            raise no_such_dossier()
        return held

    def _probe_create(self, command: Command) -> Probe:
        found = self._client.by_code(command.code)
        if not found:
            return Absent()
        return Applied(found[0].ref, found[0].body, len(found))

    def _probe_update(self, command: Command) -> Probe:
        if command.ref is None:
            return Absent()
        held = self._client.get(command.ref)
        if held is None or not agrees(command.body, held.body, command.code):
            return Absent()
        return Applied(command.ref, held.body)


def _record(row: Change | Unreadable) -> Record | Unreadable:
    if isinstance(row, Unreadable):
        return row
    return Record(row.ref, row.body, row.version, instant(row.at))
