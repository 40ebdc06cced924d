"""A ministry fetches the file of a paper: whether it may, and what the journal and clerk are told.

Only what an address of ours names is looked up, so strangers can neither find out which papers
there are, nor fill the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bridge.domain import notices as texts
from bridge.domain.file_addresses import Permit
from bridge.domain.journal import Event
from bridge.engine import clerk
from bridge.engine.house import House, Ministry
from bridge.sdk.documents import Document, DocumentFault
from bridge.sdk.onestop import Paper
from bridge.store import Unit


class Ended(StrEnum):
    """What became of a fetch."""

    WHOLE = "whole"
    """All of it was handed to the connection."""
    UNCHANGED = "unchanged"
    """They have this very content already (``If-None-Match``), and nothing was sent."""
    BROKEN_OFF = "broken_off"
    """The connection ended before the file did."""
    WRONG = "wrong"
    """The file is missing, or not the one whose hash the one-stop has."""
    GONE = "gone"
    """The paper was deleted in the one-stop."""
    EXPIRED = "expired"


class Refusal(StrEnum):
    """Why nothing is served, as far as the asker is told."""

    FORBIDDEN = "forbidden"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Fetch:
    """A fetch that an address of ours permits: whose, of which dossier, which file."""

    system: str
    code: str
    document: Document


def admit(house: House, document_id: str, day: str, signature: str) -> Fetch | Refusal:
    """Return what may be fetched at an address, or how it is refused.

    Raises:
        OneStopFault: the document can't be looked up now.
        StoreFault: a refusal can't be journalled now.
    """
    permit = _permit(house, document_id, day, signature)
    if permit is None:
        return Refusal.FORBIDDEN
    paper = house.onestop.paper(document_id)
    if permit.expired:
        _too_late(house, permit.system, document_id, day, paper)
        return Refusal.FORBIDDEN
    if paper is None or paper.row.get("deleted"):
        _refused(house, permit.system, document_id, paper, Ended.GONE)
        return Refusal.UNKNOWN
    try:
        return Fetch(permit.system, paper.code, house.onestop.document(paper.row))
    except DocumentFault:
        _refused(house, permit.system, document_id, paper, Ended.WRONG)
        return Refusal.UNKNOWN


def ended(house: House, fetch: Fetch, outcome: Ended, sent: int = 0) -> None:
    """Journal a fetch with the bytes that were sent; tell the clerk of a file that is wrong."""
    document = fetch.document
    with house.store.write("file fetched") as unit:
        _journal(unit, fetch.system, fetch.code, document.id, outcome, sent)
        if outcome is Ended.WRONG:
            _wrong(unit, house.ministries[fetch.system], fetch.code, document.id, document.name)
        elif outcome is Ended.WHOLE:
            clerk.resolved(unit, fetch.code, fetch.system, kind_of(document.id))


def kind_of(document_id: str) -> str:
    """Return the kind of the notice that speaks of one file a ministry did not get."""
    return f"{clerk.FILE}:{document_id}"


def look_for_mended(house: House) -> int:
    """End the notices of files that are right again, or gone with their papers; returns how many.

    Raises:
        OneStopFault: the documents can't be looked up now.
    """
    with house.store.read() as unit:
        standing = unit.notices.of_kinds(f"{clerk.FILE}:")
    over = [one for one in standing if _is_over(house, one.kind.partition(":")[2])]
    if over:
        with house.store.write("files mended") as unit:
            for one in over:
                clerk.resolved(unit, one.code, one.system, one.kind)
    return len(over)


def _permit(house: House, document_id: str, day: str, signature: str) -> Permit | None:
    if house.addresses is None:
        return None
    return house.addresses.permit(house.ministries, document_id, day, signature, house.now())


def _refused(
    house: House, system: str, document_id: str, paper: Paper | None, outcome: Ended
) -> None:
    code = None if paper is None else paper.code
    with house.store.write("file refused") as unit:
        _journal(unit, system, code, document_id, outcome, 0)
        if outcome is Ended.WRONG and paper is not None:
            name = str(paper.row.get("name") or "")
            _wrong(unit, house.ministries[system], paper.code, document_id, name)


def _too_late(house: House, system: str, document_id: str, day: str, paper: Paper | None) -> None:
    """Journal that a file was asked for after its day, once an address: it may be asked for daily."""
    source = f"expired {system} {document_id}"
    with house.store.read() as unit:
        if unit.inbox.cursor(source) == day:
            return
    with house.store.write("file refused") as unit:
        unit.inbox.move_cursor(source, day)
        _journal(unit, system, None if paper is None else paper.code, document_id, Ended.EXPIRED, 0)


def _journal(  # noqa: PLR0913 - the words of the entry
    unit: Unit, system: str, code: str | None, document_id: str, outcome: Ended, sent: int
) -> None:
    unit.journal.add(
        Event.FILE_FETCHED,
        code=code,
        system=system,
        document=document_id,
        bytes=sent,
        outcome=outcome.value,
    )


def _wrong(unit: Unit, ministry: Ministry, code: str, document_id: str, name: str) -> None:
    text = texts.unfetchable(name, ministry.title)
    clerk.owe(unit, code, ministry.name, kind_of(document_id), "documents", text, act=True)


def _is_over(house: House, document_id: str) -> bool:
    paper = house.onestop.paper(document_id)
    if paper is None or paper.row.get("deleted"):
        return True
    try:
        house.onestop.document(paper.row).verify()
    except DocumentFault:
        return False
    return True
