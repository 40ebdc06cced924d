"""Before anything new is made at either side: may it be one that is there already?

A record that nobody has linked is held beside the dossiers that have no record yet, a page at a
time; a dossier that was never sent beside the records that were set aside and wait for an answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from bridge.domain import matching
from bridge.domain.delivery import IN_FLIGHT
from bridge.domain.dossier import Snapshot
from bridge.domain.matching.days import birth_of
from bridge.domain.matching.entry import Entry, Pair
from bridge.domain.matching.known import known
from bridge.domain.matching.numbers import numbers_of
from bridge.domain.matching.phones import phone_of
from bridge.engine import clerk
from bridge.engine.alike import as_json, entry, from_json, marks, sought
from bridge.engine.house import House, Ministry
from bridge.sdk.onestop import Likeness
from bridge.store import Delivery, Link, Unit
from bridge.store.links import OPEN, PARTED

MONTHS = 12


def is_free(link: Link | None, line: Sequence[Delivery] = ()) -> bool:
    """Tell whether a dossier may get a record yet: none is known, and nothing is on its way.

    A parted one may: a person has said of one record that it is not the dossier's.
    """
    if link is None or link.state == PARTED:
        return True
    blank = link.state == OPEN and link.ref is None and link.base is None
    return blank and not any(one.state in IN_FLIGHT for one in line)


def of_records(
    house: House, ministry: Ministry, records: Sequence[Entry]
) -> Mapping[str, Sequence[str]]:
    """Return, by their numbers, the dossiers without a record that these records may be, best first.

    Raises:
        OneStopFault: the one-stop database can't be read.
    """
    codes = house.onestop.alike(_likeness(ministry, records))
    if not codes:
        return {}
    with house.store.read() as unit:
        candidates = _without_record(unit, ministry, codes)
        apart = decided_apart(unit, ministry, candidates)
    rows = house.onestop.fetch(candidates)
    ours = [entry(code, row.fields) for code, row in rows.items() if isinstance(row, Snapshot)]
    found: dict[str, list[Pair]] = {}
    for one in matching.pairs(ours, records, apart):
        found.setdefault(one.theirs, []).append(one)
    return {
        one.key: _twins(
            found.get(one.key, []),
            [our.key for our in ours if (our.key, one.key) not in apart and same_person(our, one)],
        )
        for one in records
    }


def _twins(pairs: Sequence[Pair], same: Sequence[str]) -> Sequence[str]:
    best = sorted(pairs, key=lambda one: (-one.score, one.ours))
    return tuple(dict.fromkeys([*(one.ours for one in best), *same]))


def _without_record(unit: Unit, ministry: Ministry, codes: Sequence[str]) -> list[str]:
    """Return those of these dossiers that have no number there, or were parted from it."""
    links = unit.links.of_codes(codes)
    mine = {code: links.get((code, ministry.name)) for code in codes}
    return [
        code
        for code, link in mine.items()
        if link is None or link.ref is None or link.state == PARTED
    ]


def _likeness(ministry: Ministry, records: Sequence[Entry]) -> Likeness:
    return Likeness(
        None if "*" in ministry.procedures else ministry.procedures,
        {text for one in records for text in _numbers(one)},
        {text for one in records for text in _phones(one)},
        {text for one in records for text in _births(one)},
    )


def _numbers(one: Entry) -> Iterator[str]:
    known = numbers_of(one.id_number, one.tax_code)
    for text in (one.id_number, one.tax_code, known.card, known.tax):
        if text:
            yield text
            yield text.lstrip("0") or text


def _phones(one: Entry) -> Iterator[str]:
    if one.phone:
        yield one.phone
    if (phone := phone_of(one.phone)) is not None:
        yield from (phone, f"+84{phone[1:]}", f"84{phone[1:]}")


def _births(one: Entry) -> Iterator[str]:
    """Yield a birth date as it may stand there: whole, in part, day and month swapped."""
    born = birth_of(one.birth_date)
    if born is None or one.birth_date is None:
        return
    yield from (one.birth_date, f"{born.year:04}")
    if born.month:
        yield f"{born.year:04}-{born.month:02}"
    if born.day and born.day <= MONTHS:
        yield f"{born.year:04}-{born.day:02}-{born.month:02}"


def keep(unit: Unit, ministry: Ministry, record: Entry) -> None:
    """Keep who an unlinked record is of, so that a dossier that comes later is held beside it."""
    unit.unpaired.keep(ministry.name, record.key, marks(record), as_json(record))


def there(unit: Unit, ministry: Ministry, dossier: Snapshot) -> list[str]:
    """Return the numbers of the unlinked records at a system that a dossier of ours may be.

    Those that a person has told apart from it are not among them.
    """
    ours = entry(dossier.code, dossier.fields)
    kept = unit.unpaired.of_marks(ministry.name, sought(ours))
    if not kept:
        return []
    theirs = [from_json(who) for who in kept.values()]
    apart = decided_apart(unit, ministry, [dossier.code])
    near = [one.theirs for one in matching.near(ours, matching.Index(theirs), told_apart=apart)]
    same = [
        one.key for one in theirs if (ours.key, one.key) not in apart and same_person(ours, one)
    ]
    return sorted({*near, *same})


def same_person(ours: Entry, theirs: Entry) -> bool:
    """Tell whether both bear one identity number or tax code, and nothing tells two procedures.

    That is asked about whatever else differs: before anything new is made a person looks at it.
    """
    mine, shown = known(ours), known(theirs)
    card = mine.card is not None and mine.card == shown.card
    tax = mine.tax is not None and mine.tax == shown.tax
    procedures = {mine.procedure, shown.procedure} - {None}
    return (card or tax) and len(procedures) <= 1


def decided_apart(
    unit: Unit, ministry: Ministry, codes: Collection[str] | None = None
) -> set[tuple[str, str]]:
    """Return the pairs (code, number) that a person has decided are two, of these dossiers."""
    decided = unit.conflicts.by_person(ministry.name, clerk.ALIKE, codes)
    return {(code, field.removeprefix(clerk.pair(""))) for code, field in decided}
