"""The outbox: deliveries, each link's in line, claimed in batches by whoever holds the shard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, or_, select, update

from bridge.domain.delivery import UNANSWERED, UNSENT, State
from bridge.domain.dossier import Json
from bridge.store import tables
from bridge.store.chunks import insert_many, update_all, update_many
from bridge.store.entries import Delivery, NewDelivery
from bridge.store.lines import (
    BARE,
    BY_IDS,
    COUNT,
    COUNT_UNANSWERED,
    DUE_BEYOND,
    ENDED,
    EXPIRE,
    EXPIRED,
    FORGET_GONE_OVER,
    FREE_SHARD,
    GONE_OVER,
    LAST_CONFIRMED,
    LAST_POSTED,
    LAST_SEQ,
    LONGEST,
    MARKED_BY,
    NEW_SOME,
    NEXT_SYSTEM,
    OLDEST,
    OPEN_OF_LINKS,
    POSTED_SINCE,
    RESHARD,
    SENDABLE,
    SENDABLE_STILL,
    SENDERS,
    SHARD_OWNERS,
    STANDING,
    STATES,
    STEPS,
    TAKE_SHARD,
    TRIED_IN_VAIN,
    UNANSWERED_BUT,
    WHOLE,
    as_delivery,
    heads,
    in_state,
    refused_for,
    sendable,
)
from bridge.store.looks import among
from bridge.store.upsert import insert_new

_d = tables.delivery
AT_THE_COUNTER = 100
"""The priority of what a citizen waits for; of all else it is 0."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Where a delivery stands in the table now, and who holds it."""

    state: State
    owner: str | None
    until: datetime | None
    sent_at: datetime | None
    cause: str | None

    def is_sent_by(self, owner: str) -> bool:
        """Tell whether ``owner`` is sending it."""
        return self.state is State.SENDING and self.owner == owner

    def is_as_read(self, found: Delivery) -> bool:
        """Tell whether it stands where it was found; sent again since, it stands there anew."""
        read = (found.state, found.lease_until, found.sent_at)
        return (self.state, self.until, self.sent_at) == read


def _sent_by(owner: str) -> Any:
    return (_d.c.state == State.SENDING.value) & (_d.c.lease_owner == owner)


class Outbox:
    """Deliveries and the leases on shards."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    # -- posting

    def post(self, deliveries: Sequence[NewDelivery]) -> None:
        """Put deliveries in line, due at once."""
        insert_many(self._connection, _d, [self._as_row(one) for one in deliveries])

    def last_posted(self) -> int:
        """Return the id of the delivery that was put in line last, 0 where there is none."""
        return int(self._connection.execute(LAST_POSTED).scalar() or 0)

    def posted_since(self, system: str, delivery: int) -> set[str]:
        """Return the dossiers put in line after this delivery of which ``system`` knows nothing yet."""
        values = {"system": system, "after": delivery}
        return set(self._connection.execute(POSTED_SINCE, values).scalars())

    def open_of_links(self, link_ids: Collection[int]) -> dict[int, list[Delivery]]:
        """Return the deliveries of each link that are not ended, in line."""
        lines: dict[int, list[Delivery]] = defaultdict(list)
        if link_ids:
            for row in self._connection.execute(OPEN_OF_LINKS, {"links": link_ids}).all():
                one = as_delivery(row)
                lines[one.link_id].append(one)
        return dict(lines)

    def last_seq(self, link_ids: Collection[int]) -> dict[int, int]:
        """Return the last place taken in the line of each link."""
        rows = self._connection.execute(LAST_SEQ, {"links": link_ids}).all()
        return {row[0]: row[1] for row in rows}

    def steps_of_links(self, link_ids: Collection[int]) -> dict[int, set[str]]:
        """Return the ids of the progress steps each link has ever had in line: the ledger."""
        found: dict[int, set[str]] = defaultdict(set)
        for link_id, step in self._connection.execute(STEPS, {"links": link_ids}).all():
            found[link_id].add(step)
        return found

    def sent_steps(self, link_id: int) -> list[str]:
        """Return the ids of the progress steps of a link that are known to be applied, in line."""
        here = (_d.c.link_id == link_id) & (_d.c.state == State.CONFIRMED.value)
        query = select(_d.c.step_id).where(here, _d.c.step_id.is_not(None))
        return list(self._connection.execute(query.order_by(_d.c.seq, _d.c.id)).scalars())

    def forget_steps(self, link_id: int, steps: Collection[str] | None = None) -> int:
        """Strike steps that the system does not show any more from the ledger; returns how many.

        Without ``steps`` it is all of the link's. What was posted of them stays in the table, and
        what of it was not sent ends here; whoever posts next puts them in line anew.
        """
        here = (_d.c.link_id == link_id) & _d.c.step_id.is_not(None)
        if steps is not None:
            here &= among(_d.c.step_id, steps)
        ended = {"state": State.SUPERSEDED.value, "settled_at": self._now, "fields": {}}
        unsent = update(_d).where(here, _d.c.state.in_(sorted(UNSENT))).values(ended)
        self._connection.execute(unsent)
        struck = update(_d).where(here, _d.c.state.in_(ENDED)).values(step_id=None)
        return self._connection.execute(struck).rowcount

    def supersede(self, ids: Collection[int]) -> None:
        """End deliveries that a newer state replaces."""
        if not ids:
            return
        here = among(_d.c.id, ids)
        self._connection.execute(
            update(_d)
            .where(here, _d.c.state.in_(sorted(UNSENT)))
            .values(state=State.SUPERSEDED.value, settled_at=self._now, fields={})
        )

    def drop_line(self, link_id: int) -> list[int]:
        """Drop what waits in the line of a link, for good; returns which deliveries that were.

        A step among them was never sent: it leaves the ledger of steps.
        """
        here = (_d.c.link_id == link_id) & _d.c.state.in_(sorted(UNSENT))
        ids = list(self._connection.execute(select(_d.c.id).where(here)).scalars())
        ended = {"state": State.DROPPED.value, "settled_at": self._now, "fields": {}}
        self.change_all(ids, ended | {"step_id": None})
        return ids

    # -- leases

    def take_shard(self, system: str, shard: int, owner: str, until: datetime) -> bool:
        """Take (or keep) the lease on a shard; False when somebody living holds it."""
        values = {"of": system, "number": shard, "me": owner, "to": until, "now": self._now}
        if self._connection.execute(TAKE_SHARD, values).rowcount:
            return True
        row = {"system": system, "shard": shard, "owner": owner, "until": until}
        return insert_new(self._connection, tables.shard, row)

    def free_shard(self, system: str, shard: int, owner: str) -> None:
        """Give the lease back."""
        self._connection.execute(FREE_SHARD, {"of": system, "number": shard, "me": owner})

    def owners(self) -> set[str]:
        """Return who holds a shard or a delivery now."""
        shards = self._connection.execute(SHARD_OWNERS).scalars()
        owners = set(shards)
        for system in self.systems():
            owners.update(self._connection.execute(SENDERS, {"system": system}).scalars())
        return owners - {None}

    def expire_leases(self, owner: str) -> None:
        """End the leases of a process that is known to be dead."""
        table = tables.shard
        self._connection.execute(update(table).where(table.c.owner == owner).values(owner=""))
        for system in self.systems():
            values = {"of": system, "me": owner, "now": self._now}
            self._connection.execute(EXPIRE, values)

    # -- claiming

    def any_sendable(self, system: str, shard: int, untried_since: datetime | None = None) -> bool:
        """Tell whether anything that stands in a shard is due; ``untried_since`` as in ``claim``."""
        values: dict[str, Any] = {"system": system, "shard": shard, "now": self._now}
        values |= {} if untried_since is None else {"untried_since": untried_since}
        query = sendable(untried=untried_since is not None)
        return self._connection.execute(query, values).first() is not None

    def more_doubts(self, system: str, shard: int, than: int) -> bool:
        """Tell whether more doubts ``than`` these may be asked about now, in a shard."""
        values = {"system": system, "shard": shard, "state": State.IN_DOUBT.value, "beyond": than}
        return self._connection.execute(DUE_BEYOND, values | {"now": self._now}).first() is not None

    def claim(  # noqa: PLR0913 - of a shard's lines, what may go
        self,
        system: str,
        shard: int,
        most: int,
        *,
        untried_since: datetime | None = None,
        link: int | None = None,
        codes: Collection[str] | None = None,
        begun: bool = False,
        hurried: bool = False,
        due_before: datetime | None = None,
    ) -> list[Delivery]:
        """Return what may be sent now: each link's head of line, all states or all steps.

        With ``untried_since`` backoff is ignored: what was sent, and not since then, is taken; what
        was never sent has none, and waits until it is due.
        ``link``: only what stands in the line of this one, ``codes``: of these dossiers, ``begun``:
        of those that the system has already, ``hurried``: beside what is hurried, ``due_before``: of
        those it has nothing of, what was due before then.

        A link gives one state, or steps in their order; the answer holds only states, or only
        steps, never both, and at most ``most`` of them.
        """
        query = heads(
            untried=untried_since is not None,
            of_link=link is not None,
            of_codes=codes is not None,
            begun=begun,
            hurried=hurried,
            due_before=due_before is not None,
        )
        values = {"system": system, "shard": shard, "most": most, "now": self._now}
        values |= {} if untried_since is None else {"untried_since": untried_since}
        values |= {} if link is None else {"link": link}
        values |= {} if codes is None else {"codes": codes}
        values |= {} if due_before is None else {"due_before": due_before}
        ids = self._connection.execute(query, values).all()
        if not ids:
            return []
        if ids[0].kind != "step":
            return self.by_ids([row.id for row in ids if row.kind != "step"])
        links = [row.link_id for row in ids if row.kind == "step"]
        lines = self.open_of_links(links)
        taken: list[Delivery] = []
        for link_id in links:
            for one in lines.get(link_id, ()):
                if one.kind != "step" or not self._sendable(one, untried_since):
                    break
                taken.append(one)
            if len(taken) >= most:
                break
        return taken[:most]

    def _sendable(self, one: Delivery, untried_since: datetime | None) -> bool:
        if one.state.value not in SENDABLE:
            return False
        if one.due_at is not None and one.due_at <= self._now:
            return True
        if untried_since is None or one.sent_at is None:
            return False
        return one.sent_at < untried_since

    # -- states

    def change(self, delivery_id: int, **values: Any) -> None:
        """Set columns of one delivery."""
        self._connection.execute(update(_d).where(_d.c.id == delivery_id).values(values))

    def change_many(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Set columns of many deliveries; each mapping holds ``id`` and the new values."""
        update_many(self._connection, _d, rows)

    def change_all(self, ids: Collection[int], values: Mapping[str, Any]) -> None:
        """Set the same columns of all these deliveries."""
        update_all(self._connection, _d, ids, values)

    def mark_sending(
        self,
        ids: Collection[int],
        owner: str,
        lease_until: datetime,
        versions: Mapping[int, int] | None = None,
    ) -> set[int]:
        """Commit that these are about to be sent; returns those that still could be.

        ``versions`` are the version numbers that some of them get with it, for good.

        Their links are locked before (``Links.lock``), as whoever posts does: what is superseded
        is not sent, and what is being sent is not superseded.
        """
        marked = set(self._connection.execute(SENDABLE_STILL, {"ids": ids}).scalars())
        values = {
            "state": State.SENDING.value,
            "lease_owner": owner,
            "lease_until": lease_until,
            "sent_at": self._now,
        }
        alike: dict[int | None, list[int]] = defaultdict(list)
        for one in marked:
            alike[(versions or {}).get(one)].append(one)
        for version, same in alike.items():
            numbered = {} if version is None else {"version": version}
            self.change_all(same, values | numbered)
        return marked

    def keep_sending(self, ids: Collection[int], owner: str, until: datetime) -> bool:
        """Move the leases of what ``owner`` is sending on; False when one is not its own now."""
        mine = among(_d.c.id, ids) & _sent_by(owner)
        kept = update(_d).where(mine).values(lease_until=until)
        return self._connection.execute(kept).rowcount == len(ids)

    def put_back(self, claimed: Sequence[Delivery], owner: str) -> None:
        """Return what ``owner`` marked and did not send after all to the state it was claimed in."""
        still = self.standing({one.id for one in claimed})
        self.change_many(
            [
                {
                    "id": one.id,
                    "state": one.state.value,
                    "sent_at": one.sent_at,
                    "lease_owner": None,
                    "lease_until": None,
                }
                for one in claimed
                if still[one.id].is_sent_by(owner)
            ]
        )

    def make_way(self, link_ids: Collection[int]) -> list[Delivery]:
        """Let the newest unsent state of each line take the place of those before it.

        Returns what it replaced. A state that came back unsent may have a newer one behind it by
        then; of two, the older must neither be sent after the newer nor stand in its way.
        """
        replaced: list[Delivery] = []
        for line in self.open_of_links(link_ids).values():
            unsent = [one for one in line if one.kind == "state" and one.state in UNSENT]
            if len(unsent) > 1:
                replaced += unsent[:-1]
                self.change(unsent[-1].id, seq=unsent[0].seq)
        self.supersede([one.id for one in replaced])
        return replaced

    def standing(self, ids: Collection[int]) -> dict[int, Holding]:
        """Return where these deliveries stand now; other writers are kept from them meanwhile."""
        rows = self._connection.execute(STANDING, {"ids": ids}).all()
        return {key: Holding(STATES[state], *rest) for key, state, *rest in rows}

    def wait_no_more(self, code: str) -> None:
        """Let what a dossier's first submissions waited for be over."""
        first = (_d.c.code == code) & _d.c.sent_at.is_(None) & (_d.c.kind == "state")
        waits = first & (_d.c.state == State.PENDING.value) & (_d.c.due_at > self._now)
        self._connection.execute(update(_d).where(waits).values(due_at=self._now))

    def revive(self, delivery_id: int) -> bool:
        """Put a dead delivery back in line; False when it is not dead any more."""
        dead = (_d.c.id == delivery_id) & (_d.c.state == State.DEAD.value)
        values = {"state": State.PENDING.value, "due_at": self._now, "settled_at": None}
        values |= {"failing_since": None, "failed_as": None, "failed_times": 0}
        return self._connection.execute(update(_d).where(dead).values(values)).rowcount == 1

    def renew_step(self, delivery_id: int, fields: Mapping[str, Json]) -> None:
        """Give a refused step the content it has now, and put it back in line."""
        if self.revive(delivery_id):
            self.change(delivery_id, fields=dict(fields), attempts=0)

    def reshard(self, system: str, shards: int) -> None:
        """Move what stands in a shard that nobody works any more to one that is worked."""
        self._connection.execute(RESHARD, {"of": system, "shards": shards})

    def in_state(
        self, system: str, state: State, limit: int, *, ignore_due: bool = False
    ) -> list[Delivery]:
        """Return the deliveries of ``system`` in ``state`` whose time has come."""
        query = in_state(ignore_due=ignore_due)
        return self._found(query, system=system, state=state.value, most=limit)

    def unanswered(self, system: str, before: datetime, limit: int, *, but: str) -> list[Delivery]:
        """Return what ``system`` has not answered since ``before``, ``but`` what has that cause."""
        return self._found(UNANSWERED_BUT, system=system, before=before, but=but, most=limit)

    def count_unanswered(self, system: str, before: datetime) -> int:
        """Return how many deliveries ``system`` has not answered since ``before``."""
        values = {"system": system, "before": before}
        return int(self._connection.execute(COUNT_UNANSWERED, values).scalar_one())

    def tried_in_vain(self, system: str) -> bool:
        """Tell whether something was sent to ``system`` that it is not known to have taken."""
        return self._connection.execute(TRIED_IN_VAIN, {"system": system}).first() is not None

    def doubtful(self, system: str, before: datetime) -> list[Delivery]:
        """Return what is in doubt at ``system``, or accepted and unanswered since ``before``.

        Oldest first, without what they carry.
        """
        overdue = (_d.c.state == State.ACCEPTED.value) & (_d.c.call_ended_at < before)
        here = (_d.c.system == system) & or_(_d.c.state == State.IN_DOUBT.value, overdue)
        query = BARE.where(here).order_by(_d.c.call_ended_at, _d.c.id)
        return [as_delivery(row) for row in self._connection.execute(query)]

    def dead(
        self, system: str, *, code: str | None = None, error_code: str | None = None
    ) -> list[Delivery]:
        """Return the dead letters of ``system`` (of one dossier, with one error).

        Without what they carry, in the order they were posted.
        """
        query = BARE.where(_d.c.system == system, _d.c.state == State.DEAD.value)
        if code is not None:
            query = query.where(_d.c.code == code)
        if error_code is not None:
            query = query.where(_d.c.error_code == error_code)
        return [as_delivery(row) for row in self._connection.execute(query.order_by(_d.c.id))]

    def drop(self, ids: Collection[int]) -> None:
        """End deliveries that a person gave up; they leave the line, and their content goes."""
        ends = {"state": State.DROPPED.value, "settled_at": self._now, "fields": {}}
        self.change_all(ids, ends)

    def hurry(self, link_id: int) -> None:
        """Put what waits in the line of a link before all others of its system, its backoff ended."""
        here = (_d.c.link_id == link_id) & _d.c.state.in_(SENDABLE)
        self._connection.execute(update(_d).where(here).values(priority=AT_THE_COUNTER))
        self._end_backoff(here)

    def _end_backoff(self, here: Any) -> None:
        """Make these due now; what was never sent has no backoff, and waits for what it waits for."""
        tried = here & _d.c.sent_at.is_not(None)
        self._connection.execute(update(_d).where(tried).values(due_at=self._now))

    def hasten(self, system: str) -> None:
        """End every backoff of ``system``; nothing that waits has been failing from then on."""
        waits = (_d.c.system == system) & _d.c.state.in_(SENDABLE)
        self._connection.execute(update(_d).where(waits).values(failing_since=None))
        self._end_backoff(waits)
        asked = (_d.c.system == system) & _d.c.state.in_(sorted(UNANSWERED))
        self._connection.execute(update(_d).where(asked).values(due_at=self._now))

    def refused_for(
        self, system: str, error_code: str, limit: int, *, ignore_due: bool = False
    ) -> list[Delivery]:
        """Return the dead deliveries of ``system`` with this error that may be looked at again."""
        query = refused_for(ignore_due=ignore_due)
        return self._found(query, system=system, error_code=error_code, most=limit)

    def marked_by(self, system: str, owner: str, limit: int) -> list[Delivery]:
        """Return the deliveries of ``system`` that ``owner`` has marked as being sent."""
        return self._found(MARKED_BY, system=system, owner=owner, most=limit)

    def expired(self, system: str, limit: int) -> list[Delivery]:
        """Return the deliveries of ``system`` whose sender died while sending."""
        return self._found(EXPIRED, system=system, most=limit)

    def by_ids(self, ids: Collection[int]) -> list[Delivery]:
        """Return deliveries by id, in the order of ``ids``."""
        found = {one.id: one for one in self._found(BY_IDS, ids=ids)}
        return [found[one] for one in ids if one in found]

    def last_confirmed(self, link_ids: Collection[int]) -> dict[int, datetime]:
        """Return when the last state of each link that is known to be applied was settled."""
        rows = self._connection.execute(LAST_CONFIRMED, {"links": link_ids})
        return {link_id: at for link_id, at in rows if at is not None}

    def gone_over(
        self, link_ids: Collection[int]
    ) -> dict[int, list[tuple[datetime, Mapping[str, Json]]]]:
        """Return what is kept of each link's confirmed states, and when they were settled."""
        found: dict[int, list[tuple[datetime, Mapping[str, Json]]]] = defaultdict(list)
        for link_id, fields, at in self._connection.execute(GONE_OVER, {"links": link_ids}):
            found[link_id].append((at, fields or {}))
        return found

    def forget_gone_over(self, before: datetime) -> int:
        """Let go of what is kept of states that were confirmed until then; returns of how many."""
        return self._connection.execute(FORGET_GONE_OVER, {"before": before}).rowcount

    def of_code(self, code: str) -> list[Delivery]:
        """Return every delivery of a dossier, in order."""
        query = WHOLE.where(_d.c.code == code).order_by(_d.c.system, _d.c.seq, _d.c.id)
        return [as_delivery(row) for row in self._connection.execute(query)]

    def counts(self) -> dict[tuple[str, State], int]:
        """Return how many deliveries each (system, state) holds.

        Each is counted by itself along the index: of a million that takes two thirds of the time
        a database needs to group them.
        """
        pairs = [(system, state) for system in self.systems() for state in State]
        counted = ((pair, self._count(*pair)) for pair in pairs)
        return {pair: n for pair, n in counted if n}

    def new(self, system: str, most: int) -> int:
        """Return how many dossiers wait that ``system`` has nothing of, counted up to ``most``."""
        values = {"system": system, "most": most}
        return len(self._connection.execute(NEW_SOME, values).all())

    def systems(self) -> Iterator[str]:
        """Yield the systems there ever was a delivery for, from one to the next in the index."""
        last = ""
        while found := self._connection.execute(NEXT_SYSTEM, {"last": last}).scalar():
            yield (last := str(found))

    def _count(self, system: str, state: State) -> int:
        return int(self._in_state(COUNT, system, state) or 0)

    def worst_by_code(self) -> dict[str, set[tuple[str, State]]]:
        """Return, of each dossier with an unended delivery, the (system, state) pairs it has."""
        found: dict[str, set[tuple[str, State]]] = defaultdict(set)
        query = select(_d.c.code, _d.c.system, _d.c.state).where(_d.c.state.not_in(ENDED))
        for code, system, state in self._connection.execute(query.distinct()):
            found[code].add((system, State(state)))
        return found

    def confirmed_codes(self) -> set[str]:
        """Return the dossiers that have at least one confirmed delivery."""
        query = select(_d.c.code).where(_d.c.state == State.CONFIRMED.value).distinct()
        return set(self._connection.execute(query).scalars())

    def oldest(self, system: str, state: State) -> datetime | None:
        """Return when the oldest delivery of ``system`` in ``state`` was posted: one row is read."""
        found: datetime | None = self._in_state(OLDEST, system, state)
        return found

    def longest(self, system: str, state: State) -> datetime | None:
        """Return since when the longest of ``system`` is in ``state``, by when it was last sent."""
        found: datetime | None = self._in_state(LONGEST, system, state)
        return found

    # -- rows

    def _found(self, query: Select[Any], **values: Any) -> list[Delivery]:
        rows = self._connection.execute(query, values | {"now": self._now}).all()
        return [as_delivery(row) for row in rows]

    def _in_state(self, query: Select[Any], system: str, state: State) -> Any:
        return self._connection.execute(query, {"system": system, "state": state.value}).scalar()

    def _as_row(self, one: NewDelivery) -> dict[str, Any]:
        return {
            "link_id": one.link_id,
            "code": one.code,
            "system": one.system,
            "shard": one.shard,
            "seq": one.seq,
            "kind": one.kind,
            "state": State.PENDING.value,
            "priority": one.priority,
            "fields": dict(one.fields),
            "mapping": one.mapping,
            "step_id": one.step_id,
            "version": None,
            "attempts": 0,
            "crashes": 0,
            "absences": 0,
            "asked": 0,
            "failed_times": 0,
            "due_at": one.due_at or self._now,
            "created_at": self._now,
        }
