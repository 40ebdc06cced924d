"""``dossier CODE``: the whole story of one dossier, in order."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Annotated, Any

import typer

from bridge.bootstrap import Opened
from bridge.cli.desk import Desk, columns
from bridge.cli.exits import CommandFault
from bridge.cli.house import opened
from bridge.cli.shape import DataVerb
from bridge.cli.telling import field_name, local, owner_name, state_name, status_name, tell
from bridge.domain.delivery import OPEN, State
from bridge.domain.dossier import Snapshot, is_personal
from bridge.domain.notices import MASK
from bridge.engine import survey
from bridge.engine.house import ONESTOP, House
from bridge.engine.survey import Story
from bridge.i18n import N_, _, spoken
from bridge.store import Link
from bridge.store.links import ORPHAN, PARTED

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    "dossier",
    cls=DataVerb,
    help=N_(
        "Tell the whole story of a dossier: where it went, who owns which field, every step and "
        "attempt in order. Personal values are masked unless --with-values."
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
        if desk.as_json:
            desk.answer(as_json(story))
        else:
            _tell(desk, house, story, current, with_values=with_values)


def as_json(story: Story) -> dict[str, Any]:
    """Return the story with the keys of contracts/cli.md."""
    return {
        "code": story.code,
        "links": [_link(one) for one in story.links],
        "deliveries": [
            {
                "id": one.id,
                "system": one.system,
                "kind": one.kind,
                "state": one.state.value,
                "attempts": one.attempts,
                "reason": one.error_text and spoken(one.error_text),
                "field": one.error_field,
                "due_at": one.due_at and one.due_at.isoformat(),
            }
            for one in story.deliveries
        ],
        "conflicts": [
            {"id": one.id, "system": one.system, "field": one.field, "why": one.why}
            for one in story.conflicts
        ],
        "journal": [
            {"at": row.at, "system": row.system, "event": row.event, "detail": dict(row.detail)}
            for row in story.journal
        ],
    }


def _link(one: Link) -> dict[str, Any]:
    return {"system": one.system, "ref": one.ref, "state": one.state}


def _tell(desk: Desk, house: Opened, story: Story, current: object, *, with_values: bool) -> None:
    zone = house.house.zone
    desk.show(_("Dossier {code}", code=story.code))
    if not story.links:
        desk.show(_("  it has gone nowhere yet"))
    for link in story.links:
        desk.show(_where(story, link))
    if isinstance(current, Snapshot):
        desk.show("")
        for line in columns(list(_fields(house.house, story, current, with_values=with_values))):
            desk.show(f"  {line}")
    desk.show("")
    told = [
        [
            local(datetime.fromisoformat(row.at), zone),
            _side(row.system),
            tell(row.event, row.detail),
        ]
        for row in story.journal
    ]
    for line in columns(told) if told else ():
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


def _fields(
    house: House, story: Story, current: Snapshot, *, with_values: bool
) -> Iterator[list[str]]:
    """Yield every field that goes somewhere: its value (masked), and who owns it where."""
    yield [_("field"), _("value"), _("owner, by system")]
    links = [one for one in story.links if one.system in house.ministries]
    for path, value in sorted(current.fields.items()):
        owners = [
            f"{one.system}: {owner_name(house.ministries[one.system].lens.owner(path))}"
            for one in links
            if path in house.ministries[one.system].lens.outgoing
            or path in house.ministries[one.system].lens.incoming
        ]
        if owners and value is not None:
            shown = _shown(path, value, house.zone, with_values=with_values)
            yield [field_name(path), shown, ", ".join(owners)]


def _shown(path: str, value: Any, zone: tzinfo, *, with_values: bool) -> str:
    if is_personal(path) and not with_values:
        return MASK
    if isinstance(value, list):
        return _("list of {count}", count=len(value))
    if path == "status":
        return status_name(value)
    if path.endswith("_at"):
        return local(datetime.fromisoformat(str(value)), zone)
    return str(value)


def _side(system: str | None) -> str:
    """Return what the reader calls the side an entry of the journal speaks of."""
    return _("one-stop") if system == ONESTOP else system or ""
