"""Invents dossiers for the laws: what every rule of a mapping has something to do with.

Half of them lack what is not required, and their texts hold what Vietnamese texts hold.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from random import Random
from typing import Any

from bridge.domain.dossier import LIST_KEYS, PATHS
from bridge.mapping.dated import DATED
from bridge.mapping.lens import Lens
from bridge.mapping.spec import Rule
from bridge.mapping.transforms import SINGLE

Known = Mapping[str, Mapping[str, str]]
"""Code lists, as far as the laws know them: the name of each code."""

TEXTS = (
    "Nguyễn Văn Mẫu",
    "Trần Thị Thử",
    "Đặng Ngọc Ưu",
    "036099000001",
    "Số 5 phố Hàng Đậu & ngõ <Xanh> 'A'",
    "hai\ndòng",
    "ký hiệu 🙂",
)
_BY_KIND = {
    "instant": DATED["datetime"].make("iso", {}),
    "day": DATED["date"].make("%Y-%m-%d", {}),
    "partial_day": DATED["partial_date"].make("%Y-%m-%d", {}),
    "int": SINGLE["number"].make(None, {}),
    "status": SINGLE["number"].make(None, {}),
    "flag": SINGLE["flag"].make(None, {}),
}
_OF_ROWS = {
    "kind": "int", "stage": "int", "gateway": "int", "status": "status", "size": "int",
    "amount": "int", "at": "instant", "paid_at": "instant", "requested_at": "instant",
    "completed_at": "instant", "old_due_at": "instant", "new_due_at": "instant",
    "digitised": "flag", "reused": "flag", "from_store": "flag", "deleted": "flag",
}  # fmt: skip


def dossier(lens: Lens, random: Random) -> dict[str, Any]:
    """Return an invented dossier for a mapping; it has all that is required."""
    whole = random.random() < 0.5  # noqa: PLR2004 - a coin
    fields: dict[str, Any] = {}
    for rule in _all(lens.rules):
        needed = rule.required or whole
        for path in rule.reads:
            if path not in fields and (needed or random.choice((True, False))):
                fields[path] = value(lens.rules, path, random, lens.rows)
    taken = {one.path: random.choice(one.values) for one in lens.spec.takes}
    return fields | taken | {"code": f"H40.05-261120-{random.randrange(10000):04}"}


def value(rules: Iterable[Rule], path: str, random: Random, known: Known) -> Any:
    """Return an invented value for a path, or for a key of a row; ``known`` are the code lists."""
    rule = _reader(rules, path)
    for step in rule.via if rule else ():
        if step.listing is not None:
            return step.listing.sample(random, known[step.listing.list])
        if step.sample is not None:
            return step.sample(random)
    if path in LIST_KEYS or (rule and rule.each):
        return rows(rule, path, random, known)
    kind = PATHS.get(path) or _OF_ROWS.get(path, "text")
    made = _BY_KIND.get(kind)
    return made.sample(random) if made and made.sample else _text(rule, random)


def rows(rule: Rule | None, path: str, random: Random, known: Known) -> list[dict[str, Any]]:
    """Return one to three invented rows of a list, some of which its rule may leave out."""
    each = rule.each if rule else ()
    keys = LIST_KEYS.get(path) or tuple(one.ours for one in each)
    made = [
        {key: value(each, key, random, known) for key in keys} for _ in range(random.randint(1, 3))
    ]
    for row in made:
        for key, choices in (rule.where if rule else {}).items():
            row[key] = random.choice((*choices, None))
    return made


def noisy(record: Any) -> Any:
    """Return a record as a careless sender writes it: NFD, blanks, a byte order mark."""
    if isinstance(record, Mapping):
        return {key: noisy(one) for key, one in record.items()}
    if isinstance(record, list):
        return [noisy(one) for one in record]
    if isinstance(record, str) and record:
        return f" \ufeff{unicodedata.normalize('NFD', record)}  "
    return record


def _text(rule: Rule | None, random: Random) -> str:
    limit = next((one.cuts for one in rule.via if one.cuts), None) if rule else None
    text = random.choice(TEXTS)
    return text * 20 if limit and random.choice((True, False)) else text


def _reader(rules: Iterable[Rule], path: str) -> Rule | None:
    """Return the rule a path's value is made for: one that reads it alone, before others."""
    readers = [one for one in _all(rules) if path in one.sources]
    return next((one for one in readers if not one.gathers), readers[0] if readers else None)


def _all(rules: Iterable[Rule]) -> Iterator[Rule]:
    for rule in rules:
        yield rule
        yield from _all(rule.record)
