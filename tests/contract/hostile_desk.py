"""A ministry in memory, an adapter that keeps every claim, and the rig of both.

What a hostile adapter does wrong it does wrong beside this one, which does it right.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, SecretStr

from bridge.sdk import Json
from bridge.sdk.adapter import Adapter, AdapterContext, Plugin
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.code_lists import CodeList, code_list
from bridge.sdk.conformance import Rig
from bridge.sdk.conformance.rig import Call
from bridge.sdk.errors import (
    AdapterError,
    AuthFailed,
    ContractBroken,
    InDoubt,
    Maintenance,
    Rejected,
    Retryable,
)
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
    Unreadable,
)
from bridge.sdk.rehearsal import Fault

T = TypeVar("T")

PAGE = 2
SECRET = "mat-khau-cua-ban-giay"
NAME = "Hoàng Thị Bàn Giấy"
APPLIED = (Fault.LOST_ANSWER, Fault.SLOW, Fault.TRUNCATED, Fault.WRONG_SCHEMA, Fault.BOM, Fault.NFD)
SAFE = {"E1": "the desk is being moved: Retryable"}

CAPABILITIES = Capabilities(
    feed="acknowledge",
    submit="idempotent",
    batch=10,
    probes=True,
    lists=True,
    steps=True,
    step_batch=10,
    code_lists=("ward", "street"),
)


class Options(BaseModel):
    """As whom the desk is asked."""

    password: SecretStr


class Weather(Exception):  # noqa: N818 - an event
    """A call met a fault; ``value`` is what it would have given."""

    def __init__(self, fault: Fault | None, value: Any = None) -> None:
        super().__init__(str(fault))
        self.fault = fault
        self.value = value


@dataclass
class Desk:
    """What lies on the desk. ``own`` are records (None: broken ones) by position, from 1."""

    own: dict[int, str | None] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    held: list[Command] = field(default_factory=list)
    faults: dict[str | None, tuple[Fault, bool]] = field(default_factory=dict)
    open: bool = True
    says: str | None = None
    reads: int = 0

    def call(self, name: str, login: str, do: Callable[[], T]) -> T:
        """Do as asked, unless the weather is bad."""
        if not self.open:
            raise Weather(None)
        if login != SECRET:
            raise Rejected("LOGIN", None, "login")
        fault, once = self.faults.get(name) or self.faults.get(None) or (None, False)
        if fault is None:
            return do()
        if once:
            self.faults.clear()
        raise Weather(fault, do() if fault in APPLIED else None)

    def ref(self, code: str) -> str:
        """Return the number of a dossier."""
        return f"D-{code[-4:]}"


def kept(command: Command, other: Command) -> bool:
    """Tell whether two commands are of one dossier, or are one step."""
    if command.action is Action.STEP or other.action is Action.STEP:
        return command.key == other.key
    return command.code == other.code


class Honest:
    """Keeps every claim. The methods in the middle are what hostile adapters do otherwise."""

    breaks: ClassVar[str] = ""
    declared: ClassVar[Capabilities] = CAPABILITIES

    def __init__(self, desk: Desk, password: str) -> None:
        self.capabilities = self.declared
        self.desk = desk
        self.password = password

    # -- what the weather means

    def said(self, fault: Fault | None, *, write: bool) -> AdapterError:
        """Return the error for a fault; None: nothing answers."""
        match fault:
            case None:
                return Retryable("nobody at the desk", unreachable=True)
            case Fault.PAGE_503:
                return Maintenance("closed")
            case Fault.TOO_MANY:
                return Retryable("a queue", after=1.0)
            case Fault.WRONG_SCHEMA | Fault.HTML_200:
                return ContractBroken("another form")
            case Fault.EXPIRED_SESSION:
                return AuthFailed("the session ended")
            case _:
                return InDoubt("silence") if write else Retryable("silence")

    def refused(self) -> AdapterError:
        """Return the error for a wrong password."""
        return AuthFailed("login refused")

    def unicode(self, value: T) -> T:
        """Return what came behind a byte order mark, or decomposed."""
        return value

    def ask(self, name: str, do: Callable[[], T], *, write: bool = False) -> T:
        """Call the desk."""
        try:
            return self.desk.call(name, self.password, do)
        except Weather as met:
            if met.fault in (Fault.BOM, Fault.NFD):
                value: T = met.value
                return self.unicode(value)
            raise self.said(met.fault, write=write) from None
        except Rejected as refused:
            if refused.code == "LOGIN":
                raise self.refused() from None
            raise

    # -- the interface

    def check(self) -> Iterable[Check]:
        """See ``Adapter``."""
        try:
            self.ask("check", lambda: None)
        except AdapterError as error:
            return [Check("desk", ok=False, detail=error.reason)]
        return [Check("desk", ok=True, detail="somebody is there")]

    def changes(self, cursor: Json) -> Page:
        """See ``Adapter``."""
        return self.ask("changes", lambda: self.page(cursor))

    def page(self, cursor: Json) -> Page:
        """Return the first of what was not acknowledged."""
        waiting = [n for n in sorted(self.desk.own) if n not in self.desk.gone]
        return self.shown(waiting[:PAGE], cursor, more=len(waiting) > PAGE)

    def shown(self, places: Sequence[int], cursor: Json, *, more: bool) -> Page:
        """Return a page of what lies at these places."""
        records = tuple(self.record(place) for place in places)
        return Page(records, max([*places, int(str(cursor or 0))]), more, tuple(places))

    def record(self, place: int) -> Record | Unreadable:
        """Return what lies at a place."""
        ref = self.desk.own[place]
        if ref is None:
            return Unreadable(f"#{place}", "has no number")
        return Record(ref, {"ten": NAME}, version=1)

    def acknowledge(self, token: object) -> None:
        """See ``Adapter``."""
        self.desk.gone |= set(token if isinstance(token, tuple) else ())

    def submit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        """See ``Adapter``."""
        return [self.one(command) for command in commands]

    def one(self, command: Command) -> Answer:
        """Send one command."""
        try:
            if self.desk.says is not None:
                return self.told(command)
            return self.ask(command.action, lambda: self.put(command), write=True)
        except AdapterError as error:
            return error

    def told(self, command: Command) -> Answer:
        """Say what an answer of ``SAFE`` means."""
        return Retryable(f"{self.desk.says}, as was to be expected of {command.action}")

    def put(self, command: Command) -> Receipt:
        """Lay a command on the desk, in place of the same one before it."""
        if command.body["ten"] == "":
            raise self.refusal()
        self.lay(command)
        return Receipt(self.desk.ref(command.code))

    def refusal(self) -> Rejected:
        """Return the desk's refusal of a dossier without a name."""
        return Rejected("17", "ten", "thiếu tên")

    def lay(self, command: Command) -> None:
        """Keep a command."""
        self.desk.held = [one for one in self.desk.held if not kept(one, command)]
        self.desk.held.append(command)

    def confirm(self, commands: Sequence[Command]) -> Sequence[Confirmation]:
        """See ``Adapter``."""
        return [None for _ in commands]

    def probe(self, command: Command) -> Probe:
        """See ``Adapter``."""
        return self.ask("probe", lambda: self.found(command))

    def found(self, command: Command) -> Probe:
        """Look for what a command left."""
        times = sum(kept(one, command) and one.body == command.body for one in self.desk.held)
        return Applied(self.desk.ref(command.code), count=times) if times else Absent()

    def fetch(self, ref: str) -> Record | None:
        """See ``Adapter``."""
        return self.ask("fetch", lambda: self.numbered(ref))

    def numbered(self, ref: str) -> Record | None:
        """Return the record with a number."""
        return Record(ref, {"ten": NAME}) if ref in self.desk.own.values() else None

    def list(self, since: date, until: date, cursor: Json) -> Page:
        """See ``Adapter``."""
        del since, until
        return self.ask("list", lambda: self.listed(int(str(cursor or 0))))

    def listed(self, after: int) -> Page:
        """Return a page of all."""
        places = [n for n in sorted(self.desk.own) if n > after]
        return self.shown(places[:PAGE], after, more=len(places) > PAGE)

    def code_list(self, name: str) -> CodeList:
        """See ``CodeListSource``."""
        return self.ask("code_list", lambda: self.coded(name))

    def coded(self, name: str) -> CodeList:
        """Return a list of codes."""
        return code_list([("01", f"Hoa\u0300n {name}"), (2, " Đồng Xuân")])

    def close(self) -> None:
        """See ``Adapter``."""


class DeskRig(Rig):
    """The rig over a desk."""

    def __init__(self, kind: type[Honest]) -> None:
        self.desk = Desk()
        self.plugin = Plugin(
            name=kind.__name__,
            title="Bàn giấy",
            protocol="rest",
            options=Options,
            capabilities=CAPABILITIES if kind.declared.writes else kind.declared,
            build=self._build,
            safe_faults=SAFE if kind.declared.writes else {},
        )
        self._kind = kind

    def _build(self, options: BaseModel, context: AdapterContext) -> Adapter:
        del context
        return self._kind(self.desk, Options.model_validate(options).password.get_secret_value())

    def adapter(self, *, timeout: float = 5.0, login: bool = True) -> Adapter:
        del timeout
        return self._kind(self.desk, SECRET if login else "other")

    def command(
        self,
        number: int = 1,
        action: Action = Action.CREATE,
        *,
        ref: str | None = None,
        text: str | None = None,
    ) -> Command:
        code = f"H40-261120-{number:04}"
        body = {"ten": NAME if text is None else text}
        return Command(f"{code}/{action}", action, code, ref, body)

    def seed(self, count: int = 1) -> Sequence[str]:
        first = len(self.desk.own) + 1
        made = {n: f"M-{n}" for n in range(first, first + count)}
        self.desk.own.update(made)
        return list(made.values())

    def spoil(self) -> None:
        self.desk.own[len(self.desk.own) + 1] = None

    @contextmanager
    def fault(
        self, fault: Fault, call: Call | None = None, *, once: bool = False
    ) -> Iterator[None]:
        self.desk.faults = {call: (fault, once)}
        try:
            yield
        finally:
            self.desk.faults = {}

    def down(self) -> None:
        self.desk.open = False

    def up(self) -> None:
        self.desk.open = True

    def applied(self, command: Command) -> int:
        same = [one for one in self.desk.held if kept(one, command)]
        if command.action is Action.UPDATE:
            same = [one for one in same if one.body == command.body]
        return len(same)

    def held(self, command: Command) -> str | None:
        [found] = [one for one in self.desk.held if kept(one, command)]
        return str(found.body["ten"])

    @contextmanager
    def answering(self, code: str) -> Iterator[Adapter]:
        self.desk.says = code
        try:
            yield self.adapter()
        finally:
            self.desk.says = None

    def confidential(self) -> Collection[str]:
        return {SECRET, NAME}
