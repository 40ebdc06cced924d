"""The catalogue of procedures: what a system publishes of it, and what the one-stop makes of it.

Source: contracts/systems.md, "The catalogue": only what a system says of a procedure changes it,
never that an answer does not name it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol, runtime_checkable

from bridge.sdk.records import Unreadable

__all__ = ["CatalogueSource", "Procedure", "ProcedurePage", "Unit", "Withdrawn"]

Unit = Literal["working_day", "day", "hour", "month"]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A procedure in force, as it is published. ``None`` is what the system does not say.

    ``code`` is the national part, ``agency`` the code or the name of who handles it,
    ``processing_time`` a number of ``processing_unit``, ``fee`` VND; numbers are whole, or the
    text of a decimal.
    """

    code: str
    name: str
    sector_code: str
    sector_name: str
    agency: str
    local_code: str | None = None
    processing_time: int | str | None = None
    processing_unit: Unit | None = None
    fee: int | str | None = None


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A procedure that is not public any more: nothing else of it counts."""

    code: str


@dataclass(frozen=True, slots=True)
class ProcedurePage:
    """One page of a catalogue; ``unreadable`` are its rows that say nothing usable."""

    procedures: Sequence[Procedure | Withdrawn]
    unreadable: Sequence[Unreadable]
    more: bool


@runtime_checkable
class CatalogueSource(Protocol):
    """What an adapter also offers that declares ``catalogue``."""

    def procedures(self, since: datetime | None, page: int) -> ProcedurePage:
        """Return a page (from 1) of the procedures published since then (``None``: of all).

        Raises:
            AdapterError: the page could not be had; the same page is asked again.
        """
        ...
