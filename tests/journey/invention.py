"""The clerk of a story: keys invented dossiers with the one-stop software's own SQL."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import Engine

from adapters.onestop_sql.invented import Invention


class Office:
    """Where dossiers are keyed; each is another invented person's."""

    def __init__(self, documents: Path) -> None:
        self._invention = Invention(20261120, documents)

    def open(self, engine: Engine) -> None:
        """Fill in the agencies and procedures."""
        with engine.begin() as connection:
            self._invention.seed_catalogue(connection)

    def dossiers_in(self, engine: Engine, n: int, procedure: str) -> list[str]:
        """Key ``n`` dossiers of a procedure; returns their codes."""
        with engine.begin() as connection:
            return self._invention.dossiers(connection, n, [procedure], start=date(2026, 11, 20))
