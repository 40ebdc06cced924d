"""A finding as plain JSON, and back: what the store keeps of a comparison, and a plan's file holds.

Personal values are left out unless they are asked for: marks are hashes, fields are named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bridge.domain.authority import Owner
from bridge.domain.comparison import Kind, kind_of
from bridge.domain.dossier import Json
from bridge.domain.reconcile import (
    FOR_A_PERSON,
    Action,
    Different,
    Duplicates,
    FieldDifference,
    Finding,
    InStep,
    Lacks,
    Mark,
    MissingAtMinistry,
    MissingAtOneStop,
    NotSeen,
    OnItsWay,
    OrphanLink,
    Waits,
    Withdrawn,
)
from bridge.domain.said import as_json, from_json
from bridge.domain.unlike import Unlike


def action_of(finding: Finding) -> Action:
    """Return what is done about a finding: nothing where the two agree, else a person sees to it."""
    match finding:
        case MissingAtMinistry() | MissingAtOneStop() | Different():
            return finding.action
        case Duplicates() | OrphanLink() | NotSeen():
            return Action.PERSON
        case OnItsWay() if finding.why in FOR_A_PERSON:
            return Action.PERSON
        case _:
            return Action.NOTHING


def code_of(finding: Finding) -> str | None:
    """Return the dossier a finding is of; ``None`` where only a record, or a place, is known."""
    return None if isinstance(finding, NotSeen) else finding.code


def refs_of(finding: Finding) -> tuple[str, ...]:
    """Return the numbers of the records a finding names."""
    match finding:
        case Duplicates():
            return finding.refs
        case NotSeen():
            return ()
        case _:
            return () if finding.ref is None else (finding.ref,)


def key_of(finding: Finding) -> str:
    """Return what a finding is known by among those of its comparison: each is there once."""
    if isinstance(finding, NotSeen):
        return f"{finding.name} {finding.reason}"
    code = code_of(finding)
    return code if code is not None else f" {' '.join(refs_of(finding))}"


def as_record(finding: Finding, *, with_values: bool = False) -> dict[str, Any]:
    """Return a finding as plain JSON."""
    facts = asdict(finding)
    if isinstance(finding, Different):
        facts["fields"] = [_field(one, with_values=with_values) for one in finding.fields]
    if isinstance(finding, NotSeen):
        facts["reason"] = as_json(finding.reason)
    return {"kind": kind_of(finding).value, **facts}


def _field(one: FieldDifference, *, with_values: bool) -> dict[str, Json]:
    values = {"onestop": one.onestop, "ministry": one.ministry} if with_values else {}
    facts: dict[str, Json] = {"path": one.path, "owner": one.owner.value, "to": one.to}
    return {**facts, "unlike": one.unlike.value, "forms": list(one.forms), **values}


def from_record(record: Mapping[str, Any]) -> Finding:  # noqa: PLR0911 - a line a kind
    """Return the finding that ``as_record`` wrote; what was left out of it is ``None``.

    Raises:
        ValueError, LookupError, TypeError: it is none.
    """
    match Kind(record["kind"]):
        case Kind.IN_STEP:
            return InStep(record["code"], record["ref"], record["compared"])
        case Kind.ON_ITS_WAY:
            return OnItsWay(record["code"], record["ref"], Waits(record["why"]))
        case Kind.MISSING_AT_MINISTRY:
            why, action = Lacks(record["why"]), Action(record["action"])
            return MissingAtMinistry(record["code"], record["ref"], why, action, _mark(record))
        case Kind.MISSING_AT_ONESTOP:
            action, day = Action(record["action"]), record["day"]
            return MissingAtOneStop(record["code"], record["ref"], action, _mark(record), day)
        case Kind.DIFFERENT:
            return _different(record)
        case Kind.DUPLICATES:
            return Duplicates(record["code"], tuple(record["refs"]))
        case Kind.ORPHAN_LINK:
            return OrphanLink(record["code"], record["ref"])
        case Kind.WITHDRAWN:
            return Withdrawn(record["code"], record["ref"])
        case Kind.NOT_SEEN:
            return NotSeen(record["name"], from_json(record["reason"]) or "")


def _different(record: Mapping[str, Any]) -> Different:
    fields = tuple(
        FieldDifference(
            one["path"],
            one.get("onestop"),
            one.get("ministry"),
            Owner(one["owner"]),
            Unlike(one["unlike"]),
            one["to"],
            tuple(one["forms"]),
        )
        for one in record["fields"]
    )
    steps, action = tuple(record["steps"]), Action(record["action"])
    return Different(
        record["code"], record["ref"], fields, steps, action, _mark(record), record["day"]
    )


def _mark(record: Mapping[str, Any]) -> Mark:
    return Mark(**record["mark"])
