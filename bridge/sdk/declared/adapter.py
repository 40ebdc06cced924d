"""A system that a definition describes, behind the one interface the engine knows.

What is sent is sent once: a lost answer is asked about with ``find``, unless the definition says
that a repeat is safe. An update that repeats the ministry's own fields is a read and a write: the
read's failure leaves nothing behind and is Retryable, only the write can be in doubt.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, assert_never

from bridge.domain.dossier import Json
from bridge.domain.said import Said, joined
from bridge.sdk.adapter import AdapterContext
from bridge.sdk.declared.faults import AlreadyThere, NoSuchRecord
from bridge.sdk.declared.feed import DeclaredFeed
from bridge.sdk.declared.interface import Interface
from bridge.sdk.declared.listing import DeclaredList
from bridge.sdk.declared.paths import text_at, value_at
from bridge.sdk.declared.records import is_number
from bridge.sdk.declared.rows import Rows
from bridge.sdk.declared.rules import capabilities, limits
from bridge.sdk.declared.service import Answered, Service
from bridge.sdk.declared.tables import Operation, Verb
from bridge.sdk.declared.templates import names_in
from bridge.sdk.documents import Document, content_of
from bridge.sdk.errors import AdapterError, ContractBroken, Rejected
from bridge.sdk.http import Reply, encoded
from bridge.sdk.probing import EMPTY, shows
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
from bridge.sdk.times import VIETNAM
from bridge.sdk.unwritten import before_writing

__all__ = ["DeclaredAdapter"]

NOBODY = "000.00.00.H00-000101-0000"
"""A dossier code that no dossier has: asking for it changes nothing."""

VERB_OF: Mapping[Action, Verb] = {
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.STEP: "step",
}


class DeclaredAdapter:
    """One ministry service as its definition says; shared by threads, keeps no state."""

    def __init__(self, interface: Interface, service: Service, context: AdapterContext) -> None:
        self.capabilities = capabilities(interface)
        self._interface = interface
        self._service = service
        self._now = context.now
        changes, listing = interface.operation("changes"), interface.operation("list")
        self._feed = (
            DeclaredFeed(interface, interface.feed, changes, service, context.now)
            if interface.feed is not None and changes is not None
            else None
        )
        self._list = None if listing is None else DeclaredList(interface, listing, service)

    def check(self) -> Iterable[Check]:
        """Say what the definition leaves out; then look at address, login, clock and service."""
        left_out = list(limits(self._interface))
        whole = Said("everything can be done")
        yield Check("definition", ok=True, detail=joined(left_out) if left_out else whole)
        greets = self._feed or self._list or self._interface.has("find")
        yield from self._service.findings(self._greet if greets else None)

    def changes(self, cursor: Json) -> Page:
        """Return the next page of the feed; an interface without one has nothing to show."""
        return Page((), cursor) if self._feed is None else self._feed.page(cursor)

    def acknowledge(self, token: object) -> None:
        """Tell the ministry which numbers are stored, where it keeps an account of that."""
        if self._feed is not None and self.capabilities.feed == "acknowledge":
            self._feed.acknowledge([str(ref) for ref in token] if isinstance(token, tuple) else [])

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """Send each command; a refusal or a doubt is its answer, and the next is sent."""
        return [self._submit(command) for command in commands]

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """Do nothing: every receipt proves its command."""
        return [None for _ in commands]

    def probe(self, command: Command) -> Probe:
        """Ask whether a command was applied: by our code, or by its effect."""
        if not self._interface.has("find"):
            return Undecided(Said("the definition has no operation find"))
        match command.action:
            case Action.CREATE:
                found = self._found(command.code)
                return Applied(found[0][0], found[0][1], len(found)) if found else Absent()
            case Action.UPDATE:
                return self._probe_update(command)
            case Action.STEP:
                return self._probe_step(command)
            case _:
                assert_never(command.action)

    def fetch(self, ref: str) -> Record | None:
        """Return the record with this number, None when there is none.

        Raises:
            ContractBroken: it can't be read, or another is shown.
        """
        return self._fetched(ref)

    def list(self, since: date, until: date, cursor: Json) -> Page:
        """Return a page of what was received on these days, each record once."""
        if self._list is None:
            raise Rejected("LIST", None, Said("the definition has no operation list"))
        return self._list.page(since, until, cursor)

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        self._service.close()

    def _greet(self) -> Reply:
        """Make a call that changes nothing; return the answer as it came."""
        if self._feed is not None:
            return self._feed.greet()
        if self._list is not None:
            return self._list.greet(self._now().astimezone(VIETNAM).date())
        try:
            return self._service.call("find", {"code": NOBODY}).reply
        except NoSuchRecord as nobody:
            if nobody.reply is None:
                raise
            return nobody.reply

    def _submit(self, command: Command) -> Answer:
        try:
            return self._sent(command, self._needed(VERB_OF[command.action]))
        except AdapterError as error:
            return error

    def _sent(self, command: Command, operation: Operation) -> Receipt:
        verb = VERB_OF[command.action]
        if command.action is Action.UPDATE and command.ref is None:
            words = Said("an update of a dossier without a number")
            raise Rejected("NUMBER", "ministry_ref", words)
        body = self._opened(dict(command.body), command.documents)
        if operation.repeats:
            own = self._own_fields(command, operation)
            body |= {name: one for name, one in own.items() if body.get(name) in EMPTY}
        values: dict[str, Any] = {
            "code": command.code,
            "key": command.key,
            "version": command.version,
            "ref": command.ref or "",
            "body": body,
        }
        if "body_json" in names_in(operation.request):
            values["body_json"] = encoded(body).decode()
        try:
            answered = self._service.call(verb, values)
        except AlreadyThere as there:
            if command.action is Action.UPDATE:
                raise
            return Receipt(there.ref or command.ref, note="it was there already")
        return Receipt(command.ref or self._given(answered, operation))

    def _given(self, answered: Answered, operation: Operation) -> str | None:
        if operation.ref is None:
            return None
        ref = text_at(answered.plain, operation.ref)
        if ref is None:
            raise ContractBroken(Said("{path}: is empty", path=operation.ref))
        return ref

    def _fetched(self, ref: str, *, contents: bool = False) -> Record | None:
        operation = self._needed("fetch")
        try:
            answered = self._service.call("fetch", {"ref": ref}, contents=contents)
        except NoSuchRecord:
            return None
        rows = Rows(answered, operation, self._interface.record)
        if not len(rows):
            return None
        found = rows.at(0)
        if isinstance(found, Unreadable):
            raise ContractBroken(Said("fetch: {reason}", reason=found.reason))
        if found.ref != ref:
            raise ContractBroken(Said("fetch: shows another dossier"))
        return found

    def _own_fields(self, command: Command, operation: Operation) -> dict[str, Any]:
        """Return the ministry's own fields, read just before. Nothing is written, and we say so."""
        with before_writing():
            held = self._fetched(str(command.ref), contents=True)
        if held is None:
            words = Said("the ministry has no such dossier")
            raise NoSuchRecord("NUMBER", self._interface.record.ref, words)
        return {name: held.body[name] for name in operation.repeats if held.body.get(name)}

    def _opened(self, value: Any, documents: Mapping[str, Document]) -> Any:
        """Return a body with the files in it in place of their names."""
        if isinstance(value, Mapping):
            if set(value) == {"document"}:
                return self._service.written(content_of(value, documents))
            return {name: self._opened(one, documents) for name, one in value.items()}
        if isinstance(value, list):
            return [self._opened(one, documents) for one in value]
        return value

    def _found(self, code: str) -> Sequence[tuple[str, Mapping[str, Any] | None]]:
        """Return every record with this code: its number, and itself where it can be read.

        A record that can't be read still counts: it is there, and it has a number.

        Raises:
            ContractBroken: one has no number, so nobody can say what was found.
        """
        operation = self._needed("find")
        try:
            answered = self._service.call("find", {"code": code})
        except NoSuchRecord:
            return []
        rows = Rows(answered, operation, self._interface.record)
        found = []
        for place, row in enumerate(rows.rows):
            said = text_at(value_at(row, operation.body), self._interface.record.code)
            if said is None or said == code:
                one = rows.at(place)
                if not is_number(rows.names[place]):
                    raise ContractBroken(Said("find: shows a dossier without a number"))
                found.append((rows.names[place], one.body if isinstance(one, Record) else None))
        return found

    def _probe_update(self, command: Command) -> Probe:
        theirs = {*self._interface.record.theirs, *self._needed("update").repeats}
        for ref, body in self._shown(command):
            if shows(body, command.body, theirs):
                return Applied(ref, body)
        return Absent()

    def _probe_step(self, command: Command) -> Probe:
        path = self._needed("find").steps or ""
        for ref, body in self._read(command.code):
            steps = value_at(body, path)
            shown = steps if isinstance(steps, list) else ()
            if any(shows(step, command.body) for step in shown):
                return Applied(ref)
        return Absent()

    def _shown(self, command: Command) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Return the record of an update as it stands, by its number or by our code."""
        if command.ref is None or not self._interface.has("fetch"):
            return self._read(command.code)
        held = self.fetch(command.ref)
        return [] if held is None else [(held.ref, held.body)]

    def _read(self, code: str) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Return every record with this code.

        Raises:
            ContractBroken: one can't be read, so nobody can say what it holds.
        """
        shown = self._found(code)
        found = [(ref, body) for ref, body in shown if body is not None]
        if len(found) < len(shown):
            raise ContractBroken(Said("find: shows a dossier that can't be read"))
        return found

    def _needed(self, verb: Verb) -> Operation:
        """Return the operation of a verb.

        Raises:
            Rejected: the definition has none, so nothing can be done.
        """
        operation = self._interface.operation(verb)
        if operation is None:
            words = Said("the definition has no operation {verb}", verb=verb)
            raise Rejected("NO_OPERATION", None, words)
        return operation
