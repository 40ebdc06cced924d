"""What would go to a system that is let in, and what would come in: made, weighed and counted.

Every dossier of the period that the system has nothing of is said in its words, with its papers
weighed, as if it were sent; every record that waits is read. Nothing goes anywhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bridge.domain.dossier import Snapshot
from bridge.domain.said import Both, Said
from bridge.domain.supplements import ready
from bridge.engine import admission, code_lists, papers
from bridge.engine.house import House, Ministry
from bridge.engine.post import OUT_OF_THEIR_HANDS, concerns_systems
from bridge.engine.reconcile import Terms
from bridge.engine.seen import lift
from bridge.engine.versions import as_received
from bridge.mapping import LiftError, Lists, ListUnread, LowerErrors
from bridge.sdk.documents import DocumentFault, DocumentTooLarge
from bridge.store import Waiting

NAMED_MOST = 5
"""How many dossiers or records a reason names."""


@dataclass
class Refusals:
    """Why some can't go, or come in: each reason with how many, and the first of them."""

    counts: dict[tuple[str, str | Said | Both], list[str]] = field(default_factory=dict)

    def add(self, what: str, why: str | Said | Both, name: str) -> None:
        """Note one: the field or paper at fault, the reason, the dossier or record."""
        self.counts.setdefault((what, why), []).append(name)

    def __iter__(self) -> Iterator[tuple[str, str | Said | Both, int, Sequence[str]]]:
        """Yield field, reason, how many, and the first of them, the most frequent first."""
        for (what, why), names in sorted(self.counts.items(), key=lambda one: -len(one[1])):
            yield what, why, len(names), names[:NAMED_MOST]


@dataclass
class Rehearsed:
    """What a dry run came to: ``create`` would be sent for the first time, ``steps`` are progress."""

    create: int = 0
    steps: int = 0
    known: int = 0
    readable: int = 0
    refused: Refusals = field(default_factory=Refusals)
    unreadable: Refusals = field(default_factory=Refusals)


def rehearse(house: House, ministry: Ministry, terms: Terms, there: frozenset[str]) -> Rehearsed:
    """Make what would go out of a period, and read what would come in.

    ``there`` are the dossiers that the system has already, as a comparison has shown.

    Raises:
        OneStopFault: the one-stop can't be read now.
        ListUnread: a code list that is needed was not read yet.
    """
    found = Rehearsed()
    lists = code_lists.at_hand(house, ministry)
    if ministry.capabilities.writes:
        for ours, bound in _dossiers(house, ministry, terms):
            if not bound or ours.code in there:
                found.known += 1
            else:
                _outward(house, ministry, ours, lists, found)
    _inward(house, ministry, lists, found)
    return found


def _dossiers(house: House, ministry: Ministry, terms: Terms) -> Iterator[tuple[Snapshot, bool]]:
    """Yield the dossiers of a period, and whether they would begin their way to the system."""
    procedures = None if "*" in ministry.procedures else ministry.procedures
    after: str | None = None
    while True:
        page = house.onestop.received(terms.since, terms.until, procedures, after, house.page)
        rows = [one for one in page.dossiers if isinstance(one, Snapshot)]
        with house.store.read() as unit:
            rows = as_received(unit, rows)
            bound = {one.code for one in admission.bound_for(unit, house, ministry, rows)}
        for one in rows:
            ended = one.get("status") in OUT_OF_THEIR_HANDS and not ministry.mirror
            if concerns_systems(one.fields) and not ended:
                yield one, one.code in bound
        if (after := page.after) is None:
            return


def _outward(
    house: House, ministry: Ministry, ours: Snapshot, lists: Lists, found: Rehearsed
) -> None:
    try:
        fields = ministry.carried(ready(ours.fields, None))
        body = ministry.lens.lower(fields, lists).body
        if ministry.lens.names_files:
            papers.weigh(ministry, papers.documents(house, fields, body))
        found.steps += _steps(ministry, ours, lists)
    except LowerErrors as error:
        for one in error.problems:
            found.refused.add(one.ours, Both(one.reason, one.text_vi), ours.code)
    except (DocumentTooLarge, DocumentFault) as fault:
        found.refused.add("documents", fault.said, ours.code)
    else:
        found.create += 1


def _steps(ministry: Ministry, ours: Snapshot, lists: Lists) -> int:
    rows = ours.get("progress")
    lens = ministry.step_lens
    if not ministry.capabilities.steps or lens is None or not isinstance(rows, list):
        return 0
    for row in rows:
        lens.lower({"code": ours.code, **row}, lists)
    return len(rows)


def _inward(house: House, ministry: Ministry, lists: Lists, found: Rehearsed) -> None:
    with house.store.read() as unit:
        waiting = unit.inbox.newest(ministry.name, house.waiting_most)
    for record in waiting:
        if "look" not in record.payload:
            _read(ministry, record, lists, found)


def _read(ministry: Ministry, record: Waiting, lists: Lists, found: Rehearsed) -> None:
    try:
        lift(ministry, record, lists)
    except LiftError as error:
        found.unreadable.add(error.path, Both(error.reason, error.told.text_vi), record.ref)
    except ListUnread as unread:
        found.unreadable.add("-", str(unread), record.ref)
    else:
        found.readable += 1
