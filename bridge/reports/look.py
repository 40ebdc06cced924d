"""How a report looks: in which language, with or without what is said of people, with what names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from typing import Literal

from bridge.domain.said import Said
from bridge.i18n import speaker
from bridge.mapping.labels import LABELS
from bridge.mapping.times import VIETNAM


@lru_cache
def _voice(language: str) -> Callable[[str], str]:
    return speaker(language)


@dataclass(frozen=True, slots=True)
class Look:
    """How a report looks, whatever language the process speaks.

    ``with_values``: all values are shown, else those that may name a person are masked
    (``bridge.domain.dossier.is_open``).
    ``titles`` are the names of systems, units and procedures by their codes, as far as known.
    Vietnamese writes 27/11/2026, 12.853 and 15,4%; English 2026-11-27, 12,853 and 15.4%.
    """

    language: Literal["vi", "en"]
    with_values: bool
    titles: Mapping[str, str] = field(default_factory=dict)

    @property
    def vietnamese(self) -> bool:
        """Tell whether the report is in Vietnamese."""
        return self.language == "vi"

    def say(self, text: str) -> str:
        """Return a sentence (``Said``) in the report's language, any other text as it is."""
        return _voice(self.language)(text)

    def number(self, count: int) -> str:
        """Return a number with its thousands apart."""
        grouped = f"{count:,}"
        return grouped.replace(",", ".") if self.vietnamese else grouped

    def share(self, part: int, whole: int) -> str:
        """Return a part of a whole in percent; neither nothing nor all unless it is just that."""
        if not whole:
            return "–"
        tenths = round(1000 * part / whole)
        if 0 < part < whole:
            tenths = min(max(tenths, 1), 999)
        text = f"{tenths / 10:.1f}%"
        return text.replace(".", ",") if self.vietnamese else text

    def day(self, day: date | str) -> str:
        """Return a day, given as such or as ``YYYY-MM-DD``."""
        if isinstance(day, str):
            day = date.fromisoformat(day)
        return f"{day:%d/%m/%Y}" if self.vietnamese else f"{day:%Y-%m-%d}"

    def moment(self, at: datetime) -> str:
        """Return a moment to the minute, on Vietnam's clocks."""
        there = at.astimezone(VIETNAM) if at.tzinfo else at
        return (
            f"{there:%H:%M} ngày {there:%d/%m/%Y}" if self.vietnamese else f"{there:%Y-%m-%d %H:%M}"
        )

    def titled(self, code: str | None) -> str:
        """Return what has a code by its name, the code behind it; by its code where none is known."""
        if not code:
            return self.say(Said("(not known)"))
        title = self.titles.get(code)
        return f"{title} ({code})" if title else code

    def field(self, path: str) -> str:
        """Return what the reader calls a field: in Vietnamese the clerk's word for it."""
        return LABELS.get(path, path) if self.vietnamese else path
