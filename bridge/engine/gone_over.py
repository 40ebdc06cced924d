"""What a word of ours went over: told again when a record from before shows it, and else unreadable.

Two corrections in quick succession: the record that shows the first comes in when the second is settled,
and what was agreed by then is forgotten. Without it the first would be taken for the ministry's own word
that was lost. A mark is too short to be led back to a value: one in sixty-five thousand others has it too.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bridge.domain.authority import Owner
from bridge.domain.dossier import Fields, Json
from bridge.mapping import Lens
from bridge.sdk.hashing import content_hash

LETTERS = 4
"""Of a mark: sixteen bits."""


def mark(path: str, value: Json) -> str:
    """Return what tells a value of a field again."""
    return content_hash({path: value})[:LETTERS]


def marks(lens: Lens, base: Fields | None, content: Fields) -> dict[str, str]:
    """Return a mark of each field of the one-stop's that was agreed, and that ``content`` went over."""
    said = lens.project(content)
    return {
        path: mark(path, before)
        for path, before in (base or {}).items()
        if path in said.keys() & lens.incoming
        and before != said[path]
        and lens.owner(path) is Owner.ONESTOP
    }


def was_ours(path: str, value: Json, before: Collection[Mapping[str, Json]]) -> bool:
    """Tell whether we had said this value ourselves; ``before`` are the marks of later words of ours."""
    return any(one.get(path) == mark(path, value) for one in before)
