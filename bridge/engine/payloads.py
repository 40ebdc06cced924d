"""What was sent and what came back, kept sealed for a time: the evidence of a delivery.

Nothing is kept without a key. What is sent is kept in the transaction that says it is being sent,
so that a crash leaves it; an answer in the one that settles it. Whoever reads is in the journal
before they see anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson

from bridge.domain.delivery import NotYet, State
from bridge.domain.journal import Event
from bridge.domain.sealing import NONCE_BYTES, Seal, SealBroken
from bridge.sdk.records import Command
from bridge.store import Delivery, Unit
from bridge.store.entries import SealedPayload

if TYPE_CHECKING:  # they work on houses, which hold a safe
    from bridge.engine.ask import Reply
    from bridge.engine.house import House

SENT, ANSWER = "sent", "answer"
KEPT_DAYS = 90
PURGED_AT_ONCE = 2_000


def _nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


@dataclass(frozen=True, slots=True)
class Safe:
    """Where payloads are kept: under which seal (``None``: not at all), for how long."""

    seal: Seal | None = None
    keep: timedelta = timedelta(days=KEPT_DAYS)
    nonce: Callable[[], bytes] = _nonce


@dataclass(frozen=True, slots=True)
class Payload:
    """What was ``sent``, or the ``answer``, of a delivery's attempt.

    ``content`` is ``None`` where it does not open: sealed under another key, or changed.
    """

    system: str
    delivery: int
    attempt: int
    what: str
    at: datetime
    content: Any


def sent(unit: Unit, safe: Safe, going: Sequence[tuple[Delivery, Command]]) -> None:
    """Keep what is about to be sent, in the system's words."""
    if safe.seal is None:
        return
    unit.payloads.keep(
        [
            _sealed(unit, safe, safe.seal, one, command.attempt, SENT, _spoken(command))
            for one, command in going
        ]
    )


def answered(unit: Unit, safe: Safe, told: Sequence[tuple[Delivery, Reply]]) -> None:
    """Keep what came back; that there is no news is none."""
    if safe.seal is None:
        return
    unit.payloads.keep(
        [
            _sealed(unit, safe, safe.seal, one, _attempt(one), ANSWER, _heard(reply))
            for one, reply in told
            if not isinstance(reply.outcome, NotYet)
        ]
    )


def read(house: House, code: str, by: str) -> list[Payload]:
    """Return what is kept of a dossier, opened; that ``by`` read it is in the journal."""
    with house.store.write("payloads read") as unit:
        kept = unit.payloads.of_code(code)
        unit.journal.add(Event.PAYLOADS_READ, code=code, by=by, count=len(kept))
    return [
        Payload(one.system, one.delivery, one.attempt, one.what, one.at, _opened(house.safe, one))
        for one in kept
    ]


def purge(house: House) -> int:
    """Delete what was kept for long enough, a little at a time; returns how much that was."""
    total, gone = 0, PURGED_AT_ONCE
    while gone == PURGED_AT_ONCE:
        with house.store.write("purge payloads") as unit:
            gone = unit.payloads.purge(unit.now - house.safe.keep, PURGED_AT_ONCE)
        total += gone
    return total


def _attempt(delivery: Delivery) -> int:
    """Return which attempt an answer speaks of: what is in doubt has counted its own."""
    return delivery.attempts + (delivery.state is not State.IN_DOUBT)


def _spoken(command: Command) -> Mapping[str, Any]:
    return {"action": command.action.value, "ref": command.ref, "body": command.body}


def _heard(reply: Reply) -> dict[str, Any]:
    """Return all an answer rests on: what it came to, its words, the record where it shows one."""
    heard: dict[str, Any] = {"outcome": type(reply.outcome).__name__, **_plain(reply.outcome)}
    for part in (reply.receipt, reply.found):
        heard |= {} if part is None else _plain(part)
    return {key: value for key, value in heard.items() if value is not None}


def _plain(record: Any) -> Mapping[str, Any]:
    return {one.name: getattr(record, one.name) for one in fields(record)}


def _sealed(  # noqa: PLR0913 - the place of a payload and its content
    unit: Unit,
    safe: Safe,
    seal: Seal,
    one: Delivery,
    attempt: int,
    what: str,
    content: Mapping[str, Any],
) -> SealedPayload:
    written = orjson.dumps(content, default=str, option=orjson.OPT_NON_STR_KEYS)
    sealed = seal.close(written, _place(one.id, attempt, what), safe.nonce())
    return SealedPayload(one.code, one.system, one.id, attempt, what, unit.now, seal.name, sealed)


def _opened(safe: Safe, one: SealedPayload) -> Any:
    if safe.seal is None:
        return None
    try:
        return orjson.loads(safe.seal.open(one.sealed, _place(one.delivery, one.attempt, one.what)))
    except SealBroken:
        return None


def _place(delivery: int, attempt: int, what: str) -> str:
    return f"{delivery}:{attempt}:{what}"
