"""``match review SYSTEM``: the likely pairs, one after the other, one key each.

A decision is carried out with the key after it, so that ``undo`` has nothing to take back at
either side; whoever is cut off is asked the last one again.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

import typer

from bridge.cli.days import Until
from bridge.cli.deciding import NO_REASON, ReasonIfAny, decided
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.house import opened, systems_named
from bridge.cli.keys import one_key
from bridge.cli.match_shown import pair_as_json, told_points
from bridge.cli.people import carried_on, refusals_said
from bridge.cli.telling import field_name, value_told
from bridge.domain.dossier import Json
from bridge.domain.unlike import Unlike, unlike
from bridge.i18n import N_, _, spoken

if TYPE_CHECKING:  # opens the engine, which --help does without
    from bridge.domain.matching.entry import Pair
    from bridge.engine.house import House, Ministry
    from bridge.engine.people.decision import Decision
    from bridge.engine.people.pairs import Proposal

__all__ = ["review"]

_SAME, _APART, _NONE, _LATER, _UNDO, _QUIT = "same", "apart", "none", "later", "undo", "quit"

_KEYS: Mapping[str, str] = {
    "y": _SAME, "c": _SAME,
    "n": _APART, "k": _APART,
    "0": _NONE,
    "l": _LATER, "s": _LATER,
    "u": _UNDO, "h": _UNDO,
    "q": _QUIT, "t": _QUIT, "": _QUIT,
}  # fmt: skip
"""What each key says, in both languages: no letter means two things."""

_UNLIKE: Mapping[Unlike, str] = {
    Unlike.ABSENT_HERE: N_("only there"),
    Unlike.ABSENT_THERE: N_("only here"),
    Unlike.FORM: N_("another form"),
    Unlike.SPACING: N_("other spaces"),
    Unlike.CASE: N_("capitals"),
    Unlike.TONE_PLACE: N_("the tone stands elsewhere"),
    Unlike.DIACRITICS: N_("diacritics"),
    Unlike.ORDER: N_("another order"),
    Unlike.ROWS: N_("other rows"),
    Unlike.VALUE: N_("differs"),
}


Since = Annotated[
    str | None,
    typer.Option(
        "--since",
        metavar="DAY",
        help=N_("The first day of reception, 20/11/2026 (default: a year ago)."),
    ),
]


def review(  # noqa: PLR0913 - the options of the command
    context: typer.Context,
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help=N_("The system."))],
    *,
    since: Since = None,
    until: Until = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", metavar="N", min=1, help=N_("Ask about at most so many.")),
    ] = None,
    reason: ReasonIfAny = NO_REASON,
) -> None:
    """Ask about each, and carry out what was decided."""
    from bridge.cli.match import looked, period_of
    from bridge.engine.match import questions

    desk = Desk.of(context)
    decision = decided(reason)
    if not (desk.as_json or sys.stdin.isatty()):
        raise CommandFault(_("match review asks at a terminal; elsewhere: --json lists them"))
    with opened(desk) as house, refusals_said():
        [ministry] = systems_named(house, [system])
        period = period_of(house.house, since, until)
        asked = questions(
            house.house, ministry, lambda: looked(house.house, ministry, period), limit
        )
        if desk.as_json:
            desk.answer({"system": system, "questions": [pair_as_json(one) for one in asked]})
            left = len(asked)
        else:
            session = _Session(desk, house.house, ministry, decision, asked)
            session.run()
            left = session.left
            if session.done:
                carried_on(desk, house, system)
    if left:
        raise typer.Exit(ExitCode.ATTENTION)


@dataclass
class _Session:
    """One person at the questions. ``held`` is what was decided last and not carried out yet."""

    desk: Desk
    house: House
    ministry: Ministry
    decision: Decision
    asked: Sequence[Pair]
    held: tuple[int, Proposal, str] | None = None
    done: int = 0
    refused: int = 0
    gone: int = 0
    place: int = field(default=0)
    nobodys: set[str] = field(default_factory=set)
    """The dossiers of which a person has said that none of the records is theirs."""

    @property
    def left(self) -> int:
        """How many were asked about and not decided."""
        return len(self.asked) - self.done - self.gone

    def run(self) -> None:
        """Ask until nothing is left, or the person has had enough."""
        if not self.asked:
            self.desk.show(_("nothing is to be decided"))
            return
        while self.place < len(self.asked):
            if self.asked[self.place].ours in self.nobodys:
                self.place += 1
                continue
            proposal = self._proposal(self.asked[self.place])
            if proposal is None:
                self.place += 1
            elif not self._answered(proposal):
                break
        self._carry_out()
        self.desk.say(_("decided: {done}; left: {left}", done=self.done, left=self.left))

    def _proposal(self, pair: Pair) -> Proposal | None:
        from bridge.engine.match import shown
        from bridge.engine.people.refusal import Refusal

        try:
            return shown(self.house, self.ministry, pair, self.decision)
        except Refusal as refusal:
            self.desk.say(f"{pair.ours}  {pair.theirs}: {spoken(refusal.said)}")
            self.gone += 1
            return None

    def _answered(self, proposal: Proposal) -> bool:
        """Show a pair and take an answer; False when the person has had enough."""
        pair = self.asked[self.place]
        _show(self.desk, self.ministry.name, pair, proposal, f"{self.place + 1}/{len(self.asked)}")
        more = [one.theirs for one in self._of_dossier(self.place) if one is not pair]
        if more:
            self.desk.show(_("0 is said of these records too: {records}", records=", ".join(more)))
        match _answer(self.desk, undo=self.held is not None):
            case "undo":
                if self.held is not None:
                    self.place, self.held = self.held[0], None
                    self.nobodys.discard(self.asked[self.place].ours)
            case "quit":
                return False
            case answer:
                self._carry_out()
                self.held = (self.place, proposal, answer)
                self.place += 1
                if answer == _NONE:
                    self.nobodys.add(pair.ours)
        return True

    def _carry_out(self) -> None:
        """Do what was decided before the last key."""
        if self.held is None:
            return
        (place, proposal, answer), self.held = self.held, None
        pair = self.asked[place]
        match answer:
            case "same":
                self._same(pair, proposal)
            case "apart":
                self._apart(pair)
            case "none":
                for one in self._of_dossier(place):
                    self._apart(one)

    def _of_dossier(self, place: int) -> list[Pair]:
        """Return the pairs of a place's dossier from there on: what none of them is, is said of all."""
        return [one for one in self.asked[place:] if one.ours == self.asked[place].ours]

    def _apart(self, pair: Pair) -> None:
        from bridge.engine.match import apart
        from bridge.engine.people.refusal import Refusal

        try:
            apart(self.house, self.ministry, pair, self.decision)
        except Refusal as refusal:
            self.desk.say(f"{pair.ours}  {pair.theirs}: {spoken(refusal.said)}")
            self.gone += 1
        else:
            self.done += 1

    def _same(self, pair: Pair, proposal: Proposal) -> None:
        from bridge.engine.match import NotLinked, same

        outcome = same(self.house, self.ministry, pair, proposal, self.decision)
        if isinstance(outcome, NotLinked):
            said = spoken(outcome.reason)
            self.desk.say(
                _(
                    "not linked: {code} with {ref}: {reason}",
                    code=pair.ours,
                    ref=pair.theirs,
                    reason=said,
                )
            )
            self.refused += 1
        else:
            self.done += 1


def _answer(desk: Desk, *, undo: bool) -> str:
    question = _("y the same · n not the same · 0 none of them is this dossier · l later · q quit")
    if undo:
        question = _(
            "y the same · n not the same · 0 none of them is this dossier · l later · "
            "u undo the last · q quit"
        )
    while True:
        sys.stderr.write(f"{question}: ")
        sys.stderr.flush()
        key = one_key()
        sys.stderr.write(f"{key}\n")
        said = _KEYS.get(key)
        if said is not None and (undo or said != _UNDO):
            return said
        desk.say(_("that key means nothing here"))


def _show(desk: Desk, system: str, pair: Pair, proposal: Proposal, place: str) -> None:
    desk.show("")
    desk.show(f"{place}  {pair.ours}  {system} {pair.theirs}")
    for one in told_points(pair):
        desk.show(f"  {one}")
    if proposal.bar is not None:
        desk.show(f"  {spoken(proposal.bar)}")
    heads = [_("field"), _("one-stop"), system, ""]
    rows = [
        [field_name(one.path), *_values(one.path, one.ours, one.theirs)] for one in proposal.fields
    ]
    for line in columns([heads, *rows]):
        desk.show(line)


def _values(path: str, ours: Json, theirs: Json) -> list[str]:
    """Return both values, what differs inside a text in brackets, and in what way they differ."""
    told = [value_told(path, side, with_values=True) for side in (ours, theirs)]
    if ours == theirs:
        return [*told, ""]
    how = _(_UNLIKE[unlike(ours, theirs)])
    if isinstance(ours, str) and isinstance(theirs, str):
        mine, shown = marked(ours, theirs)
        return [mine, shown, how]
    return [*told, how]


def marked(ours: str, theirs: str) -> tuple[str, str]:
    """Return two texts with what differs between them in brackets."""
    from difflib import SequenceMatcher

    mine, shown = "", ""
    for kind, a, b, c, d in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        equal = kind == "equal"
        mine += ours[a:b] if equal or a == b else f"[{ours[a:b]}]"
        shown += theirs[c:d] if equal or c == d else f"[{theirs[c:d]}]"
    return mine, shown
