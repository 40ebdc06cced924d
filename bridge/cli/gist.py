"""The head of a dossier's story: a few sentences a manager can follow.

When it came and is due, where it stands and who said so, how it is at each system and what comes
next there, and who must act.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from bridge.cli.telling import day_and_time, field_name, state_word, status_name, tell
from bridge.domain.dossier import Snapshot
from bridge.domain.journal import Event
from bridge.engine.brake import OUTSIDE_HOURS
from bridge.engine.outlook import Actor, Outlook, Stand
from bridge.engine.survey import Story
from bridge.i18n import N_, _, spoken
from bridge.store.systems import PAUSED

CLOSED = frozenset({3, 7, 10})
"""Refused, withdrawn, handed over: nothing comes after."""

_STANDS: Mapping[Stand, str] = {
    Stand.IN_STEP: N_("{title} has it as {ref}; both sides agree since {since}."),
    Stand.IN_LINE: N_(
        "It stands in line for {title} and goes out with the next turn, within seconds while the "
        "daemon runs."
    ),
    Stand.WITHDRAWAL_FIRST: N_(
        "It goes to {title} once its record at the system it was keyed for by mistake is withdrawn, "
        "at the latest at {next}."
    ),
    Stand.WITHDRAWN: N_(
        "{title} had it as {ref}; that record was withdrawn, for its procedure is another system's."
    ),
    Stand.TRIED: N_(
        "{title} was tried without success, attempts: {attempts} ({reason}); the next is at {next}."
    ),
    Stand.CLOSED: N_("It waits for {title}: {why}."),
    Stand.SENDING: N_("It is being sent to {title} now."),
    Stand.ACCEPTED: N_(
        "{title} has taken it at {since} and not confirmed it yet; it is asked again at {next}."
    ),
    Stand.IN_DOUBT: N_(
        "It was sent to {title} at {since} and the answer was lost: nobody knows whether it was "
        "applied. It is asked again at {next}; nothing is sent again on silence."
    ),
    Stand.OVERDUE: N_(
        "It was sent to {title} at {since} and no answer came within the deadline; it is asked on, "
        "next at {next}."
    ),
    Stand.REFUSED: N_("{title} does not take it as it is, field: {field}: {reason}."),
    Stand.GIVEN_UP: N_("Sending it to {title} was given up, attempts: {attempts} ({reason})."),
    Stand.PAIRING: N_("It was paired by hand with {ref} of {title}; the two are compared next."),
    Stand.PARTED: N_(
        "It was parted by hand from {ref} of {title}; nothing goes there, and nothing comes from it."
    ),
    Stand.ORPHAN: N_(
        "It was deleted in the one-stop; {title} has it as {ref}, and nothing more is sent."
    ),
    Stand.NEVER_SENT: N_("{title} never had it."),
    Stand.ELSEWHERE: N_(
        "{title} has a record of it, {ref}, from when it had another procedure; nothing more is "
        "sent there."
    ),
}

_MIRRORED = N_("{title} shows it as it is here since {since}.")
_LEVERS: Mapping[Stand, str] = {
    Stand.GIVEN_UP: N_(
        "The operator must act, once the cause is gone: dossier-bridge dead retry {id}."
    ),
    Stand.ORPHAN: N_(
        "The operator must act, where it is to stay deleted: dossier-bridge unlink {code} {system}."
    ),
}
_LEVERS_CLOSED: Mapping[str, str] = {
    PAUSED: N_("The operator must act: dossier-bridge resume {system}."),
}
_LOOK = N_("The operator must act: dossier-bridge check tells what is wrong with {system}.")
"""What an operator does about a system: by where the dossier stands, else by why it is closed."""

_NOBODY = N_("Nobody has to act.")
_THERE = N_("Nobody here has to act: it is in the ministry's hands.")
_HERE = N_("No ministry has it in hand: it goes on when the counter moves it.")
_OFFICE: Mapping[int, str] = {
    1: _NOBODY,
    3: _NOBODY,
    5: N_("The applicant is to bring what the ministry asks for."),
    6: N_("The applicant is to pay what is due."),
    7: _NOBODY,
    8: N_("The counter tells the applicant what the ministry decided."),
    9: N_("The counter is to hand over the result."),
    10: _NOBODY,
}
"""Who has a dossier in hand where nothing is wrong, by its status."""


@dataclass(frozen=True, slots=True)
class Gist:
    """What the head is told from; ``current`` is the one-stop's dossier, where it can be read."""

    story: Story
    outlooks: Sequence[Outlook]
    current: Snapshot | None
    now: datetime
    zone: tzinfo

    def sentences(self) -> list[str]:
        """Return the head, a sentence an entry."""
        told = [*self._dates(), *self._status(), *map(self._stands, self.outlooks)]
        if not self.outlooks:
            told.append(_("It has gone nowhere yet."))
        return [*told, *self._decided(), *self._people()]

    def _dates(self) -> Iterator[str]:
        if self.current is None:
            yield _("It can't be read in the one-stop database, or is not there any more.")
            return
        fields = self.current.fields
        name = fields.get("procedure.name") or fields.get("procedure.code") or "-"
        received, due = (self._at(fields.get(key)) for key in ("received_at", "due_at"))
        if received is None:
            yield _("{procedure}; not received yet, so nothing is sent of it.", procedure=name)
        elif due is None:
            yield _("{procedure}, received at {received}.", procedure=name, received=received)
        else:
            late = self._left(str(fields.get("due_at")))
            yield _(
                "{procedure}, received at {received}, due at {due}{late}.",
                procedure=name,
                received=received,
                due=due,
                late=late,
            )

    def _left(self, due: str) -> str:
        """Return how far the deadline is, while that is of any use."""
        fields = {} if self.current is None else self.current.fields
        if fields.get("status") in CLOSED | {9} or fields.get("finished_at"):
            return ""
        days = (datetime.fromisoformat(due) - self.now).total_seconds() / 86400
        if days < 0:
            return _(" (overdue, days: {days})", days=int(-days))
        return _(" (days left: {days})", days=int(days))

    def _status(self) -> Iterator[str]:
        status = None if self.current is None else self.current.get("status")
        if not isinstance(status, int):
            return
        for row in reversed(self.story.journal):
            if row.event == Event.INTO_ONESTOP and row.detail.get("status") == status:
                title = next((o.title for o in self.outlooks if o.system == row.system), row.system)
                at = day_and_time(datetime.fromisoformat(row.at), self.zone)
                yield _(
                    "It stands at {status}: {title} said so, and it was written here at {at}.",
                    status=status_name(status),
                    title=title,
                    at=at,
                )
                return
        yield _("It stands at {status}, as the counter keyed it.", status=status_name(status))

    def _stands(self, one: Outlook) -> str:
        sentence = _STANDS[one.stand]
        if one.stand is Stand.IN_STEP and one.mirror:
            sentence = _MIRRORED
        return _(
            sentence,
            title=one.title,
            ref=one.ref or "-",
            since=self._when(one.since),
            next=self._when(one.next_at),
            attempts=one.attempts,
            reason=spoken(one.reason or "-").rstrip("."),
            field=field_name(one.field) if one.field else "-",
            why=self._why(one),
        )

    def _why(self, one: Outlook) -> str:
        gate = one.gate
        if gate.reason == OUTSIDE_HOURS:
            return _("it is outside its opening hours and opens at {next}", next=self._next(one))
        state = state_word(gate.state)
        reason = f"{state} ({spoken(gate.reason)})" if gate.reason else state
        if one.actor is Actor.OPERATOR and one.next_at is None:
            return _("{reason}, until a person resumes it", reason=reason)
        if one.next_at is None:
            return reason
        return _("{reason}; it is tried again at {next}", reason=reason, next=self._next(one))

    def _next(self, one: Outlook) -> str:
        return self._when(one.next_at)

    def _decided(self) -> Iterator[str]:
        """Say what a person decided last."""
        for row in reversed(self.story.journal):
            if row.event == Event.DECIDED:
                at = day_and_time(datetime.fromisoformat(row.at), self.zone)
                yield _("Last decision, at {at}: {told}.", at=at, told=tell(row.event, row.detail))
                return

    def _people(self) -> Iterator[str]:
        """Say who must act; that nobody must is said too."""
        told = [*self._deciders(), *self._operators(), *self._clerks()]
        yield from told
        if not told:
            yield self._office()

    def _deciders(self) -> Iterator[str]:
        from bridge.engine.people.asked import questions

        for asked in questions(self.story.conflicts):
            one, name = asked.conflict, field_name(asked.conflict.field.partition(":")[0])
            yield _(
                "A person must decide about {field} ({system}): dossier-bridge conflicts resolve "
                "{id}.",
                field=f"{name} {', '.join(asked.records)}".rstrip(),
                system=one.system,
                id=one.id,
            )

    def _operators(self) -> Iterator[str]:
        for one in self.outlooks:
            if one.actor is Actor.OPERATOR:
                yield _(
                    _LEVERS.get(one.stand) or _LEVERS_CLOSED.get(one.gate.state, _LOOK),
                    system=one.system,
                    code=self.story.code,
                    id=one.delivery,
                )

    def _clerks(self) -> Iterator[str]:
        standing = [one for one in self.story.notices if one.resolved_at is None]
        count = sum(one.severity == "action" for one in standing)
        # what a person decides about is told above
        count -= sum(one.kind.startswith("conflict:") for one in standing)
        if count > 0:
            yield _(
                "The clerk must act; what to do stands below and in the one-stop software: {count}.",
                count=count,
            )

    def _office(self) -> str:
        """Say who has the dossier in hand where nothing is wrong."""
        status = None if self.current is None else self.current.get("status")
        if not self.outlooks or any(one.actor is Actor.BRIDGE for one in self.outlooks):
            return _("Nobody has to act: the bridge goes on by itself.")
        words = _OFFICE.get(status) if isinstance(status, int) else None
        there = any(one.stand is Stand.IN_STEP and not one.mirror for one in self.outlooks)
        return _(words or (_THERE if there else _HERE))

    def _at(self, value: object) -> str | None:
        if not isinstance(value, str):
            return None
        return day_and_time(datetime.fromisoformat(value), self.zone)

    def _when(self, at: datetime | None) -> str:
        """Return a moment; what is due already comes with the next turn."""
        if at is None:
            return "-"
        return day_and_time(at, self.zone)
