"""How a list is read page by page, by what its definition says of pages. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from bridge.domain.said import Said
from bridge.sdk.declared.paths import text_at
from bridge.sdk.declared.service import says_yes
from bridge.sdk.declared.tables import Operation, Paging
from bridge.sdk.errors import ContractBroken
from bridge.sdk.paging import Turn, Window, turn

__all__ = ["Pages", "Place", "lacking"]


class Place(Window):
    """How far a list has been read; ``offset`` counts pages where pages have numbers."""

    next: str = ""


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages of one operation."""

    paging: Paging
    operation: Operation

    def values(self, place: Place) -> dict[str, Any]:
        """Return the values by which a page is asked for."""
        return {
            "limit": self.paging.limit,
            "offset": place.offset,
            "page": self.paging.first + place.offset,
            "cursor": place.next,
        }

    def turn(
        self, place: Place, names: Sequence[str], plain: Any, *, patient: bool = True
    ) -> tuple[Turn, Place | None]:
        """Say what a page with rows of these names comes to, and where it is read on.

        Raises:
            ContractBroken: the answer does not say how many rows there are, where it should.
        """
        if self.paging.kind == "offset":
            found = turn(place, names, self._count(plain), limit=self.paging.limit, patient=patient)
            window = found.window
            return found, None if window is None else Place.model_validate(window.model_dump())
        before = set(place.refs)
        fresh = tuple(name for name in dict.fromkeys(names) if name not in before)
        found = Turn(fresh, place.refs + fresh, None)
        following = self._following(place, names, plain, found)
        lacks = 0 if following else max(0, self._count(plain) - len(found.read))
        return replace(found, lacking=lacks), following

    def more(self, names: Sequence[str], plain: Any) -> bool:
        """Tell whether more follows this page, by its own words, else by its length."""
        if self.operation.more is not None:
            return says_yes(plain, self.operation.more)
        return len(names) >= self.paging.limit

    def _following(
        self, place: Place, names: Sequence[str], plain: Any, found: Turn
    ) -> Place | None:
        match self.paging.kind:
            case "page" if found.fresh and self.more(names, plain):
                return Place(offset=place.offset + 1, refs=found.read)
            case "cursor":
                word = text_at(plain, self.operation.next)
                if word and word != place.next and found.fresh:
                    return Place(refs=found.read, next=word)
        return None

    def _count(self, plain: Any) -> int:
        if self.operation.count is None:
            return 0
        said = text_at(plain, self.operation.count)
        if said is None or not said.isdecimal():
            raise ContractBroken(Said("{path}: is no number", path=self.operation.count))
        return int(said)


def lacking(found: Turn) -> Said:
    """Return what is said aloud when announced rows were not found."""
    return Said(
        "{lacking} of {announced} announced rows were not found, however often the list was read: "
        "their changes may be missing",
        lacking=found.lacking,
        announced=len(found.read) + found.lacking,
    )
