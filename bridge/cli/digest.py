"""``digest``: what the clerks of each office must mend, as the daily mail says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer

from bridge.bootstrap import Opened
from bridge.cli.desk import Desk
from bridge.cli.exits import CommandFault, ExitCode
from bridge.cli.house import opened
from bridge.cli.shape import DataVerb
from bridge.domain import digest as words
from bridge.domain.digest import Digest
from bridge.domain.said import Said
from bridge.engine.watch import alarm
from bridge.engine.watch import digest as rounds
from bridge.i18n import N_, _, spoken

NO_ADDRESS = Said("no address: set mail.agencies or mail.other")

app = typer.Typer(add_completion=False, rich_markup_mode=None)


@app.command(
    "digest",
    cls=DataVerb,
    help=N_(
        "Show what each office's clerks must mend, as the daily mail says it. With --send, send "
        "today's mails that were not made yet, now. Ends with 1 when one could not be sent, or an "
        "office has no address."
    ),
    epilog="dossier-bridge digest\ndossier-bridge digest --send",
)
def digest(
    context: typer.Context,
    *,
    send: Annotated[bool, typer.Option("--send", help=N_("Send today's mails now."))] = False,
) -> None:
    """Show the mails, or send them."""
    desk = Desk.of(context)
    with opened(desk) as house:
        found = rounds.digests(house.house)
        if desk.as_json:
            desk.answer({"digests": [_as_json(house, one) for one in found]})
        else:
            _show(desk, house, found)
        failed = _send(desk, house, found) if send else []
    for name, reason in failed:
        desk.say(_("{name} can't be told: {reason}", name=name, reason=spoken(reason)))
    if failed:
        raise typer.Exit(ExitCode.ATTENTION)


def _send(desk: Desk, house: Opened, found: Sequence[Digest]) -> list[tuple[str, str]]:
    """Send what is due; returns the offices that could not be told, now or before, and why.

    An office without an address is one of them; the others are sent theirs.
    """
    if house.watch.digest is None:
        file = house.settings.file
        raise CommandFault(
            _("no mail can be sent: set host and sender of [mail] in {file}", file=file)
        )
    made = rounds.make(house.house, house.watch, at_once=True)
    desk.say(_("made today: {count}", count=made))
    alarm.tell(house.house, house.watch)
    waiting = (one for one in alarm.standing(house.house)[1] if rounds.is_digest(one.name))
    failed = [(one.name, one.trouble) for one in waiting if one.trouble is not None]
    lost = (one for one in found if _address(house, one) is None)
    return failed + [(rounds.receiver_of(one.agency), NO_ADDRESS) for one in lost]


def _show(desk: Desk, house: Opened, found: Sequence[Digest]) -> None:
    if not found:
        desk.say(_("nothing is to be mended"))
    now = house.house.now().astimezone(house.house.zone)
    for one in found:
        to = _address(house, one) or spoken(NO_ADDRESS)
        desk.show(f"{words.subject(one, now)} → {to}")
        desk.show(words.text(one, now))


def _address(house: Opened, one: Digest) -> str | None:
    rounds_of = house.watch.digest
    return None if rounds_of is None else rounds_of.address(one.agency)


def _as_json(house: Opened, one: Digest) -> dict[str, Any]:
    return {
        "agency": one.agency,
        "name": one.name,
        "to": _address(house, one),
        "items": list(_items(one)),
    }


def _items(one: Digest) -> Iterator[dict[str, Any]]:
    for item in one.items:
        yield {
            "code": item.code,
            "system": item.system,
            "field": item.field,
            "label": item.label,
            "text": item.text,
            "since": item.since.isoformat(),
        }
