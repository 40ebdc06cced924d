"""Who works in town meanwhile: clerks who key, correct and add steps; officers at the ministries."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, bindparam, create_engine, text
from sqlalchemy.engine import make_url

from adapters.onestop_sql.invented import Invention
from bridge.bootstrap import clock
from bridge.sdk.times import VIETNAM
from tools.chaos.town import SECTORS, Town

KEYED = ("1.002835", "2.000488", "1.001193", "2.001610", "1.002809", "1.003709")
NEVER_CORRECTED = ("2.000488",)
"""Its ministry takes no corrections: each would be a dead letter, by design."""

FIRST_DAY = date(2026, 11, 2)
MOST_A_DAY = 9_000
"""Dossiers of one day: an agency has four digits to number its own."""

CORRECTED, STEPPED, HANDED_OVER = 0.3, 0.2, 0.1
MADE_UP = "Nguyễn Thị Mẫu"


class Clerks:
    """The counters. ``keyed`` counts what they keyed so far."""

    def __init__(self, url: str, documents: Path, chance: Random) -> None:
        """Open the office's own connection to its database, and fill in the catalogue."""
        self.keyed = 0
        self._chance = chance
        self._sqlite = make_url(url).get_backend_name() == "sqlite"
        busy = {"connect_args": {"timeout": 60}} if self._sqlite else {}
        self._sql = create_engine(url, pool_pre_ping=True, **busy)
        self._invention = Invention(chance.randrange(2**31), documents)
        self._day, self._that_day = FIRST_DAY, 0
        self._recent: list[str] = []
        with self._sql.begin() as connection:
            self._invention.seed_catalogue(connection)

    def close(self) -> None:
        """Go home."""
        self._sql.dispose()

    def work(self, n: int) -> None:
        """Key ``n`` dossiers, and correct, step and hand over some of those there are."""
        with self._sql.begin() as connection:
            self._key(connection, n)
        for _ in range(n):
            self._change()

    def _key(self, connection: Connection, n: int) -> None:
        if self._that_day + n > MOST_A_DAY:
            self._day, self._that_day = date.fromordinal(self._day.toordinal() + 7), 0
        start = self._chance.randrange(len(KEYED))
        procedures = KEYED[start:] + KEYED[:start]
        codes = self._invention.dossiers(connection, n, procedures, start=self._day)
        stamp = text("UPDATE dossier SET updated_at = :now WHERE code IN :codes")
        stamp = stamp.bindparams(bindparam("codes", expanding=True))
        connection.execute(stamp, {"now": self._now(), "codes": codes})
        self.keyed += n
        self._that_day += n
        self._recent = (self._recent + codes)[-2000:]

    def _change(self) -> None:
        """Change a dossier as an office does, once in a while."""
        dice = self._chance.random()
        code = self._chance.choice(self._recent)
        with self._sql.begin() as connection:
            if dice < CORRECTED:
                self._correct(connection, code)
            elif dice < CORRECTED + STEPPED:
                self._step(connection, code)
            elif dice < CORRECTED + STEPPED + HANDED_OVER:
                self._hand_over(connection)

    def _correct(self, connection: Connection, code: str) -> None:
        name = f"{MADE_UP} {self._chance.randrange(10**6)}"
        form = self._chance.choice(("NFC", "NFD"))
        connection.execute(
            text(
                "UPDATE dossier SET applicant_name = :name, updated_at = :now"
                " WHERE code = :code AND procedure_code <> :never"
            ),
            {
                "name": unicodedata.normalize(form, name),  # type: ignore[arg-type]
                "now": self._now(),
                "code": code,
                "never": NEVER_CORRECTED[0],
            },
        )

    def _step(self, connection: Connection, code: str) -> None:
        """Note a move inside the office: the dossier's status stays what it is."""
        status = connection.execute(
            text("SELECT status FROM dossier WHERE code = :code"), {"code": code}
        ).scalar()
        self._add_step(connection, code, status, f"Chuyển hồ sơ {self._chance.randrange(10**6)}")

    def _hand_over(self, connection: Connection) -> None:
        """Hand a finished licence over."""
        finished = text(
            "SELECT code FROM dossier WHERE status = 9 AND procedure_code = :one LIMIT 1"
        )
        code = connection.execute(finished, {"one": KEYED[0]}).scalar()
        if code is not None:
            self._add_step(connection, code, 10, "Trả kết quả", moves_on=True)

    def _add_step(
        self, connection: Connection, code: str, status: Any, note: str, *, moves_on: bool = False
    ) -> None:
        now = self._now()
        connection.execute(
            text(
                "INSERT INTO dossier_progress (id, dossier_code, at, status, note, source)"
                " VALUES (:id, :code, :now, :status, :note, 'onestop')"
            ),
            {
                "id": str(UUID(int=self._chance.getrandbits(128), version=4)),
                "code": code,
                "now": now,
                "status": status,
                "note": note,
            },
        )
        moves = "status = :status, " if moves_on else ""
        connection.execute(
            text(f"UPDATE dossier SET {moves}updated_at = :now WHERE code = :code"),
            {"now": now, "code": code} | ({"status": status} if moves_on else {}),
        )

    def _now(self) -> datetime | str:
        now = clock().astimezone(VIETNAM)
        return now.isoformat(timespec="milliseconds") if self._sqlite else now


class Officers:
    """The people at the ministries; ``moved`` and ``filed`` count what they did."""

    def __init__(self, town: Town, own_each: int) -> None:
        """Each sector ministry is to file ``own_each`` dossiers that only it knows."""
        self.moved = 0
        self.filed = 0
        self._town = town
        self._own_each = own_each

    def move(self, most: int) -> None:
        """Move up to ``most`` dossiers on at each ministry."""
        for name in SECTORS:
            self.moved += self._town.ministries[name].tell("advance", most)

    def file(self) -> None:
        """File every ministry's own."""
        for name in SECTORS:
            self.filed += len(self._town.ministries[name].tell("file_own", self._own_each))


def spread(total: int, ticks: int) -> Sequence[int]:
    """Deal ``total`` out over ``ticks``, as evenly as it goes."""
    return [total * (n + 1) // ticks - total * n // ticks for n in range(ticks)]
