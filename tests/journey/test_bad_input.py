from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bridge.engine import clerk, deliver
from bridge.engine import round as rounds
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


def test_what_is_over_and_nobodys_is_no_news(tmp_path: Path) -> None:
    """Handed over long ago, and edited still: nobody need do anything; open again, somebody must."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(YTE, status=10)
        town.settle(1)
        town.edit(code, summary="Đã lưu trữ")
        town.settle(1)
        assert town.notices(code) == []
        town.edit(code, status=4)
        town.settle(1)
        assert [one["field"] for one in town.notices(code)] == ["procedure_code"]
        town.edit(code, status=9)
        town.settle(1)
        assert town.notices(code) == []


def test_a_procedure_somebody_handles_from_now_on_goes_by_itself(tmp_path: Path) -> None:
    """The notice sent the clerk to the office that runs the bridge: it adds the system, it goes."""
    with Town(tmp_path, ("gplx", "yte")) as town:
        place = tmp_path / "systems" / "yte.toml"
        right = place.read_text("utf-8")
        place.write_text(f"enabled = false\n{right}", "utf-8")
        town.restart()
        code = town.key(YTE)
        town.front()
        clerk.tell(town.house)
        assert [one["field"] for one in town.notices(code)] == ["procedure_code"]
        place.write_text(f"onboard = false\n{right}", "utf-8")
        town.restart()
        rounds.full(town.house, list(town.house.ministries.values()), town.opened.paces)
        town.settle(2)
        assert town.states(code, "yte") == ["confirmed"]
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
        (notice,) = town.notices(bad)
        assert (notice["system"], notice["field"], notice["severity"]) == (
            "onestop",
            column,
            "action",
        )
        assert str(value) not in notice["text_vi"]
        town.edit(bad, **{column: right["it"]})
        town.settle(3)
        assert town.states(bad, "gplx") == ["confirmed"]
        assert town.quarantined() == []
        assert town.notices(bad) == []
        town.ends_well()


@pytest.mark.parametrize("degrees", [["Bác sĩ"], [None], [[1]], "Bác sĩ", {"name": "Bác sĩ"}])
def test_details_of_another_shape_hold_up_nobody(tmp_path: Path, degrees: Any) -> None:
    """Rows are expected and something else stands there: told to the clerk, the others go."""
    with Town(tmp_path, ("dvcqg", "yte")) as town:
        bad, good = town.key(YTE), town.key(YTE)
        right = town.dossier(bad)["details"]
        town.edit(bad, details={**right, "degrees": degrees})
        town.settle(3)
        assert town.states(good, "yte") == ["confirmed"]
        assert town.states(bad, "yte") == ["dead"]
        (notice,) = town.notices(bad)
        assert (notice["system"], notice["field"]) == ("yte", "degrees")
        assert "văn bằng" in notice["text_vi"]
        town.edit(bad, details=right)
        town.settle(3)
        assert town.states(bad, "yte")[-1] == "confirmed"
        assert town.notices(bad) == []
        town.ends_well()


@pytest.mark.parametrize("way", ["project", "lower"])
def test_a_dossier_that_can_not_be_worked_leaves_its_neighbours_alone(
    tmp_path: Path, way: str
) -> None:
    """Something unforeseen in one of many: it is set aside and told, the others go; so it is mended."""
    with Town(tmp_path, ("gplx",)) as town:
        codes = [town.key(GPLX) for _ in range(5)]
        bad, lens = codes[2], town.house.ministries["gplx"].lens
        work = getattr(lens, way)

        def stumble(fields: Any, *lists: Any) -> Any:
            if fields["code"] == bad and fields["applicant.phone"] == "0900000666":
                raise ZeroDivisionError
            return work(fields, *lists)

        setattr(lens, way, stumble)
        town.edit(bad, applicant_phone="0900000666")
        town.settle(3)
        assert {code: town.states(code, "gplx") for code in codes if code != bad} == {
            code: ["confirmed"] for code in codes if code != bad
        }
        assert [one["severity"] for one in town.notices(bad)] == ["action"]
        town.edit(bad, applicant_phone="0900000777")
        town.settle(3)
        assert town.states(bad, "gplx")[-1] == "confirmed"
        assert town.notices(bad) == []
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


def test_an_older_record_that_waits_is_not_overtaken(tmp_path: Path) -> None:
    """While the row can't be read the records of it wait in their order; none is dropped."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        due = town.dossier(code)["due_at"]
        town.edit(code, due_at="khi nào xong")
        town.move("gplx", code, "BS", "Thiếu ảnh")
        for _ in range(12):
            town.round()
            town.clock.forward(40)
        town.move("gplx", code, "XL", "đã đủ")
        town.settle(2)
        town.edit(code, due_at=due)
        for _ in range(30):
            town.round()
            town.clock.forward(20)
        assert town.progress(code) == [(2, "onestop"), (5, "gplx"), (4, "gplx")]
        assert [row["request"] for row in town.rows("SELECT request FROM dossier_supplement")] == [
            "Thiếu ảnh"
        ]
        town.ends_well()


def receipts(town: Town, change: Callable[[str], str]) -> list[Path]:
    """Let yte write its receipts, and change them before they are read."""
    ministry = town.house.ministries["yte"]
    town.front()
    for shard in range(ministry.max_in_flight):
        deliver.drain(town.house, ministry, shard, town.opened.paces["yte"])
    town.ministries["yte"].work()
    files = sorted((town.ministries["yte"].root / "xacnhan").glob("*.xml"))
    for file in files:
        file.write_text(change(file.read_text(encoding="utf-8")), encoding="utf-8")
    return files


def test_a_receipt_without_a_number_waits_for_the_feed_to_bring_it(tmp_path: Path) -> None:
    """SoTiepNhan may be left out of a receipt (yte.xsd): our own code does not stand in for it."""
    number = re.compile(r"<(\w+:)?SoTiepNhan>.*?</(\w+:)?SoTiepNhan>")
    with Town(tmp_path, ("yte",)) as town:
        code = town.key(YTE)
        receipts(town, lambda text: number.sub("", text))
        town.settle(3)
        assert town.states(code, "yte") == ["confirmed"]
        town.ministries["yte"].advance()
        town.settle(4)
        assert town.dossier(code)["ministry_ref"] == town.record("yte", code)["ref"]
        assert town.dossier(code)["status"] == town.record("yte", code)["status"] == 4
        assert town.conflicts(code, "yte") == {}
        town.ends_well()


def test_one_number_for_two_dossiers_is_shown_to_a_person(tmp_path: Path) -> None:
    """The first keeps it, the second is a conflict with a notice, and the others are settled."""
    number = re.compile(r"(SoTiepNhan>)[^<]*1<")
    with Town(tmp_path, ("yte",)) as town:
        codes = [town.key(YTE) for _ in range(3)]
        receipts(town, lambda text: number.sub(r"\g<1>BYT-26-000002<", text))
        town.settle(3)
        assert [town.states(code, "yte") for code in codes] == [["confirmed"]] * 3
        shared = [code for code in codes if "ministry_ref" in town.conflicts(code, "yte")]
        assert len(shared) == 1
        assert any("cùng một số" in one["text_vi"] for one in town.notices(shared[0]))


def test_a_record_that_can_not_be_worked_leaves_its_neighbours_alone(tmp_path: Path) -> None:
    """Something unforeseen in one record: tried a few times, set aside with a reason; others go."""
    with Town(tmp_path, SYSTEMS) as town:
        bad, good = town.key(GPLX), town.key(GPLX)
        town.settle(3)
        fetch = town.house.onestop.fetch

        def stumble(codes: Any) -> Any:
            if bad in codes:
                raise ZeroDivisionError
            return fetch(codes)

        town.house.onestop.fetch = stumble  # type: ignore[method-assign]
        for code in (bad, good):
            town.move("gplx", code, "XL")
        for _ in range(12):
            town.receive("gplx")
            town.clock.forward(150)
        assert [town.dossier(code)["status"] for code in (bad, good)] == [2, 4]
        assert [reason for _, reason, _ in town.quarantined()] == ["unexpected ZeroDivisionError"]
