"""Marks: what a record without a dossier is found by, and no person can be read out of.

They are hashes of what ``matching`` finds candidates by, under a key of this office that is not in
the store: without it nobody can try whether somebody is among them. Two processes that share a
store need one key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b

from bridge.domain.matching.blocking import kept, sought
from bridge.domain.matching.entry import Entry
from bridge.domain.matching.known import known

MARK_BYTES = 16


@dataclass(frozen=True, slots=True)
class Marks:
    """Makes marks; ``key`` gives 32 bytes that stay the same, read when the first mark is made."""

    key: Callable[[], bytes] = field(repr=False)

    def of(self, one: Entry) -> frozenset[str]:
        """Return what an entry is kept under, to be found by ``sought``."""
        return frozenset(self._hashed(kept(known(one))).values())

    def sought(self, one: Entry) -> Mapping[str, frozenset[str]]:
        """Return the marks under which all lie that may be the same as an entry.

        Each with those under which to look instead where a crowd bears it: of what came in that week.
        """
        found = sought(known(one))
        marks = self._hashed({*found, *(each for near in found.values() for each in near)})
        return {marks[key]: frozenset(marks[each] for each in near) for key, near in found.items()}

    def _hashed(self, told: Iterable[str]) -> dict[str, str]:
        key = self.key()
        return {
            text: blake2b(text.encode(), digest_size=MARK_BYTES, key=key).hexdigest()
            for text in told
        }
