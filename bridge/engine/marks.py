"""Marks: what a record without a dossier is found by, and no person can be read out of.

They are hashes of what ``matching`` finds candidates by, under a key of this office that is not in
the store: without it nobody can try whether somebody is among them. Marks under two keys find
nothing of each other; so the store knows its key by a fingerprint (``mark_key``), and whoever has
another neither looks for a mark nor keeps one. Nobody does while they are made anew with another key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Self

from bridge.domain.matching.blocking import kept, sought
from bridge.domain.matching.entry import Entry
from bridge.domain.matching.known import known
from bridge.domain.said import Said
from bridge.store import StoreFault, Unit

KEY_BYTES, MARK_BYTES = 32, 16

ANOTHER_KEY = Said(
    "this process has another key than the marks of the store are made with: it was started before "
    "that was changed; stop it, and look with: dossier-bridge check"
)

MADE_ANEW = Said(
    "what waits for its dossier is being marked anew with the key that a person has accepted: nothing "
    "is put in line or taken over before that is done; a bridge that is started goes on with it"
)


@dataclass(frozen=True, slots=True)
class Marks:
    """Makes marks; ``key`` is 32 bytes that are used for nothing else."""

    key: bytes = field(repr=False)

    @classmethod
    def under(cls, key: bytes) -> Self:
        """Return what makes marks under a key of their own, led out of the office's."""
        return cls(blake2b(b"whose a record is", digest_size=KEY_BYTES, key=key).digest())

    @property
    def name(self) -> str:
        """The key's fingerprint: tells it from others, and says nothing of it."""
        return self.made("the fingerprint of this key")

    def turn(self, unit: Unit, systems: Collection[str]) -> None:
        """Take the turn of these systems (``Unpaired.turn``), to look for marks and to keep some.

        Raises:
            StoreFault: the store's marks are made with another key by now, or not all with this one yet.
        """
        unit.unpaired.turn(systems)
        self.know(unit)
        if unit.unpaired.anew() is not None:
            raise StoreFault(MADE_ANEW)

    def are_made(self, unit: Unit) -> bool:
        """Tell whether the store's marks are all made with this key, so that ``turn`` may be taken."""
        return unit.unpaired.key() in (None, self.name) and unit.unpaired.anew() is None

    def know(self, unit: Unit) -> None:
        """See that the store goes with this key.

        Raises:
            StoreFault: it goes with another one by now.
        """
        if unit.unpaired.key() not in (None, self.name):
            raise StoreFault(ANOTHER_KEY, transient=False)

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
        return {text: self.made(text) for text in told}

    def made(self, text: str) -> str:
        """Return the mark of a text, 32 hexadecimal digits."""
        return blake2b(text.encode(), digest_size=MARK_BYTES, key=self.key).hexdigest()
