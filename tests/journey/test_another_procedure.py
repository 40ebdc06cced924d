"""The procedure of a dossier is keyed wrongly, at the counter or at the ministry."""

from __future__ import annotations

from pathlib import Path

import pytest

from bridge.domain.decide import Clash
from bridge.engine import clerk
from bridge.engine.people import parting
from bridge.engine.people.decision import Decision
from bridge.sdk.rehearsal import Fault
from tests.journey.town import GPLX, HOTICH, LLTP, YTE, Town

BOTH = ("gplx", "yte")
WHY = Decision("truc", "bản ghi của người khác")


def keyed_wrongly(town: Town) -> str:
    """Key a dossier of yte under a procedure of gplx."""
    code = town.key(YTE)
    details = {**town.dossier(code)["details"], "licence_class": "A1"}
    town.edit(code, procedure_code=GPLX, details=details)
    return code


def test_a_dossier_whose_procedure_is_mended_in_time_goes_only_where_it_belongs(
    tmp_path: Path,
) -> None:
    """It stood in line for the wrong system: taken back, and sent to the right one."""
    with Town(tmp_path, BOTH) as town:
        code = keyed_wrongly(town)
        town.front()
        town.edit(code, procedure_code=YTE)
        town.settle(4)
        assert town.ministries["gplx"].records() == []
        assert town.states(code, "gplx") == ["superseded"]
        assert town.states(code, "yte") == ["confirmed"]
        assert town.notices(code) == []
        town.ends_well()


def corrected(town: Town) -> str:
    """Key a dossier of yte for gplx, let it arrive there, and correct its procedure."""
    code = keyed_wrongly(town)
    town.settle(3)
    town.move("gplx", code, "XL")
    town.settle(2)
    town.edit(code, procedure_code=YTE)
    return code


def test_a_record_at_the_wrong_system_is_withdrawn_before_the_right_one_has_it(
    tmp_path: Path,
) -> None:
    """HUY goes to gplx, once; then yte has the dossier, and its number stands in the one-stop."""
    with Town(tmp_path, ("dvcqg", *BOTH)) as town:
        code = corrected(town)
        town.front()
        town.deliver("yte")
        assert town.ministries["yte"].records() == []
        town.deliver("gplx")
        assert town.record("gplx", code)["status"] == 7
        town.settle(4)
        assert town.dossier(code)["ministry_ref"] == town.record("yte", code)["ref"]
        assert town.dossier(code)["status"] == 4
        assert town.record("dvcqg", code)["status"] == 4
        assert town.link(code, "gplx").state == "withdrawn"
        updates, moved = town.record("gplx", code)["updates"], town.moved()
        town.settle(4)
        assert (town.record("gplx", code)["updates"], town.moved()) == (updates, moved)
        assert town.conflicts(code, "gplx") == town.conflicts(code, "yte") == {}
        assert town.notices(code) == []
        town.ends_well()


def test_a_sick_ministry_does_not_hold_the_right_one_for_ever(tmp_path: Path) -> None:
    """The withdrawal can't be told: ten minutes later the right system has the dossier anyway."""
    with Town(tmp_path, BOTH) as town:
        code = corrected(town)
        town.ministries["gplx"].down()
        town.settle(3)
        assert town.ministries["yte"].records() == []
        town.edit(code, applicant_phone="0900000001")
        town.settle(1)
        assert town.ministries["yte"].records() == []
        town.clock.forward(600)
        town.settle(3)
        assert town.record("yte", code)["ref"] == town.dossier(code)["ministry_ref"]
        town.ministries["gplx"].up()
        town.clock.forward(60)
        town.settle(3)
        assert town.record("gplx", code)["status"] == 7
        assert town.conflicts(code, "gplx") == {}
        town.ends_well()


@pytest.mark.parametrize("fault", [Fault.LOST_ANSWER, Fault.CUT_BEFORE])
def test_what_is_in_doubt_is_withdrawn_once_it_is_known_to_be_there(
    tmp_path: Path, fault: Fault
) -> None:
    """Corrected while nobody knows whether gplx has it: withdrawn if it has, else never made."""
    with Town(tmp_path, BOTH) as town:
        town.ministries["gplx"].faults.next(fault, operation="NopHoSo")
        code = keyed_wrongly(town)
        town.round()
        town.edit(code, procedure_code=YTE)
        town.round()
        for _ in range(6):
            town.clock.forward(90)
            town.round()
        shown = [one["status"] for one in town.ministries["gplx"].records()]
        assert shown == ([7] if fault is Fault.LOST_ANSWER else [])
        assert town.record("yte", code)["ref"] == town.dossier(code)["ministry_ref"]
        assert town.conflicts(code, "gplx") == {}
        town.ends_well()


def test_corrected_back_before_it_left_nothing_is_withdrawn(tmp_path: Path) -> None:
    """A slip of the keys that is mended in time costs nothing: the record there goes on."""
    with Town(tmp_path, BOTH) as town:
        code = corrected(town)
        town.front()
        town.edit(code, procedure_code=GPLX)
        town.settle(4)
        assert town.record("gplx", code)["status"] == 4
        assert town.ministries["yte"].records() == []
        assert town.link(code, "gplx").state == "open"
        assert town.notices(code) == []
        town.ends_well()


def test_corrected_back_too_late_a_person_has_it_reopened(tmp_path: Path) -> None:
    """Nothing is sent to a withdrawn record and no second is made; reopened, it is in step."""
    with Town(tmp_path, BOTH) as town:
        code = corrected(town)
        town.settle(4)
        town.edit(code, procedure_code=GPLX)
        town.settle(4)
        assert town.record("gplx", code)["status"] == 7
        assert town.conflicts(code, "gplx")["record"].why == "withdrawn"
        assert {one["system"] for one in town.notices(code)} == {"gplx", "yte"}
        town.move("gplx", code, "XL")
        town.settle(4)
        assert town.conflicts(code, "gplx") == {}
        assert town.link(code, "gplx").state == "open"
        town.edit(code, applicant_phone="0900000001")
        town.settle(3)
        assert town.states(code, "gplx")[-1] == "confirmed"
        town.ends_well()


def test_of_a_withdrawn_record_no_field_is_left_to_decide(tmp_path: Path) -> None:
    """A conflict that stood ends with the withdrawal: afterwards nobody could decide it."""
    with Town(tmp_path, BOTH) as town:
        code = keyed_wrongly(town)
        town.settle(3)
        gplx, link = town.house.ministries["gplx"], town.link(code, "gplx")
        with town.house.store.write("received") as unit:
            clerk.clash(unit, gplx, link, Clash("status", 2, 10, 2, "not_ours"))
        town.edit(code, procedure_code=YTE)
        town.settle(4)
        assert town.record("gplx", code)["status"] == 7
        assert town.conflicts(code, "gplx") == {}
        assert town.notices(code) == []


def test_corrected_back_while_the_withdrawal_is_in_doubt_it_is_not_sent_again(
    tmp_path: Path,
) -> None:
    """It never came: what is wanted again is not withdrawn, and what was keyed meanwhile goes."""
    with Town(tmp_path, BOTH) as town:
        code = corrected(town)
        town.ministries["gplx"].faults.next(Fault.CUT_BEFORE, operation="CapNhatHoSo")
        town.front()
        town.deliver("gplx")
        assert town.states(code, "gplx")[-1] == "in_doubt"
        town.edit(code, procedure_code=GPLX, applicant_phone="0900000007")
        town.front()
        assert town.conflicts(code, "gplx")["record"].why == "withdrawn"
        for _ in range(4):
            town.clock.forward(10)
            town.round()
        record = town.record("gplx", code)
        assert record["status"] == 4
        assert record["body"]["NguoiNop"]["DienThoai"] == "0900000007"
        assert town.link(code, "gplx").state == "open"
        assert town.conflicts(code, "gplx") == {}
        assert town.ministries["yte"].records() == []
        assert town.notices(code) == []
        town.ends_well()


def test_a_finished_record_and_an_unknown_procedure_are_a_persons_business(tmp_path: Path) -> None:
    """What gplx has decided can't be withdrawn; a procedure no system has may be a slip."""
    with Town(tmp_path, BOTH) as town:
        decided, slip = corrected(town), keyed_wrongly(town)
        town.move("gplx", decided, "CP")
        town.edit(decided, procedure_code=GPLX)
        town.settle(3)
        town.edit(decided, procedure_code=YTE)
        town.edit(slip, procedure_code="9.999999")
        town.settle(3)
        for code in (decided, slip):
            assert town.conflicts(code, "gplx")["procedure.code"].why == "elsewhere"
        assert [town.record("gplx", one)["status"] for one in (decided, slip)] == [9, 2]
        assert town.record("yte", decided)["ref"] == town.dossier(decided)["ministry_ref"]


def test_a_withdrawal_that_is_refused_is_a_persons_business(tmp_path: Path) -> None:
    """Gplx had ended it before it heard of it: the conflict stands, and yte has the dossier."""
    with Town(tmp_path, BOTH) as town:
        code = corrected(town)
        town.move("gplx", code, "TR")
        town.front()
        town.deliver("gplx")
        assert town.states(code, "gplx")[-1] == "dead"
        assert town.conflicts(code, "gplx")["procedure.code"].why == "elsewhere"
        town.settle(3)
        assert town.record("yte", code)["ref"] == town.dossier(code)["ministry_ref"]
        assert town.dossier(code)["status"] == 4
        town.edit(code, applicant_phone="0900000001")
        town.settle(3)
        assert town.states(code, "gplx")[-1] == "dead"
        assert town.record("gplx", code)["status"] == 10


def test_between_ministries_that_take_no_withdrawal_the_clerk_is_told_at_once(
    tmp_path: Path,
) -> None:
    """Keyed for lltp, meant for hotich: hotich has it, lltp keeps its record, one notice says so."""
    with Town(tmp_path, ("lltp", "hotich")) as town:
        code = town.key(HOTICH)
        meant = town.dossier(code)["details"]
        filed = town.key(LLTP)
        town.edit(code, procedure_code=LLTP, details={**town.dossier(filed)["details"], **meant})
        town.settle(3)
        assert town.states(code, "lltp") == ["confirmed"]
        town.edit(code, procedure_code=HOTICH)
        town.settle(4)
        assert town.states(code, "hotich") == ["confirmed"]
        assert town.states(code, "lltp") == ["confirmed"]
        assert town.dossier(code)["ministry_ref"] == town.record("hotich", code)["ref"]
        assert town.conflicts(code, "lltp")["procedure.code"].why == "elsewhere"
        assert [one["system"] for one in town.notices(code)] == ["lltp"]


def test_where_there_is_no_word_for_it_the_clerk_has_it_withdrawn_by_hand(tmp_path: Path) -> None:
    """Of yte, lltp and hotich nothing can be withdrawn; put right again, their word comes in."""
    with Town(tmp_path, BOTH) as town:
        code = keyed_wrongly(town)
        town.edit(code, procedure_code=YTE)
        town.settle(3)
        town.edit(code, procedure_code=GPLX)
        town.settle(4)
        town.move("yte", code, "THAMDINH")
        town.settle(3)
        row = town.dossier(code)
        assert (row["ministry_ref"], row["status"]) == (town.record("gplx", code)["ref"], 2)
        assert town.conflicts(code, "yte")["procedure.code"].why == "elsewhere"
        (notice,) = town.notices(code)
        assert (notice["system"], notice["field"]) == ("yte", "procedure_code")
        assert "báo bộ rút bản ghi đó" in notice["text_vi"]


def test_a_record_that_names_a_dossier_of_another_system_writes_nothing_there(
    tmp_path: Path,
) -> None:
    """An officer typed the wrong code: the record is set aside, and a person is told."""
    with Town(tmp_path, BOTH) as town:
        mine, other = town.key(GPLX), town.key(YTE)
        town.settle(3)
        before, register = town.dossier(other), town.ministries["gplx"]._register
        entry = register.entry(town.record("gplx", mine)["ref"])
        assert entry is not None
        wrong = {key: value for key, value in entry.body.items() if key != "SoTiepNhan"}
        register.file({**wrong, "MaHoSoMotCua": other})
        town.settle(4)
        assert town.dossier(other) == before
        assert [reason for _, reason, _ in town.quarantined()] == [
            "it names a dossier that is not for this system"
        ]
        assert town.conflicts(other, "gplx")["procedure.code"].why == "elsewhere"
        assert len(town.rows("SELECT code FROM dossier")) == 2


def test_of_a_pair_that_was_parted_a_corrected_procedure_asks_nothing(tmp_path: Path) -> None:
    """The record is another's: it is not withdrawn, and nobody is told to have that done."""
    with Town(tmp_path, BOTH) as town:
        code = keyed_wrongly(town)
        town.settle(3)
        parting.part(town.house, town.house.ministries["gplx"], code, WHY)
        town.edit(code, procedure_code=YTE)
        town.settle(4)
        assert town.record("yte", code)["ref"] == town.dossier(code)["ministry_ref"]
        assert town.record("gplx", code)["status"] == 2
        assert town.conflicts(code, "gplx") == {}
        assert town.notices(code) == []
        town.ends_well()
