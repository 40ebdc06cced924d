"""The chain of the journal: whoever touches an entry is found out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from bridge.domain.dossier import Json
from bridge.domain.journal import GENESIS, Event, entry_hash, verify

AT = "2026-11-20T09:15:00.000+07:00"


@dataclass(frozen=True)
class Row:
    """A stored entry."""

    n: int
    code: str | None
    previous: str
    at: str = AT
    system: str | None = "gplx"
    event: str = Event.SENDING.value
    detail: Mapping[str, Json] = field(default_factory=dict)
    hash: str = ""


def sealed(row: Row) -> Row:
    """Return the entry with the hash that fits its words."""
    words = (row.at, row.code, row.system, row.event, row.detail)
    return replace(row, hash=entry_hash(row.previous, *words))


def chain(length: int = 5) -> list[Row]:
    """Return a whole chain."""
    rows: list[Row] = []
    previous = GENESIS
    for n in range(1, length + 1):
        row = Row(n, f"H40.07-261120-{n:04d}", previous, detail={"attempt": n})
        rows.append(sealed(row))
        previous = rows[-1].hash
    return rows


def test_an_untouched_chain_is_whole() -> None:
    """A chain nobody touched verifies, an empty one too."""
    assert verify(chain()) is None
    assert verify([]) is None


@pytest.mark.parametrize(
    "change",
    [
        {"at": "2026-11-20T09:15:00.001+07:00"},
        {"code": "H40.07-261120-9999"},
        {"code": None},
        {"system": "yte"},
        {"event": "confirmed"},
        {"detail": {"attempt": 9}},
        {"detail": {}},
        {"hash": "0" * 64},
        {"previous": "1" * 64},
        {"n": 7},
    ],
)
@pytest.mark.parametrize("place", [0, 2, 4])
def test_a_changed_entry_breaks_the_chain_at_its_place(place: int, change: dict[str, Any]) -> None:
    """Whatever word of an entry is changed, the entry is named: first, middle or last."""
    rows = chain()
    rows[place] = replace(rows[place], **change)
    assert verify(rows) == place + 1


def test_a_changed_entry_with_a_mended_hash_breaks_the_next() -> None:
    """Who computes the entry's hash anew is found out one entry later."""
    rows = chain()
    rows[1] = sealed(replace(rows[1], event="dead"))
    assert verify(rows) == 3


@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_removed_entry_is_missed(place: int) -> None:
    """The place of an entry that was taken out is where the chain breaks."""
    rows = chain()
    del rows[place]
    assert verify(rows) == place + 1


def test_a_removed_entry_is_missed_though_the_rest_is_numbered_anew() -> None:
    """Renumbering what follows hides nothing: each hash covers the one before."""
    rows = chain()
    del rows[1]
    renumbered = [replace(row, n=n) for n, row in enumerate(rows, 1)]
    assert verify(renumbered) == 2


def test_an_inserted_entry_is_found() -> None:
    """An entry slipped in, with a hash that fits the one before, breaks the next."""
    rows = chain()
    rows.insert(2, sealed(Row(3, None, rows[1].hash, event="confirmed")))
    renumbered = [replace(row, n=n) for n, row in enumerate(rows, 1)]
    assert verify(renumbered) == 4


def test_swapped_entries_are_found() -> None:
    """Order is part of the chain."""
    rows = chain()
    rows[1], rows[2] = replace(rows[2], n=2), replace(rows[1], n=3)
    assert verify(rows) == 2


def test_the_hash_is_the_same_in_every_release() -> None:
    """A chain written by an older release stays whole: this hash never changes."""
    detail: dict[str, Json] = {"reason": "thiếu ảnh", "attempt": 2, "fields": ["status"]}
    digest = entry_hash(GENESIS, AT, "H40.07-261120-0001", None, "retry", detail)
    assert digest == "041b07aa4ed905752dfec08780c71b0d7255cbcdef475981fdc04000df278a57"


def test_words_do_not_run_into_each_other() -> None:
    """A letter that moves from one word to the next makes another hash, ``None`` is not ``""``."""
    hashes = {
        entry_hash(GENESIS, AT, "ab", "c", "sending", {}),
        entry_hash(GENESIS, AT, "a", "bc", "sending", {}),
        entry_hash(GENESIS, AT, 'a","b', "c", "sending", {}),
        entry_hash(GENESIS, AT, "", "abc", "sending", {}),
        entry_hash(GENESIS, AT, None, "abc", "sending", {}),
        entry_hash(GENESIS, AT, "abc", None, "sending", {}),
    }
    assert len(hashes) == 6


def test_the_order_of_a_detail_does_not_matter_and_its_form_does() -> None:
    """Equal details have one hash in any order; composed and decomposed text differ."""
    here = entry_hash(GENESIS, AT, None, None, "retry", {"a": 1, "b": 2})
    assert here == entry_hash(GENESIS, AT, None, None, "retry", {"b": 2, "a": 1})
    composed = entry_hash(GENESIS, AT, None, None, "retry", {"reason": "\u1ea3"})
    decomposed = entry_hash(GENESIS, AT, None, None, "retry", {"reason": "a\u0309"})
    assert composed != decomposed


def test_a_detail_may_go_through_a_database() -> None:
    """What comes back from stored JSON text has the hash it went in with."""
    detail: dict[str, Json] = {"n": 3, "share": 0.1, "none": None, "list": [{"b": True, "a": "ữ"}]}
    stored = json.loads(json.dumps(detail))
    words = (GENESIS, AT, None, "gplx", "posted")
    assert entry_hash(*words, detail) == entry_hash(*words, stored)
