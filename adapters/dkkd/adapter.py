"""The business registration service, behind the one interface the engine knows: it is only read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial

from bridge.sdk import Json, Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.errors import ContractBroken, Rejected
from bridge.sdk.findings import gateway_findings
from bridge.sdk.gateway import Gateway
from bridge.sdk.records import (
    Answer,
    Check,
    Command,
    Confirmation,
    Page,
    Probe,
    Record,
    Undecided,
    Unreadable,
)
from bridge.sdk.times import VIETNAM

from .client import DkkdClient
from .feed import Feed
from .listing import page_of
from .options import DkkdOptions
from .rows import record

__all__ = ["CAPABILITIES", "DkkdAdapter"]

READ_ONLY = Said("dkkd is only read")

CAPABILITIES = Capabilities(
    writes=False, feed="window", submit="none", confirms="in_reply", lists=True
)


class DkkdAdapter:
    """One ministry service behind one gateway; shared by threads, keeps no state but a token."""

    capabilities = CAPABILITIES

    def __init__(self, options: DkkdOptions, context: AdapterContext) -> None:
        self._options = options
        self._context = context
        self._client = DkkdClient(Gateway(options, context))
        self._feed = Feed(
            self._client,
            context.now,
            statuses=options.statuses,
            first_days=options.first_days,
        )

    def check(self) -> Iterable[Check]:
        """Look at the gateway's address, certificate, login and clock, and the ministry behind it."""
        now = self._context.now().astimezone(VIETNAM)
        client = self._client
        ask = partial(client.today, now, 0)
        return gateway_findings(client.log_in, ask, self._options, self._context)

    def changes(self, cursor: Json) -> Page:
        """Return a page of the days that have ended, or of what changed today (see ``reading``)."""
        return self._feed.page(cursor)

    def acknowledge(self, token: object) -> None:
        """Do nothing: the ministry keeps no account of what was read."""

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """Send nothing: each command is refused."""
        return [Rejected("READ_ONLY", None, READ_ONLY) for _ in commands]

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """Do nothing: nothing was sent."""
        return [None for _ in commands]

    def probe(self, command: Command) -> Probe:
        """Say that there is nothing to ask about."""
        del command
        return Undecided(READ_ONLY)

    def fetch(self, ref: str) -> Record | None:
        """Return the dossier with this IN_JOURNAL_NO as far as it is shown, None when there is none.

        Raises:
            ContractBroken: the row can't be read.
        """
        row = self._client.one(ref)
        if row is None:
            return None
        found = record(row, self._options.statuses)
        if isinstance(found, Unreadable):
            raise ContractBroken(Said("tinhTrangHoSo: {reason}", reason=found.reason))
        if found.ref != ref:
            raise ContractBroken(Said("tinhTrangHoSo: shows another dossier"))
        return found

    def list(self, since: date, until: date, cursor: Json) -> Page:
        """Return a page of what was received on these days, each dossier once."""
        return page_of(self._client, self._options.statuses, since, until, cursor)

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._client.close()
