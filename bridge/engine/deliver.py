"""Room 5: a shard's deliveries are claimed, lowered, marked, sent and settled, in batches.

``SENDING`` is committed before the call, so that a process that dies in it leaves doubt behind,
never silence. One worker at a time holds a shard's lease, so a dossier's deliveries go one after
the other, on one machine or many.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from bridge.domain import notices as texts
from bridge.domain.delivery import Refused
from bridge.domain.dossier import Fields
from bridge.domain.journal import Event
from bridge.engine import ask, brake, settle
from bridge.engine.house import House, Ministry
from bridge.engine.pace import Pace
from bridge.mapping import Cut, LowerErrors
from bridge.sdk.documents import Document, DocumentFault
from bridge.sdk.records import Action, Command
from bridge.store import Delivery, Link, Unit

_Refusal: TypeAlias = tuple[Delivery, Refused, str | None]
"""What can't be sent as it is, why, and the clerk's text where it is not the usual one."""


def drain(  # noqa: PLR0913 - a shard, and how it is drained
    house: House,
    ministry: Ministry,
    shard: int,
    pace: Pace,
    *,
    untried_since: datetime | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Work a shard until nothing in it is due; returns how many deliveries were sent.

    With ``untried_since`` backoff is ignored: each delivery not sent since then is sent once.
    ``stopping`` is asked between batches.
    """
    sent = 0
    held = False
    while brake.look(house, ministry, probing=untried_since is not None and not held).open:
        if stopping():
            break
        batch = _claim(house, ministry, shard, untried_since)
        done = _send(house, ministry, shard, batch, pace) if batch else None
        if done is None:
            break
        held = True
        sent += done
    if held:
        with house.store.write("free shard") as unit:
            unit.outbox.free_shard(ministry.name, shard, house.owner)
    return sent


def _claim(
    house: House, ministry: Ministry, shard: int, untried_since: datetime | None
) -> list[Delivery]:
    capabilities = ministry.capabilities
    with house.store.read() as unit:
        return unit.outbox.claim(
            ministry.name,
            shard,
            capabilities.batch,
            capabilities.step_batch,
            untried_since=untried_since,
        )


def _send(
    house: House, ministry: Ministry, shard: int, batch: Sequence[Delivery], pace: Pace
) -> int | None:
    """Send a batch; ``None`` when another worker holds the shard."""
    with house.store.read() as unit:
        links = unit.links.by_ids({one.link_id for one in batch})
    ready: list[tuple[Delivery, Command]] = []
    refused: list[_Refusal] = []
    cuts: list[tuple[Delivery, Cut]] = []
    for one in batch:
        try:
            command, cut = to_command(house, ministry, one, links[one.link_id])
        except LowerErrors as error:
            text = texts.unsendable([each.text_vi for each in error.problems], ministry.title)
            refused.append((one, Refused("MAPPING", error.problems[0].ours, str(error)), text))
        except DocumentFault as fault:
            refused.append((one, Refused(settle.DOCUMENT, "documents", str(fault)), None))
        else:
            ready.append((one, command))
            cuts.extend((one, each) for each in cut)
    going = _one_action(ready)
    marked = _mark(house, ministry, shard, going, refused, cuts)
    if marked is None:
        return None
    going = [(one, command) for one, command in going if one.id in marked]
    if going:
        pace.wait(house)
        replies = ask.submit(ministry, [command for _, command in going])
        settle.settle(
            house, ministry, [(one, reply) for (one, _), reply in zip(going, replies, strict=True)]
        )
    return len(going) + len(refused)


def _one_action(pairs: list[tuple[Delivery, Command]]) -> list[tuple[Delivery, Command]]:
    """Keep the commands of the first one's action: a call creates, or updates, never both."""
    if not pairs:
        return []
    action = pairs[0][1].action
    return [pair for pair in pairs if pair[1].action is action]


def to_command(
    house: House, ministry: Ministry, delivery: Delivery, link: Link
) -> tuple[Command, Sequence[Cut]]:
    """Lower a delivery to the system's words.

    Raises:
        LowerErrors: a field is missing or has no word there; a clerk can mend it.
        DocumentFault: the path of a file leads out of the documents folder.
    """
    step = delivery.kind == "step"
    lens = ministry.step_lens if step and ministry.step_lens else ministry.lens
    lowered = lens.lower(delivery.fields)
    command = Command(
        key=f"{delivery.system}-{delivery.id}",
        action=_action(link, step=step),
        code=delivery.code,
        ref=link.ref,
        body=lowered.body,
        version=delivery.version or link.versions + 1,
        known=link.known or {},
        documents=documents(house, delivery.fields, lowered.body),
        attempt=delivery.attempts + 1,
        sent_before=delivery.sent_at is not None,
    )
    return command, lowered.cuts


def _action(link: Link, *, step: bool) -> Action:
    if step:
        return Action.STEP
    return Action.CREATE if link.base is None and link.ref is None else Action.UPDATE


def documents(house: House, fields: Fields, body: Mapping[str, Any]) -> dict[str, Document]:
    """Return the files that ``body`` names, by the id of their row.

    Raises:
        DocumentFault: the path of one leads out of the documents folder.
    """
    wanted = set(_named(body))
    rows: Any = fields.get("documents") or []
    return {row["id"]: house.onestop.document(row) for row in rows if row["id"] in wanted}


def _named(part: Any) -> Iterator[str]:
    """Yield the ids of the documents named ``{"document": id}`` anywhere in a body."""
    if isinstance(part, dict):
        if part.keys() == {"document"}:
            yield str(part["document"])
        for value in part.values():
            yield from _named(value)
    elif isinstance(part, list):
        for value in part:
            yield from _named(value)


def _mark(  # noqa: PLR0913 - one commit says all that is about to happen
    house: House,
    ministry: Ministry,
    shard: int,
    going: Sequence[tuple[Delivery, Command]],
    refused: Sequence[_Refusal],
    cuts: Sequence[tuple[Delivery, Cut]],
) -> set[int] | None:
    """Commit ``SENDING`` for what goes, and a dead letter for what can't be lowered.

    Takes or renews the lease on the shard; ``None`` when another worker holds it.
    """
    lease = house.now() + timedelta(seconds=ministry.lease_seconds)
    with house.store.write("mark sending") as unit:
        if not unit.outbox.take_shard(ministry.name, shard, house.owner, lease):
            return None
        marked = unit.outbox.mark_sending([one.id for one, _ in going], house.owner, lease)
        fresh = [
            (one, command)
            for one, command in going
            if one.id in marked and one.version is None and one.kind == "state"
        ]
        unit.outbox.change_many(
            [{"id": one.id, "version": command.version} for one, command in fresh]
        )
        unit.links.change_many(
            [{"id": one.link_id, "versions": command.version} for one, command in fresh]
        )
        for one, command in going:
            if one.id in marked:
                unit.journal.add(
                    Event.SENDING,
                    code=one.code,
                    system=one.system,
                    delivery=one.id,
                    action=command.action.value,
                    attempt=command.attempt,
                )
        for one, cut in cuts:
            if one.id in marked:
                unit.journal.add(
                    Event.CUT, code=one.code, system=one.system, field=cut.path, limit=cut.limit
                )
        if refused:
            _unsendable(unit, house, ministry, refused)
    return marked


def _unsendable(unit: Unit, house: House, ministry: Ministry, refused: Sequence[_Refusal]) -> None:
    settlement = settle.Settlement(unit, house, ministry, [one for one, _, _ in refused])
    for one, outcome, text in refused:
        settlement.take(one, ask.Reply(outcome), text)
    settlement.finish()
