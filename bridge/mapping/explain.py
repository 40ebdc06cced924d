"""One record through a mapping, rule by rule, for the command ``mapping try``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from bridge.domain.dossier import Fields, is_personal
from bridge.mapping.errors import LiftError, LowerErrors
from bridge.mapping.lens import Lens
from bridge.mapping.spec import Rule


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule made of a record. ``personal`` values are for the caller to mask."""

    rule: str
    line: int
    ours: str
    theirs: str
    given: Any
    made: Any
    error: str | None
    personal: bool


def explain_lift(lens: Lens, theirs: Mapping[str, Any]) -> Iterator[Line]:
    """Yield what each rule reads from a system's record."""
    for rule in lens.rules:
        if rule.way != "out":
            yield _line(rule, _at(theirs, rule.theirs), _alone(lens, rule).lift, theirs, rule.ours)


def explain_lower(lens: Lens, ours: Fields) -> Iterator[Line]:
    """Yield what each rule says of a dossier in the system's words."""
    for rule in lens.rules:
        if rule.way != "in":
            given = [ours.get(path) for path in rule.sources]

            def lower(fields: Fields, one: Rule = rule) -> dict[str, Any]:
                return _alone(lens, one).lower(fields).body

            yield _line(rule, given[0] if len(given) == 1 else given, lower, ours, rule.theirs)


def _line(
    rule: Rule, given: Any, way: Callable[[Any], dict[str, Any]], record: Any, target: str
) -> Line:
    made, error = None, None
    try:
        result = way(record)
        made = result.get(target) if target in result else _at(result, target)
    except LiftError as failed:
        error = failed.reason
    except LowerErrors as failed:
        error = "; ".join(one.reason for one in failed.problems)
    personal = rule.personal or any(is_personal(path) for path in rule.sources)
    return Line(rule.name, rule.line, rule.ours, rule.theirs, given, made, error, personal)


def _alone(lens: Lens, rule: Rule) -> Lens:
    return Lens(replace(lens.spec, rules=(rule,), triggers=()))


def _at(record: Any, path: str) -> Any:
    for part in path.split("/"):
        record = record.get(part) if isinstance(record, Mapping) else None
    return record
