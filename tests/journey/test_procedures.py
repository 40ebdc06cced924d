"""The portal's list of procedures changes while dossiers of them are under way."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.engine import catalogue
from bridge.engine import round as rounds
from bridge.sdk.errors import AdapterError
from tests.journey.town import GPLX, PowerCutError, Town

ONLY = ("dvcqg",)
DAY = 86_400
OLD, NEW = "Cấp mới giấy phép lái xe", "Cấp giấy phép lái xe lần đầu"


def read(town: Town) -> None:
    """Read the portal's list, if nobody did today."""
    catalogue.refresh(town.house, town.house.ministries["dvcqg"])


def told(town: Town) -> list[tuple[object, object, object]]:
    """Return (procedure, how, columns) of what the journal says of procedures."""
    return [
        (row.detail["procedure"], row.detail["how"], row.detail["columns"])
        for row in town.journal("procedure")
    ]


def in_the_list(town: Town, code: str = GPLX) -> dict[str, object]:
    """Return the one-stop's row of a procedure."""
    return dict(town.house.onestop.procedures()[code])


def publish(town: Town, code: str = GPLX, **fields: str) -> None:
    """Let the portal publish a procedure now."""
    town.ministries["dvcqg"].catalogue.publish(code, town.clock(), **fields)


def test_a_dossier_keeps_the_version_it_was_received_under(tmp_path: Path) -> None:
    """The old dossier goes on under the old name, a new one goes out under the new."""
    with Town(tmp_path, ONLY) as town:
        old = town.key(received_at=town.clock().isoformat(timespec="milliseconds"))
        read(town)
        town.settle(2)
        town.clock.forward(DAY)
        publish(town, TENTTHC=NEW)
        read(town)
        assert in_the_list(town)["name"] == NEW
        assert told(town) == [(GPLX, "changed", ["name"])]
        town.clock.forward(1)
        new = town.key(received_at=town.clock().isoformat(timespec="milliseconds"))
        town.edit(old, summary="Đã sửa tên đường")
        town.settle(3)
        assert town.record("dvcqg", old)["body"]["TenTTHC"] == OLD
        assert town.record("dvcqg", old)["body"]["TrichYeuHoSo"] == "Đã sửa tên đường"
        assert town.record("dvcqg", new)["body"]["TenTTHC"] == NEW
        town.ends_well()


def test_a_withdrawn_procedure_does_not_stop_its_dossiers(tmp_path: Path) -> None:
    """It is not active any more, and a dossier of it is still sent; its absence says nothing."""
    with Town(tmp_path, ONLY) as town:
        code = town.key()
        publish(town, TRANGTHAI="0")
        town.ministries["dvcqg"].catalogue.forget("1.002809")
        read(town)
        assert told(town) == [(GPLX, "withdrawn", ["active"])]
        assert in_the_list(town)["active"] is False
        assert in_the_list(town, "1.002809")["active"] is True
        town.settle(2)
        assert town.states(code, "dvcqg") == ["confirmed"] * len(town.states(code, "dvcqg"))
        town.clock.forward(DAY)
        publish(town, TRANGTHAI="1")
        read(town)
        assert told(town)[1:] == [(GPLX, "restored", ["active"])]
        town.ends_well()


def test_the_list_is_read_once_a_day(tmp_path: Path) -> None:
    """What was published since is seen the next day, also if it was a day late."""
    with Town(tmp_path, ONLY) as town:
        read(town)
        publish(town, TENTTHC=NEW)
        read(town)
        assert in_the_list(town)["name"] == OLD
        town.clock.forward(DAY)
        read(town)
        assert in_the_list(town)["name"] == NEW


def test_what_cant_be_taken_is_said_and_its_neighbours_are(tmp_path: Path) -> None:
    """An agency nobody knows, a unit nobody knows: left out by name, in the journal as well."""
    with Town(tmp_path, ONLY) as town:
        publish(town, DONVITINH="tuần")
        publish(town, "1.002809", COQUAN="Sở Mẫu")
        publish(town, "1.003709", TENTTHC="Tên khác")
        read(town)
        reasons = [str(row.detail["reason"]) for row in town.journal("feed_warning")]
        assert [one for one in reasons if GPLX in one and "DONVITINH" in one]
        assert [one for one in reasons if "1.002809" in one and "Sở Mẫu" in one]
        assert in_the_list(town, "1.003709")["name"] == "Tên khác"
        assert in_the_list(town)["name"] == OLD


def test_a_portal_that_fails_stops_nothing_and_is_read_when_it_works(tmp_path: Path) -> None:
    """The failure is told to whoever asked; dossiers go out all the same."""
    with Town(tmp_path, ONLY) as town:
        code = town.key()
        town.ministries["dvcqg"].fail("LayDanhSachTTHC", count=6)
        publish(town, TENTTHC=NEW)
        with pytest.raises(AdapterError):
            read(town)
        ministries = list(town.house.ministries.values())
        (turn,) = rounds.full(town.house, ministries, town.opened.paces)
        assert turn.problem is not None
        assert town.record("dvcqg", code)["body"]["TenTTHC"] == OLD
        read(town)
        assert in_the_list(town)["name"] == NEW


def test_a_crash_between_the_two_databases_loses_no_version(tmp_path: Path) -> None:
    """The page is read again, the version is kept and journalled once."""
    with Town(tmp_path, ONLY) as town:

        def die(name: str, phase: str) -> None:
            if (name, phase) == ("procedures page", "before"):
                raise PowerCutError

        publish(town, TENTTHC=NEW)
        town.restart(on_commit=die)
        with pytest.raises(PowerCutError):
            read(town)
        assert in_the_list(town)["name"] == NEW
        town.restart()
        read(town)
        assert told(town) == [(GPLX, "changed", ["name"])]
        town.ends_well()


def test_what_the_office_changes_by_hand_is_a_version_too(tmp_path: Path) -> None:
    """The daily look finds it, and says that it was the one-stop; no system need publish."""
    with Town(tmp_path, ("gplx",)) as town:
        catalogue.keep_daily(town.house)
        town.execute("UPDATE procedure SET name = :name WHERE code = :code", name=NEW, code=GPLX)
        catalogue.keep_daily(town.house)
        assert told(town) == []
        town.clock.forward(DAY)
        catalogue.keep_daily(town.house)
        assert told(town) == [(GPLX, "changed", ["name"])]
        assert {row.system for row in town.journal("procedure")} == {"onestop"}
