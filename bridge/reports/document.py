"""A comparison as the document of ``--json``: as large as it is, and never whole in memory."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from shutil import copyfileobj
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TextIO

from bridge.domain.comparison import DIFFERING, Comparison, Kind, Placed, differing, kind_of
from bridge.domain.finding_record import action_of
from bridge.domain.reconcile import (
    Different,
    Duplicates,
    FieldDifference,
    MissingAtMinistry,
    NotSeen,
    OnItsWay,
    Waits,
)
from bridge.reports.look import Look
from bridge.reports.rows import code_of, ref_of
from bridge.reports.values import hide, is_hidden, is_kept, is_shown
from bridge.reports.words import deed_of, why_of

IN_MEMORY = 1 << 20
"""Characters of a list that are held; a longer one waits in a file of its own that has no name."""

_BLOCK = 1 << 13
"""Characters that are copied at a time."""

LISTS = ("differences", "waiting", "unread")


def write_json(
    out: TextIO,
    comparison: Comparison,
    rows: Iterable[Placed],
    look: Look,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Write the document of ``reconcile --json`` (contracts/cli.md), with more beside its keys.

    ``differences`` are the findings in which both sides do not agree; those that could not be
    compared stand under ``unread``, those that are under way under ``waiting``, counted by why they
    wait under ``waits``. ``rows`` are read once, and nothing is written before all are read.
    """
    with ExitStack() as stack:
        lists = {name: _List(stack.enter_context(_spool())) for name in LISTS}
        waits = _sorted_in(lists, rows, look)
        facts = {**_totals(comparison), "waits": waits, **(more or {})}
        out.write("{\n")
        for key, value in facts.items():
            told = json.dumps(value, ensure_ascii=False, default=str)
            out.write(f"  {json.dumps(key)}: {told},\n")
        for name, held in lists.items():
            out.write(f"  {json.dumps(name)}: [")
            held.copy(out)
            out.write("]\n" if name == LISTS[-1] else "],\n")
        out.write("}\n")


def _spool() -> IO[str]:
    # half a character stays the escape that JSON has for it
    return SpooledTemporaryFile(
        IN_MEMORY, "w+", encoding="utf-8", newline="\n", errors="backslashreplace"
    )


@dataclass(slots=True)
class _List:
    """A list of the document, a line an item, as it grows."""

    items: IO[str]
    separator: str = field(default="\n    ")

    def add(self, item: Mapping[str, Any]) -> None:
        self.items.write(f"{self.separator}{json.dumps(item, ensure_ascii=False)}")
        self.separator = ",\n    "

    def copy(self, out: TextIO) -> None:
        if self.separator.startswith(","):
            self.items.seek(0)
            copyfileobj(self.items, out, _BLOCK)
            out.write("\n  ")


def _sorted_in(
    lists: Mapping[str, _List], rows: Iterable[Placed], look: Look
) -> Mapping[Waits, int]:
    """Put each finding into its list; returns how many wait for what."""
    waits: Counter[Waits] = Counter()
    for one in rows:
        match one.finding:
            case NotSeen(name, reason):
                lists["unread"].add({"name": name, "reason": look.say(reason)})
            case OnItsWay(why=why):
                waits[why] += 1
                lists["waiting"].add(_finding(one, look))
            case finding if kind_of(finding) in DIFFERING:
                lists["differences"].add(_finding(one, look))
            case _:
                pass
    return waits


def _totals(comparison: Comparison) -> dict[str, Any]:
    return {
        "system": comparison.system,
        "since": comparison.since.isoformat(),
        "until": comparison.until.isoformat(),
        "made_at": comparison.made_at.isoformat(),
        "compared": comparison.compared,
        **{kind.value: comparison.counts.get(kind, 0) for kind in Kind},
        "differing": differing(comparison.counts),
        "by_day": _counted(comparison.by_day),
        "by_unit": _counted(comparison.by_unit),
        "by_procedure": _counted(comparison.by_procedure),
    }


def _counted(places: Mapping[str, Mapping[Kind, int]]) -> dict[str, dict[str, int]]:
    return {
        place: {kind.value: count for kind, count in counts.items() if count}
        for place, counts in sorted(places.items())
    }


def _finding(placed: Placed, look: Look) -> dict[str, Any]:
    finding, place = placed.finding, placed.place
    deed = deed_of(finding)
    return {
        "code": code_of(finding),
        "ministry_ref": None if isinstance(finding, Duplicates) else ref_of(finding),
        "kind": kind_of(finding).value,
        "fields": [],
        "action": action_of(finding).value,
        "day": place.day,
        "unit": place.unit,
        "procedure": place.procedure,
        "does": look.say(deed.what),
        "who": look.say(deed.who),
        "because": look.say(why_of(finding)),
        **dict(_more(placed, look)),
    }


def _more(placed: Placed, look: Look) -> Iterator[tuple[str, Any]]:
    match placed.finding:
        case Different(fields=fields, steps=steps):
            yield "fields", [_field(one, look) for one in fields]
            yield "steps", list(steps)
        case MissingAtMinistry(why=why) | OnItsWay(why=why):
            yield "why", why.value
        case Duplicates(refs=refs):
            yield "refs", list(refs)
        case _:
            pass


def _field(one: FieldDifference, look: Look) -> dict[str, Any]:
    return {
        "path": one.path,
        "onestop": hide(one, one.onestop, look),
        "ministry": hide(one, one.ministry, look) if is_shown(one) else None,
        "owner": one.owner.value,
        "unlike": one.unlike.value,
        "forms": list(one.forms),
        "to": one.to,
        "masked": is_hidden(one, look),
        "kept": is_kept(one),
    }
