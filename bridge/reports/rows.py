"""A comparison as data: rows of a sheet, one a field, and the document of ``--json``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bridge.domain.comparison import DIFFERING, Comparison, Kind, Place, Placed, differing, kind_of
from bridge.domain.finding_record import action_of, refs_of
from bridge.domain.reconcile import (
    Different,
    Duplicates,
    FieldDifference,
    Finding,
    InStep,
    MissingAtMinistry,
    NotSeen,
    OnItsWay,
    Withdrawn,
)
from bridge.reports.look import Look
from bridge.reports.values import hide, is_hidden, is_kept
from bridge.reports.words import deed_of, why_of


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a sheet: a finding, and one of its fields where it has any."""

    finding: Finding
    place: Place
    field: FieldDifference | None = None


def as_rows(rows: Iterable[Placed]) -> Iterator[Row]:
    """Yield a row for each field that differs, one for a finding without; what agrees has none."""
    for placed in rows:
        finding = placed.finding
        if isinstance(finding, InStep | Withdrawn):
            continue
        fields = finding.fields if isinstance(finding, Different) else ()
        for field in fields or (None,):
            yield Row(finding, placed.place, field)


def code_of(finding: Finding) -> str | None:
    """Return the dossier's code; of a side that could not be read, its name there."""
    return finding.name if isinstance(finding, NotSeen) else finding.code


def ref_of(finding: Finding) -> str | None:
    """Return the ministry's number; all of them of a dossier that is there twice."""
    return ", ".join(refs_of(finding)) or None


def as_json(comparison: Comparison, rows: Iterable[Placed], look: Look) -> dict[str, Any]:
    """Return the document of ``reconcile --json`` (contracts/cli.md), with more beside its keys.

    ``differences`` are the findings in which both sides do not agree; those that could not be
    compared stand under ``unread``, those that are under way under ``waiting``.
    """
    differences: list[dict[str, Any]] = []
    waiting: list[dict[str, Any]] = []
    unread: list[dict[str, Any]] = []
    for one in rows:
        match one.finding:
            case NotSeen():
                unread.append({"name": one.finding.name, "reason": look.say(one.finding.reason)})
            case OnItsWay():
                waiting.append(_document(one, look))
            case _ if kind_of(one.finding) in DIFFERING:
                differences.append(_document(one, look))
            case _:
                pass
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
        "differences": differences,
        "waiting": waiting,
        "unread": unread,
    }


def _counted(places: Any) -> dict[str, dict[str, int]]:
    return {
        place: {kind.value: count for kind, count in counts.items() if count}
        for place, counts in sorted(places.items())
    }


def _document(placed: Placed, look: Look) -> dict[str, Any]:
    finding, place = placed.finding, placed.place
    more: dict[str, Any] = {}
    match finding:
        case Different():
            more = {"fields": [_field(one, look) for one in finding.fields]}
            more["steps"] = list(finding.steps)
        case MissingAtMinistry() | OnItsWay():
            more = {"why": finding.why.value}
        case Duplicates():
            more = {"refs": list(finding.refs)}
        case _:
            pass
    return {
        "code": code_of(finding),
        "ministry_ref": None if isinstance(finding, Duplicates) else ref_of(finding),
        "kind": kind_of(finding).value,
        "fields": [],
        "action": action_of(finding).value,
        "day": place.day,
        "unit": place.unit,
        "procedure": place.procedure,
        "does": look.say(deed_of(finding).what),
        "who": look.say(deed_of(finding).who),
        "because": look.say(why_of(finding)),
        **more,
    }


def _field(one: FieldDifference, look: Look) -> dict[str, Any]:
    return {
        "path": one.path,
        "onestop": hide(one.path, one.onestop, look),
        "ministry": hide(one.path, one.ministry, look),
        "owner": one.owner.value,
        "unlike": one.unlike.value,
        "forms": list(one.forms),
        "to": one.to,
        "masked": is_hidden(one.path, look),
        "kept": is_kept(one),
    }
