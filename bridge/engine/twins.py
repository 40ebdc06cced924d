"""Before a record becomes a new dossier: may it be one that is there already?

Records that nobody has linked are held beside the dossiers that have none, a page at a time, and
beside those that have one: what was keyed at a ministry twice is two records of one dossier. What
the one-stop shows is seen before the transaction that writes; what is put in line in between is looked
at behind that (``like_posted``), and finds the marks of the records (``unpaired``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from bridge.domain import matching
from bridge.domain.delivery import IN_FLIGHT
from bridge.domain.dossier import Fields, Snapshot
from bridge.domain.matching.days import birth_of
from bridge.domain.matching.entry import Entry, Pair
from bridge.domain.matching.known import national
from bridge.domain.matching.names import NameIs, compare, name_of
from bridge.domain.matching.numbers import NumberIs, compare_taxes, numbers_of
from bridge.domain.matching.phones import phone_of
from bridge.engine.alike import entry, entry_of, text
from bridge.engine.apart import told_apart
from bridge.engine.house import House, Ministry
from bridge.engine.seen import Seen
from bridge.sdk.onestop import Likeness
from bridge.store import Delivery, Link
from bridge.store.links import OPEN, PARTED

MONTHS = 12
WEEK = timedelta(days=7)
"""What was received within a week of each other may be one dossier keyed twice."""

SUBJECTS = ("details.enterprise_name", "details.child.name")
"""Names of what a dossier is about, where that is not who hands it in."""


@dataclass(frozen=True, slots=True)
class Told:
    """A dossier or a record: what it is paired by, and all that is known of it.

    ``names`` is the dossier's code that a record carries. ``glimpsed``: a part of it can't be read, or
    is not told, so that nobody knows how like another it is.
    """

    entry: Entry
    fields: Fields
    names: str | None = None
    glimpsed: bool = False

    @classmethod
    def of(cls, ministry: Ministry, seen: Seen) -> Told:
        """Return what a record tells."""
        part = seen.glimpsed or not seen.whole
        return cls(entry_of(ministry, seen), seen.fields, seen.code, part)


def is_free(link: Link | None, line: Sequence[Delivery] = ()) -> bool:
    """Tell whether a dossier may get a record yet: none is known, and nothing is on its way.

    A parted one may: a person has said of one record that it is not the dossier's.
    """
    if link is None or link.state == PARTED:
        return True
    blank = link.state == OPEN and link.ref is None and link.base is None
    return blank and not any(one.state in IN_FLIGHT for one in line)


def like_any(
    house: House, ministry: Ministry, records: Sequence[Told]
) -> Mapping[str, Sequence[str]]:
    """Return, by their numbers, which dossiers these records may be, best first.

    Raises:
        OneStopFault: the one-stop database can't be read.
    """
    shown = _shown(house, ministry, [one.entry for one in records])
    return _beside(house, ministry, shown, records)


def like_posted(
    house: House, ministry: Ministry, records: Sequence[Told], after: int
) -> Mapping[str, Sequence[str]]:
    """Return which dossiers these records may be, of those put in line behind the delivery ``after``.

    Raises:
        OneStopFault: the one-stop database can't be read.
    """
    with house.store.read() as unit:
        codes = unit.outbox.posted_since(ministry.name, after)
    rows = house.onestop.fetch(sorted(codes)) if codes else {}
    shown = {code: one.fields for code, one in rows.items() if isinstance(one, Snapshot)}
    return _beside(house, ministry, shown, records)


def like_linked(
    house: House, ministry: Ministry, records: Sequence[Told]
) -> Mapping[str, Sequence[str]]:
    """Return, by their numbers, the linked dossiers of which these records may be another one.

    Raises:
        OneStopFault: the one-stop database can't be read.
    """
    shown = _shown(house, ministry, [one.entry for one in records])
    with house.store.read() as unit:
        has = unit.links.refs_of_codes(ministry.name, shown)
    return _beside(house, ministry, {code: shown[code] for code in has}, records)


def like_free(house: House, ministry: Ministry, records: Sequence[Entry]) -> list[Entry]:
    """Return the dossiers that may get a record yet and are found by what these records are found by.

    Those that were received, as where whole sides are looked at.

    Raises:
        OneStopFault: the one-stop database can't be read.
    """
    shown = _shown(house, ministry, records)
    received = {code: fields for code, fields in shown.items() if fields.get("received_at")}
    free = free_of(house, ministry, received)
    return [entry(code, fields) for code, fields in received.items() if code in free]


def free_of(house: House, ministry: Ministry, codes: Collection[str]) -> set[str]:
    """Return those of these dossiers that may get a record of a system yet."""
    name = ministry.name
    with house.store.read() as unit:
        links = unit.links.of_codes(codes)
        mine = {code: link for (code, system), link in links.items() if system == name}
        lines = unit.outbox.open_of_links([one.id for one in mine.values()])
    lines_of = {code: lines.get(link.id, []) for code, link in mine.items()}
    return {code for code in codes if is_free(mine.get(code), lines_of.get(code, ()))}


def _shown(house: House, ministry: Ministry, records: Sequence[Entry]) -> Mapping[str, Fields]:
    return house.onestop.alike(_likeness(ministry, records)) if records else {}


def _beside(
    house: House, ministry: Ministry, shown: Mapping[str, Fields], records: Sequence[Told]
) -> dict[str, Sequence[str]]:
    """Return, by their numbers, which of the dossiers ``shown`` these records may be."""
    ours = {code: Told(entry(code, fields), fields) for code, fields in shown.items()}
    if not ours:
        return {}
    with house.store.read() as unit:
        has = unit.links.refs_of_codes(ministry.name, ours)
        apart = told_apart(unit, ministry, ours)
    theirs = {one.entry.key: one for one in records}
    days = _days([one.entry for one in records])
    met = [
        one
        for code, one in ours.items()
        if code not in has or days is None or one.entry.received in days
    ]
    found: dict[str, list[Pair]] = defaultdict(list)
    for pair in matching.pairs([one.entry for one in met], [one.entry for one in records], apart):
        if pair.ours not in has or may_be_double(ours[pair.ours], theirs[pair.theirs]):
            found[pair.theirs].append(pair)
    free = [one.entry for one in met if one.entry.key not in has]
    same = same_person(free, [one.entry for one in records]) - apart
    twins = {}
    for ref in theirs:
        best = sorted(found[ref], key=lambda one: (-one.score, one.ours))
        others = sorted(code for code, there in same if there == ref)
        twins[ref] = tuple(dict.fromkeys([*(one.ours for one in best), *others]))
    return {ref: codes for ref, codes in twins.items() if codes}


def _days(entries: Iterable[Entry]) -> Collection[date | None] | None:
    """Return the days within a week of those on which these were received; ``None``: any may be."""
    days: set[date | None] = {None}
    for one in entries:
        if one.received is None:
            return None
        days |= {one.received + timedelta(days=n) for n in range(-WEEK.days, WEEK.days + 1)}
    return days


def _apart(one: Entry, other: Entry) -> timedelta:
    if one.received is None or other.received is None:
        return timedelta()
    return abs(one.received - other.received)


def may_be_one(ours: Entry, theirs: Entry) -> bool:
    """Tell whether a person is asked about two, by themselves."""
    return any(matching.pairs([ours], [theirs])) or bool(same_person([ours], [theirs]))


def may_be_double(one: Told, other: Told) -> bool:
    """Tell whether two that are alike, and of which one is linked, may be one dossier keyed twice.

    Received within a week of each other, as far as is known: in a year a person comes again with another
    dossier. And of one subject: who files for a firm, or for a child, files for others too.
    """
    return _apart(one.entry, other.entry) <= WEEK and not _of_others(one, other)


def _of_others(one: Told, other: Told) -> bool:
    """Tell whether two dossiers name two firms, or two children."""
    here, there = (numbers_of(some.entry.id_number, some.entry.tax_code) for some in (one, other))
    if here.tax and there.tax and compare_taxes(here.tax, there.tax) is NumberIs.DIFFERENT:
        return True
    for path in SUBJECTS:
        mine, shown = (name_of(text(some.fields.get(path))) for some in (one, other))
        if mine and shown and compare(mine, shown) in (NameIs.GIVEN, NameIs.DIFFERENT):
            return True
    return False


def _likeness(ministry: Ministry, entries: Sequence[Entry]) -> Likeness:
    births: dict[str, list[tuple[date, date]] | None] = {}
    for one in entries:
        for birth in _births(one):
            spans = births.setdefault(birth, [])
            if one.received is None:
                births[birth] = None
            elif spans is not None:
                spans.append((one.received - WEEK, one.received + WEEK))
    return Likeness(
        None if "*" in ministry.procedures else ministry.procedures,
        {number for one in entries for number in _numbers(one)},
        {phone for one in entries for phone in _phones(one)},
        {birth: tuple(spans or ()) for birth, spans in births.items()},
        _weeks(entries),
        matching.CROWD,
    )


def _weeks(entries: Iterable[Entry]) -> Collection[tuple[date, date]]:
    """Return the weeks around the days on which these were received."""
    days = {one.received for one in entries if one.received is not None}
    return [(day - WEEK, day + WEEK) for day in sorted(days)]


def _numbers(one: Entry) -> Iterator[str]:
    """Yield a number as it may stand there; what nobody has ("000000000") is none."""
    known = numbers_of(one.id_number, one.tax_code)
    keyed = [number for number in (one.id_number, one.tax_code) if _tells(number)]
    for number in (*keyed, known.card, known.tax):
        if number:
            yield number
            yield number.lstrip("0") or number


def _tells(number: str | None) -> bool:
    return number is not None and any(
        (told.card, told.tax) != (None, None)
        for told in (numbers_of(number, None), numbers_of(None, number))
    )


def _phones(one: Entry) -> Iterator[str]:
    if one.phone and (phone := phone_of(one.phone)) is not None:
        yield from (one.phone, phone, f"+84{phone[1:]}", f"84{phone[1:]}")


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


def same_person(ours: Iterable[Entry], theirs: Iterable[Entry]) -> set[tuple[str, str]]:
    """Return the pairs that bear one identity number or tax code, and of which nothing tells two procedures.

    They are asked about whatever else differs: before anything new is made a person looks at it.
    """
    by_number: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for one in ours:
        for number in _bears(one):
            by_number[number].append(one)
    return {
        (one.key, other.key)
        for other in theirs
        for number in _bears(other)
        for one in by_number.get(number, ())
        if len({national(one.procedure), national(other.procedure)} - {None}) <= 1
    }


def _bears(one: Entry) -> Iterator[tuple[str, str]]:
    known = numbers_of(one.id_number, one.tax_code)
    if known.card is not None:
        yield "card", known.card
    if known.tax is not None:
        yield "tax", known.tax
