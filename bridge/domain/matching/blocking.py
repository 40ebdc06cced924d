"""Which entries are worth comparing: those that share a key. Every key is one somebody mistypes elsewhere.

An entry is found by its identity number or tax code; by its telephone and initials; by its birth date
(day and month in either order) and initials; by its name and year of birth; and among
those received within a week by its name, or by its birth date. So two entries of one
dossier miss each other only where every one of these differs.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

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

    Keys are kept as their hashes, those of a day with its span added, and a list only where several
    entries share one: two keys of one hash cost a comparison, a million lists cost memory.
    """

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        """Take in the entries."""
        self._under: dict[int, Known | list[Known]] = {}
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
        for key in _hashes(one):
            there = self._under.setdefault(key, one)
            if isinstance(there, list):
                there.append(one)
            elif there is not one:
                self._under[key] = [there, one]

    def remove(self, entry: Entry) -> None:
        """Forget an entry: it has found its partner."""
        one = known(entry)
        self._count -= 1
        for key in _hashes(one):
            there = self._under.pop(key, [])
            several = there if isinstance(there, list) else [there]
            left = [other for other in several if other.key != one.key]
            if left:
                self._under[key] = left if left[1:] else left[0]

    def candidates(self, one: Known) -> Collection[Known]:
        """Return each entry worth comparing with ``one``, once."""
        under = self._under.get
        found: dict[str, Known] = {}
        ever, dated = _found_by(one)
        for key in map(hash, ever):
            there = under(key)
            if isinstance(there, list):
                for other in there if len(there) <= CROWD else _of_the_week(one, there):
                    found[other.key] = other
            elif there is not None:
                found[there.key] = there
        spans = _spans(one)
        for key in map(hash, dated):
            for span in spans:
                there = under(key + span)
                if isinstance(there, list):
                    for other in _of_the_week(one, there):
                        found[other.key] = other
                elif there is not None and there.key not in found and _in_a_week(one, there):
                    found[there.key] = there
        return found.values()


def _hashes(one: Known) -> Iterator[int]:
    """Yield what an index keeps an entry under."""
    ever, dated = _found_by(one)
    yield from map(hash, ever)
    if one.received is not None:
        span = one.received // _SPAN
        for key in map(hash, dated):
            yield key + span


def keys(one: Known) -> tuple[str, ...]:
    """Return what an entry is found by; texts, to be kept in any index and looked up by ``asked``."""
    ever, dated = _found_by(one)
    return (*ever, *_of_its_span(one, dated))


def kept(one: Known) -> tuple[str, ...]:
    """Return what an entry is kept under where its day can't be seen, to be looked up by ``sought``.

    What a crowd may bear (a number, a telephone) also with the day.
    """
    return (*keys(one), *_of_its_span(one, _shared(one)))


def sought(one: Known) -> dict[str, tuple[str, ...]]:
    """Return the keys under which to look for an entry where days can't be seen.

    Each with those to look under instead where a crowd bears it: of what came in that week.
    """
    found: dict[str, tuple[str, ...]] = {key: () for key, _ in asked(one)}
    return found | {key: near for key in _shared(one) if (near := tuple(_near(one, key)))}


def asked(one: Known) -> Iterator[tuple[str, bool]]:
    """Yield the keys under which to look for an entry, and whether only the week counts."""
    ever, dated = _found_by(one)
    for key in ever:
        yield key, False
    for key in dated:
        for near in _near(one, key):
            yield near, True


def _of_its_span(one: Known, keys: Iterable[str]) -> list[str]:
    """Return keys with the span of days an entry was received in: none where its day is not known."""
    if one.received is None:
        return []
    span = one.received // _SPAN
    return [f"{key}@{span}" for key in keys]


def _near(one: Known, key: str) -> Iterator[str]:
    """Yield a key with each span of days that the week around an entry's reception touches."""
    for span in _spans(one):
        yield f"{key}@{span}"


def _spans(one: Known) -> range:
    if (day := one.received) is None:
        return range(0)
    return range((day - _WEEK) // _SPAN, (day + _WEEK) // _SPAN + 1)


def _found_by(one: Known) -> tuple[list[str], list[str]]:
    """Return the keys that find an entry whenever it came, and those that do only among its days."""
    ever, dated = _shared(one), list[str]()
    name, birth = one.name, one.birth
    if name:
        named = f"name {name.sorted_bare}"
        dated.append(named)
    if birth and birth.whole:
        born = f"born {_born(birth)}"
        dated.append(born)
        if name:
            ever.append(f"{born} {name.initials}")
    if name and birth:
        ever.append(f"{named} {birth.year}")
    return ever, dated


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


def _born(birth: Birth) -> int:
    """Return a birth date as the number ``YYYYMMDD``, the same where day and month are swapped."""
    year, month, day = birth
    low, high = (month, day) if month < day else (day, month)
    return year * 10000 + low * 100 + high


def _in_a_week(one: Known, other: Known) -> bool:
    if one.received is None or other.received is None:
        return False
    return abs(one.received - other.received) <= _WEEK


def _of_the_week(one: Known, others: Iterable[Known]) -> list[Known]:
    return [other for other in others if _in_a_week(one, other)]
