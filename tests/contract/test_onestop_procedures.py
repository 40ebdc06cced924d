"""The one-stop's list of procedures is brought up to date with what is published."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.sdk.catalogue import Procedure, Withdrawn
from bridge.sdk.onestop import OneStopFault
from tests.contract.onestop_world import World

DRIVING = Procedure(
    code="1.002835",
    name="Cấp giấy phép lái xe",
    sector_code="G09",
    sector_name="Đường bộ",
    agency="H40.05",
    processing_time="2.5",
    processing_unit="working_day",
    fee=0,
)
NEW = Procedure("1.002809", "Đổi giấy phép lái xe", "G09", "Đường bộ", "H40.05", fee="115000.5")


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[World]:
    world = World(store_url, tmp_path)
    yield world
    world.close()


def stamps(world: World) -> list[str]:
    return [str(row[0]) for row in world.ask("SELECT updated_at FROM procedure ORDER BY code")]


def test_what_is_as_it_was_is_not_written(world: World) -> None:
    """The row of a procedure that is published as it is there keeps its time."""
    before = stamps(world)
    assert list(world.onestop.publish([DRIVING])) == []
    assert list(world.onestop.publish([])) == []
    assert stamps(world) == before


def test_a_procedure_is_added_with_what_is_said_of_it(world: World) -> None:
    """What the system does not say is left to the database's defaults."""
    world.onestop.publish([NEW])
    assert world.onestop.procedures()["1.002809"] == {
        "local_code": None,
        "name": "Đổi giấy phép lái xe",
        "sector_code": "G09",
        "sector_name": "Đường bộ",
        "agency_code": "H40.05",
        "processing_time": None,
        "processing_unit": None,
        "fee": "115000.5",
        "active": True,
    }


def test_only_the_columns_that_differ_change(world: World) -> None:
    """The name is the new one, the local code nobody spoke of stays, and the time is now."""
    world.onestop.publish([replace(DRIVING, name="Cấp mới giấy phép lái xe")])
    row = world.onestop.procedures()["1.002835"]
    assert row["name"] == "Cấp mới giấy phép lái xe"
    assert row["local_code"] == "1.002835.000.00.00.H40"
    assert stamps(world)[0].startswith("2026-11-20")


def test_a_withdrawn_procedure_stays_and_can_come_back(world: World) -> None:
    """Its row is there, not active, with all it said; one that never was there is no news."""
    world.onestop.publish([Withdrawn("1.002835"), Withdrawn("9.999999")])
    rows = world.onestop.procedures()
    assert list(rows) == ["1.002835"]
    assert (rows["1.002835"]["active"], rows["1.002835"]["name"]) == (False, DRIVING.name)
    world.onestop.publish([DRIVING])
    assert world.onestop.procedures()["1.002835"]["active"] is True


@pytest.mark.parametrize(
    "called",
    ["sở  giao thông VẬN TẢI", unicodedata.normalize("NFD", "Sở Giao thông vận tải"), "H40.05"],
)
def test_an_agency_is_known_by_its_code_or_its_name(world: World, called: str) -> None:
    """Case, blanks and the form of the accents do not matter in a name."""
    assert list(world.onestop.publish([replace(NEW, agency=called)])) == []
    assert world.onestop.procedures()["1.002809"]["agency_code"] == "H40.05"


def test_a_procedure_of_an_unknown_agency_is_left_out_and_its_neighbours_are_not(
    world: World,
) -> None:
    """Unknown, or borne by two: the answer names procedure and agency; nothing is guessed."""
    world.sql("INSERT INTO agency (code, name) VALUES ('H40.02', 'Trung tâm Một cửa')")
    strange = replace(NEW, code="1.000001", agency="Sở Mẫu")
    doubtful = replace(NEW, code="1.000002", agency="Trung tâm Một cửa")
    left = world.onestop.publish([strange, doubtful, NEW])
    assert [one.name for one in left] == ["1.000001", "1.000002"]
    assert "1.000001" in left[0].reason
    assert "Sở Mẫu" in left[0].reason
    assert list(world.onestop.procedures()) == ["1.002809", "1.002835"]


def test_a_page_is_written_whole_or_not_at_all(world: World) -> None:
    """A procedure the database refuses takes the others of its page with it."""
    world.sql("CREATE UNIQUE INDEX one_name ON procedure (name)")
    world.onestop.publish([replace(NEW, code="1.000003", name="Tên khác")])
    before = world.onestop.procedures()
    with pytest.raises(OneStopFault):
        world.onestop.publish([NEW, replace(DRIVING, name="Tên khác")])
    assert world.onestop.procedures() == before
