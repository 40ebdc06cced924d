"""Compiles a rule to what lowers it: our fields into the system's record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from bridge.domain.dossier import Fields
from bridge.mapping.errors import Cut, LowerErrors, LowerProblem, Reason, Unfit
from bridge.mapping.labels import label_of, named
from bridge.mapping.lists import View
from bridge.mapping.spec import OUTWARD, Rule, Taken
from bridge.mapping.texts import clean, clean_text
from bridge.mapping.transforms import fresh, same

_NO_ROWS = Reason("expected a list of groups of fields", "không đúng dạng danh sách")


@dataclass(slots=True)
class Notes:
    """What is noted while a dossier is lowered; ``view`` are the code lists, by its days."""

    view: View
    problems: list[LowerProblem] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)


Lower = Callable[[Fields, dict[str, Any], Notes], None]
Value = Callable[[Fields, Notes], Any]
Put = Callable[[dict[str, Any], Any], None]
Keep = Callable[[Mapping[str, Any]], bool]


def lowering(rule: Rule, above: str = "") -> Lower:
    """Return what puts the rule's value into a record; ``above`` is the list it is a row of."""
    quick = _quick(rule, above)
    if quick is not None:
        return quick
    value_of = _guarded(rule, _value(rule, above))
    put = _setter(rule.theirs)
    default, required = rule.default, rule.required

    def lower(ours: Fields, body: dict[str, Any], notes: Notes) -> None:
        try:
            value = value_of(ours, notes)
        except Unfit as unfit:
            notes.problems.append(_problem(rule, above, unfit, notes.view))
            return
        if value is not None:
            put(body, value)
        elif required:
            notes.problems.append(_problem(rule, above, None, notes.view))
        elif default is not None:
            put(body, fresh(default))

    return lower


def _quick(rule: Rule, above: str) -> Lower | None:
    """Return the same for most rules: one value, at most one step, at the top of the record."""
    steps = [step.lower for step in rule.via if step.lower not in (None, same)]
    whole = rule.each or rule.record or rule.gathers or rule.when or "/" in rule.theirs
    if whole or len(steps) > 1 or any(step.cuts or step.listing for step in rule.via):
        return None
    path, leaf, default, required = rule.ours, rule.theirs, rule.default, rule.required
    step = steps[0] if steps else None

    def lower(ours: Fields, body: dict[str, Any], notes: Notes) -> None:
        value: Any = ours.get(path)
        if value.__class__ is str:
            value = clean_text(value)
        if value is not None and step is not None:
            try:
                value = step(value)
            except Unfit as unfit:
                notes.problems.append(_problem(rule, above, unfit, notes.view))
                return
        if value is not None:
            body[leaf] = value
        elif required:
            notes.problems.append(_problem(rule, above, None, notes.view))
        elif default is not None:
            body[leaf] = fresh(default)

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


def _problem(rule: Rule, above: str, unfit: Unfit | None, view: View) -> LowerProblem:
    path = f"{above}{rule.ours}"
    if unfit is None:
        return LowerProblem(rule.place, path, rule.theirs, "missing", f"thiếu {named(path)}")
    personal = rule.says_personal or bool(above)  # the rows of a list say what it says
    reason = unfit.told(personal=personal and view.discreet)
    text = f"{named(path)} {reason.text_vi}"
    return LowerProblem(rule.place, path, rule.theirs, reason.text, text)


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
        for path, values in guards:
            if clean(ours.get(path)) not in values:
                return None
        for path in known:
            if clean(ours.get(path)) is None:
                return None
        return value_of(ours, notes)

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
    if any(step.cuts or step.listing for step in rule.via):
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
        if step.listing is not None:
            value = step.listing.lower(value, notes.view)
        elif step.lower is not None:
            value = step.lower(value)
    return value


def _gathered(rule: Rule, above: str) -> Value:
    sources = rule.sources
    rows = keeper(rule) if rule.takes_rows else None
    first, *others = rule.via
    quick = None if others or first.cuts else first.lower

    def gathered(ours: Fields, notes: Notes) -> Any:
        values: list[Any] = [clean(ours.get(path)) for path in sources]
        if rows is not None:
            values = [
                [one for one in value if isinstance(one, Mapping) and rows(one)]
                if isinstance(value, list)
                else None
                for value in values
            ]
        return through(rule, values, above, notes) if quick is None else quick(values)

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
        told = Notes(notes.view)
        for n, row in enumerate(_listed(given), 1):
            if not isinstance(row, Mapping):
                raise Unfit(_NO_ROWS)
            if not keep(row):
                continue
            body: dict[str, Any] = {}
            for step in steps:
                step(row, body, told)
            bodies.append(body)
            if told.problems:
                notes.problems.extend(_in_row(one, path, n) for one in told.problems)
                told.problems.clear()
        notes.cuts.extend(told.cuts)
        return bodies or None

    return rows


def _listed(given: Any) -> list[Any]:
    """Return the rows of a list; what clerks' software writes into ``details`` may be anything."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise Unfit(_NO_ROWS)
    return given


def _in_row(problem: LowerProblem, path: str, n: int) -> LowerProblem:
    text = f"{label_of(path)}, dòng {n}: {problem.text_vi}"
    return replace(problem, reason=f"row {n}: {problem.reason}", text_vi=text)


def keeper(rule: Rule) -> Keep:
    """Return what tells the rows a list rule is about from the others."""
    where, known = tuple(rule.where.items()), rule.known
    if not where and not known:
        return lambda _row: True

    def keep(row: Mapping[str, Any]) -> bool:
        for key, values in where:
            if row.get(key) not in values:
                return False
        for key in known:  # noqa: SIM110 - a generator costs more than a row
            if row.get(key) is None:
                return False
        return True

    return keep
