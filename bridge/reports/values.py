"""The two values of a difference as a reader sees them: in the reader's form, or masked. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bridge.domain.dossier import LIST_KEYS, PATHS, Json, is_open
from bridge.domain.notices import MASK
from bridge.domain.reconcile import FieldDifference
from bridge.domain.said import Said
from bridge.domain.status import NAMES
from bridge.domain.unlike import Unlike
from bridge.reports.look import Look
from bridge.reports.marks import Run, Runs, marked, masked

_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?([+-]\d{2}:\d{2}|Z)?")
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?")

_INNER = frozenset({"id", "path"})
"""Columns of a list that say nothing to its reader."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A difference as it is shown; ``hidden`` where its values are masked."""

    onestop: Runs
    ministry: Runs
    hidden: bool = False


def shown(one: FieldDifference, look: Look) -> Shown:
    """Return both values of a difference as the reader sees them, with what differs marked."""
    hidden = is_hidden(one, look)
    if not (is_kept(one) and is_shown(one)):
        ours, theirs = told(one, look)
        return Shown(_plain(ours, hidden), _plain(theirs, hidden and is_shown(one)), hidden)
    if isinstance(one.onestop, list) or isinstance(one.ministry, list):
        return _lists(one, look, hidden=hidden)
    return Shown(*(masked if hidden else marked)(*_texts(one, look)), hidden)


def is_hidden(one: FieldDifference, look: Look) -> bool:
    """Tell whether the values of a difference are masked: all that may name a person are."""
    return not (look.with_values or is_open(one.path, one.onestop, one.ministry))


def is_kept(one: FieldDifference) -> bool:
    """Tell whether the values of a difference are at hand: of an earlier comparison none is kept."""
    return not (one.onestop is None and one.ministry is None)


def is_shown(one: FieldDifference) -> bool:
    """Tell whether the ministry shows the field at all, with or without a value."""
    return one.unlike is not Unlike.NOT_SHOWN


def told(one: FieldDifference, look: Look) -> tuple[str, str]:
    """Return both values as text, or in their place a mask or why there is none; ``""`` for none."""
    ours, theirs = _texts(one, look) if is_kept(one) else _unkept(one, look)
    if is_hidden(one, look):
        ours, theirs = (MASK if text else "" for text in (ours, theirs))
    return ours, theirs if is_shown(one) else look.say(Said("(not shown)"))


def hide(one: FieldDifference, value: Json, look: Look) -> Json:
    """Return a value of a difference as data, or its mask; that there is none is told."""
    return MASK if is_hidden(one, look) and value not in (None, "", []) else value


def _plain(text: str, differs: bool) -> Runs:  # noqa: FBT001 - what a run holds
    return (Run(text, differs),) if text else ()


def _texts(one: FieldDifference, look: Look) -> tuple[str, str]:
    """Return both values as text: to the second, or as they are kept, where less hides that they differ."""
    values = one.onestop, one.ministry
    for exact in (False, True):
        ours, theirs = (as_text(one.path, value, look, exact=exact) for value in values)
        if ours != theirs:
            return ours, theirs
    return _bare(one.onestop), _bare(one.ministry)


def _unkept(one: FieldDifference, look: Look) -> tuple[str, str]:
    """Return words in the place of values that are not kept; which of them is none is known."""
    words = look.say(Said("(not kept)"))
    ours = "" if one.unlike is Unlike.ABSENT_HERE else words
    return ours, "" if one.unlike is Unlike.ABSENT_THERE else words


def as_text(path: str, value: Json, look: Look, *, exact: bool = False) -> str:
    """Return a value as its reader writes it, instants to the minute or ``exact``; ``""`` for none."""
    match value:
        case None:
            return ""
        case bool():
            return look.say(Said("yes") if value else Said("no"))
        case int() if path == "status":
            return f"{value} {NAMES.get(value, '')}".strip()
        case str():
            return value if PATHS.get(path) == "text" else _dated(value, look, exact=exact)
        case list() | dict():
            return "\n".join(_rows(path, value, look))
        case _:
            return str(value)


def _bare(value: Json) -> str:
    return "" if value is None else str(value)


def _dated(text: str, look: Look, *, exact: bool) -> str:
    """Return a canonical day or instant as the reader writes it, any other text as it is."""
    try:
        if _INSTANT.fullmatch(text):
            at = datetime.fromisoformat(text)
            clock = at.time().isoformat("auto" if exact else "minutes")
            return f"{look.day(at)} {clock}"
        if look.vietnamese and (found := _DAY.fullmatch(text)) is not None:
            date.fromisoformat(text if found[3] else f"{text}-01")
            return "/".join(part for part in reversed(found.groups()) if part)
    except ValueError:
        return text
    return text


def _lists(one: FieldDifference, look: Look, *, hidden: bool) -> Shown:
    """Return two lists by the rows that only one of them has; the rest is counted."""
    ours, theirs = (_rows(one.path, value, look) for value in (one.onestop, one.ministry))
    if hidden:
        pair = [(Run(_counted(rows, look)),) if rows else () for rows in (ours, theirs)]
        return Shown(pair[0], pair[1], hidden=True)
    return Shown(_beside(ours, theirs, look), _beside(theirs, ours, look))


def _beside(rows: list[str], others: list[str], look: Look) -> Runs:
    only = [row for row in rows if row not in others]
    same = len(rows) - len(only)
    runs = marked("\n".join(only), "")[0]
    if not same:
        return runs
    again = look.say(Said("rows that are on both sides: {count}", count=look.number(same)))
    return (*runs, Run(f"\n({again})" if runs else f"({again})"))


def _counted(rows: list[str], look: Look) -> str:
    return look.say(Said("list of {count}", count=look.number(len(rows))))


def _rows(path: str, value: Any, look: Look) -> list[str]:
    if value is None:
        return []
    return [_row(path, one, look) for one in (value if isinstance(value, list) else [value])]


def _row(path: str, row: Any, look: Look) -> str:
    if isinstance(row, list):
        return ": ".join(filter(None, (as_text("", one, look) for one in row)))
    if not isinstance(row, Mapping):
        return as_text("", row, look)
    unsaid = _INNER if path in LIST_KEYS else ()
    told = {key: _cell(key, value, look) for key, value in row.items() if key not in unsaid}
    return "; ".join(f"{_column(path, key, look)}: {text}" for key, text in told.items() if text)


def _cell(key: str, value: Json, look: Look) -> str:
    if key in {"amount", "size"} and isinstance(value, int):
        return look.number(value)
    return as_text("status" if key == "status" else "", value, look)


def _column(path: str, key: str, look: Look) -> str:
    for name in (f"{path}.{key}", key):
        label = look.field(name)
        if label != name:
            return label
    return key
