"""Rows as lines of aligned columns: how every list stands on a terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def columns(rows: Sequence[Sequence[str]], *, numbers_from: int | None = None) -> list[str]:
    """Return rows as lines of aligned columns, the last one as long as it is.

    From the column ``numbers_from`` on they hold numbers, which stand at the right.
    """
    composed = [[unicodedata.normalize("NFC", cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*composed, strict=True)]
    texts = len(widths) if numbers_from is None else numbers_from

    def aligned(place: int, cell: str) -> str:
        return cell.ljust(widths[place]) if place < texts else cell.rjust(widths[place])

    return ["  ".join(aligned(*one) for one in enumerate(row)).rstrip() for row in composed]
