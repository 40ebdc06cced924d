"""Once a day, one mail an office: what its clerks must mend (``domain.digest`` has the words).

A mail is owed once an office and day, whoever makes it; a day on which it could not be sent is
over with the next, which lists the same again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from bridge.domain import digest as words
from bridge.domain.digest import Digest, Item
from bridge.domain.dossier import Snapshot
from bridge.engine.house import House
from bridge.engine.watch.station import Letter, Watch
from bridge.mapping import column_of
from bridge.mapping.labels import LABELS
from bridge.store import Message, NewMessage, NoticeRow

DIGEST = "digest"
CURSOR = "digest"
"""The cursor's name: the day whose mails were made."""

OF_NO_USE = timedelta(hours=24)

_MARK = "digest:"
_LABELS: Mapping[str, str] = {column_of(path): label for path, label in LABELS.items()}


def receiver_of(agency: str | None) -> str:
    """Return the name an office has as a receiver; ``None`` is the one nobody can tell."""
    return f"{_MARK}{agency or ''}"


def is_digest(receiver: str) -> bool:
    """Tell whether a receiver is an office that gets the daily mail."""
    return receiver.startswith(_MARK)


def digests(house: House) -> list[Digest]:
    """Return what the clerks of each office must mend now.

    Raises:
        OneStopFault: the database that tells which office has received a dossier can't be read.
    """
    with house.store.read() as unit:
        standing = unit.notices.to_mend()
    offices = _offices(house, {one.code for one in standing})
    return words.of_items(
        [(*offices.get(one.code, (None, None)), _item(house, one)) for one in standing]
    )


def make(house: House, watch: Watch, *, at_once: bool = False) -> int:
    """Owe today's mails if their time has come and nobody did; returns how many.

    ``at_once`` does not wait for the time.

    Raises:
        OneStopFault: see ``digests``; it is tried again with the next look.
    """
    rounds = watch.digest
    local = house.now().astimezone(house.zone)
    day = f"{local:%Y-%m-%d}"
    if rounds is None or (local.time() < rounds.at and not at_once):
        return 0
    with house.store.read() as unit:
        if unit.inbox.cursor(CURSOR) == day:
            return 0
    found = [(one, rounds.address(one.agency)) for one in digests(house)]
    with house.store.write("digest made") as unit:
        owed = sum(unit.alerts.owe(_message(one, day, house)) for one, address in found if address)
        unit.inbox.move_cursor(CURSOR, day)
    return owed


def send(house: House, watch: Watch, message: Message, key: str) -> bool:
    """Send one mail; False when it is of yesterday, or has no address any more.

    Raises:
        AdapterError: it was not taken, or nobody knows.
    """
    rounds = watch.digest
    agency = message.receiver.removeprefix(_MARK) or None
    address = rounds.address(agency) if rounds is not None else None
    if rounds is None or address is None or house.now() - message.made_at > OF_NO_USE:
        return False
    said = message.content
    rounds.send(address, Letter(key, str(said["subject"]), str(said["text"]), {}))
    return True


def _message(one: Digest, day: str, house: House) -> NewMessage:
    now = house.now()
    local = now.astimezone(house.zone)
    content = {"subject": words.subject(one, local), "text": words.text(one, local)}
    return NewMessage(receiver_of(one.agency), DIGEST, day, content, now)


def _offices(house: House, codes: Collection[str]) -> dict[str, tuple[str | None, str | None]]:
    """Return code and name of the office that received each dossier, else of the one in charge."""
    wanted, found = sorted(codes), dict[str, tuple[str | None, str | None]]()
    for start in range(0, len(wanted), house.page):
        page = house.onestop.fetch(wanted[start : start + house.page])
        for code, seen in page.items():
            if isinstance(seen, Snapshot):
                place = "reception_agency" if seen.get("reception_agency.code") else "agency"
                office, name = seen.get(f"{place}.code"), seen.get(f"{place}.name")
                found[code] = (
                    str(office) if office else None,
                    str(name) if name else None,
                )
    return found


def _item(house: House, one: NoticeRow) -> Item:
    ministry = house.ministries.get(one.system)
    title = ministry.title if ministry is not None else "phần mềm một cửa"
    label = _LABELS.get(one.field) if one.field else None
    return Item(one.code, one.system, title, one.field, label, one.text_vi, one.at)
