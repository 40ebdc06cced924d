"""What the store gives out and takes in: frozen records, one a noun."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from bridge.domain.breaker import NO_CALLS, Calls, Stance
from bridge.domain.ceiling import NO_CEILING, NOTHING_SPENT, UNASKED, Ceiling, Spent
from bridge.domain.delivery import Failure, State
from bridge.domain.dossier import Json
from bridge.domain.stage import Stage


@dataclass(frozen=True, slots=True)
class Arrival:
    """A record to enter the inbox: from ``source``, about ``ref``, with this content.

    ``reason`` is set when it could not be read: it enters quarantined.
    """

    source: str
    ref: str
    content_hash: str
    payload: Json
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A record of the inbox that waits to be worked."""

    id: int
    source: str
    ref: str
    payload: Any
    attempts: int
    received_at: datetime
    content_hash: str


@dataclass(frozen=True, slots=True)
class SetAside:
    """A record that was set aside, and why; ``rule`` is the mapping's, where one failed.

    ``kept``: it was read, and can be worked again. What could not even be read is read again from
    its source when it changes there.
    """

    id: int
    source: str
    ref: str
    reason: str
    rule: str | None
    received_at: datetime
    kept: bool


@dataclass(frozen=True, slots=True)
class KnownDossier:
    """What the bridge last saw of a dossier in the one-stop database.

    ``captured_at`` is when it was last read, or written by the bridge itself.
    """

    code: str
    stamp: str
    changed_at: str
    content_hash: str
    procedure_code: str | None
    captured_at: datetime


@dataclass(frozen=True, slots=True)
class ProcedureVersion:
    """What a procedure was, by the columns of the one-stop's list, from when until when.

    ``valid_from`` is ``None`` for the first version known, ``valid_until`` for the one of now.
    """

    id: int
    code: str
    valid_from: datetime | None
    valid_until: datetime | None
    content: Mapping[str, Json]

    def held_at(self, moment: datetime) -> bool:
        """Tell whether it was the one valid at a moment."""
        begun = self.valid_from is None or self.valid_from <= moment
        return begun and (self.valid_until is None or moment < self.valid_until)


@dataclass(frozen=True, slots=True)
class CodeSpan:
    """What a code stood for: from ``valid_from`` (``None``: ever) until before ``valid_until``."""

    code: str
    name: str
    valid_from: date | None
    valid_until: date | None


@dataclass(frozen=True, slots=True)
class CodeListState:
    """How far a code list was read: ``read_at`` when it was last, ``trouble`` why not since."""

    version: int = 0
    read_at: datetime | None = None
    tried_at: datetime | None = None
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class CodeChanges:
    """What a reading changed of a list, by code; ``first``: nothing was known of it before."""

    first: bool
    added: tuple[str, ...] = ()
    renamed: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """Our dossier and its record in a system.

    ``base`` is what both sides last agreed on (``None``: nothing yet), ``theirs`` what the
    system last showed, both canonical; ``known`` is its last record in its own words.
    ``versions`` counts what was sent. ``stubborn`` counts, a path, how often the system showed
    something else than what it had accepted. ``rulings`` are what a person decided of fields
    (``domain.decide.Ruling``, as JSON). ``imported``: the ministry had keyed it, and the dossier was
    taken over from there. ``state``: ``open``, ``importing``, ``orphan``,
    ``pairing``, ``parted``, ``withdrawn`` (see ``store.links``).
    """

    id: int
    code: str
    system: str
    ref: str | None
    state: str
    shard: int
    base: Mapping[str, Json] | None
    theirs: Mapping[str, Json] | None
    known: Mapping[str, Any] | None
    theirs_hash: str | None
    theirs_version: int | None
    versions: int
    stubborn: Mapping[str, int]
    imported: bool = False
    rulings: Mapping[str, Mapping[str, Json]] | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One change on its way: ``fields`` is what to lower.

    ``kind`` is ``state`` (the dossier as a whole) or ``step`` (one progress row).
    """

    id: int
    link_id: int
    code: str
    system: str
    shard: int
    seq: int
    kind: str
    state: State
    priority: int
    fields: Mapping[str, Json]
    mapping: str | None
    step_id: str | None
    version: int | None
    attempts: int
    crashes: int
    absences: int
    asked: int
    cause: str | None
    error_code: str | None
    error_field: str | None
    error_text: str | None
    lease_owner: str | None
    lease_until: datetime | None
    failing_since: datetime | None
    failed_as: Failure | None
    failed_times: int
    call_ended_at: datetime | None
    due_at: datetime | None
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewDelivery:
    """A delivery to post. ``seq`` places it in its link's line; ``due_at``: not before then."""

    link_id: int
    code: str
    system: str
    shard: int
    seq: int
    kind: str
    fields: Mapping[str, Json]
    mapping: str
    step_id: str | None = None
    priority: int = 0
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Something only a person can decide."""

    id: int
    code: str
    system: str
    field: str
    why: str
    onestop: Json
    ministry: Json
    since: datetime
    resolved_at: datetime | None
    resolution: str | None


@dataclass(frozen=True, slots=True)
class NoticeRow:
    """A clerk's notice; ``owed`` is what the one-stop database must still be told."""

    id: str
    code: str
    system: str
    kind: str
    severity: str
    field: str | None
    text_vi: str
    at: datetime
    resolved_at: datetime | None = None
    owed: str | None = None


@dataclass(frozen=True, slots=True)
class Brake:
    """Where a system stands. ``state``: running, paused, held, maintenance, unreachable.

    ``failures`` counts the calls made in vain since it is left alone; for the rest see ``Stance``.
    ``stage`` is how far it was let in, ``None`` while nobody has looked (``engine.admission``).
    """

    name: str
    state: str
    reason: str | None
    until: datetime | None
    since: datetime
    failures: int = 0
    last_success_at: datetime | None = None
    next_poll_at: datetime | None = None
    calls: Calls = NO_CALLS
    probed_by: str | None = None
    probed_until: datetime | None = None
    stage: Stage | None = None

    @property
    def stance(self) -> Stance:
        """The part of it that calls decide about."""
        return Stance(
            self.state,
            self.reason,
            self.until,
            self.failures,
            self.calls,
            self.probed_by,
            self.probed_until,
        )


@dataclass(frozen=True, slots=True)
class Chosen:
    """Whom a person chose to go first: dossiers by code, the ministry's records by number."""

    codes: frozenset[str] = frozenset()
    refs: frozenset[str] = frozenset()


NOBODY = Chosen()


@dataclass(frozen=True, slots=True)
class Onboarding:
    """How a system is let in, or out.

    ``since`` is when its stage began, or, of one that runs, when its backlog was opened again. ``sent``
    and ``imported`` are what of the ``ceiling`` is used up, each way by itself. ``after`` is how far the
    walk through the one-stop has come, ``through`` that it is at its end. ``procedures`` are those it
    takes, as far as that was looked at. ``heir`` is the system that takes over from one that leaves. ``report`` is
    what the last look of this stage came to, ``looked_at`` when that was.
    """

    system: str
    since: datetime
    chosen: Chosen = NOBODY
    ceiling: Ceiling = NO_CEILING
    sent: Spent = NOTHING_SPENT
    imported: Spent = NOTHING_SPENT
    after: str | None = None
    through: bool = True
    procedures: frozenset[str] | None = None
    heir: str | None = None
    looked_at: datetime | None = None
    report: Mapping[str, Any] | None = None

    @property
    def pace(self) -> Ceiling:
        """The ceiling its backlog keeps to: a person's, or the one that holds where nobody set any."""
        return UNASKED if self.ceiling == NO_CEILING else self.ceiling


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to owe a receiver from ``due_at`` on, once an ``occasion``."""

    receiver: str
    kind: str
    occasion: str
    content: Mapping[str, Json]
    due_at: datetime
    alert_id: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message that was claimed to be sent; ``uncertain``: it may have been taken before."""

    id: int
    receiver: str
    kind: str
    occasion: str
    alert_id: int | None
    content: Mapping[str, Any]
    made_at: datetime
    attempts: int
    uncertain: bool


@dataclass(frozen=True, slots=True)
class ReceiverState:
    """How many messages wait for a receiver, how often one was tried, and why in vain."""

    name: str
    waiting: int
    attempts: int
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate a system shows, or of a file of ours; ``trouble`` when it can't be read now."""

    system: str
    place: str
    ends_at: datetime | None
    looked_at: datetime
    trouble: str | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How often an event was journalled, and how many deliveries it put in line."""

    entries: int
    deliveries: int


@dataclass(frozen=True, slots=True)
class SealedPayload:
    """What was ``sent``, or the ``answer``, of a delivery's attempt; ``key`` names its seal's."""

    code: str
    system: str
    delivery: int
    attempt: int
    what: str
    at: datetime
    key: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class JournalRow:
    """One entry of the journal as it stands in the chain."""

    n: int
    at: str
    code: str | None
    system: str | None
    event: str
    detail: Mapping[str, Json] = field(default_factory=dict)
    previous: str = ""
    hash: str = ""
