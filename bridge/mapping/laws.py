"""The laws of a mapping, checked on its own examples and on invented dossiers.

* coverage: every field of the contract is mapped, ignored by name, or set by the adapter;
* one to one: so is a code table that is used both ways;
* example: an example holds, each way it shows, refusals too;
* round trip: ``lift(lower(x))`` is ``x`` on the fields that come back, but for what their
  transforms say the wire has no room for;
* second trip: ``lower(lift(y))`` is ``y``, and a careless ``y`` (NFD, blanks) is read the same;
* projection: what is compared is in its final form: to project it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from bridge.mapping import invented
from bridge.mapping.errors import LiftError, LowerErrors, Place, Problem
from bridge.mapping.lens import STATUS, Lens
from bridge.mapping.lists import Lists
from bridge.mapping.normal import of_rule
from bridge.mapping.page import nearest
from bridge.mapping.spec import OUTWARD, READ_BACK, Rule

INVENTED = 60


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken law: which (``kind``), where in the file, and what is wrong. No value in it."""

    kind: str
    where: str
    text: str

    def __str__(self) -> str:
        """Say where, which law, and what is wrong."""
        return f"{self.where}: {self.kind}: {self.text}"


def check(lens: Lens, seed: int = 1) -> list[Finding]:
    """Return every law the mapping breaks; the same seed invents the same dossiers."""
    findings = [*_coverage(lens), *_one_to_one(lens), *_examples(lens)]
    random = Random(seed)  # noqa: S311 - invented dossiers, no secret
    lists, timeless = lens.samples, Lens(lens.spec) if lens.shipped else lens
    for _ in range(INVENTED):
        found = list(_trips(timeless, invented.dossier(lens, random), lists))
        if found:
            return findings + found
    return findings


def undeclared(lens: Lens, declared: Collection[str]) -> list[Problem]:
    """Return every rule that looks into a code list no adapter of its system declares."""
    return [
        Problem(
            lens.spec.source,
            rule.line,
            f"{rule.name} ({rule.ours or rule.theirs})",
            f'no adapter shows the code list "{step.listing.list}"'
            f"{nearest(step.listing.list, declared)}",
        )
        for rule in _all(lens.rules)
        for step in rule.via
        if step.listing is not None
        and step.listing.list not in declared
        and step.listing.list not in lens.shipped
    ]


def _at(lens: Lens, place: Place | None = None) -> str:
    return f"{lens.spec.source}:{place.line}" if place else lens.spec.source


# -- the contract


def _coverage(lens: Lens) -> Iterator[Finding]:
    spec = lens.spec
    contract, set_elsewhere = set(spec.contract), {*spec.ignored, *spec.adapters}
    mapped = dict(_leaves(spec.rules))
    results = spec.results.leaves if spec.results else ()
    for leaf in spec.contract:
        if leaf not in mapped and leaf not in set_elsewhere and leaf not in results:
            text = f"{leaf} is neither mapped, nor ignored, nor set by the adapter"
            yield Finding("coverage", _at(lens), text)
    for leaf, rule in mapped.items():
        if leaf in set_elsewhere:
            text = f"{rule.name}: {leaf} is mapped, and ignored or set by the adapter"
            yield Finding("coverage", _at(lens, rule.place), text)
        elif leaf not in contract and not _holds_fields(leaf, rule, contract):
            text = f"{rule.name}: {leaf} is not a field of the contract"
            yield Finding("coverage", _at(lens, rule.place), text)
    for leaf in sorted({*set_elsewhere, *results} - contract):
        yield Finding("coverage", _at(lens), f"{leaf} is not a field of the contract")
    if spec.key not in contract:
        yield Finding("coverage", _at(lens), f"key: {spec.key} is not a field of the contract")


def _leaves(rules: Sequence[Rule], above: str = "") -> Iterator[tuple[str, Rule]]:
    for rule in rules:
        below = (*rule.each, *rule.record)
        if below:
            yield from _leaves(below, f"{above}{rule.theirs}/*/")
        else:
            yield f"{above}{rule.theirs}", rule


def _holds_fields(leaf: str, rule: Rule, contract: set[str]) -> bool:
    """Tell whether a rule fixes a whole list, whose fields are named one by one elsewhere."""
    return rule.gathers and any(one.startswith(f"{leaf}/*/") for one in contract)


def _one_to_one(lens: Lens) -> Iterator[Finding]:
    for name, table in lens.spec.codes.items():
        users = [one for one in _all(lens.rules) if any(step.table == name for step in one.via)]
        both = [one for one in users if one.way in OUTWARD & READ_BACK]
        if not users:
            yield Finding("one to one", _at(lens), f"code table {name} is not used")
        elif both and not _mirrors(table.inward, table.outward, partial=table.partial):
            text = f"{both[0].name}: code table {name} is used both ways and is not one to one"
            yield Finding("one to one", _at(lens, both[0].place), text)


def _mirrors(inward: Mapping[str, Any], outward: Mapping[Any, Any], *, partial: bool) -> bool:
    comes_back = all(inward.get(str(word)) == value for value, word in outward.items())
    return comes_back and (partial or len(set(inward.values())) == len(inward))


def _all(rules: Sequence[Rule]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _all((*rule.each, *rule.record))


# -- the examples


def _examples(lens: Lens) -> Iterator[Finding]:
    for n, example in enumerate(lens.spec.examples, 1):
        where = f"{lens.spec.source}, example {n}"
        try:
            for text in _example(lens, example):
                yield Finding("example", where, text)
        except (LiftError, LowerErrors) as error:
            yield Finding("example", where, str(error))


def _example(lens: Lens, example: Mapping[str, Any]) -> Iterator[str]:
    if "refuses" in example:
        refused = set(_refused(lens, example))
        expected = set(example["refuses"])
        yield from (f"{path} is not refused" for path in sorted(expected - refused))
        yield from (f"{path} is refused too" for path in sorted(refused - expected))
        return
    if "lifts_to" in example:
        lifted = lens.lift(example["theirs"], lens.samples)
        for path, value in example["lifts_to"].items():
            if path not in lifted or lifted[path] != value:
                yield f"{path} does not lift to what it says"
    if "lowers_to" in example:
        body = lens.lower(example["ours"], lens.samples).body
        for path in _differs(body, example["lowers_to"]):
            yield f"{path} does not lower to what it says"


def _refused(lens: Lens, example: Mapping[str, Any]) -> Iterator[str]:
    try:
        if "theirs" in example:
            lens.lift(example["theirs"], lens.samples)
        else:
            lens.lower(example["ours"], lens.samples)
    except LiftError as error:
        yield error.path
    except LowerErrors as errors:
        yield from (one.ours for one in errors.problems)


def _differs(body: Any, expected: Any, path: str = "") -> Iterator[str]:
    if isinstance(expected, Mapping) and isinstance(body, Mapping):
        for key, value in expected.items():
            yield from _differs(body.get(key), value, f"{path}/{key}" if path else str(key))
    elif body != expected:
        yield path


# -- invented dossiers


def _trips(lens: Lens, ours: dict[str, Any], lists: Lists) -> Iterator[Finding]:
    try:
        body = lens.lower(ours, lists).body
        back = lens.lift(body, lists)
        again = lens.lower({**ours, **_told(lens, ours, back)}, lists).body
        careless = lens.lift(invented.noisy(body), lists)
    except (LowerErrors, LiftError) as error:
        yield Finding("round trip", _at(lens), f"an invented dossier is refused: {error}")
        return
    for rule in lens.rules:
        if rule.way in OUTWARD & READ_BACK:
            yield from _comes_back(lens, rule, ours, back)
    for path in _differs(again, body):
        yield Finding("second trip", _at(lens), f"{path} changes on a second trip")
    for path in sorted(path for path in back if careless[path] != back[path]):
        yield Finding("second trip", _at(lens), f"{path} is read otherwise in NFD or with blanks")
    once = lens.project(ours)
    for path in sorted(path for path in once if lens.project(once)[path] != once[path]):
        yield Finding("projection", _at(lens), f"{path} changes when it is projected again")


def _told(lens: Lens, ours: Mapping[str, Any], back: Mapping[str, Any]) -> dict[str, Any]:
    """Return what came back, of that which the system could be told and which it all holds."""
    return {
        rule.ours: back[rule.ours]
        for rule in lens.rules
        if rule.way in OUTWARD & READ_BACK and _tells(lens, rule, ours) and not rule.known
    }


def _tells(lens: Lens, rule: Rule, ours: Mapping[str, Any]) -> bool:
    return rule.ours != STATUS or ours.get(STATUS) in lens.status_out


def _comes_back(
    lens: Lens, rule: Rule, ours: Mapping[str, Any], back: Mapping[str, Any]
) -> Iterator[Finding]:
    if _tells(lens, rule, ours) and back[rule.ours] != of_rule(rule)(ours.get(rule.ours)):
        text = f"{rule.name} ({rule.ours}): what goes out does not come back"
        yield Finding("round trip", _at(lens, rule.place), text)
