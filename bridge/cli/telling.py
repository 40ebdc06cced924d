"""The journal in sentences a manager can follow, in the language spoken now."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

from bridge.domain.authority import Owner
from bridge.domain.delivery import State
from bridge.domain.dossier import Json, is_open
from bridge.domain.journal import Event
from bridge.domain.notices import MASK
from bridge.domain.said import from_json
from bridge.domain.status import NAMES
from bridge.i18n import N_, _, language, spoken
from bridge.mapping.labels import named

_SENTENCES: Mapping[str, str] = {
    Event.CAPTURED: N_("changed in the one-stop"),
    Event.QUARANTINED: N_("could not be read and was set aside: {reason}"),
    Event.SUPERSEDED: N_("an unsent version was replaced by a newer one"),
    Event.REVIVED: N_("mended in the one-stop; sent again"),
    Event.NEVER_SENT: N_("not sent: it left the counter's hands before the system had it"),
    Event.PUT_BACK: N_("not sent after all; it goes in the next turn"),
    Event.ACCEPTED: N_("taken by the system; its confirmation is awaited"),
    Event.RESUMED: N_("the system works again"),
    Event.IN_DOUBT: N_("the answer was lost; the system will be asked, nothing is sent again"),
    Event.OVERDUE: N_(
        "no answer for over {hours} hours: a person asks the ministry; it is asked on, nothing "
        "is sent again"
    ),
    Event.CUT: N_("the text of {field} was cut to {limit} characters"),
    Event.LINKED: N_("linked with the system's record ({why})"),
    Event.PASSED_OVER: N_(
        "the system's record {ref} has changed; it was parted by hand, nothing of it is taken in"
    ),
    Event.IMPORT_RESERVED: N_("found only at the ministry ({ref}); a code was reserved"),
    Event.IMPORTED: N_("taken over from the ministry ({ref}); received: {received_at}"),
    Event.WITHDRAWN: N_(
        "its procedure is another system's: the record there is to be withdrawn ({ref})"
    ),
    Event.ORPHAN: N_(
        "deleted in the one-stop: nothing more is sent, a person decides about the link"
    ),
    Event.FOUND_AGAIN: N_("it is in the one-stop again; what waited goes out"),
    Event.CLASH: N_("conflict on {field} ({why}); a person decides"),
    Event.CLASH_RESOLVED: N_("the conflict on {field} is over: {how}"),
    Event.NOTICE_RESOLVED: N_("the clerk's notice is resolved"),
    Event.UNANSWERED: N_(
        "not sent: the system gives no usable answer whether it has it already, and is asked again: "
        "{reason}"
    ),
    Event.FEED_WARNING: N_("{reason}"),
    Event.PROCEDURE: N_("procedure {procedure}: {how}"),
    Event.CODE_LIST: N_("code list {list}: {how} (added: {added})"),
    Event.DOCUMENTS_LEFT_OUT: N_("documents were left out: {reason}"),
    Event.RESULT: N_("a file the ministry issued is with the documents ({file}): {size} bytes"),
    Event.RESULT_ASIDE: N_("a file the ministry issued was set aside ({file}): {reason}"),
    Event.RECONCILED: N_("compared with the system, and mended: {what}"),
    Event.FEED_MOVED_BACK: N_(
        "the system's numbers went back; its feed is read from the beginning"
    ),
    Event.HANDED_ON: N_("never sent there; it goes to whoever takes it now: {to}"),
    Event.STAGE: N_("the system is new here and begins with: {stage}"),
    Event.WIDENED: N_("it takes these procedures from now on; older dossiers follow: {procedures}"),
    Event.PAYLOADS_READ: N_("{by} read what was sent and answered: {count}"),
    Event.RESULTS_LEFT_OUT: N_("files the ministry issued were left out, as configured: {count}"),
}


def place(system: str, *, enabled: bool) -> str:
    """Return the name of a system, and that it is switched off where it is."""
    return system if enabled else _("{name} (switched off)", name=system)


_STATES: Mapping[State, str] = {
    State.PENDING: N_("pending"),
    State.SENDING: N_("sending"),
    State.ACCEPTED: N_("accepted"),
    State.CONFIRMED: N_("confirmed"),
    State.HELD: N_("held"),
    State.IN_DOUBT: N_("in doubt"),
    State.DEAD: N_("refused"),
    State.SUPERSEDED: N_("superseded"),
    State.DROPPED: N_("dropped"),
}

_STANDS: Mapping[str, str] = {
    "running": N_("running"),
    "paused": N_("paused"),
    "held": N_("held"),
    "maintenance": N_("maintenance"),
    "unreachable": N_("unreachable"),
}

_WHEREABOUTS: Mapping[str, str] = {
    **_STANDS,
    **{state.value: word for state, word in _STATES.items()},
    "confirmed": N_("taken and confirmed"),
    "pending": N_("waits to be sent"),
    "held": N_("waits, for the system is closed to us"),
    "dead": N_("refused"),
    "not_sent": N_("not sent"),
    "parted": N_("parted by hand"),
    "pairing": N_("paired by hand, not compared yet"),
    "importing": N_("being taken over from the ministry"),
    "orphan": N_("deleted in the one-stop, a person decides"),
}


_OWNERS: Mapping[Owner, str] = {
    Owner.ONESTOP: N_("one-stop"),
    Owner.MINISTRY: N_("ministry"),
    Owner.BY_STATUS: N_("by its value"),
    Owner.NOBODY: N_("nobody"),
}


_WORDS: Mapping[str, str] = {
    "no_owner": N_("both sides changed it"),
    "illegal_move": N_("not a legal move"),
    "not_ours": N_("withdrawn or handed over only there"),
    "reopening": N_("reopened there"),
    "never_equal": N_("accepted, but shown otherwise"),
    "taken_back": N_("gone at the ministry since it was set back"),
    "twice": N_("more than one record there"),
    "shared": N_("one number for two dossiers"),
    "alike": N_("it looks like one of ours"),
    "elsewhere": N_("its procedure is another system's"),
    "it is for this system again": N_("it is for this system again"),
    "it is not for this system": N_("it is not for this system"),
    "it is withdrawn there": N_("it is withdrawn there"),
    "it is open there again": N_("it is open there again"),
    "nothing is left to decide": N_("nothing is left to decide"),
    "one more was found, and is asked about with the others": N_(
        "one more was found, and is asked about with the others"
    ),
    "the ministry shows the record no more": N_("the ministry shows the record no more"),
    "both sides agree": N_("both sides agree"),
    "the record names it": N_("the record names it"),
    "of the ministry": N_("of the ministry"),
    "when first seen": N_("when first seen"),
    "added": N_("added to the list"),
    "changed": N_("changed in the list"),
    "withdrawn": N_("withdrawn"),
    "restored": N_("in force again"),
    "a person took the one-stop's": N_("a person took the one-stop's"),
    "a person took the ministry's": N_("a person took the ministry's"),
    "a person keyed it": N_("a person keyed it"),
    "conflict: a person took the one-stop's": N_("conflict: the one-stop's value"),
    "conflict: a person took the ministry's": N_("conflict: the ministry's value"),
    "conflict: a person keyed it": N_("conflict: another value"),
    "applied": N_("it was applied"),
    "not applied": N_("it was not applied"),
    "sent again": N_("send again"),
    "dropped": N_("drop"),
    "values read": N_("personal values read"),
    "answer lost": N_("the answer was lost"),
    "the sender died": N_("the bridge broke off while sending it"),
    "absent so far": N_("no trace so far, too early to count"),
    "absent once": N_("no trace, asked once"),
    "not yet": N_("no answer yet"),
    "no answer past the deadline": N_("no answer past the deadline"),
    "accepted": N_("taken, not confirmed"),
    "refused": N_("refused"),
    "crashed us": N_("broke the bridge off again and again"),
    "failed for too long": N_("failed for too long"),
    "failed too often": N_("failed too often"),
    "deleted in the one-stop": N_("deleted in the one-stop"),
    "denied": N_("the ministry said it was not applied"),
    "the citizen is at the counter": N_("the citizen is at the counter"),
    "by hand": N_("by hand"),
    "paired by hand": N_("paired by hand"),
    "parted by hand": N_("parted by hand"),
    "no reason was given": N_("no reason was given"),
    "read_only": N_("read only"),
}
"""What the journal says in words of its own."""

_MATTERS: Mapping[str, str] = {
    "pause": N_("pause"),
    "resume": N_("resume"),
    "release": N_("take what was set aside in again"),
    "link": N_("link with the record"),
    "unlink": N_("part from the record"),
    "match": N_("link with the record, by the evidence"),
    "told apart": N_("the record is another dossier's"),
    "push": N_("send ahead of the others"),
    "applied": N_("the doubt: it was applied"),
    "not applied": N_("the doubt: it was not applied"),
    "sent again": N_("send again"),
    "dropped": N_("drop what was refused"),
    "drop lifted": N_("send what was dropped after all"),
    "conflict": N_("the conflict"),
    "values read": N_("look at the values"),
    "onboard": N_("let the system in"),
    "retire": N_("retire the system"),
    "reconcile": N_("have repaired what differs"),
}
"""What people decide about, by the journal's word for it."""

_NO_FIELDS: Mapping[str, str] = {"record": N_("record"), "link": N_("link")}
"""What conflicts may be about that is no field of a dossier."""


def field_name(path: str) -> str:
    """Return what the reader calls a field: its path, and in Vietnamese its label before it."""
    if path in _NO_FIELDS:
        return _(_NO_FIELDS[path])
    return named(path) if language() == "vi" else path


def word(said: str) -> str:
    """Return one of the journal's or the engine's own words as the reader says it."""
    return _(_WORDS.get(said, "")) or said


def status_name(status: Any) -> str:
    """Return a national status by its number and its name."""
    return "-" if status is None else f"{status} {NAMES.get(status, '')}".strip()


def value_told(path: str, value: Json, *, with_values: bool) -> str:
    """Return a value of a field as a table shows it; what may name a person only ``with_values``."""
    if value is None:
        return "-"
    if isinstance(value, list):
        return _("list of {count}", count=len(value))
    if not (with_values or is_open(path, value)):
        return MASK
    return status_name(value) if path == "status" else str(value)


def local(at: datetime, zone: tzinfo) -> str:
    """Return a moment as the office's clock shows it, to the second."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")


def day_and_time(at: datetime, zone: tzinfo) -> str:
    """Return a moment as one says it in a sentence, to the minute, on the office's clock."""
    there = at.astimezone(zone)
    return (
        f"{there:%H:%M} ngày {there:%d/%m/%Y}" if language() == "vi" else f"{there:%Y-%m-%d %H:%M}"
    )


def day(at: datetime) -> str:
    """Return a day as the head of what happened in it."""
    return f"Ngày {at:%d/%m/%Y}" if language() == "vi" else f"{at:%Y-%m-%d}"


def state_name(state: State) -> str:
    """Return what a person calls the state of a delivery."""
    return _(_STATES[state])


def state_word(state: str) -> str:
    """Return what a person calls the state of a system."""
    return _(_STANDS[state])


def whereabouts_word(state: str) -> str:
    """Return what a clerk reads out of where a dossier is."""
    return _(_WHEREABOUTS.get(state, state))


def owner_name(owner: Owner) -> str:
    """Return what a person calls the owner of a field."""
    return _(_OWNERS[owner])


def tell(event: str, detail: Mapping[str, Any]) -> str:
    """Return one entry as a sentence; an event without one is named as it is."""
    detail = {**detail, **_said(detail)}
    special = _SPECIAL.get(event)
    if special is not None:
        return special(detail)
    sentence = _SENTENCES.get(event)
    if sentence is None:
        return event
    return _(sentence).format_map(_Gaps(detail))


def _said(detail: Mapping[str, Any]) -> dict[str, str]:
    """Return the sentences of an entry in the language spoken now."""
    kept = detail.get("said")
    told = kept.items() if isinstance(kept, Mapping) else ()
    return {name: spoken(from_json(text) or "") for name, text in told}


class _Gaps(dict[str, Any]):
    """The detail of an entry: fields by their names, our own words spoken; a gap is a dash."""

    def __getitem__(self, key: str) -> Any:
        """Return a word of the detail as the reader says it."""
        value = self.get(key)
        if not isinstance(value, str):
            return "-" if value is None else value
        return field_name(value) if key == "field" else word(value)


def _posted(detail: Mapping[str, Any]) -> str:
    if "steps" in detail:
        return _("steps of progress put in line: {steps}", steps=_statuses(detail["steps"]))
    if detail.get("all"):
        return _("put in line to be sent for the first time")
    return _("a new version put in line: {fields}", fields=_fields(detail))


def _sending(detail: Mapping[str, Any]) -> str:
    words = {"create": _("created"), "update": _("updated"), "step": _("a step")}
    action = words.get(str(detail.get("action")), "-")
    attempt = detail.get("attempt", "-")
    return _("sent ({action}), attempt {attempt}", action=action, attempt=attempt)


def _confirmed(detail: Mapping[str, Any]) -> str:
    if "step" in detail:
        return _("the step is there: {step}", step=_statuses([detail["step"]]))
    note = f" ({detail['note']})" if detail.get("note") else ""
    return _("confirmed; their number: {ref}", ref=detail.get("ref", "-")) + note


def _decided(detail: Mapping[str, Any]) -> str:
    matter, _colon, how = str(detail.get("what", "-")).partition(": ")
    what = _(_MATTERS.get(matter, "")) or matter
    if how:
        what += f": {_(_WORDS.get(how, '')) or how}"
    reason = word(str(detail.get("reason") or "-"))
    return _(
        "{by} decided ({what}): {reason}", by=detail.get("by") or "-", what=what, reason=reason
    )


def _notice(detail: Mapping[str, Any]) -> str:
    if detail.get("field"):
        return _("the clerk was told about {field}", field=field_name(str(detail["field"])))
    return _("the clerk was told")


def _doubt_asked(detail: Mapping[str, Any]) -> str:
    if detail.get("answer") == "applied":
        return _("asked: it was applied")
    return _("asked: no trace of it so far")


def _into(detail: Mapping[str, Any]) -> str:
    if detail.get("status"):
        status = _statuses([detail["status"]])
        return _("the ministry moved it to: {status}", status=status)
    return _("written into the one-stop: {fields}", fields=_fields(detail))


def _loss(detail: Mapping[str, Any]) -> str:
    side = _("the ministry's") if detail.get("side") == "ministry" else _("the one-stop's")
    field = field_name(str(detail.get("field", "-")))
    return _("{side} edit of {field} gave way to the owner", side=side, field=field)


def _waits(detail: Mapping[str, Any]) -> str:
    status = _statuses([detail.get("status")])
    return _("keyed here: {status}; only the ministry may say so, it is awaited", status=status)


def _no_word(detail: Mapping[str, Any]) -> str:
    status = _statuses([detail.get("status")])
    return _("nothing sent: the system has no word for {status}", status=status)


def _retry(detail: Mapping[str, Any]) -> str:
    attempts = detail.get("attempts", "-")
    reason = detail.get("reason")
    why = f" ({spoken(str(reason))})" if reason else ""
    if detail.get("cause") == "unreachable":
        return _("nobody answered; it will be sent again, attempts so far: {n}", n=attempts)
    return _("not applied; it will be sent again, attempts so far: {n}", n=attempts) + why


def _held(detail: Mapping[str, Any]) -> str:
    if detail.get("cause") == "login":
        return _("waits: the system refuses our login")
    return _("waits: the system is closed")


def _dead(detail: Mapping[str, Any]) -> str:
    reason = detail.get("reason") or "-"
    match detail.get("cause"):
        case "failed for too long":
            return _("given up after failing for too long: {reason}", reason=reason)
        case "failed too often":
            times = detail.get("failed_times", "-")
            return _(
                "given up after failing {times} times in a row: {reason}",
                times=times,
                reason=reason,
            )
        case "crashed us":
            return _("given up: the bridge broke off while sending it, again and again")
        case _:
            return _("refused: {reason}", reason=reason)


def _late(detail: Mapping[str, Any]) -> str:
    proof = detail.get("outcome") in ("Taken", "FoundApplied")
    if proof:
        return _("an answer came after its sender was taken for dead: it was applied")
    return _("an answer came after its sender was taken for dead; it proves nothing")


def _fetched(detail: Mapping[str, Any]) -> str:
    words = {
        "whole": _("fetched whole, {bytes} bytes"),
        "unchanged": _("asked for again; they have it already, nothing was sent"),
        "broken_off": _("the connection ended after {bytes} bytes"),
        "wrong": _("not served: its file is missing, or another one"),
        "gone": _("not served: it was deleted in the one-stop"),
        "expired": _("not served: the address had expired"),
    }
    said = words.get(str(detail.get("outcome")), "-").format_map(_Gaps(detail))
    return _("document {document}: {said}", document=detail.get("document", "-"), said=said)


def _fields(detail: Mapping[str, Any]) -> str:
    return ", ".join(map(field_name, detail.get("fields", [])))


def _statuses(statuses: list[Any]) -> str:
    return ", ".join(map(status_name, statuses))


_SPECIAL = {
    Event.POSTED.value: _posted,
    Event.SENDING.value: _sending,
    Event.CONFIRMED.value: _confirmed,
    Event.DECIDED.value: _decided,
    Event.NOTICE.value: _notice,
    Event.DOUBT_ASKED.value: _doubt_asked,
    Event.INTO_ONESTOP.value: _into,
    Event.LOSS.value: _loss,
    Event.STATUS_WAITS.value: _waits,
    Event.NO_WORD.value: _no_word,
    Event.RETRY.value: _retry,
    Event.HELD.value: _held,
    Event.DEAD.value: _dead,
    Event.LATE_ANSWER.value: _late,
    Event.FILE_FETCHED.value: _fetched,
}
