"""What ``dossier --payloads`` shows: what was sent and what came back, attempt by attempt."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Any

from bridge.bootstrap import Opened
from bridge.cli.deciding import account
from bridge.cli.exits import CommandFault
from bridge.cli.telling import local
from bridge.engine import payloads
from bridge.engine.payloads import SENT, Payload
from bridge.i18n import _

__all__ = ["as_json", "lines", "opened_payloads"]


def opened_payloads(house: Opened, code: str) -> list[Payload]:
    """Open what is kept of a dossier; the reading is journalled.

    Raises:
        CommandFault: there is no key, so nothing is kept and nothing can be read.
    """
    if house.house.safe.seal is None:
        raise CommandFault(
            _(
                "no payloads can be read: payloads.key is not set in {file}",
                file=house.settings.file,
            )
        )
    return payloads.read(house.house, code, account())


def as_json(one: Payload) -> dict[str, Any]:
    """Return a payload for a script; ``content`` is ``null`` where it does not open."""
    return {
        "at": one.at.isoformat(),
        "system": one.system,
        "delivery": one.delivery,
        "attempt": one.attempt,
        "what": one.what,
        "content": one.content,
    }


def lines(kept: Sequence[Payload], zone: tzinfo) -> Iterator[str]:
    """Yield the payloads for reading, each under a line that says what it is."""
    if not kept:
        yield _("no payloads are kept of it")
    for one in kept:
        said = _("sent") if one.what == SENT else _("answer")
        yield _(
            "{at}  {system}, delivery {delivery}, attempt {attempt}: {what}",
            at=local(one.at, zone),
            system=one.system,
            delivery=one.delivery,
            attempt=one.attempt,
            what=said,
        )
        if one.content is None:
            yield "  " + _("it does not open: kept under another key, or changed")
            continue
        for line in json.dumps(one.content, ensure_ascii=False, indent=2).splitlines():
            yield f"  {line}"
