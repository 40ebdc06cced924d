"""The journal in sentences a manager can follow, in the language spoken now."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bridge.domain.authority import Owner
from bridge.domain.delivery import State
from bridge.domain.journal import Event
from bridge.domain.status import NAMES
from bridge.i18n import N_, _

_SENTENCES: Mapping[str, str] = {
    Event.CAPTURED: N_("changed in the one-stop"),
    Event.QUARANTINED: N_("could not be read and was set aside: {reason}"),
    Event.SUPERSEDED: N_("an unsent version was replaced by a newer one"),
    Event.REVIVED: N_("mended in the one-stop; sent again"),
    Event.NEVER_SENT: N_("not sent: it left the counter's hands before the system had it"),
    Event.PUT_BACK: N_("not sent after all; it goes in the next turn"),
    Event.LATE_ANSWER: N_("an answer came after its sender was taken for dead ({outcome})"),
    Event.ACCEPTED: N_("taken by the system; its confirmation is awaited"),
    Event.RETRY: N_("not applied ({cause}); it will be sent again, attempt {attempts}"),
    Event.HELD: N_("waits: the system is closed ({cause})"),
    Event.RESUMED: N_("the system works again"),
    Event.IN_DOUBT: N_("the answer was lost; the system will be asked, nothing is sent again"),
    Event.OVERDUE: N_(
        "no answer for over {hours} hours: a person asks the ministry; it is asked on, nothing "
        "is sent again"
    ),
    Event.DEAD: N_("refused: {reason}"),
    Event.CUT: N_("the text of {field} was cut to {limit} characters"),
    Event.LINKED: N_("linked with the system's record ({why})"),
    Event.IMPORT_RESERVED: N_("found only at the ministry ({ref}); a code was reserved"),
    Event.IMPORTED: N_("taken over from the ministry ({ref}); received: {received_at}"),
    Event.ORPHAN: N_(
        "deleted in the one-stop: nothing more is sent, a person decides about the link"
    ),
    Event.FOUND_AGAIN: N_("it is in the one-stop again; what waited goes out"),
    Event.CLASH: N_("conflict on {field} ({why}); a person decides"),
    Event.CLASH_RESOLVED: N_("the conflict on {field} is over: {how}"),
    Event.NOTICE: N_("the clerk was told"),
    Event.NOTICE_RESOLVED: N_("the clerk's notice is resolved"),
    Event.FEED_WARNING: N_("{reason}"),
    Event.DOCUMENTS_LEFT_OUT: N_("documents were left out: {reason}"),
}

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

_OWNERS: Mapping[Owner, str] = {
    Owner.ONESTOP: N_("one-stop"),
    Owner.MINISTRY: N_("ministry"),
    Owner.BY_STATUS: N_("by its value"),
    Owner.NOBODY: N_("nobody"),
}


def state_name(state: State) -> str:
    """Return what a person calls the state of a delivery."""
    return _(_STATES[state])


def state_word(state: str) -> str:
    """Return what a person calls the state of a system."""
    return _(_STANDS[state])


def owner_name(owner: Owner) -> str:
    """Return what a person calls the owner of a field."""
    return _(_OWNERS[owner])


def tell(event: str, detail: Mapping[str, Any]) -> str:
    """Return one entry as a sentence; an event without one is named as it is."""
    special = _SPECIAL.get(event)
    if special is not None:
        return special(detail)
    sentence = _SENTENCES.get(event)
    if sentence is None:
        return event
    return _(sentence, **_Gaps(detail))


class _Gaps(dict[str, Any]):
    """The detail of an entry; what it lacks is a dash."""

    def __missing__(self, key: str) -> str:
        return "-"


def _posted(detail: Mapping[str, Any]) -> str:
    if "steps" in detail:
        return _("steps of progress put in line: {steps}", steps=_statuses(detail["steps"]))
    if detail.get("all"):
        return _("put in line to be sent for the first time")
    return _("a new version put in line: {fields}", fields=", ".join(detail.get("fields", [])))


def _sending(detail: Mapping[str, Any]) -> str:
    words = {"create": _("created"), "update": _("updated"), "step": _("a step")}
    action = words.get(str(detail.get("action")), "")
    return _("sent ({action}), attempt {attempt}", action=action, attempt=detail.get("attempt"))


def _confirmed(detail: Mapping[str, Any]) -> str:
    if "step" in detail:
        return _("the step is there: {step}", step=_statuses([detail["step"]]))
    note = f" ({detail['note']})" if detail.get("note") else ""
    return _("confirmed; their number: {ref}", ref=detail.get("ref", "-")) + note


def _doubt_asked(detail: Mapping[str, Any]) -> str:
    if detail.get("answer") == "applied":
        return _("asked: it was applied")
    return _("asked: no trace of it so far")


def _into(detail: Mapping[str, Any]) -> str:
    if detail.get("status"):
        status = _statuses([detail["status"]])
        return _("the ministry moved it to: {status}", status=status)
    return _("written into the one-stop: {fields}", fields=", ".join(detail.get("fields", [])))


def _loss(detail: Mapping[str, Any]) -> str:
    side = _("the ministry's") if detail.get("side") == "ministry" else _("the one-stop's")
    return _("{side} edit of {field} gave way to the owner", side=side, field=detail.get("field"))


def _waits(detail: Mapping[str, Any]) -> str:
    status = _statuses([detail.get("status")])
    return _("keyed here: {status}; only the ministry may say so, it is awaited", status=status)


def _no_word(detail: Mapping[str, Any]) -> str:
    status = _statuses([detail.get("status")])
    return _("nothing sent: the system has no word for {status}", status=status)


def _statuses(statuses: list[Any]) -> str:
    return ", ".join(f"{status} {NAMES.get(status, '')}".strip() for status in statuses)


_SPECIAL = {
    Event.POSTED.value: _posted,
    Event.SENDING.value: _sending,
    Event.CONFIRMED.value: _confirmed,
    Event.DOUBT_ASKED.value: _doubt_asked,
    Event.INTO_ONESTOP.value: _into,
    Event.LOSS.value: _loss,
    Event.STATUS_WAITS.value: _waits,
    Event.NO_WORD.value: _no_word,
}
