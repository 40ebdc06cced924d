"""The words of the journal and the chain that shows tampering.

Each entry's hash covers the hash before it and every word of its own, so that a changed, removed
or inserted entry breaks the chain at its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Protocol

import orjson

from bridge.domain.dossier import Json

GENESIS = "0" * 64
"""The hash before the first entry."""


class Event(StrEnum):
    """What can happen to a dossier, a delivery or a system."""

    CAPTURED = "captured"
    QUARANTINED = "quarantined"
    POSTED = "posted"
    SUPERSEDED = "superseded"
    REVIVED = "revived"
    NEVER_SENT = "never_sent"
    SENDING = "sending"
    PUT_BACK = "put_back"
    LATE_ANSWER = "late_answer"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    RETRY = "retry"
    HELD = "held"
    RESUMED = "resumed"
    IN_DOUBT = "in_doubt"
    DOUBT_ASKED = "doubt_asked"
    OVERDUE = "overdue"
    DEAD = "dead"
    CUT = "cut"
    INTO_ONESTOP = "into_onestop"
    LINKED = "linked"
    PASSED_OVER = "passed_over"
    IMPORT_RESERVED = "import_reserved"
    IMPORTED = "imported"
    WITHDRAWN = "withdrawn"
    ORPHAN = "orphan"
    FOUND_AGAIN = "found_again"
    LOSS = "loss"
    CLASH = "clash"
    CLASH_RESOLVED = "clash_resolved"
    STATUS_WAITS = "status_waits"
    NO_WORD = "no_word"
    NOTICE = "notice"
    NOTICE_RESOLVED = "notice_resolved"
    UNANSWERED = "unanswered"
    FEED_WARNING = "feed_warning"
    PROCEDURE = "procedure"
    CODE_LIST = "code_list"
    DOCUMENTS_LEFT_OUT = "documents_left_out"
    FILE_FETCHED = "file_fetched"
    RESULT = "result"
    RESULT_ASIDE = "result_aside"
    RESULTS_LEFT_OUT = "results_left_out"
    DECIDED = "decided"
    PAYLOADS_READ = "payloads_read"
    RECONCILED = "reconciled"
    STAGE = "stage"
    WIDENED = "widened"
    HANDED_ON = "handed_on"
    FEED_MOVED_BACK = "feed_moved_back"


class Entry(Protocol):
    """What ``verify`` needs of a stored entry."""

    @property
    def n(self) -> int:
        """Its number in the chain, from 1."""

    @property
    def at(self) -> str:
        """When it was written, as text."""

    @property
    def code(self) -> str | None:
        """The dossier it speaks of."""

    @property
    def system(self) -> str | None:
        """The system it speaks of."""

    @property
    def event(self) -> str:
        """What happened: a value of ``Event``."""

    @property
    def detail(self) -> Mapping[str, Json]:
        """Field names, counts and references."""

    @property
    def previous(self) -> str:
        """The hash of the entry before."""

    @property
    def hash(self) -> str:
        """Its own hash."""


def entry_hash(  # noqa: PLR0913 - the words of an entry
    previous: str,
    at: str,
    code: str | None,
    system: str | None,
    event: str,
    detail: Mapping[str, Json],
) -> str:
    """Return the hash of an entry: sha256 over its words as one compact JSON list."""
    words = entry_words(at, code, system, event, detail)
    return hashlib.sha256(f'["{previous}",{words}'.encode()).hexdigest()


def entry_words(
    at: str, code: str | None, system: str | None, event: str, detail: Mapping[str, Json]
) -> str:
    """Return the words of an entry as they stand in that list behind the hash before."""
    words = [at, code, system, event, detail]
    return orjson.dumps(words, option=orjson.OPT_SORT_KEYS)[1:].decode()


def verify(entries: Iterable[Entry]) -> int | None:
    """Return the number of the first entry that breaks the chain, ``None`` if it is whole."""
    previous = GENESIS
    for n, entry in enumerate(entries, start=1):
        said = entry_hash(previous, entry.at, entry.code, entry.system, entry.event, entry.detail)
        if (entry.n, entry.previous, entry.hash) != (n, previous, said):
            return n
        previous = entry.hash
    return None
