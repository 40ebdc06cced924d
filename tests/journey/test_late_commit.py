from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import create_engine, text

from tests.journey.town import GPLX, VIETNAM, Town

SYSTEMS = ("dvcqg", "gplx")
OVERLAP = timedelta(minutes=10)
WHOLE_EVERY = 20
"""Seconds after which a round reads all of the overlap again."""


def test_a_transaction_that_commits_behind_a_later_stamp_is_captured(
    tmp_path: Path, postgres_database: str
) -> None:
    """PostgreSQL: stamped first, committed after a later stamp was captured; nothing is skipped."""
    with Town(tmp_path, SYSTEMS, onestop_url=postgres_database) as town:
        slow, quick = town.key(GPLX), town.key(GPLX)
        town.settle(3)
        office = create_engine(postgres_database)
        try:
            with office.connect() as connection:
                early = town.clock().astimezone(VIETNAM)
                connection.execute(
                    text(
                        "UPDATE dossier SET applicant_phone = :p, updated_at = :at WHERE code = :c"
                    ),
                    {"p": "0900000001", "at": early, "c": slow},
                )
                town.clock.forward(300)
                town.edit(quick, applicant_phone="0900000002")
                town.settle(3)
                assert town.record("gplx", quick)["updates"] == 1
                assert town.record("gplx", slow)["updates"] == 0
                connection.commit()
        finally:
            office.dispose()
        town.clock.forward(WHOLE_EVERY)
        town.settle(3)
        assert town.record("gplx", slow)["body"]["NguoiNop"]["DienThoai"] == "0900000001"
        assert town.record("dvcqg", slow)["body"]["SoDienThoai"] == "0900000001"
        town.ends_well()


def test_a_row_that_appears_with_an_older_stamp_is_captured(tmp_path: Path) -> None:
    """SQLite: a row shows up stamped nine minutes before what was captured last."""
    with Town(tmp_path, SYSTEMS) as town:
        slow, quick = town.key(GPLX), town.key(GPLX)
        town.settle(3)
        town.clock.forward(3600)
        early = town.clock()
        town.clock.forward((OVERLAP - timedelta(minutes=1)).total_seconds())
        town.edit(quick, applicant_phone="0900000002")
        town.settle(3)
        assert town.record("gplx", quick)["updates"] == 1
        town.edit(slow, at=early, applicant_phone="0900000001")
        town.clock.forward(WHOLE_EVERY)
        town.settle(3)
        assert town.record("gplx", slow)["body"]["NguoiNop"]["DienThoai"] == "0900000001"
        town.ends_well()
