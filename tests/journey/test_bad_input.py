from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, YTE, Town

SYSTEMS = ("dvcqg", "gplx")


def test_a_procedure_nobody_handles_is_told_to_the_clerk(tmp_path: Path) -> None:
    """No configured system takes it: a notice names the column; mended, the dossier goes."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(YTE)
        town.settle(3)
        (notice,) = town.notices(code)
        assert (notice["system"], notice["field"]) == ("onestop", "procedure_code")
        assert (notice["severity"], YTE in notice["text_vi"]) == ("action", True)
        assert town.ministries["gplx"].records() == []
        town.edit(code, procedure_code=GPLX, details={"licence_class": "A1"})
        town.settle(3)
        assert town.states(code, "gplx") == ["confirmed"]
        assert town.notices(code) == []
        town.ends_well()


@pytest.mark.parametrize(
    ("column", "value", "place"),
    [
        ("details", '{"licence_class": "A1"', "dossier.details"),
        ("status", 11, "dossier.status"),
        ("received_at", "hôm qua", "dossier.received_at"),
        ("applicant_birth_date", "31/02/1990", "dossier.applicant_birth_date"),
    ],
)
def test_a_row_that_can_not_be_read_is_set_aside_and_named(
    tmp_path: Path, column: str, value: Any, place: str
) -> None:
    """The row waits with table and column named, no value told; its neighbours go, mended it goes."""
    with Town(tmp_path, SYSTEMS) as town:
        bad, good = town.key(GPLX), town.key(GPLX)
        (right,) = town.rows(f"SELECT {column} AS it FROM dossier WHERE code = :c", c=bad)
        town.edit(bad, **{column: value})
        town.settle(3)
        assert town.states(good, "gplx") == ["confirmed"]
        assert town.states(bad, "gplx") == []
        ((ref, reason, _),) = town.quarantined()
        assert (ref, reason.startswith(f"{place}: ")) == (bad, True)
        assert str(value) not in reason
        assert [row.detail["reason"] for row in town.journal("quarantined", bad)] == [reason]
        town.edit(bad, **{column: right["it"]})
        town.settle(3)
        assert town.states(bad, "gplx") == ["confirmed"]
        assert town.quarantined() == []
        town.ends_well()


def test_a_day_that_is_none_in_the_feed_sets_only_its_record_aside(tmp_path: Path) -> None:
    """31/02 from the ministry: quarantined with rule and path, without the day; others come in."""
    with Town(tmp_path, SYSTEMS) as town:
        bad, good = town.key(GPLX), town.key(GPLX)
        town.settle(3)
        town.ministry_edits(bad, NgaySinh="31/02/1990", TrangThai="XL")
        town.move("gplx", good, "XL")
        town.settle(3)
        assert [town.dossier(code)["status"] for code in (bad, good)] == [2, 4]
        ((ref, reason, rule),) = town.quarantined()
        assert ref == town.record("gplx", bad)["ref"]
        assert "NguoiNop/NgaySinh" in reason
        assert rule is not None
        assert "31/02" not in reason

        town.ministry_edits(bad, NgaySinh="28/02/1990", TrangThai="CP")
        town.settle(3)
        assert town.dossier(bad)["status"] == 9
        assert town.quarantined() == []
        town.ends_well()


def test_a_row_that_breaks_the_schema_sets_only_itself_aside(tmp_path: Path) -> None:
    """One row of the SOAP feed is not as the WSDL says; the rows behind it are read."""
    with Town(tmp_path, SYSTEMS) as town:
        bad, good = town.key(GPLX), town.key(GPLX)
        town.settle(3)
        town.move("gplx", bad, "XL")
        town.move("gplx", good, "XL")
        town.ministries["gplx"].faults.next(Fault.WRONG_SCHEMA, operation="DanhSachThayDoi")
        town.settle(3)
        assert [town.dossier(code)["status"] for code in (bad, good)] == [2, 4]
        assert [ref for ref, _, _ in town.quarantined()] == [town.record("gplx", bad)["ref"]]
        town.move("gplx", bad, "CP")
        town.settle(3)
        assert town.dossier(bad)["status"] == 9
        assert town.quarantined() == []
        town.ends_well()


def test_a_status_word_nobody_agreed_on_sets_its_file_aside(tmp_path: Path) -> None:
    """A file of yte with an unknown TrangThai goes to di/loi beside its reason; the next is read."""
    with Town(tmp_path, ("dvcqg", "yte")) as town:
        code = town.key(YTE)
        town.settle(3)
        town.move("yte", code, "THAMDINH")
        place = tmp_path / "yte" / "di"
        (file,) = [one for one in place.iterdir() if one.suffix == ".xml"]
        broken = file.read_text("utf-8").replace("THAMDINH", "DANG_LAM")
        file.write_text(broken, "utf-8")
        town.clock.forward(1)
        town.move("yte", code, "DUYET")
        town.settle(4)
        assert town.dossier(code)["status"] == 4
        set_aside = sorted(one.name for one in (place / "loi").iterdir())
        assert set_aside == sorted([file.name, f"{file.stem}.txt"])
        assert "TrangThai" in (place / "loi" / f"{file.stem}.txt").read_text("utf-8")
        town.ends_well()


def test_rows_twice_and_in_the_wrong_order_change_nothing(tmp_path: Path) -> None:
    """A feed that repeats and reorders its rows: each step once, in order, and no import."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        for fault in (Fault.DUPLICATE, Fault.REORDER):
            town.ministries["gplx"].faults.next(fault, operation="DanhSachThayDoi")
            for word in ("XL", "BS") if fault is Fault.DUPLICATE else ("XL", "CP"):
                town.move("gplx", code, word)
            town.settle(3)
        assert town.shown(code) == [2, 4, 5, 4, 9]
        assert len(town.rows("SELECT code FROM dossier")) == 1
        assert town.conflicts(code, "gplx") == {}
        town.ends_well()
