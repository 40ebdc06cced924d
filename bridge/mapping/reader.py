"""Reads a mapping file: closed-world, every error with its line.

The words a file may use are the tables at the top of this module and of ``rulebook``; anything
else is an error that names the nearest word there is.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from bridge.domain.dossier import LIST_KEYS, PATHS
from bridge.mapping.errors import MappingErrors, Place, Problem
from bridge.mapping.list_files import lists_beside
from bridge.mapping.lists import Table
from bridge.mapping.page import Page, line_of, nearest, plain
from bridge.mapping.results import read_results
from bridge.mapping.rulebook import WAYS, Paths, Rulebook, choices
from bridge.mapping.spec import ResultTable, Rule, Spec, Taken
from bridge.mapping.texts import clean
from bridge.mapping.transforms import Codes
from bridge.mapping.yaml_lines import LinedTable

FILE_KEYS: Mapping[str, str] = {
    "mapping": "text",
    "version": "number",
    "title": "text",
    "valid_from": "day",
    "of": "text",
    "way": "text",
    "key": "table",
    "takes": "table",
    "codes": "table",
    "lists": "table",
    "rules": "list",
    "results": "table",
    "triggers": "texts",
    "ignore": "table",
    "adapter": "texts",
    "contract": "table",
    "examples": "list",
}
EXAMPLE_KEYS: Mapping[str, str] = {
    "says": "text",
    "theirs": "table",
    "ours": "table",
    "lifts_to": "table",
    "lowers_to": "table",
    "refuses": "texts",
}
RECORDS: Mapping[str, Paths] = {
    "dossier": Paths(tuple(PATHS), "details."),
    "progress": Paths(("code", *LIST_KEYS["progress"])),
}
"""What a mapping may be of, and the paths it may name."""

_NAME = re.compile(r"[a-z][a-z0-9_]*/[a-z][a-z0-9_]*")


class Loaded(NamedTuple):
    """A mapping file's text, what errors call it, and the code lists that come with it."""

    text: str
    source: str
    shipped: Mapping[str, Table]


def load_file(path: Path) -> Loaded:
    """Return a mapping file with the lists beside it; raises ``MappingErrors``."""
    try:
        return Loaded(path.read_text(encoding="utf-8-sig"), str(path), lists_beside(path))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise MappingErrors([Problem(str(path), 0, "", f"can't be read: {reason}")]) from None
    except UnicodeDecodeError:
        raise MappingErrors([Problem(str(path), 0, "", "is not UTF-8 text")]) from None


def read(text: str, source: str) -> Spec:
    """Read a mapping; raises ``MappingErrors`` with everything that is wrong with it."""
    page = Page(source)
    document = page.load(text)
    given = page.table(document, FILE_KEYS, "", "mapping", "version", "key", "rules")
    _head(page, document, given)
    paths = RECORDS.get(str(given.get("of", "dossier")), RECORDS["dossier"])
    codes = {str(name): _codes(page, given["codes"], name) for name in given.get("codes", ())}
    lists = {str(name): _rows(page, given["lists"], name) for name in given.get("lists", ())}
    label = f"{given.get('mapping', '?')} v{given.get('version', '?')}"
    way = given.get("way", "both")
    book = Rulebook(page, label, way if way in WAYS else "both", codes)
    rules = book.read(given.get("rules", ()), paths)
    _lists_used(page, given, rules)
    _triggers(page, document, given, paths)
    takes = tuple(_takes(page, given, paths, label))
    results = read_results(page, document, paths)
    _lists(page, given, ("ignore", "contract"))
    _examples(page, given, paths)
    if page.problems:
        raise MappingErrors(page.problems)
    return _spec(source, plain(document), rules, codes, takes, lists, results)


def _head(page: Page, document: LinedTable, given: dict[str, Any]) -> None:
    if "mapping" in given and not _NAME.fullmatch(given["mapping"]):
        page.say(document, "mapping", "", "mapping: expected a name like gplx/licence")
    for key, words in (("of", tuple(RECORDS)), ("way", WAYS)):
        word = given.get(key, words[0])
        if word not in words:
            text = f'{key}: "{word}" is not one of {", ".join(words)}'
            page.say(document, key, "", text)
    if "key" in given:
        kinds = {"ours": "text", "theirs": "text"}
        said = page.table(given["key"], kinds, "key", "ours", "theirs")
        if said.get("ours", "code") != "code":
            page.say(given["key"], "ours", "key", "ours: a record is known by our code")


def _codes(page: Page, tables: LinedTable, name: Any) -> Codes:
    """Return a code table: ``word: value``, or one way each under ``in`` and ``out``."""
    table = tables[name]
    if not isinstance(table, LinedTable) or not table:
        page.say(tables, name, f"code table {name}", "expected word: value")
        return Codes({}, {}, partial=False)
    split = set(table) <= {"in", "out"} and all(isinstance(one, Mapping) for one in table.values())
    where = f"code table {name}"
    inward = _words(page, table.get("in", LinedTable()) if split else table, where)
    outward = {value: word for word, value in reversed(inward.items())}
    if split:
        outward = _words(page, table.get("out", LinedTable()), where)
    words = {str(clean(str(word))): value for word, value in inward.items()}
    return Codes(words, outward, partial=split)


def _words(page: Page, table: LinedTable, where: str) -> dict[Any, Any]:
    good: dict[Any, Any] = {}
    for word, value in table.items():
        if isinstance(value, (str, int)):
            good[word] = value
        else:
            page.say(table, word, where, f"{word}: expected one value")
    return good


def _rows(page: Page, tables: LinedTable, name: Any) -> dict[str, str]:
    """Return the rows of a code list that the examples know: ``code: name``."""
    table = tables[name]
    rows = plain(table) if isinstance(table, LinedTable) else {}
    if not rows or not all(isinstance(one, str) for pair in rows.items() for one in pair):
        page.say(tables, name, f"list {name}", 'expected "code": name, both text')
        return {}
    return {str(clean(code)): str(clean(one)) for code, one in rows.items()}


def _lists_used(page: Page, given: dict[str, Any], rules: tuple[Rule, ...]) -> None:
    used = {one.list for rule in rules for one in rule.listings}
    for name in given.get("lists", ()):
        if name not in used and not page.problems:
            page.say(given["lists"], name, f"list {name}", "no rule looks into it")


def _triggers(page: Page, document: LinedTable, given: dict[str, Any], paths: Paths) -> None:
    for path in given.get("triggers", ()):
        if not paths.know(path):
            text = f'unknown path "{path}"{nearest(path, paths.names)}'
            page.say(document, "triggers", "triggers", text)


def _takes(page: Page, given: dict[str, Any], paths: Paths, label: str) -> Iterator[Taken]:
    table = given.get("takes", {})
    for path, values in choices(table).items():
        if not paths.know(path):
            text = f'unknown path "{path}"{nearest(path, paths.names)}'
            page.say(table, path, "takes", text)
        yield Taken(Place(label, "takes", line_of(table, path)), path, values)


def _lists(page: Page, given: dict[str, Any], keys: tuple[str, ...]) -> None:
    for key in keys:
        if key in given:
            page.table(given[key], {"theirs": "texts"}, key, "theirs")


def _examples(page: Page, given: dict[str, Any], paths: Paths) -> None:
    for n, example in enumerate(given.get("examples", ()), 1):
        where = f"example {n}"
        if not isinstance(example, LinedTable):
            page.say(given["examples"], n - 1, where, "expected theirs: or ours:")
            continue
        good = page.table(example, EXAMPLE_KEYS, where)
        if not any(given <= good.keys() for given in _WHOLE):
            text = "expected theirs: with lifts_to:, ours: with lowers_to:, or either with refuses:"
            page.say(example, None, where, text)
        for key in ("ours", "lifts_to"):
            for path in good.get(key, {}):
                if not paths.know(str(path)):
                    text = f'unknown path "{path}"{nearest(str(path), paths.names)}'
                    page.say(good[key], path, where, text)


_WHOLE: tuple[set[str], ...] = (
    {"theirs", "lifts_to"},
    {"ours", "lowers_to"},
    {"theirs", "refuses"},
    {"ours", "refuses"},
)


def _spec(  # noqa: PLR0913 - what each part of the file came to
    source: str,
    given: dict[str, Any],
    rules: tuple[Rule, ...],
    codes: Mapping[str, Codes],
    takes: tuple[Taken, ...],
    lists: Mapping[str, Mapping[str, str]],
    results: ResultTable | None,
) -> Spec:
    normalised = orjson.dumps(given, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_SORT_KEYS)
    return Spec(
        source,
        given["mapping"],
        given["version"],
        given.get("title", given["mapping"]),
        given.get("valid_from"),
        given["key"]["theirs"],
        rules,
        codes,
        tuple(given.get("triggers", ())),
        tuple(given.get("ignore", {}).get("theirs", ())),
        tuple(given.get("adapter", ())),
        tuple(given.get("contract", {}).get("theirs", ())),
        tuple(given.get("examples", ())),
        hashlib.sha256(normalised).hexdigest(),
        takes,
        lists,
        results,
    )
