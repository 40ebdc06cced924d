"""How a list is read page by page while its rows move. Pure.

A row that is processed while a list is read changes its place, and all behind it move up by one:
the next page would leave one out. So each page begins some rows before the last one ended, with a
row that was read already; where it does not, more moved than that, and the page before is read
again. At the end as many rows as the ministry announced must have been found, or the list is read
once more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ConfigDict

__all__ = ["OVERLAP_ROWS", "TRIES", "Turn", "Window", "turn"]

OVERLAP_ROWS = 20
"""So many rows of a page are on the next one too, if nothing moves."""

TRIES = 3
"""How often a list may be gone back in, before it is taken as it is and that is said."""


class Window(BaseModel):
    """How far a list has been read: the next ``offset``, and the rows read, by name."""

    model_config = ConfigDict(frozen=True)

    offset: int = 0
    refs: tuple[str, ...] = ()
    tries: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """What a page comes to.

    ``fresh`` names its rows that were not read before, ``read`` all that were read of the list.
    ``window`` is where it is read on, ``None`` at its end; ``lacking`` counts the announced rows
    that were not found.
    """

    fresh: tuple[str, ...]
    read: tuple[str, ...]
    window: Window | None
    lacking: int = 0


def turn(
    window: Window, names: Sequence[str], count: int, *, limit: int, patient: bool = True
) -> Turn:
    """Say what a page with rows of these ``names`` comes to, in a list of ``count`` rows.

    ``limit`` is the most rows a page may hold. ``count`` may be that of the page alone: a full page
    is never taken for the last one. Unless ``patient``, rows that lack at the end are not looked
    for again.
    """
    shown = tuple(dict.fromkeys(names))
    before = set(window.refs)
    if window.offset and shown and shown[0] not in before and window.tries < TRIES:
        back = max(0, window.offset - limit)
        return Turn((), window.refs, _again(window, back, window.refs))
    fresh = tuple(name for name in shown if name not in before)
    read = window.refs + fresh
    reached = window.offset + len(shown)
    leads_on = bool(fresh) or len(shown) > OVERLAP_ROWS
    if shown and (len(names) >= limit or (reached < count and leads_on)):
        offset = reached - min(OVERLAP_ROWS, len(shown) // 2)
        return Turn(fresh, read, Window(offset=offset, refs=read, tries=window.tries))
    lacking = max(0, count - len(read))
    if lacking and patient and window.tries < TRIES:
        return Turn(fresh, read, _again(window, 0, read))
    return Turn(fresh, read, None, lacking)


def _again(window: Window, offset: int, refs: tuple[str, ...]) -> Window:
    return Window(offset=offset, refs=refs, tries=window.tries + 1)
