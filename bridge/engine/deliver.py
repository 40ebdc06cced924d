"""Room 5: a shard's deliveries are claimed, lowered, marked, sent and settled, a turn at a time.

``SENDING`` is committed before the calls of a turn, so that a process that dies in one leaves
doubt behind, never silence. A turn is as many deliveries as are sent in a moment: one batch of a
slow system, many of a fast one, so that commits cost little and a crash leaves little in doubt.
One worker at a time holds a shard's lease, so a dossier's deliveries go one after the other, on
one machine or many.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeAlias

from bridge.domain import notices as texts
from bridge.domain.breaker import Failed, Shut, Wait, told_by
from bridge.domain.delivery import Ceilings, Outcome, Refused, Taken
from bridge.domain.journal import Event
from bridge.domain.said import Both, Said
from bridge.engine import (
    admission,
    ask,
    brake,
    code_lists,
    corrections,
    papers,
    payloads,
    settle,
    withdraw,
)
from bridge.engine.ask import Reply
from bridge.engine.house import House, Ministry
from bridge.engine.leases import Hold
from bridge.engine.orphans import still_there
from bridge.engine.pace import Pace
from bridge.engine.paused import Watch
from bridge.engine.post import OUT_OF_THEIR_HANDS
from bridge.engine.stride import Stride
from bridge.mapping import Cut, Lists, LowerErrors
from bridge.sdk.documents import DocumentFault, DocumentTooLarge
from bridge.sdk.records import Action, Command
from bridge.store import Delivery, Link, Unit
from bridge.store.chunks import chunks

TURN = timedelta(milliseconds=250)
"""How long the calls of a turn may take together before the rest is put back in line."""

TURN_MOST = 200
DOUBTS_MOST = 10
"""How many doubts of a shard may be due while it is sent to: with more of them asking comes first.

Where answers are lost, or processes die, faster than one can ask, whatever is sent adds to them.
"""
TRIED_AMONG = 20
"""Among how many the one is looked for that a system is tried with."""

_Pair: TypeAlias = tuple[Delivery, Command]
_Refusal: TypeAlias = tuple[Delivery, Refused, str | None]
"""What can't be sent as it is, why, and the clerk's text where it is not the usual one."""


@dataclass
class _Prepared:
    """What the deliveries of a turn have become before anything is sent."""

    ready: list[_Pair] = field(default_factory=list)
    refused: list[_Refusal] = field(default_factory=list)
    cuts: list[tuple[Delivery, Cut]] = field(default_factory=list)
    gone: list[Delivery] = field(default_factory=list)
    """Ends (withdrawn, handed over) of what the system turned out never to have had."""

    @property
    def all(self) -> list[Delivery]:
        """Every delivery of the turn."""
        return [one for one, _ in self.ready] + [one for one, _, _ in self.refused] + self.gone


@dataclass
class _Turn:
    """What came of the calls of a turn: what was answered, what was not sent, what each came to."""

    done: list[tuple[Delivery, Reply]] = field(default_factory=list)
    left: list[Delivery] = field(default_factory=list)
    calls: list[list[Outcome]] = field(default_factory=list)


def drain(  # noqa: PLR0913 - a shard, and how it is drained
    house: House,
    ministry: Ministry,
    shard: int,
    pace: Pace,
    *,
    untried_since: datetime | None = None,
    link: int | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> int:
    """Work a shard until nothing in it is due; returns how many deliveries were sent.

    With ``untried_since`` backoff is ignored: each delivery not sent since then is sent once.
    ``link``: only what stands in the line of this one.
    ``stopping`` is asked between calls.

    Raises:
        OneStopFault: it can't be seen whether the dossiers are still there; nothing was sent.
    """
    fewest = max(ministry.capabilities.batch, ministry.capabilities.step_batch)
    stride = Stride(fewest, max(fewest, TURN_MOST))
    sent = 0
    held = False
    while not stopping() and _waits(house, ministry, shard, untried_since, link):
        lists = code_lists.at_hand(house, ministry)
        if not ministry.needed_outward <= lists.tables.keys():
            break  # nothing was asked of any dossier yet: they wait where they are
        probing = untried_since is not None and not held
        with pace.turnstile.turn():
            batch, links = _claim(
                house, ministry, shard, stride.now, untried_since, link, probing=probing
            )
            there = still_there(house, batch, links)
            if batch and not there:
                continue
            prepared = _prepare(house, ministry, there, links, lists)
            with house.leases.sending([one.id for one in there]):
                marked = _mark(house, ministry, shard, prepared, probing=probing) if there else None
                if marked is None:
                    break
                held = True
                with house.leases.hold(_hold(house, ministry, shard, marked)) as hold:
                    turn = _call(house, ministry, marked, hold, stopping)
                if turn.done or turn.left:
                    settle.settle(house, ministry, turn.done, sent=True, unsent=turn.left)
            brake.told(house, ministry, turn.calls)
        stride.learn(len(turn.done), quick=not turn.left)
        sent += len(turn.done) + len(prepared.refused)
    if held:
        with house.store.write("free shard") as unit:
            unit.outbox.free_shard(ministry.name, shard, house.owner)
    return sent


def reshard(house: House) -> None:
    """Find workers for what stood in shards that are worked no more: ``max_in_flight`` was less."""
    with house.store.write("reshard") as unit:
        for ministry in house.ministries.values():
            unit.links.reshard(ministry.name, ministry.max_in_flight)
            unit.outbox.reshard(ministry.name, ministry.max_in_flight)


def _waits(
    house: House,
    ministry: Ministry,
    shard: int,
    untried_since: datetime | None,
    link: int | None,
) -> bool:
    """Tell whether there may be something to do: of most looks nothing comes, so they cost little.

    Not while asking about doubts lags behind, but for one ``link`` that is waited for.
    """
    name = ministry.name
    with house.store.glance() as unit:
        return unit.outbox.any_sendable(name, shard, untried_since) and (
            link is not None or not unit.outbox.more_doubts(name, shard, DOUBTS_MOST)
        )


def _claim(  # noqa: PLR0913 - see drain
    house: House,
    ministry: Ministry,
    shard: int,
    most: int,
    untried_since: datetime | None,
    link: int | None,
    *,
    probing: bool,
) -> tuple[list[Delivery], dict[int, Link]]:
    """Return what a turn takes, with the links; nothing while the system may not be called.

    What was under way when a process died goes apart. A system that is tried with one call is sent
    what failed least: it may not be the system's fault.
    """
    with house.store.read() as unit:
        gate = brake.see(unit, house, ministry, probing=probing)
        if not gate.sends:
            return [], {}
        name, most = ministry.name, max(most, TRIED_AMONG) if gate.half else most
        goes = admission.outgoing(unit, ministry, gate.stage)
        batch = unit.outbox.claim(
            name,
            shard,
            most,
            untried_since=untried_since,
            link=link,
            codes=goes.codes,
            begun=goes.begun,
            hurried=goes.hurried,
            due_before=goes.due_before,
        )
        batch = _sharing_a_fate(batch, ministry.policy.ceilings)
        if gate.half:
            batch = _failed_least(batch)
        steps = all(one.kind == "step" for one in batch)
        return batch, unit.links.by_ids({one.link_id for one in batch}, bare=steps)


def _sharing_a_fate(batch: Sequence[Delivery], ceilings: Ceilings) -> list[Delivery]:
    """Return those that as many processes have died in sending, the most first, as many as may go.

    The line of a dossier counts as what is worst in it, so that its steps stay in their order.
    """
    lines: dict[int, int] = {}
    for one in batch:
        lines[one.link_id] = max(one.crashes, lines.get(one.link_id, 0))
    worst = max(lines.values(), default=0)
    alike = [one for one in batch if lines[one.link_id] == worst]
    return alike[: ceilings.company(worst, TURN_MOST)]


def _failed_least(batch: Sequence[Delivery]) -> list[Delivery]:
    """Return the one that failed least of those at the head of their lines."""
    heads: dict[int, Delivery] = {}
    for one in batch:
        heads.setdefault(one.link_id, one)
    return sorted(heads.values(), key=lambda one: one.attempts)[:1]


def _prepare(
    house: House,
    ministry: Ministry,
    batch: Sequence[Delivery],
    links: Mapping[int, Link],
    lists: Lists,
) -> _Prepared:
    prepared = _Prepared()
    for one in batch:
        link = links[one.link_id]
        if _is_gone(ministry, one, link):
            prepared.gone.append(one)
            continue
        corrects = one.kind == "state" and _action(link, step=False) is Action.UPDATE
        if corrects and not ministry.capabilities.updates:
            prepared.refused.append((one, *corrections.refusal(ministry, one, link)))
            continue
        try:
            command, cut = to_command(house, ministry, one, link, lists)
            papers.weigh(ministry, command.documents)
        except LowerErrors as error:
            problems = [each.text_vi for each in error.problems]
            text = texts.unsendable(problems, ministry.title)
            reason = Both(str(error), "; ".join(problems))
            refusal = Refused("MAPPING", error.problems[0].ours, reason, ours=True)
            prepared.refused.append((one, refusal, text))
        except DocumentTooLarge as fault:
            refusal = Refused(settle.DOCUMENT, "documents", fault.said, ours=True)
            name = command.documents[fault.document_id].name
            text = texts.too_large(name, ministry.max_document_mb, ministry.title)
            prepared.refused.append((one, refusal, text))
        except DocumentFault as fault:
            refusal = Refused(settle.DOCUMENT, "documents", fault.said)
            prepared.refused.append((one, refusal, None))
        except Exception as error:  # noqa: BLE001 - one dossier's trouble is not its neighbours'
            said = Said("unexpected {error}", error=type(error).__name__)
            refusal = Refused("UNEXPECTED", None, said, ours=True)
            prepared.refused.append((one, refusal, None))
        else:
            prepared.ready.append((one, command))
            prepared.cuts.extend((one, each) for each in cut)
    return prepared


def _is_gone(ministry: Ministry, one: Delivery, link: Link) -> bool:
    """Tell whether a delivery tells of the end of a dossier that the system does not have."""
    creates = one.kind == "state" and _action(link, step=False) is Action.CREATE
    return creates and not ministry.mirror and one.fields.get("status") in OUT_OF_THEIR_HANDS


def _hold(house: House, ministry: Ministry, shard: int, marked: Sequence[_Pair]) -> Hold:
    seconds = ministry.lease_seconds
    until = house.now() + timedelta(seconds=seconds)
    return Hold(ministry.name, shard, [one.id for one, _ in marked], seconds, until)


def _call(
    house: House,
    ministry: Ministry,
    marked: Sequence[_Pair],
    hold: Hold,
    stopping: Callable[[], bool],
) -> _Turn:
    """Make the calls of a turn.

    Not sent is what stands behind one of the same dossier that was not taken, and everything
    after the turn's time is over, after the system has closed or failed, after the word to stop,
    once a person has paused it, and once the lease was lost.
    """
    turn = _Turn()
    blocked: set[int] = set()
    ends, over = house.now() + TURN, False
    watch = Watch(house, ministry, sending=True)
    for call in _calls(ministry, marked):
        going = [pair for pair in call if not over and pair[0].link_id not in blocked]
        chosen = {one.id for one, _ in going}
        turn.left += [one for one, _ in call if one.id not in chosen]
        if not going:
            continue
        house.moments.wait(house, ministry)
        if watch.paused() or not hold.still(house):
            turn.left += [one for one, _ in going]
            over = True
            continue
        replies = ask.submit(ministry, [command for _, command in going])
        told = [(one, reply) for (one, _), reply in zip(going, replies, strict=True)]
        blocked |= {one.link_id for one, reply in told if not isinstance(reply.outcome, Taken)}
        turn.done += told
        turn.calls.append(_came_to(house, ministry, told))
        sick = isinstance(told_by(turn.calls[-1], house.now()), (Shut, Wait, Failed))
        over = sick or stopping() or house.now() >= ends
    return turn


def _came_to(
    house: House, ministry: Ministry, told: Sequence[tuple[Delivery, Reply]]
) -> list[Outcome]:
    """Return what a call came to, each outcome once; no reason of it holds a personal value."""
    different = {reply.outcome: one for one, reply in told}
    return [settle.discreet(house, ministry, one, said) for said, one in different.items()]


def _calls(ministry: Ministry, pairs: Sequence[_Pair]) -> Iterator[list[_Pair]]:
    """Yield what goes in one call: dossiers to create, or to update, or steps, never mixed."""
    for action in Action:
        same = [pair for pair in pairs if pair[1].action is action]
        most = ministry.capabilities.step_batch if action is Action.STEP else None
        yield from chunks(same, most or ministry.capabilities.batch)


def to_command(
    house: House, ministry: Ministry, delivery: Delivery, link: Link, lists: Lists
) -> tuple[Command, Sequence[Cut]]:
    """Lower a delivery to the system's words; ``lists`` are its code lists.

    Raises:
        LowerErrors: a field is missing or has no word there; a clerk can mend it.
        ListUnread: a code list it needs was not read yet.
        DocumentFault: the path of a file leads out of the documents folder.
    """
    step = delivery.kind == "step"
    lens = ministry.step_lens if step and ministry.step_lens else ministry.lens
    lowered = lens.lower(delivery.fields, lists)
    files = papers.documents(house, delivery.fields, lowered.body) if lens.names_files else {}
    command = Command(
        key=f"{delivery.system}-{delivery.id}",
        action=_action(link, step=step),
        code=delivery.code,
        ref=link.ref,
        body=papers.addressed(house, ministry, delivery.fields, lowered.body),
        version=delivery.version or link.versions + 1,
        known=link.known or {},
        documents=files,
        attempt=delivery.attempts + 1,
        sent_before=delivery.sent_at is not None,
    )
    return command, lowered.cuts


def _action(link: Link, *, step: bool) -> Action:
    if step:
        return Action.STEP
    return Action.CREATE if link.base is None and link.ref is None else Action.UPDATE


def _mark(
    house: House, ministry: Ministry, shard: int, prepared: _Prepared, *, probing: bool
) -> list[_Pair] | None:
    """Commit ``SENDING`` for what goes, and a dead letter for what can't be lowered.

    Takes or renews the lease on the shard; ``None`` when another worker holds it, a person has
    paused the system since, or somebody else makes the one call it is tried with. What was to be
    created and has been found there since it was claimed stays in line, to be an update; and what
    a stage that a person has entered since does not let go.
    """
    lease = house.now() + timedelta(seconds=ministry.lease_seconds)
    with house.store.write("mark sending") as unit:
        if not unit.outbox.take_shard(ministry.name, shard, house.owner, lease):
            return None
        look = brake.pass_through if prepared.ready else brake.see
        gate = look(unit, house, ministry, probing=probing)
        if prepared.ready and not gate.sends:
            unit.outbox.free_shard(ministry.name, shard, house.owner)
            return None
        blank = unit.links.lock([one.link_id for one in prepared.all])
        unwanted = withdraw.unwanted(unit, [one for one, _ in prepared.ready])
        going = [
            (one, command.version)
            for one, command in prepared.ready
            if (command.action is not Action.CREATE or one.link_id in blank)
            and one.id not in unwanted
        ]
        heads = [one for one, _ in going]
        may = admission.within(unit, ministry, gate.stage, heads, blank)
        versions = {one.id: version for one, version in going if one.id in may and _is_new(one)}
        still = unit.outbox.mark_sending(may, house.owner, lease, versions)
        marked = [pair for pair in prepared.ready if pair[0].id in still]
        payloads.sent(unit, house.safe, marked)
        counts: dict[int, list[int]] = defaultdict(list)
        for one, command in marked:
            if one.id in versions:
                counts[command.version].append(one.link_id)
        for version, links in counts.items():
            unit.links.change_all(links, {"versions": version})
        for one, command in marked:
            unit.journal.add(
                Event.SENDING,
                code=one.code,
                system=one.system,
                delivery=one.id,
                action=command.action.value,
                attempt=command.attempt,
            )
        for one, cut in prepared.cuts:
            if one.id in still:
                unit.journal.add(
                    Event.CUT, code=one.code, system=one.system, field=cut.path, limit=cut.limit
                )
        gone = [one for one in prepared.gone if one.link_id in blank]
        withdraw.never_there(unit, gone)
        if prepared.refused:
            _unsendable(unit, house, ministry, prepared.refused)
    return marked


def _is_new(delivery: Delivery) -> bool:
    """Tell whether a delivery makes a version of the dossier that has no number yet."""
    return delivery.version is None and delivery.kind == "state"


def _unsendable(unit: Unit, house: House, ministry: Ministry, refused: Sequence[_Refusal]) -> None:
    settlement = settle.Settlement(unit, house, ministry, [one for one, _, _ in refused])
    for one, outcome, text in refused:
        settlement.take(one, Reply(outcome), text)
    settlement.finish()
