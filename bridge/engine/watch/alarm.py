"""Opens and closes alerts, and sees that each receiver is told of each once.

What is told is owed in the transaction that opens or closes the alert. A message is done once its
receiver has taken it, so a restart neither repeats nor forgets; only where the answer to it was
lost may it come twice, with the same key.
"""

from __future__ import annotations

from datetime import timedelta

from bridge.domain.alerts import Closing, Decision, Opened, Opening, decide
from bridge.engine.house import House
from bridge.engine.watch import digest, words
from bridge.engine.watch.observe import observe
from bridge.engine.watch.station import Letter, Watch
from bridge.engine.watch.words import CLOSING, OPENING
from bridge.sdk.errors import AdapterError, InDoubt
from bridge.store import Message, NewMessage, ReceiverState, Unit

LEASE = timedelta(minutes=5)
"""How long a message is one process's: longer than any sending takes."""

RETRY_FIRST, RETRY_MOST = timedelta(seconds=30), timedelta(hours=1)
KEPT = timedelta(days=90)
"""How long alerts and messages are kept once they are over."""

COUNT_AT_ONCE = 5_000
"""Entries of the journal that one transaction counts."""


def look(house: House, watch: Watch) -> Decision:
    """Look at everything, open and close what is to be, and owe the messages."""
    observations = observe(house, watch)
    with house.store.read() as unit:
        alerts = unit.alerts.open()
    local = house.now().astimezone(house.zone)
    decision = decide(alerts, observations, local, watch.rules, watch.quiet)
    if decision.opens or decision.closes:
        with house.store.write("alerts") as unit:
            for opening in decision.opens:
                _open(unit, watch, opening)
            for closing in decision.closes:
                _close(unit, watch, closing)
    return decision


def count(house: House) -> None:
    """Count the journal on, a portion a transaction, so that nobody counts it whole."""
    more = True
    while more:
        with house.store.write("journal counted") as unit:
            more = unit.watched.count_on(COUNT_AT_ONCE)


def tidy(house: House, watch: Watch) -> None:
    """Let go of what was over long ago, and of receivers and certificates there are no more."""
    with house.store.write("alerts tidied") as unit:
        unit.alerts.forget(unit.now - KEPT)
        for one in unit.alerts.receivers():
            if one.name not in watch.receivers and not digest.is_digest(one.name):
                unit.alerts.give_up_all(one.name)
        known = {one.system for one in unit.watched.certificates()}
        for name in known - watch.certificates.keys():
            unit.watched.keep_certificates(name, ())


def _open(unit: Unit, watch: Watch, opening: Opening) -> None:
    alert = unit.alerts.opens(opening)
    if alert is None:
        return
    seen = opening.seen
    said = words.facts(
        alert.matter, alert.subject, alert.severity, seen.amount, seen.count, unit.now
    )
    for receiver in watch.receivers.values():
        if receiver.wants(alert.severity):
            occasion = f"{alert.id}:{alert.stage}"
            unit.alerts.owe(
                NewMessage(receiver.name, OPENING, occasion, said, opening.told_at, alert.id)
            )


def _close(unit: Unit, watch: Watch, closing: Closing) -> None:
    """Close an alert; who was not told that it is open is not told that it is over."""
    alert = closing.alert
    if not unit.alerts.closes(closing):
        return
    said = words.facts(
        alert.matter, alert.subject, alert.severity, None, None, alert.since, unit.now
    )
    for receiver in watch.receivers.values():
        if not unit.alerts.take_back(receiver.name, alert.id):
            unit.alerts.owe(
                NewMessage(receiver.name, CLOSING, str(alert.id), said, closing.told_at, alert.id)
            )


def tell(house: House, watch: Watch) -> dict[str, str | None]:
    """Send what is due; returns the receivers it was sent to, each with why it failed, if it did.

    A receiver that fails is left alone for a while, longer each time; the others are told.
    """
    with house.store.read() as unit:
        due = unit.alerts.due()
    came: dict[str, str | None] = {}
    for name in due:
        while (message := _claim(house, name)) is not None:
            came[name] = _send(house, watch, message)
            if came[name] is not None:
                break
    return came


def _claim(house: House, receiver: str) -> Message | None:
    with house.store.write("message claimed") as unit:
        return unit.alerts.claim(receiver, unit.now + LEASE)


def _send(house: House, watch: Watch, message: Message) -> str | None:
    """Send a message that was claimed; returns why it was not taken."""
    try:
        sent = _sent(house, watch, message)
    except AdapterError as error:
        wait = min(RETRY_FIRST * 2 ** min(message.attempts, 10), RETRY_MOST)
        with house.store.write("message failed") as unit:
            lost = isinstance(error, InDoubt)
            unit.alerts.failed(message, unit.now + wait, error.reason, uncertain=lost)
        return error.reason
    with house.store.write("message taken") as unit:
        if sent:
            unit.alerts.taken(message.id)
        else:
            unit.alerts.give_up(message.id)
    return None


def _sent(house: House, watch: Watch, message: Message) -> bool:
    """Send a message; False when there is nobody to send it to, or it is of no use any more."""
    key = f"dossier-bridge-{message.kind}-{message.id}-{message.made_at:%Y%m%d%H%M%S}"
    if digest.is_digest(message.receiver):
        return digest.send(house, watch, message, key)
    receiver = watch.receivers.get(message.receiver)
    if receiver is None:
        return False
    told: Letter = words.letter(key, message.kind, message.content, receiver.speak, house.zone)
    receiver.send(told)
    return True


def standing(house: House) -> tuple[list[Opened], list[ReceiverState]]:
    """Return what is open, oldest first, and the receivers that messages wait for."""
    with house.store.read() as unit:
        return unit.alerts.open(), unit.alerts.receivers()
