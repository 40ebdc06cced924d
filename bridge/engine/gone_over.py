"""What a word of ours went over: told again when a record from before shows it, and else unreadable.

Two corrections in quick succession: the record that shows the first comes in when the second is settled,
and what was agreed by then is forgotten. Without it the first would be taken for the ministry's own word
that was lost. Kept is a mark (``marks``) of the field's value in this dossier alone, for ``KEPT``: two
dossiers that say the same have two marks.

A ministry that set a field back to what we had said before, while our next word was on its way, shows what
an old record shows: nobody here knows which of the two came first. Then the loss is in no journal; that the
two sides differ, the ministry's next record shows, or the next comparison.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from bridge.domain.authority import Owner
from bridge.domain.dossier import Fields, Json
from bridge.engine.marks import Marks
from bridge.mapping import Lens
from bridge.sdk.hashing import content_hash

KEPT = timedelta(days=31)
"""How long a record from before may wait to be worked (it was set aside, its system is paused)."""


def mark(marks: Marks, code: str, path: str, value: Json) -> str:
    """Return what tells a value of a dossier's field again."""
    return marks.made(content_hash({code: {path: value}}))


def gone_over(
    marks: Marks, lens: Lens, code: str, base: Fields | None, content: Fields
) -> dict[str, str]:
    """Return a mark of each field of the one-stop's that was agreed, and that ``content`` goes over."""
    said = lens.project(content)
    return {
        path: mark(marks, code, path, before)
        for path, before in (base or {}).items()
        if path in said.keys() & lens.incoming
        and before != said[path]
        and lens.owner(path) is Owner.ONESTOP
    }


def was_ours(
    marks: Marks, code: str, path: str, value: Json, before: Collection[Mapping[str, Json]]
) -> bool:
    """Tell whether we had said this value ourselves; ``before`` are the marks of later words of ours."""
    return any(one.get(path) == mark(marks, code, path, value) for one in before)
