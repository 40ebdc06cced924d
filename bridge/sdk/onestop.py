"""The interface between the engine and a province's one-stop database.

The one-stop side is not one ministry more: its rows are the canonical dossier, it is written in
transactions, and it can say whether a row moved under our hands. So it has its own protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol, runtime_checkable

from pydantic import BaseModel

from bridge.domain.dossier import Fields, Json, Snapshot
from bridge.sdk.catalogue import Procedure, Withdrawn
from bridge.sdk.documents import Document
from bridge.sdk.records import Check, Unreadable
from bridge.sdk.results import ResultFile

__all__ = [
    "Amended",
    "Amendment",
    "Captured",
    "Known",
    "Likeness",
    "Moved",
    "NewDossier",
    "Notice",
    "OneStop",
    "OneStopChange",
    "OneStopContext",
    "OneStopFault",
    "OneStopPlugin",
    "Paper",
    "Received",
    "Reception",
    "Seen",
    "Step",
    "Supplement",
    "Unchanged",
]

Seen = Callable[[Collection[tuple[str, str]]], Collection[str]]
"""Given ``(code, changed_at)`` pairs, return the codes whose content is known already.

``changed_at`` is the text a snapshot of that dossier carries in ``extra["changed_at"]``: the
caller keeps it beside what it knows of the dossier and compares for equality.
"""


Known = Callable[[Mapping[str, str]], Collection[str]]
"""Given a mark for each code, return the codes whose rows are known by it: nothing of them is read.

A mark stands for all that the rows of a dossier hold of what is asked for, the procedure's and the
agencies' names where they are among it: rows that differ in any of it have another. It may differ where nothing has changed but the way the
database gives its rows. A dossier for which there is no mark is not asked about.
"""


class OneStopFault(Exception):  # noqa: N818 - a fault of the database, not of the program
    """The one-stop database can't be used now: unreachable, locked, read-only, or other than told.

    ``transient`` tells whether waiting may help (locked, unreachable) or a person must act
    (read-only, a missing column: ``reason`` names table and column). ``code`` is the dossier
    when the database refused only what was written to that one (a constraint, an unknown
    procedure), ``None`` when it concerns every dossier.
    """

    def __init__(self, reason: str, *, transient: bool, code: str | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.transient = transient
        self.code = code


class Moved(Exception):  # noqa: N818 - an event, not an error
    """The row is not the one the change was decided against; nothing was written."""


@dataclass(frozen=True, slots=True)
class Captured:
    """One page of what changed in the one-stop database.

    ``snapshots`` are those the caller has not seen; ``cursor`` is where the next page starts.
    """

    snapshots: tuple[Snapshot | Unreadable, ...]
    cursor: Json
    more: bool


@dataclass(frozen=True, slots=True)
class Unchanged:
    """A dossier known by its mark.

    ``fields`` are ``received_at``, ``agency.code`` and ``procedure.code``, in canonical form.
    """

    code: str
    fields: Fields


@dataclass(frozen=True, slots=True)
class Received:
    """One page of the dossiers received in a period; ``after`` is where the next one starts.

    ``None``: there is none. A page may be empty and lead on all the same.
    """

    dossiers: tuple[Snapshot | Unreadable, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Reception:
    """One page of which dossiers were received in a period, and on which day (``YYYY-MM-DD``).

    ``days`` are pairs of code and day; ``after`` is where the next page starts, as in ``Received``.
    One whose time of reception can't be read is told of on the first day of the period.
    """

    days: tuple[tuple[str, str], ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Step:
    """One progress row to append. ``id`` is deterministic: appended twice, it is there once.

    ``at`` is the ministry's time, ``None`` when it has none (then the time of storing);
    never stored before the dossier's last row.
    """

    id: str
    status: int
    at: datetime | None
    source: str
    note: str | None = None
    unit_name: str | None = None


@dataclass(frozen=True, slots=True)
class Supplement:
    """A supplement request to open; deterministic id like ``Step``."""

    id: str
    requested_at: datetime | None
    requested_by: str
    request: str


@dataclass(frozen=True, slots=True)
class OneStopChange:
    """What a ministry's change does to one dossier: all of it, or nothing.

    ``fields`` maps canonical paths to new values (``status``, ``details.certificate_number``).
    The files of ``results`` lie in the documents folder already.
    """

    fields: Mapping[str, Json] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    results: tuple[ResultFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Amendment:
    """A change to the dossier ``code``, decided about when its row bore ``stamp``."""

    code: str
    change: OneStopChange
    stamp: str


Amended = Snapshot | Moved | OneStopFault
"""What became of an amendment: the dossier as it is then, or why nothing was written of it."""


@dataclass(frozen=True, slots=True)
class NewDossier:
    """A dossier that exists only at a ministry, to be inserted under ``code`` if absent."""

    code: str
    fields: Mapping[str, Json]
    steps: tuple[Step, ...] = ()
    supplements: tuple[Supplement, ...] = ()
    results: tuple[ResultFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the one-stop: the dossier it belongs to, and its row of ``documents``."""

    code: str
    row: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Likeness:
    """What dossiers of some people may have in their columns, in every spelling there is of it.

    ``procedures`` narrows what is looked at (``None``: to nothing). A birth date counts only for a
    dossier that was received (or, not received yet, submitted) from the first to the last day of one
    of its spans; without spans, and where nobody knows the day, it counts whenever that was.

    What more than ``crowd`` dossiers share (a firm's number, the telephone of who files for others) finds
    only those of ``days``, the weeks around the people's own days; where more share it then too, it finds none by
    itself. So however many dossiers bear a number, some hundreds are told of.
    """

    procedures: Collection[str] | None
    id_numbers: Collection[str] = ()
    phones: Collection[str] = ()
    births: Mapping[str, Collection[tuple[date, date]]] = field(default_factory=dict)
    days: Collection[tuple[date, date]] = ()
    crowd: int = 200


@dataclass(frozen=True, slots=True)
class Notice:
    """What a clerk must know or do; ``severity`` is ``info`` or ``action``.

    ``field`` is the one-stop column or details key to mend, ``None`` when there is none.
    """

    id: str
    code: str
    system: str
    severity: str
    field: str | None
    text_vi: str
    at: datetime


@runtime_checkable
class OneStop(Protocol):
    """A one-stop database. Every method raises ``OneStopFault`` when it can't be used."""

    def check(self) -> Iterable[Check]:
        """Look at the connection, tables, columns, rights and clock; never raises."""
        ...

    def changes(self, cursor: Json, seen: Seen, limit: int) -> Captured:
        """Return up to ``limit`` snapshots changed since ``cursor`` that ``seen`` does not know.

        Reads from the watermark less the overlap (10 minutes), in order of
        ``(updated_at, code)``; the watermark never passes the engine's own clock. An adapter may
        read most of the overlap less often than it is asked, each process first of all.
        """
        ...

    def fetch(self, codes: Sequence[str]) -> Mapping[str, Snapshot | Unreadable]:
        """Return the dossiers with these codes as they are now; absent codes are left out."""
        ...

    def fetch_unknown(
        self, codes: Sequence[str], known: Known, paths: frozenset[str]
    ) -> Mapping[str, Snapshot | Unreadable | Unchanged]:
        """Return of these dossiers the ``paths`` alone, of those that are ``known`` only that.

        A snapshot of some paths has no stamp and no hash: it is looked at, and nothing is decided by
        it. All ``details`` come with one. Of what is known no row is read, and what is not asked for
        does not make a dossier unreadable.
        ``known`` is asked once, or for parts of them where a value stops the whole answer.
        """
        ...

    def marks(self, codes: Sequence[str], paths: frozenset[str]) -> Mapping[str, str]:
        """Return the marks that ``fetch_unknown`` tells of the same dossiers and ``paths``.

        Left out is what is absent, and what has no mark.
        """
        ...

    def present(self, codes: Collection[str]) -> Collection[str]:
        """Return those of these codes that are in the database: a look at the keys alone."""
        ...

    def received(
        self,
        since: date,
        until: date,
        procedures: Collection[str] | None,
        after: str | None,
        limit: int,
    ) -> Received:
        """Return a page of the dossiers received from ``since`` to ``until``, both included.

        Days are Vietnam's. Only dossiers of these procedures (``None``: of all), at most ``limit``,
        each once in an order of the database's own; ``after`` is what the page before ended with.
        """
        ...

    def reception(
        self,
        since: date,
        until: date,
        procedures: Collection[str] | None,
        after: str | None,
        limit: int,
    ) -> Reception:
        """Return on which day each dossier was received, and no more of it; else as ``received``."""
        ...

    def apply(self, amendments: Sequence[Amendment]) -> Sequence[Amended]:
        """Write changes, each of another dossier and each whole or not at all; one answer each.

        ``Moved`` answers one whose row no longer bears the stamp (or is gone), and a fault with
        its code one that the database refuses; the others are written all the same.
        """
        ...

    def insert(self, dossiers: Sequence[NewDossier]) -> Sequence[Snapshot | OneStopFault]:
        """Insert those whose code is not there already, each whole or not at all; one answer each.

        That is the dossier as it is then. A fault with its code answers one that the database refuses;
        the others are inserted all the same.
        """
        ...

    def alike(self, people: Likeness) -> Mapping[str, Mapping[str, Json]]:
        """Return the dossiers that may be of one of these people, by code: any of it is the same.

        Of each what dossiers are paired by, canonical: ``applicant.id_number``, ``id_type``,
        ``name``, ``birth_date`` and ``phone``, ``procedure.code``, ``received_at``,
        ``submitted_at`` and all ``details``. What can't be read is left out. However many people
        are asked about, the database is gone through once.
        """
        ...

    def procedures(self) -> Mapping[str, Mapping[str, Json]]:
        """Return the procedures by code: name, sector, agency_code, processing time, active."""
        ...

    def agencies(self) -> Mapping[str, str]:
        """Return the names of agencies by code."""
        ...

    def publish(self, procedures: Sequence[Procedure | Withdrawn]) -> Sequence[Unreadable]:
        """Bring the list of procedures up to date with these, all of them or none.

        A procedure is added, or its columns that differ are written, the others stay; one that
        is withdrawn stays too, not active. Returns those left out, for the database knows no
        agency (or several) by that code or name.
        """
        ...

    def paper(self, document_id: str) -> Paper | None:
        """Return the document with this id as it is now, ``None`` when there is none."""
        ...

    def document(self, row: Mapping[str, Json]) -> Document:
        """Return the file of a row of the ``documents`` path (not opened, not proved)."""
        ...

    @property
    def takes_results(self) -> bool:
        """Whether files that ministries issue have a place here; else nothing of them is written."""
        ...

    def place(self, path: str, sha256: str, most: int, blocks: Iterable[bytes]) -> int:
        """Put an issued file into the documents folder, whole and lasting; returns its size.

        ``path`` is relative to that folder. ``blocks`` are not asked for when the file is there
        already. ``most`` is in bytes. What ``blocks`` raises passes through, and leaves nothing.

        Raises:
            ResultFault: it is too large, or not the one whose hash is known; it is not there.
        """
        ...

    def notify(self, notices: Sequence[Notice]) -> None:
        """Write notices; one that is there already is left as it is."""
        ...

    def resolve(self, notice_ids: Sequence[str], at: datetime) -> None:
        """Mark notices as resolved; unknown ids are ignored."""
        ...

    def close(self) -> None:
        """Let go of connections; harmless when called twice."""
        ...


@dataclass(frozen=True, slots=True)
class OneStopContext:
    """What the engine hands a one-stop adapter; ``now`` is the engine's clock (aware)."""

    folder: Path
    now: Callable[[], datetime]


class Invent(Protocol):
    """Fills a created database with a catalogue and ``n`` invented dossiers."""

    def __call__(
        self,
        options: BaseModel,
        context: OneStopContext,
        n: int,
        seed: int,
        procedures: Collection[str] | None = None,
    ) -> Sequence[str]:
        """Return the codes of the dossiers; the same seed invents the same people."""
        ...


@dataclass(frozen=True, slots=True)
class OneStopPlugin:
    """What a one-stop adapter offers under the entry point ``dossier_bridge.adapters``.

    ``create`` makes the empty tables where the options say (``init``, ``demo``). ``invent``
    fills a created database with a catalogue and this many invented dossiers, from this seed,
    and returns their codes.
    """

    name: str
    title: str
    options: type[BaseModel]
    build: Callable[[BaseModel, OneStopContext], OneStop]
    create: Callable[[BaseModel, OneStopContext], None] | None = None
    invent: Invent | None = None
