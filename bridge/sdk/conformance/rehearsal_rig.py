"""The rig of an adapter whose rehearsal follows the ``Rehearsal`` protocol.

It needs the plug-in and one body the ministry takes. What the body's fields mean (the dossier
code, the applicant's name, what is personal) is read in the adapter's mapping. Which operation of
the ministry does what is found out by asking a healthy one once.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy, deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self, cast

from bridge.sdk.adapter import Adapter, AdapterContext, Plugin
from bridge.sdk.conformance.fields import Fields, fields_of, leaves, lookup, put
from bridge.sdk.conformance.needs import LOGIN
from bridge.sdk.conformance.rig import Call, Rig
from bridge.sdk.conformance.scouting import Operations, scouted
from bridge.sdk.records import Action, Command
from bridge.sdk.rehearsal import Fault, HttpRehearsal, Rehearsal, Response

__all__ = ["RehearsalRig"]

CODES = "H40.05-261120"
"""What the codes of invented dossiers begin with."""
LEAST = 6
"""Letters: a shorter value (a sex, a class) stands in many a text by chance."""


class RehearsalRig(Rig):
    """An adapter over its rehearsal, as a context: the ministry serves while the block runs.

    ``body`` and ``step`` are a dossier and a step of progress in the system's words; without
    ``body`` there are no commands. ``broken`` are the fields of a record in the feed that break
    its contract, as ``file_own`` takes them. ``answers`` is what the ministry says for each of
    ``Plugin.safe_faults``. ``rehearsal`` builds the ministry (by default the plug-in's),
    ``options`` are added to those under which it is reached. ``text`` is the field that is free
    text, personal and required, by default the applicant's name. ``now`` is the engine's clock.
    """

    def __init__(  # noqa: PLR0913 - what there is to tell of a system; most of it has a default
        self,
        plugin: Plugin,
        body: Mapping[str, Any] | None = None,
        *,
        step: Mapping[str, Any] | None = None,
        broken: Mapping[str, Any] | None = None,
        answers: Mapping[str, Response] | None = None,
        rehearsal: Callable[[], Any] | None = None,
        options: Mapping[str, Any] | None = None,
        text: str | None = None,
        more_than_a_page: int = 3,
        unknown_ref: str = "0",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        build = rehearsal or plugin.rehearsal
        if build is None:
            raise TypeError(f"{plugin.name} has no rehearsal: write a Rig of its own")
        self.plugin = plugin
        self.more_than_a_page = more_than_a_page
        self.unknown_ref = unknown_ref
        self.ministry = cast("Rehearsal", build())
        self._build = build
        self._bodies = {"dossier": body or {}, "step": step or {}}
        self._broken = broken
        self._answers = answers or {}
        self._options = options or {}
        self._text = text
        self._now = now
        self._adapters: list[Adapter] = []

    def __enter__(self) -> Self:
        """Let the ministry serve."""
        self.ministry.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close what was built and stop the ministry."""
        for adapter in self._adapters:
            adapter.close()
        self.ministry.stop()

    @property
    def fetches(self) -> bool:
        """See ``Rig``: whether ``fetch`` calls the ministry at all."""
        return bool(self.operations.get("fetch"))

    @property
    def operations(self) -> Operations:
        """What the adapter calls at the ministry, for each thing it is asked to do."""
        plugin = self.plugin  # of one name there may be several, each of its definition
        name = f"{type(self).__qualname__} {plugin.name} {plugin.title}"
        return scouted(name, self._healthy)

    def adapter(self, *, timeout: float = 5.0, login: bool = True) -> Adapter:
        """See ``Rig``."""
        given = {**self.ministry.options(), **self.ministry.secrets(), **self._options}
        if not login:
            given |= dict.fromkeys(self.ministry.secrets(), "not-the-secret")
        options = self.plugin.options.model_validate(given)
        context = AdapterContext(self.plugin.name, Path(), timeout, 4, self._now)
        built = self.plugin.build(options, context)
        self._adapters.append(built)
        return built

    def command(
        self,
        number: int = 1,
        action: Action = Action.CREATE,
        *,
        ref: str | None = None,
        text: str | None = None,
    ) -> Command:
        """See ``Rig``."""
        kind = "step" if action is Action.STEP else "dossier"
        fields = self._fields(kind)
        code = f"{CODES}-{number:04}"
        body = deepcopy(dict(self._bodies[kind]))
        put(body, fields.key, code)
        if text is not None:
            put(body, fields.text, text)
        version = 2 if action is Action.UPDATE else 1
        return Command(f"{code}/{action}/{version}", action, code, ref, body, version)

    def seed(self, count: int = 1) -> Sequence[str]:
        """See ``Rig``."""
        return self.ministry.file_own(count)

    def spoil(self) -> None:
        """See ``Rig``."""
        if self._broken is None:
            raise TypeError("name the fields of a record that breaks the contract: broken={…}")
        self.ministry.file_own(1, **self._broken)

    @contextmanager
    def fault(
        self, fault: Fault, call: Call | None = None, *, once: bool = False
    ) -> Iterator[None]:
        """See ``Rig``."""
        names: Sequence[str | None] = self.operations.get(call, ()) if call else ()
        if once:
            self.ministry.faults.next(fault, operation=names[0] if names else None)
        else:
            for name in names or (None,):
                self.ministry.faults.always(fault, name)
        try:
            yield
        finally:
            self.ministry.faults.clear()

    def down(self) -> None:
        """See ``Rig``."""
        self.ministry.down()

    def up(self) -> None:
        """See ``Rig``."""
        self.ministry.up()

    def applied(self, command: Command) -> int:
        """See ``Rig``."""
        rows = self._rows(command.code)
        match command.action:
            case Action.CREATE:
                return len(rows)
            case Action.UPDATE:
                path = self._fields("dossier").text
                wanted = lookup(command.body, path)
                return sum(lookup(row["body"], path) == wanted for row in rows)
            case Action.STEP:
                shown = [step for row in rows for step in row.get("steps", ())]
                return sum(command.body.items() <= step.items() for step in shown)

    def held(self, command: Command) -> str | None:
        """See ``Rig``."""
        path = self._fields("dossier").text
        found = [lookup(row["body"], path) for row in self._rows(command.code)]
        return str(found[0]) if found and found[0] is not None else None

    @contextmanager
    def answering(self, code: str) -> Iterator[Adapter]:
        """See ``Rig``; raises ``LookupError`` for a code that is not in ``answers``."""
        ministry = self.ministry
        if code not in self._answers or not isinstance(ministry, HttpRehearsal):
            raise LookupError("name it in answers={…}, or write answering() for a system of files")
        [operation] = self.operations["create"]
        ministry.instead[operation] = self._answers[code]
        try:
            yield self.adapter()
        finally:
            ministry.instead.clear()

    def confidential(self) -> Collection[str]:
        """See ``Rig``."""
        said = set(self.ministry.secrets().values()) if LOGIN.met(self.plugin) else set()
        for kind, body in self._bodies.items():
            if body:
                for path in self._fields(kind).personal:
                    said |= set(leaves(lookup(body, path)))
        said |= set(leaves(dict(self._broken or {})))
        return {one for one in said if len(one) >= LEAST}

    def _fields(self, kind: str) -> Fields:
        if not self._bodies[kind]:
            raise TypeError(f"the rig has no sample of a {kind}")
        found = fields_of(self.plugin.mappings[kind])
        return found if self._text is None or kind == "step" else found.named(self._text)

    def _rows(self, code: str) -> list[dict[str, Any]]:
        return [row for row in self.ministry.records() if row["code"] == code]

    @contextmanager
    def _healthy(self) -> Iterator[tuple[Rig, Rehearsal]]:
        """Give this rig over another ministry, which nobody disturbs."""
        twin = copy(self)
        twin.ministry, twin._adapters = cast("Rehearsal", self._build()), []  # noqa: SLF001 - ours
        twin.ministry.start()
        try:
            yield twin, twin.ministry
        finally:
            twin.__exit__()
