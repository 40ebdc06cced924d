"""The events of the journal: who writes each, and how it is told to people."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from bridge.cli.telling import tell
from bridge.domain.journal import Event
from bridge.i18n import use
from tools.reference.tables import sources, table

_TOLD_BY: Mapping[Event, tuple[Mapping[str, Any], ...]] = {
    Event.POSTED: ({"all": True}, {}, {"steps": ["…"]}),
    Event.CONFIRMED: ({}, {"step": "…"}),
    Event.DOUBT_ASKED: ({"answer": "applied"}, {}),
    Event.INTO_ONESTOP: ({}, {"status": "…"}),
    Event.RETRY: ({}, {"cause": "unreachable"}),
    Event.HELD: ({"cause": "login"}, {}),
    Event.DEAD: ({}, {"cause": "failed for too long"}, {"cause": "crashed us"}),
    Event.LATE_ANSWER: ({"outcome": "Taken"}, {}),
}
"""Details by which one event is told in several ways; the others have one."""


def events() -> str:
    """Return the table of events."""
    heads = ["event", "written in", "told as", "told in Vietnamese as"]
    written = _written()
    rows = (
        [
            f"`{event}`",
            ", ".join(f"`engine/{room}`" for room in sorted(written[event.name])),
            _told(event, "en"),
            _told(event, "vi"),
        ]
        for event in Event
    )
    return table(heads, rows)


def _told(event: Event, language: str) -> str:
    use(language)
    said = [tell(event.value, detail) for detail in _TOLD_BY.get(event, ({},))]
    use("en")
    return " / ".join(_gaps(text) for text in said)


def _gaps(text: str) -> str:
    """Return a sentence with its gaps shown: a dash that stands alone, or an end left open."""
    shown = re.sub(r"(?<!\S)-(?=[\s,:;]|$)|(?<=\()-(?=\))", "…", text)
    return re.sub(r":\s*$", ": …", shown)


def _written() -> Mapping[str, set[str]]:
    """Return for each event the rooms that write it."""
    rooms: dict[str, set[str]] = defaultdict(set)
    for path, tree in sources("bridge/engine"):
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id="Event"), attr=name):
                    rooms[name].add(path.rpartition("/")[2].removesuffix(".py"))
    return rooms
