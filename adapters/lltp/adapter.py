"""The ministry of justice's criminal records, behind the one interface the engine knows.

A dossier is filed once, under its code; the ministry takes no corrections, and says of a second
filing that it is there (301). What it lists is listed until it is acknowledged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any, cast

from bridge.sdk import Json, Said
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.code_lists import CodeList
from bridge.sdk.errors import AdapterError, Rejected
from bridge.sdk.findings import gateway_findings
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
)

from .client import CODE_LISTS, LltpClient
from .feed import Feed, Told
from .options import LltpOptions

__all__ = ["CAPABILITIES", "LltpAdapter"]

CAPABILITIES = Capabilities(
    feed="acknowledge",
    submit="duplicate_refused",
    confirms="in_reply",
    probes=True,
    updates=False,
    fetches=False,
    code_lists=tuple(CODE_LISTS),
)

_FORMS: Mapping[str, Any] = {"residenceWSForm": [], "mandatorWSForm": {}}
"""What a request has even where there is nothing to say in it."""


class LltpAdapter:
    """Speaks to the ministry. Safe to use from several threads."""

    capabilities = CAPABILITIES

    def __init__(self, options: LltpOptions, context: AdapterContext) -> None:
        self._options = options
        self._context = context
        self._client = LltpClient(options, context)
        self._feed = Feed(self._client, context.timeout_seconds, context.now)

    def check(self) -> Iterable[Check]:
        """Look at the gateway's address, certificate, login and clock, and the ministry behind it."""
        client = self._client
        ask = partial(client.code_list, "nationality")
        return gateway_findings(client.log_in, ask, self._options, self._context)

    def changes(self, cursor: Json) -> Page:
        """Return what must be asked about since the last page, else what the two lists hold."""
        return self._feed.page(cursor)

    def acknowledge(self, token: object) -> None:
        """Say that what a page listed is stored; harmless when said twice."""
        self._feed.acknowledge(cast("Told", token))

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """File each dossier; a refusal or a doubt is its answer, and the next is sent."""
        return [self._submit(command) for command in commands]

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """Do nothing: every receipt proves its command."""
        return [None for _ in commands]

    def probe(self, command: Command) -> Probe:
        """Ask for the status of the dossier: what has one was filed.

        The answer does not tell the ministry's number; the list of statuses brings it.
        """
        return Absent() if self._client.status(command.code) is None else Applied()

    def fetch(self, ref: str) -> Record | None:
        """Raise: the ministry shows no dossier by its number."""
        del ref
        raise Rejected("FETCH", None, Said("the ministry shows no dossier by its number"))

    def list(self, since: date, until: date, cursor: Json) -> Page:
        """Return an empty page: the ministry lists only what is not acknowledged."""
        del since, until
        return Page((), cursor)

    def code_list(self, name: str) -> CodeList:
        """Return a list of codes as the ministry has it now."""
        return self._client.code_list(name)

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._client.close()

    def _submit(self, command: Command) -> Answer:
        """File a dossier under its code, which is what a lost answer is asked about by."""
        if command.action is not Action.CREATE:
            return Rejected("NO_CORRECTIONS", None, Said("the ministry takes no corrections"))
        body = {**_FORMS, **command.body, "idReceivedDec": command.code}
        try:
            filed = self._client.submit(body)
        except AdapterError as error:
            return error
        return Receipt(filed.ref, note=_before(command) if filed.before else None)


def _before(command: Command) -> str:
    if command.version > 1:
        return Said(
            "was there already, maybe as it was sent before; the ministry takes no corrections"
        )
    return Said("was there already")
