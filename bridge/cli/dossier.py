"""``dossier CODE``: the whole story of one dossier, in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Annotated, Any

import typer

from bridge.cli import evidence
from bridge.cli.deciding import decided
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import CommandFault
from bridge.cli.gist import Gist
from bridge.cli.house import opened
from bridge.cli.shape import DataVerb
from bridge.cli.telling import field_name, local, owner_name, state_name, status_name
from bridge.cli.timeline import timeline
from bridge.domain.authority import Owner
from bridge.domain.delivery import OPEN, State
from bridge.domain.dossier import Snapshot, is_open
from bridge.domain.notices import MASK
from bridge.engine import survey
from bridge.engine.house import House
from bridge.engine.outlook import Outlook
from bridge.engine.people.dossiers import values_read
from bridge.engine.survey import Story
from bridge.engine.weighing import procedure_of
from bridge.i18n import N_, _, spoken
from bridge.store import Delivery, Link
from bridge.store.links import ORPHAN, PARTED

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    "dossier",
    cls=DataVerb,
    help=N_(
        "Tell the whole story of a dossier: where it went, who owns which field, every step and "
        "attempt in order. Personal values are masked unless --with-values, and reading them is "
        "journalled."
    ),
    epilog="dossier-bridge dossier H40.05-261120-0001",
)
def dossier(
    context: typer.Context,
    code: Annotated[str, typer.Argument(metavar="CODE", help=N_("The dossier's code."))],
    *,
    with_values: Annotated[
        bool, typer.Option("--with-values", help=N_("Show personal values too."))
    ] = False,
    payloads: Annotated[
        bool,
        typer.Option(
            "--payloads",
            help=N_(
                "Show what was sent and received, personal values too; needs payloads.key, and "
                "the journal says who looked."
            ),
        ),
    ] = False,
) -> None:
    """Collect the story and tell it."""
    desk = Desk.of(context)
    with opened(desk) as house:
        story = survey.story(house.house, code)
        current = house.house.onestop.fetch([code]).get(code)
        if not story.known and current is None:
            raise CommandFault(
                _(
                    "there is no dossier {code}, in the one-stop database or in the bridge's; "
                    "check the code",
                    code=code,
                )
            )
        kept = evidence.opened_payloads(house, code) if payloads else None
        row = current if isinstance(current, Snapshot) else None
        procedure = procedure_of(row.fields) if row else None
        outlooks = story.outlooks(house.house, procedure)
        gist = Gist(story, outlooks, row, house.house.now(), house.house.zone)
        owned = list(_owned(house.house, story, row))
        if with_values and not desk.as_json:
            masked = [one.path for one in owned if one.masked]
            values_read(house.house, decided("dossier --with-values"), code, masked)
    if desk.as_json:
        shown = {} if kept is None else {"payloads": [evidence.as_json(one) for one in kept]}
        desk.answer(as_json(story, gist, owned) | shown)
    else:
        _tell(desk, gist, owned, with_values=with_values)
        for line in () if kept is None else evidence.lines(kept, gist.zone):
            desk.show(line)


def as_json(story: Story, gist: Gist, owned: Sequence[Owned]) -> dict[str, Any]:
    """Return the story with the keys of contracts/cli.md; a personal value, or a list, is ``null``."""
    return {
        "code": story.code,
        "summary": gist.sentences(),
        "systems": [_outlook(one) for one in gist.outlooks],
        "links": [_link(one) for one in story.links],
        "fields": [
            {
                "path": one.path,
                "value": one.plain,
                "owners": {name: owner.value for name, owner in one.owners.items()},
            }
            for one in owned
        ],
        "deliveries": [_delivery(one) for one in story.deliveries],
        "conflicts": [
            {"id": one.id, "system": one.system, "field": one.field, "why": one.why}
            for one in story.conflicts
        ],
        "notices": [
            {
                "system": one.system,
                "kind": one.kind,
                "severity": one.severity,
                "field": one.field,
                "text": one.text_vi,
                "at": one.at.isoformat(),
                "resolved_at": one.resolved_at and one.resolved_at.isoformat(),
            }
            for one in story.notices
        ],
        "journal": [
            {"at": row.at, "system": row.system, "event": row.event, "detail": dict(row.detail)}
            for row in story.journal
        ],
    }


def _link(one: Link) -> dict[str, Any]:
    return {"system": one.system, "ref": one.ref, "state": one.state}


def _outlook(one: Outlook) -> dict[str, Any]:
    return {
        "name": one.system,
        "stands": one.stand.value,
        "actor": one.actor.value,
        "since": one.since and one.since.isoformat(),
        "next_at": one.next_at and one.next_at.isoformat(),
        "reason": _reason(one),
        "field": one.field,
        "attempts": one.attempts,
        "status": one.status,
        "waiting": one.line,
    }


def _reason(one: Outlook) -> str | None:
    """Return why it is not in step, in the reader's language."""
    reason = one.reason or (None if one.gate.open else one.gate.reason)
    return reason and spoken(reason)


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "id": one.id,
        "system": one.system,
        "kind": one.kind,
        "state": one.state.value,
        "attempts": one.attempts,
        "reason": one.error_text and spoken(one.error_text),
        "field": one.error_field,
        "due_at": one.due_at and one.due_at.isoformat(),
    }


def _tell(desk: Desk, gist: Gist, owned: Sequence[Owned], *, with_values: bool) -> None:
    story = gist.story
    desk.show(_("Dossier {code}", code=story.code))
    for sentence in gist.sentences():
        desk.show(f"  {sentence}")
    desk.show("")
    for link in story.links:
        desk.show(_where(story, link))
    if owned:
        desk.show("")
        for line in columns(list(_fields(owned, gist.zone, with_values=with_values))):
            desk.show(f"  {line}")
    desk.show("")
    for line in timeline(story.journal, gist.zone):
        desk.show(f"  {line}")
    for notice in story.notices:
        if notice.resolved_at is None:
            desk.show(_("  to do: {text}", text=notice.text_vi))


def _where(story: Story, link: Link) -> str:
    last = [one for one in story.deliveries if one.system == link.system]
    open_ = [one for one in last if one.state in OPEN]
    settled = State.CONFIRMED if link.base else None
    reached = open_[0].state if open_ else settled
    state = state_name(reached) if reached else "-"
    if link.state == ORPHAN:
        state = _("deleted in the one-stop, a person decides")
    elif link.state == PARTED:
        state = _("parted by hand")
    number = link.ref or "-"
    return _("  {system}: {state}, their number {ref}", system=link.system, state=state, ref=number)


@dataclass(frozen=True, slots=True)
class Owned:
    """A field that goes somewhere, and who owns it at each system."""

    path: str
    value: Any
    owners: Mapping[str, Owner]

    @property
    def plain(self) -> Any | None:
        """Its value where that is no citizen's: a list holds names of files, and words of theirs."""
        return self.value if is_open(self.path, self.value) else None

    @property
    def masked(self) -> bool:
        """Whether it is shown only when asked for; of a list no more is ever shown than its length."""
        return self.plain is None and not isinstance(self.value, list)


def _owned(house: House, story: Story, current: Snapshot | None) -> Iterator[Owned]:
    """Yield every field with a value that goes somewhere."""
    lenses = {
        one.system: house.ministries[one.system].lens
        for one in story.links
        if one.system in house.ministries
    }
    for path, value in sorted(current.fields.items()) if current else ():
        owners = {
            name: lens.owner(path)
            for name, lens in lenses.items()
            if path in lens.outgoing or path in lens.incoming
        }
        if owners and value is not None:
            yield Owned(path, value, owners)


def _fields(owned: Sequence[Owned], zone: tzinfo, *, with_values: bool) -> Iterator[list[str]]:
    """Yield every field that goes somewhere: its value (masked), and who owns it where."""
    yield [_("field"), _("value"), _("owner, by system")]
    for one in owned:
        shown = _shown(one.path, one.value, zone, with_values=with_values)
        owners = ", ".join(f"{name}: {owner_name(owner)}" for name, owner in one.owners.items())
        yield [field_name(one.path), shown, owners]


def _shown(path: str, value: Any, zone: tzinfo, *, with_values: bool) -> str:
    if isinstance(value, list):
        return _("list of {count}", count=len(value))
    if not (with_values or is_open(path, value)):
        return MASK
    if path == "status":
        return status_name(value)
    if path.endswith("_at"):
        return local(datetime.fromisoformat(str(value)), zone)
    return str(value)
