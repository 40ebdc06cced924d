"""Which entries are worth comparing: those that share a key. Every key is one somebody mistypes elsewhere.

An entry is found by its identity number or tax code; by its telephone and initials; by its birth date
(day and month in either order) and initials; by its name and year of birth; and among
those received within a week by its name, or by its birth date. So two entries of one
dossier miss each other only where every one of these differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bridge.domain.matching.days import Birth
from bridge.domain.matching.entry import Entry
from bridge.domain.matching.known import Known, known

_WEEK = 7
_SPAN = 8
"""Days of reception that are laid down together."""
CROWD = 200
"""A key that more entries of an index share (a firm) finds only what came in that week."""


class Index:
    """The entries of one side by what they are found by.

    Keys are kept as their hashes, and a list only where several entries share one: two keys of
    one hash cost a comparison, a million lists cost memory.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Take in the entries."""
        self._one: dict[int, Known] = {}
        self._others: dict[int, list[Known]] = {}
        self._count = 0
        for entry in entries:
            self.add(entry)

    def __len__(self) -> int:
        """Return how many entries there are."""
        return self._count

    def add(self, entry: Entry) -> None:
        """Take in an entry."""
        one = known(entry)
        self._count += 1
        for key in map(hash, keys(one)):
            if self._one.setdefault(key, one) is not one:
                self._others.setdefault(key, []).append(one)

    def remove(self, entry: Entry) -> None:
        """Forget an entry: it has found its partner."""
        one = known(entry)
        self._count -= 1
        for key in map(hash, keys(one)):
            first, others = self._one.pop(key, None), self._others.pop(key, [])
            left = [other for other in (first, *others) if other and other.key != one.key]
            if left:
                self._one[key] = left[0]
            if left[1:]:
                self._others[key] = left[1:]

    def candidates(self, one: Known) -> Iterator[Known]:
        """Yield each entry worth comparing with ``one``, once."""
        seen: set[str] = set()
        for key, near in asked(one):
            hashed = hash(key)
            first = self._one.get(hashed)
            if first is None:
                continue
            others = self._others.get(hashed)
            found = (first, *others) if others else (first,)
            only_week = near or len(found) > CROWD
            for other in found:
                if other.key not in seen and not (only_week and not _in_a_week(one, other)):
                    seen.add(other.key)
                    yield other


def keys(one: Known) -> tuple[str, ...]:
    """Return what an entry is found by; texts, to be kept in any index and looked up by ``asked``."""
    return (*_plain(one), *(f"{key}@{day // _SPAN}" for key, day in _dated(one)))


def kept(one: Known) -> tuple[str, ...]:
    """Return what an entry is kept under where its day can't be seen, to be looked up by ``sought``.

    What a crowd may bear (a number, a telephone) also with the day.
    """
    return (*keys(one), *(f"{key}@{day // _SPAN}" for key, day in _crowded(one)))


def sought(one: Known) -> dict[str, tuple[str, ...]]:
    """Return the keys under which to look for an entry where days can't be seen.

    Each with those to look under instead where a crowd bears it: of what came in that week.
    """
    found: dict[str, tuple[str, ...]] = {key: () for key, _ in asked(one)}
    return found | {key: tuple(_near(key, day)) for key, day in _crowded(one)}


def asked(one: Known) -> Iterator[tuple[str, bool]]:
    """Yield the keys under which to look for an entry, and whether only the week counts."""
    for key in _plain(one):
        yield key, False
    for key, day in _dated(one):
        for near in _near(key, day):
            yield near, True


def _near(key: str, day: int) -> Iterator[str]:
    """Yield a key with each span of days that the week around a day touches."""
    for span in range((day - _WEEK) // _SPAN, (day + _WEEK) // _SPAN + 1):
        yield f"{key}@{span}"


def _plain(one: Known) -> list[str]:
    found = _shared(one)
    if (name := one.name) is None:
        return found
    if birth := one.birth:
        if birth.whole:
            found.append(f"born {_born(birth)} {name.initials}")
        found.append(f"name {name.sorted_bare} {birth.year}")
    return found


def _shared(one: Known) -> list[str]:
    """Return the keys that many may bear: a firm's tax code, the telephone of who files for others."""
    found: list[str] = []
    if one.card:
        found.append(f"card {one.card}")
    if one.tax:
        found.append(f"tax {one.tax[:10]}")
    if one.phone and one.name:
        found.append(f"phone {one.phone} {one.name.initials}")
    return found


def _crowded(one: Known) -> list[tuple[str, int]]:
    day = one.received
    return [] if day is None else [(key, day) for key in _shared(one)]


def _dated(one: Known) -> list[tuple[str, int]]:
    if (day := one.received) is None:
        return []
    found = []
    if one.name:
        found.append((f"name {one.name.sorted_bare}", day))
    if one.birth and one.birth.whole:
        found.append((f"born {_born(one.birth)}", day))
    return found


def _born(birth: Birth) -> str:
    low, high = sorted((birth.month, birth.day))
    return f"{birth.year}{low:02}{high:02}"


def _in_a_week(one: Known, other: Known) -> bool:
    if one.received is None or other.received is None:
        return False
    return abs(one.received - other.received) <= _WEEK
