"""Reads a mapping file into rules: closed-world, every error with its line.

The words a file may use are the tables at the top; anything else is an error that names the
nearest word there is.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError

from bridge.domain.authority import Owner
from bridge.domain.dossier import LIST_KEYS, PATHS, known_path
from bridge.mapping.errors import MappingErrors, Problem
from bridge.mapping.texts import clean
from bridge.mapping.transforms import KINDS, Transform

FILE_KEYS = (
    "mapping", "version", "valid_from", "title", "key", "codes", "rules", "ignore", "adapter",
    "triggers", "contract", "examples",
)  # fmt: skip
RULE_KEYS = (
    "ours", "theirs", "via", "owner", "way", "required", "personal", "from", "each", "where",
    "known",
)  # fmt: skip
WAYS = ("both", "in", "out")
EXTRA_PATHS = ("code", "at", "status", "unit_name", "officer_name", "note", "source", "id")
"""Paths of a progress row, the other record a mapping may be about."""


@dataclass(frozen=True, slots=True)
class Codes:
    """A code table as each way reads it; ``partial``: a value without a word is not sent."""

    inward: Mapping[Any, Any]
    outward: Mapping[Any, Any]
    partial: bool


@dataclass(frozen=True)
class Rule:
    """One rule as written, its transforms made. ``ours`` is one path, ``sources`` all it reads."""

    number: str
    line: int
    ours: str
    theirs: str
    sources: tuple[str, ...]
    via: tuple[Transform, ...]
    owner: Owner
    way: str
    required: bool
    personal: bool
    each: tuple[Rule, ...] = ()
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    known: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"rule {self.number}"

    @property
    def gathers(self) -> bool:
        """Whether it reads several values outward."""
        return bool(self.via) and self.via[0].gathers


@dataclass(frozen=True)
class Spec:
    """A mapping file, read and found whole."""

    source: str
    name: str
    version: int
    valid_from: date | None
    key: tuple[str, str]
    rules: tuple[Rule, ...]
    codes: Mapping[str, Codes]
    triggers: tuple[str, ...]
    ignored: tuple[str, ...]
    adapters: tuple[str, ...]
    contract: tuple[str, ...]
    examples: tuple[Mapping[str, Any], ...]
    fingerprint: str


def load_file(path: Path) -> tuple[str, str]:
    """Return the text of a mapping file and what errors call it."""
    try:
        return path.read_text(encoding="utf-8-sig"), str(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise MappingErrors([Problem(str(path), 0, "", f"can't be read: {reason}")]) from None
    except UnicodeDecodeError:
        raise MappingErrors([Problem(str(path), 0, "", "is not UTF-8 text")]) from None


def read(text: str, source: str) -> Spec:
    """Read a mapping; raises ``MappingErrors`` with everything that is wrong with it."""
    return _Reader(source).read(text)


class _Reader:
    def __init__(self, source: str) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.codes: dict[str, Codes] = {}

    def read(self, text: str) -> Spec:
        document = self._document(text)
        self._closed(document, FILE_KEYS, "")
        for key in ("mapping", "version", "key", "rules"):
            if key not in document:
                self._say(document, "", f'"{key}" is missing')
        self._code_tables(document)
        rules = self._rules(document.get("rules") or [], "", records=False)
        spec = self._spec(document, rules, text) if not self.problems else None
        if spec is None:
            raise MappingErrors(self.problems)
        return spec

    def _spec(self, document: CommentedMap, rules: tuple[Rule, ...], text: str) -> Spec:
        plain = _plain(document)
        return Spec(
            self.source,
            str(plain["mapping"]),
            int(plain["version"]),
            plain.get("valid_from"),
            (str(plain["key"]["ours"]), str(plain["key"]["theirs"])),
            rules,
            self.codes,
            tuple(plain.get("triggers") or ()),
            tuple((plain.get("ignore") or {}).get("theirs") or ()),
            tuple(plain.get("adapter") or ()),
            tuple((plain.get("contract") or {}).get("theirs") or ()),
            tuple(plain.get("examples") or ()),
            hashlib.sha256(orjson.dumps(plain, option=orjson.OPT_NON_STR_KEYS)).hexdigest(),
        )

    def _document(self, text: str) -> CommentedMap:
        try:
            document = YAML(typ="rt").load(text)
        except MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 0
            problem = Problem(self.source, line, "", f"not YAML: {error.problem}")
            raise MappingErrors([problem]) from None
        if not isinstance(document, CommentedMap):
            raise MappingErrors([Problem(self.source, 1, "", "expected keys such as mapping:")])
        return document

    def _code_tables(self, document: CommentedMap) -> None:
        for name, table in (document.get("codes") or {}).items():
            if not isinstance(table, Mapping):
                self._say(document, "", f"code table {name}: expected word: value")
                continue
            split = set(table) <= {"in", "out"} and all(
                isinstance(part, Mapping) for part in table.values()
            )
            inward = {clean(k): v for k, v in (table.get("in", {}) if split else table).items()}
            outward = (
                dict(table.get("out", {}))
                if split
                else {v: k for k, v in reversed(list(table.items()))}
            )
            self.codes[str(name)] = Codes(inward, outward, partial=split)

    def _rules(self, given: Any, prefix: str, *, records: bool) -> tuple[Rule, ...]:
        rules: list[Rule] = []
        for n, one in enumerate(given, 1):
            number = f"{prefix}{n}"
            if not isinstance(one, CommentedMap):
                self.problems.append(
                    Problem(self.source, 0, f"rule {number}", "expected {ours: …, theirs: …}")
                )
                continue
            before = len(self.problems)
            rule = self._rule(one, number, records=records)
            if len(self.problems) == before:
                rules.append(rule)
        return tuple(rules)

    def _rule(self, one: CommentedMap, number: str, *, records: bool) -> Rule:
        where = f"rule {number} ({one.get('ours') or one.get('theirs') or '?'})"
        self._closed(one, RULE_KEYS, where)
        sources = tuple(one.get("from") or ([one["ours"]] if "ours" in one else ()))
        if "theirs" not in one:
            self._say(one, where, '"theirs" is missing')
        via = tuple(self._via(one, where))
        if not sources and not (via and via[0].gathers):
            self._say(one, where, '"ours" (or "from") is missing')
        if not records:
            self._paths(one, where, sources)
        owner = self._word(one, where, "owner", [str(each.value) for each in Owner], "onestop")
        way = self._word(one, where, "way", WAYS, "out" if "ours" not in one else "both")
        if "ours" not in one and way != "out":
            self._say(one, where, 'a rule without "ours" goes out only: way: out')
        each = self._rules(one.get("each") or (), f"{number}.", records=True)
        return Rule(
            number,
            one.lc.line + 1,
            str(one.get("ours", sources[0] if sources else "")),
            str(one.get("theirs", "")),
            sources,
            via,
            Owner(owner),
            way,
            bool(one.get("required", False)),
            bool(one.get("personal", False)),
            each,
            {key: tuple(_plain(values)) for key, values in (one.get("where") or {}).items()},
            tuple(one.get("known") or ()),
        )

    def _paths(self, one: CommentedMap, where: str, sources: Iterable[str]) -> None:
        for path in sources:
            if not known_path(path) and path not in EXTRA_PATHS:
                names = (*PATHS, *EXTRA_PATHS)
                self._say(one, where, f'unknown path "{path}"{_nearest(path, names)}')
        listed = sources and next(iter(sources)) in LIST_KEYS
        if "each" in one and not listed and not str(one.get("ours", "")).startswith("details."):
            self._say(one, where, '"each" goes with a list such as documents')

    def _via(self, one: CommentedMap, where: str) -> Iterable[Transform]:
        for step in one.get("via") or ():
            name, argument = next(iter(step.items())) if isinstance(step, Mapping) else (step, None)
            kind = KINDS.get(str(name))
            if kind is None:
                self._say(one, where, f'unknown transform "{name}"{_nearest(str(name), KINDS)}')
            elif bool(kind.argument) != (argument is not None):
                takes = f"takes {kind.argument}" if kind.argument else "takes nothing"
                self._say(one, where, f'transform "{name}" {takes}')
            elif name == "code" and argument not in self.codes:
                near = _nearest(str(argument), self.codes)
                self._say(one, where, f'unknown code table "{argument}"{near}')
            else:
                yield kind.make(_plain(argument), self.codes)

    def _word(
        self, one: CommentedMap, where: str, key: str, words: Sequence[str], default: str
    ) -> str:
        word = str(one.get(key, default))
        if word not in words:
            expected = ", ".join(words)
            self._say(one, where, f'{key}: "{word}" is not one of {expected}')
            return default
        return word

    def _closed(self, part: CommentedMap, keys: Sequence[str], where: str) -> None:
        for key in part:
            if key not in keys:
                line = part.lc.key(key)[0] + 1
                text = f'unknown key "{key}"{_nearest(str(key), keys)}'
                self.problems.append(Problem(self.source, line, where, text))

    def _say(self, part: CommentedMap, where: str, text: str) -> None:
        self.problems.append(Problem(self.source, part.lc.line + 1, where, text))


def _nearest(word: str, words: Iterable[str]) -> str:
    near = difflib.get_close_matches(word, list(words), 1)
    return f', did you mean "{near[0]}"?' if near else ""


def _plain(value: Any) -> Any:
    """Return YAML's values as plain Python ones."""
    if isinstance(value, Mapping):
        return {
            str(key) if isinstance(key, str) else key: _plain(one) for key, one in value.items()
        }
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return str(value)
    return value
