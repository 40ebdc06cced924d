"""What a ministry can be asked when both sides are compared, and what it can't: that is said.

A question that concerns one record and fails is that record's trouble; one that fails because the
system can't be called now ends the comparison, and the brake is set as after any read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import Any

from bridge.domain.delivery import FoundAbsent
from bridge.domain.dossier import Fields, Json
from bridge.domain.reconcile import Powers
from bridge.domain.said import Said
from bridge.engine import ask, brake, code_lists
from bridge.engine.house import House, Ministry
from bridge.engine.seen import Seen, lifted, looks_anothers
from bridge.mapping import Lens, Lists, LowerErrors
from bridge.sdk.capabilities import Capabilities
from bridge.sdk.errors import AdapterError, ContractBroken, Rejected, Retryable
from bridge.sdk.records import Action, Applied, Command, Page, Record
from bridge.store import Link


class Reach(StrEnum):
    """How much of a ministry can be seen, from most to nothing."""

    LIST = "list"
    """It lists what it received on a day: both sides are compared, and each looked for in the other."""
    NUMBER = "number"
    """It shows a record by its number: only what is linked is compared."""
    CODE = "code"
    """It tells whether it has a dossier, and nothing more of it."""
    NOTHING = "nothing"
    """It can't be asked at all."""


def reach(ministry: Ministry) -> Reach:
    """Return how much of a ministry can be seen."""
    return reach_of(ministry.capabilities)


def reach_of(can: Capabilities) -> Reach:
    """Return how much can be seen of a system with these capabilities."""
    if can.lists:
        return Reach.LIST
    if can.fetches:
        return Reach.NUMBER
    return Reach.CODE if can.probes else Reach.NOTHING


def unseen(ministry: Ministry) -> tuple[str, ...]:
    """Say what a comparison with this ministry can't show."""
    only_there = Said("a dossier that only the ministry has is not seen: it gives no list")
    match reach(ministry):
        case Reach.LIST:
            return ()
        case Reach.NUMBER:
            return (only_there,)
        case Reach.CODE:
            fields = Said("fields are not compared: it tells only whether it has a dossier")
            return (only_there, fields)
        case Reach.NOTHING:
            nothing = Said("nothing can be asked; what was sent since a moment can be sent again")
            return (only_there, nothing)


def powers(ministry: Ministry) -> Powers:
    """Return what may be done at a ministry."""
    can = ministry.capabilities
    return Powers(ministry.mirror, can.writes, repeat_safe=can.submit == "idempotent")


class Desk:
    """Asks one ministry; every call at its pace. ``heed`` is called after each answer."""

    def __init__(
        self, house: House, ministry: Ministry, heed: Callable[[], None] = lambda: None
    ) -> None:
        self.house = house
        self.ministry = ministry
        self.heed = heed
        self.lists: Lists = code_lists.at_hand(house, ministry)

    def open(self) -> None:
        """Make sure that the ministry may be called now.

        Raises:
            Retryable: it may not (closed, held, paused); the reason is the brake's.
        """
        gate = brake.look(self.house, self.ministry, probing=True)
        if not gate.open:
            raise Retryable(gate.reason or Said("the system may not be called now"))

    def listed(self, since: date, until: date) -> Iterator[Page]:
        """Yield the pages of what the ministry received on these days.

        Raises:
            AdapterError: a page could not be had, or leads nowhere.
        """
        cursor: Json = None
        more = True
        while more:
            with self._calling():
                page = ask.listing(self.house, self.ministry, since, until, cursor)
                if page.more and page.cursor == cursor:
                    raise ContractBroken(Said("the list goes on from where it was"))
            cursor, more = page.cursor, page.more
            yield page

    def record(self, ref: str) -> Record | None:
        """Return the record with this number, ``None`` where there is none.

        Raises:
            AdapterError: it can't be had.
        """
        with self._calling():
            return ask.fetch(self.house, self.ministry, ref)

    def of_link(self, link: Link) -> Record | None:
        """Return the record of a link, ``None`` where its number is nobody's or another dossier's.

        Raises:
            AdapterError: it can't be had.
        """
        found = None if link.ref is None else self.record(link.ref)
        return None if found is None or self.is_anothers(link, found) else found

    def is_anothers(self, link: Link, record: Record) -> bool:
        """Tell whether a record that bears a link's number is another dossier's."""
        return looks_anothers(link, self.seen(record))

    def lacks(self, link: Link) -> bool:
        """Ask by the dossier's code whether the ministry has no trace of it.

        Raises:
            AdapterError: it could not be asked.
        """
        bare = Command(
            key=f"reconcile-{link.system}-{link.id}",
            action=Action.CREATE,
            code=link.code,
            ref=None,
            body={},
            version=max(1, link.versions),
            sent_before=True,
        )
        return self._is_absent(bare)

    def found(self, code: str) -> Applied | None:
        """Ask by a dossier's code what the ministry has of it, ``None``: nothing.

        Raises:
            AdapterError: it could not be asked.
        """
        key = f"reconcile-{self.ministry.name}-{code}"
        return self._asked(Command(key, Action.CREATE, code, None, {}, sent_before=True)).found

    def lacks_content(self, link: Link, fields: Fields) -> bool:
        """Ask whether the ministry has a dossier otherwise than it goes out, its files included.

        Raises:
            AdapterError: it could not be asked, or the dossier can't be said in its words.
        """
        key = f"reconcile-{link.system}-{link.id}"
        body = self._lowered(self.ministry.lens, self.ministry.carried(fields))
        known = link.known or {}
        return self._is_absent(
            Command(key, Action.UPDATE, link.code, link.ref, body, known=known, sent_before=True)
        )

    def lacks_step(self, code: str, row: Fields) -> bool:
        """Ask whether the ministry does not show a progress step.

        Raises:
            AdapterError: it could not be asked, or the step can't be said in its words.
        """
        lens = self.ministry.step_lens or self.ministry.lens
        body = self._lowered(lens, {"code": code, **row})
        key = f"reconcile-{self.ministry.name}-{row['id']}"
        return self._is_absent(Command(key, Action.STEP, code, None, body, sent_before=True))

    def seen(self, record: Record) -> Seen:
        """Translate a record.

        Raises:
            LiftError: a value can't be read.
            ListUnread: a code list it needs was not read yet.
        """
        return lifted(self.ministry, record, self.house.now(), self.lists)

    def _lowered(self, lens: Lens, fields: Fields) -> dict[str, Any]:
        try:
            return lens.lower(fields, self.lists).body
        except LowerErrors as error:
            raise Rejected("MAPPING", None, str(error)) from error

    def _is_absent(self, command: Command) -> bool:
        return isinstance(self._asked(command).outcome, FoundAbsent)

    def _asked(self, command: Command) -> ask.Reply:
        with self._calling():
            answer = ask.probe(self.house, self.ministry, command)
            if isinstance(answer, AdapterError):
                raise answer
        return answer

    @contextmanager
    def _calling(self) -> Iterator[None]:
        """Make a call if the ministry may be called now, and tell the brake what became of it."""
        if not brake.may_call(self.house, self.ministry, probing=True):
            self.open()
            raise Retryable(Said("the system may not be called now"))
        with brake.heard(self.house, self.ministry):
            yield
        self.heed()
