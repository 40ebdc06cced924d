"""Spares a system, and spares the dossiers a system that is closed.

A brake is set by what calls came to (``domain.breaker`` says how), by a person (paused) or by the
clock (opening hours), and is kept in the store, so that every process sees it. A system that is
held, closed or unreachable is tried with one call at a time, whoever makes it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bridge.domain.breaker import Answered, Failed, Stance, Told, after, is_news, told_by
from bridge.domain.delivery import Outcome
from bridge.domain.journal import Event
from bridge.domain.said import Said
from bridge.domain.stage import Stage
from bridge.engine import ask
from bridge.engine.house import House, Ministry
from bridge.engine.tally import Heard
from bridge.sdk.errors import AdapterError
from bridge.store import Brake, Unit
from bridge.store import systems as states

OUTSIDE_HOURS = Said("outside opening hours")
RETIRED = Said("it was retired: it is called for nothing any more")
NOTED_EVERY = timedelta(seconds=5)
"""How often a process writes down that its calls went well, where that changes nothing."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Whether calls may be made now; ``reason`` and ``until`` when they may not.

    ``half``: only one call, by whoever ``enter`` lets in. ``stage`` is how far the system was let in.
    """

    open: bool
    state: str
    reason: str | None = None
    until: datetime | None = None
    half: bool = False
    stage: Stage | None = None

    @property
    def takes_any(self) -> bool:
        """Whether calls may be made that nobody waits for: it is not tried with one alone."""
        return self.open and not self.half

    @property
    def sends(self) -> bool:
        """Whether something may go out now."""
        return self.open and (self.stage is None or self.stage.sends)


def gate(
    brake: Brake, ministry: Ministry, now: datetime, local: datetime, *, probing: bool = False
) -> Gate:
    """Tell whether the system may be called at ``now`` (``local``: the same on its wall clock).

    ``probing`` tries a system that is held or was not reached, but never one a person paused.
    """
    found = _called(brake, ministry, now, local, probing=probing)
    return replace(found, stage=brake.stage)


def _called(
    brake: Brake, ministry: Ministry, now: datetime, local: datetime, *, probing: bool
) -> Gate:
    if brake.stage is Stage.RETIRED:
        return Gate(open=False, state=states.PAUSED, reason=RETIRED)
    if brake.state == states.PAUSED:
        return Gate(open=False, state=states.PAUSED, reason=brake.reason)
    if not in_hours(ministry, local):
        opens = _opening(ministry, local)
        return Gate(open=False, state=states.HELD, reason=OUTSIDE_HOURS, until=opens)
    over = brake.until is not None and brake.until <= now
    if brake.state == states.RUNNING and (over or brake.until is None):
        return Gate(open=True, state=brake.state)
    if brake.state == states.RUNNING:  # it asked for a moment, and whoever asks waits for it
        return Gate(open=False, state=states.MAINTENANCE, reason=brake.reason, until=brake.until)
    free = (probing or over) and not brake.stance.probed(now)
    return Gate(free, brake.state, brake.reason, brake.until, half=free)


def in_hours(ministry: Ministry, local: datetime) -> bool:
    """Tell whether the system's opening hours hold; hours over midnight are understood."""
    if ministry.open_hours is None:
        return True
    start, end = ministry.open_hours
    clock = local.time()
    return start <= clock < end if start <= end else clock >= start or clock < end


def _opening(ministry: Ministry, local: datetime) -> datetime | None:
    """Return when the system's opening hours begin next."""
    if ministry.open_hours is None:
        return None
    opens = datetime.combine(local.date(), ministry.open_hours[0], local.tzinfo)
    return opens if opens > local else opens + timedelta(days=1)


def look(house: House, ministry: Ministry, *, probing: bool = False) -> Gate:
    """Read the brake of a system and say whether it may be called now."""
    with house.store.glance() as unit:
        return see(unit, house, ministry, probing=probing)


def see(unit: Unit, house: House, ministry: Ministry, *, probing: bool = False) -> Gate:
    """Say the same as ``look``, inside a transaction of the caller's."""
    return _gate(unit.systems.of(ministry.name), house, ministry, probing=probing)


def may_call(house: House, ministry: Ministry, *, probing: bool = False) -> bool:
    """Tell whether this thread may call the system now; what comes of it must be told (``heard``).

    Of those who would try a system that is held, closed or unreachable, one may.
    """
    seen = look(house, ministry, probing=probing)
    if not seen.half:
        return seen.open
    with house.store.write("try one call") as unit:
        return enter(unit, house, ministry, probing=probing)


def shut(house: House, ministry: Ministry) -> str | None:
    """Return why this thread may not call the system now for a person; ``None`` when it may.

    One that is held, closed or unreachable is tried, as ``may_call`` lets it be.
    """
    if may_call(house, ministry, probing=True):
        return None
    return look(house, ministry).reason or Said("the system is closed to us")


def enter(unit: Unit, house: House, ministry: Ministry, *, probing: bool = False) -> bool:
    """Say the same as ``may_call``, inside a write transaction of the caller's."""
    return pass_through(unit, house, ministry, probing=probing).open


def pass_through(unit: Unit, house: House, ministry: Ministry, *, probing: bool = False) -> Gate:
    """Return the gate as it is for whoever calls now: half open, it is closed behind them."""
    seen = see(unit, house, ministry, probing=probing)
    if not seen.half:
        return seen
    brake = unit.systems.of(ministry.name, lock=True)
    seen = _gate(brake, house, ministry, probing=probing)
    if seen.half:
        until = unit.now + timedelta(seconds=ministry.lease_seconds)
        unit.systems.set(ministry.name, probed_by=_me(house), probed_until=until)
    return seen


def _gate(brake: Brake, house: House, ministry: Ministry, *, probing: bool) -> Gate:
    now = house.now()
    return gate(brake, ministry, now, now.astimezone(house.zone), probing=probing)


def _me(house: House) -> str:
    """Name the thread that makes the one call: it hears the answer itself."""
    return f"{house.owner}/{threading.get_ident()}"


# -- what calls came to


@contextmanager
def heard(house: House, ministry: Ministry) -> Iterator[None]:
    """Tell the brake what becomes of the read in the block; it is outside every transaction."""
    try:
        yield
    except AdapterError as error:
        failed(house, ministry, error)
        raise
    answered(house, ministry)


def answered(house: House, ministry: Ministry) -> None:
    """Tell the brake that a read was answered.

    After a bad time that is proof, but where something the system failed to take waits for it.
    """
    brake, now = _glance(house, ministry)
    failed = brake.stance.troubled and _in_vain(house, ministry)
    _note(house, ministry, [Answered(proof=not failed)], brake, now)


def _in_vain(house: House, ministry: Ministry) -> bool:
    with house.store.glance() as unit:
        return unit.outbox.tried_in_vain(ministry.name)


def failed(house: House, ministry: Ministry, error: AdapterError) -> None:
    """Tell the brake of a read that failed."""
    if isinstance(error, ask.Unsure):
        return answered(house, ministry)
    return told(house, ministry, [[ask.written(error)]])


def told(house: House, ministry: Ministry, calls: Sequence[Sequence[Outcome]]) -> None:
    """Tell the brake what calls came to, each by what it made of the deliveries it carried.

    Without any, that the one call it was asked for was not made.
    """
    words = [told_by(outcomes, house.now()) for outcomes in calls]
    _note(house, ministry, words, *_glance(house, ministry))


def _glance(house: House, ministry: Ministry) -> tuple[Brake, datetime]:
    with house.store.glance() as unit:
        return unit.systems.of(ministry.name), unit.now


def _note(
    house: House, ministry: Ministry, words: Sequence[Told], brake: Brake, now: datetime
) -> None:
    """Count what was heard in this process, and write it down where it makes a difference.

    ``brake`` is what the store had of it just ``now``. A call that failed is written at once: the process may
    be a command that ends with it. What went well and changes nothing is, every few seconds, so that a
    system that works costs no writes.
    """
    own = house.tally.heard(ministry.name, words, now)
    following = _following(house, brake, own, words, now)
    quiet = replace(following, calls=brake.calls) == brake.stance
    early = now - own.since < NOTED_EVERY and not _is_late(brake, words, now)
    if quiet and early and not any(isinstance(word, Failed) for word in words):
        return
    with house.store.write("brake") as unit:
        brake = unit.systems.of(ministry.name, lock=True)
        own = house.tally.taken(ministry.name)
        following = _following(house, brake, own, words, unit.now)
        _stand(unit, brake, following, words)
    if is_news(brake.stance, following):
        house.weather(ministry.name, following.state, following.reason)


def _following(
    house: House, brake: Brake, own: Heard, words: Sequence[Told], now: datetime
) -> Stance:
    stance = replace(brake.stance, calls=brake.calls.then(own.calls))
    me = _me(house)
    if not words and stance.probed_by == me:
        return replace(stance, probed_by=None, probed_until=None)
    for word in words:
        stance = after(stance, word, now, me)
    return stance


def _is_late(brake: Brake, words: Sequence[Told], now: datetime) -> bool:
    """Tell whether a success is news: it is known of none within some seconds."""
    last = brake.last_success_at
    return (last is None or now - last > NOTED_EVERY) and _has_answer(words)


def _has_answer(words: Sequence[Told]) -> bool:
    return any(isinstance(word, Answered) for word in words)


def _stand(unit: Unit, brake: Brake, following: Stance, words: Sequence[Told]) -> None:
    """Write down where a system stands; the journal is told of the change, not of every call."""
    values = {"last_success_at": unit.now} if _has_answer(words) else {}
    if following.troubled != brake.stance.troubled:
        values["since"] = unit.now  # for another reason, or on trial meanwhile, it is one bad time
    if is_news(brake.stance, following):
        if following.state == states.RUNNING:
            unit.journal.add(Event.RESUMED, system=brake.name, was=brake.state)
        else:
            unit.journal.add(
                Event.HELD, system=brake.name, state=following.state, reason=following.reason
            )
    unit.systems.stand(brake.name, following, **values)
