from __future__ import annotations

from pathlib import Path

import pytest

from bridge.sdk.onestop import OneStopFault
from tests.journey.town import GPLX, Town

SYSTEMS = ("dvcqg", "gplx")
HASTY = {"onestop": "busy_timeout_seconds = 0.05"}


def comes_in_after(town: Town, code: str) -> None:
    """Let the bridge go on, and prove that what waited is there, once."""
    town.settle(4)
    assert town.dossier(code)["status"] == 4
    assert town.progress(code) == [(2, "onestop"), (4, "gplx")]
    assert town.shown(code) == [2, 4]
    town.ends_well()


def test_a_locked_database_delays_and_loses_nothing(tmp_path: Path) -> None:
    """The clerks' software holds the lock: the fault says so, and what came in waits for it."""
    with Town(tmp_path, SYSTEMS, extra=HASTY) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.move("gplx", code, "XL")
        with town._sql.connect() as clerk:
            clerk.exec_driver_sql("BEGIN IMMEDIATE")
            with pytest.raises(OneStopFault, match="locked") as caught:
                town.round()
            assert caught.value.transient
            clerk.rollback()
        comes_in_after(town, code)


def test_a_read_only_database_is_said_so_and_goes_on_when_mended(tmp_path: Path) -> None:
    """Deliveries still go out of it; what comes in waits until it can be written."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.move("gplx", code, "XL")
        place = tmp_path / "bridge.toml"
        right = place.read_text("utf-8")
        place.write_text(right.replace("onestop.db", "onestop.db?mode=ro"), "utf-8")
        town.restart()
        town.edit(code, applicant_phone="0900000001")
        with pytest.raises(OneStopFault, match="read-only"):
            town.round()
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0900000001"
        place.write_text(right, "utf-8")
        town.restart()
        comes_in_after(town, code)


@pytest.mark.parametrize(
    ("table", "column"),
    [("dossier", "status_note"), ("dossier_progress", "officer_name"), ("dossier_fee", "stage")],
)
def test_a_missing_column_is_named_and_nothing_is_lost(
    tmp_path: Path, table: str, column: str
) -> None:
    """A column the contract wants is gone: the fault names it, and the bridge goes on after."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.move("gplx", code, "XL")
        town.execute(f"ALTER TABLE {table} RENAME COLUMN {column} TO ten_khac")
        town.edit(code, applicant_phone="0900000001")
        with pytest.raises(OneStopFault, match=f"{table}.*{column}") as caught:
            town.round()
        assert not caught.value.transient
        town.execute(f"ALTER TABLE {table} RENAME COLUMN ten_khac TO {column}")
        comes_in_after(town, code)
        assert town.record("gplx", code)["body"]["NguoiNop"]["DienThoai"] == "0900000001"


def test_a_notice_that_can_not_be_written_stays_owed(tmp_path: Path) -> None:
    """dossier_notice is not there when a clerk must be told: it is told when it is back."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX, applicant_birth_date=None)
        town.execute("ALTER TABLE dossier_notice RENAME TO thong_bao")
        with pytest.raises(OneStopFault, match="dossier_notice"):
            town.round()
        town.execute("ALTER TABLE thong_bao RENAME TO dossier_notice")
        town.settle(2)
        assert [notice["field"] for notice in town.notices(code)] == ["applicant_birth_date"]
        town.ends_well()


def test_a_notice_the_database_refuses_keeps_none_of_the_others(tmp_path: Path) -> None:
    """A trigger of the office's software refuses one row: the other clerk is told all the same."""
    with Town(tmp_path, ("gplx",)) as town:
        refused, told = (town.key(GPLX, applicant_birth_date=None) for _ in range(2))
        town.execute(
            "CREATE TRIGGER refuse BEFORE INSERT ON dossier_notice WHEN NEW.dossier_code = "
            f"'{refused}' BEGIN SELECT RAISE(ABORT, 'not today'); END"
        )
        town.round()
        assert [one["field"] for one in town.notices(told)] == ["applicant_birth_date"]
        town.execute("DROP TRIGGER refuse")
        town.settle(2)
        assert [one["field"] for one in town.notices(refused)] == ["applicant_birth_date"]
        town.ends_well()


def test_a_dossier_deleted_in_the_onestop_is_an_orphan(tmp_path: Path) -> None:
    """The row is gone: nothing is deleted at a ministry, the link waits for a person."""
    with Town(tmp_path, SYSTEMS) as town:
        code, other = town.key(GPLX), town.key(GPLX)
        town.settle(3)
        for table in ("progress", "document", "fee", "supplement", "notice"):
            town.execute(f"DELETE FROM dossier_{table} WHERE dossier_code = :c", c=code)
        town.execute("DELETE FROM dossier WHERE code = :c", c=code)
        for one in (code, other):
            town.move("gplx", one, "XL")
        town.settle(3)
        assert town.link(code, "gplx").state == "orphan"
        assert "orphan" in town.events(code, "gplx")
        assert town.record("gplx", code)["updates"] == 0
        assert town.record("dvcqg", code)["status"] == 2
        assert town.dossier(other)["status"] == 4
        assert len(town.rows("SELECT code FROM dossier")) == 1
        town.ends_well()
