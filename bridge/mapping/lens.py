"""A mapping, compiled once to plain functions: the lens between a dossier and a system's record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bridge.domain.authority import Owner
from bridge.domain.dossier import Fields, Json
from bridge.mapping.errors import Cut, LiftError, LowerErrors, LowerProblem, Unfit
from bridge.mapping.labels import label_of
from bridge.mapping.spec import Rule, Spec, read
from bridge.mapping.texts import clean
from bridge.mapping.transforms import Transform

_Lower = Callable[[Fields, dict[str, Any], list[LowerProblem], list[Cut]], None]
_Lift = Callable[[Mapping[str, Any], dict[str, Json]], None]
_Normal = Callable[[Any], Any]
STATUS = "status"


@dataclass(frozen=True, slots=True)
class Lowered:
    """A dossier in the system's words, and the texts a declared cut shortened."""

    body: dict[str, Any]
    cuts: tuple[Cut, ...]


def compile_mapping(loaded: tuple[str, str]) -> Lens:
    """Compile what ``load_file`` gave; raises ``MappingErrors``."""
    return compile_text(*loaded)


def compile_text(text: str, source: str) -> Lens:
    """Compile a mapping's text; ``source`` is what errors call it. Raises ``MappingErrors``."""
    return Lens(read(text, source))


class Lens:
    """Both ways of one mapping. Pure, and safe to share between threads."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.name = spec.name
        self.system, _, self.kind = spec.name.partition("/")
        self.version = spec.version
        self.valid_from: date | None = spec.valid_from
        self.fingerprint = spec.fingerprint
        self.rules = spec.rules
        outward = [rule for rule in spec.rules if rule.way != "in"]
        inward = [rule for rule in spec.rules if rule.way != "out"]
        carried = {path for rule in outward for path in rule.sources}
        self.outgoing = frozenset(carried | set(spec.triggers))
        self.incoming = frozenset(rule.ours for rule in inward)
        self.status_out = _status_words(spec)
        self._key = tuple(spec.key[1].split("/"))
        self._owners = {rule.ours: rule.owner for rule in spec.rules}
        self._lower = tuple(_lower(rule) for rule in outward)
        self._lift = tuple(_lift(rule) for rule in inward)
        self._normal = _normals(spec, self.outgoing | self.incoming)

    def owner(self, path: str) -> Owner:
        """Return who owns the field at ``path``; what is only carried is the one-stop's."""
        return self._owners.get(path, Owner.ONESTOP)

    def key(self, theirs: Mapping[str, Any]) -> str | None:
        """Return our dossier code inside a record of theirs, if it carries one."""
        code = clean(_get(theirs, self._key))
        return code if isinstance(code, str) else None

    def lift(self, theirs: Mapping[str, Any]) -> dict[str, Json]:
        """Translate a record inward: the canonical fields it speaks of.

        Raises:
            LiftError: a value can't be read; names the rule and both paths.
        """
        ours: dict[str, Json] = {}
        for step in self._lift:
            step(theirs, ours)
        return ours

    def lower(self, ours: Fields) -> Lowered:
        """Translate a dossier outward.

        Raises:
            LowerErrors: every field that is missing or has no word over there.
        """
        body: dict[str, Any] = {}
        problems: list[LowerProblem] = []
        cuts: list[Cut] = []
        for step in self._lower:
            step(ours, body, problems, cuts)
        if problems:
            raise LowerErrors(problems)
        return Lowered(body, tuple(cuts))

    def project(self, ours: Fields) -> dict[str, Json]:
        """Return what this system can know of a dossier, in the form the wire would keep it."""
        return {path: normal(ours.get(path)) for path, normal in self._normal if path in ours}


def _status_words(spec: Spec) -> frozenset[int]:
    """Return the statuses the system can be told."""
    for rule in spec.rules:
        if rule.ours == STATUS and rule.way != "in":
            table = next((one for one in rule.via if one.name.startswith("code ")), None)
            if table is None:
                return frozenset(range(1, 11))
            return frozenset(spec.codes[table.name.removeprefix("code ")].outward)
    return frozenset()


def _get(record: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    value: Any = record
    for part in path:
        if not isinstance(value, Mapping):
            return None
        value = value.get(part)
    return value


def _setter(theirs: str) -> Callable[[dict[str, Any], Any], None]:
    *parents, leaf = theirs.split("/")
    if not parents:
        return lambda body, value: body.__setitem__(leaf, value)

    def put(body: dict[str, Any], value: Any) -> None:
        for part in parents:
            body = body.setdefault(part, {})
        body[leaf] = value

    return put


# -- outward


def _lower(rule: Rule) -> _Lower:
    value_of = _value_out(rule)
    put = _setter(rule.theirs)
    empty = next((one.empty for one in rule.via if one.empty is not None), None)

    def lower(
        ours: Fields, body: dict[str, Any], problems: list[LowerProblem], cuts: list[Cut]
    ) -> None:
        try:
            value = value_of(ours, problems, cuts)
        except Unfit as unfit:
            problems.append(_problem(rule, unfit.reason, unfit.reason_vi))
            return
        if value is None:
            if rule.required:
                problems.append(_problem(rule, "missing", None))
                return
            value = empty
        if value is not None:
            put(body, value)

    return lower


def _problem(rule: Rule, reason: str, reason_vi: str | None) -> LowerProblem:
    label = label_of(rule.ours)
    text = f"thiếu {label}" if reason_vi is None else f"{label} {reason_vi}"
    return LowerProblem(rule.name, rule.ours, rule.theirs, reason, text)


def _value_out(rule: Rule) -> Callable[[Fields, list[LowerProblem], list[Cut]], Any]:
    if rule.each:
        return _rows_out(rule)
    source, sources, via = rule.ours, rule.sources, rule.via

    def one(ours: Fields, _problems: list[LowerProblem], cuts: list[Cut]) -> Any:
        return _through(via, clean(ours.get(source)), rule.ours, cuts)

    def several(ours: Fields, _problems: list[LowerProblem], cuts: list[Cut]) -> Any:
        return _through(via, [clean(ours.get(path)) for path in sources], rule.ours, cuts)

    return several if rule.gathers else one


def _through(via: tuple[Transform, ...], value: Any, path: str, cuts: list[Cut]) -> Any:
    for step in via:
        if value is None or step.lower is None:
            return value
        if step.cuts is not None and len(str(value)) > step.cuts:
            cuts.append(Cut(path, step.cuts, len(str(value))))
        value = step.lower(value)
    return value


def _rows_out(rule: Rule) -> Callable[[Fields, list[LowerProblem], list[Cut]], Any]:
    steps = tuple(_lower(one) for one in rule.each)
    keep = _keeper(rule)

    def rows(ours: Fields, problems: list[LowerProblem], cuts: list[Cut]) -> Any:
        given = ours.get(rule.ours)
        bodies = []
        for row in given if isinstance(given, list) else ():
            if keep(row):
                body: dict[str, Any] = {}
                for step in steps:
                    step(row, body, problems, cuts)
                bodies.append(body)
        return bodies or None

    return rows


def _keeper(rule: Rule) -> Callable[[Mapping[str, Any]], bool]:
    where, known = tuple(rule.where.items()), rule.known

    def keep(row: Mapping[str, Any]) -> bool:
        return all(row.get(key) in values for key, values in where) and all(
            row.get(key) is not None for key in known
        )

    return keep


# -- inward


def _lift(rule: Rule) -> _Lift:
    path = tuple(rule.theirs.split("/"))
    read_value = _rows_in(rule) if rule.each else _value_in(rule)

    def lift(theirs: Mapping[str, Any], ours: dict[str, Json]) -> None:
        ours[rule.ours] = read_value(_get(theirs, path))

    return lift


def _value_in(rule: Rule) -> Callable[[Any], Any]:
    steps = tuple(step.lift for step in reversed(rule.via) if step.lift is not None)

    def value_in(value: Any) -> Any:
        value = clean(value)
        try:
            for step in steps:
                if value is None:
                    return None
                value = step(value)
        except Unfit as unfit:
            raise LiftError(rule.name, rule.ours, rule.theirs, unfit.reason) from None
        return value

    return value_in


def _rows_in(rule: Rule) -> Callable[[Any], Any]:
    steps = tuple(_lift(one) for one in rule.each if one.way != "out")

    def rows_in(given: Any) -> Any:
        rows = []
        for body in given if isinstance(given, list) else ([given] if given else []):
            row: dict[str, Json] = {}
            for step in steps:
                step(body, row)
            rows.append(row)
        return rows or None

    return rows_in


# -- what is compared


def _normals(spec: Spec, paths: frozenset[str]) -> tuple[tuple[str, _Normal], ...]:
    rules = {rule.ours: rule for rule in spec.rules}
    return tuple((path, _normal(rules.get(path))) for path in sorted(paths))


def _normal(rule: Rule | None) -> _Normal:
    if rule is None or rule.gathers:
        return clean
    if rule.each:
        return _normal_rows(rule)
    if rule.way != "both":
        return clean
    inward = _value_in(rule)

    def normal(value: Any) -> Any:
        value = clean(value)
        if value is None:
            return None
        try:
            lowered = _through(rule.via, value, rule.ours, [])
            return value if lowered is None else inward(lowered)
        except (Unfit, LiftError):
            return value

    return normal


def _normal_rows(rule: Rule) -> _Normal:
    keep = _keeper(rule)
    normals = tuple((one.ours, _normal(one)) for one in rule.each if one.ours)

    def rows(value: Any) -> Any:
        kept = [
            {key: normal(row.get(key)) for key, normal in normals}
            for row in (value if isinstance(value, list) else ())
            if keep(row)
        ]
        return kept or None

    return rows
