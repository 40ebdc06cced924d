"""The code lists this process has at hand: one immutable record a system, new when it changed."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date

from bridge.mapping import NO_LISTS, Lists, Span, Table
from bridge.store import CodeListState, Unit


class Shelf:
    """What was taken from the store. Safe to use from several threads."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Mapping[str, int], Lists]] = {}
        self._reading: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def reading(self, system: str) -> AbstractContextManager[object]:
        """Have one thread at a time read the lists of a system."""
        return self._reading[system]

    def last(self, system: str) -> Lists:
        """Return what was taken last, without a look at the store."""
        return self._kept.get(system, ({}, NO_LISTS))[1]

    def taken(self, unit: Unit, system: str, names: Collection[str], today: date) -> Lists:
        """Return those of these lists that were read, as the store has them now."""
        states = unit.code_lists.states(system)
        versions = {name: states[name].version for name in names if _was_read(states.get(name))}
        before, lists = self._kept.get(system, ({}, NO_LISTS))
        if versions != before:
            tables = {
                name: lists.tables[name]
                if before.get(name) == version
                else _table(unit, system, name)
                for name, version in versions.items()
            }
            lists = Lists(tables, today)
            self._kept[system] = (versions, lists)
        return lists if lists.today == today else replace(lists, today=today)


def _was_read(state: CodeListState | None) -> bool:
    return state is not None and state.version > 0


def _table(unit: Unit, system: str, name: str) -> Table:
    spans = unit.code_lists.spans(system, name)
    return Table(name, [Span(one.code, one.name, one.valid_from, one.valid_until) for one in spans])
