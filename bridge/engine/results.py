"""Room 8, the files: what a ministry issues is put into the one-stop's documents folder.

The files come before the transaction that writes their rows. Each has a name that depends on
nothing but system, dossier and content, so a crash between the two repeats neither. A file that
can't be taken in is set aside by itself: its record goes on.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from bridge.domain.dossier import Json
from bridge.domain.journal import Event
from bridge.domain.progress import result_id
from bridge.domain.results import Issued, gone, news, path_of
from bridge.domain.said import Said
from bridge.engine import ask, brake, clerk, code_lists
from bridge.engine.house import House, Ministry
from bridge.engine.seen import Seen
from bridge.mapping import MappingError
from bridge.sdk.documents import MB
from bridge.sdk.errors import ContractBroken, Rejected, Retryable
from bridge.sdk.records import Record
from bridge.sdk.results import ResultFault, ResultFile
from bridge.store import Arrival, Link, Unit

BETWEEN = "#"
"""Stands between a record's number and the mark of its file, in the inbox."""


@dataclass(frozen=True, slots=True)
class Aside:
    """A file that can't be taken in, and why."""

    issued: Issued
    fault: ResultFault


@dataclass(frozen=True, slots=True)
class Brought:
    """What of a record's files is in place, what was set aside, and what has no place at all.

    ``shown`` tells whether the record shows files its ministry issued.
    """

    rows: tuple[ResultFile, ...] = ()
    aside: tuple[Aside, ...] = ()
    left_out: int = 0
    shown: bool = False

    def settles(self, record_hash: str) -> str | None:
        """Return what tells whether the next version of the record is news: it is, with a file aside."""
        return None if self.aside else record_hash


NOTHING = Brought()


def bring(
    house: House, ministry: Ministry, link: Link, seen: Seen, ours: Mapping[str, Json]
) -> Brought:
    """Put the files of a record in place that are results and not in its dossier ``ours`` yet.

    Raises:
        AdapterError: one can't be had now; the brake is set, and the record waits.
        OneStopFault: the documents folder can't be written.
    """
    shown = _issued(ministry, seen)
    if not shown:
        return NOTHING
    rows: Any = ours.get("documents") or []
    fresh = news(shown, rows)
    if fresh and (handed_in := _handed_in(house, ministry, link)):
        fresh = tuple(one for one in fresh if one.sha256 not in handed_in)
    if not house.onestop.takes_results:
        return Brought(left_out=len(fresh), shown=True)
    placed: list[ResultFile] = []
    aside: list[Aside] = []
    for one in fresh:
        try:
            placed.append(_place(house, ministry, link, seen, one))
        except ResultFault as fault:
            aside.append(Aside(one, fault))
        except ContractBroken as broken:
            aside.append(Aside(one, ResultFault("wrong", broken.reason)))
        except Rejected as refused:  # the ministry's own words may hold a personal value
            words = Said("the ministry refuses to give it: {code}", code=refused.code)
            aside.append(Aside(one, ResultFault("wrong", words)))
    return Brought(tuple(placed), tuple(aside), shown=True)


def note(unit: Unit, ministry: Ministry, link: Link, seen: Seen, brought: Brought) -> None:
    """Note what became of a record's files, in the transaction that concludes it."""
    if not brought.shown:
        return
    for row in brought.rows:
        unit.journal.add(
            Event.RESULT, code=link.code, system=link.system, file=row.id, size=row.size
        )
    for one in brought.aside:
        _set_aside(unit, ministry, link, seen, one)
    prefix = _ref(link, seen, "")
    here = [one for one in unit.inbox.set_aside(ministry.name) if one.startswith(prefix)]
    over = gone([one.removeprefix(prefix) for one in here], [one.issued for one in brought.aside])
    unit.inbox.taken_back(ministry.name, [f"{prefix}{mark}" for mark in over])
    clerk.result_good(unit, ministry, link.code, over)
    if brought.left_out:
        unit.journal.add(
            Event.RESULTS_LEFT_OUT, code=link.code, system=link.system, count=brought.left_out
        )
        clerk.results_by_hand(unit, ministry, link.code)


def _set_aside(unit: Unit, ministry: Ministry, link: Link, seen: Seen, one: Aside) -> None:
    mark, reason = one.issued.mark, one.fault.reason
    arrival = Arrival(ministry.name, _ref(link, seen, mark), f"file:{reason}", None, reason)
    if unit.inbox.add([arrival]):
        unit.journal.add(
            Event.RESULT_ASIDE, code=link.code, system=link.system, file=mark, reason=reason
        )
    clerk.result_bad(unit, ministry, link.code, mark, one.fault.trouble)


def _issued(ministry: Ministry, seen: Seen) -> tuple[Issued, ...]:
    if not (ministry.capabilities.results and seen.whole):
        return ()
    return ministry.lens.issued(seen.body, seen.fields)


def _handed_in(house: House, ministry: Ministry, link: Link) -> set[str]:
    """Return the hashes of the files that the record showed before its ministry had decided.

    What an older mapping could read and this one can't told nothing.
    """
    lens = ministry.lens
    if not link.known:
        return set()
    try:
        before = lens.lift(link.known, code_lists.at_hand(house, ministry))
    except MappingError:
        return set()
    return set() if lens.decided(before) else {one.sha256 for one in lens.files(link.known)}


def _place(house: House, ministry: Ministry, link: Link, seen: Seen, one: Issued) -> ResultFile:
    if not one.hashed:
        raise ResultFault("wrong", Said("the record gives no sha256 of it"))
    key = result_id(link.system, link.code, one.sha256)
    path = path_of(key, one.file_name)
    record = Record(seen.ref, seen.body, seen.version)
    _may_be_asked(house, ministry)
    with (
        brake.heard(house, ministry),
        closing(ask.result(house, ministry, record, one.sha256)) as blocks,
    ):
        size = house.onestop.place(path, one.sha256, int(ministry.max_result_mb * MB), blocks)
    return ResultFile(
        key, one.name, one.file_name, one.media_type, size, one.sha256, path, one.result_code
    )


def _may_be_asked(house: House, ministry: Ministry) -> None:
    """Raise unless the system may be called now as often as one likes: a file can wait."""
    gate = brake.look(house, ministry)
    if gate.half or not gate.open:
        raise Retryable(gate.reason or gate.state)


def _ref(link: Link, seen: Seen, mark: str) -> str:
    return f"{seen.ref or link.ref or link.code}{BETWEEN}{mark}"
