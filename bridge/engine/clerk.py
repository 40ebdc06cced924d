"""What a person must know or decide: notices for the clerk, conflicts for the office.

A notice is owed to the one-stop database from the transaction its cause is stored in, and told
by ``tell`` whenever that database can be written.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bridge.domain import notices as texts
from bridge.domain.decide import Clash, Loss
from bridge.domain.delivery import State
from bridge.domain.dossier import Fields, Json
from bridge.domain.journal import Event
from bridge.domain.progress import notice_id
from bridge.engine.house import ONESTOP, House, Ministry
from bridge.mapping import column_of
from bridge.mapping.labels import named
from bridge.sdk.onestop import Notice, OneStopFault
from bridge.sdk.results import Trouble
from bridge.store import Delivery, Link, NoticeRow, Unit
from bridge.store.notices import RESOLVE, WRITE

DEAD = "dead"
CONFLICT = "conflict"
UNROUTED = "unrouted"
BY_HAND = "by_hand"
OVERDUE = "overdue"
UNREADABLE = "unreadable"
ELSEWHERE = "elsewhere"
WITHDRAWN = "withdrawn"
ALIKE = "alike"
TWICE = "twice"
SUPPLEMENT = "supplement"
FILE = "file"
RESULT = "result"
UNANSWERED = "unanswered"

_PAIR = "link:"
_LIKE = f"{CONFLICT}:link"
"""The notice about what looks like a dossier: one, however many records that are."""


def owe(  # noqa: PLR0913 - the columns of a notice
    unit: Unit, code: str, system: str, kind: str, field: str | None, text_vi: str, *, act: bool
) -> bool:
    """Owe the clerk a notice about a dossier; ``act`` when there is something to do.

    Returns whether it is news.
    """
    notice = NoticeRow(
        notice_id(code, system, kind, field, unit.now),
        code,
        system,
        kind,
        "action" if act else "info",
        column_of(field) if field else None,
        text_vi,
        unit.now,
    )
    news = unit.notices.add(notice)
    if news:
        unit.journal.add(Event.NOTICE, code=code, system=system, kind=kind, field=field)
    return news


def resolved(unit: Unit, code: str, system: str, *kinds: str) -> None:
    """End the standing notices of a dossier (all, or of these kinds): the cause is gone."""
    ended = unit.notices.resolve(code, system, kinds or None)
    if ended:
        unit.journal.add(Event.NOTICE_RESOLVED, code=code, system=system, count=len(ended))


def nobody_handles(unit: Unit, code: str, procedure: str | None) -> None:
    """Say that no configured system takes this procedure."""
    owe(unit, code, ONESTOP, UNROUTED, "procedure.code", texts.nobody_handles(procedure), act=True)


def dead(unit: Unit, delivery: Delivery, field: str | None, text_vi: str) -> None:
    """Tell the clerk that a dossier was refused and what to mend."""
    owe(unit, delivery.code, delivery.system, DEAD, field, text_vi, act=True)


def overdue(unit: Unit, ministry: Ministry, delivery: Delivery) -> None:
    """Say that the answer to a delivery is past its deadline: a person asks the ministry."""
    hours = ministry.policy.deadline_hours
    unit.journal.add(
        Event.OVERDUE,
        code=delivery.code,
        system=delivery.system,
        delivery=delivery.id,
        state=delivery.state.value,
        hours=f"{hours:g}",
    )
    status = delivery.fields.get("status") if delivery.kind == "step" else None
    step = status if isinstance(status, int) else None
    accepted = delivery.state is State.ACCEPTED
    text = texts.overdue(step, ministry.title, hours, accepted=accepted)
    owe(unit, delivery.code, delivery.system, f"{OVERDUE}:{delivery.id}", None, text, act=True)


def answered(unit: Unit, delivery: Delivery) -> None:
    """End the notice of an overdue answer: it has come, or is not waited for any more."""
    resolved(unit, delivery.code, delivery.system, f"{OVERDUE}:{delivery.id}")


def unanswered(unit: Unit, ministry: Ministry, code: str, reason: str, *, theirs: bool) -> None:
    """Say that a dossier waits, for the ministry does not tell whether it has it already.

    ``theirs``: the reason is in the ministry's own words.
    """
    text = texts.unanswered(ministry.title, reason if theirs else None)
    if owe(unit, code, ministry.name, UNANSWERED, None, text, act=True):
        unit.journal.add(Event.UNANSWERED, code=code, system=ministry.name, reason=reason)


def clash(unit: Unit, ministry: Ministry, link: Link, found: Clash) -> None:
    """Open a conflict on a field, journal it, and tell the clerk."""
    opened = unit.conflicts.raise_(
        link.code, link.system, found.path, found.why, found.ours, found.theirs
    )
    if not opened:
        return
    unit.journal.add(
        Event.CLASH, code=link.code, system=link.system, field=found.path, why=found.why
    )
    text = texts.conflict(named(found.path), found.why, ministry.title)
    owe(unit, link.code, link.system, f"{CONFLICT}:{found.path}", found.path, text, act=True)


def clash_over(unit: Unit, link: Link, path: str, resolution: str) -> None:
    """Close the conflict on a field and its notice."""
    if unit.conflicts.close(link.code, link.system, path, resolution):
        unit.journal.add(
            Event.CLASH_RESOLVED, code=link.code, system=link.system, field=path, how=resolution
        )
        resolved(unit, link.code, link.system, f"{CONFLICT}:{path}")


def no_word(unit: Unit, link: Link, status: int) -> None:
    """Say that the system has no word for a withdrawal or hand-over: nothing is sent."""
    unit.journal.add(Event.NO_WORD, code=link.code, system=link.system, status=status)
    text = texts.no_word(status, link.system)
    owe(unit, link.code, link.system, f"no_word:{status}", "status", text, act=False)


def papers_asked(unit: Unit, ministry: Ministry, code: str, supplements: Sequence[str]) -> None:
    """Say that the ministry asks for more papers: once for each of these requests."""
    text = texts.supplement(ministry.title, sends=ministry.capabilities.supplements)
    for one in supplements:
        owe(unit, code, ministry.name, f"{SUPPLEMENT}:{one}", "supplements", text, act=True)


def papers_no_more_asked(unit: Unit, link: Link, fields: Fields, *, of_all: bool = False) -> None:
    """End the notices of requests whose papers were brought; ``of_all`` of every request."""
    rows: Any = fields.get("supplements") or []
    over = [f"{SUPPLEMENT}:{one['id']}" for one in rows if of_all or one.get("completed_at")]
    if over:
        resolved(unit, link.code, link.system, *over)


def by_hand(unit: Unit, ministry: Ministry, link: Link) -> None:
    """Say that the ministry takes no supplements from us: the papers go there by hand."""
    text = texts.by_hand(ministry.title)
    owe(unit, link.code, link.system, BY_HAND, "documents", text, act=True)


def result_bad(unit: Unit, ministry: Ministry, code: str, mark: str, trouble: Trouble) -> None:
    """Say that a file the ministry issued could not be taken in."""
    text = texts.bad_result(ministry.title, large=trouble == "large")
    owe(unit, code, ministry.name, f"{RESULT}:{mark}", "documents", text, act=True)


def result_good(unit: Unit, ministry: Ministry, code: str, marks: Sequence[str]) -> None:
    """End the notices of files that came well after all, or are shown no more."""
    if marks:
        resolved(unit, code, ministry.name, *(f"{RESULT}:{mark}" for mark in marks))


def results_by_hand(unit: Unit, ministry: Ministry, code: str) -> None:
    """Say that the one-stop has no place for the files a ministry issued."""
    text = texts.results_by_hand(ministry.title)
    owe(unit, code, ministry.name, RESULT, "documents", text, act=True)


def unreadable(unit: Unit, code: str, column: str | None) -> None:
    """Say that a dossier of the one-stop can't be read, and where."""
    text = texts.unreadable(column)
    owe(unit, code, ONESTOP, UNREADABLE, column, text, act=True)


def elsewhere(unit: Unit, ministry: Ministry, code: str, ref: str | None) -> None:
    """Open a conflict: the system has a record of a dossier that is not for it."""
    if unit.conflicts.raise_(
        code, ministry.name, "procedure.code", ELSEWHERE, code, ref, once=True
    ):
        unit.journal.add(
            Event.CLASH, code=code, system=ministry.name, field="procedure.code", why=ELSEWHERE
        )
        text = texts.conflict(named("procedure.code"), ELSEWHERE, ministry.title)
        kind = f"{CONFLICT}:procedure.code"
        owe(unit, code, ministry.name, kind, "procedure.code", text, act=True)


def withdrawn(unit: Unit, ministry: Ministry, link: Link) -> None:
    """Open a conflict: the dossier is for the system again, where its record is withdrawn."""
    if unit.conflicts.raise_(link.code, link.system, "record", WITHDRAWN, link.code, link.ref):
        unit.journal.add(
            Event.CLASH, code=link.code, system=link.system, field="record", why=WITHDRAWN
        )
        text = texts.conflict("record", WITHDRAWN, ministry.title)
        owe(unit, link.code, link.system, f"{CONFLICT}:record", None, text, act=True)


def twice(unit: Unit, ministry: Ministry, link: Link, others: Sequence[str] | int) -> None:
    """Open a conflict: the system holds more than one record for one dossier.

    ``others`` are the numbers of those that are not the linked one; or, where it does not tell them,
    how many there are with it.
    """
    known: Json = others if isinstance(others, int) else sorted(others)
    if unit.conflicts.raise_(link.code, link.system, "record", TWICE, link.ref, known, once=True):
        unit.journal.add(
            Event.CLASH,
            code=link.code,
            system=link.system,
            field="record",
            why=TWICE,
            count=others if isinstance(others, int) else 1 + len(others),
        )
        text = texts.conflict("record", TWICE, ministry.title)
        owe(unit, link.code, link.system, f"{CONFLICT}:record", None, text, act=True)


def shared(unit: Unit, ministry: Ministry, link: Link, ref: str) -> None:
    """Open a conflict: the system gave one number to two dossiers."""
    if unit.conflicts.raise_(
        link.code, link.system, "ministry_ref", "shared", None, ref, once=True
    ):
        unit.journal.add(
            Event.CLASH,
            code=link.code,
            system=link.system,
            field="ministry_ref",
            why="shared",
            ref=ref,
        )
        text = texts.conflict("ministry_ref", "shared", ministry.title)
        owe(
            unit, link.code, link.system, f"{CONFLICT}:ministry_ref", "ministry_ref", text, act=True
        )


def never_equal(unit: Unit, ministry: Ministry, link: Link, loss: Loss) -> None:
    """Open a conflict: the system keeps showing something else than what it accepted."""
    clash(unit, ministry, link, Clash(loss.path, loss.kept, loss.lost, None, "never_equal"))


def pair(ref: str) -> str:
    """Return what a conflict is about that asks whether a record is one of our dossiers."""
    return f"{_PAIR}{ref}"


def paired_ref(field: str) -> str:
    """Return the number of the record that a conflict with this field is about."""
    return field.removeprefix(_PAIR)


def alike(unit: Unit, ministry: Ministry, code: str, ref: str) -> bool:
    """Open a conflict: a record looks like a dossier of ours; a person says whether it is.

    True when new: not where it is open, or was decided.
    """
    new = unit.conflicts.raise_(code, ministry.name, pair(ref), ALIKE, code, ref, once=True)
    if new:
        unit.journal.add(
            Event.CLASH, code=code, system=ministry.name, field="link", why=ALIKE, ref=ref
        )
        text = texts.conflict("link", ALIKE, ministry.title)
        owe(unit, code, ministry.name, _LIKE, None, text, act=True)
    return new


def alike_over(unit: Unit, code: str, system: str, ref: str, how: str) -> None:
    """Close the conflict that asks whether a record is a dossier of ours: nobody need decide it."""
    if unit.conflicts.close(code, system, pair(ref), how):
        unit.journal.add(
            Event.CLASH_RESOLVED, code=code, system=system, field="link", how=how, ref=ref
        )
        alike_answered(unit, code, system, [ref])


def alike_answered(unit: Unit, code: str, system: str, refs: Sequence[str]) -> None:
    """End the notice that records look like a dossier, once a person is asked of none of them.

    A store may have notices from when each record had one: that of ``refs``, which are decided, ends too.
    """
    left = unit.conflicts.open_of([code]).get((code, system), [])
    common = [] if any(one.why == ALIKE for one in left) else [_LIKE]
    resolved(unit, code, system, *common, *(f"{CONFLICT}:{pair(ref)}" for ref in refs))


def paired(unit: Unit, link: Link, ref: str, how: str) -> None:
    """Close what is decided by pairing a record: whose it is, and the number it shares."""
    for conflict in unit.conflicts.about(link.system, pair(ref)):
        alike_over(unit, conflict.code, link.system, ref, how)
    for conflict in unit.conflicts.open_of([link.code]).get((link.code, link.system), []):
        if conflict.why == "shared":
            clash_over(unit, link, conflict.field, how)


def tell(house: House) -> int:
    """Bring the one-stop database up to date with its notices; returns how many it was told.

    One that it refuses stays owed, and keeps none of the others.

    Raises:
        OneStopFault: the database can't be written; everything stays owed.
    """
    with house.store.glance() as unit:
        owed = unit.notices.owed(house.page)
    if not owed:
        return 0
    try:
        _write(house, owed)
    except OneStopFault as fault:
        owed = [] if fault.transient else [one for one in owed if _taken(house, one)]
        if not owed:
            raise
    with house.store.write("notices told") as unit:
        unit.notices.told(owed)
    return len(owed)


def _taken(house: House, notice: NoticeRow) -> bool:
    try:
        _write(house, [notice])
    except OneStopFault:
        return False
    return True


def _write(house: House, owed: Sequence[NoticeRow]) -> None:
    house.onestop.notify([_as_notice(one) for one in owed if one.owed == WRITE])
    ended = [one for one in owed if one.owed == RESOLVE]
    house.onestop.notify([_as_notice(one) for one in ended])
    for at in {one.resolved_at for one in ended}:
        if at is not None:
            house.onestop.resolve([one.id for one in ended if one.resolved_at == at], at)


def _as_notice(row: NoticeRow) -> Notice:
    return Notice(row.id, row.code, row.system, row.severity, row.field, row.text_vi, row.at)
