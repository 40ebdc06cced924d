"""The schema of the bridge's own state, on SQLite and PostgreSQL alike.

Every table serves one noun of ARCHITECTURE.md. Hot paths use Core statements on the tables
named at the end; the SQLModel classes are the schema and what the screens read.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, MetaData, SQLModel

from bridge.store.columns import Instant, JsonText, SaidText

metadata = MetaData()

#: SQLite numbers rows by itself only in an INTEGER primary key.
_BIG = BigInteger().with_variant(Integer, "sqlite")


def _key() -> Any:
    return Field(default=None, sa_column=Column(_BIG, primary_key=True, autoincrement=True))


def _instant(*, nullable: bool = True) -> Any:
    return Field(default=None, sa_column=Column(Instant, nullable=nullable))


def _json() -> Any:
    return Field(default=None, sa_column=Column(JsonText))


def _of_comparison() -> Any:
    return Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))


class _Row(SQLModel):
    metadata = metadata


class CursorRow(_Row, table=True):
    """How far a source has been read."""

    __tablename__ = "cursor"
    source: str = Field(primary_key=True)
    value: Any = _json()
    updated_at: datetime = _instant(nullable=False)


class InboxRow(_Row, table=True):
    """A record read and not yet worked, or one that could not be read (quarantined)."""

    __tablename__ = "inbox"
    __table_args__ = (
        Index("inbox_ref", "source", "ref", "id"),
        Index("inbox_due", "source", "state", "due_at", "id"),
    )
    id: int = _key()
    source: str
    ref: str
    content_hash: str
    payload: Any = _json()
    state: str
    reason: str | None
    rule: str | None
    attempts: int = 0
    received_at: datetime = _instant(nullable=False)
    due_at: datetime = _instant(nullable=False)


class DossierRow(_Row, table=True):
    """What the bridge last saw of a dossier in the one-stop database."""

    __tablename__ = "dossier"
    code: str = Field(primary_key=True)
    stamp: str
    changed_at: str
    content_hash: str
    procedure_code: str | None
    captured_at: datetime = _instant(nullable=False)


class LinkRow(_Row, table=True):
    """Our dossier and its record in one system, with what both sides last agreed on."""

    __tablename__ = "link"
    __table_args__ = (
        UniqueConstraint("code", "system", name="link_code"),
        UniqueConstraint("system", "ref", name="link_ref"),
        Index(
            "link_orphan",
            "system",
            "code",
            sqlite_where=text("state = 'orphan'"),
            postgresql_where=text("state = 'orphan'"),
        ),
    )
    id: int = _key()
    code: str
    system: str
    ref: str | None
    state: str
    imported: bool = False
    shard: int
    base: Any = _json()
    theirs: Any = _json()
    known: Any = _json()
    theirs_hash: str | None
    theirs_version: int | None = Field(default=None, sa_column=Column(BigInteger))
    versions: int = 0
    stubborn: Any = _json()
    rulings: Any = _json()
    created_at: datetime = _instant(nullable=False)


class AgreementRow(_Row, table=True):
    """What both sides of a link showed when they were last found in step (marks, no values).

    ``day``: when the one-stop received the dossier.
    """

    __tablename__ = "agreement"
    __table_args__ = (Index("agreement_day", "system", "day"),)
    system: str = Field(primary_key=True)
    code: str = Field(primary_key=True)
    link_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    day: date
    ours: str
    theirs: str


class ImprintRow(_Row, table=True):
    """What both sides of some days showed as a whole, and what of them was not agreed; no values.

    ``in_step`` counts the agreed dossiers by place, ``signs`` holds eight bytes of each. ``here`` and
    ``there`` are the positions of the dossiers and of the records that are none of them.
    """

    __tablename__ = "imprint"
    system: str = Field(primary_key=True)
    since: date = Field(primary_key=True)
    until: date
    ours: str
    theirs: str
    in_step: Any = _json()
    signs: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    here: Any = _json()
    there: Any = _json()
    used_at: datetime = _instant(nullable=False)


class DeliveryRow(_Row, table=True):
    """One change on its way to one system."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("link_id", "step_id", name="delivery_step_once"),
        Index("delivery_line", "link_id", "seq"),
        Index(
            "delivery_sendable",
            "system",
            "shard",
            text("priority DESC"),
            "id",
            sqlite_where=text("state IN ('pending', 'held')"),
            postgresql_where=text("state IN ('pending', 'held')"),
        ),
        Index("delivery_state", "system", "state", "id"),
        Index("delivery_code", "code"),
        Index(
            "delivery_gone_over",
            "settled_at",
            sqlite_where=text("state = 'confirmed' AND fields <> '{}'"),
            postgresql_where=text("state = 'confirmed' AND fields <> '{}'"),
        ),
    )
    id: int = _key()
    link_id: int = Field(sa_column=Column(BigInteger, nullable=False))
    code: str
    system: str
    shard: int
    seq: int = Field(sa_column=Column(BigInteger, nullable=False))
    kind: str
    state: str
    priority: int = 0
    fields: Any = _json()
    mapping: str | None
    step_id: str | None
    version: int | None
    attempts: int = 0
    crashes: int = 0
    absences: int = 0
    asked: int = 0
    cause: str | None
    error_code: str | None
    error_field: str | None
    error_text: str | None = Field(default=None, sa_column=Column(SaidText, nullable=True))
    lease_owner: str | None
    lease_until: datetime | None = _instant()
    failing_since: datetime | None = _instant()
    failed_as: str | None
    failed_times: int = 0
    call_ended_at: datetime | None = _instant()
    due_at: datetime | None = _instant()
    created_at: datetime = _instant(nullable=False)
    sent_at: datetime | None = _instant()
    settled_at: datetime | None = _instant()


class ConflictRow(_Row, table=True):
    """Something both sides changed that only a person can decide."""

    __tablename__ = "conflict"
    __table_args__ = (
        Index("conflict_open", "code", "system", "field", "resolved_at"),
        Index("conflict_since", "resolved_at", "since"),
        Index("conflict_about", "system", "field"),
    )
    id: int = _key()
    code: str
    system: str
    field: str
    why: str
    onestop: Any = _json()
    ministry: Any = _json()
    since: datetime = _instant(nullable=False)
    resolved_at: datetime | None = _instant()
    resolution: str | None


class UnpairedRow(_Row, table=True):
    """A record that a dossier keyed here may be, under marks of whose it is: no value, nor a name.

    ``until`` is when it is forgotten; ``None``: it waits in the inbox, and goes with it.
    """

    __tablename__ = "unpaired"
    __table_args__ = (Index("unpaired_mark", "system", "mark"),)
    system: str = Field(primary_key=True)
    ref: str = Field(primary_key=True)
    mark: str = Field(primary_key=True)
    until: datetime | None = _instant()


class MarkKeyRow(_Row, table=True):
    """With which key the marks are made: one row, the key's fingerprint and never the key."""

    __tablename__ = "mark_key"
    id: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    fingerprint: str
    since: datetime = _instant(nullable=False)


class NoticeRowTable(_Row, table=True):
    """A clerk's notice on its way into (or resolved in) the one-stop database."""

    __tablename__ = "notice"
    __table_args__ = (Index("notice_code", "code", "system"), Index("notice_owed", "owed"))
    id: str = Field(primary_key=True)
    code: str
    system: str
    kind: str
    severity: str
    field: str | None
    text_vi: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = _instant(nullable=False)
    resolved_at: datetime | None = _instant()
    owed: str | None


class SystemRow(_Row, table=True):
    """Where a system stands: running, paused, held, closed, unreachable; how its calls went."""

    __tablename__ = "system"
    name: str = Field(primary_key=True)
    state: str
    reason: Any = _json()
    until: datetime | None = _instant()
    since: datetime = _instant(nullable=False)
    failures: int = 0
    good: float = 0.0
    bad: float = 0.0
    probed_by: str | None
    probed_until: datetime | None = _instant()
    free_at: datetime | None = _instant()
    last_success_at: datetime | None = _instant()
    next_poll_at: datetime | None = _instant()
    stage: str | None


class OnboardingRow(_Row, table=True):
    """How a system is let in, or out: whom a person chose, under which ceiling, how far it is."""

    __tablename__ = "onboarding"
    system: str = Field(primary_key=True)
    since: datetime = _instant(nullable=False)
    chosen: Any = _json()
    ceiling: Any = _json()
    spent: Any = _json()
    after: str | None
    through: bool = False
    procedures: Any = _json()
    heir: str | None
    looked_at: datetime | None = _instant()
    report: Any = _json()


class LatecomerRow(_Row, table=True):
    """A dossier that a system whose backlog is open may miss; noted as often as it is seen.

    ``due_at``: the system gave no answer whether it has it already, and is not asked before.
    """

    __tablename__ = "latecomer"
    __table_args__ = (
        Index("latecomer_system", "system", "id"),
        Index(
            "latecomer_unanswered",
            "system",
            "code",
            sqlite_where=text("due_at IS NOT NULL"),
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )
    id: int = _key()
    system: str
    code: str
    due_at: datetime | None = _instant()


class ShardRow(_Row, table=True):
    """Who works a shard now, until when."""

    __tablename__ = "shard"
    system: str = Field(primary_key=True)
    shard: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    owner: str
    until: datetime = _instant(nullable=False)


class ImportNumberRow(_Row, table=True):
    """The last number given to an imported dossier of one agency and day."""

    __tablename__ = "import_number"
    prefix: str = Field(primary_key=True)
    last: int


class ProcedureVersionRow(_Row, table=True):
    """What a procedure was from when until when; the first one known has no beginning."""

    __tablename__ = "procedure_version"
    __table_args__ = (
        Index("procedure_version_code", "code", "id"),
        Index(
            "procedure_version_now",
            "code",
            unique=True,
            sqlite_where=text("valid_until IS NULL"),
            postgresql_where=text("valid_until IS NULL"),
        ),
    )
    id: int = _key()
    code: str
    valid_from: datetime | None = _instant()
    valid_until: datetime | None = _instant()
    content: Any = _json()


class CodeListRow(_Row, table=True):
    """How far a system's code list was read; ``version`` moves with every change of its spans."""

    __tablename__ = "code_list"
    system: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    version: int = 0
    read_at: datetime | None = _instant()
    tried_at: datetime | None = _instant()
    trouble: Any = _json()


class CodeSpanRow(_Row, table=True):
    """What a code of a list stood for, from which day until which; one without an end is of now."""

    __tablename__ = "code_span"
    __table_args__ = (
        Index("code_span_list", "system", "list", "id"),
        Index(
            "code_span_now",
            "system",
            "list",
            "code",
            unique=True,
            sqlite_where=text("valid_until IS NULL"),
            postgresql_where=text("valid_until IS NULL"),
        ),
    )
    id: int = _key()
    system: str
    list: str
    code: str
    name: str
    valid_from: date | None
    valid_until: date | None


class AlertRow(_Row, table=True):
    """Something that waits too long: open once a matter and subject, and when it was over."""

    __tablename__ = "alert"
    __table_args__ = (
        Index(
            "alert_open",
            "matter",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )
    id: int = _key()
    matter: str
    subject: str
    stage: int
    severity: str
    opened_at: datetime = _instant(nullable=False)
    closed_at: datetime | None = _instant()


class MessageRow(_Row, table=True):
    """A message to a receiver: an alert that opened or closed, a digest; until it was taken."""

    __tablename__ = "message"
    __table_args__ = (
        Index(
            "message_waiting",
            "receiver",
            "id",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
        Index("message_alert", "alert_id"),
        UniqueConstraint("kind", "receiver", "occasion", name="message_once"),
    )
    id: int = _key()
    receiver: str
    kind: str
    occasion: str
    alert_id: int | None = Field(default=None, sa_column=Column(BigInteger))
    content: Any = _json()
    made_at: datetime = _instant(nullable=False)
    due_at: datetime = _instant(nullable=False)
    attempts: int = 0
    uncertain: bool = False
    lease_until: datetime | None = _instant()
    done_at: datetime | None = _instant()
    sent: bool = False
    trouble: Any = _json()


class SightingRow(_Row, table=True):
    """When something was last seen to be well: a feed read, the one-stop database reached."""

    __tablename__ = "sighting"
    matter: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    well_at: datetime = _instant(nullable=False)


class CertificateRow(_Row, table=True):
    """When a certificate ends that a system shows, or that lies in a file of ours."""

    __tablename__ = "certificate"
    system: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    ends_at: datetime | None = _instant()
    looked_at: datetime = _instant(nullable=False)
    trouble: Any = _json()


class TallyRow(_Row, table=True):
    """How often each event stands in the journal, and how many deliveries were posted by it."""

    __tablename__ = "tally"
    system: str = Field(primary_key=True)
    event: str = Field(primary_key=True)
    entries: int = Field(sa_column=Column(BigInteger, nullable=False))
    deliveries: int = Field(sa_column=Column(BigInteger, nullable=False))


class PayloadRow(_Row, table=True):
    """What was sent, or answered, of a delivery's attempt: sealed."""

    __tablename__ = "payload"
    __table_args__ = (Index("payload_code", "code", "id"), Index("payload_at", "at"))
    id: int = _key()
    code: str
    system: str
    delivery: int = Field(sa_column=Column(BigInteger, nullable=False))
    attempt: int
    what: str
    at: datetime = _instant(nullable=False)
    key: str
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ComparisonRow(_Row, table=True):
    """A comparison of both sides: ``made_at`` and ``counts`` once it is whole.

    ``unasked``: the timetable made it; ``settled_at``: what may be repaired of it unasked has been.
    ``rules`` is a hash of what it rests on. ``worker`` compares, or reads what was found, until
    ``worked_until``, unless it dies; ``None`` once what was found was let go of.
    """

    __tablename__ = "comparison"
    __table_args__ = (Index("comparison_system", "system", "id"),)
    id: int = _key()
    system: str
    since: date
    until: date
    terms: str
    unasked: bool = False
    worker: str | None
    worked_until: datetime | None = _instant()
    begun_at: datetime = _instant(nullable=False)
    made_at: datetime | None = _instant()
    counts: Any = _json()
    rules: str | None
    settled_at: datetime | None = _instant()


class ComparisonPortionRow(_Row, table=True):
    """Days of a comparison that were compared, what was in step of them, and what was set aside.

    ``signs``: eight bytes of each dossier in step.
    """

    __tablename__ = "comparison_portion"
    comparison_id: int = _of_comparison()
    since: date = Field(primary_key=True)
    until: date
    in_step: Any = _json()
    aside: Any = _json()
    signs: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class ComparisonFindingRow(_Row, table=True):
    """A dossier or record of a comparison that was not in step; no value of any field."""

    __tablename__ = "comparison_row"
    comparison_id: int = _of_comparison()
    key: str = Field(primary_key=True)
    kind: str
    action: str
    day: str | None
    unit: str | None
    procedure: str | None
    finding: Any = _json()


class JournalRowTable(_Row, table=True):
    """The append-only, hash-chained account of every move."""

    __tablename__ = "journal"
    __table_args__ = (Index("journal_code", "code", "n"),)
    n: int = Field(sa_column=Column(_BIG, primary_key=True, autoincrement=False))
    at: str
    code: str | None
    system: str | None
    event: str
    detail: str = Field(sa_column=Column(Text, nullable=False))
    previous: str
    hash: str


cursor: Table = metadata.tables["cursor"]
inbox: Table = metadata.tables["inbox"]
dossier: Table = metadata.tables["dossier"]
link: Table = metadata.tables["link"]
agreement: Table = metadata.tables["agreement"]
imprint: Table = metadata.tables["imprint"]
delivery: Table = metadata.tables["delivery"]
conflict: Table = metadata.tables["conflict"]
unpaired: Table = metadata.tables["unpaired"]
mark_key: Table = metadata.tables["mark_key"]
notice: Table = metadata.tables["notice"]
system: Table = metadata.tables["system"]
onboarding: Table = metadata.tables["onboarding"]
latecomer: Table = metadata.tables["latecomer"]
shard: Table = metadata.tables["shard"]
import_number: Table = metadata.tables["import_number"]
procedure_version: Table = metadata.tables["procedure_version"]
code_list: Table = metadata.tables["code_list"]
code_span: Table = metadata.tables["code_span"]
alert: Table = metadata.tables["alert"]
message: Table = metadata.tables["message"]
sighting: Table = metadata.tables["sighting"]
certificate: Table = metadata.tables["certificate"]
tally: Table = metadata.tables["tally"]
payload: Table = metadata.tables["payload"]
comparison: Table = metadata.tables["comparison"]
comparison_portion: Table = metadata.tables["comparison_portion"]
comparison_row: Table = metadata.tables["comparison_row"]
journal: Table = metadata.tables["journal"]
