"""Finds out which operations of a ministry an adapter calls for what, by asking a healthy one.

A rehearsal counts its calls by operation. The first command of each kind is for what an adapter
does once (a login, a catalogue); what the second calls is what the command takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeAlias

from bridge.sdk.conformance.rig import Call, Rig
from bridge.sdk.conformance.verdict import around_today, said
from bridge.sdk.records import Action, Receipt
from bridge.sdk.rehearsal import Rehearsal

__all__ = ["Operations", "scouted"]

Operations: TypeAlias = Mapping[Call, Sequence[str]]
"""The operations of each call, in their order; of a command only the one that writes."""

Healthy: TypeAlias = Callable[[], AbstractContextManager[tuple[Rig, Rehearsal]]]

COMMANDS: frozenset[Call] = frozenset({"create", "update", "step"})

_known: dict[str, Operations] = {}


def scouted(name: str, healthy: Healthy) -> Operations:
    """Return the operations of the adapter ``name``; asked once, over a ministry of its own."""
    if name not in _known:
        with healthy() as (rig, ministry):
            _known[name] = _operations(rig, ministry)
    return _known[name]


def _operations(rig: Rig, ministry: Rehearsal) -> Operations:
    found: dict[Call, Sequence[str]] = {}
    for call, ask in _asking(rig):
        ministry.calls.clear()
        said(ask)
        found[call] = tuple(ministry.calls)
    reads = {name for call in found if call not in COMMANDS for name in found[call]}
    for call in COMMANDS & found.keys():
        found[call] = [name for name in found[call] if name not in reads][-1:]
    return found


def _asking(rig: Rig) -> Iterator[tuple[Call, Callable[[], object]]]:
    """Yield each call that an adapter which has settled down takes."""
    adapter, can = rig.adapter(), rig.plugin.capabilities
    refs = list(rig.seed(2)) if can.feed != "none" or can.lists else []
    if can.writes:
        first = rig.command(901)
        said(lambda: adapter.submit([first]))
        yield "create", lambda: adapter.submit([rig.command(902)])
        rig.settle()
        [answer] = adapter.submit([rig.command(903)])
        ref = answer.ref if isinstance(answer, Receipt) else None
        refs += [ref] if ref else []
        changed = rig.command(903, Action.UPDATE, ref=ref, text="Trần Thị Mới")
        yield "update", lambda: adapter.submit([changed])
        if can.steps:
            yield "step", lambda: adapter.submit([rig.command(901, Action.STEP)])
        if can.probes:
            yield "probe", lambda: adapter.probe(first)
    if can.feed != "none":
        yield "changes", lambda: adapter.changes(None)
    if can.lists:
        yield "list", lambda: adapter.list(*around_today(), None)
    yield "fetch", lambda: adapter.fetch(refs[0] if refs else rig.unknown_ref)
