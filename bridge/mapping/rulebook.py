"""Reads the rules of a mapping: each key, path, transform and word, before anything is compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.domain.authority import Owner
from bridge.domain.dossier import LIST_KEYS
from bridge.mapping.errors import Place
from bridge.mapping.gathers import KINDS
from bridge.mapping.page import Page, nearest, plain
from bridge.mapping.spec import INWARD, READ_BACK, Rule
from bridge.mapping.transforms import Codes, Transform
from bridge.mapping.yaml_lines import LinedTable

RULE_KEYS: Mapping[str, str] = {
    "ours": "text",
    "theirs": "text",
    "from": "texts",
    "via": "list",
    "way": "text",
    "owner": "text",
    "required": "flag",
    "personal": "flag",
    "default": "any",
    "when": "table",
    "unless": "text",
    "each": "list",
    "record": "list",
    "where": "table",
    "known": "texts",
}
WAYS = ("both", "in", "out", "mirror")
OWNERS = tuple(one.value for one in Owner)


@dataclass(frozen=True)
class Paths:
    """The paths rules may name: those of a dossier, of a progress row, or of a list's rows."""

    names: tuple[str, ...]
    open_to: str = ""
    """A prefix under which any path is known: ``details.``; ``*`` for all."""

    def know(self, path: str) -> bool:
        """Tell whether a rule may name the path."""
        below = self.open_to and path.startswith(self.open_to) and len(path) > len(self.open_to)
        return path in self.names or self.open_to == "*" or bool(below)


@dataclass
class Rulebook:
    """Reads rules; what is wrong goes on the page."""

    page: Page
    mapping: str
    way: str
    codes: Mapping[str, Codes]
    top: Paths | None = None
    """The paths of the dossier itself, which say the days of code lists."""
    told: dict[str, str] = field(default_factory=dict)
    """Their fields that are written, and ours that are read, by the rule that does it."""

    def read(self, given: Any, paths: Paths, prefix: str = "", above: str = "") -> tuple[Rule, ...]:
        """Return the rules that are well said."""
        rules: list[Rule] = []
        self.top = self.top or paths
        for n, one in enumerate(given, 1):
            number = f"{prefix}{n}"
            if not isinstance(one, LinedTable):
                self.page.say(given, n - 1, f"rule {number}", "expected {ours: …, theirs: …}")
                continue
            before = len(self.page.problems)
            rule = self._rule(one, number, paths, above)
            if len(self.page.problems) == before:
                rules.append(rule)
        return tuple(rules)

    def _rule(self, one: LinedTable, number: str, paths: Paths, above: str) -> Rule:
        where = f"rule {number} ({one.get('ours') or one.get('theirs') or '?'})"
        good = self.page.table(one, RULE_KEYS, where, "theirs")
        ours, theirs = str(good.get("ours", "")), str(good.get("theirs", ""))
        sources = tuple(map(str, good.get("from", [ours] if ours else [])))
        via = tuple(self._via(one, where, good.get("via", ())))
        way = self._way(one, where, good, via)
        known = good.get("known", ()) if "record" in good else ()
        self._paths(one, where, (*sources, *good.get("when", {}), *known), paths)
        days = [step.listing.on for step in via if step.listing is not None]
        self._paths(one, where, days, self.top or paths)
        rule = Rule(
            Place(self.mapping, f"rule {number}", one.line),
            ours or (sources[0] if sources else ""),
            theirs,
            sources,
            via,
            Owner(self._word(one, where, "owner", OWNERS, str(good.get("owner", "onestop")))),
            way,
            good.get("required", False),
            good.get("personal", False),
            plain(good.get("default")),
            self._below(good, "each", number, _rows_of(ours), way, f"{above}{theirs}/*/"),
            self._below(good, "record", number, paths, "out", f"{above}{theirs}/*/"),
            choices(good.get("where", {})),
            tuple(map(str, good.get("known", ()))),
            choices(good.get("when", {})),
            str(good.get("unless", "")),
        )
        self._sense(one, where, rule)
        self._once(one, where, rule, above)
        return rule

    def _below(  # noqa: PLR0913 - which rules, and where they stand
        self, good: dict[str, Any], key: str, number: str, paths: Paths, way: str, above: str
    ) -> tuple[Rule, ...]:
        """Return the rules below one, which go its way if they do not say another."""
        outer, self.way = self.way, way
        rules = self.read(good.get(key, ()), paths, f"{number}.", above)
        self.way = outer
        return rules

    def _way(
        self, one: LinedTable, where: str, good: dict[str, Any], via: tuple[Transform, ...]
    ) -> str:
        derived = "ours" not in good or any(step.lift is None for step in via)
        way = self._word(
            one, where, "way", WAYS, str(good.get("way", "out" if derived else self.way))
        )
        if derived and way in READ_BACK:
            self.page.say(one, "way", where, "what can't be read back goes out only: way: out")
        return way

    def _paths(self, one: LinedTable, where: str, named: Iterable[str], paths: Paths) -> None:
        for path in named:
            if not paths.know(path):
                self.page.say(
                    one,
                    _key_of(one, path),
                    where,
                    f'unknown path "{path}"{nearest(path, paths.names)}',
                )

    def _sense(self, one: LinedTable, where: str, rule: Rule) -> None:
        """Note what does not go together."""
        for key, text in _nonsense(one, rule):
            self.page.say(one, key, where, text)
        rows = () if rule.record else LIST_KEYS.get(rule.ours, ())
        for key in (*rule.where, *rule.known):
            if rows and key not in rows:
                text = f'the rows of {rule.ours} have no "{key}"{nearest(key, rows)}'
                self.page.say(one, "where" if key in rule.where else "known", where, text)

    def _once(self, one: LinedTable, where: str, rule: Rule, above: str) -> None:
        places = (
            [] if not rule.theirs or rule.way == "in" else [("theirs", f"{above}{rule.theirs}")]
        )
        if rule.way in READ_BACK and rule.ours and not rule.unless:
            places.append(("ours", f"{above}<{rule.ours}"))
        for key, place in places:
            first = self.told.setdefault(place, rule.name)
            if first != rule.name:
                verb = "written" if key == "theirs" else "read"
                named = rule.theirs if key == "theirs" else rule.ours
                self.page.say(one, key, where, f"{named} is {verb} by {first} already")

    def _via(self, one: LinedTable, where: str, steps: Any) -> Iterator[Transform]:
        for n, step in enumerate(steps):
            name, argument = step, None
            if isinstance(step, Mapping) and len(step) == 1:
                name, argument = next(iter(step.items()))
            made = self._transform(one, where, name, argument)
            if made is not None and made.gathers and n:
                self.page.say(one, "via", where, f'transform "{name}" comes first')
            elif made is not None:
                yield made

    def _transform(self, one: LinedTable, where: str, name: Any, argument: Any) -> Transform | None:
        kind = KINDS.get(name) if isinstance(name, str) else None
        if kind is None:
            text = f'unknown transform "{name}"{nearest(str(name), KINDS)}'
        elif bool(kind.argument) != (argument is not None):
            takes = f"takes a {kind.argument}" if kind.argument else "takes nothing"
            text = f'transform "{name}" {takes}'
        elif name == "code" and argument not in self.codes:
            text = f'unknown code table "{argument}"{nearest(str(argument), self.codes)}'
        else:
            try:
                return kind.make(plain(argument), self.codes)
            except ValueError as error:
                text = f'transform "{name}": {error}'
        self.page.say(one, "via", where, text)
        return None

    def _word(
        self, one: LinedTable, where: str, key: str, words: tuple[str, ...], word: str
    ) -> str:
        if word in words:
            return word
        self.page.say(one, key, where, f'{key}: "{word}" is not one of {", ".join(words)}')
        return words[0]


def _nonsense(one: LinedTable, rule: Rule) -> Iterator[tuple[str, str]]:
    """Yield what does not go together in a rule: at which key, and why."""
    yield from _no_source(one, rule)
    yield from _no_rows(one, rule)
    yield from _no_way(one, rule)


def _no_source(one: LinedTable, rule: Rule) -> Iterator[tuple[str, str]]:
    if not (rule.sources or rule.gathers or "record" in one):
        yield "theirs", '"ours" (or "from") is missing'
    if "ours" in one and "from" in one:
        yield "from", '"ours" and "from" do not go together'
    if "from" in one and not rule.gathers:
        yield "from", '"from" needs a transform that gathers, such as first_of, first in "via"'
    if rule.required and rule.default is not None:
        yield "default", "a value is never made up for a required field"


def _no_rows(one: LinedTable, rule: Rule) -> Iterator[tuple[str, str]]:
    lists = [key for key in ("each", "record", "via") if key in one]
    if len(lists) > 1:
        yield lists[1], f'"{lists[0]}" and "{lists[1]}" do not go together'
    if "each" in one and not (rule.ours in LIST_KEYS or rule.ours.startswith("details.")):
        yield "each", '"each" goes with a list such as documents'
    if rule.each and rule.way in INWARD and any(below.way != rule.way for below in rule.each):
        yield "each", "the rules of a list that is read are all of its way"
    chosen = "where" if rule.where else "known" if rule.known and not rule.record else None
    if chosen and not (rule.each or rule.takes_rows):
        yield chosen, "only the rows of a list are chosen among"


def _no_way(one: LinedTable, rule: Rule) -> Iterator[tuple[str, str]]:
    if (rule.where or rule.known) and rule.way in INWARD:
        yield "way", "a list some rows of which are left out is never read: way: out or mirror"
    if "record" in one and rule.way != "out":
        yield "way", "a list made of one record goes out only: way: out"
    if rule.when and rule.way != "out":
        yield "when", '"when" goes outward only: way: out'
    if rule.unless and rule.way != "in":
        yield "unless", '"unless" goes inward only: way: in'
    if rule.default is not None and rule.way == "in":
        yield "default", '"default" goes outward only'


def _key_of(one: LinedTable, path: str) -> str | None:
    """Return the key of a rule that names the path."""
    if path == one.get("ours"):
        return "ours"
    if path not in (*one.get("from", ()), *one.get("when", ()), *one.get("known", ())):
        return "via"
    return next((key for key in ("from", "when", "known") if path in one.get(key, ())), None)


def _rows_of(ours: str) -> Paths:
    keys = LIST_KEYS.get(ours)
    return Paths(keys) if keys else Paths((), "*")


def choices(given: Mapping[Any, Any]) -> dict[str, tuple[Any, ...]]:
    """Return the values each key may have; one that stands alone is the only one."""
    return {
        str(key): tuple(plain(values)) if isinstance(values, list) else (plain(values),)
        for key, values in given.items()
    }
