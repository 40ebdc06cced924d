"""How dead letters are shown: the list, what a filter means, and what became of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING, Any

from bridge.cli.desk import Desk, columns
from bridge.cli.telling import field_name, local, place, word
from bridge.i18n import _, spoken
from bridge.mapping.labels import LABELS, column_of

if TYPE_CHECKING:  # opens the engine, which --help does without
    from bridge.engine.people.letters import Fate, Letter

__all__ = ["as_json", "fates_as_json", "preview", "show", "told"]


def show(desk: Desk, found: Sequence[Letter], zone: tzinfo) -> None:
    """Show the letters, with what revives each."""
    heads = [_("id"), _("dossier"), _("system"), _("since"), _("attempts"), _("field"), _("why")]
    rows = [
        [
            str(one.id),
            one.code,
            place(one.system, enabled=one.enabled),
            local(one.since, zone),
            str(one.attempts),
            _field_of(one),
            _reason(one),
        ]
        for one in found
    ]
    first, *lines = columns([heads, *rows])
    desk.show(first)
    for line, one in zip(lines, found, strict=True):
        desk.show(line)
        desk.show(_("    revived by: {how}", how=spoken(one.revived_by)))


def preview(desk: Desk, found: Sequence[Letter]) -> None:
    """Say what is about to be done: how many, by system and field."""
    counted = Counter((one.system, _field_of(one)) for one in found)
    rows = [[system, field, str(n)] for (system, field), n in sorted(counted.items())]
    for line in columns([[_("system"), _("field"), _("count")], *rows]):
        desk.say(line)


def told(one: Fate, done: str) -> str:
    """Return what became of a letter, ``done`` where what was decided was done."""
    behind = ", ".join(map(str, one.behind))
    more = _("; with the steps behind it: {ids}", ids=behind) if behind else ""
    what = spoken(one.left) if one.left is not None else done + more
    return f"{one.id}  {one.code or '-'}  {one.system or '-'}: {what}"


def fates_as_json(fates: Sequence[Fate]) -> dict[str, Any]:
    """Return what was done, and what was left and why."""
    return {
        "done": [
            {"id": one.id, "code": one.code, "system": one.system, "behind": list(one.behind)}
            for one in fates
            if one.left is None
        ],
        "left": [
            {"id": one.id, "code": one.code, "system": one.system, "reason": spoken(one.left)}
            for one in fates
            if one.left is not None
        ],
    }


def as_json(one: Letter) -> dict[str, Any]:
    """Return a dead letter with the keys of contracts/cli.md, and more beside them."""
    return {
        "id": one.id,
        "code": one.code,
        "system": one.system,
        "reason": _reason(one),
        "field": one.field,
        "attempts": one.attempts,
        "since": one.since.isoformat(),
        "kind": one.kind,
        "error": one.error,
        "cause": one.cause,
        "path": one.ours,
        "column": one.ours and column_of(one.ours),
        "label": one.ours and LABELS.get(one.ours),
        "last_attempt_at": one.last_attempt_at and one.last_attempt_at.isoformat(),
        "revived_by": spoken(one.revived_by),
        "enabled": one.enabled,
    }


def _reason(one: Letter) -> str:
    return word(spoken(one.reason))


def _field_of(one: Letter) -> str:
    if one.ours is not None:
        return field_name(one.ours)
    return one.field or "-"
