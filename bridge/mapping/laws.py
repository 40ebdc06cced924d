"""The laws of a mapping, checked on its own examples and on generated dossiers.

* every field of the contract is mapped, ignored by name, or set by the adapter; none twice;
* an example holds both ways it shows;
* ``lift(lower(x)) == x`` on the fields that go both ways, up to the declared normalisers;
* ``lower(lift(lower(x))) == lower(x)`` on the same fields: a second trip changes nothing;
* a code table used both ways is one to one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from bridge.domain.dossier import PATHS
from bridge.mapping.errors import LiftError, LowerErrors
from bridge.mapping.lens import Lens
from bridge.mapping.spec import Rule

GENERATED = 60
_TEXTS = (
    "Nguyễn Văn Mẫu",
    "Trần Thị Thử",
    "036099000001",
    "Số 5 phố Hàng Đậu & ngõ 'Xanh'",
    "ký hiệu 🙂",
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken law: which, at what place of which file, and what is wrong. No value in it."""

    law: str
    where: str
    text: str

    def __str__(self) -> str:
        return f"{self.where}: {self.law}: {self.text}"


def check(lens: Lens, seed: int = 1) -> list[Finding]:
    """Return every law the mapping breaks; the same seed generates the same dossiers."""
    findings = [*_coverage(lens), *_codes(lens), *_examples(lens)]
    random = Random(seed)  # noqa: S311 - invented dossiers, no secret
    for _ in range(GENERATED):
        found = list(_round_trip(lens, generate(lens, random)))
        if found:
            return findings + found
    return findings


def _coverage(lens: Lens) -> Iterator[Finding]:
    spec = lens.spec
    mapped = set(_leaves(spec.rules))
    spoken_for = mapped | set(spec.ignored) | set(spec.adapters)
    for leaf in spec.contract:
        if leaf not in spoken_for:
            text = f"{leaf} is neither mapped, nor ignored, nor set by the adapter"
            yield Finding("coverage", spec.source, text)
    for leaf in sorted(spoken_for - set(spec.contract)):
        yield Finding("coverage", spec.source, f"{leaf} is not a field of the contract")
    for leaf in sorted(mapped & set(spec.ignored)):
        yield Finding("coverage", spec.source, f"{leaf} is mapped and ignored")


def _leaves(rules: tuple[Rule, ...], above: str = "") -> Iterator[str]:
    for rule in rules:
        if rule.each:
            yield from _leaves(rule.each, f"{above}{rule.theirs}/*/")
        elif any(one.name == "identity" for one in rule.via):
            yield from (f"{above}{rule.theirs}/*/{key}" for key in ("LoaiDinhDanh", "SoDinhDanh"))
        else:
            yield f"{above}{rule.theirs}"


def _codes(lens: Lens) -> Iterator[Finding]:
    for name, table in lens.spec.codes.items():
        users = [one for one in _all(lens.rules) if _uses(one, name) and one.way == "both"]
        if not users or table.partial:
            continue
        if len(set(table.inward.values())) != len(table.inward):
            where = f"{lens.spec.source}:{users[0].line}"
            yield Finding("one to one", where, f"code table {name} is used both ways")


def _uses(rule: Rule, table: str) -> bool:
    return any(one.name == f"code {table}" for one in rule.via)


def _all(rules: tuple[Rule, ...]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _all(rule.each)


def _examples(lens: Lens) -> Iterator[Finding]:
    for n, example in enumerate(lens.spec.examples, 1):
        where = f"{lens.spec.source}, example {n}"
        try:
            yield from _example(lens, example, where)
        except (LiftError, LowerErrors) as error:
            yield Finding("example", where, str(error))


def _example(lens: Lens, example: Mapping[str, Any], where: str) -> Iterator[Finding]:
    if "lifts_to" in example:
        lifted = lens.lift(example["theirs"])
        for path, value in example["lifts_to"].items():
            if lifted.get(path) != value:
                yield Finding("example", where, f"{path} does not lift to what it says")
    if "lowers_to" in example:
        body = lens.lower(example["ours"]).body
        for path in _differs(body, example["lowers_to"]):
            yield Finding("example", where, f"{path} does not lower to what it says")


def _differs(body: Any, expected: Any, path: str = "") -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(body, Mapping):
        for key, value in expected.items():
            yield from _differs(body.get(key), value, f"{path}/{key}" if path else str(key))
    elif body != expected:
        yield path


def generate(lens: Lens, random: Random) -> dict[str, Any]:
    """Return an invented dossier that every rule of the mapping has something to do with."""
    return _record(lens.rules, random) | {"code": f"H40.05-261120-{random.randrange(10000):04}"}


def _record(rules: tuple[Rule, ...], random: Random) -> dict[str, Any]:
    record: dict[str, Any] = {}
    for rule in rules:
        for path in rule.sources:
            if path in record:
                continue
            record[path] = (
                [_row(rule, random) for _ in range(2)] if rule.each else _value(rule, path, random)
            )
    return record


def _row(rule: Rule, random: Random) -> dict[str, Any]:
    row = _record(rule.each, random)
    row |= {key: random.choice(values) for key, values in rule.where.items()}
    return row | {key: row.get(key, 1) for key in rule.known}


def _value(rule: Rule, path: str, random: Random) -> Any:
    sampled = next((one.sample for one in rule.via if one.sample is not None), None)
    if sampled is not None:
        return sampled(random)
    kind = PATHS.get(path, "text")
    if kind == "list":
        return []
    if kind in ("int", "status"):
        return random.randrange(1, 4) + (kind == "status")
    if kind == "flag":
        return random.random() < 0.5  # noqa: PLR2004 - a coin
    if kind == "instant":
        return "2026-11-20T09:15:00.000+07:00"
    if kind == "day":
        return "2020-02-29"
    return random.choice(_TEXTS)


def _round_trip(lens: Lens, ours: dict[str, Any]) -> Iterator[Finding]:
    where = lens.spec.source
    try:
        body = lens.lower(ours).body
        back = lens.lift(body)
    except (LowerErrors, LiftError) as error:
        yield Finding("round trip", where, f"a generated dossier: {error}")
        return
    both = [rule for rule in lens.rules if rule.way == "both" and not rule.gathers]
    before = lens.project(ours)
    for rule in both:
        if rule.ours == "status" and ours.get("status") not in lens.status_out:
            continue
        if lens.project(back).get(rule.ours) != before.get(rule.ours):
            text = "lift(lower(x)) is not x"
            yield Finding(
                "round trip", f"{where}:{rule.line}", f"{rule.name} ({rule.ours}): {text}"
            )
    try:
        again = lens.lower({**ours, **{rule.ours: back[rule.ours] for rule in both}}).body
    except LowerErrors as error:
        yield Finding("round trip", where, f"a second trip: {error}")
        return
    if again != body:
        yield Finding("round trip", where, "a second trip changes the record")
