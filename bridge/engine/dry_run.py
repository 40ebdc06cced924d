"""What would go to a system that is let in, and what would come in: made, weighed and counted.

Every dossier of the period that the system has nothing of is said in its words, with its papers
weighed, as if it were sent; every record that waits is read. Nothing goes anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bridge.domain.comparison import Kind
from bridge.domain.dossier import Json, Snapshot
from bridge.domain.said import Both, Said, as_json
from bridge.domain.supplements import ready
from bridge.engine import code_lists, entrance, papers
from bridge.engine.house import House, Ministry
from bridge.engine.post import OUT_OF_THEIR_HANDS, concerns_systems
from bridge.engine.reconcile import Terms
from bridge.engine.seen import lift
from bridge.engine.versions import as_received
from bridge.mapping import LiftError, Lists, ListUnread, LowerErrors
from bridge.sdk.documents import DocumentFault, DocumentTooLarge
from bridge.store import ComparedRow, Waiting

NAMED_MOST = 5
"""How many dossiers or records a reason names."""


@dataclass
class Refusals:
    """Why some can't go, or come in: each reason with how many, and the first of them, as plain JSON."""

    rows: dict[str, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[Any]) -> Refusals:
        """Go on with what was counted before."""
        return cls({_key(one["field"], one["reason"]): one for one in rows})

    def add(self, what: str, why: str | Said | Both, name: str) -> None:
        """Note one: the field or paper at fault, the reason, the dossier or record."""
        reason = as_json(why)
        blank: dict[str, Any] = {"field": what, "reason": reason, "count": 0, "first": []}
        row = self.rows.setdefault(_key(what, reason), blank)
        row["count"] += 1
        if len(row["first"]) < NAMED_MOST:
            row["first"].append(name)

    def as_json(self) -> list[Json]:
        """Return field, reason, how many, and the first of them, the most frequent first."""
        rows: list[Any] = sorted(self.rows.values(), key=lambda one: -int(one["count"]))
        return rows


def _key(what: str, reason: Json) -> str:
    return f"{what} {json.dumps(reason, ensure_ascii=False, sort_keys=True)}"


@dataclass
class Rehearsed:
    """What a dry run has come to: ``create`` would be sent for the first time, ``steps`` are progress.

    ``known`` are there or linked already. ``after`` is how far the one-stop was gone through.
    """

    create: int = 0
    steps: int = 0
    known: int = 0
    readable: int = 0
    refused: Refusals = field(default_factory=Refusals)
    unreadable: Refusals = field(default_factory=Refusals)
    after: str | None = None

    @property
    def tried(self) -> int:
        """How many dossiers were gone through."""
        refused = sum(int(one["count"]) for one in self.refused.rows.values())
        return self.create + self.known + refused


def rehearse(house: House, ministry: Ministry, terms: Terms, comparison: int) -> Rehearsal:
    """Begin to make what would go out of a period; ``comparison`` has shown what the system has.

    Raises:
        ListUnread: a code list that is needed was not read yet.
    """
    return Rehearsal(house, ministry, terms, comparison, code_lists.at_hand(house, ministry))


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """A dry run under way, a page of dossiers at a time."""

    house: House
    ministry: Ministry
    terms: Terms
    comparison: int
    lists: Lists

    def pages(self, found: Rehearsed) -> Iterator[Rehearsed]:
        """Make what would go out, from where ``found`` stands; yields it after each page but the last.

        Raises:
            OneStopFault: the one-stop can't be read now.
        """
        if not self.ministry.capabilities.writes:
            return
        procedures = None if "*" in self.ministry.procedures else self.ministry.procedures
        since, until, most = self.terms.since, self.terms.until, self.house.page
        while True:
            page = self.house.onestop.received(since, until, procedures, found.after, most)
            self._page([one for one in page.dossiers if isinstance(one, Snapshot)], found)
            if page.after is None:
                return
            found.after = page.after
            yield found

    def _page(self, rows: Sequence[Snapshot], found: Rehearsed) -> None:
        with self.house.store.read() as unit:
            rows = as_received(unit, rows)
            bound = {one.code for one in entrance.bound_for(unit, self.house, self.ministry, rows)}
            kept = unit.comparisons.of_keys(self.comparison, [one.code for one in rows])
        there = {code for code, one in kept.items() if _is_there(one)}
        for ours in rows:
            ended = ours.get("status") in OUT_OF_THEIR_HANDS and not self.ministry.mirror
            if ended or not concerns_systems(ours.fields):
                continue
            if ours.code in bound and ours.code not in there:
                _outward(self.house, self.ministry, ours, self.lists, found)
            else:
                found.known += 1

    def records(self, found: Rehearsed) -> None:
        """Read what would come in."""
        with self.house.store.read() as unit:
            waiting = unit.inbox.newest(self.ministry.name, self.house.waiting_most)
        for record in waiting:
            if "look" not in record.payload:
                _read(self.ministry, record, self.lists, found)


def _is_there(row: ComparedRow) -> bool:
    """Tell whether a system has a dossier, as a comparison found it: what is in step is linked."""
    known = row.kind is Kind.ON_ITS_WAY and row.finding.get("ref") is not None
    return known or row.kind in (Kind.DIFFERENT, Kind.DUPLICATES)


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


def _read(ministry: Ministry, record: Waiting, lists: Lists, found: Rehearsed) -> None:
    try:
        lift(ministry, record, lists)
    except LiftError as error:
        found.unreadable.add(error.path, Both(error.reason, error.told.text_vi), record.ref)
    except ListUnread as unread:
        found.unreadable.add("-", str(unread), record.ref)
    else:
        found.readable += 1
