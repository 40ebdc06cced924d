"""The ministry of justice's civil status service, behind the one interface the engine knows.

The same ``maHoSo`` sent again replaces what is there, so a lost answer is ended by sending again.
The ministry's number for a dossier (``id``) is not in its answer: the feed brings it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any

from bridge.sdk import Json
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.code_lists import CodeList
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    Maintenance,
    Rejected,
    Retryable,
)
from bridge.sdk.findings import gateway_findings
from bridge.sdk.gateway import Gateway
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

from .client import CODE_LISTS, HotichClient, day_of
from .document import agrees, written
from .faults import whole_number
from .feed import Feed
from .options import HotichOptions
from .record import completed, read

__all__ = ["CAPABILITIES", "HotichAdapter"]

CAPABILITIES = Capabilities(
    feed="since",
    submit="idempotent",
    confirms="in_reply",
    batch=1,
    probes=True,
    lists=True,
    supplements=True,
    code_lists=tuple(CODE_LISTS),
)

NO_CODE = (
    "hồ sơ được đăng ký trực tiếp tại bộ, không có mã hồ sơ một cửa nên không sửa qua hệ thống "
    "được; báo cơ quan đăng ký sửa trực tiếp"
)


class HotichAdapter:
    """The civil status service for one unit; shared by threads."""

    capabilities = CAPABILITIES

    def __init__(self, options: HotichOptions, context: AdapterContext) -> None:
        self._options = options
        self._context = context
        self._client = HotichClient(Gateway(options, context), options.agency)
        self._feed = Feed(self._client, context.now, options.first_day)

    def check(self) -> Iterable[Check]:
        """Look at the gateway's address, certificate, login and clock, and the ministry behind it."""
        client = self._client
        ask = partial(client.code_list, "identity_paper")
        return gateway_findings(client.log_in, ask, self._options, self._context)

    def changes(self, cursor: Json) -> Page:
        """Return up to 50 records that may have changed since the day in ``cursor``."""
        return self._feed.page(cursor)

    def acknowledge(self, token: object) -> None:
        """Do nothing: the ministry keeps no account of what was read."""

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """Send each command; a refusal or a doubt is its answer, and the next is sent."""
        return [self._submit(command) for command in commands]

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """Do nothing: every receipt proves its command."""
        return [None for _ in commands]

    def probe(self, command: Command) -> Probe:
        """Ask whether the ministry holds what a command said."""
        if command.action is Action.STEP:
            return Undecided("hotich takes no steps")
        if command.ref is None and self._client.state(command.code) is None:
            return Absent()
        if not command.body:
            return Undecided("what was sent is not known any more")
        held = self._held(command)
        if held is None:
            return Undecided("it is there, but its record is not found; sending again is safe")
        return Applied(held.ref, held.body) if agrees(command.body, held.body) else Absent()

    def fetch(self, ref: str) -> Record | None:
        """Return the record with this number, None when there is none."""
        number = whole_number(ref)
        row = None if number is None else self._client.record(number)
        found = None if row is None else read(row)
        if isinstance(found, Unreadable):
            raise ContractBroken(f"traHoSo: {found.reason}")
        return None if found is None else completed(self._client, found)

    def list(self, since: date, until: date, cursor: Json) -> Page:  # noqa: ARG002 - see below
        """Return a page of what was created or changed since a day, ``until`` or later.

        The ministry tells no day of reception: what was received on these days is among them.
        """
        return self._feed.since(since, cursor)

    def code_list(self, name: str) -> CodeList:
        """Return a list of codes as the ministry has it now."""
        return self._client.code_list(name)

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._client.close()

    def _submit(self, command: Command) -> Answer:
        try:
            if command.action is Action.STEP:
                return Rejected("STEP", None, "hotich takes no steps")
            body = command.body
            document = written(body)
            code = self._address(command)
            self._client.register(code, str(body["ngayTiepNhan"]), str(body["module"]), document)
        except AdapterError as error:
            return error
        return Receipt(command.ref)

    def _address(self, command: Command) -> str:
        """Return the code under which the ministry has the dossier, or will have it.

        A record that was registered there without the one-stop has none: sent under ours, it
        would be registered a second time.

        Raises:
            Rejected: there is none.
        """
        if command.ref is None:
            return command.code
        held = command.known or self._before(command.ref)
        if not held.get("maHoSo"):
            raise Rejected("KHONG_MA_HO_SO", None, NO_CODE)
        return str(held["maHoSo"])

    def _before(self, ref: str) -> Any:
        """Return the record that is to be replaced. Nothing is written yet, and we say so."""
        try:
            found = self.fetch(ref)
        except (AuthFailed, Maintenance, Retryable):
            raise
        except AdapterError as error:
            reason = f"the record could not be read before it is replaced: {error.reason}"
            raise Retryable(reason) from error
        if found is None:
            raise Rejected("201", "id", "the ministry has no record of this number")
        return found.body

    def _held(self, command: Command) -> Record | None:
        """Return the record of a command's dossier, changed on the day of reception or later."""
        if command.ref is not None:
            return self.fetch(command.ref)
        received = day_of(command.body.get("ngayTiepNhan"))
        return None if received is None else self._feed.find(command.code, received)
