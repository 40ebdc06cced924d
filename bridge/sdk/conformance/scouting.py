"""Finds out which operations of a ministry an adapter calls for what, by asking a healthy one.

A rehearsal counts its calls by operation. Everything is asked twice: the first time an adapter may
do what it does once (a login, a catalogue), the second time it does what is asked alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TypeAlias

from bridge.sdk.conformance.rig import Call, Rig
from bridge.sdk.conformance.verdict import around_today, said, settled
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
        said(ask)
        ministry.calls.clear()
        said(ask)
        found[call] = tuple(ministry.calls)
    reads = {name for call in found if call not in COMMANDS for name in found[call]}
    for call in COMMANDS & found.keys():
        found[call] = [name for name in found[call] if name not in reads][-1:]
    return found


def _asking(rig: Rig) -> Iterator[tuple[Call, Callable[[], object]]]:
    """Yield each thing that the adapter can be asked to do."""
    adapter, can = rig.adapter(), rig.plugin.capabilities
    refs = list(rig.seed(2)) if can.feed != "none" or can.lists else []
    if can.writes:
        yield "create", lambda: adapter.submit([rig.command(901)])
        answer = settled(rig, adapter, rig.command(902))
        ref = answer.ref if isinstance(answer, Receipt) else None
        refs += [ref] if ref else []
        changed = rig.command(902, Action.UPDATE, ref=ref, text="Trần Thị Mới")
        yield "update", lambda: adapter.submit([changed])
        if can.steps:
            yield "step", lambda: adapter.submit([rig.command(901, Action.STEP)])
        if can.probes:
            yield "probe", lambda: adapter.probe(rig.command(901))
    if can.feed != "none":
        yield "changes", lambda: adapter.changes(None)
    if can.lists:
        yield "list", lambda: adapter.list(*around_today(), None)
    yield "fetch", lambda: adapter.fetch(refs[0] if refs else rig.unknown_ref)
