"""A code list that has shrunk is not believed by itself: a person looks at it, and accepts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bridge.domain.said import Said
from bridge.engine import ask, brake, code_lists
from bridge.engine.house import House, Ministry
from bridge.engine.people.decision import Decision
from bridge.engine.people.refusal import Refusal
from bridge.sdk.code_lists import CodeList
from bridge.store import CodeListState, CodeSpan


@dataclass(frozen=True, slots=True)
class Standing:
    """How a list stands: its rows of now, when it was read, what is wrong with it."""

    system: str
    name: str
    rows: int
    state: CodeListState


@dataclass(frozen=True, slots=True)
class Short:
    """A list as its system shows it now; ``known`` is by code what holds, ``gone`` what would end."""

    ministry: Ministry
    name: str
    found: CodeList
    known: Mapping[str, str]

    @property
    def gone(self) -> tuple[str, ...]:
        """The codes that end when it is accepted."""
        return tuple(code for code in self.known if code not in self.found.names)


def standings(house: House) -> list[Standing]:
    """Return how every list stands that a system shows."""
    with house.store.read() as unit:
        return [
            Standing(one.name, name, len(_valid(unit.code_lists.spans(one.name, name))), state)
            for one in code_lists.sources(house)
            for name, state in sorted(unit.code_lists.states(one.name).items())
            if name in one.capabilities.code_lists
        ]


def look_at(house: House, ministry: Ministry, name: str) -> Short:
    """Read a list as it is now; changes nothing.

    Raises:
        Refusal: the system may not be called now, or shows no row at all.
        AdapterError: it can't be read now.
    """
    shut = brake.shut(house, ministry)
    if shut is not None:
        raise Refusal(Said("the list can't be read now: {reason}", reason=shut))
    with brake.heard(house, ministry):
        found = ask.code_list(house, ministry, name)
    if not found.names:
        raise Refusal(Said("the list is empty: that is no list, and is not accepted"))
    with house.store.read() as unit:
        spans = unit.code_lists.spans(ministry.name, name)
    return Short(ministry, name, found, _valid(spans))


def accept(house: House, short: Short, decision: Decision) -> None:
    """Take a list as it was shown: what is not in it ends today."""
    name, ministry = short.name, short.ministry
    with house.store.write("accept list") as unit:
        decision.journal(
            unit, "lists accept", system=ministry.name, list=name, rows=len(short.found.names)
        )
        code_lists.accept(unit, house, ministry, name, short.found)
    house.wake(ministry.name)


def _valid(spans: list[CodeSpan]) -> dict[str, str]:
    return {one.code: one.name for one in spans if one.valid_until is None}
