"""Why a decision can't be carried out: said to whoever decides, with what to do instead."""

from __future__ import annotations

from bridge.domain.said import Said


class Refusal(Exception):  # noqa: N818 - said to a person, not raised at a programmer
    """Nothing was done; ``said`` is why. ``moved``: what was to be decided is not so any more."""

    def __init__(self, said: Said, *, moved: bool = False) -> None:
        super().__init__(said)
        self.said = said
        self.moved = moved
