"""The two lists the ministry wants acknowledged, and what must still be asked, in one cursor.

An acknowledgement covers a dossier, not a row: a status that comes between the list and it is
never listed. So the page that is stored carries in its cursor which dossiers are to be asked about
(``traTrangThaiHs``) once it is acknowledged, and a crash anywhere in between loses nothing. Where
this process does not know that an acknowledgement arrived, it may arrive late: then the question
is put a second time, after the grace, though another that was said since was heard.

A dossier without our code (filed there) can't be asked about. It is left in the list until it shows
the last status, after which nothing can come; only a list that is full is cleared of it before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeAlias

from bridge.sdk import Json, Said
from bridge.sdk.errors import AdapterError
from bridge.sdk.records import Page, Record, Unreadable

from .client import FILED_THERE, THROUGH_US, LltpClient
from .rows import Listing, filed, has_code, is_last, shown, statuses

__all__ = ["ASKED_MOST", "Feed"]

STATUSES_MOST, FILED_MOST = 200, 100
"""The most rows of one answer; a list that is as long may go on."""

ASKED_MOST = 20
"""How many dossiers one page asks about: each is a call."""

PUT_OFF = timedelta(minutes=1)
"""When a question is put again that could not be."""

GRACE_TIMEOUTS = 4
"""Until a call whose end we did not see is over: its own timeout, the commit's, twice to be sure."""


Read: TypeAlias = Record | Unreadable
Told: TypeAlias = Mapping[str, Sequence[str]]
"""What is to be acknowledged: numbers by the kind of the list they were in."""


@dataclass(frozen=True, slots=True)
class Question:
    """A dossier to be asked about from ``due`` on; from ``until`` on an answer is the last word.

    ``version`` is what of its course is stored.
    """

    code: str
    ref: str
    version: int
    due: datetime
    until: datetime

    def json(self) -> list[Json]:
        """Return it as the cursor keeps it."""
        return [self.code, self.ref, self.version, self.due.isoformat(), self.until.isoformat()]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the feed stands: what is to be asked, and what is left in the list on purpose."""

    questions: tuple[Question, ...] = ()
    left: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, cursor: Json) -> Place:
        """Read a cursor; without one the lists are read from the beginning."""
        if not isinstance(cursor, dict):
            return cls()
        questions = tuple(
            Question(code, ref, version, *map(datetime.fromisoformat, (due, until)))
            for code, ref, version, due, until in cursor["questions"]
        )
        return cls(questions, dict(cursor["left"]))

    def json(self) -> Json:
        """Return the cursor."""
        return {"questions": [one.json() for one in self.questions], "left": dict(self.left)}


class Feed:
    """Reads pages. Keeps nothing that may not be forgotten: only what spares calls."""

    def __init__(
        self, client: LltpClient, timeout_seconds: float, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._grace = timedelta(seconds=GRACE_TIMEOUTS * timeout_seconds)
        self._now = now
        self._lock = Lock()
        self._acknowledged: set[str] = set()
        self._listed_last: object = None

    def page(self, cursor: Json) -> Page:
        """Return the answers to what is due to be asked, else what the lists hold.

        Raises:
            AdapterError: neither could be had.
        """
        place, now = Place.read(cursor), self._now()
        due = [one for one in place.questions if one.due <= now]
        answered: dict[Question, Read | None] = dict(self._answers(due[:ASKED_MOST]))
        if answered:
            place = replace(place, questions=tuple(self._still(place, answered, now)))
            news: list[Read] = [one for one in answered.values() if one is not None]
            return Page(tuple(news), place.json(), more=True)
        return self._listed(_put_off(place, due, now + PUT_OFF))

    def acknowledge(self, told: Told) -> None:
        """Say that what was listed is stored.

        Raises:
            AdapterError: it could not be said; it is listed again.
        """
        for kind, refs in told.items():
            if refs:
                self._client.acknowledge(refs, kind)
        with self._lock:
            self._acknowledged |= set(told[THROUGH_US])

    # -- questions

    def _answers(self, due: Sequence[Question]) -> Iterator[tuple[Question, Read | None]]:
        """Yield what is answered, and what of it is news, until a question can't be put."""
        for one in due:
            try:
                answer = self._client.status(one.code)
            except AdapterError:
                return
            found = None if answer is None else shown(one.ref, one.code, answer)
            known = isinstance(found, Record) and (found.version or 0) <= one.version
            yield one, None if known else found

    def _still(
        self, place: Place, answered: Mapping[Question, Read | None], now: datetime
    ) -> Iterator[Question]:
        """Yield what is to be asked after these answers."""
        for one in place.questions:
            if one not in answered:
                yield one
                continue
            with self._lock:
                sure = one.ref in self._acknowledged or now >= one.until
                self._acknowledged.discard(one.ref)
            if not sure:
                yield replace(one, due=one.until)

    # -- lists

    def _listed(self, place: Place) -> Page:
        there = self._read(self._client.filed_there, filed, FILED_MOST)
        course = self._read(self._client.statuses, statuses, STATUSES_MOST)
        whole, parts = _unless_failed(there), _unless_failed(course)
        known = place.left
        left = known if isinstance(course, AdapterError) else _left(parts)
        news = [one for one in parts.records if (one.version or 0) > known.get(one.ref, -1)]
        for error in (there, course):
            if isinstance(error, AdapterError) and not (whole.records or news):
                raise error
        told = {FILED_THERE: sorted(whole.stored), THROUGH_US: sorted(parts.stored - left.keys())}
        place = Place(tuple(self._to_ask(place, parts, told[THROUGH_US])), left)
        read: list[Read] = [*whole.unreadable, *whole.records, *parts.unreadable, *news]
        return Page(
            tuple(read),
            place.json(),
            more=self._leads_on(told, (*whole.records, *news)),
            token=told if any(told.values()) else None,
            warnings=tuple(_warnings(("traHoSo", there), ("traDsTrangThaiHs", course))),
        )

    def _read(
        self,
        call: Callable[[], Sequence[Any]],
        understand: Callable[[Sequence[Any], int], Listing],
        most: int,
    ) -> Listing | AdapterError:
        """Read one list; that it fails is not the other's trouble."""
        try:
            return understand(call(), most)
        except AdapterError as error:
            return error

    def _to_ask(
        self, place: Place, listing: Listing, acknowledged: Sequence[str]
    ) -> Iterator[Question]:
        """Yield what was to be asked, and the dossiers that are acknowledged now.

        An acknowledgement from before that may arrive still is asked about after its own grace, whether
        this one is heard or not.
        """
        fresh, now = set(acknowledged), self._now()
        with self._lock:
            heard = fresh & self._acknowledged
            self._acknowledged -= fresh
        late: dict[str, datetime] = {}
        for one in place.questions:
            if one.ref not in fresh:
                yield one
            elif one.ref not in heard and one.until > now:
                late[one.ref] = max(one.until, late.get(one.ref, one.until))
        for ref, row in listing.greatest.items():
            if ref in fresh and (code := has_code(row)):
                yield Question(code, ref, row.version or 0, now, now + self._grace)
                if ref in late:
                    yield Question(code, ref, row.version or 0, late[ref], late[ref])

    def _leads_on(self, told: Told, records: Sequence[Record]) -> bool:
        """Tell whether there is more to do at once.

        A list that is the same though it was acknowledged can't lead on: it ends the round.
        """
        listed = frozenset((one.kind, one.ref, one.version) for one in records)
        before, self._listed_last = self._listed_last, listed
        return any(told.values()) and listed != before


def _unless_failed(read: Listing | AdapterError) -> Listing:
    return Listing() if isinstance(read, AdapterError) else read


def _put_off(place: Place, due: Sequence[Question], until: datetime) -> Place:
    """Put what could not be asked off; the one that failed, the first, goes last."""
    late = set(due)
    others = [one for one in place.questions if one not in late]
    again = [replace(one, due=until) for one in (*due[1:], *due[:1])]
    return replace(place, questions=(*others, *again))


def _left(listing: Listing) -> dict[str, int]:
    """Return what is left in the list because nobody can ask about it, with what is known of it."""
    if listing.full:
        return {}
    return {
        ref: one.version or 0
        for ref, one in listing.greatest.items()
        if not has_code(one) and not is_last(one)
    }


def _warnings(*lists: tuple[str, Listing | AdapterError]) -> Iterator[str]:
    for name, read in lists:
        if isinstance(read, AdapterError):
            yield Said("{name} could not be read: {reason}", name=name, reason=read.reason)
        elif read.full and not read.stored:
            yield Said(
                "{name} is full of rows that can't be read; what comes after them is not listed",
                name=name,
            )
