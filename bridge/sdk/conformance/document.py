"""The tables of ``docs/conformance.md``, made from the code."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bridge.sdk.conformance.claims import every_claim
from bridge.sdk.conformance.quality import QUALITIES

__all__ = ["claim_table", "quality_table"]


def claim_table() -> str:
    """Return every claim with whom it concerns."""
    rows = (
        [
            one.sentence.replace("``", "`"),
            ", ".join(need.name for need in one.needs) or "all",
            f"`{one.name}`",
        ]
        for one in every_claim()
    )
    return _table(["claim", "concerns", "test"], rows)


def quality_table() -> str:
    """Return every key of ``quality.yaml`` with what ``done`` means."""
    return _table(["key", "`done` means"], ([f"`{one.name}`", one.sentence] for one in QUALITIES))


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
