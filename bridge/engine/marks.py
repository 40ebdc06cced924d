"""Marks: what a record without a dossier is found by, and no person can be read out of.

They are hashes of what ``matching`` finds candidates by, under a key of this office that is not in
the store: without it nobody can try whether somebody is among them. Two processes that share a
store need one key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b

from bridge.domain.matching.blocking import asked, keys
from bridge.domain.matching.entry import Entry
from bridge.domain.matching.known import known

MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class Marks:
    """Makes marks; ``key`` gives 32 bytes that stay the same, read when the first mark is made."""

    key: Callable[[], bytes] = field(repr=False)

    def of(self, one: Entry) -> frozenset[str]:
        """Return what an entry is kept under, to be found by ``sought``."""
        return self._hashed(keys(known(one)))

    def sought(self, one: Entry) -> frozenset[str]:
        """Return the marks under which all lie that may be the same as an entry."""
        return self._hashed(key for key, _ in asked(known(one)))

    def _hashed(self, told: Iterable[str]) -> frozenset[str]:
        key = self.key()
        return frozenset(
            blake2b(text.encode(), digest_size=MARK_BYTES, key=key).hexdigest() for text in told
        )
