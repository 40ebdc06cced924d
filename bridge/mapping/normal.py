"""What a system can know of our fields, as far as its wire has room for it: what is compared.

A time loses the milliseconds the wire has no room for; a list keeps the rows that are carried and
of each row the keys that are. A path that several rules read keeps what any of them reads. What is no row where
rows should stand is kept as it is: no system is sent it, and mending it is a change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.mapping.outward import Keep, keeper
from bridge.mapping.spec import INWARD, READ_BACK, Rule
from bridge.mapping.texts import clean

Normal = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Rows:
    """What one rule sees of a list: which rows, and which keys of them."""

    keep: Keep
    keys: Mapping[str, Normal]


def normals(rules: Iterable[Rule], triggers: Sequence[str]) -> tuple[tuple[str, Normal], ...]:
    """Return for every path that is carried, or triggers, what brings it into comparable form."""
    readers: dict[str, list[Rule]] = {path: [] for path in triggers}
    for rule in rules:
        for path in rule.reads:
            readers.setdefault(path, []).append(rule)
        for inner in rule.record:
            for path in inner.reads:
                readers[path].append(inner)
    return tuple((path, _normal(path, readers[path])) for path in sorted(readers))


def _normal(path: str, readers: Sequence[Rule]) -> Normal:
    views = [view for one in readers if (view := rows_of(one)) is not None]
    if views:
        return _seen(views)
    single = [one for one in readers if one.ours == path and not (one.gathers or one.record)]
    told = [one for one in single if one.way in INWARD] or single
    return of_value(told[0]) if len(told) == 1 else clean


def of_rule(rule: Rule) -> Normal:
    """Return what brings into comparable form what this rule alone says of its path."""
    view = rows_of(rule, read_back=True)
    return of_value(rule) if view is None else _seen([view])


def of_value(rule: Rule) -> Normal:
    """Return what cuts a value to what the wire has room for."""
    cuts = tuple(step.keeps for step in rule.via if step.keeps is not None)
    if not cuts:
        return clean

    def normal(value: Any) -> Any:
        value = clean(value)
        for cut in cuts:
            if value is not None:
                value = cut(value)
        return value

    return normal


def rows_of(rule: Rule, *, read_back: bool = False) -> Rows | None:
    """Return what a rule sees of a list; ``None`` when it is not about rows."""
    if rule.takes_rows:
        keys = {key for step in rule.via for key in step.keys}
        return Rows(keeper(rule), dict.fromkeys([*keys, *rule.where, *rule.known], clean))
    if not rule.each:
        return None
    sees: dict[str, Normal] = {}
    for one in rule.each:
        if read_back and one.way not in READ_BACK:
            continue
        for path in one.reads:
            sees.setdefault(path, of_value(one) if path == one.ours else clean)
    if not read_back:
        sees |= {key: clean for key in (*rule.where, *rule.known) if key not in sees}
    return Rows(keeper(rule), sees)


def _seen(views: Sequence[Rows]) -> Normal:
    keys: dict[str, Normal] = {}
    for view in views:
        keys = {**view.keys, **keys}
    fields = tuple(sorted(keys.items()))
    first, *others = [view.keep for view in views]

    def seen(value: Any) -> Any:
        rows = [
            {
                key: None if (told := row.get(key)) is None else normal(told)
                for key, normal in fields
            }
            if isinstance(row, Mapping)
            else row
            for row in (value if isinstance(value, list) else ())
            if not isinstance(row, Mapping) or first(row) or any(keep(row) for keep in others)
        ]
        return rows or None

    return seen
