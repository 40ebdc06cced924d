"""One record through a mapping, rule by rule, for the command ``mapping try``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.domain.dossier import Fields, Json, is_personal
from bridge.mapping.errors import LiftError, ListUnread, LowerErrors, LowerProblem, Reason, Unfit
from bridge.mapping.inward import getter, lifting
from bridge.mapping.lens import Lens
from bridge.mapping.lists import LIST_LABELS, NO_LISTS, Lists, View
from bridge.mapping.outward import Notes, lowering, taking
from bridge.mapping.spec import OUTWARD, READ_BACK, Rule


@dataclass(frozen=True, slots=True)
class Line:
    """What one rule made of a record, or why it made nothing, for both readers.

    ``personal`` values are for the caller to mask.
    """

    rule: str
    line: int
    ours: str
    theirs: str
    given: Any
    made: Any
    error: Reason | None
    personal: bool


def explain_lift(
    lens: Lens, theirs: Mapping[str, Any], lists: Lists = NO_LISTS, *, discreet: bool = True
) -> Iterator[Line]:
    """Yield what each rule reads from a system's record; ``lists`` are the code lists there are.

    Not ``discreet``, an error names what is near a personal value too.
    """
    dates: dict[str, Json] = {}
    lines: list[Line] = []
    for rule in sorted(lens.rules, key=lambda one: bool(one.listings)):
        if rule.way in READ_BACK:
            fields: dict[str, Json] = {}
            error: Reason | None = None
            try:
                lifting(rule)(theirs, fields, View(lists, lens.shipped, dates, discreet))
            except LiftError as failed:
                error = failed.told
            except ListUnread as unread:
                error = _unread(unread)
            dates |= fields
            lines.append(_line(rule, _there(theirs, rule), fields.get(rule.ours), error))
    yield from sorted(lines, key=lambda one: one.line)


def explain_lower(
    lens: Lens, ours: Fields, lists: Lists = NO_LISTS, *, discreet: bool = True
) -> Iterator[Line]:
    """Yield what each rule says of a dossier in the system's words, first why it is not taken."""
    view = View(lists, lens.shipped, ours, discreet)
    for taken in lens.spec.takes:
        try:
            taking(taken)(ours, {}, Notes(view))
        except LowerErrors as refused:
            (problem,) = refused.problems
            place, path = taken.place, taken.path
            given, reason = ours.get(path), Reason(problem.reason, problem.text_vi)
            yield Line(place.rule, place.line, path, "", given, None, reason, is_personal(path))
    for rule in lens.rules:
        if rule.way in OUTWARD:
            body: dict[str, Any] = {}
            notes = Notes(view)
            try:
                lowering(rule)(ours, body, notes)
                error = _all_of(notes.problems)
            except ListUnread as unread:
                error = _unread(unread)
            given = [ours.get(path) for path in dict.fromkeys(rule.reads)]
            made = None if error else _there(body, rule)
            yield _line(rule, given[0] if len(given) == 1 else given or None, made, error)


def _all_of(problems: Sequence[LowerProblem]) -> Reason | None:
    if not problems:
        return None
    text = "; ".join(one.reason for one in problems)
    return Reason(text, "; ".join(one.text_vi for one in problems))


def _unread(unread: ListUnread) -> Reason:
    label = LIST_LABELS.get(unread.name, unread.name)
    return Reason(str(unread), f"chưa đọc được danh mục {label}")


def _line(rule: Rule, given: Any, made: Any, error: Reason | None) -> Line:
    personal = rule.says_personal
    return Line(rule.name, rule.line, rule.ours, rule.theirs, given, made, error, personal)


def _there(record: Mapping[str, Any], rule: Rule) -> Any:
    try:
        return getter(rule.theirs)(record)
    except Unfit:
        return None
