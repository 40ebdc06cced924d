from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bridge.engine import orphans, survey
from bridge.sdk.onestop import OneStopFault
from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, YTE, Town

SYSTEMS = ("dvcqg", "gplx")


def delete(town: Town, code: str) -> dict[str, Any]:
    """Let the office delete a dossier's row; returns it."""
    [row] = town.rows("SELECT * FROM dossier WHERE code = :code", code=code)
    town.execute("DELETE FROM dossier WHERE code = :code", code=code)
    return row


def put_back(town: Town, row: dict[str, Any]) -> None:
    """Let the office restore a row as it was, its time of change included."""
    names, marks = ", ".join(row), ", ".join(f":{name}" for name in row)
    town.execute(f"INSERT INTO dossier ({names}) VALUES ({marks})", **row)


def deliver(town: Town) -> None:
    for name in town.ministries:
        town.deliver(name)


def held(town: Town, code: str) -> list[str]:
    """Return the ministries that hold a record of a dossier."""
    return [
        name
        for name, ministry in town.ministries.items()
        if any(one["code"] == code for one in ministry.records())
    ]


def orphaned(town: Town, name: str) -> int:
    (standing,) = survey.standings(town.house, [name])
    return standing.orphans


@pytest.mark.parametrize("procedure", [GPLX, YTE])
def test_what_was_deleted_before_it_was_sent_is_filed_nowhere(
    tmp_path: Path, procedure: str
) -> None:
    """Captured, put in line, deleted: no ministry hears of it, and the links wait for a person."""
    sector = "gplx" if procedure == GPLX else "yte"
    with Town(tmp_path) as town:
        code = town.key(procedure)
        town.front()
        delete(town, code)
        for _ in range(3):
            deliver(town)
            town.clock.forward(90)
            town.round()
        assert held(town, code) == []
        for name in ("dvcqg", sector):
            assert town.link(code, name).state == "orphan"
            assert set(town.states(code, name)) == {"dead"}
            assert town.events(code, name).count("orphan") == 1
            assert "sending" not in town.events(code, name)
            assert orphaned(town, name) == 1
        assert survey.balance(town.house).dead == 1
        town.ends_well()


def test_its_neighbours_of_the_same_turn_go_on(tmp_path: Path) -> None:
    """One of five is gone, the first of all in line: four are sent, without another round."""
    with Town(tmp_path, SYSTEMS) as town:
        codes = [town.key(GPLX) for _ in range(5)]
        town.front()
        delete(town, codes[0])
        deliver(town)
        for code in codes[1:]:
            assert town.states(code, "gplx") == ["confirmed"]
        assert held(town, codes[0]) == []
        town.ends_well()


def test_a_shard_of_nothing_but_deleted_dossiers_gets_to_its_end(tmp_path: Path) -> None:
    """What stands behind a whole turn of deleted dossiers is sent all the same."""
    with Town(tmp_path, ("gplx",), extra={"gplx": "max_in_flight = 1"}) as town:
        codes = [town.key(GPLX) for _ in range(4)]
        town.front()
        for code in codes[:3]:
            delete(town, code)
        town.deliver("gplx")
        assert town.states(codes[3], "gplx") == ["confirmed"]
        assert len(town.ministries["gplx"].records()) == 1
        town.ends_well()


def test_an_update_of_a_deleted_dossier_is_not_sent(tmp_path: Path) -> None:
    """The ministry keeps the record as it was agreed: nothing is changed or deleted there."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        town.step(code, 4, note="chuyển phòng")
        town.edit(code, applicant_phone="0900000001")
        town.front()
        delete(town, code)
        deliver(town)
        assert town.record("gplx", code)["updates"] == 0
        assert town.shown(code) == [2]
        for name in SYSTEMS:
            assert town.link(code, name).state == "orphan"
        assert town.link(code, "gplx").ref == town.record("gplx", code)["ref"]
        town.settle(2)
        assert town.record("gplx", code)["updates"] == 0
        town.ends_well()


def test_deleted_while_its_ministry_was_down(tmp_path: Path) -> None:
    """Hours of backoff lie between; when the ministry is back it is looked for and not sent."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.ministries["gplx"].down()
        town.settle(2)
        delete(town, code)
        town.clock.forward(7200)
        town.ministries["gplx"].up()
        town.settle(3)
        assert held(town, code) == ["dvcqg"]
        assert town.link(code, "gplx").state == "orphan"
        town.ends_well()


@pytest.mark.parametrize(
    ("fault", "state", "records"),
    [(Fault.LOST_ANSWER, "confirmed", 1), (Fault.CUT_BEFORE, "dead", 0)],
)
def test_deleted_while_in_doubt(tmp_path: Path, fault: Fault, state: str, records: int) -> None:
    """Asked about as any doubt; known not applied it is not sent again, for its row is gone."""
    with Town(tmp_path, ("gplx",)) as town:
        ministry = town.ministries["gplx"]
        code = town.key(GPLX)
        ministry.faults.next(fault, operation="NopHoSo")
        town.round()
        delete(town, code)
        town.settle(6)
        assert town.states(code, "gplx") == [state]
        assert (ministry.calls["NopHoSo"], len(ministry.records())) == (1, records)
        assert town.link(code, "gplx").state == "orphan"
        town.ends_well()


def test_a_row_that_was_restored_goes_out_after_all(tmp_path: Path) -> None:
    """Restored as it was, which no reading of changes shows: within a minute it is in line again."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.front()
        row = delete(town, code)
        deliver(town)
        town.clock.forward(7200)
        town.round()
        put_back(town, row)
        town.clock.forward(61)
        town.settle(3)
        for name in SYSTEMS:
            assert town.link(code, name).state == "open"
            assert orphaned(town, name) == 0
        assert town.states(code, "gplx") == ["confirmed"]
        assert town.shown(code) == [2]
        assert town.events(code, "gplx").count("found_again") == 1
        assert town.dossier(code)["ministry_ref"] == town.record("gplx", code)["ref"]
        town.ends_well()


def test_a_row_that_was_keyed_again_goes_out_as_it_is_now(tmp_path: Path) -> None:
    """Deleted, sent nowhere, keyed again with another phone: at once, and only the new one."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX, applicant_phone="0900000001")
        town.front()
        row = delete(town, code)
        deliver(town)
        put_back(town, row)
        town.edit(code, applicant_phone="0900000002")
        town.settle(3)
        record = town.record("gplx", code)
        assert (record["body"]["NguoiNop"]["DienThoai"], record["updates"]) == ("0900000002", 0)
        assert town.link(code, "gplx").state == "open"
        assert town.ministries["gplx"].calls["NopHoSo"] == 1
        town.ends_well()


def test_a_record_that_comes_in_for_a_restored_row_opens_the_link(tmp_path: Path) -> None:
    """An orphan that had nothing in line: the ministry's next word finds its dossier there."""
    with Town(tmp_path, SYSTEMS) as town:
        code = town.key(GPLX)
        town.settle(3)
        row = delete(town, code)
        town.move("gplx", code, "XL")
        town.settle(2)
        assert town.link(code, "gplx").state == "orphan"
        put_back(town, row)
        town.move("gplx", code, "BS", "thiếu ảnh")
        town.settle(3)
        assert town.link(code, "gplx").state == "open"
        assert town.dossier(code)["status"] == 5
        town.ends_well()


def test_the_notices_of_a_deleted_dossier_are_over(tmp_path: Path) -> None:
    """Refused, then deleted with a newer state in line: nobody is asked to mend it any more."""
    with Town(tmp_path, SYSTEMS) as town:
        code, other = town.key(GPLX, details={"licence_class": "Z9"}), town.key(GPLX)
        town.round()
        assert town.notices(code)
        town.edit(code, details={"licence_class": "A1"})
        town.front()
        row = delete(town, code)
        town.round()
        put_back(town, row)
        assert town.notices(code) == []
        assert town.states(other, "gplx") == ["confirmed"]


def test_while_the_onestop_can_not_be_asked_nothing_is_sent(tmp_path: Path) -> None:
    """Whether the row is there can't be seen: it waits, and goes when the database is back."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.front()
        town.execute("ALTER TABLE dossier RENAME TO ho_so")
        with pytest.raises(OneStopFault, match="no table dossier"):
            town.deliver("gplx")
        assert town.ministries["gplx"].calls["NopHoSo"] == 0
        assert town.states(code, "gplx") == ["pending"]
        town.execute("ALTER TABLE ho_so RENAME TO dossier")
        town.deliver("gplx")
        assert town.states(code, "gplx") == ["confirmed"]
        town.ends_well()


def test_what_is_gone_for_good_is_looked_for_once_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An orphan costs the one-stop a look at its key a minute, not one a round."""
    with Town(tmp_path, ("gplx",)) as town:
        code = town.key(GPLX)
        town.front()
        delete(town, code)
        town.deliver("gplx")
        asked: list[set[str]] = []
        present = town.house.onestop.present

        def counted(codes: Any) -> Any:
            asked.append(set(codes))
            return present(codes)

        monkeypatch.setattr(town.house.onestop, "present", counted)
        for _ in range(120):
            town.clock.forward(1)
            orphans.look_for(town.house)
        assert len(asked) in (1, 2)
