"""What docs/audit.md tells a stranger of the journal's format is so."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from bridge.audit import GENESIS, Kind
from bridge.domain.journal import entry_hash

TEXT = (Path(__file__).parents[2] / "docs" / "audit.md").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^n=(\d)\n(\[.*\])\n([0-9a-f]{64})$", TEXT, re.MULTILINE)


def test_the_example_entries_have_the_hashes_the_writer_gives_them() -> None:
    """Three entries in a chain: hashed as the page says, and as the writer does."""
    assert [n for n, _, _ in ENTRIES] == ["1", "2", "3"]
    before = GENESIS
    for _, words, digest in ENTRIES:
        previous, at, code, system, event, detail = json.loads(words)
        assert previous == before
        assert hashlib.sha256(words.encode()).hexdigest() == digest
        assert entry_hash(previous, at, code, system, event, detail) == digest
        before = digest


def test_every_kind_of_break_is_in_the_table() -> None:
    """Whoever reads ``kind`` in the document finds what it means."""
    named = {
        word
        for row in re.findall(r"^\| (`.*?) \|", TEXT, re.MULTILINE)
        for word in re.findall(r"`(\w+)`", row)
    }
    assert {one.value for one in Kind} <= named
