"""Compiles a rule to what lifts it: a system's record into our fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bridge.domain.dossier import PATHS, Json
from bridge.mapping.errors import LiftError, Reason, Unfit
from bridge.mapping.lists import View
from bridge.mapping.spec import READ_BACK, Rule
from bridge.mapping.texts import clean, clean_text
from bridge.mapping.transforms import same

Lift = Callable[[Mapping[str, Any], dict[str, Json], View], None]
"""Sets a field of ours from a record; the view are the code lists, by the days of ours so far."""
Read = Callable[[Any, View], Any]

_NO_GROUP = Reason("expected a group of fields", "không đúng dạng")
_NO_VALUE = Reason("expected one value, found a group or a list", "không đúng dạng")
_NO_TEXT = Reason("expected text, found true or false", "không đúng dạng")
_NO_LIST = Reason("expected a list", "không đúng dạng")


def lifting(rule: Rule, above: str = "", above_theirs: str = "") -> Lift:
    """Return what sets the rule's field from a record; raises ``LiftError``."""
    get = getter(rule.theirs)
    read = _rows(rule) if rule.each else value_in(rule)
    ours, path, theirs = rule.ours, f"{above}{rule.ours}", f"{above_theirs}{rule.theirs}"

    def lift(record: Mapping[str, Any], fields: dict[str, Json], view: View) -> None:
        try:
            fields[ours] = read(get(record), view)
        except Unfit as unfit:
            personal = rule.says_personal or bool(above)
            reason = unfit.told(personal=personal and view.discreet)
            raise LiftError(rule.place, path, theirs, reason) from None

    return _standing_in(rule, lift) if rule.unless else lift


def _standing_in(rule: Rule, lift: Lift) -> Lift:
    """Return what lifts only where the field it stands in for says nothing."""
    said = getter(rule.unless)

    def instead(record: Mapping[str, Any], fields: dict[str, Json], view: View) -> None:
        try:
            absent = clean(said(record)) is None
        except Unfit as unfit:
            raise LiftError(rule.place, rule.ours, rule.unless, unfit.reason) from None
        if absent:
            lift(record, fields, view)

    return instead


def getter(theirs: str) -> Callable[[Mapping[str, Any]], Any]:
    """Return what takes a field out of a record; ``None`` when it, or its group, is not there."""
    *groups, leaf = theirs.split("/")
    if not groups:
        return lambda record: record.get(leaf)

    def get(record: Mapping[str, Any]) -> Any:
        for group in groups:
            inner = record.get(group)
            if not isinstance(inner, Mapping):
                if inner is None or (isinstance(inner, str) and clean_text(inner) is None):
                    return None
                raise Unfit(_NO_GROUP)
            record = inner
        return record.get(leaf)

    return get


def value_in(rule: Rule) -> Read:
    """Return what reads one value, every transform backwards; raises ``Unfit``."""
    if any(step.listing for step in rule.via):
        return _listed(rule)
    steps = tuple(step.lift for step in reversed(rule.via) if step.lift not in (None, same))
    as_text = not steps and PATHS.get(rule.ours) == "text"

    def read(value: Any, _view: View) -> Any:
        value = _plain(value)
        for step in steps:
            if value is None:
                return None
            value = step(value)
        return _text(value) if as_text and value.__class__ is not str else value

    return read


def _listed(rule: Rule) -> Read:
    """Return what reads one value of a rule that looks into a code list."""
    backwards = tuple(reversed(rule.via))

    def read(value: Any, view: View) -> Any:
        value = _plain(value)
        for step in backwards:
            if value is None:
                return None
            if step.listing is not None:
                value = step.listing.lift(value, view)
            elif step.lift is not None:
                value = step.lift(value)
        return value

    return read


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping) and "#text" in value:
        return clean(value["#text"])
    if isinstance(value, (Mapping, list)):
        raise Unfit(_NO_VALUE)
    return value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        raise Unfit(_NO_TEXT)
    return None if value is None else str(value)


def _rows(rule: Rule) -> Read:
    steps = tuple(
        lifting(one, f"{rule.ours}.", f"{rule.theirs}/*/")
        for one in rule.each
        if one.way in READ_BACK
    )

    def rows_in(given: Any, view: View) -> Any:
        rows = []
        for n, body in enumerate(_bodies(given), 1):
            row: dict[str, Json] = {}
            try:
                for step in steps:
                    step(body, row, view)
            except LiftError as error:
                reason = Reason(f"row {n}: {error.told.text}", f"dòng {n}: {error.told.text_vi}")
                raise LiftError(error.place, error.path, error.theirs, reason) from None
            rows.append(row)
        return rows or None

    return rows_in


def _bodies(given: Any) -> list[Mapping[str, Any]]:
    """Return the rows of a list; one that stands alone is a list of one."""
    if given is None or (isinstance(given, str) and clean_text(given) is None):
        return []
    bodies = given if isinstance(given, list) else [given]
    if not all(isinstance(body, Mapping) for body in bodies):
        raise Unfit(_NO_LIST)
    return bodies
