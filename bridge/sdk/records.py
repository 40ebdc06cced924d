"""The records that pass between the engine and an adapter. Frozen, plain, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias

from bridge.domain.dossier import Json
from bridge.sdk.documents import Document
from bridge.sdk.errors import AdapterError

__all__ = [
    "DOSSIER",
    "Absent",
    "Action",
    "Answer",
    "Applied",
    "Check",
    "Command",
    "Confirmation",
    "Page",
    "Probe",
    "Receipt",
    "Record",
    "Undecided",
    "Unreadable",
]


DOSSIER = "dossier"
"""The kind of a record that shows a dossier whole."""


class Action(StrEnum):
    """What a command asks of the system."""

    CREATE = "create"
    UPDATE = "update"
    STEP = "step"


@dataclass(frozen=True, slots=True)
class Command:
    """One write, already in the system's own words.

    ``key`` is stable over every attempt. ``version`` counts what was sent of this dossier to
    this system, from 1, and stays the same over attempts. ``ref`` is the system's number for
    the dossier, ``None`` before it gave one. ``known`` is the body of the last record received
    from the system for this dossier (``{}`` when none was): for what must be repeated to it.
    ``documents`` holds the files named ``{"document": id}`` in ``body``, and those whose addresses
    stand in it. ``attempt`` counts from 1; ``sent_before`` tells that an earlier attempt may have left traces.
    """

    key: str
    action: Action
    code: str
    ref: str | None
    body: Mapping[str, Any]
    version: int = 1
    known: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[str, Document] = field(default_factory=dict)
    attempt: int = 1
    sent_before: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The system took the command.

    ``ref`` is its number for the dossier when it gave one. ``proves`` is False when taking is
    not yet applying (a file laid down, a queue): the delivery is then accepted, not confirmed.
    ``body`` is the record as the system has it now, where the answer shows it. ``note`` is for
    the journal (``"was there already"``).
    """

    ref: str | None = None
    proves: bool = True
    body: Mapping[str, Any] | None = None
    note: str | None = None


Answer: TypeAlias = Receipt | AdapterError
"""What became of one command of a batch."""

Confirmation: TypeAlias = Receipt | AdapterError | None
"""What became of an accepted command; ``None`` when the system has not said yet."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A probe found the command's effect; ``count`` > 1 when the system holds it twice."""

    ref: str | None = None
    body: Mapping[str, Any] | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Absent:
    """A probe looked properly and found no trace of the command."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A probe could not tell; ``reason`` says why."""

    reason: str


Probe: TypeAlias = Applied | Absent | Undecided


@dataclass(frozen=True, slots=True)
class Record:
    """One dossier as a system shows it, in the system's words.

    ``ref`` is the system's number for it. ``version`` orders the versions of one record where
    the system counts them. ``at`` (aware) is the system's own time of the change, only where
    it has a time of day. ``body`` is what the mapping lifts: nested plain JSON. ``kind`` names the
    mapping (a key of ``Plugin.mappings``): a feed that shows only a part of a dossier, a status
    say, has a mapping of its own, and what that does not speak of stays as it is known.
    """

    ref: str
    body: Mapping[str, Any]
    version: int | None = None
    at: datetime | None = None
    kind: str = DOSSIER


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in a feed that could not be read; it is quarantined, its neighbours are not.

    ``name`` is a file name, ref or position; ``reason`` says where and what is wrong, without
    values; ``field`` is the source's own name of the field at fault, where it is known.
    """

    name: str
    reason: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a feed.

    ``cursor`` is where the next page starts: stored in the transaction that stores the records.
    ``more`` asks for the next page at once. ``token`` is handed to ``acknowledge`` after that
    commit; None where there is nothing to acknowledge. ``warnings`` are said aloud (a gap that
    can't be closed).
    """

    records: tuple[Record | Unreadable, ...]
    cursor: Json
    more: bool = False
    token: Any = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One finding of ``check``: what was looked at, whether it is well, and the detail.

    Plain English, or ``Said``, which the reader hears in their language if the catalogue has it.
    """

    name: str
    ok: bool
    detail: str
