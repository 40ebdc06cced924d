"""Compiles a rule to what lowers it: our fields into the system's record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.domain.dossier import Fields
from bridge.mapping.errors import Cut, LowerErrors, LowerProblem, Unfit
from bridge.mapping.labels import label_of, named
from bridge.mapping.spec import OUTWARD, Rule, Taken
from bridge.mapping.texts import clean, clean_text
from bridge.mapping.transforms import Transform, fresh, same


@dataclass(slots=True)
class Notes:
    """What is noted while a dossier is lowered."""

    problems: list[LowerProblem] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)


Lower = Callable[[Fields, dict[str, Any], Notes], None]
Value = Callable[[Fields, Notes], Any]
Put = Callable[[dict[str, Any], Any], None]
Keep = Callable[[Mapping[str, Any]], bool]


def lowering(rule: Rule, above: str = "") -> Lower:
    """Return what puts the rule's value into a record; ``above`` is the list it is a row of."""
    value_of = _guarded(rule, _value(rule, above))
    put = _setter(rule.theirs)
    default, required = rule.default, rule.required

    def lower(ours: Fields, body: dict[str, Any], notes: Notes) -> None:
        try:
            value = value_of(ours, notes)
        except Unfit as unfit:
            notes.problems.append(_problem(rule, above, unfit))
            return
        if value is not None:
            put(body, value)
        elif required:
            notes.problems.append(_problem(rule, above, None))
        elif default is not None:
            put(body, fresh(default))

    return lower


def taking(taken: Taken) -> Lower:
    """Return what refuses, whole and at once, a dossier the mapping is not for."""
    path = taken.path
    text = f"{named(path)} thuộc loại chưa có quy định gửi qua hệ thống; làm trực tiếp với bộ"
    problem = LowerProblem(taken.place, path, "", "no dossier of this kind is taken yet", text)

    def take(ours: Fields, _body: dict[str, Any], _notes: Notes) -> None:
        value = clean(ours.get(path))
        if value is not None and value not in taken.values:
            raise LowerErrors([problem])

    return take


def _problem(rule: Rule, above: str, unfit: Unfit | None) -> LowerProblem:
    path = f"{above}{rule.ours}"
    reason = "missing" if unfit is None else unfit.reason.text
    text = f"thiếu {named(path)}" if unfit is None else f"{named(path)} {unfit.reason.text_vi}"
    return LowerProblem(rule.place, path, rule.theirs, reason, text)


def _setter(theirs: str) -> Put:
    *parents, leaf = theirs.split("/")
    if not parents:
        return lambda body, value: body.__setitem__(leaf, value)

    def put(body: dict[str, Any], value: Any) -> None:
        for part in parents:
            body = body.setdefault(part, {})
        body[leaf] = value

    return put


def _guarded(rule: Rule, value_of: Value) -> Value:
    """Return nothing where ``when``, or what a record must know, does not hold."""
    guards, known = tuple(rule.when.items()), rule.known if rule.record else ()
    if not guards and not known:
        return value_of

    def guarded(ours: Fields, notes: Notes) -> Any:
        holds = all(clean(ours.get(path)) in values for path, values in guards) and all(
            clean(ours.get(path)) is not None for path in known
        )
        return value_of(ours, notes) if holds else None

    return guarded


def _value(rule: Rule, above: str) -> Value:
    if rule.each:
        return _rows(rule)
    if rule.record:
        return _record(rule, above)
    if rule.gathers:
        return _gathered(rule, above)
    return _single(rule, above)


def _single(rule: Rule, above: str) -> Value:
    path = rule.ours
    if any(step.cuts for step in rule.via):
        return lambda ours, notes: through(rule, clean(ours.get(path)), above, notes)
    steps = tuple(step.lower for step in rule.via if step.lower not in (None, same))
    if not steps:
        return lambda ours, _notes: clean(ours.get(path))
    if len(steps) == 1:
        return _one_step(path, steps[0])

    def several(ours: Fields, _notes: Notes) -> Any:
        value = clean(ours.get(path))
        for step in steps:
            if value is None:
                return None
            value = step(value)
        return value

    return several


def _one_step(path: str, step: Any) -> Value:
    def one(ours: Fields, _notes: Notes) -> Any:
        value = ours.get(path)
        if value.__class__ is str:
            value = clean_text(value)
        return None if value is None else step(value)

    return one


def through(rule: Rule, value: Any, above: str, notes: Notes) -> Any:
    """Return a value after every transform of the rule; a cut is noted."""
    for step in rule.via:
        if value is None:
            return None
        if step.cuts is not None and len(str(value)) > step.cuts:
            notes.cuts.append(Cut(f"{above}{rule.ours}", step.cuts, len(str(value))))
        value = _lowered(step, value)
    return value


def _lowered(step: Transform, value: Any) -> Any:
    return value if step.lower is None else step.lower(value)


def _gathered(rule: Rule, above: str) -> Value:
    sources = rule.sources
    rows = keeper(rule) if rule.takes_rows else None

    def gathered(ours: Fields, notes: Notes) -> Any:
        values: list[Any] = [clean(ours.get(path)) for path in sources]
        if rows is not None:
            values = [
                list(filter(rows, value)) if isinstance(value, list) else None for value in values
            ]
        return through(rule, values, above, notes)

    return gathered


def _record(rule: Rule, above: str) -> Value:
    steps = tuple(lowering(one, above) for one in rule.record if one.way in OUTWARD)

    def record(ours: Fields, notes: Notes) -> Any:
        body: dict[str, Any] = {}
        for step in steps:
            step(ours, body, notes)
        return [body] if body else None

    return record


def _rows(rule: Rule) -> Value:
    path = rule.ours
    steps = tuple(lowering(one, f"{path}.") for one in rule.each if one.way in OUTWARD)
    keep = keeper(rule)

    def rows(ours: Fields, notes: Notes) -> Any:
        given = ours.get(path)
        bodies = []
        for n, row in enumerate(given if isinstance(given, list) else (), 1):
            if not keep(row):
                continue
            body: dict[str, Any] = {}
            told = Notes()
            for step in steps:
                step(row, body, told)
            bodies.append(body)
            notes.cuts.extend(told.cuts)
            notes.problems.extend(_in_row(one, path, n) for one in told.problems)
        return bodies or None

    return rows


def _in_row(problem: LowerProblem, path: str, n: int) -> LowerProblem:
    text = f"{label_of(path)}, dòng {n}: {problem.text_vi}"
    return replace(problem, reason=f"row {n}: {problem.reason}", text_vi=text)


def keeper(rule: Rule) -> Keep:
    """Return what tells the rows a list rule is about from the others."""
    where, known = tuple(rule.where.items()), rule.known
    if not where and not known:
        return lambda _row: True

    def keep(row: Mapping[str, Any]) -> bool:
        return all(row.get(key) in values for key, values in where) and all(
            row.get(key) is not None for key in known
        )

    return keep
